"""Figures of analytics."""
