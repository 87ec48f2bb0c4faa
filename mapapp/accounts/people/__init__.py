"""People as those above them see them, and as they see themselves."""
