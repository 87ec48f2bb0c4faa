"""Writes and rules of the areas room."""
