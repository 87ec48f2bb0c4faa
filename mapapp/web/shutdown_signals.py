"""Notices when this process is told to end.

Granian waits for current answers, and replaces all signal handlers. Python also writes the number of each signal to a
registered file descriptor (``signal.set_wakeup_fd``); this module reads it.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import signal
import socket
import sys
import threading
from collections.abc import Callable


def when_told(do: Callable[[], object]) -> None:
    """Calls ``do`` in a separate thread once this process gets SIGTERM or SIGINT.

    Call it in the main thread, before or after handlers are set; only the main thread can register it.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def listen() -> None:
        while number := ours.recv(1):  # never closed, because more signals are written there
            if number[0] in (signal.SIGTERM, signal.SIGINT):
                do()

    threading.Thread(target=listen, name="ending", daemon=True).start()
    _kept.append(theirs)


def with_parent() -> None:
    """Makes a web process end when its parent tells it to, or is gone. Call it first.

    Before it serves, it has inherited handlers that only set a flag in the parent: without this it would ignore a
    signal at its start, and the whole service would wait for it. A killed parent cannot tell its children: they would
    keep the port from the next service (only Linux reports the end of a parent).
    """
    if multiprocessing.parent_process() is None:
        return
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PR_SET_PDEATHSIG = 1

_kept: list[socket.socket] = []
"""The end of the pair that Python writes to; nothing else refers to it."""
