"""Opens workbooks as people make them (.xlsx, .xls, .ods): with what is merged, what is hidden, and what no value is.

``python-calamine`` reads the cells. What it does not tell – hidden rows, formulas, errors, merges of .ods – and how
large the sheet would become in memory is read from the sheet's own XML first.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from xml.parsers import expat

import python_calamine
from openpyxl.utils import get_column_letter

from mapapp.core.errors import N_, Invalid, invalid

MAX_UNPACKED = 300_000_000
MAX_CELLS = 8_000_000
"""Cells of the rectangle that holds a sheet's content, empty ones too: so much of it stands in memory."""

MAX_TEXT = 100_000_000
"""Letters of all its cells. A text that many cells share stands once in the file, and in each of them in memory."""

LEAST_CELL = 20
"""Bytes of the XML of a cell with a value, at least."""

MAX_MARKS = 500_000
"""Merges, formulas and the like: an honest list has a few for each row."""

MAX_HIDDEN = 100_000
"""Rows that are hidden at once: more are the empty ones below a list."""

OLE = b"\xd0\xcf\x11\xe0"
"""How an .xls begins, and a workbook with a password."""

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Kind = Literal["xlsx", "xls", "ods"]
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column; from 1."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that holds no value: a formula, or the error one ended in."""

    cell: str
    """As the spreadsheet names it, for example D2."""
    what: Literal["formula", "error"]
    text: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass
class Sheet:
    """One sheet: its rows by number, what is merged and which rows nobody sees."""

    name: str
    lines: list[tuple[int, list[Any]]]
    merges: list[Merge] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)


@dataclass
class _Seen:
    """What the XML of a sheet says beside its values."""

    rows: int = 0
    columns: int = 0
    hidden: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    unusable: dict[tuple[int, int], Unusable] = field(default_factory=dict)
    far: list[tuple[int, int]] = field(default_factory=list)
    """Where in the XML cells lie that are too far to the right to belong to a list."""
    text: int = 0
    """Letters of its cells, each as often as it is repeated. In .xlsx: of the texts that cells share."""

    def bounded(self) -> None:
        """Raises Invalid as soon as more was seen than an honest list has."""
        if len(self.merges) + len(self.unusable) + len(self.far) > MAX_MARKS or self.text > MAX_TEXT:
            raise too_large()


def kind_of(data: bytes) -> Kind | None:
    """Which kind of workbook it may be, by its first bytes; None: none at all."""
    if data.startswith(OLE):
        return "xls"
    if not data.startswith(b"PK"):
        return None
    return "ods" if data[30:200].find(_ODS.encode()) >= 0 else "xlsx"


def unreadable() -> Invalid:
    """What is said of a workbook that is damaged."""
    return invalid("", N_("This workbook cannot be read. Save it again as .xlsx, or as CSV."))


def too_large() -> Invalid:
    """What is said of a workbook that is a small file and would fill the memory."""
    return invalid("", N_("This workbook is too large when unpacked. Save only the sheet, as CSV."))


