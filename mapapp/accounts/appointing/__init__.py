"""Appointments: who has which role in which area, given by whom, until when; one at a time or from a list."""
