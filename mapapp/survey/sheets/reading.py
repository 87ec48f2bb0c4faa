"""Reads a list of survey records: from which sheets, what each row says, what is wrong by row and column."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from mapapp.core.dates import parse_moment
from mapapp.core.errors import N_, FieldProblem, Invalid, Message, invalid, message_of
from mapapp.core.fields import arabic_digits, one_line, problems_of
from mapapp.lists import tables, workbooks
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.groups import CODES, FIELDS, PARTS
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets.columns import HELP, MARK, Headings, plain

MOST_ROWS: Final = 20_000

_CODE: Final = re.compile(r"(?<!\d)\d{8}(?!\d)")
_NUMBER: Final = re.compile(r"(?:หมู่(?:ที่)?|ม\.|moo|village)\s*(\d{1,2})(?!\d)")
_BARE: Final = re.compile(r"(?:(?:หมู่(?:ที่)?|ม\.)\s*)?(\d{1,2})(?:\.0)?")
_TAMBON: Final = re.compile(r"^(?:ตำบล|แขวง|ต\.)\s*")
_VILLAGE: Final = re.compile(r"^(?:หมู่บ้าน|บ้าน|บ\.)\s*")

Places = Mapping[str, str]
"""Plain name of a tambon of the area → its code; of a village, after its tambon's code, → its code."""


@dataclass
class Line:
    """One row as it was read."""

    sheet: str
    number: int
    entry: EntryIn | None = None
    instance: uuid.UUID | None = None
    """The key under which another tool knows it."""
    problems: list[FieldProblem] = field(default_factory=list)
    village: str = ""
    household: str = ""


@dataclass
class Listing:
    """A list of records as it was read."""

    lines: list[Line] = field(default_factory=list)
    remarks: list[tuple[str, Message]] = field(default_factory=list)
    """Sheet, and what is said of rows that are no data."""
    headers: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    """What is said → the column that says it; of the first sheet with a list."""
    ignored: list[str] = field(default_factory=list)
    empty: int = 0
    """Rows in which no figure stands: villages that nobody has filled in."""

    @property
    def misses(self) -> bool:
        """Whether no column says where, or none how many."""
        where = {"village", "number", "name"} & self.columns.keys()
        return not where or not any(name.partition("_")[0] in CODES for name in self.columns)


def read(data: bytes, found: Round, places: Places, chosen: Mapping[str, str] | None, now: datetime) -> Listing:
    """Reads every sheet that people see and that heads such a list.

    Args:
        data: the file.
        found: the round that it is for.
        places: names of the tambons and villages it may speak of.
        chosen: columns that a person has named (what is said → header), which go before what headings say.
        now: the time of observation where none is said.

    Raises:
        Invalid: it cannot be read, or is of another survey.
    """
    headings = Headings()
    made = Listing()
    version = found.version
    names: list[str | None] = [None]
    source: bytes | workbooks.Book = data
    if tables.is_workbook(data):
        source = workbooks.Book(data, tables.MAX_COLUMNS)
        version = _version(source, found)
        names = [one for one in source.visible if one != HELP]
    refused: Invalid | None = None
    for name in names:
        try:
            table = tables.read_bytes(
                source,
                how=tables.How(sheet=name),
                is_heading=lambda cells: headings.is_heading(cells) or _is_chosen(cells, chosen),
                most=MOST_ROWS,
            )
        except Invalid as error:
            refused = refused or error
            continue
        _add(made, table, headings, chosen, _Reading(found, version, places, now))
        if len(made.lines) + made.empty > MOST_ROWS:  # before the next sheet is read
            raise tables.too_long(MOST_ROWS)
    if not made.headers:
        raise refused or workbooks.unreadable()
    return made


def _is_chosen(cells: Any, chosen: Mapping[str, str] | None) -> bool:
    return chosen is not None and len(set(chosen.values()) & set(cells)) >= 2


def _version(book: workbooks.Book, found: Round) -> int:
    """The version of the questions that the workbook was made with.

    Raises:
        Invalid: it was made for another survey.
    """
    if MARK not in book.names:
        return found.version
    lines = book.sheet(MARK).lines
    mark = lines[0][1] if lines else []
    if len(mark) < 3 or not isinstance(mark[1], int) or not isinstance(mark[2], int):
        return found.version
    if mark[1] != found.id:
        raise invalid("file", N_("This workbook was made for another survey. Download the workbook of this one."))
    return mark[2]


def _add(
    made: Listing, table: tables.Table, headings: Headings, chosen: Mapping[str, str] | None, reading: _Reading
) -> None:
    columns = {name: column for name, column in (chosen or {}).items() if column in table.headers}
    for name, column in headings.columns(table.headers, table.paths).items():
        if chosen is None and name not in columns and column not in columns.values():
            columns[name] = column
    one = Listing(headers=table.headers, columns=columns)
    if made.headers and one.misses:
        return
    if not made.headers or made.misses:
        made.headers, made.columns = table.headers, columns
        made.ignored = [name for name in table.headers if name and name not in columns.values()]
    made.remarks += [(table.sheet or "", remark) for remark in table.remarks]
    if one.misses:
        return
    for number, cells in table.rows:
        said = {name: cells.get(column) for name, column in columns.items()}
        if all(_blank(cell) for name, cell in said.items() if name.partition("_")[0] in CODES):
            made.empty += 1
            continue
        made.lines.append(reading.line(table.sheet or "", number, said, columns))


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _words(cell: Any) -> str:
    return "" if cell is None else arabic_digits(str(one_line(str(cell)))).strip()