class Book:
    """An opened workbook. Sheets are read one by one."""

    def __init__(self, data: bytes, most_columns: int) -> None:
        """Raises: Invalid: it is damaged, has a password or macros, or unpacks to more than an honest list would."""
        kind = kind_of(data)
        assert kind is not None
        self.kind: Kind = kind
        self._data, self._most = data, most_columns
        if kind == "xls":
            _open_ole(data)
        else:
            _harmless(data, kind)
        # An .ods is unfolded whole as soon as it is opened, so it is measured before.
        self._tables = _ods_tables(data) if kind == "ods" else {}
        self._book = self._opened(data)
        found = [one for one in self._book.sheets_metadata if one.typ is python_calamine.SheetTypeEnum.WorkSheet]
        seen = [one.name for one in found if one.visible is python_calamine.SheetVisibleEnum.Visible]
        self.names = [one.name for one in found]
        """Of all its sheets, those nobody sees too."""
        self.visible = seen or self.names
        """Of the sheets that people see."""

    def sheet(self, name: str) -> Sheet:
        """One sheet, with what is merged and hidden in it.

        Raises:
            Invalid: it is damaged, or too large.
        """
        try:
            return self._read(name)
        except Invalid:
            raise
        except Exception:  # the parsers raise what they like: KeyError, ValueError, ExpatError, CalamineError …
            raise unreadable() from None

    def _read(self, name: str) -> Sheet:
        book, seen = self._book, _Seen()
        if self.kind == "ods":
            seen = self._tables[name]
        elif self.kind == "xlsx":
            with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
                member = _member(archive, name)
                content = archive.read(member)
                shared = _shared(archive)
            seen = _xlsx_seen(content, self._most, shared)
            _bounded(seen)
            if seen.far:
                book = self._opened(_without(self._data, member, content, seen.far))
        found = book.get_sheet_by_name(name)
        lines = list(_lines(found, seen, self._most))
        merges = seen.merges or [
            (first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1) for first, last in (found.merged_cell_ranges or [])
        ]
        return Sheet(name, lines, merges, seen.hidden)

    @staticmethod
    def _opened(data: bytes) -> python_calamine.CalamineWorkbook:
        try:
            return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        except python_calamine.PasswordError:
            raise _password() from None
        except Exception:
            raise unreadable() from None


def _bounded(seen: _Seen) -> None:
    if seen.rows * max(seen.columns, 1) > MAX_CELLS:
        raise too_large()


def _password() -> Invalid:
    return invalid("", N_("This workbook has a password. Take the password off and save it again."))


def _macros() -> Invalid:
    return invalid("", N_("This workbook has macros. Save it as .xlsx without them."))


def _open_ole(data: bytes) -> None:
    """Refuses what is no list: an .xlsx with a password is packed in the same way as an .xls."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise _password()
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise _macros()


def _harmless(data: bytes, kind: Kind) -> None:
    """Refuses macros and archives that unpack to more than an honest list would."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower() for entry in entries}
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked <= MAX_UNPACKED:
                for entry in entries:
                    _plain_xml(archive.read(entry) if entry.filename.lower().endswith((".xml", ".rels")) else b"")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        raise unreadable() from None
    if any("vbaproject" in name for name in names):
        raise _macros()
    if ("xl/workbook.xml" if kind == "xlsx" else "content.xml") not in names:
        raise invalid("", N_("This is neither a CSV, XLSX nor GeoJSON file."))
    # XML packs to a tenth; a hundredth is no list. The reader checks each entry's size against what it claims.
    if unpacked > MAX_UNPACKED or unpacked > 200 * len(data) or len(entries) > 1000:
        raise too_large()


def _plain_xml(data: bytes) -> None:
    """Refuses entities: no spreadsheet program writes a DOCTYPE, and with one a kilobyte may stand for gigabytes."""
    if any("<!DOCTYPE".encode(name) in data for name in ("ascii", "utf-16-le", "utf-16-be")):
        raise unreadable()


# Values -----------------------------------------------------------------------------------------------------------


def _lines(sheet: python_calamine.CalamineSheet, seen: _Seen, most: int) -> Iterator[tuple[int, list[Any]]]:
    left: list[Any] = [None] * (sheet.start[1] if sheet.start is not None else 0)
    unusable: dict[int, dict[int, Unusable]] = {}
    for (row, column), what in seen.unusable.items():
        unusable.setdefault(row, {})[column] = what
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values = left + [_value(cell) for cell in cells[: most + 1]]
        for column, what in unusable.get(number, {}).items():
            values += [None] * (column - len(values))
            values[column - 1] = what
        while values and values[-1] is None:
            values.pop()
        yield number, values


def _value(cell: Any) -> Any:
    """A cell's value: none where it is empty, whole numbers without “.0”, days as times."""
    if cell == "":
        return None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a cell knows no time zone
    return cell


# What .xlsx says --------------------------------------------------------------------------------------------------


