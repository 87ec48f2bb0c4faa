"""Rate limits: in Redis where it is configured, in the memory of each process otherwise."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from mapapp.config import Config

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)
"""Routes that cost something elsewhere say ``@limiter.limit("30 per minute")``."""


def init(app: Flask, config: Config) -> None:
    """Connects the limiter to its storage."""
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True  # a lost Redis must not take the map down
    limiter.init_app(app)