class _Reading:
    """Reads the rows of one list."""

    def __init__(self, found: Round, version: int, places: Places, now: datetime) -> None:
        self.round, self.version, self.places, self.now = found, version, places, now

    def line(self, sheet: str, number: int, said: Mapping[str, Any], columns: Mapping[str, str]) -> Line:
        """One row, with all that is wrong with it."""
        line = Line(sheet, number)

        def wrong(name: str, message: Message) -> None:
            line.problems.append(FieldProblem(name, message, number, columns.get(name, "")))

        for name, cell in said.items():
            if isinstance(cell, tables.Unusable):
                wrong(name, Message(_UNUSABLE[cell.what], {"cell": cell.cell}))
        if line.problems:
            return line
        household, whole = _words(said.get("household")), self._is_whole(said)
        line.household = household[:40]
        village = self._village(said)
        if village is None:
            wrong("village" if "village" in columns else "number", Message(_NO_VILLAGE))
        if not household and not whole:
            wrong("household", Message(N_("Enter the house number.")))
        line.village = village or ""
        observed = self._observed(said, wrong)
        entry = {
            "round": self.round.id, "village": village or "00000000", "version": self.version, "groups": _groups(said),
            "household": None if whole else household or "1", "observed_at": observed,
        }  # fmt: skip
        try:
            line.entry = EntryIn.model_validate(entry)
        except ValidationError as error:
            for problem in problems_of(error):
                parts = problem.field.split(".")
                name = "_".join(parts[1:3]) if parts[0] == "groups" else parts[0]
                wrong(name if name in columns else f"{name}_here", problem.message)
        if line.problems:
            line.entry = None
        if instance := _words(said.get("instance")):
            line.instance = uuid.uuid5(_NAMESPACE, f"{self.round.id} {instance.removeprefix('uuid:')}")
        return line

    @staticmethod
    def _is_whole(said: Mapping[str, Any]) -> bool:
        if "household" not in said:
            return True
        return plain(_words(said.get("unit"))) in ("village", "ทั้งหมู่บ้าน") and _blank(said.get("household"))

    def _village(self, said: Mapping[str, Any]) -> str | None:
        """The village's code: as it stands there, or by the tambon and the number or the name."""
        words = _words(said.get("village"))
        if (found := _CODE.search(words)) is not None:
            return found[0]
        tambon = self._tambon(said)
        number = _BARE.fullmatch(_words(said.get("number"))) or _NUMBER.search(
            " ".join((words, _words(said.get("name")))).casefold()
        )
        if tambon is not None and number is not None:
            return f"{tambon}{int(number[1]):02}"
        for name in (words, _words(said.get("name"))):
            called = plain(_VILLAGE.sub("", name))
            if called and (code := self.places.get(f"{tambon or ''}{called}")) is not None:
                return code
        return None

    def _tambon(self, said: Mapping[str, Any]) -> str | None:
        words = _words(said.get("tambon"))
        if re.fullmatch(r"\d{6}", words):
            return words
        found = self.places.get(plain(words)) or self.places.get(plain(_TAMBON.sub("", words)))
        return found if found is not None and len(found) == 6 else None

    def _observed(self, said: Mapping[str, Any], wrong: Any) -> datetime | None:
        cell = said.get("observed_at")
        if _blank(cell):
            return self.now
        try:
            found = parse_moment(_stamp(cell))
        except PydanticCustomError as error:
            wrong("observed_at", message_of(error))
            return None
        if found > self.now:
            wrong("observed_at", Message(N_("This day is in the future. Check the date.")))
        return found


_NAMESPACE: Final = uuid.UUID("6a1f2b0c-7d43-5a5e-9c55-0d5a2f5b7c11")
_NO_VILLAGE: Final = N_("The village is not recognised. Enter its 8-digit code, or the tambon and the village number.")
_UNUSABLE: Final = {
    "formula": N_("Cell %(cell)s is a formula. Copy the column, paste it as values, and save again."),
    "error": N_("Cell %(cell)s contains an error. Correct it in the spreadsheet."),
}


def _stamp(cell: Any) -> Any:
    """A time as Google writes it in Thai (“28/11/2026, 9:05:00”) or as ODK does."""
    if not isinstance(cell, str):
        return cell
    words = arabic_digits(cell).strip()
    return re.sub(r"^(\d{1,2}/\d{1,2}/\d{4}),? +(\d{1,2}:\d{2}):\d{2}$", r"\1 \2", words)


def _groups(said: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of each group that something stands of; how many live there may be left out, doses say it too."""
    made: dict[str, Any] = {}
    for code in CODES:
        given = {name: _figure(cell) for name in FIELDS if not _blank(cell := said.get(f"{code}_{name}"))}
        if not given:
            continue
        if "here" not in given:
            numbers = [given.get(name, 0) for name in PARTS]
            given["here"] = sum(one for one in numbers if isinstance(one, int))
        made[code] = given
    return made


def _figure(cell: Any) -> Any:
    """A number of a cell: “๑๒”, “12 คน” and 12.0 are 12."""
    if isinstance(cell, str):
        words = re.sub(r"\s*(คน|ราย)$", "", arabic_digits(cell).strip())
        words = re.sub(r"(?<=\d),(?=\d{3}$)", "", re.sub(r"\.0$", "", words))
        if words in ("-", "–"):
            return 0
        return int(words) if words.isascii() and words.isdigit() and len(words) < 9 else words
    return cell
