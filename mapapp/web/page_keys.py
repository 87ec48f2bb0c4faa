"""Keys to single pages. An address that is a key is opened once: the browser then keeps the key for that page alone, in
a cookie that no script reads, and goes on under an address that anybody may see, in its history, a proxy's log or a
message. Works without scripts; several pages of a kind lie side by side, each under its own path."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request

_SECURE = "__Secure-"


def give(response: Response, name: str, path: str, key: str, lasts: timedelta) -> None:
    """Gives the browser the key to the page at this path, and to what lies below it.

    Args:
        name: what kind of key; pages of a kind are told apart by their paths.
        path: of the page, without the key in it.
    """
    response.set_cookie(
        _name(name), key, max_age=int(lasts.total_seconds()), path=path, secure=request.is_secure, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def given(name: str) -> str:
    """The key the browser sent for this page; empty where it has none."""
    return request.cookies.get(_name(name), "")


def take_back(response: Response, name: str, path: str) -> None:
    """Takes it away."""
    response.delete_cookie(_name(name), path=path, secure=request.is_secure, httponly=True, samesite="Lax")


def _name(name: str) -> str:
    """Browsers refuse the prefix over plain http, which is possible on loopback and in a local network."""
    return (_SECURE if request.is_secure else "") + name
