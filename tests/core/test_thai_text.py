"""The letters of Thai in one order and form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapapp.core.fields import clean
from mapapp.core.thai_text import normal


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("น\u0e49\u0e4d\u0e32พุ", "น้ำพุ"),
        ("น\u0e4d\u0e49\u0e32พุ", "น้ำพุ"),
        ("น\u0e33\u0e49พุ", "น้ำพุ"),
        ("\u0e40\u0e40ม่ปิง", "แม่ปิง"),
        ("ท\u0e48\u0e35ปิง", "ที่ปิง"),
        ("ที\uf70aปิง", "ที่ปิง"),
        ("\uf711", "\u0e4d"),
        ("วัด\u200bป่า\u200bแดง", "วัดป่าแดง"),
        ("\ufeffกลาง\u00ad", "กลาง"),
        ("\u200e18.7\u202c", "18.7"),
        ("บ้าน\u00a0ปง", "บ้าน ปง"),
        ("ນ\u0ecd\u0eb2", "ນຳ"),
    ],
)
def test_one_word_has_one_form(typed: str, meant: str) -> None:
    assert normal(typed) == meant
    assert clean(typed) == meant, "what people type into forms, too"


@pytest.mark.parametrize("text", ["ភ្នំ\u200bពេញ", "မြန်မာ\u200bစာ", "👩\u200d👩\u200d👧", "บ้านข้าม", "ชื่อ\nสอง", "Café"])
def test_what_others_need_stays(text: str) -> None:
    assert normal(text) == text


@given(st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B)) | st.text())
def test_a_second_time_changes_nothing(text: str) -> None:
    once = normal(text)
    assert normal(once) == once
    seen = [sign for sign in once if unicodedata.category(sign) in ("Lo", "Nd")]
    assert all(
        sign in unicodedata.normalize("NFC", text)
        for sign in seen
        if sign not in "\u0e10\u0e0d\u0e33\u0eb3\u0e41\u0ec1"
    )
