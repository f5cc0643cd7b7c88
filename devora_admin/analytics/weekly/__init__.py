"""The numbers of last week, by e-mail to staff who want them."""
