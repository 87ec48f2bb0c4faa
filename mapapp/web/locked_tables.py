"""Pages that wait for a locked table: one of them tries at a time, so that the others still have places.

While an operator changes a table, each page that needs it waits as long as the database lets it (``LOCK_TIMEOUT_S``)
and fails. Came they as often as before, they would hold all places to be worked on in turn. So a view that waited in
vain is entered by one request at a time, of all such views together, until one of them gets through again; the others
are told at once to come again.
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
"""So long after it waited in vain a view is not believed again: what gets through may not have needed the table."""


class HeldUp:
    """Which views wait in vain. Safe between threads."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._trying = threading.Lock()

    def enter(self, view: str) -> bool:
        """Before a view; True where it is tried, and ``leave`` is to be called.

        Raises:
            Unavailable: another request is trying.
        """
        if view not in self._since:
            return False
        if not self._trying.acquire(blocking=False):
            raise Unavailable(N_("Your saved data is safe. In an emergency, call 1669."))
        return True

    def leave(self, view: str) -> None:
        """After a try: where it got through, the view is as it was."""
        if time.monotonic() - self._since.get(view, 0.0) > DOUBTED_S:
            self._since.pop(view, None)
        self._trying.release()

    def waited_in_vain(self, view: str) -> None:
        self._since[view] = time.monotonic()


def init(app: Flask) -> None:
    """Asks before every view that reads."""
    app.extensions["mapapp_held_up"] = HeldUp()
    app.before_request(_enter)
    app.teardown_request(_leave)


def notice(code: str | None) -> None:
    """This request failed with this code of the database."""
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
