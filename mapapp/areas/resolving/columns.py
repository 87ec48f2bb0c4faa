"""A place in several columns of a list: ตำบล, อำเภอ, จังหวัด."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_MARKS: Final = (("tambon", "ต."), ("amphoe", "อ."), ("province", "จ."))
_LEVEL_WORD: Final = re.compile(r"\s*(?:ตำบล|แขวง|อำเภอ|เขต|จังหวัด|ต\.|อ\.|จ\.)\s*")


def line_of(columns: Mapping[str, str]) -> str:
    """One line of the cells, each with the word for the level that its column says. Others are passed over."""
    return " ".join(f"{mark}{_bare(columns[level])}" for level, mark in _MARKS if columns.get(level))


def _bare(name: str) -> str:
    word = _LEVEL_WORD.match(name)
    return name[word.end() :] if word else name
