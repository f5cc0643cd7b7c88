"""Secrets and personal data in texts. Pure: nothing here reads or writes a store."""
