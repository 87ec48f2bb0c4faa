"""The steps before the application: the body is received, then the request waits for a place."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from mapapp.web import problems, security
from mapapp.web.concurrency import Environ, Rooms, few_at_a_time
from mapapp.web.request_bodies import SERVICE_PACE, Pace, Receiving, Rules

COME_AGAIN_S = 5
"""Value of Retry-After, in seconds, for clients that found no place."""


def init(
    app: Flask, may_send_files: Callable[[], bool], *, pace: Pace = SERVICE_PACE, rooms: Rooms | None = None
) -> None:
    """Puts the receiver and the places in front of the application, but behind the handling of proxies, so that the
    client's address is known.

    Args:
        app: with its routes and its static files.
        may_send_files: whether the sender of the current request may send more than a form.
        pace, rooms: other limits than the service's, for tests.
    """
    rooms = rooms or Rooms(free=(app.extensions["mapapp_assets"],))
    full = problems.refusal(app, 503, COME_AGAIN_S)
    refusals = {400: problems.refusal(app, 400), 408: problems.refusal(app, 408), 503: full}

    def may_send(environ: Environ) -> bool:
        with rooms.reading, app.request_context(environ):
            return may_send_files()

    rules = Rules(security.MAX_BODY, security.largest(app), may_send, refusals.__getitem__)
    placed = few_at_a_time(app.wsgi_app, rooms, full)
    app.wsgi_app = Receiving(placed, rules, pace)  # type: ignore[method-assign]
