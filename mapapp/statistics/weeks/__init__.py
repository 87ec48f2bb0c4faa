"""Fridays beside each other for officers: as frozen, the week before, as now known."""
