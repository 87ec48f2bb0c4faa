"""A Friday to pass on: ten lines of text for LINE, and a card as a picture. Both from what is public."""
