"""What a list says of province, amphoe and tambon, beside where its points lie. Contradictions are told, not decided:
either the point or the name may be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.names import area_spellings, normalise
from mapapp.core.errors import N_, FieldProblem, Message

LEVELS: Final = {"tambon": 6, "amphoe": 4, "province": 2}
"""Columns of places, and the digits of their codes; the smallest area first."""

_WORDS: Final = {
    "tambon": ("ตำบล", "แขวง", "ต.", "tambon", "subdistrict"),
    "amphoe": ("กิ่งอำเภอ", "อำเภอ", "เขต", "อ.", "amphoe", "district"),
    "province": ("จังหวัด", "จ.", "changwat", "province"),
}

_SAYS: Final = {
    "tambon": N_("The list says tambon %(said)s, the location is in tambon %(lies)s. Check which is right."),
    "amphoe": N_("The list says amphoe %(said)s, the location is in amphoe %(lies)s. Check which is right."),
    "province": N_("The list says province %(said)s, the location is in province %(lies)s. Check which is right."),
}


def contradictions(
    session: Session,
    said: Mapping[int, Mapping[str, str]],
    lies: Iterable[tuple[int, str | None]],
    columns: Mapping[str, str],
) -> list[FieldProblem]:
    """What does not agree, one problem for a row: of the largest area that differs.

    Args:
        session: where the areas are.
        said: by row, what it says of each level.
        lies: rows and the tambons their points lie in; None: in none that is known.
        columns: level → column of the list.
    """
    placed = [(number, code) for number, code in lies if code is not None and said.get(number)]
    known = areas.with_parents(session, {code for _number, code in placed})
    spelled: dict[str, set[str]] = {}
    found = []
    for number, code in placed:
        for level, digits in reversed(LEVELS.items()):
            area = known.get(code[:digits])
            text = said[number].get(level, "")
            if area is None or not text:
                continue
            if area.code not in spelled:
                spelled[area.code] = area_spellings(area.code, (area.name_th, area.name_en))
            if not _means(text, level, spelled[area.code]):
                message = Message(_SAYS[level], {"said": text[:60], "lies": area.name_th})
                found.append(FieldProblem("", message, number, columns.get(level, "")))
                break
    return found


def _means(text: str, level: str, spellings: set[str]) -> bool:
    whole = normalise(text)
    bare = [whole.removeprefix(normalise(word)) for word in _WORDS[level] if whole.startswith(normalise(word))]
    return bool({whole, *bare} & spellings)
