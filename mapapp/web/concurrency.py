"""How many requests are worked on at the same time, and how long one waits for its turn.

The server has a thread for each connection. What works on a request needs a place too: few for reading, few for
writing, as many as the pools of database connections were made for, because more would only wait for each other. So
pages still come while everything that writes is held up, and the other way round. A body is received before
(``web/request_bodies.py``), and an answer is sent after its request has given its place back.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final

from mapapp.web.request import SAFE_METHODS

AT_WORK: Final = 4
"""Requests that read at the same time in one process, and as many that write; more cost more than they bring, with one
interpreter lock."""

HELP: Final = ("/requests/new", "/api/v1/help-requests")
"""Where people ask for help, page and program: they have places of their own, so that neither a flood of sign-ins nor
a locked table elsewhere holds them up. (Reading the second is no asking.)"""

ASKING: Final = 2
"""Places of ``/readyz`` alone: a balancer must hear that the database answers while all other places are taken."""

WAITING: Final = 300
"""Maximum number of waiting requests for places of one kind; later ones are refused immediately. After a restart all
pages with a live list reconnect at the same moment, 200 per process (``web/live.py``)."""

WAIT_S: Final = 5.0
"""Maximum wait in seconds; half the time that the connection pool waits."""

_M_ARENA_MAX = -8
"""glibc's name for “how many heaps at most”."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def asks_for_help(environ: Environ) -> bool:
    """Whether this request asks for help, or for the form to do so."""
    path: str = environ.get("PATH_INFO", "")
    return path == HELP[0] or (path == HELP[1] and environ["REQUEST_METHOD"] not in SAFE_METHODS)


class Full(Exception):
    """No place was to be had in time."""


class Places:
    """So many at a time; the others wait, not too many and not too long.

    Args:
        most: places.
        waiting: how many may wait for one.
        wait_s: for how many seconds.
    """

    def __init__(self, most: int, waiting: int = WAITING, wait_s: float = WAIT_S) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._seats = threading.BoundedSemaphore(waiting)
        self._wait_s = wait_s

    def __enter__(self) -> None:
        """Takes a place.

        Raises:
            Full: too many wait already, or it took too long.
        """
        if self._free.acquire(blocking=False):
            return
        if not self._seats.acquire(blocking=False):
            raise Full
        try:
            if not self._free.acquire(timeout=self._wait_s):
                raise Full
        finally:
            self._seats.release()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._free.release()


@dataclass
class Rooms:
    """The places of one process, and which of them a request needs.

    Args:
        free: beginnings of paths that touch no database and need no place.
    """

    free: tuple[str, ...] = ()
    reading: Places = field(default_factory=lambda: Places(AT_WORK))
    writing: Places = field(default_factory=lambda: Places(AT_WORK))
    helping: Places = field(default_factory=lambda: Places(AT_WORK))
    asking: Places = field(default_factory=lambda: Places(ASKING))

    def of(self, environ: Environ) -> AbstractContextManager[None]:
        """The kind of place for this request."""
        path: str = environ.get("PATH_INFO", "")
        reads = environ["REQUEST_METHOD"] in SAFE_METHODS
        if asks_for_help(environ):
            return self.helping
        if not reads:
            return self.writing
        if path == "/healthz" or (self.free and path.startswith(self.free)):
            return nullcontext()
        return self.asking if path == "/readyz" else self.reading


def few_at_a_time(application: Application, rooms: Rooms, full: Application) -> Application:
    """Limits how many requests enter the application at a time. A streamed answer holds no place.

    Args:
        application: the application to enter.
        rooms: the places.
        full: makes the answer for requests that waited in vain.
    """

    def entered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        place = rooms.of(environ)
        try:
            place.__enter__()
        except Full:
            return full(environ, start_response)
        try:
            return application(environ, start_response)
        finally:
            place.__exit__(None, None, None)

    return entered


def share_heaps(most: int = 2) -> None:
    """Keeps glibc from giving each of many threads, which mostly wait, a heap of its own. Web processes inherit it.

    Elsewhere than on glibc it does nothing.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_ARENA_MAX, most)
