"""Reads of the coverage room."""
