"""Which room is told of which change. Rooms below know nothing of those above; here the two are joined."""

from __future__ import annotations


def connect() -> None:
    """Joins the rooms' signals; calling it again changes nothing."""
