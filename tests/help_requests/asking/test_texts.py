"""Telephone numbers in free text are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapapp.help_requests.asking.text_rules import phones_in, without

DIGITS = st.text("0123456789", min_size=7, max_size=7)
GAPS = st.lists(st.sampled_from(["", " ", "-", ".", " - ", "–"]), min_size=9, max_size=9)


@given(DIGITS, GAPS, st.booleans(), st.sampled_from(["08", "09", "06"]))
def test_a_mobile_number_is_found_in_any_spelling(rest: str, gaps: list[str], thai: bool, head: str) -> None:
    number = head + "1" + rest
    written = "".join(digit + gap for digit, gap in zip(number, [*gaps, ""], strict=True))
    if thai:
        written = written.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    text = f"โทร {written} ครับ"
    found = phones_in(text)
    assert [one[0] for one in found] == [f"+66{number[1:]}"]
    assert without(text, [(start, end) for _number, start, end in found]) == "โทร ครับ"


@given(st.text("กขคงabc .,()-\n", max_size=80))
def test_text_without_digits_has_none(text: str) -> None:
    assert phones_in(text) == []


@pytest.mark.parametrize(
    "text", ["โทร 1669", "บ้านเลขที่ 123/45 หมู่ 6", "ข้าว 50 กก. น้ำ 12 แพ็ค", "วันที่ 20/11/2569", "อายุ 84 85 86 ปี", "50200"]
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert phones_in(text) == []


@pytest.mark.parametrize(
    "text",
    ["HN 053123456 โรงพยาบาลนครพิงค์", "H.N. 053-123-456", "hn:053123456", "รหัสผู้ป่วย ๐๕๓๑๒๓๔๕๖", "AN 0531234567",
     "order 0812345678", "คำสั่งซื้อ 0812345678", "เลขที่ 0812345678"],
)  # fmt: skip
def test_a_number_that_is_said_to_be_something_else_is_no_telephone(text: str) -> None:
    assert phones_in(text) == []
    assert [one[0] for one in phones_in(f"{text} โทร 089 999 9999")] == ["+66899999999"]


@pytest.mark.parametrize(
    "text", ["LINE ID 0812345678", "เบอร์ 0812345678", "phone no. 081 234 5678", "ลูกชื่อแอน 0812345678"]
)
def test_telephones_beside_other_words_are_still_found(text: str) -> None:
    assert [one[0] for one in phones_in(text)] == ["+66812345678"]
