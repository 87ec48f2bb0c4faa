"""Closes dead connections, as the operating system reports them.

The server has no timeout while an answer is being sent: a client that reads one byte a minute keeps its connection and
a thread forever. So does a client whose body was refused and that does not close the connection. A thread regularly
asks the system for the progress of each connection and closes those without progress. Only Linux reports it; on other
systems nothing is closed.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

log = logging.getLogger(__name__)

LOOK_S: Final = 10.0
"""Interval between two checks, in seconds."""

STILL_S: Final = 300.0
"""A connection without any traffic for this long is closed. Regular connections have more: live pages get a comment
every 15 s, no statement may take longer, and the server closes connections that are idle between two requests."""

SLOW_S: Final = 60.0
RATE: Final = 500.0
"""Minimum rate in bytes per second at which an answer must be read, measured over ``SLOW_S`` while data waits to be
read."""

_UNACKED, _ACKED, _RECEIVED, _NOT_SENT = 24, 120, 128, 144
"""Offsets of these fields in Linux's ``struct tcp_info``, which is only ever extended at its end."""
_LONG_ENOUGH = 148


class Seen(NamedTuple):
    """The progress of a connection: bytes received, bytes confirmed by the other side, and whether some wait."""

    received: int
    taken: int
    is_waiting: bool


@dataclass
class _Kept:
    """What is remembered of a connection; times in seconds of the monotonic clock."""

    seen: Seen
    moved_at: float
    slow_since: float | None
    taken_then: int


class Watch:
    """Remembers the progress of connections and decides which are closed.

    Args:
        still_s, slow_s, rate: as the constants of this module.
    """

    def __init__(self, still_s: float = STILL_S, slow_s: float = SLOW_S, rate: float = RATE) -> None:
        self._still_s, self._slow_s, self._rate = still_s, slow_s, rate
        self._kept: dict[object, _Kept] = {}

    def look(self, now: float, connections: dict[object, Seen]) -> list[object]:
        """The keys of connections to close. ``connections``: all current ones."""
        self._kept = {key: kept for key, kept in self._kept.items() if key in connections}
        return [key for key, seen in connections.items() if self._is_over(now, key, seen)]

    def _is_over(self, now: float, key: object, seen: Seen) -> bool:
        kept = self._kept.setdefault(key, _Kept(seen, now, None, seen.taken))
        if (seen.received, seen.taken) != (kept.seen.received, kept.seen.taken):
            kept.moved_at = now
        kept.seen = seen
        if not seen.is_waiting:
            kept.slow_since = None
        elif kept.slow_since is None:
            kept.slow_since, kept.taken_then = now, seen.taken
        elif now - kept.slow_since >= self._slow_s:
            if seen.taken - kept.taken_then < self._rate * (now - kept.slow_since):
                return True
            kept.slow_since, kept.taken_then = now, seen.taken
        return now - kept.moved_at >= self._still_s


def watch(port: int, watching: Watch | None = None, every_s: float = LOOK_S) -> None:
    """Starts to check this process's connections on our port."""
    if sys.platform == "linux":
        threading.Thread(target=_watch, args=(port, watching or Watch(), every_s), name="sockets", daemon=True).start()


def _watch(port: int, watching: Watch, every_s: float) -> None:
    while True:
        time.sleep(every_s)
        try:
            end_the_slow(port, watching)
        except Exception as error:  # whatever error the system reports: the next check may succeed
            log.warning("connections cannot be watched: %s", type(error).__name__)


def end_the_slow(port: int, watching: Watch) -> int:
    """Checks once and closes dead connections; returns how many."""
    found = dict(_connections(port))
    try:
        over = watching.look(time.monotonic(), {key: seen for key, (_one, seen) in found.items()})
        for key in over:
            found[key][0].shutdown(socket.SHUT_RDWR)
        if over:
            log.info("%s connections that stood still were ended", len(over))
        return len(over)
    finally:
        for one, _seen in found.values():
            one.close()


def _connections(port: int) -> Iterator[tuple[object, tuple[socket.socket, Seen]]]:
    """This process's accepted connections on this port, each by a duplicated descriptor: the server can close its own
    at any time, and the number can be used for something else."""
    told: set[int] = set()  # a duplicate may get a number that is still to be checked
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        try:
            own = os.dup(number)
        except OSError:  # closed in the meantime
            continue
        made: socket.socket | None = None
        try:
            inode = os.fstat(own).st_ino
            made = socket.socket(fileno=own)
            if made.type == socket.SOCK_STREAM and made.family in {socket.AF_INET, socket.AF_INET6}:
                peer = made.getpeername()  # a listening socket has no peer
                if made.getsockname()[1] == port and inode not in told:
                    seen = _seen(made.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256))
                    if seen is not None:
                        told.add(inode)
                        yield (inode, peer), (made, seen)
                        made = None
        except OSError:
            if made is None:
                os.close(own)
        finally:
            if made is not None:
                made.close()


def _seen(info: bytes) -> Seen | None:
    if len(info) < _LONG_ENOUGH:  # an older kernel
        return None
    acked, received = struct.unpack_from("=QQ", info, _ACKED)
    (unacked,), (not_sent,) = struct.unpack_from("=I", info, _UNACKED), struct.unpack_from("=I", info, _NOT_SENT)
    return Seen(received, acked, bool(unacked or not_sent))


def allow_files(wanted: int) -> None:
    """Raises the limit of open files for this process and its children, as far as the system allows."""
    import resource  # does not exist on every system

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
