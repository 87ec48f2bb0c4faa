"""Reads of the facilities room."""
