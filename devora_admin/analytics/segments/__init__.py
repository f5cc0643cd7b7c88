"""Customers or projects under a name: either whoever a question finds when it is asked, or those it
found once."""
