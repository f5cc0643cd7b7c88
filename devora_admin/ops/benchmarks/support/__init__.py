"""Figures of the support desk."""
