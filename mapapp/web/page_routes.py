"""The page of an address: an address that only receives forms cannot be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

View = TypeVar("View", bound=Callable[..., Any])


def button_on(endpoint: str) -> Callable[[View], View]:
    """Decorator for a view that only receives forms: the page with its button, if that is not the nearest page above
    it. The page takes the parts of its address from the view."""

    def decorate(view: View) -> View:
        view.button_on = endpoint  # type: ignore[attr-defined]  # read by page_of
        return view

    return decorate


def page_of(address: str) -> str:
    """The address itself, or, for an address that only receives forms, the page with its button.

    Args:
        address: one of our paths, possibly with a query, which belongs to that address only.
    """
    path = address.partition("?")[0]
    if _opens(path) is not False:
        return address
    named = _named(path)
    if named is not None:
        return named
    while path and not _opens(path):
        path = path.rpartition("/")[0]
    return path or "/"


def _named(path: str) -> str | None:
    """The page that a view names with ``button_on``."""
    assert request_ctx.url_adapter is not None
    view, values = request_ctx.url_adapter.match(path, method="POST")
    endpoint = getattr(current_app.view_functions[view], "button_on", None)
    if endpoint is None:
        return None
    takes = next(current_app.url_map.iter_rules(endpoint)).arguments
    return request_ctx.url_adapter.build(endpoint, {name: values[name] for name in takes})


def _opens(path: str) -> bool | None:
    """Whether the address can be opened with GET; None: there is no such route."""
    adapter = request_ctx.url_adapter
    if adapter is None:  # the Host header is not a host name
        return None
    try:
        adapter.match(path, method="GET")
    except MethodNotAllowed:
        return False
    except RequestRedirect:
        return True
    except HTTPException:
        return None
    return True
