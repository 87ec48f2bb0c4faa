"""Reads the export of an old form: a row for each area, or several of which one counts; a column for each figure.

What a column says is guessed from its heading, and a person names what was not recognised. Places are matched by code
or by exact name only: a comparison with the wrong area would be worse than none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from mapapp.areas.resolving.columns import line_of
from mapapp.areas.resolving.register import Register
from mapapp.areas.resolving.resolver import resolve
from mapapp.areas.resolving.results import Wanted
from mapapp.core import thai_text
from mapapp.core.errors import N_, Message, invalid
from mapapp.core.fields import arabic_digits
from mapapp.lists import tables
from mapapp.survey.sheets.columns import plain

MOST_ROWS: Final = 20_000
MOST_VALUE: Final = 10**12

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "code": ("รหัสพื้นที่", "รหัสตำบล", "รหัสอำเภอ", "รหัส", "area code", "code", "pcode", "adm3_pcode", "adm2_pcode"),
    "tambon": ("ตำบล", "แขวง", "ตำบล/แขวง", "tambon", "subdistrict"),
    "amphoe": ("อำเภอ", "เขต", "อำเภอ/เขต", "amphoe", "district"),
    "province": ("จังหวัด", "province"),
}
"""Which area a row is about → what lists call it."""

_LEVELS: Final = frozenset({"province", "amphoe", "tambon"})
_LONGEST: Final = 40
"""Signs of a number; one of thousands of digits is none."""

_CODE: Final = re.compile(r"(?:TH)?(\d{2}|\d{4}|\d{6})", re.IGNORECASE)
_PLAIN: Final = {plain(word): name for name, words in PLACES.items() for word in words}

Words = Mapping[str, Iterable[str]]
"""What a column can say of figures → what it may be called."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row, or a cell of it, that was not read, and why."""

    row: int
    column: str
    message: Message


@dataclass
class Export:
    """An export as it was read."""

    headers: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    """What is said → the column that says it."""
    figures: dict[str, dict[str, int]] = field(default_factory=dict)
    """Area → what is said → the figure."""
    skipped: list[Skipped] = field(default_factory=list)
    repeated: int = 0
    """Rows of areas that have another row, too."""

    @property
    def misses(self) -> bool:
        """Whether no column says where, or none how many."""
        return not PLACES.keys() & self.columns.keys() or not self.columns.keys() - PLACES.keys()

    @property
    def digest(self) -> str:
        """What its headings are known by again."""
        return hashlib.sha256("\n".join(self.headers).encode("utf-8", "replace")).hexdigest()


def read(
    session: Session,
    data: bytes,
    register: Register,
    words: Words,
    *,
    chosen: Mapping[str, str] | None = None,
    adding: bool = False,
    only_heads: bool = False,
) -> Export:
    """Reads the list.

    Args:
        data: a CSV or XLSX file.
        register: the areas that it may speak of.
        words: what figures are called; keys are kept as they are.
        chosen: columns that a person has named, instead of what the headings say.
        adding: several rows of an area are added up; otherwise the last one that says a figure counts.
        only_heads: its rows are not looked at.

    Raises:
        Invalid: it cannot be read.
    """
    known = {plain(word): name for name, named in words.items() for word in named} | _PLAIN
    table = tables.read_bytes(
        data, most=MOST_ROWS, is_heading=lambda cells: _heads(cells, known, set((chosen or {}).values()))
    )
    made = Export(headers=[name for name in table.headers if name])
    made.columns = (
        {name: column for name, column in chosen.items() if column in table.headers}
        if chosen is not None
        else _guessed(table, known)
    )
    if made.misses or only_heads:
        return made
    for number, cells in table.rows:
        _row(
            session, made, number, {name: cells.get(column) for name, column in made.columns.items()}, register, adding
        )
    if not made.figures and not made.skipped:
        raise invalid("file", N_("This list has no figures below its headings."))
    return made


