"""Text as people meant it: the letters of Thai and Lao in the order and the form in which they are compared.

Word processors, PDFs and old fonts write the same word in several ways that look alike. Unicode's normal form joins
few of them: ำ stays two signs (น้ํา), เเ stays two vowels, a mark of a font's own stays a mark of nothing. What is
written here in one form is found, compared and joined as the word it is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LOW: Final = "\u0e48\u0e49\u0e4a\u0e4b\u0e4c"
"""Tone marks and thanthakhat."""

_OF_FONTS: Final = dict(
    zip(
        range(0xF700, 0xF71B),
        f"\u0e10\u0e34\u0e35\u0e36\u0e37{_LOW}{_LOW}\u0e0d\u0e31\u0e4d\u0e47{_LOW}\u0e38\u0e39\u0e3a",
        strict=True,
    )
)
"""Glyphs that Thai fonts of Windows keep for marks moved left or down, as PDFs copy them (U+F700 to U+F71A)."""

_UNSEEN: Final = re.compile("[\u00ad\u061c\u2060-\u2064\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]")
"""Signs without a shape: soft hyphens, directions, byte order marks."""

_JOINS: Final = "[\u200b-\u200d]"
_NEED_JOINS: Final = "\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_JOIN: Final = re.compile(f"(?<![{_NEED_JOINS}]){_JOINS}+(?![{_NEED_JOINS}])")
"""Joiners and spaces of no width, but where Burmese, Khmer and pictures are made with them."""

_BLANK: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")

_TONES: Final = "\u0e48-\u0e4b"
_STEPS: Final = (
    # A vowel above or below stands before the tone mark.
    (re.compile("([\u0e48-\u0e4c])([\u0e31\u0e34-\u0e3a\u0e47])"), r"\2\1"),
    # Nikhahit and า are ำ, with the tone mark before it wherever it was typed.
    (re.compile(f"([{_TONES}]?)\u0e4d([{_TONES}]?)\u0e32"), "\\1\\2\u0e33"),
    (re.compile(f"\u0e33([{_TONES}])"), "\\1\u0e33"),
    (re.compile("\u0e40\u0e40"), "\u0e41"),
    (re.compile("([\u0ec8-\u0ecb]?)\u0ecd([\u0ec8-\u0ecb]?)\u0eb2"), "\\1\\2\u0eb3"),
    (re.compile("\u0ec0\u0ec0"), "\u0ec1"),
)  # fmt: skip


_ODD: Final = re.compile(
    "[\u00a0\u00ad\u061c\u0e4d\u0ecd\u1680\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\uf700-\uf71a\ufeff\ufff9-\ufffb]"
    "|[\u0e48-\u0e4c][\u0e31\u0e34-\u0e3a\u0e47]|\u0e33[\u0e48-\u0e4b]|\u0e40\u0e40|\u0ec0\u0ec0"
)
"""Whether anything is to be done at all: nearly never, in lists of a hundred thousand cells."""


def normal(text: str) -> str:
    """The text composed (NFC), its Thai and Lao letters in one order, without signs that no one sees.

    Nothing that is seen is lost: words keep their tone marks, blanks stay blanks.
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if _ODD.search(text) is None:
        return text
    text = text.translate(_OF_FONTS)
    text = _BLANK.sub(" ", _JOIN.sub("", _UNSEEN.sub("", text)))
    for pattern, made in _STEPS:
        text = pattern.sub(made, text)
    return text
