"""Pins of five kinds: where they are, when they are open, what they hold, how fresh that is."""