def _member(archive: zipfile.ZipFile, name: str) -> str:
    """The file of a sheet in the archive."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "sheet":
            ids[given["name"]] = given[f"{_RELATION} id"]

    def relation(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "Relationship":
            targets[given["Id"]] = given["Target"]

    _parsed(archive.read("xl/workbook.xml"), sheet)
    _parsed(archive.read("xl/_rels/workbook.xml.rels"), relation)
    target = targets[ids[name]]
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _listen(parser: expat.XMLParserType, **handlers: Callable[..., None] | None) -> None:
    """Has these called by the parser, by the names it knows them under."""
    for name, handler in handlers.items():
        setattr(parser, name, handler)


def _parsed(
    content: bytes, start: Callable[[str, dict[str, str]], None], said: Callable[[str], None] | None = None
) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    _listen(parser, StartElementHandler=start, CharacterDataHandler=said)
    parser.Parse(content, True)


_SHARED = "xl/sharedstrings.xml"


def _shared(archive: zipfile.ZipFile) -> list[int]:
    """The lengths of the texts that cells name by number."""
    found = [name for name in archive.namelist() if name.replace("\\", "/").lstrip("/").lower() == _SHARED]
    if len(found) > 1:
        raise unreadable()
    lengths: list[int] = []

    def start(tag: str, _given: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "si":
            lengths.append(0)

    def said(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    parser = expat.ParserCreate()
    _listen(parser, StartElementHandler=start, CharacterDataHandler=said)
    for name in found:
        parser.Parse(archive.read(name), True)
    return lengths


class _Xlsx:
    """Reads a sheet's XML once: cells with a formula or an error, hidden rows, merges, the extent of its content."""

    def __init__(self, most: int, shared: list[int], size: int) -> None:
        self.seen, self.most, self.shared = _Seen(), most, shared
        self.longest = max(shared, default=0)
        self.counts = self.longest * size > MAX_TEXT * LEAST_CELL
        self.parser = expat.ParserCreate()
        _listen(self.parser, StartElementHandler=self.start, EndElementHandler=self.end)
        self.row = self.column = 0
        self.begins = -1
        self.is_error = self.has_formula = False
        self.is_shared = False
        self.wanted: Literal["formula", "error", "shared"] | None = None
        self.text = ""

    def start(self, tag: str, given: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self.cell(given)
            self.seen.bounded()
        elif tag in ("v", "is", "f") and self.begins < 0:
            self.seen.rows = max(self.seen.rows, self.row)
            self.seen.columns = max(self.seen.columns, self.column)
            if tag == "f" or (tag == "v" and self.is_error and not self.has_formula):
                self.has_formula = tag == "f"
                self.wanted, self.text = ("formula" if tag == "f" else "error"), ""
                _listen(self.parser, CharacterDataHandler=self.said)
            elif self.counts and self.is_shared and tag == "v":
                self.wanted, self.text = "shared", ""
                _listen(self.parser, CharacterDataHandler=self.said)
        elif tag == "row":
            self.row = int(given.get("r") or self.row + 1)
            self.column = 0
            if given.get("hidden") in ("1", "true"):
                self.seen.hidden.add(self.row)
        elif tag == "mergeCell":
            first, _, last = given["ref"].partition(":")
            (left, top), (right, bottom) = _place(first), _place(last or first)
            self.seen.merges.append((top, left, bottom, right))
            self.seen.bounded()

    def cell(self, given: dict[str, str]) -> None:
        self.column = _place(given["r"])[0] if "r" in given else self.column + 1
        self.is_error, self.is_shared, self.has_formula = given.get("t") == "e", given.get("t") == "s", False
        if self.column > self.most + 1:
            self.begins = self.parser.CurrentByteIndex

    def said(self, text: str) -> None:
        self.text += text

    def end(self, tag: str) -> None:
        if self.wanted is not None:
            if self.wanted == "shared":
                self.seen.text += self._length()
            else:
                what = Unusable(f"{get_column_letter(self.column)}{self.row}", self.wanted, self._as_typed())
                self.seen.unusable[self.row, self.column] = what
            self.wanted = None
            _listen(self.parser, CharacterDataHandler=None)
        if self.begins >= 0 and tag.rpartition(":")[2] == "c":
            self.seen.far.append((self.begins, self.parser.CurrentByteIndex))
            self.begins = -1

    def _length(self) -> int:
        number = self.text.strip()
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else len(self.shared)
        return self.shared[at] if at < len(self.shared) else self.longest

    def _as_typed(self) -> str:
        return f"={self.text}" if self.wanted == "formula" else self.text


def _place(reference: str) -> tuple[int, int]:
    """Column and row of “C12”."""
    found = _PLACE.fullmatch(reference.replace("$", ""))
    if found is None:
        raise unreadable()
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column, int(found[2])


def _xlsx_seen(content: bytes, most: int, shared: list[int]) -> _Seen:
    reader = _Xlsx(most, shared, len(content))
    reader.parser.Parse(content, True)
    return reader.seen


def _without(data: bytes, member: str, content: bytes, far: list[tuple[int, int]]) -> bytes:
    """The workbook without cells far to the right of its list: one of them would make every row thousands long."""
    kept, at = bytearray(), 0
    for begins, ends in far:
        kept += content[at:begins]
        is_empty = content.endswith(b"/>", begins, ends) and content.count(b">", begins, ends) == 1
        at = ends if is_empty else content.index(b">", ends) + 1
    kept += content[at:]
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, bytes(kept) if entry.filename == member else source.read(entry))
    return made.getvalue()


