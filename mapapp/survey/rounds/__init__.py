"""Rounds of the survey: made, opened, closed and ended for an area."""
