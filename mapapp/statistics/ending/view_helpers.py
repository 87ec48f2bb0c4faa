"""What the pages of the statistics share: words, and what stands around a page."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template

from mapapp.accounts.people.view_helpers import area_words
from mapapp.web.request import now


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page for officers; nothing of it is kept by a browser, and no other site learns its address."""
    given = {"now": now(), "area_words": area_words, **values}
    made = make_response(render_template(f"statistics/{name}.html", **given), status)
    made.headers["Cache-Control"] = "no-store"
    made.headers["Referrer-Policy"] = "same-origin"
    return made


def download(data: bytes, mime: str, name: str) -> Response:
    """A file to keep."""
    response = make_response(data)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
