"""What must not stand in a text that volunteers read before they claim: national IDs and telephone numbers."""

from __future__ import annotations

import re
from typing import Final

from mapapp.core import phones
from mapapp.core.fields import arabic_digits

_NUMBER: Final = re.compile(r"(?<![\d+])(?:\+\s?\d|0|66)(?:[\s.()/\-–—]{0,3}\d){7,13}(?!\d)")
"""Digits in a row from a 0, 66 or +, however they are set apart; Thai digits are turned into 0–9 before."""

_NO_PHONE: Final = re.compile(
    r"(?:(?<![a-z])(?:h\.?n|a\.?n|v\.?n|order|parcel)\.?|รหัส(?:ผู้ป่วย)?|เลขที่|เลขผู้ป่วย|หมายเลขผู้ป่วย|เลขประจำตัว(?:ผู้ป่วย)?"
    r"|คำสั่งซื้อ|พัสดุ|ทะเบียน)\s*(?:no\.?|[:#=])?\s*$",
    re.IGNORECASE,
)
"""What stands before a number that is none of a telephone: a hospital's for a patient (HN), an order's."""

_GAP: Final = re.compile(r"[ \t]{2,}")


def phones_in(text: str) -> list[tuple[str, int, int]]:
    """Telephone numbers in a text: each in E.164, and where it stands (from, to). A number that is said to be something
    else (“HN 053123456”) is none."""
    found = []
    plain = arabic_digits(text)
    for match in _NUMBER.finditer(plain):
        number = phones.parse(match.group())
        if number is not None and not _NO_PHONE.search(plain[: match.start()]):
            found.append((number, match.start(), match.end()))
    return found


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these stretches taken out."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return _GAP.sub(" ", text).strip()
