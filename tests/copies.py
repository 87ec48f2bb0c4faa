"""Copies of the service with something changed in them, to be tested by a pytest of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from mapapp.core.config import ROOT
from tests.conftest import test_database_url as database_url

COPIED = ("mapapp", "migrations", "templates", "static", "seed", "tests", "script", "setup.cfg")


def copy_into(folder: Path) -> None:
    """All that the service and its tests are read from."""
    for name in COPIED:
        one, copy = ROOT / name, folder / name
        if one.is_dir():
            shutil.copytree(one, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(one, copy)


def passes(folder: Path, test: str, worker: str) -> None:
    """The one test of this file passes in the copy, on databases of its own, with the copy's words."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTEST_XDIST_WORKER": f"{folder.name}_{worker}",
        "PYTEST_COPY": f"_{folder.name}",
        "MAPAPP_TEST_DATABASE_URL": database_url("postgres"),
    }
    environment.pop("PYTEST_XDIST_TESTRUNUID", None)  # a run of its own: its migrations may be others
    compiled = [sys.executable, "script/lib/messages.py", "--compile"]
    subprocess.run(compiled, cwd=folder, env=environment, check=True, capture_output=True)
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test]
    done = subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
