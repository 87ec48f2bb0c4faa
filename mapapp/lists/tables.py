"""Reads a list as rows of named cells: CSV, a workbook or GeoJSON, by what the file holds, not by its name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import shapely

from mapapp.core import files, thai_text
from mapapp.core.errors import N_, Invalid, Message, invalid
from mapapp.lists import headings, mojibake, workbooks
from mapapp.lists.workbooks import Merge
from mapapp.lists.workbooks import Unusable as Unusable

MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_DEPTH = 40

UTF_16 = (b"\xff\xfe", b"\xfe\xff")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Signs at the start of a text that make a spreadsheet compute it."""

TITLE_ROWS = 40
"""So many rows from the top may be titles above the headings."""

Row = tuple[int, dict[str, Any]]
"""The row's number as a spreadsheet shows it (the feature's number in GeoJSON), and its cells by header."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that was not taken as data, and why."""

    row: int
    why: Literal["total", "hidden"]


@dataclass(frozen=True, slots=True)
class NoPoint:
    """What a feature of GeoJSON has in place of a point."""

    what: Literal["area", "line", "points"]
    lat: float | None = None
    lon: float | None = None
    """A place within it, where it is an area."""

    def __str__(self) -> str:
        return ""


SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
"""What may separate the columns of a text."""

TOP_ROWS = 30
"""Rows of a list as it was written that are shown, so that a person can say which heads the columns."""


@dataclass(frozen=True, slots=True)
class How:
    """How a file is read, as a person says; None: as it looks."""

    sheet: str | None = None
    """Of a workbook; else the first one with headings among those that people see."""
    encoding: str | None = None
    """Of a text; else the first of ``files.ENCODINGS`` that fits."""
    separator: str | None = None
    """Of a text: a key of ``SEPARATORS``."""
    heading: int | None = None
    """The number of the row that heads the columns."""


class Unclear(Invalid):
    """A list that may be read another way: in another sheet, with other headings, another encoding or separator."""


@dataclass(frozen=True)
class Table:
    """A list as it was written."""

    headers: list[str]
    rows: list[Row]
    left_out: list[LeftOut] = field(default_factory=list)
    """Rows that are no data."""
    mended: list[int] = field(default_factory=list)
    """Rows with letters that had been read in a wrong encoding (``mojibake``) and are whole again."""
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The headings above each column, from the top one on, by header."""
    sheet: str | None = None
    """Of a workbook: the one that was read."""
    heading: int | None = None
    """The row that heads the columns."""
    top: list[tuple[int, list[str]]] = field(default_factory=list)
    """The first rows as they were written, with their numbers."""

    @property
    def remarks(self) -> list[Message]:
        """What is said of the rows that were left out."""
        by_why = [(text, [one.row for one in self.left_out if one.why == why]) for why, text in _LEFT_OUT]
        by_why.append((_MENDED, self.mended))
        return [Message(text, {"rows": _runs(rows)}) for text, rows in by_why if rows]


_LEFT_OUT = (
    ("total", N_("Total, left out: row %(rows)s.")),
    ("hidden", N_("Hidden in the workbook, left out: row %(rows)s.")),
)
_MENDED = N_("Damaged letters were corrected, check them: row %(rows)s.")
_MOST_RUNS = 20


def _runs(rows: Sequence[int]) -> str:
    """Numbers as people write them: 4–9, 12."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    told = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:_MOST_RUNS]]
    return ", ".join([*told, "…"] if len(runs) > _MOST_RUNS else told)


AS_IT_LOOKS = How()

IsHeading = Callable[[Sequence[str]], bool]
"""Whether these cells head columns, for lists with titles above them."""


def _bad(text: str, **values: Any) -> Invalid:
    return invalid("", text, **values)


def _unclear(text: str, **values: Any) -> Unclear:
    return Unclear(invalid("", text, **values).problems)


def _first_row(_cells: Sequence[str]) -> bool:
    return True


def read(path: Path, *, how: How = AS_IT_LOOKS, is_heading: IsHeading = _first_row) -> Table:
    """Reads the file; see ``read_bytes``.

    Raises:
        Invalid: it is not there, or cannot be used; the file's name is its field where it is the file itself.
    """
    data = files.checked(path, MAX_BYTES).read_bytes()
    if not data.strip():
        raise invalid(path.name, N_("The file is empty."))
    return read_bytes(data, how=how, is_heading=is_heading)


