"""Keys to single pages. An address that contains a key is opened once. Then the browser keeps the key in a cookie for
that page only, which scripts cannot read, and continues at an address without the key, which can be in the history, a
proxy's log or a message. Works without JavaScript. Several pages of a kind can be open, each with its own path."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request

_SECURE = "__Secure-"


def give(response: Response, name: str, path: str, key: str, lasts: timedelta) -> None:
    """Sets the key to the page at this path, and to everything below it, in the browser.

    Args:
        name: the kind of key; pages of a kind differ by their paths.
        path: of the page, without the key.
    """
    response.set_cookie(
        _name(name), key, max_age=int(lasts.total_seconds()), path=path, secure=request.is_secure, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def given(name: str) -> str:
    """The key that the browser sent for this page; empty if there is none."""
    return request.cookies.get(_name(name), "")


def take_back(response: Response, name: str, path: str) -> None:
    """Removes the key from the browser."""
    response.delete_cookie(_name(name), path=path, secure=request.is_secure, httponly=True, samesite="Lax")


def _name(name: str) -> str:
    """The name of the cookie. Browsers refuse the prefix over plain http, which is possible on loopback and in a local
    network."""
    return (_SECURE if request.is_secure else "") + name