def _heads(cells: Sequence[str], known: Mapping[str, str], chosen: set[str]) -> bool:
    """Whether these cells head the columns: one says where, and there are others."""
    filled = [cell for cell in cells if cell]
    return len(filled) >= 2 and (bool(chosen & set(filled)) or any(plain(cell) in _PLAIN for cell in filled))


def _guessed(table: tables.Table, known: Mapping[str, str]) -> dict[str, str]:
    """Of two columns for the same the first stands."""
    found: dict[str, str] = {}
    for header in table.headers:
        path = table.paths.get(header, (header,))
        said = (
            known.get(plain(header)) or known.get(plain(" ".join(path))) or known.get(plain(path[-1] if path else ""))
        )
        if said is not None and header:
            found.setdefault(said, header)
    return found


def _row(
    session: Session, made: Export, number: int, said: Mapping[str, Any], register: Register, adding: bool
) -> None:
    figures = {name: cell for name, cell in said.items() if name not in PLACES and not _blank(cell)}
    if not figures:
        return
    code, problem = _area(session, said, register)
    if code is None:
        where = next(name for name in (*PLACES,) if name in made.columns)
        made.skipped.append(Skipped(number, made.columns[where], problem))
        return
    before = made.figures.get(code)
    made.repeated += before is not None
    kept = made.figures.setdefault(code, {})
    for name, cell in figures.items():
        value = _number(cell)
        if value is None:
            made.skipped.append(Skipped(number, made.columns[name], Message(_NO_NUMBER)))
        else:
            kept[name] = kept.get(name, 0) + value if adding else value


_NO_AREA: Final = N_("The area is not recognised. Enter its code, or tambon, amphoe and province.")
_SEVERAL: Final = N_("Several areas have this name. Enter the code, or add amphoe and province.")
_OUTSIDE: Final = N_("This area is not in the area of this upload.")
_NO_NUMBER: Final = N_("This is not a whole number.")


def _area(session: Session, said: Mapping[str, Any], register: Register) -> tuple[str | None, Message]:
    typed = {name: _words(said.get(name)) for name in PLACES}
    if (code := _CODE.fullmatch(re.sub(r"\.0$", "", typed["code"]))) is not None:
        return (code[1], Message("")) if code[1] in register.inside else (None, Message(_OUTSIDE))
    line = typed["code"] or line_of({name: typed[name] for name in ("tambon", "amphoe", "province")})
    if not register.called(line):
        return None, Message(_NO_AREA)
    # The narrowest column decides: with a tambon beside it, the name of an amphoe only tells it apart.
    narrow = next((name for name in ("tambon", "amphoe", "province") if typed[name]), None)
    levels = frozenset({narrow}) if narrow and not typed["code"] else _LEVELS
    found = resolve(session, line, Wanted(levels, register))  # type: ignore[arg-type]
    if found.place is not None:
        return found.place.code, Message("")
    return None, Message(_SEVERAL if found.choices else _NO_AREA)


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _words(cell: Any) -> str:
    """A cell in one line; none of its signs makes the list unreadable, damaged ones just name no area."""
    return "" if cell is None else " ".join(arabic_digits(thai_text.normal(str(cell))).split())


def _number(cell: Any) -> int | None:
    """A number of a cell: “๑๒”, “1,234 คน”, 12.0. None: it is none."""
    if isinstance(cell, (bool, tables.Unusable)):
        return None
    if isinstance(cell, (int, float)):
        return int(cell) if 0 <= cell <= MOST_VALUE and cell == int(cell) else None
    words = re.sub(r"\s*(คน|ราย|แห่ง|หมู่บ้าน|รายการ)$", "", _words(cell))
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.0+)?|\d+(\.0+)?", words) is None or len(words) > _LONGEST:
        return None
    number = int(words.replace(",", "").partition(".")[0])
    return number if number <= MOST_VALUE else None
