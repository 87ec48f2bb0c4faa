"""Fonts of a file: no more than it needs, and every mark still where it belongs."""

from __future__ import annotations

import io

import pytest
from fontTools.ttLib import TTFont

from mapapp.core.config import ROOT
from mapapp.core.languages import BY_CODE, ENGLISH, THAI
from mapapp.maps import AreaMap, letters
from mapapp.maps.documents import settings
from mapapp.maps.layers import MapNotes

VENDOR = ROOT / "static" / "vendor"
SARABUN = (VENDOR / "sarabun" / "sarabun-thai-400-normal.woff2").read_bytes()
WORDS = "น้ำปิ่นทุ่งกู่"


def opened(font: bytes) -> TTFont:
    return TTFont(io.BytesIO(font))


def test_thai_marks_stay_with_the_rules_that_stack_them() -> None:
    made = letters.cut(SARABUN, letters.needed({"name": WORDS}, THAI))
    assert len(made) < len(SARABUN)
    before, after = opened(SARABUN), opened(made)
    assert set(map(ord, WORDS)) <= set(after.getBestCmap())
    assert {ord(mark) for mark in "ิีึืุู็่้๊๋์ํ"} <= set(after.getBestCmap()), "those that the words have not, too"
    rules = {
        table: {one.FeatureTag for one in after[table].table.FeatureList.FeatureRecord} for table in ("GSUB", "GPOS")
    }
    assert "ccmp" in rules["GSUB"]
    assert {"mark", "mkmk"} <= rules["GPOS"]
    assert after["name"].getDebugName(13) == before["name"].getDebugName(13), "the licence stays with the font"


def test_a_font_without_a_wanted_letter_is_left_out() -> None:
    myanmar = (VENDOR / "noto" / "noto-sans-myanmar-myanmar-400-normal.woff2").read_bytes()
    assert letters.cut(myanmar, letters.needed({"name": WORDS}, THAI)) == b""
    plain = letters.needed({"name": "Bangkok"}, ENGLISH)
    assert letters.cut(SARABUN, plain) == b""


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_what_a_browser_writes_of_itself_is_there(code: str) -> None:
    """Days, distances, and every text of the interface, in the fonts of a saved map."""
    lang = BY_CODE[code]
    made = letters.needed(settings(lang, ""), lang)
    shown = {"th": "ก.ม. พ.ย. ธ.ค.", "my": "နိုဝင်ဘာ", "km": "វិច្ឆិកា", "lo": "ພະຈິກ"}.get(code, "Nov km")
    assert set(shown) <= made


def test_a_saved_map_has_the_letters_of_its_data_and_no_others() -> None:
    def saved(title: str) -> str:
        made = AreaMap(lang=ENGLISH)
        notes = MapNotes()
        notes.data = {"notes": {"title": title, "lines": []}}
        notes.add_to(made)
        return made.standing()

    plain, thai = saved("Bangkok"), saved(WORDS)
    assert plain.count("@font-face") == 2, "Latin alone, regular and bold"
    assert thai.count("@font-face") == 4
    assert len(plain) < len(thai)
