"""What the public says is wrong with a pin, and the officers' queue of it."""
