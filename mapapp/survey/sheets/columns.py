"""What the columns of a list of survey records are called: in our own workbook, by ODK and Kobo, by people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mapapp.core.fields import arabic_digits
from mapapp.survey.groups import CODES, FIELDS, GROUPS

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "village": ("รหัสหมู่บ้าน", "village", "village code", "หมู่บ้าน (รหัส)"),
    "tambon": ("ตำบล", "แขวง", "tambon", "รหัสตำบล", "subdistrict"),
    "number": ("หมู่ที่", "หมู่", "ม.", "moo", "village number"),
    "name": ("หมู่บ้าน", "ชื่อหมู่บ้าน", "village name"),
    "household": ("บ้านเลขที่", "เลขที่บ้าน", "house number", "household", "house no."),
    "unit": ("บันทึกแบบ", "unit"),
    "observed_at": ("วันที่ไปเยี่ยม", "วันที่สำรวจ", "ประทับเวลา", "timestamp", "visited_on", "date of visit", "end"),
    "instance": ("instanceid", "meta/instanceID", "meta-instanceID", "_uuid", "KEY"),
    "version": ("__version__", "version"),
}
"""What a row says beside its figures → what lists call it. The first one is used in our workbook."""

MARK: Final = "mapapp"
"""Name of the workbook's sheet that nobody sees: of which survey and version of the questions it is."""

HELP: Final = "วิธีกรอก"
"""Name of the sheet that explains the others."""

GROUP_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "bedridden": ("ผู้ป่วยติดเตียง", "ติดเตียง"),
    "migrant": ("แรงงานต่างด้าวและครอบครัว", "แรงงานต่างด้าว", "ต่างด้าว"),
    "elderly": ("ผู้สูงอายุ", "ผู้สูงอายุ 60 ปีขึ้นไป", "60 ปีขึ้นไป"),
    "adult": ("ประชาชนทั่วไป", "ประชาชนทั่วไป 19-59 ปี", "19-59 ปี"),
    "student": ("นักเรียน นักศึกษา", "นักเรียน", "นักเรียน/นักศึกษา", "นักเรียน นักศึกษา 12-18 ปี", "12-18 ปี"),
    "child": ("เด็ก", "เด็ก 5-11 ปี", "5-11 ปี"),
}
FIELD_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "here": ("อยู่จริง", "อยู่จริงขณะนี้", "จำนวนคน", "คนที่อยู่จริง", "จำนวน", "ทั้งหมด"),
    "none": ("ยังไม่ได้ฉีด", "ยังไม่ฉีด", "ไม่ได้ฉีด", "0 เข็ม"),
    "one": ("1 เข็ม", "เข็ม 1", "เข็มที่ 1"),
    "two": ("2 เข็ม", "เข็ม 2", "เข็มที่ 2"),
    "more": ("3 เข็มขึ้นไป", "3 เข็ม", "เข็ม 3 ขึ้นไป"),
    "unasked": ("ถามไม่ได้", "ไม่พบตัว"),
    "refusing": ("ไม่ประสงค์ฉีด", "ไม่ประสงค์", "ปฏิเสธ"),
}

_APART = re.compile(r"[\s_\-–—.,:;()/\\\"'“”]+")


def plain(words: str) -> str:
    """A heading to compare by: in one case and spelling, without what stands between its words."""
    return _APART.sub("", arabic_digits(unicodedata.normalize("NFKC", words)).casefold())


def _group_words() -> dict[str, str]:
    return {plain(one): group.code for group in GROUPS for one in (group.code, group.name, *GROUP_WORDS[group.code])}


def _field_words() -> dict[str, str]:
    return {plain(one): name for name, said in FIELDS.items() for one in (name, said, *FIELD_WORDS[name])}


_PLACES: Final = {plain(one): name for name, words in PLACES.items() for one in words}


class Headings:
    """Which column says what."""

    def __init__(self) -> None:
        fields, self._groups = _field_words(), _group_words()
        self._figures = {g + f: f"{group}_{field}" for g, group in self._groups.items() for f, field in fields.items()}

    def of(self, path: Sequence[str]) -> str | None:
        """What a column says, by the headings above it: ``village``, ``elderly_two``; None: nothing to us.

        ODK writes the groups of a form before a name, “figures-elderly-two” or “figures/elderly/two”: only the last
        two count.
        """
        leaf = path[-1] if path else ""
        found = _PLACES.get(plain(leaf))
        if found is not None and len(path) == 1:
            return found
        parts = [one for one in re.split(r"[/\-]", leaf) if one]
        tried = [plain(leaf), plain(" ".join(path[-2:])), plain("".join(parts[-2:])), plain("".join(parts[-1:]))]
        for one in tried:
            if one in self._figures:
                return self._figures[one]
        return found or _PLACES.get(plain(parts[-1]) if parts else "")

    def is_heading(self, cells: Sequence[str]) -> bool:
        """Whether these cells head the columns of such a list: two of them at least say where, or one and a group."""
        where = {_PLACES[one] for one in map(plain, cells) if one in _PLACES}
        figures = sum(self.of((cell,)) is not None and plain(cell) not in _PLACES for cell in cells if cell)
        groups = sum(plain(cell) in self._groups for cell in cells)
        return bool(where) and len(where) + figures + groups >= 2

    def columns(self, headers: Iterable[str], paths: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """What is said → the column that says it. Of two columns for the same the first stands."""
        found: dict[str, str] = {}
        for header in headers:
            said = self.of(paths.get(header, (header,))) if header else None
            if said is not None:
                found.setdefault(said, header)
        return found


def every() -> tuple[str, ...]:
    """All that a column can say: places first, then each group's figures."""
    return (*PLACES, *(f"{code}_{name}" for code in CODES for name in FIELDS))
