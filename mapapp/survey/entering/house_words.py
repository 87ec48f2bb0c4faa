"""Words that may stand in a house number. Everything else that is a word could be the name of a person."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_LETTERS: Final = 2
"""“99 ก”, “12 ข/1”, “ม.4”, “A12”: so many letters together are no name yet."""

_PLACES: Final = (
    "หมู่ที่", "หมู่", "ซอย", "ถนน", "ตรอก", "ที่", "บ้านพัก", "บ้านเช่า", "บ้านเลขที่", "บ้าน", "เลขที่", "ห้องแถว", "ห้องเช่า", "ห้อง",
    "ชั้น", "ตึกแถว", "ตึก", "อาคาร", "หอพัก", "แฟลต", "คอนโด", "แคมป์", "แค้มป์", "แคมป์คนงาน", "ที่พักคนงาน", "ที่พัก", "คนงาน",
    "ก่อสร้าง", "โรงงาน", "โรงเรือน", "เพิงพัก", "เพิง", "กระท่อม", "กระต๊อบ", "หลังที่", "หลัง", "แถวที่", "แถว", "แปลงที่", "แปลง",
    "บล็อก", "ล็อก", "แพ", "เรือ", "สวนยาง", "สวน", "ไร่", "ฟาร์ม", "วัด", "กุฏิ", "ศูนย์พักพิง", "ศูนย์", "ทับ", "ชั่วคราว", "ไม่มีเลขที่",
)  # fmt: skip
_ENGLISH: Final = (
    "camp", "house", "home", "room", "floor", "building", "block", "hut", "shelter", "tent", "unit", "moo", "soi",
    "road", "lane", "row", "plot", "lot", "flat", "farm", "factory", "temple", "boat", "workers", "site",
)  # fmt: skip

_WORD: Final = re.compile(r"[a-zก-ฺเ-๎]+")
_OF_PLACES: Final = re.compile(
    "(?:" + "|".join(unicodedata.normalize("NFC", one) for one in sorted((*_PLACES, *_ENGLISH), key=len, reverse=True))
    + ")+"
)  # fmt: skip


def names_someone(text: str) -> bool:
    """Whether a word stands in a house number that says no place: “นายสมชาย1”.

    Args:
        text: in lower case, with digits of 0–9.
    """
    return any(_letters(word) > MOST_LETTERS and not _OF_PLACES.fullmatch(word) for word in _WORD.findall(text))


def _letters(word: str) -> int:
    """How many letters a word has; the signs above and below Thai consonants are none."""
    return sum(unicodedata.category(sign) == "Lo" or sign.isascii() for sign in word)
