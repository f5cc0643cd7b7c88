"""Errors that rise: what events have in common, how many an hour, and whether that is usual."""
