"""What a place name sounds like, so that “Lumpoon” is Lamphun and “เชียงใหม” เชียงใหม่.

Latin script: the Royal Institute's system has no one way back, and people write what they hear in English spelling.
The letters that the systems in use differ in become one. Thai: tone marks, silenced letters and the letters that only
etymology tells apart go. Two names of one sound need not be one place; what is typed exactly comes before.
"""

from __future__ import annotations

import re
from typing import Final

SHORTEST: Final = 3
"""Letters of a sound; shorter ones meet too much."""

_LATIN: Final = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"tch|ch|sh|j", "c"),
        (r"([ptkbdg])h", r"\1"),
        (r"c(?=[kq])|[qx]", "k"),
        (r"z", "s"),
        (r"sr|ts", "s"),
        (r"v", "w"),
        (r"oo|ou|ue|eu", "u"),
        (r"ee|ea(?![u])", "i"),
        (r"ae|aa", "a"),
        (r"oe|eo", "e"),
        (r"ie", "ia"),
        (r"(?<=[aeiou])r(?![aeiou])", ""),
        (r"aw|au(?=[^aeiou])", "o"),
        (r"ow", "ao"),
        (r"y(?![aeiou])", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aeiou])l(?![aeiou])", "n"),
        (r"b(?![aeiourl])", "p"),
        (r"d(?![aeiour])", "t"),
        (r"(?<!n)g(?![aeiourl])", "k"),
        (r"(?<!n)g", "k"),
        (r"h(?![aeiou])", ""),
        (r"u(?=[mn][^aeiou])", "a"),
        (r"(?<=[^aeiou])e$", ""),
        (r"(.)\1+", r"\1"),
    )
)

_THAI: Final = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"[ก-ฮ][ิุ]?์", ""),
        (r"[็-๎]", ""),
        (r"ใ", "ไ"),
        (r"ไ([ก-ฮ])ย(?![ะ-ฺ])", r"ไ\1"),
        (r"รร(?=[ก-ฮ][ก-ฮเ-ไ]|[ก-ฮ]$)", "ะ"),
        (r"รร", "ะน"),
        (r"ั", "ะ"),
        (r"ฤ", "ริ"),
        (r"ณ", "น"),
        (r"[ศษ]", "ส"),
        (r"[ฎฏ]", "ต"),
        (r"[ฐ]", "ถ"),
        (r"[ฑฒธ]", "ท"),
        (r"ฌ", "ช"),
        (r"ญ(?=[ะ-ฺ])", "ย"),
        (r"ญ", "น"),
        (r"ฬ", "ล"),
        (r"ฆ", "ค"),
        (r"ฯ|ๆ", ""),
        (r"([ก-ฮ])\1+", r"\1"),
    )
)


def sound(name: str) -> str | None:
    """The sound of a normalised name (``names.normalise``); None where it is too short or a number."""
    made = name
    for pattern, becomes in _LATIN if name.isascii() else _THAI:
        made = pattern.sub(becomes, made)
    return made if len(made) >= SHORTEST and not made.isdigit() else None
