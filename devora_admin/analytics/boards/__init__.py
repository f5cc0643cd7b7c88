"""Boards: charts that somebody chose in explore, kept together under a name."""
