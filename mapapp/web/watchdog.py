"""Detects hanging web processes and kills them, so that they are replaced.

A process that has stopped is restarted (``web/server.py``). A process that was suspended, or whose interpreter hangs,
has not stopped: it keeps its connections and answers no one. So each process tells its parent every second that it is
alive. The parent also requests ``/healthz`` like any client and tells systemd whether it was answered. If it was not,
or the parent hangs itself, systemd restarts the whole service (``WatchdogSec``); ``script/lib/keep.sh`` makes its own
requests.
"""

from __future__ import annotations

import http.client
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0
"""Interval of the signs of life of a process, in seconds."""

SILENT_S: Final = 20.0
"""A process without a sign of life for this long is killed. A process that is loading or waits for a CPU still sends
them."""

BEGINS_S: Final = 120.0
"""Maximum time in seconds until the first sign of life."""

ASKED_EVERY_S: Final = 5.0
"""Interval of requests to ``/healthz`` for systemd, in seconds."""


def _address(pid: int) -> str:
    """The address of an abstract socket; Linux removes it with its process."""
    return f"\0mapapp-alive-{pid}"


def say_so() -> None:
    """In a web process: starts to send signs of life. Does nothing in other processes, and on other systems than
    Linux."""
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None or sys.platform != "linux":
        return
    there = _address(parent.pid)

    def beat() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            while True:
                with suppress(OSError):  # no one listens
                    line.sendto(str(os.getpid()).encode(), there)
                time.sleep(EVERY_S)

    threading.Thread(target=beat, name="alive", daemon=True).start()


class Listener:
    """Records the signs of life of the web processes. Used by one thread."""

    def __init__(self, now: float) -> None:
        self._heard: dict[int, float] = {}
        self._since: dict[int, float] = {}
        self._looked = now

    def hear(self, pid: int, now: float) -> None:
        """Records a sign of life."""
        self._heard[pid] = now

    def silent(self, running: Iterable[int], now: float) -> list[int]:
        """The running processes that have been silent for too long.

        If the parent itself was suspended, with the whole machine, that time does not count.
        """
        if now - self._looked > SILENT_S / 4:
            self._heard = dict.fromkeys(self._heard, now)
            self._since = dict.fromkeys(self._since, now)
        self._looked = now
        pids = set(running)
        self._heard = {pid: at for pid, at in self._heard.items() if pid in pids}
        self._since = {pid: self._since.get(pid, now) for pid in pids}
        return [
            pid
            for pid in sorted(pids)
            if now - self._heard.get(pid, self._since[pid]) > (SILENT_S if pid in self._heard else BEGINS_S)
        ]


def watch(running: Callable[[], Iterable[int]]) -> None:
    """In the parent: kills web processes without signs of life, from now on, in a separate thread.

    Args:
        running: returns their process ids at the moment.
    """
    if sys.platform != "linux":
        return
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(_address(os.getpid()))
    line.settimeout(EVERY_S)
    threading.Thread(target=_listen, args=(line, running), name="watchdog", daemon=True).start()


def _listen(line: socket.socket, running: Callable[[], Iterable[int]]) -> None:
    heard = Listener(time.monotonic())
    while True:
        with suppress(TimeoutError, ValueError):
            heard.hear(int(line.recv(32)), time.monotonic())
        for pid in heard.silent(running(), time.monotonic()):
            log.error("web process %d has said nothing for a while; it is ended, and another begun", pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def tell_systemd(host: str, port: int, address: str) -> None:
    """Tells systemd regularly that the service answers, as long as it does, in a separate thread.

    Args:
        host, port: where it listens.
        address: of systemd's socket (``NOTIFY_SOCKET``); empty: there is no systemd, and nothing is done.
    """
    if not address:
        return
    there = "\0" + address[1:] if address.startswith("@") else address

    def ask() -> None:
        while True:
            if answers(host, port):
                with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                    line.sendto(b"WATCHDOG=1", there)
            time.sleep(ASKED_EVERY_S)

    threading.Thread(target=ask, name="systemd", daemon=True).start()


def answers(host: str, port: int) -> bool:
    """Whether ``/healthz`` answers there within two seconds."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
