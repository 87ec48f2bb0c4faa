"""Rate limits: in Redis where it is configured, in the memory of each process otherwise.

The counting is the ``limits`` library's. Flask-Limiter, which wraps it, puts questions before and after every request;
here only what says so pays for it.
"""

from __future__ import annotations

import logging
import math
import time

from flask import Flask, current_app, request
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from mapapp.core.addresses import network
from mapapp.core.config import Config

log = logging.getLogger(__name__)


def init(app: Flask, config: Config) -> None:
    """Connects the counting to its storage."""
    app.extensions["mapapp_limits"] = MovingWindowRateLimiter(storage_from_string(config.redis_url or "memory://"))


def within_limit(what: str, limit: str) -> bool:
    """Counts one use of ``what`` by the asking address; False where it has had its share.

    For pages that can go on without it, where a 429 would take more from a person than the limit protects.

    Args:
        what: a name for what costs something.
        limit: in the ``limits`` library's words: ``30 per minute``.
    """
    return wait_s(what, limit, network(request.remote_addr or "unknown")) == 0


def wait_s(what: str, limit: str, who: str) -> int:
    """Counts one use of ``what`` by ``who``: 0, or the seconds until the next one is taken.

    Args:
        what, limit: as ``within_limit``.
        who: whose share it is.
    """
    counter: MovingWindowRateLimiter = current_app.extensions["mapapp_limits"]
    try:
        share = parse(limit)
        if counter.hit(share, what, who):
            return 0
        return max(1, math.ceil(counter.get_window_stats(share, what, who).reset_time - time.time()))
    except Exception as error:  # whatever the storage comes up with: a lost Redis must not take the map down
        log.warning("rate limits cannot be counted: %s", type(error).__name__)
        return 0
