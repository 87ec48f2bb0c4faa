"""A name for something is changed in one file and its translation: whoever says it says the new one."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.one_term_changed.terms import TERMS
from tests.copies import copy_into, passes


def test_a_term_is_one_line_and_its_translation(tmp_path: Path, worker: str) -> None:
    folder = tmp_path / "terms"
    copy_into(folder)
    catalogues = sorted((folder / "mapapp" / "translations" / "th").glob("*.po"))
    for name, term in TERMS.items():
        path = folder / name
        text = path.read_text("utf-8")
        assert text.count(f'N_("{term.english}")') == 1
        path.write_text(text.replace(f'N_("{term.english}")', f'N_("{term.new_english}")'), "utf-8")
        old = f'msgid "{term.english}"\nmsgstr "{term.thai}"'
        (words,) = (one for one in catalogues if old in one.read_text("utf-8"))
        new = f'msgid "{term.new_english}"\nmsgstr "{term.new_thai}"'
        words.write_text(words.read_text("utf-8").replace(old, new), "utf-8")
    passes(folder, "tests/architecture/one_term_changed/through.py", worker)
