"""What is near: the volunteer's list, the public cells, and how both stay live."""
