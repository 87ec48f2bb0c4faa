"""Pages that wait for a locked table: only one of them tries at a time, so that other pages still get places.

While a system operator changes a table, each page that needs it waits as long as the database allows
(``LOCK_TIMEOUT_S``) and fails. Without this module such requests would take all places. So views that waited in vain
are entered by one request at a time, until one of them succeeds. Other requests for these views are told immediately to
try again later.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from flask import Flask, current_app, g, request

from mapapp.core.errors import N_, Unavailable
from mapapp.web.request import SAFE_METHODS

LOCK_NOT_AVAILABLE: Final = "55P03"

DOUBTED_S: Final = 2.0
"""For this long after a failure, a success of the view does not count: the request may not have needed the table."""


class HeldUp:
    """The views that waited in vain. Thread-safe."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._trying = threading.Lock()

    def enter(self, view: str) -> bool:
        """Called before a view; True if it is tried and ``leave`` must be called.

        Raises:
            Unavailable: another request is trying.
        """
        if view not in self._since:
            return False
        if not self._trying.acquire(blocking=False):
            raise Unavailable(N_("Your saved data is safe. In an emergency, call 1669."))
        return True

    def leave(self, view: str) -> None:
        """Called after a try: if it succeeded, the view is normal again."""
        if time.monotonic() - self._since.get(view, 0.0) > DOUBTED_S:
            self._since.pop(view, None)
        self._trying.release()

    def waited_in_vain(self, view: str) -> None:
        self._since[view] = time.monotonic()


def init(app: Flask) -> None:
    """Registers the check before every view that reads."""
    app.extensions["mapapp_held_up"] = HeldUp()
    app.before_request(_enter)
    app.teardown_request(_leave)


def notice(code: str | None) -> None:
    """Records that this request failed with this error code of the database."""
    if code == LOCK_NOT_AVAILABLE and request.endpoint and request.method in SAFE_METHODS:
        _held_up().waited_in_vain(request.endpoint)


def _enter() -> None:
    if request.endpoint and request.method in SAFE_METHODS:
        g.tries = _held_up().enter(request.endpoint)


def _leave(_error: BaseException | None) -> None:
    if g.pop("tries", False):
        _held_up().leave(request.endpoint or "")


def _held_up() -> HeldUp:
    made: HeldUp = current_app.extensions["mapapp_held_up"]
    return made
