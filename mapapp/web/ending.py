"""The moment this process is told to end.

Granian waits for answers that are still going out, and puts its own signal handlers over everybody's. Python also
writes each signal's number into a file that was named for it, and that one is ours.
"""

from __future__ import annotations

import signal
import socket
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


_kept: list[socket.socket] = []
"""The end that Python writes to, which nothing else holds."""
