"""Pages that change while somebody reads them: each says of when it is, and ``static/js/fresh.js`` when it has changed.

It asks at the page's own address whether the page is still the version it was made from. The answer is empty, 304 or
204; nothing is rendered for it, nothing goes on record, and it keeps nobody signed in, as nobody did anything.
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
"""The header of what a page asks without its reader doing anything."""

PASSING: Final = frozenset({"notice"})
"""Parameters that say what was done a moment ago: a page that is shown again does not say it again."""

BESIDE: Final = "X-Requests-Waiting"
"""The header of the one number that is brought up to date in its place on every officers' page."""

_KEPT: Final = 2_000
"""Versions of public pages that are remembered."""

_LOCK: Final = threading.Lock()

P = ParamSpec("P")


def init(app: Flask) -> None:
    """Gives the templates what they need to say of when a page is."""
    app.extensions["mapapp_fresh"] = LRUCache[object, str](_KEPT)
    app.extensions["mapapp_waiting"] = {}
    app.jinja_env.globals.update(page_made=now, page_version=_version, page_address=_address)


def beside(app: Flask, name: str, number: Callable[[str | None], int]) -> None:
    """Names a number of what waits for officers: a room's, in every officers' menu and on their home.

    Args:
        name: what templates call it by.
        number: in an area, or in all areas of the one who asks.
    """
    app.extensions["mapapp_waiting"][name] = app.jinja_env.globals[name] = number


def waiting(area: str) -> dict[str, int]:
    """All these numbers in an area, by name."""
    return {name: number(area) for name, number in current_app.extensions["mapapp_waiting"].items()}


def by_itself() -> bool:
    """Whether a page asks, and nobody has done anything: it looks again, or opens its line (which has no headers)."""
    return BY_ITSELF in request.headers or request.headers.get("Accept") == "text/event-stream"


def version_of(*shown: object) -> str:
    """A word for what a page shows: dataclasses and plain values, without anything that only time changes."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def unchanged(*shown: object, at: str | None = None, watch: bool = True) -> Response | None:
    """Says what the page shows. The answer where an open page asks whether it still does; None: make the page.

    Args:
        shown: as for ``version_of``.
        at: the page's address, where it is another than the one that is asked (the answer to a form).
        watch: the open page asks every few seconds; else only when its reader comes back to it.
    """
    version = version_of(*shown)
    shows(version, at=at, watch=watch)
    return _answer(version)


def lies_at(address: str) -> None:
    """Gives the page another address than the one that was asked, which may say more than anybody should keep."""
    g.page_address = address


def shows(version: str, *, at: str | None = None, watch: bool) -> None:
    """As ``unchanged``, for a page that is kept for everybody (``checked``)."""
    g.page_version, g.page_address, g.page_watched = version, at, watch


def checked(
    *names: str, version: Callable[P, str]
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """For a page that is kept for everybody: whether it still is as it was is not asked of its view.

    Args:
        names: the data versions (``web/cache.py``) the version hangs on: while none moves, it is computed once.
        version: of the page at the address that is asked, with the arguments of its view.
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
    """What the page says for ``fresh.js``; empty where it does not ask."""
    version = g.get("page_version")
    return {} if version is None else {"version": version, "watch": "always" if g.page_watched else "return"}


def _address() -> str:
    """The page's own address, as it may be opened again."""
    told: str | None = g.get("page_address")
    if told is not None:
        return told
    made_from = g.get("made_from")  # a kept page says nothing of what else somebody wrote behind its address
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    asked = [one for one in (asked if made_from is None else made_from) if one[0] not in PASSING]
    asked += asked_in()
    return request.path + (f"?{urlencode(asked)}" if asked else "")
