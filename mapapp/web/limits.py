"""Rate limits: in Redis if it is configured, otherwise in the memory of each process.

The library ``limits`` counts. Flask-Limiter, which is based on it, would run code before and after every request; here
only limited views cost time.
"""

from __future__ import annotations

import logging
import math
import time
from typing import Final

from flask import Flask, current_app, request
from limits import parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from mapapp.core.addresses import network
from mapapp.core.config import Config

log = logging.getLogger(__name__)

FORGETS_S: Final = 30
"""So often old counts are forgotten, in seconds."""


def init(app: Flask, config: Config) -> None:
    """Connects the library to its storage."""
    storage = storage_from_string(config.redis_url) if config.redis_url else _Memory()
    app.extensions["mapapp_limits"] = MovingWindowRateLimiter(storage)


class _Memory(MemoryStorage):
    """Counts in this process. The library starts a thread after nearly every count, which forgets what is old; that
    costs more than the count, and once in a while is enough."""

    _forgets_next = 0.0

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the library's private name
        now = time.monotonic()
        if now >= self._forgets_next:
            self._forgets_next = now + FORGETS_S
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


def within_limit(what: str, limit: str) -> bool:
    """Counts one use of ``what`` by the client's address; False if the limit is reached.

    For pages that can do without it, where a 429 would harm people more than the limit protects.

    Args:
        what: a name for what is limited.
        limit: in the syntax of ``limits``: ``30 per minute``.
    """
    return wait_s(what, limit, network(request.remote_addr or "unknown")) == 0


def wait_s(what: str, limit: str, who: str) -> int:
    """Counts one use of ``what`` by ``who``: 0, or the seconds until the next one is allowed.

    Args:
        what, limit: as in ``within_limit``.
        who: whose uses are counted.
    """
    counter: MovingWindowRateLimiter = current_app.extensions["mapapp_limits"]
    try:
        share = parse(limit)
        if counter.hit(share, what, who):
            return 0
        return max(1, math.ceil(counter.get_window_stats(share, what, who).reset_time - time.time()))
    except Exception as error:  # whatever error the storage raises: without Redis the map must still work
        log.warning("rate limits cannot be counted: %s", type(error).__name__)
        return 0