# What .ods says ---------------------------------------------------------------------------------------------------


class _Ods:
    """The same of every table of an OpenDocument."""

    def __init__(self) -> None:
        self.tables: dict[str, _Seen] = {}
        self.seen = _Seen()
        self.row = self.column = 0
        self.rows = self.cells = 1

    def start(self, tag: str, given: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        said = {name.rpartition(" ")[2]: value for name, value in given.items()}
        if tag == "table":
            self.seen = self.tables[said["name"]] = _Seen()
            self.row = 0
        elif tag == "table-row":
            self.row, self.column = self.row + self.rows if self.row else 1, 0
            self.rows, self.cells = int(said.get("number-rows-repeated") or 1), 1
            if said.get("visibility") in ("collapse", "filter"):
                self.seen.hidden.update(range(self.row, self.row + min(self.rows, MAX_HIDDEN)))
        elif tag in ("table-cell", "covered-table-cell"):
            self.column += self.cells if self.column else 1
            self.cells = int(said.get("number-columns-repeated") or 1)
            self.cell(said)

    def said(self, text: str) -> None:
        if text.strip():
            self.seen.text += len(text) * self.rows * self.cells
            self.seen.bounded()

    def cell(self, said: dict[str, str]) -> None:
        self.seen.text += len(said.get("string-value", "")) * self.rows * self.cells
        self.seen.bounded()
        if not ({"value-type", "formula"} & said.keys()):
            return
        self.seen.rows = max(self.seen.rows, self.row + self.rows - 1)
        self.seen.columns = max(self.seen.columns, self.column + self.cells - 1)
        rows, columns = int(said.get("number-rows-spanned") or 1), int(said.get("number-columns-spanned") or 1)
        if rows > 1 or columns > 1:
            self.seen.merges.append((self.row, self.column, self.row + rows - 1, self.column + columns - 1))
        if "formula" in said:
            where = f"{get_column_letter(min(self.column, 18_000))}{self.row}"
            text = said["formula"].partition(":")[2] or said["formula"]
            self.seen.unusable[self.row, self.column] = Unusable(where, "formula", text)


def _ods_tables(data: bytes) -> dict[str, _Seen]:
    """What is said of each table; raises Invalid where one is too large."""
    reader = _Ods()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _parsed(archive.read("content.xml"), reader.start, reader.said)
    except (expat.ExpatError, ValueError, KeyError):
        raise unreadable() from None
    for seen in reader.tables.values():
        _bounded(seen)
    return reader.tables
