"""The survey's figures for officers, and the file of them."""
