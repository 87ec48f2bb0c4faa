"""Rate limits: in Redis where it is configured, in the memory of each process otherwise.

The counting is the ``limits`` library's. Flask-Limiter, which wraps it, puts questions before and after every request;
here only the routes that say so pay for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from mapapp.config import Config

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


def init(app: Flask, config: Config) -> None:
    """Connects the counting to its storage."""
    app.extensions["mapapp_limits"] = MovingWindowRateLimiter(storage_from_string(config.redis_url or "memory://"))


def limit(text: str, exempt_when: Callable[[], bool] = lambda: False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets an address call the view so many times: ``@limit("30 per minute")``. The next call gets a 429.

    Args:
        text: in the ``limits`` library's words.
        exempt_when: asked at each call; true where this call costs nothing.
    """
    rate = parse(text)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            if not exempt_when():
                _count(f"{view.__module__}.{view.__qualname__}")
            return view(*args, **kwargs)

        def _count(name: str) -> None:
            counter: MovingWindowRateLimiter = current_app.extensions["mapapp_limits"]
            who = request.remote_addr or "unknown"
            try:
                if counter.hit(rate, name, who):
                    return
                again_at, _left = counter.get_window_stats(rate, name, who)
            except OSError as error:  # a lost Redis must not take the map down
                log.error("rate limits are not counted: %s", type(error).__name__)
                return
            raise TooManyRequests(retry_after=max(1, int(again_at - time.time()) + 1))

        return wrapped

    return decorate
