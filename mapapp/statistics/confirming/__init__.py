"""A province confirms its Friday: who looked at the figures, when, and with which note."""
