"""A request's body is here before anything works on it: a slow sender holds nobody up.

The server hands over a body that is read by waiting, without a limit of time. So a thread of its own reads it into a
spool, while the request's thread looks whether it comes fast enough. Whoever is too slow is told 408; whoever sends it
all finds a place to be worked on (``web/concurrency.py``), which is then not held for longer than the work takes.
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
"""Bytes of one body; what is longer goes into a file."""

AT_ONCE: Final = 256
"""Bodies that come in at the same time in one process; each needs a thread to read and one to wait. How they are shared
among senders: ``web/body_slots.py``."""

HELP_AT_ONCE: Final = 64
"""Beside them, those of people who ask for help: no flood of other forms keeps them out."""

LARGE_AT_ONCE: Final = 32
"""Of them, those that may be larger than a form: each may take as much of the disk as a route allows."""

_LOOK_S: Final = 0.25
_SMALLEST, _LARGEST = 64, 65_536


class Pace(NamedTuple):
    """How slow a sender may be: after ``grace_s`` seconds, ``rate`` bytes for each second that passes, from the
    beginning on; and everything within ``deadline_s``. What came faster before counts."""

    grace_s: float = 10.0
    rate: float = 1_000.0
    deadline_s: float = 1_800.0

    def is_kept(self, seconds: float, count: int) -> bool:
        """Whether ``count`` bytes are enough after so many seconds."""
        return seconds <= self.deadline_s and count >= (seconds - self.grace_s) * self.rate


SERVICE_PACE: Final = Pace()


class Rules(NamedTuple):
    """What the edge knows of routes.

    Args:
        form: bytes that every route takes.
        largest: how many the route of this request takes.
        may_send: whether whoever asks may send more than ``form`` bytes; raises ``Full`` where it cannot be found out.
        refuse: an answer with this status: 400, 408 or 503.
    """

    form: int
    largest: Callable[[Environ], int]
    may_send: Callable[[Environ], bool]
    refuse: Callable[[int], Application]


class _Arriving:
    """A body on its way into a spool. ``read`` runs in a thread of its own."""

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
        """Reads to the end, or one byte beyond what the route takes."""
        size = _SMALLEST
        try:
            while self._is_wanted and self.count < self._end:
                began = time.monotonic()
                # It waits until it has all of them, so a slow sender is asked for few: their progress is seen, and
                # soon after they were given up nothing holds their connection any more.
                part = self._source.read(min(size, self._end - self.count))
                if not part:
                    break
                self.spool.write(part)
                self.count += len(part)
                size = _next(size, time.monotonic() - began)
            self.spool.seek(0)
        except Exception as error:  # a full disk, most likely: whoever waits must hear of it
            log.error("a request's body cannot be received: %s", type(error).__name__)
            self.failed = True
        finally:
            self._source = None
            with self._lock:
                self._ended.set()
            if not self._is_wanted:
                self.spool.close()

    def seconds(self) -> float:
        """For how long it has been coming."""
        return time.monotonic() - self._began

    def rate(self) -> float:
        """How many bytes of it came in a second."""
        return self.count / max(self.seconds(), 0.001)

    def give_up(self) -> None:
        """Reads it no further, unless all of it is here."""
        with self._lock:
            if not self._ended.is_set():
                self._is_wanted = False

    def comes(self, pace: Pace) -> bool:
        """Waits for its end; False where it is too slow, or another body needs its seat."""
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
        application: gets requests whose body is here, in a spool; it never waits for a client.
        rules: of the routes.
        pace: how slow a sender may be.
    """

    application: Application
    rules: Rules
    pace: Pace

    def __post_init__(self) -> None:
        self._forms, self._help = Seats(AT_ONCE), Seats(HELP_AT_ONCE)
        # Whoever sends a file is known, and their office may send several: none of them ends for the next.
        self._large = Seats(LARGE_AT_ONCE, for_one_s_own=False)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The application's answer, or 400, 408, 503."""
        length = _length(environ)
        if environ["REQUEST_METHOD"] in SAFE_METHODS:
            # Nothing that is asked for needs a body, and one that comes along is not waited for.
            return self.application(environ if length == 0 else _with(environ, io.BytesIO(), 0), start_response)
        if length == 0:
            return self.application(_with(environ, io.BytesIO(), 0), start_response)
        most = self.rules.largest(environ)
        if length is not None and length > most:
            # Not a byte of it is read. The application finds it too long by its header, and says so in its own way.
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
                return 503 if body.failed else 400, None  # 400: the line broke, and half a form is none
            return 200, body
        finally:
            seats.leave(sender, body)


def _length(environ: Environ) -> int | None:
    """The length a request announces; None where it comes in chunks and its end alone will tell."""
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
