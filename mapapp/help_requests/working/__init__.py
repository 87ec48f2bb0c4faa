"""Claiming, doing and finishing: the lease, what it shows, and the volunteer's own tasks."""
