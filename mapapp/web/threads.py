"""How many requests are worked on at the same time.

The server has a thread for each page that listens (``help_requests/nearby/live``). All other requests share a few, as
many as the pools of database connections were made for: more of them would only wait for each other.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterable
from typing import Any

AT_WORK = 4
"""Requests at the same time in one process; more cost more than they bring, with one interpreter lock."""

_M_ARENA_MAX = -8
"""glibc's name for “how many heaps at most”."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def few_at_a_time(application: Application, most: int = AT_WORK) -> Application:
    """The application, entered by ``most`` at a time. An answer that is sent bit by bit holds no place."""
    places = threading.BoundedSemaphore(most)

    def entered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with places:
            return application(environ, start_response)

    return entered


def share_heaps(most: int = 2) -> None:
    """Keeps glibc from giving each of many threads, which mostly wait, a heap of its own. Web processes inherit it.

    Elsewhere than on glibc it does nothing.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_ARENA_MAX, most)
