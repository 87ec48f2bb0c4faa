"""The checks that script/test adds find what they are for: each is shown the fault it guards against."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_code_that_only_its_own_tests_use_is_found(tmp_path: Path) -> None:
    room, templates, tests = (tmp_path / name for name in ("mapapp", "templates", "tests"))
    for folder in (room, templates, tests):
        folder.mkdir()
    (room / "counts.py").write_text(
        "def most_used(): ...\ndef shown(): ...\ndef told(): ...\ntold()\n@pages.get('/')\ndef page(): ...\n"
    )
    (templates / "page.html").write_text("{{ shown() }}")
    (tests / "test_counts.py").write_text("from mapapp.counts import most_used\nmost_used()\n")
    looked = subprocess.run(
        [sys.executable, ROOT / "script" / "lib" / "unused.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert looked.returncode == 1
    assert [line for line in looked.stdout.splitlines() if line.startswith("mapapp")] == [
        "mapapp/counts.py:1: nobody uses function 'most_used'"
    ]
