"""Compresses answers that are not cached, too: on a slow connection that saves more time than it costs."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

TYPES = (
    "text/html",
    "text/csv",
    "application/json",
    "application/geo+json",
    "application/problem+json",
    "application/vnd.mapbox-vector-tile",
)


def init(app: Flask) -> None:
    """Compresses what ``web/cache.py`` has not compressed already."""
    app.config["COMPRESS_MIMETYPES"] = list(TYPES)
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    app.config["COMPRESS_LEVEL"] = 4
    app.config["COMPRESS_MIN_SIZE"] = 1000
    app.config["COMPRESS_EVALUATE_CONDITIONAL_REQUEST"] = False  # answers with an ETag are handled by ``web/cache.py``
    Compress(app)
