"""Slots (“seats”) for incoming request bodies: a fixed number, shared among the sending addresses.

A free seat goes to any body. If all are taken, the next body gets the seat of the slowest one from the address with the
most seats, even if it comes from the same address. So an address that fills all seats with bodies that never end blocks
no one, not even the thousand other people behind it in a mobile network: their forms arrive within a second.
"""

from __future__ import annotations

import threading
from typing import Final, Protocol

SETTLED_S: Final = 3.0
"""A younger seat is lost only if all seats of its address are as young; then the oldest one is lost."""


class Sitting(Protocol):
    """An incoming body that has a seat."""

    def seconds(self) -> float:
        """Seconds since it began."""

    def rate(self) -> float:
        """Bytes per second so far."""

    def give_up(self) -> None:
        """Stops reading it."""


class Seats:
    """A number of seats. Thread-safe.

    Args:
        most: number of seats.
        for_one_s_own: whether a sender's next body takes the seat of their own slower one; otherwise their bodies
            continue and the next one is refused.
    """

    def __init__(self, most: int, *, for_one_s_own: bool = True) -> None:
        self._most = most
        self._for_one_s_own = for_one_s_own
        self._lock = threading.Lock()
        self._count = 0
        self._by_sender: dict[str, list[Sitting]] = {}

    def take(self, sender: str, body: Sitting) -> bool:
        """Takes a seat for a body; False if there is none."""
        with self._lock:
            if self._count >= self._most and not self._made_room(sender):
                return False
            self._by_sender.setdefault(sender, []).append(body)
            self._count += 1
            return True

    def leave(self, sender: str, body: Sitting) -> None:
        """Frees the seat of a body, if it still has one."""
        with self._lock:
            self._let_go(sender, body)

    def _made_room(self, sender: str) -> bool:
        richest, theirs = max(self._by_sender.items(), key=lambda one: len(one[1]))
        mine = self._by_sender.get(sender, [])
        if (
            len(theirs) <= len(mine) + 1
        ):  # addresses with one seat each would otherwise take seats from each other forever
            if not (mine and self._for_one_s_own):
                return False
            richest, theirs = sender, mine
        settled = [one for one in theirs if one.seconds() >= SETTLED_S]
        loser = min(settled, key=lambda one: one.rate()) if settled else max(theirs, key=lambda one: one.seconds())
        loser.give_up()
        self._let_go(richest, loser)
        return True

    def _let_go(self, sender: str, body: Sitting) -> None:
        theirs = self._by_sender.get(sender, [])
        if body in theirs:
            theirs.remove(body)
            self._count -= 1
            if not theirs:
                del self._by_sender[sender]
