"""Volunteers: what they can do, how far they travel, and their approval by an officer."""
