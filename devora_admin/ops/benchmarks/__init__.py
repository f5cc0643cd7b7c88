"""Figures with their targets, both sides of each comparison measured in turn in one run."""
