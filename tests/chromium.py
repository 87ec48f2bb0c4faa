"""Which browser the tests, the benchmarks and the manuals' pictures drive, and how."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Best first. The first is the same engine without a window that nobody sees, and opens pages in less than half the
time."""

ARGS = [
    "--no-sandbox",  # tests may run as root, where Chromium's own sandbox cannot start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path of the browser; None where there is none. ``MAPAPP_TEST_CHROMIUM`` names another."""
    return os.environ.get("MAPAPP_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
