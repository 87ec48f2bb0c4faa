"""Headers of every answer, and limits of input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestURITooLarge
from werkzeug.wsgi import get_path_info

from mapapp.core.config import Config

MAX_QUERY = 8_192
"""Maximum length of a query string in bytes; the longest valid one is a few hundred."""

MAX_BODY = 65_536
"""Maximum size of a request body in bytes; a view that accepts more is decorated with ``takes_up_to``."""

View = TypeVar("View", bound=Callable[..., Any])


def takes_up_to(max_bytes: int) -> Callable[[View], View]:
    """Decorator for views with uploads: the maximum size of their requests in bytes. It must be the outermost
    decorator.

    Bodies larger than a form are accepted only from signed-in people (``web/gateway.py``), so such a view must check
    the actor; requests of others arrive without a body.
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
    """The maximum body of the request's route in bytes, determined before the request is handled; an unknown address
    has that of a form."""
    routes = app.url_map.bind("localhost")

    def of(environ: dict[str, Any]) -> int:
        try:
            endpoint, _values = routes.match(get_path_info(environ), environ["REQUEST_METHOD"])
        except HTTPException:  # no such route or method, or a redirect
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
# Only public data: the sandboxed map frame has no origin, and other sites may use the figures.
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
