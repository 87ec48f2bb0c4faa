"""The web server: Granian, with other limits where Granian's do not fit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from mapapp.core.config import Config
from mapapp.web import concurrency

log = logging.getLogger(__name__)

CONNECTIONS: Final = 1_000
"""Maximum number of open connections of one process. Granian would divide 1,024 among all processes; with eight
processes, the live pages alone would need more."""

HEADERS_S: Final = 15
"""Timeout in seconds for the headers of a request, and for a connection between two requests."""

THREADS: Final = CONNECTIONS + 3 * (concurrency.AT_WORK + concurrency.WAITING) + 64
"""One thread for each connection, and more for those still busy after their client has left: no request waits for a
thread. Threads are created when needed, are mostly idle, and end after some idle time."""

FILES: Final = 4 * CONNECTIONS
"""Maximum number of open files of one process: connections, spooled bodies, database connections."""

ENDS_S: Final = 30
"""Seconds for current answers after the service is told to end; a client that does not read could delay the end."""

STEADY_S: Final = 10.0
"""A process that ran for this many seconds started well."""

LONGEST_PAUSE_S: Final = 15.0
"""Maximum pause in seconds before a process that keeps stopping is started again."""


class _Forgetful(dict[int, float]):
    """Tells Granian that the last restart of a process is long ago. Otherwise it would stop the whole service, with all
    healthy processes, when one process stops twice within 5.5 s."""

    def get(self, _key: int, _default: Any = None) -> Any:
        return float("-inf")


class Server(Granian):  # type: ignore[misc, valid-type]  # what it is depends on the Python it runs on
    """Granian that always restarts a stopped process: immediately if it had run well, otherwise after a growing pause.
    The other processes continue."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.respawned_wrks = _Forgetful()
        self._pauses: dict[int, float] = {}

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Callable[..., Any], target_loader: Any, delay: float = 0
    ) -> None:
        ended = [index for index in workers if not self.wrks[index].is_alive()]
        pause = max((self._pause(index) for index in ended), default=0.0)
        end = time.monotonic() + pause
        while not self.interrupt_signal and time.monotonic() < end:
            time.sleep(0.05)
        if not self.interrupt_signal:
            super()._respawn_workers(workers, spawn_target, target_loader, delay)

    def running(self) -> list[int]:
        """The process ids of the running web processes."""
        return [worker.inner.pid for worker in list(self.wrks) if worker.inner.pid and worker.inner.is_alive()]

    def _pause(self, index: int) -> float:
        """Seconds to wait before this process is started again."""
        lived = time.monotonic() - self.wrks[index].birth
        before = self._pauses.get(index)
        now = 0.0 if lived >= STEADY_S or before is None else min(max(before * 2, 0.5), LONGEST_PAUSE_S)
        self._pauses[index] = now
        log.error("web process %s ended after %.0f s; it begins anew in %.1f s", index + 1, lived, now)
        return now


def server(settings: Config, target: str = "mapapp.wsgi:app") -> Server:
    """The server for these settings; ``serve`` runs it until it is told to stop."""
    return Server(
        target,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        # One request at a time per connection: with HTTP/2, one connection could have two hundred.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_S * 1_000),
        backpressure=CONNECTIONS,
        blocking_threads=THREADS,
        log_level=LogLevels(settings.log_level if settings.log_level != "info" else "warning"),
        respawn_failed_workers=True,
        workers_kill_timeout=ENDS_S,
    )
