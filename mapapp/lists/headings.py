"""The headings of a list as people build them: in several rows, merged across columns, under titles; and what a row of
totals looks like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from mapapp.lists.workbooks import Merge

Line = tuple[int, list[Any]]

MOST_LEVELS = 4
"""Rows of headings, one above the other."""

_PLACE = r"(ตำบล|อำเภอ|จังหวัด|แขวง|เขต|หมู่บ้าน|หมู่(ที่)?|ต\.|อ\.|จ\.|ม\.)"
_TOTAL = re.compile(
    rf"(ยอด|ผล)?รวม((ทั้ง|ยอด)(สิ้น|หมด|ปวง|ตำบล|อำเภอ|จังหวัด|ประเทศ|หมู่บ้าน))*\s*({_PLACE}.*|[\d๐-๙,.]+\s*"
    r"(แห่ง|รายการ|คน|หมู่บ้าน|หลัง|ครัวเรือน|ราย|เตียง))?\s*:?"
    r"|((grand|sub)[ -]?)?totals?\s*:?|sum\s*:?",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\(?\s*(ลงชื่อ|ลงนาม|ผู้รายงาน|ผู้จัดทำ|ผู้รับรอง|หมายเหตุ|ที่มา|[._…]{5})[^\r\n]*", re.IGNORECASE)
_NUMBER = re.compile(r"[\s\d๐-๙.,+-]+")


def text(cell: Any) -> str:
    """A cell as the words of a heading: in one line."""
    return "" if cell is None else " ".join(str(cell).split())


def is_total(cells: Sequence[Any]) -> bool:
    """Whether a row sums up others: its first words say so. A place named รวมไทย is none."""
    first = next((said for said in map(text, cells) if said), "")
    return _TOTAL.fullmatch(first) is not None


def no_data(cells: Sequence[Any]) -> Literal["total", "note"] | None:
    """Why a row is none of the list's: it sums up others, or is a line under them, alone in its row."""
    if is_total(cells):
        return "total"
    said = [one for one in map(text, cells) if one]
    return "note" if len(said) == 1 and _NOTE.fullmatch(said[0]) else None


def block(top: Sequence[Line], head: int, merges: Sequence[Merge]) -> tuple[int, int]:
    """Which of the first filled rows are headings, given one of them: first and last, as places in ``top``.

    Rows belong together where a heading is merged over both; below one that is merged across columns, or that stands
    over unnamed ones, comes a row that names them.
    """
    first = last = head
    rows = {number: at for at, (number, _cells) in enumerate(top)}
    for _again in range(MOST_LEVELS):
        span = (top[first][0], top[last][0])
        tall = [one for one in merges if one[2] > one[0] and one[0] <= span[1] and one[2] >= span[0]]
        ends = [rows[number] for one in tall for number in range(one[0], min(one[2], one[0] + MOST_LEVELS) + 1)
                if number in rows]  # fmt: skip
        wider = (min([first, *ends]), max([last, *ends]))
        if wider == (first, last):
            break
        first, last = wider
    while last + 1 < len(top) and last - first + 1 < MOST_LEVELS and _names_below(top, last, merges):
        last += 1
    return first, min(last, first + MOST_LEVELS - 1)


def _names_below(top: Sequence[Line], at: int, merges: Sequence[Merge]) -> bool:
    """Whether the row below names the columns that a heading of this row stands over."""
    (number, head), (below_number, below) = top[at], top[at + 1]
    said = [text(cell) for cell in below]
    if below_number != number + 1 or any(_NUMBER.fullmatch(one) for one in said if one):
        return False
    wide = [one for one in merges if one[0] <= number <= one[2] and one[3] > one[1]]
    if wide:
        under = {column for one in wide for column in range(one[1], min(one[3], len(said)) + 1)}
        filled = {column for column, one in enumerate(said, start=1) if one}
        return bool(filled) and filled <= under and len(filled) > 1
    heads = [text(cell) for cell in head] + [""] * (len(below) - len(head))
    return _is_run(heads, said)


def _is_run(heads: Sequence[str], said: Sequence[str]) -> bool:
    """The same where merges were lost, as in CSV: names stand exactly in runs of one heading and empty cells."""
    named, inside, alone = False, False, False
    for column, one in enumerate(said):
        if heads[column]:
            following = column + 1 < len(said) and not heads[column + 1] and said[column + 1]
            inside = bool(one and following)
            if one and not inside:
                return False
            alone = alone or not one
            named = named or inside
        elif one and not inside:
            return False
    return named and alone


def levels(rows: Sequence[Line], merges: Sequence[Merge]) -> list[tuple[str, ...]]:
    """The headings above each column, from the top one on, each as often as it is merged across columns."""
    width = max((len(cells) for _number, cells in rows), default=0)
    width = max([width, *(one[3] for one in merges if any(one[0] <= number <= one[2] for number, _ in rows))])
    width = min(width, max((len(cells) for _number, cells in rows), default=0) + 200)
    grid: list[list[str]] = []
    for at, (number, cells) in enumerate(rows):
        line = [text(cell) for cell in cells] + [""] * (width - len(cells))
        if at < len(rows) - 1:
            wide = [one for one in merges if one[0] <= number <= one[2] and one[3] > one[1]]
            for one in wide:
                line[one[1] - 1 : one[3]] = [line[one[1] - 1]] * (min(one[3], width) - one[1] + 1)
            if not merges:
                below = [text(cell) for cell in rows[at + 1][1]]
                for column in range(1, min(width, len(below))):
                    if not line[column] and below[column]:
                        line[column] = line[column - 1]
        grid.append(line)
    columns = [tuple(part for part in (line[column] for line in grid) if part) for column in range(width)]
    while columns and not columns[-1]:
        columns.pop()
    return columns


def names(columns: Sequence[tuple[str, ...]]) -> list[str]:
    """A name for each column: its lowest heading, with those above it where two columns would have the same."""
    lowest = [column[-1] if column else "" for column in columns]
    return [
        " ".join(column) if column and len(column) > 1 and lowest.count(column[-1]) > 1 else low
        for column, low in zip(columns, lowest, strict=True)
    ]
