"""What comes in and what goes out of the facilities room."""
