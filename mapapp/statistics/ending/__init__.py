"""The end of reporting in an area, by an announcement with its reason (letter L1.8)."""
