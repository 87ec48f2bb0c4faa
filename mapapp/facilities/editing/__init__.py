"""Adding, changing, closing and joining pins by hand, and taking it back."""
