"""Events are counted once, in the order in which they come, into numbers that pages read.

facts: what one event is of → tally: what a batch of them adds → writing: one transaction.
people keeps who was active when; rebuilding makes a day's numbers from the events again.
"""
