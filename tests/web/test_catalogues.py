"""The catalogues: one for each room, one for gettext, and nothing lost or doubled between them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel.support import Translations

from mapapp.core.config import ROOT
from mapapp.web import catalogues

MESSAGES = ROOT / "script" / "lib" / "messages.py"


def room(path: Path, **said: str) -> Path:
    """A catalogue that says the given texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'msgid "{english}"\nmsgstr "{text}"\n' for english, text in said.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_message_stands_in_one_catalogue_only() -> None:
    parts = map(catalogues.read_file, catalogues.sources("th"))
    counted = Counter(catalogues.key(message) for part in parts for message in catalogues.messages(part))
    assert len(counted) > 2000
    assert [one for one, times in counted.items() if times > 1] == []


def test_what_several_rooms_say_is_shared_and_the_rest_stays_in_its_room() -> None:
    for path in catalogues.sources("th"):
        for message in catalogues.messages(catalogues.read_file(path)):
            rooms = {Path(name).parts[1] for name, _line in message.locations}
            if path.stem == catalogues.SHARED:
                assert len(rooms) > 1, message.id
            elif path.stem != "web":
                assert rooms == {path.stem}, message.id


def test_the_rooms_are_compiled_into_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    room(tmp_path / "th" / "areas.po", Province="จังหวัด", Village="")
    room(tmp_path / "th" / "common.po", Close="ปิด", Village="หมู่บ้าน")
    assert catalogues.is_stale("th")
    catalogues.compile_to_mo("th")
    assert not catalogues.is_stale("th")
    said = Translations.load(tmp_path, ["th"])
    assert [said.ugettext(text) for text in ("Province", "Close", "Village", "Nobody said this")] == [
        "จังหวัด", "ปิด", "หมู่บ้าน", "Nobody said this",
    ]  # fmt: skip


def test_the_check_names_what_is_missing_and_places_that_differ(tmp_path: Path) -> None:
    """On a copy, as a person would run it: a text is taken away, another gets a place its message does not have."""
    copy = tmp_path / "translations"
    for path in catalogues.sources("th"):
        room(copy / "th" / path.name).write_bytes(path.read_bytes())
    given = tmp_path / "more.json"
    whole = catalogues.read("th")
    told = [
        text for message in catalogues.messages(whole) for text in [catalogues.key(message)[1]] if "%(name)s" in text
    ]
    given.write_text(json.dumps({told[0]: "ไม่มีชื่อ", told[1]: " ", "Nobody says this": "x"}), encoding="utf-8")
    script = f"""
import runpy, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from mapapp.web import catalogues
catalogues.FOLDER = Path({str(copy)!r})
sys.argv = ["messages.py", "--check", "--add", {str(given)!r}]
runpy.run_path({str(MESSAGES)!r}, run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stderr
    assert f"places differ: {told[0]} → ไม่มีชื่อ" in done.stdout
    assert f"no Thai for: {told[1]}" in done.stdout
    assert "said nowhere, left out: Nobody says this" in done.stdout
