"""Reads a list of facilities as rows of named cells: CSV, XLSX or GeoJSON, by what the file holds, not by its name."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from mapapp import files
from mapapp.errors import N_, Invalid, invalid

MAX_BYTES = 50_000_000
MAX_UNPACKED = 300_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_DEPTH = 40
MAX_CELL = 10_000

Row = tuple[int, dict[str, Any]]
"""The row's number as a spreadsheet shows it (the feature's number in GeoJSON), and its cells by header."""


@dataclass(frozen=True)
class Table:
    """A list as it was written."""

    headers: list[str]
    rows: list[Row]


def _bad(text: str, **values: Any) -> Invalid:
    return invalid("", text, **values)


def read(path: Path, *, sheet: str | None = None, encoding: str | None = None) -> Table:
    """Reads the file.

    Args:
        path: the file.
        sheet: of a workbook; the first one without it.
        encoding: of a CSV; without it UTF-8, and cp874 (Thai Windows) where that does not fit.

    Raises:
        Invalid: it is empty, too large, not what its content claims, or carries macros.
    """
    data = files.checked(path, MAX_BYTES).read_bytes()
    if not data.strip():
        raise invalid(path.name, N_("The file is empty."))
    if data.startswith(b"PK"):
        return _xlsx(data, sheet)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _bad(N_("This is an old .xls file. Save it as .xlsx or CSV."))
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _geojson(data)
    return _csv(data, encoding)


# CSV ------------------------------------------------------------------------------------------------------------


def _csv(data: bytes, encoding: str | None) -> Table:
    text = data.decode("latin-1") if encoding is None and b"\0" in data else _decoded(data, encoding)
    if "\0" in text:
        raise _bad(N_("This is neither a CSV, XLSX nor GeoJSON file."))
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    headers: list[str] = []
    rows: list[Row] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not headers:
                headers = _headers(cells)
                continue
            # The line a quoted cell ends on: what an editor shows; in a spreadsheet every row is one line.
            rows.append(
                (len(rows) + 2 if reader.line_num < 2 else reader.line_num, dict(zip(headers, cells, strict=False)))
            )
            _bounded(rows)
    except csv.Error:
        raise _bad(N_("Row %(row)s cannot be read as CSV: check its quotes."), row=reader.line_num) from None
    return _table(headers, rows)


def _decoded(data: bytes, encoding: str | None) -> str:
    try:
        text = files.decoded(data, encoding)
    except LookupError:
        raise _bad(N_("There is no encoding called %(name)s. Try utf-8 or cp874."), name=encoding) from None
    if text is None:
        raise _bad(N_("The letters of this file cannot be read. Give its --encoding, for example cp874."))
    return text


def _headers(cells: list[str]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        raise _bad(N_("This list has more than %(most)s columns."), most=MAX_COLUMNS)
    names = [cell.strip() for cell in cells]
    double = {name for name in names if name and names.count(name) > 1}
    if double:
        raise _bad(N_("Two columns have the same name: %(name)s."), name=min(double))
    return names


def _bounded(rows: list[Row]) -> None:
    if len(rows) > MAX_ROWS:
        raise _bad(N_("This list has more than %(most)s rows. Split it."), most=MAX_ROWS)


def _table(headers: list[str], rows: list[Row]) -> Table:
    if not rows:
        raise _bad(N_("This list has no rows below its header."))
    return Table(headers, rows)


# XLSX -----------------------------------------------------------------------------------------------------------


def _xlsx(data: bytes, sheet: str | None) -> Table:
    _harmless(data)
    try:
        # data_only=False: a formula is text to us and fails the check of its column; its stored result may be stale.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception:  # openpyxl raises what its parsers raise: KeyError, ValueError, ParseError, BadZipFile …
        raise _bad(N_("This workbook cannot be read. Save it again as .xlsx, or as CSV.")) from None
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise _bad(
                N_("There is no sheet %(sheet)s; there are: %(sheets)s."),
                sheet=sheet,
                sheets=", ".join(book.sheetnames),
            )
        chosen: Any = book[sheet] if sheet is not None else book.worksheets[0]
        chosen.reset_dimensions()  # the size a file claims may be a million rows of nothing
        return _sheet_table(chosen)
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
        raise _bad(N_("This workbook unpacks to more than a list can need. Save the sheet alone, as CSV."))


def _plain_xml(data: bytes) -> None:
    """Refuses entities: no spreadsheet program writes a DOCTYPE, and with one a kilobyte may stand for gigabytes."""
    if any("<!DOCTYPE".encode(name) in data for name in ("ascii", "utf-16-le", "utf-16-be")):
        raise _bad(N_("This workbook cannot be read. Save it again as .xlsx, or as CSV."))


def _sheet_table(sheet: Any) -> Table:
    headers: list[str] = []
    rows: list[Row] = []
    # One cell at the far right would otherwise make each row sixteen thousand cells long.
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1), start=1):
        if all(cell is None or str(cell).strip() == "" for cell in cells):
            if number > 2 * MAX_ROWS:
                break
            continue
        if not headers:
            headers = _headers("\0".join("" if cell is None else str(cell) for cell in cells).rstrip("\0").split("\0"))
            continue
        rows.append((number, {name: _cell(cell) for name, cell in zip(headers, cells, strict=False)}))
        _bounded(rows)
    return _table(headers, rows)


def _cell(value: Any) -> Any:
    """A spreadsheet's value; a code typed as a number loses its “.0”."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


# GeoJSON --------------------------------------------------------------------------------------------------------


def _geojson(data: bytes) -> Table:
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise _bad(N_("This GeoJSON is nested too deeply.")) from None
    except ValueError:
        raise _bad(N_("This is not valid JSON in UTF-8.")) from None
    if _depth(found) > MAX_DEPTH:
        raise _bad(N_("This GeoJSON is nested too deeply."))
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
        _bounded(rows)
    return _table(list(headers), rows)


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [inner for one in level for inner in _inner(one)]
    return deepest


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _feature_cells(feature: Any) -> dict[str, Any]:
    """Properties, with the point as ``lat`` and ``lon``; what is no point leaves them empty, and is reported so."""
    if not isinstance(feature, dict):
        return {"lat": None, "lon": None}
    properties = feature.get("properties")
    cells = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        cells.setdefault("id", feature["id"])
    geometry = feature.get("geometry")
    lon = lat = None
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        coordinates = geometry.get("coordinates")
        if isinstance(coordinates, list) and len(coordinates) >= 2:
            lon, lat = coordinates[:2]
    return {**cells, "lat": lat, "lon": lon}