def read_bytes(
    data: bytes | workbooks.Book,
    *,
    how: How = AS_IT_LOOKS,
    is_heading: IsHeading = _first_row,
    most: int = MAX_ROWS,
) -> Table:
    """Reads a list.

    Args:
        data: the file's content, or a workbook that was opened to read several of its sheets.
        how: what a person said of it.
        is_heading: which of the first rows heads the columns, where ``how`` does not say; without it the first that is
            not empty.
        most: rows; reading stops at the next one, so that a file costs no more memory than a list of this length.

    Raises:
        Unclear: it has no rows, or its text cannot be read, when read so.
        Invalid: it is empty, too large, not what its content claims, or carries macros.
    """
    if isinstance(data, workbooks.Book):
        return _workbook(data, how, is_heading, most)
    if len(data) > MAX_BYTES:
        raise _bad(N_("The file is larger than %(mb)s MB."), mb=MAX_BYTES // 1_000_000)
    if not data.strip():
        raise _bad(N_("The file is empty."))
    if is_workbook(data):
        return _workbook(workbooks.Book(data, MAX_COLUMNS), how, is_heading, most)
    begins = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begins[:1] in (b"{", b"["):
        return _geojson(data, most)
    if begins[:1] == b"<":
        raise _bad(N_("This is a web page with a table, not a list. Open it in a spreadsheet and save it as .xlsx."))
    return _csv(data, how, is_heading, most)


def is_workbook(data: bytes) -> bool:
    """Whether it is packed as a workbook is, so that it may have sheets."""
    return workbooks.kind_of(data) is not None


def _filled(lines: Iterable[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    return ((number, cells) for number, cells in lines if any(_text(cell) for cell in cells))


def _tabled(
    lines: Iterable[tuple[int, list[Any]]],
    is_heading: IsHeading,
    most: int,
    heading: int | None = None,
    merges: Sequence[Merge] = (),
    hidden: Collection[int] = (),
) -> Table:
    """A table from numbered rows: titles above the headings and empty rows are passed over, headings of several rows
    are put together, a cell that is merged over several rows stands in each of them. Totals and hidden rows are named
    and left out."""
    mending = _Mending()
    filled = _filled((number, mending.row(number, cells)) for number, cells in lines)
    top = list(islice(filled, TITLE_ROWS))
    if len(top) < 2:  # whichever way it is read
        raise _bad(N_("This list has no rows below its header."))
    shown = [(number, [_text(cell)[:60] for cell in cells]) for number, cells in top[:TOP_ROWS]]
    head = next((at for at, (number, _cells) in enumerate(top) if number == heading), None)
    if head is None:
        head = next((at for at, (_number, cells) in enumerate(top) if is_heading([_text(cell) for cell in cells])), 0)
    first, last = headings.block(top, head, merges)
    levels = headings.levels(top[first : last + 1], merges)
    headers = _headers(headings.names(levels))
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    merged = _Merged(merges, top[last][0])
    for number, cells in chain(top[last + 1 :], filled):
        cells = merged.filled(number, cells)
        if headings.is_total(cells) or number in hidden:
            left_out.append(LeftOut(number, "hidden" if number in hidden else "total"))
            continue
        rows.append((number, dict(zip(headers, map(_typed, cells), strict=False))))
        _bounded(rows, most)
    if not rows and left_out:
        raise _unclear(N_("Every row of this list is hidden or is a total. Show the rows, and save the file again."))
    table = _table(headers, rows)
    paths = {name: path for name, path in zip(headers, levels, strict=True) if name}
    return replace(table, left_out=left_out, paths=paths, mended=mending.rows, heading=top[head][0], top=shown)


class _Merged:
    """Cells that are merged over several rows below the headings: what stands in the first is said of each."""

    def __init__(self, merges: Sequence[Merge], below: int) -> None:
        self._by_row = sorted(one for one in merges if one[2] > one[0] > below)
        self._at = 0
        self._live: dict[int, tuple[Merge, Any]] = {}
        """By column. Merges that overlap are no spreadsheet's: the last one of a column holds."""

    def filled(self, number: int, cells: list[Any]) -> list[Any]:
        """The row with what is merged into it from above."""
        if not self._by_row:
            return cells
        while self._at < len(self._by_row) and self._by_row[self._at][0] <= number:
            one = self._by_row[self._at]
            self._at += 1
            value = cells[one[1] - 1] if one[0] == number and one[1] <= len(cells) else None
            if value is not None:
                self._live[one[1]] = one, value
        for column, (one, value) in list(self._live.items()):
            if one[2] < number:
                del self._live[column]
            elif one[0] < number:
                cells = cells + [None] * (column - len(cells))
                cells[column - 1] = value
        return cells


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def guarded(text: str) -> str:
    """A text as it may stand in a cell: what a spreadsheet would compute is led by one more apostrophe."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


_LINE_END = re.compile(r"_x000[dD]_\n?|\r\n?")
"""How line ends of other systems come out of workbooks."""


class _Mending:
    """Cells with their letters in the form in which they are compared, and line breaks of one kind."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        """Those with letters that were damaged."""

    def row(self, number: int, cells: Iterable[Any]) -> list[Any]:
        """A row's cells, mended."""
        return [self.cell(number, cell) if isinstance(cell, str) else cell for cell in cells]

    def cell(self, number: int, text: str) -> str:
        """A text, mended."""
        if text.isascii() and "\r" not in text and "_x000" not in text:
            return text
        damaged = mojibake.look(text)
        if damaged is not None and damaged.mended is not None:
            text = damaged.mended
            if self.rows[-1:] != [number]:
                self.rows.append(number)
        return thai_text.normal(_LINE_END.sub("\n", text))


def _typed(cell: Any) -> Any:
    """A cell as a person typed it: without the apostrophe that ``guarded`` put in front."""
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and guarded(cell[1:]) == cell else cell


# CSV ------------------------------------------------------------------------------------------------------------


def _csv(data: bytes, how: How, is_heading: IsHeading, most: int) -> Table:
    encoding = how.encoding
    if encoding is None and data.startswith(UTF_16):
        encoding = "utf-16"  # as Excel saves “Unicode Text”
    text = data.decode("latin-1") if encoding is None and b"\0" in data else _decoded(data, encoding)
    if "\0" in text:
        raise _bad(N_("This is neither a CSV, XLSX nor GeoJSON file."))
    delimiter = SEPARATORS[how.separator] if how.separator else _separator(text, is_heading)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _tabled(_lines(reader), is_heading, most, how.heading)
    except csv.Error:
        raise _unclear(N_("Row %(row)s cannot be read as CSV: check its quotes."), row=reader.line_num) from None


def _separator(text: str, is_heading: IsHeading) -> str:
    """What separates the columns, by the row that heads them: a title above may hold other signs."""
    top = [line for line in text[:100_000].splitlines() if line.strip()][:TITLE_ROWS]
    for line in top:
        for sign in sorted(",;\t", key=line.count, reverse=True):
            cells = [cell.strip().strip('"') for cell in line.split(sign)]
            if len(cells) > 1 and is_heading is not _first_row and is_heading(cells):
                return sign
    return max(",;\t", key=(top[0] if top else "").count)


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
        line, name = _first_bad(data, [encoding] if encoding else list(files.ENCODINGS))
        raise _unclear(
            N_("Line %(line)s has a sign that is no letter in %(encoding)s. Correct it, or choose another encoding."),
            line=line,
            encoding=name.removesuffix("-sig"),
        )
    return text


def _first_bad(data: bytes, encodings: Sequence[str]) -> tuple[int, str]:
    """The first line that is no text, in the encoding that most lines are in."""
    lines = data.splitlines() if len(encodings) > 1 else []
    bad = {name: [at for at, line in enumerate(lines, 1) if _unread(line, name)] for name in encodings}
    best = min(encodings, key=lambda name: len(bad[name]))
    if bad[best]:
        return bad[best][0], best
    try:
        data.decode(best)
    except UnicodeDecodeError as error:
        return data[: error.start].count(b"\n") + 1, best
    except UnicodeError:
        pass
    return 1, best


def _unread(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return True
    return False


def _headers(cells: list[str]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        raise _bad(N_("This list has more than %(most)s columns."), most=MAX_COLUMNS)
    names: list[str] = []
    for cell in cells:
        name = free = cell.strip()
        count = 1
        while name and free in names:
            count += 1
            free = f"{name} ({count})"
        names.append(free)
    return names


def too_long(most: int) -> Invalid:
    """What is said of a list with more rows than are taken."""
    return _bad(N_("This list has more than %(most)s rows. Split it."), most=most)


def _bounded(rows: list[Row], most: int) -> None:
    if len(rows) > most:
        raise too_long(most)


def _table(headers: list[str], rows: list[Row]) -> Table:
    if not rows:
        raise _unclear(N_("This list has no rows below its header."))
    return Table(headers, rows)


# Workbooks --------------------------------------------------------------------------------------------------------


def sheets(data: bytes) -> list[str]:
    """The names of a workbook's sheets, of those that people see; none where it is no workbook.

    Raises:
        Invalid: it cannot be read, or is not harmless.
    """
    return workbooks.Book(data, MAX_COLUMNS).visible if is_workbook(data) else []


def _workbook(book: workbooks.Book, how: How, is_heading: IsHeading, most: int) -> Table:
    sheet = how.sheet
    if sheet is not None and sheet not in book.names:
        raise _bad(
            N_("Sheet %(sheet)s not found. The sheets are: %(sheets)s."), sheet=sheet, sheets=", ".join(book.visible)
        )
    chosen = book.sheet(sheet) if sheet is not None else _first_list(book, is_heading)
    table = _tabled(chosen.lines, is_heading, most, how.heading, chosen.merges, chosen.hidden)
    return replace(table, sheet=chosen.name)


def _first_list(book: workbooks.Book, is_heading: IsHeading) -> workbooks.Sheet:
    """The first sheet with the headings of a list: a cover or an empty sheet may stand before it."""
    first: workbooks.Sheet | None = None
    for name in book.visible:
        found = book.sheet(name)
        top = list(islice(_filled(found.lines), TITLE_ROWS))
        if any(is_heading([_text(cell) for cell in cells]) for _number, cells in top):
            return found
        if first is None or not first.lines:
            first = found
    if first is None:
        raise workbooks.unreadable()
    return first


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
    mending = _Mending()
    for number, feature in enumerate(found["features"], start=1):
        read = _feature_cells(feature)
        cells = dict(zip(read, mending.row(number, read.values()), strict=True))
        headers.update(dict.fromkeys(cells))
        rows.append((number, cells))
        _bounded(rows, most)
    return replace(_table(list(headers), rows), mended=mending.rows)


def _sound(value: Any) -> Any:
    """A text without half letters: an escape such as \\ud800 stands for none, and no page can be written with it. The
    sign in its place is told beside its row like any damaged letter."""
    if not isinstance(value, str):
        return value
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" or sign == "\0" else sign for sign in value)


def _feature_cells(feature: Any) -> dict[str, Any]:
    """Properties, with the point as ``lat`` and ``lon``; what is no point stands there as what it is."""
    if not isinstance(feature, dict):
        return {"lat": None, "lon": None}
    properties = feature.get("properties")
    cells = {_sound(name): _sound(cell) for name, cell in (properties if isinstance(properties, dict) else {}).items()}
    if "id" in feature:
        cells.setdefault("id", feature["id"])
    lat, lon = _place(feature.get("geometry"))
    return {**cells, "lat": lat, "lon": lon}


_SHAPES: dict[str, Literal["area", "line", "points"]] = {
    "Polygon": "area", "MultiPolygon": "area", "LineString": "line", "MultiLineString": "line", "MultiPoint": "points",
}  # fmt: skip


def _place(geometry: Any) -> tuple[Any, Any]:
    """Latitude and longitude of a geometry; where it is no point, what it is."""
    if not isinstance(geometry, dict):
        return None, None
    sort, coordinates = geometry.get("type"), geometry.get("coordinates")
    if sort == "MultiPoint" and isinstance(coordinates, list) and len(coordinates) == 1:
        sort, coordinates = "Point", coordinates[0]
    if sort == "Point" and isinstance(coordinates, list) and len(coordinates) >= 2:
        return coordinates[1], coordinates[0]
    if sort not in _SHAPES:
        return None, None
    inner = _inner_point(geometry) if _SHAPES[sort] == "area" else None
    found = NoPoint(_SHAPES[sort], *((round(inner.y, 6), round(inner.x, 6)) if inner is not None else ()))
    return found, found


_MENDED_CORNERS = 30
"""Areas of more corners are taken as they are: where one crosses itself many times, mending it takes minutes."""


def _inner_point(geometry: dict[str, Any]) -> shapely.Point | None:
    """A place that lies in an area; None where its corners are none."""
    try:
        made = shapely.from_geojson(json.dumps(geometry))
        if shapely.get_num_coordinates(made) <= _MENDED_CORNERS:
            made = shapely.make_valid(made)
        point = made.representative_point()
    except (shapely.GEOSException, ValueError, TypeError):
        return None
    return None if point.is_empty else point
