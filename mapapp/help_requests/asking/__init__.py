"""Sending a help request: the form, possible duplicates, and the limits."""
