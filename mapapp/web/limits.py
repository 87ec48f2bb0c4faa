"""Rate limits: in Redis where it is configured, in the memory of each process otherwise."""

from __future__ import annotations

import logging

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

from mapapp.config import Config

log = logging.getLogger(__name__)

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)
"""Routes that cost something elsewhere say ``@limiter.limit("30 per minute")``."""


def within_limit(what: str, limit: str) -> bool:
    """Counts one use of ``what`` by the asking address; False where it has had its share.

    For pages that can go on without it, where a 429 would take more from a person than the limit protects.
    """
    try:
        return limiter.limiter.hit(parse(limit), what, get_remote_address())
    except Exception as error:  # whatever the storage comes up with: a lost Redis must not take the map down
        log.warning("rate limits cannot be counted: %s", type(error).__name__)
        return True


def init(app: Flask, config: Config) -> None:
    """Connects the limiter to its storage."""
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True  # a lost Redis must not take the map down
    limiter.init_app(app)
