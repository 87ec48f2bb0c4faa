"""Seats for incoming request bodies: a fixed number at a time, shared among the addresses that send.

A free seat goes to anyone. If all are taken, the address with the most seats loses the slowest of them to the next
body, from the same address or another one. So an address that holds all seats with bodies that never end blocks no one,
not even the thousand other people behind it in a mobile network: their forms arrive within a second.
"""

from __future__ import annotations

import threading
from typing import Final, Protocol

SETTLED_S: Final = 3.0
"""A seat younger than this is lost only if all seats of its address are as young; then the oldest goes."""


class Sitting(Protocol):
    """A body on its way in."""

    def seconds(self) -> float:
        """For how long it has been coming."""

    def rate(self) -> float:
        """How many bytes of it came in a second."""

    def give_up(self) -> None:
        """Reads it no further."""


class Seats:
    """So many seats. Safe between threads.

    Args:
        most: seats.
        for_one_s_own: whether a sender's next body takes the place of a slower one of their own; otherwise theirs end
            as they began, and the next is refused.
    """

    def __init__(self, most: int, *, for_one_s_own: bool = True) -> None:
        self._most = most
        self._for_one_s_own = for_one_s_own
        self._lock = threading.Lock()
        self._count = 0
        self._by_sender: dict[str, list[Sitting]] = {}

    def take(self, sender: str, body: Sitting) -> bool:
        """Takes a seat for a body; False where there is none."""
        with self._lock:
            if self._count >= self._most and not self._made_room(sender):
                return False
            self._by_sender.setdefault(sender, []).append(body)
            self._count += 1
            return True

    def leave(self, sender: str, body: Sitting) -> None:
        """Gives the seat of a body back, if it still had one."""
        with self._lock:
            self._let_go(sender, body)

    def _made_room(self, sender: str) -> bool:
        richest, theirs = max(self._by_sender.items(), key=lambda one: len(one[1]))
        mine = self._by_sender.get(sender, [])
        if len(theirs) <= len(mine) + 1:  # swapping seats between addresses with one seat each would never end
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
