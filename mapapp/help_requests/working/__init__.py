"""Claiming, doing and finishing: the claim and its time limit, what it allows to see, and the volunteer's tasks."""
