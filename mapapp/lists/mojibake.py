"""Letters that were read in the wrong encoding and saved so: Thai as “¨Ø´©Õ´”, “à¸ˆà¸¸à¸”” or “เธเธธเธ”.

Where no byte was lost the text comes back; where some were, what it was can still be told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Damaged:
    """A text that was read in the wrong encoding."""

    encoding: str
    """The one it was written in."""
    mended: str | None
    """As it was written; None where signs of it are lost."""


_THAI: Final = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]")
_HIGH: Final = re.compile("[\u0080-\u00ff\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")
_TWICE: Final = re.compile("(?:เธ|เน)[^\u0e01-\u0e2e]?")
"""How Thai letters of UTF-8 begin where their bytes are read as Thai of Windows."""

LEAST: Final = 4
"""Signs that look damaged: fewer may be a name with accents, or words that begin with เธ."""


def look(text: str) -> Damaged | None:
    """What became of a text, where it is damaged.

    A name with an accent (“Café Müller”) is none: of what is read another way nearly all must be Thai.
    """
    if text.isascii():
        return None
    high = len(_HIGH.findall(text))
    if high >= LEAST and high * 2 > len(text.replace(" ", "")) and not _THAI.search(text):
        for encoding in ("utf-8", "cp874"):
            made = _read_as(text, "cp1252", encoding)
            if made is not None and _is_thai(made):
                return Damaged(encoding, made)
        return Damaged("utf-8", None) if text.count("à¸") + text.count("à¹") >= LEAST else None
    twice = _TWICE.findall(text)
    if len(twice) >= LEAST and sum(map(len, twice)) * 3 > 2 * len(text.replace(" ", "")):
        made = _read_as(text, "cp874", "utf-8")
        return Damaged("utf-8", made if made is not None and _is_thai(made) else None)
    return None


def _is_thai(text: str) -> bool:
    return len(_THAI.findall(text)) * 3 > 2 * len(re.sub(r"[\s\x00-\x7f]", "", text)) > 0


def _read_as(text: str, wrong: str, right: str) -> str | None:
    """The text with its bytes, as ``wrong`` wrote them, read as ``right``. Bytes that ``wrong`` has no letter for come
    through as control characters, as browsers and spreadsheets leave them."""
    made = bytearray()
    for sign in text:
        try:
            made += sign.encode(wrong)
        except UnicodeError:
            if ord(sign) > 0xFF:
                return None
            made.append(ord(sign))
    try:
        return made.decode(right)
    except UnicodeError:
        return None
