"""Pages that others change: they say of when they are, and ``static/js/fresh.js`` says when they have changed since.

It asks for the page again with the version it was made from; where that is still the one, nothing is rendered.
"""

from __future__ import annotations

import hashlib

from flask import Response, request


def version_of(*shown: object) -> str:
    """A word for what a page shows: dataclasses and plain values, without anything that only time changes."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def unchanged(version: str) -> Response | None:
    """The answer to who has this version already; None: make the page."""
    if request.method not in ("GET", "HEAD") or not request.if_none_match.contains_weak(version):
        return None
    made = Response(status=304)
    made.set_etag(version, weak=True)
    made.headers["Cache-Control"] = "no-store"
    return made
