"""Receives the body of a request before the request is handled, so that a slow sender blocks nothing.

Reading a body from the server blocks, without a time limit. So a separate thread reads it into a spool, while the
thread of the request checks the rate. Senders that are too slow get 408. When the body is complete, the request gets a
place (``web/concurrency.py``), which it then holds only as long as the work takes.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, NamedTuple

from werkzeug.wsgi import ClosingIterator

from mapapp.core.addresses import network
from mapapp.web.body_slots import Seats
from mapapp.web.concurrency import Application, Environ, Full, asks_for_help
from mapapp.web.request import SAFE_METHODS

log = logging.getLogger(__name__)

IN_MEMORY: Final = 262_144
"""Maximum size of a body in memory, in bytes; larger ones are written to a file."""

AT_ONCE: Final = 256
"""Maximum number of bodies received at the same time in one process; each needs a thread to read and one to wait.
``web/body_slots.py`` shares them among senders."""

HELP_AT_ONCE: Final = 64
"""Additional ones for help requests, so that many other forms cannot block them."""

LARGE_AT_ONCE: Final = 32
"""Of these, the number that may be larger than a form: each may use as much disk space as its route allows."""

_LOOK_S: Final = 0.25
_SMALLEST, _LARGEST = 64, 65_536


class Pace(NamedTuple):
    """The minimum speed of a sender: after ``grace_s`` seconds, ``rate`` bytes per second on average from the
    beginning, and the whole body within ``deadline_s``. A fast beginning counts."""

    grace_s: float = 10.0
    rate: float = 1_000.0
    deadline_s: float = 1_800.0

    def is_kept(self, seconds: float, count: int) -> bool:
        """Whether ``count`` bytes are enough after this many seconds."""
        return seconds <= self.deadline_s and count >= (seconds - self.grace_s) * self.rate


SERVICE_PACE: Final = Pace()


class Rules(NamedTuple):
    """What the web layer knows about routes.

    Args:
        form: bytes that every route accepts.
        largest: bytes that the route of this request accepts.
        may_send: whether the client may send more than ``form`` bytes; raises ``Full`` if that cannot be determined
            now.
        refuse: an answer with this status: 400, 408 or 503.
    """

    form: int
    largest: Callable[[Environ], int]
    may_send: Callable[[Environ], bool]
    refuse: Callable[[int], Application]


class _Arriving:
    """A body that is being read into a spool. ``read`` runs in a separate thread."""

    def __init__(self, source: Any, length: int | None, most: int) -> None:
        self.spool: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the answer
        self.count = 0
        self.failed = False
        self._source = source
        self._end = most + 1 if length is None else length
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._is_wanted = True
        self._began = time.monotonic()

    def read(self) -> None:
        """Reads to the end, or one byte more than the route accepts."""
        size = _SMALLEST
        try:
            while self._is_wanted and self.count < self._end:
                began = time.monotonic()
                # The read blocks until it has all requested bytes, so it requests few of a slow sender: their progress
                # is visible, and soon after the reading is stopped the connection is free.
                part = self._source.read(min(size, self._end - self.count))
                if not part:
                    break
                self.spool.write(part)
                self.count += len(part)
                size = _next(size, time.monotonic() - began)
            self.spool.seek(0)
        except Exception as error:  # most likely a full disk: the waiting thread must learn of it
            log.error("a request's body cannot be received: %s", type(error).__name__)
            self.failed = True
        finally:
            self._source = None
            with self._lock:
                self._ended.set()
            if not self._is_wanted:
                self.spool.close()

    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def rate(self) -> float:
        """Bytes per second so far."""
        return self.count / max(self.seconds(), 0.001)

    def give_up(self) -> None:
        """Stops reading, unless the body is complete."""
        with self._lock:
            if not self._ended.is_set():
                self._is_wanted = False

    def comes(self, pace: Pace) -> bool:
        """Waits for the end; False if it is too slow, or another body needs its seat."""
        while not self._ended.wait(_LOOK_S):
            if not pace.is_kept(self.seconds(), self.count):
                self.give_up()
            if not self._is_wanted:
                return False
        return self._is_wanted


def _next(size: int, seconds: float) -> int:
    if seconds < _LOOK_S / 4:
        return min(size * 2, _LARGEST)
    return max(size // 2, _SMALLEST) if seconds > _LOOK_S else size


@dataclass
class Receiving:
    """The application behind a receiver of bodies.

    Args:
        application: gets requests with a complete body in a spool; it never waits for a client.
        rules: of the routes.
        pace: the minimum speed of senders.
    """

    application: Application
    rules: Rules
    pace: Pace

    def __post_init__(self) -> None:
        self._forms, self._help = Seats(AT_ONCE), Seats(HELP_AT_ONCE)
        # Senders of files are signed in, and their office may send several: no body of theirs is stopped for the next
        # one.
        self._large = Seats(LARGE_AT_ONCE, for_one_s_own=False)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The answer of the application, or 400, 408, 503."""
        length = _length(environ)
        if environ["REQUEST_METHOD"] in SAFE_METHODS:
            # No read needs a body; if one is sent, it is not waited for.
            return self.application(environ if length == 0 else _with(environ, io.BytesIO(), 0), start_response)
        if length == 0:
            return self.application(_with(environ, io.BytesIO(), 0), start_response)
        most = self.rules.largest(environ)
        if length is not None and length > most:
            # It is not read at all. The application sees from the header that it is too long, and answers.
            return self.application(_with(environ, io.BytesIO(), length), start_response)
        is_large = most > self.rules.form and (length is None or length > self.rules.form)
        try:
            if is_large and not self.rules.may_send(environ):
                return self.application(_with(environ, io.BytesIO(), 0), start_response)
        except Full:
            return self.rules.refuse(503)(_with(environ, io.BytesIO(), 0), start_response)
        seats = self._large if is_large else self._help if asks_for_help(environ) else self._forms
        status, arrived = self._received(environ, length, most, seats)
        if arrived is None:
            return self.rules.refuse(status)(_with(environ, io.BytesIO(), 0), start_response)
        given = _with(environ, arrived.spool, arrived.count)
        return ClosingIterator(self.application(given, start_response), [arrived.spool.close])

    def _received(self, environ: Environ, length: int | None, most: int, seats: Seats) -> tuple[int, _Arriving | None]:
        """200 and the whole body, or the status of a refusal."""
        sender = network(environ.get("REMOTE_ADDR", ""))
        body = _Arriving(environ["wsgi.input"], length, most)
        if not seats.take(sender, body):
            body.spool.close()
            return 503, None
        try:
            del environ["wsgi.input"]
            threading.Thread(target=body.read, name="receiving", daemon=True).start()
            if not body.comes(self.pace):
                return 408, None
            if body.failed or (length is not None and body.count < length):
                body.spool.close()
                return (
                    503 if body.failed else 400,
                    None,
                )  # 400: the connection was lost, and a part of a form is useless
            return 200, body
        finally:
            seats.leave(sender, body)


def _length(environ: Environ) -> int | None:
    """The length in the header; None if the body comes in chunks, without a length."""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    given: str = environ.get("CONTENT_LENGTH", "")
    return int(given) if given.isascii() and given.isdigit() else 0


def _with(environ: Environ, body: IO[bytes], length: int) -> Environ:
    """The request with a body that can be read without waiting."""
    environ["wsgi.input"] = body
    environ["CONTENT_LENGTH"] = str(length)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ
