"""Reads a list as rows of named cells: CSV, XLSX or GeoJSON, by what the file holds, not by its name."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from openpyxl import load_workbook

from mapapp.core import files
from mapapp.core.errors import N_, Invalid, invalid

MAX_BYTES = 50_000_000
MAX_UNPACKED = 300_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_DEPTH = 40

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Signs at the start of a text that make a spreadsheet compute it."""

TITLE_ROWS = 10
"""So many rows from the top may be titles above the headings."""

Row = tuple[int, dict[str, Any]]
"""The row's number as a spreadsheet shows it (the feature's number in GeoJSON), and its cells by header."""


@dataclass(frozen=True)
class Table:
    """A list as it was written."""

    headers: list[str]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that holds no value: a formula, or the error one ended in."""

    cell: str
    """As the spreadsheet names it, for example D2."""
    what: Literal["formula", "error"]
    text: str = ""

    def __str__(self) -> str:
        return self.text


IsHeading = Callable[[Sequence[str]], bool]
"""Whether these cells head columns, for lists with titles above them."""


def _bad(text: str, **values: Any) -> Invalid:
    return invalid("", text, **values)


def _first_row(_cells: Sequence[str]) -> bool:
    return True


def read(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, is_heading: IsHeading = _first_row
) -> Table:
    """Reads the file; see ``read_bytes``.

    Raises:
        Invalid: it is not there, or cannot be used; the file's name is its field where it is the file itself.
    """
    data = files.checked(path, MAX_BYTES).read_bytes()
    if not data.strip():
        raise invalid(path.name, N_("The file is empty."))
    return read_bytes(data, sheet=sheet, encoding=encoding, is_heading=is_heading)


def read_bytes(
    data: bytes,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    is_heading: IsHeading = _first_row,
    most: int = MAX_ROWS,
) -> Table:
    """Reads a list.

    Args:
        data: the file's content.
        sheet: of a workbook; the first one without it.
        encoding: of a CSV; without it UTF-8, and cp874 (Thai Windows) where that does not fit.
        is_heading: which of the first rows heads the columns; without it the first that is not empty.
        most: rows; reading stops at the next one, so that a file costs no more memory than a list of this length.

    Raises:
        Invalid: it is empty, too large, not what its content claims, or carries macros.
    """
    if len(data) > MAX_BYTES:
        raise _bad(N_("The file is larger than %(mb)s MB."), mb=MAX_BYTES // 1_000_000)
    if not data.strip():
        raise _bad(N_("The file is empty."))
    if is_workbook(data):
        return _xlsx(data, sheet, is_heading, most)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _bad(N_("This is an old .xls file. Save it as .xlsx or CSV."))
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _geojson(data, most)
    return _csv(data, encoding, is_heading, most)


def is_workbook(data: bytes) -> bool:
    """Whether it is packed as a workbook is, so that it may have sheets."""
    return data.startswith(b"PK")


def _tabled(lines: Iterable[tuple[int, list[Any]]], is_heading: IsHeading, most: int) -> Table:
    """A table from numbered rows: titles above the headings are passed over, empty rows too."""
    filled = ((number, cells) for number, cells in lines if any(_text(cell) for cell in cells))
    top = list(islice(filled, TITLE_ROWS))
    if not top:
        raise _bad(N_("This list has no rows below its header."))
    head = next((at for at, (_number, cells) in enumerate(top) if is_heading([_text(cell) for cell in cells])), 0)
    headers = _headers([_text(cell) for cell in top[head][1]])
    rows: list[Row] = []
    for number, cells in chain(top[head + 1 :], filled):
        rows.append((number, dict(zip(headers, map(_typed, cells), strict=False))))
        _bounded(rows, most)
    return _table(headers, rows)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def guarded(text: str) -> str:
    """A text as it may stand in a cell: what a spreadsheet would compute is led by one more apostrophe."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def _typed(cell: Any) -> Any:
    """A cell as a person typed it: without the apostrophe that ``guarded`` put in front."""
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and guarded(cell[1:]) == cell else cell


# CSV ------------------------------------------------------------------------------------------------------------


def _csv(data: bytes, encoding: str | None, is_heading: IsHeading, most: int) -> Table:
    text = data.decode("latin-1") if encoding is None and b"\0" in data else _decoded(data, encoding)
    if "\0" in text:
        raise _bad(N_("This is neither a CSV, XLSX nor GeoJSON file."))
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _tabled(_lines(reader), is_heading, most)
    except csv.Error:
        raise _bad(N_("Row %(row)s cannot be read as CSV: check its quotes."), row=reader.line_num) from None


def _lines(reader: Any) -> Iterator[tuple[int, list[Any]]]:
    """Each row with the line it ends on: what an editor shows; in a spreadsheet every row is one line."""
    for count, cells in enumerate(reader, start=1):
        yield (reader.line_num if reader.line_num > 1 else count), cells


def _decoded(data: bytes, encoding: str | None) -> str:
    try:
        text = files.decoded(data, encoding)
    except LookupError:
        raise _bad(N_("Unknown encoding: %(name)s. Try utf-8 or cp874."), name=encoding) from None
    if text is None:
        raise _bad(N_("The text of this file cannot be read. Choose its encoding, for example cp874."))
    return text


def _headers(cells: list[str]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        raise _bad(N_("This list has more than %(most)s columns."), most=MAX_COLUMNS)
    names = [cell.strip() for cell in cells]
    double = {name for name in names if name and names.count(name) > 1}
    if double:
        raise _bad(N_("Two columns have the same name: %(name)s."), name=min(double))
    return names


def too_long(most: int) -> Invalid:
    """What is said of a list with more rows than are taken."""
    return _bad(N_("This list has more than %(most)s rows. Split it."), most=most)


def _bounded(rows: list[Row], most: int) -> None:
    if len(rows) > most:
        raise too_long(most)


def _table(headers: list[str], rows: list[Row]) -> Table:
    if not rows:
        raise _bad(N_("This list has no rows below its header."))
    return Table(headers, rows)


# XLSX -----------------------------------------------------------------------------------------------------------


def sheets(data: bytes) -> list[str]:
    """The names of a workbook's sheets; none where it is no workbook.

    Raises:
        Invalid: it cannot be read, or is not harmless.
    """
    if not is_workbook(data):
        return []
    book = _opened(data)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def _opened(data: bytes) -> Any:
    _harmless(data)
    try:
        # data_only=False: a formula is told as one; the result stored beside it may be stale.
        return load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception:  # openpyxl raises what its parsers raise: KeyError, ValueError, ParseError, BadZipFile …
        raise _bad(N_("This workbook cannot be read. Save it again as .xlsx, or as CSV.")) from None


def _xlsx(data: bytes, sheet: str | None, is_heading: IsHeading, most: int) -> Table:
    book = _opened(data)
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise _bad(
                N_("Sheet %(sheet)s not found. The sheets are: %(sheets)s."),
                sheet=sheet,
                sheets=", ".join(book.sheetnames),
            )
        chosen: Any = book[sheet] if sheet is not None else book.worksheets[0]
        chosen.reset_dimensions()  # the size a file claims may be a million rows of nothing
        return _tabled(_sheet_lines(chosen), is_heading, most)
    except Invalid:
        raise
    except Exception:  # as above, while rows are read
        raise _bad(N_("This workbook cannot be read. Save it again as .xlsx, or as CSV.")) from None
    finally:
        book.close()


def _harmless(data: bytes) -> None:
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
        raise _bad(N_("This workbook cannot be read. Save it again as .xlsx, or as CSV.")) from None
    if any("vbaproject" in name for name in names):
        raise _bad(N_("This workbook has macros. Save it as .xlsx without them."))
    if "xl/workbook.xml" not in names:
        raise _bad(N_("This is neither a CSV, XLSX nor GeoJSON file."))
    # XML packs to a tenth; a hundredth is no list. The reader checks each entry's size against what it claims.
    if unpacked > MAX_UNPACKED or unpacked > 200 * len(data) or len(entries) > 1000:
        raise _bad(N_("This workbook is too large when unpacked. Save only the sheet, as CSV."))


def _plain_xml(data: bytes) -> None:
    """Refuses entities: no spreadsheet program writes a DOCTYPE, and with one a kilobyte may stand for gigabytes."""
    if any("<!DOCTYPE".encode(name) in data for name in ("ascii", "utf-16-le", "utf-16-be")):
        raise _bad(N_("This workbook cannot be read. Save it again as .xlsx, or as CSV."))


def _sheet_lines(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    empty = 0
    # One cell at the far right would otherwise make each row sixteen thousand cells long.
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
        values = [_cell(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        empty = 0 if values else empty + 1
        if empty > MAX_ROWS:
            return
        yield number, values


def _cell(cell: Any) -> Any:
    """A cell's value; a code typed as a number loses its “.0”."""
    value = cell.value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if cell.data_type == "f":
        return Unusable(cell.coordinate, "formula", str(value))
    if cell.data_type == "e":
        return Unusable(cell.coordinate, "error", str(value))
    return value


# GeoJSON --------------------------------------------------------------------------------------------------------


def _geojson(data: bytes, most: int) -> Table:
    try:
        found = files.parse_json(data, MAX_DEPTH)
    except files.TooDeep:
        raise _bad(N_("This GeoJSON is nested too deeply.")) from None
    except ValueError:
        raise _bad(N_("This is not valid JSON in UTF-8.")) from None
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        raise _bad(N_("This is not a GeoJSON FeatureCollection."))
    crs = json.dumps(found.get("crs", "CRS84"))
    if "CRS84" not in crs and "4326" not in crs:
        raise _bad(N_("Coordinates must be WGS 84 longitude, latitude (EPSG:4326). Convert the file first."))
    rows: list[Row] = []
    headers: dict[str, None] = {}
    for number, feature in enumerate(found["features"], start=1):
        cells = _feature_cells(feature)
        headers.update(dict.fromkeys(cells))
        rows.append((number, cells))
        _bounded(rows, most)
    return _table(list(headers), rows)


def _sound(value: Any) -> Any:
    """A text without half letters: an escape such as \\ud800 stands for none, and no page can be written with it. The
    sign in its place is told beside its row like any damaged letter."""
    if not isinstance(value, str):
        return value
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" or sign == "\0" else sign for sign in value)


def _feature_cells(feature: Any) -> dict[str, Any]:
    """Properties, with the point as ``lat`` and ``lon``; what is no point leaves them empty, and is reported so."""
    if not isinstance(feature, dict):
        return {"lat": None, "lon": None}
    properties = feature.get("properties")
    cells = {_sound(name): _sound(cell) for name, cell in (properties if isinstance(properties, dict) else {}).items()}
    if "id" in feature:
        cells.setdefault("id", feature["id"])
    geometry = feature.get("geometry")
    lon = lat = None
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        coordinates = geometry.get("coordinates")
        if isinstance(coordinates, list) and len(coordinates) >= 2:
            lon, lat = coordinates[:2]
    return {**cells, "lat": lat, "lon": lon}
