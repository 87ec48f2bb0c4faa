"""Paper and pictures of saved maps, through a Chromium where one is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from mapapp.core.errors import N_, Conflict

NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SECONDS: Final = 60

PAPER: Final = "1062,733"
"""A4 landscape without its margins of 8 mm (``map.css``), in CSS pixels: the map is drawn for this size before it is
printed, and is not laid out anew by printing."""

_ARGS: Final = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--hide-scrollbars", "--virtual-time-budget=8000",
    "--run-all-compositor-stages-before-draw",
)  # fmt: skip


def browser() -> str | None:
    """The path of a Chromium; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def written(page: str, target: Path) -> None:
    """A saved map as PDF (A4, landscape) or PNG (1600 × 1131, the shape of A4), by the name of the file.

    Raises:
        Conflict: no Chromium is installed, or it could not do it.
    """
    path = browser()
    if path is None:
        raise Conflict(N_("No Chromium is installed, so there is no PDF and no PNG. Save as .html, and print it."))
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "map.html", Path(folder) / f"map{target.suffix}"
        source.write_text(page, encoding="utf-8")
        if target.suffix == ".pdf":
            what = [f"--print-to-pdf={made}", "--no-pdf-header-footer", f"--window-size={PAPER}"]
        else:
            what = [f"--screenshot={made}", "--window-size=1600,1131"]
        # Chromium's own sandbox cannot start as root; the page is ours, and its policy lets it load nothing.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [path, *_ARGS, *root, f"--user-data-dir={folder}/profile", *what, source.as_uri()]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)  # noqa: S603 - a list of our own
        if not made.is_file() or not made.stat().st_size:
            raise Conflict(N_("Chromium could not print this map. Save as .html, and print it."))
        shutil.copyfile(made, target)
