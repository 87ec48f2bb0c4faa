"""Refuses national IDs and phone numbers in text that volunteers read before they accept."""

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
"""Words before a number that is not a phone number: a hospital's patient number (HN), an order number."""

_GAP: Final = re.compile(r"[ \t]{2,}")


def phones_in(text: str) -> list[tuple[str, int, int]]:
    """Phone numbers in a text: each in E.164, and its position (from, to). A number labelled as something else (“HN
    053123456”) is not one."""
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
