"""Answers that are not kept go out gzipped, too: a weak signal is slower than any compression."""

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
    app.config["COMPRESS_EVALUATE_CONDITIONAL_REQUEST"] = False  # what has an ETag answers for itself
    Compress(app)
