"""The browser's key to a resident's page: the token of its link, stored for that page only."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Response, redirect, url_for

from mapapp.help_requests.resident import links
from mapapp.web import page_keys
from mapapp.web.request import now, session

NAME: Final = "mine"

LASTS: Final = timedelta(days=180)
"""Since the page was last opened; after that, the code opens it."""


def lead_in(request_id: int, token: str) -> Response:
    """303 to the page, with its key."""
    made = redirect(url_for("help_resident.mine", request_id=request_id), 303)
    assert isinstance(made, Response)
    give(made, request_id, token)
    return made


def give(response: Response, request_id: int, token: str) -> None:
    """Stores the key in the browser, or extends its time."""
    page_keys.give(response, NAME, _path(request_id), token, LASTS)


def take_back(response: Response, request_id: int) -> None:
    """Removes the key, if the page no longer exists."""
    page_keys.take_back(response, NAME, _path(request_id))


def held(request_id: int) -> str | None:
    """The key of this page that the browser sent; None if there is none, or if it is no longer valid."""
    token = page_keys.given(NAME)
    return token if token and links.find(session(), token, now()) == request_id else None


def _path(request_id: int) -> str:
    return f"/requests/mine/{request_id}"
