"""Headers every answer carries, limits on what comes in, and proxies that are believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestURITooLarge
from werkzeug.wsgi import get_path_info

from mapapp.core.config import Config

MAX_QUERY = 8_192
"""Bytes of a query string; the longest honest one here is a few hundred."""

MAX_BODY = 65_536
"""Bytes of a request body; a view that takes more says so with ``takes_up_to``."""

View = TypeVar("View", bound=Callable[..., Any])


def takes_up_to(max_bytes: int) -> Callable[[View], View]:
    """For a view that takes uploads: how many bytes its requests may have. The outermost decorator of the view.

    What is larger than a form is received from people who are signed in alone (``web/gateway.py``), so such a view asks
    who it is; anybody else's request arrives without its body.
    """

    def mark(view: View) -> View:
        view.max_bytes = max_bytes  # type: ignore[attr-defined]  # read again by _short_enough
        return view

    return mark


def init(app: Flask, config: Config) -> None:
    """Sets the limits and the headers."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.before_request(_short_enough)
    app.after_request(_headers)


def _short_enough() -> None:
    if len(request.query_string) > MAX_QUERY or len(request.path) > 1_024:
        raise RequestURITooLarge
    view = current_app.view_functions.get(request.endpoint or "")
    larger: int | None = getattr(view, "max_bytes", None)
    if larger is not None:
        request.max_content_length = larger


def largest(app: Flask) -> Callable[[dict[str, Any]], int]:
    """How many bytes a request's route takes, before the request is entered; an address that is none takes a form's."""
    routes = app.url_map.bind("localhost")

    def of(environ: dict[str, Any]) -> int:
        try:
            endpoint, _values = routes.match(get_path_info(environ), environ["REQUEST_METHOD"])
        except HTTPException:  # no such address, not this way, or elsewhere
            return MAX_BODY
        found: int = getattr(app.view_functions.get(endpoint), "max_bytes", MAX_BODY)
        return found

    return of


def page_policy() -> str:
    """The Content-Security-Policy of our pages: own scripts and styles as files, none inline, so no nonce is needed."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; manifest-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


_ALWAYS = (
    ("Content-Security-Policy", page_policy()),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "geolocation=(self), camera=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
# Public data only: the sandboxed map frame has no origin of its own, and other sites may use the figures.
_PUBLIC = (("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "cross-origin"))


def _headers(response: Response) -> Response:
    headers = response.headers
    public = request.path.startswith(("/api/", "/tiles/"))
    given = {name.lower() for name, _value in headers}
    for name, value in _ALWAYS if not public else _ALWAYS + _PUBLIC:
        if name.lower() not in given:
            headers.add(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
