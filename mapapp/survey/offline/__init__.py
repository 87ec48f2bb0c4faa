"""The survey without a connection: what a phone keeps, and the key with which it keeps it."""
