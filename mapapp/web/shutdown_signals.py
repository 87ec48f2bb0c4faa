"""The moment this process is told to end.

Granian waits for answers that are still going out, and puts its own signal handlers over everybody's. Python also
writes each signal's number into a file that was named for it, and that one is ours.
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
    """Calls ``do`` once this process gets SIGTERM or SIGINT, in a thread of its own.

    To be called in the main thread, before or after handlers are set; elsewhere nothing can hear of signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def listen() -> None:
        while number := ours.recv(1):  # never closed: another signal may come, and is written there too
            if number[0] in (signal.SIGTERM, signal.SIGINT):
                do()

    threading.Thread(target=listen, name="ending", daemon=True).start()
    _kept.append(theirs)


def with_parent() -> None:
    """Makes a server's web process end when the process that made it tells it to, or is gone. To be called first.

    Until it serves it has the handlers of the one that made it, which only take a note there: told to end while it
    begins, it would go on, and the whole service wait for it. And who is killed tells nobody: left alone, it would keep
    the port from those that follow (Linux alone can hear of that).
    """
    if multiprocessing.parent_process() is None:
        return
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PR_SET_PDEATHSIG = 1

_kept: list[socket.socket] = []
"""The end that Python writes to, which nothing else holds."""
