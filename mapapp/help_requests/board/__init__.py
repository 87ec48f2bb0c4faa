"""The officers' board: what nobody has taken, what went wrong, and the measures."""
