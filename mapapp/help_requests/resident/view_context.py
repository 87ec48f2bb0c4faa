"""Reads the resident's page with the session, keys, clock and settings of the current web request."""

from __future__ import annotations

from datetime import timedelta

from mapapp.accounts import edge
from mapapp.help_requests.resident import queries
from mapapp.help_requests.resident.queries import Page
from mapapp.web.request import config, now, session


def look(request_id: int) -> Page | None:
    """The page; None if the request no longer exists."""
    ask_after = timedelta(days=config().ask_after_days)
    return queries.page(session(), edge.vault(), request_id, ask_after=ask_after, now=now())
