"""Volunteers: what they can do, how far they go, and the officer who vouches for them."""
