"""Writes and rules of the coverage room."""
