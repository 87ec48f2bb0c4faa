"""Cache in memory for answers to public reads, valid until their data changes; with ETag and Cache-Control.

Every transaction that changes public data increases a data version (``mapapp.database.mark_changed``), and a cached
answer is stored under the versions it was made from. So all web processes agree within ``VERSIONS_FOR`` seconds without
communicating.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from cachetools import LRUCache
from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.web import compression
from mapapp.web.i18n import language
from mapapp.web.request import now

VERSIONS_FOR = 0.5
"""Seconds for which a process uses the versions it has read."""

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Kept:
    """A cached answer, as it is sent."""

    packed: bytes
    encoding: str
    etag: str
    content_type: str
    headers: tuple[tuple[str, str], ...]
    key_length: int = 0
    """Length of its key (the address): very long keys count toward the memory."""

    @property
    def size(self) -> int:
        return len(self.packed) + 4 * self.key_length + 400  # 400: the headers and the objects around them


class Cache:
    """The least recently used answers are removed above a number of bytes. Thread-safe."""

    def __init__(self, max_bytes: int, factory: sessionmaker[Session]) -> None:
        self._kept: LRUCache[Any, Kept] = LRUCache(max(1, max_bytes), getsizeof=lambda kept: kept.size)
        self._lock = threading.Lock()
        self._factory = factory
        self._versions: dict[str, int] = {}
        self.versions_for = VERSIONS_FOR
        self._read_at = float("-inf")

    def versions(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """The data versions, at most ``VERSIONS_FOR`` seconds old."""
        if time.monotonic() - self._read_at >= self.versions_for:
            began = time.monotonic()
            with self._factory() as session:
                self._versions = database.data_versions(session)
            self._read_at = began
        return tuple(self._versions.get(name, 0) for name in names)

    def get(self, key: Any) -> Kept | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Any, kept: Kept) -> None:
        with self._lock:
            if kept.size <= self._kept.maxsize:
                self._kept[key] = kept

    def forget(self) -> None:
        """Empties the cache, for tests that change data without a version."""
        with self._lock:
            self._kept.clear()
            self._read_at = float("-inf")


def current(names: tuple[str, ...]) -> tuple[int, ...]:
    """The data versions as this process knows them (``Cache.versions``)."""
    kept: Cache = current_app.extensions["mapapp_cache"]
    return kept.versions(names)


def init(app: Flask, max_mb: int, factory: sessionmaker[Session]) -> None:
    """Creates the cache of the application."""
    app.extensions["mapapp_cache"] = Cache(max_mb * 1_000_000, factory)


def cached(
    *names: str, max_age: int = 60, every: int | None = None, takes: Collection[str] | None = None
) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Caches the 200 answers of a public GET view until one of the named data versions changes.

    Args:
        names: ``areas``, ``facilities``, ``coverage``: the data that the answer is made from.
        max_age: seconds for which a browser or proxy may use it without a request.
        every: seconds until it is computed again in any case, for answers that depend on the time (“open now”).
        takes: the parameters that the answer depends on. Others are ignored and not part of its key, so that no one can
            fill the cache with copies of one answer. None: all of them.
    """

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
            cache: Cache = current_app.extensions["mapapp_cache"]
            g.versions = versions = cache.versions(names)
            tick = int(now().timestamp()) // every if every else 0
            g.made_from = made_from = [
                (name, value)
                for name, value in sorted(request.args.items(multi=True))
                if name != "lang" and (takes is None or name in takes)
            ]
            # A client that takes nothing packed is rare, and shares with those that take gzip.
            encoding = compression.accepted(request.accept_encodings) or "gzip"
            key = (request.path, tuple(made_from), language(), versions, tick, encoding)
            kept = cache.get(key)
            if kept is None:
                response = view(*args, **kwargs)
                if response.status_code != 200:
                    return response
                body = response.get_data()
                kept = Kept(
                    packed=compression.pack(body, encoding),
                    encoding=encoding,
                    etag=hashlib.sha256(body + language().encode()).hexdigest()[:20],
                    content_type=response.content_type,
                    headers=tuple(
                        (name, value)
                        for name, value in response.headers
                        if name.lower() not in {"content-type", "content-length"}
                    ),
                    key_length=len(request.path) + sum(len(name) + len(value) for name, value in made_from),
                )
                cache.put(key, kept)
            return _answer(kept, max_age)

        return wrapped

    return decorate


def _answer(kept: Kept, max_age: int) -> Response:
    if request.if_none_match.contains_weak(kept.etag):
        response = Response(status=304)
    elif request.accept_encodings[kept.encoding] > 0:
        response = Response(kept.packed, content_type=kept.content_type)
        response.headers["Content-Encoding"] = kept.encoding
    else:
        response = Response(compression.unpack(kept.packed, kept.encoding), content_type=kept.content_type)
    response.headers.extend(kept.headers)
    # Weak ETag: the same however the answer is packed.
    response.set_etag(kept.etag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    response.vary.add("Accept-Encoding")  # in addition to what the view sets
    return response
