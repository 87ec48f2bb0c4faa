"""Reads of the areas room."""
