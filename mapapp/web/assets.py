"""Static files under addresses that change with their content, so that browsers can cache them permanently."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from mapapp.core.config import ROOT

STATIC = ROOT / "static"

PACKED = (".br", ".gz")
"""Endings of the compressed copies that the set-up makes; browsers ask for the first over TLS only."""


def fingerprint(folder: Path) -> str:
    """A short hash of the names and contents of all files: if one byte changes, the addresses of all files change."""
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in PACKED:
            made.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()[:10]


def stale(folder: Path) -> list[Path]:
    """Files whose compressed copy is missing or older than the file: the old content would be served."""
    return [
        packed
        for packed in sorted(path for ending in PACKED for path in folder.rglob("*" + ending))
        if not packed.with_suffix("").is_file() or packed.stat().st_mtime < packed.with_suffix("").stat().st_mtime
    ]


def init(app: Flask) -> None:
    """Serves ``static/`` below ``/static/<fingerprint>/``, compressed if the set-up made compressed copies.

    One prefix for all files keeps relative addresses (fonts in a stylesheet, modules in a script) valid without
    rewriting. All files are public, so any origin may read them: the sandboxed map frame has no origin.
    """
    prefix = f"/static/{fingerprint(STATIC)}/"
    app.extensions["mapapp_assets"] = prefix
    served = WhiteNoise(
        app.wsgi_app,
        root=str(STATIC),
        prefix=prefix,
        autorefresh=False,
        allow_all_origins=True,
        immutable_file_test=lambda _path, _url: True,
        max_age=31_536_000,
        add_headers_function=_headers,
    )
    app.wsgi_app = served  # type: ignore[method-assign]
    app.jinja_env.globals["asset"] = lambda path: prefix + path


def _headers(headers: object, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # type: ignore[index]
