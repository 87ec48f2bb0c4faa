"""The scripts a person types: they parse, and they name no registry and no path of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mapapp.core.config import ROOT

SCRIPTS = sorted(path for path in (*(ROOT / "script").rglob("*"), ROOT / ".ci" / "run") if path.is_file())
SHELL = [path for path in SCRIPTS if path.suffix == ".sh" or path.read_bytes().startswith(b"#!/usr/bin/env bash")]


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_it_parses(path: Path) -> None:
    subprocess.run(["bash", "-n", path], check=True)


EARLY = re.compile(
    r"(?<!\|)\|\s*(grep\s+(-\w*[qm]|--quiet|--max-count)|head\b|sed\b[^|s]*\d*q\b|awk\b[^|]*\bexit\b|read\b)"
)


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_no_pipe_ends_in_a_reader_that_stops_early(path: Path) -> None:
    """Its writer gets SIGPIPE, and under pipefail a thing that was found counts as missing: now and then, and always on
    a machine where the writer has more to say."""
    lines = path.read_text().splitlines()
    assert not [line for line in lines if EARLY.search(line)]
    assert path.suffix == ".sh" or "set -euo pipefail" in lines


def test_early_readers_are_recognised() -> None:
    for line in ("fc-list | grep -q .", "ls | head -n 1", "x | sed -n 5q", "x | awk '{print; exit}'", "x |grep -m1 y"):
        assert EARLY.search(line), line
    for line in ("x | grep -c y", "x | sed 's/q/p/'", "x || grep -q y file", "x | awk '{print}' | sort"):
        assert not EARLY.search(line), line


def test_commands_can_be_run() -> None:
    for path in SHELL:
        if path.suffix != ".sh":
            assert path.stat().st_mode & 0o111, f"{path} is not executable"


def test_dependencies_are_pinned_with_hashes_and_name_no_host() -> None:
    for name in ("run", "test"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "://" not in text
        packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#", "-"))]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)
        assert text.count("--hash=sha256:") >= len(packages)
    lock = (ROOT / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
