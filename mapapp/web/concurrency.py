"""Limits the number of requests that are handled at the same time, and how long others wait.

The server has a thread for each connection. To be handled, a request also needs a place: there are few for reading and
few for writing, as many as the pools have database connections, because more would only wait for each other. So pages
are still answered while all writes are blocked, and the other way round. The body is received before
(``web/request_bodies.py``), and the place is freed before the answer is sent.
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
"""Number of requests that read at the same time in one process, and of those that write. With one interpreter lock,
more would make it slower."""

HELP: Final = ("/requests/new", "/api/v1/help-requests")
"""Places for people who ask for help, by page or program: they are separate, so that neither many sign-ins nor a locked
table block them. Reading a request afterwards does not count."""

ASKING: Final = 2
"""Places for ``/readyz`` only: a load balancer needs an answer even if all other places are taken."""

WAITING: Final = 300
"""Maximum number of waiting requests for places of one kind; later ones are refused immediately. After a restart all
pages with a live list reconnect at the same moment, 200 per process (``web/live.py``)."""

WAIT_S: Final = 5.0
"""Maximum wait in seconds; half the time that the connection pool waits."""

_M_ARENA_MAX = -8
"""glibc's constant for the maximum number of heaps."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def asks_for_help(environ: Environ) -> bool:
    """Whether this request sends a help request or opens its form."""
    path: str = environ.get("PATH_INFO", "")
    return path == HELP[0] or (path == HELP[1] and environ["REQUEST_METHOD"] not in SAFE_METHODS)


class Full(Exception):
    """No place became free in time."""


class Places:
    """A number of places; other requests wait, but not too many and not too long.

    Args:
        most: number of places.
        waiting: maximum number of waiting requests.
        wait_s: maximum wait in seconds.
    """

    def __init__(self, most: int, waiting: int = WAITING, wait_s: float = WAIT_S) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._seats = threading.BoundedSemaphore(waiting)
        self._wait_s = wait_s

    def __enter__(self) -> None:
        """Takes a place.

        Raises:
            Full: too many requests wait, or the wait was too long.
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
        free: beginnings of paths that use no database and need no place.
    """

    free: tuple[str, ...] = ()
    reading: Places = field(default_factory=lambda: Places(AT_WORK))
    writing: Places = field(default_factory=lambda: Places(AT_WORK))
    helping: Places = field(default_factory=lambda: Places(AT_WORK))
    asking: Places = field(default_factory=lambda: Places(ASKING))

    def of(self, environ: Environ) -> AbstractContextManager[None]:
        """The kind of place that this request needs."""
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
    """Limits how many requests are in the application at the same time. A streamed answer holds no place.

    Args:
        application: the WSGI application.
        rooms: the places.
        full: makes the answer for requests that got no place.
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
    """Keeps glibc from creating a heap for each of many threads that mostly wait. Web processes inherit the setting.

    Does nothing without glibc.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_ARENA_MAX, most)
