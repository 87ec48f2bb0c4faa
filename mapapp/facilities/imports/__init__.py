"""Spreadsheets in: a template, a preview of every row, a run in the background, and taking it back."""
