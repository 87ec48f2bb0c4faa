"""Pages that can change while they are open: each shows the time of its data, and ``static/js/fresh.js`` notices
changes.

The script asks at the page's own address whether the page is still the same version. The answer is empty, 304 or 204:
nothing is rendered or recorded in the audit log, and the session is not extended, because the person did nothing.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec
from urllib.parse import urlencode

from cachetools import LRUCache
from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from mapapp.web import cache
from mapapp.web.i18n import asked_in
from mapapp.web.request import now

BY_ITSELF: Final = "X-By-Itself"
"""Header of automatic requests of an open page."""

PASSING: Final = frozenset({"notice"})
"""Parameters for notices after an action: a page that is loaded again does not repeat the notice."""

BESIDE: Final = "X-Requests-Waiting"
"""Header with the number that is updated in place on every officers' page."""

_KEPT: Final = 2_000
"""Maximum number of versions of public pages in memory."""

_LOCK: Final = threading.Lock()

P = ParamSpec("P")


def init(app: Flask) -> None:
    """Registers what templates need to show the time of a page's data."""
    app.extensions["mapapp_fresh"] = LRUCache[object, str](_KEPT)
    app.extensions["mapapp_waiting"] = {}
    app.jinja_env.globals.update(page_made=now, page_version=_version, page_address=_address)


def beside(app: Flask, name: str, number: Callable[[str | None], int]) -> None:
    """Registers a number of open tasks: shown in every officers' menu and on their home page.

    Args:
        name: its name in templates.
        number: returns it for an area, or for all areas of the actor.
    """
    app.extensions["mapapp_waiting"][name] = app.jinja_env.globals[name] = number


def waiting(area: str) -> dict[str, int]:
    """All these numbers for an area, by name."""
    return {name: number(area) for name, number in current_app.extensions["mapapp_waiting"].items()}


def by_itself() -> bool:
    """Whether an open page sent this request automatically, to check its version or to open its stream (which has no
    headers)."""
    return BY_ITSELF in request.headers or request.headers.get("Accept") == "text/event-stream"


def version_of(*shown: object) -> str:
    """A hash of what a page shows: dataclasses and plain values, without anything that only depends on the time."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def unchanged(*shown: object, at: str | None = None, watch: bool = True) -> Response | None:
    """Declares what the page shows. Returns the answer if an open page asks whether it has changed; None: render the
    page.

    Args:
        shown: as for ``version_of``.
        at: the address of the page, if it is not the requested one (the answer to a form).
        watch: the open page asks every few seconds; otherwise only when its reader returns to it.
    """
    version = version_of(*shown)
    shows(version, at=at, watch=watch)
    return _answer(version)


def lies_at(address: str) -> None:
    """Sets another address for the page than the requested one, which can contain something secret."""
    g.page_address = address


def shows(version: str, *, at: str | None = None, watch: bool) -> None:
    """As ``unchanged``, for a cached public page (``checked``)."""
    g.page_version, g.page_address, g.page_watched = version, at, watch


def checked(
    *names: str, version: Callable[P, str]
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """For a cached public page: answers whether it has changed without calling its view.

    Args:
        names: the data versions (``web/cache.py``) that the page depends on: as long as none changes, its version is
            computed once.
        version: computes the version of the page at the requested address, with the arguments of its view.
    """

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not by_itself():
                return view(*args, **kwargs)
            known: LRUCache[object, str] = current_app.extensions["mapapp_fresh"]
            key = (request.full_path, cache.current(names))
            with _LOCK:
                found = known.get(key)
            if found is None:
                found = version(*args, **kwargs)
                with _LOCK:
                    known[key] = found
            return _answer(found) or view(*args, **kwargs)

        return wrapped

    return decorate


def _answer(version: str) -> Response | None:
    if request.method not in ("GET", "HEAD") or not request.if_none_match:
        return None
    is_same = request.if_none_match.contains_weak(version)
    if not is_same and not by_itself():
        return None
    made = Response(status=304 if is_same else 204)
    made.set_etag(version, weak=True)
    made.headers["Cache-Control"] = "no-store"
    if request.path.startswith("/officer"):
        made.headers[BESIDE] = str(current_app.extensions["mapapp_waiting"]["requests_waiting"](None))
    return made


def _version() -> dict[str, str]:
    """The version for ``fresh.js``; empty if the page does not ask."""
    version = g.get("page_version")
    return {} if version is None else {"version": version, "watch": "always" if g.page_watched else "return"}


def _address() -> str:
    """The address at which the page can be opened again."""
    told: str | None = g.get("page_address")
    if told is not None:
        return told
    made_from = g.get("made_from")  # a cached page must not contain unused parameters of its first visitor
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    asked = [one for one in (asked if made_from is None else made_from) if one[0] not in PASSING]
    asked += asked_in()
    return request.path + (f"?{urlencode(asked)}" if asked else "")
