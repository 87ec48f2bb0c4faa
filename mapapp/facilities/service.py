"""Writes and rules of the facilities room."""
