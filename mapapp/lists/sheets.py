"""Workbooks and CSV that go out: cells that a spreadsheet program cannot take for formulas, headings that stay."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from mapapp.core.clock import BANGKOK
from mapapp.lists import tables

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

_NO_XML = "\ufffe\uffff"
"""What no XML may hold beside control characters: a workbook with it does not open."""
_BOLD, _HEAD = Font(bold=True), PatternFill("solid", fgColor="E3F1EB")
_WIDEST = 60


def neutral(value: Any) -> Any:
    """A cell's value that nothing is run for: text that a spreadsheet might compute is led by an apostrophe.

    Numbers stay numbers; times are turned to Bangkok, because a cell knows no time zone. Characters that cannot stand
    in a workbook are left out. Reading a list takes the apostrophe off again (``tables``).
    """
    if isinstance(value, datetime):
        return value.astimezone(BANGKOK).replace(tzinfo=None)
    if not isinstance(value, str):
        return value
    text = "".join(sign for sign in value if (sign >= " " or sign in "\t\n\r") and sign not in _NO_XML)
    return tables.guarded(text)


def workbook(
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "รายการ",
    notes: Sequence[Sequence[str]] = (),
    notes_title: str = "คำอธิบาย",
) -> bytes:
    """An XLSX of one list: bold headings that stay in sight, a filter, columns as wide as their content.

    Args:
        headers: of the columns.
        rows: their cells; every text is neutralised.
        title: of the sheet, at most 31 characters.
        notes: rows of a second sheet that explains the first; none where empty.
        notes_title: of that sheet.
    """
    book = Workbook()
    sheet: Any = book.active
    fill(sheet, title, headers, rows)
    if notes:
        fill(book.create_sheet(), notes_title, notes[0], notes[1:])
    return packed(book)


def fill(sheet: Any, title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Writes a list into an empty sheet."""
    sheet.title = title[:31]
    widths = [len(name) for name in headers]
    sheet.append([neutral(name) for name in headers])
    for cells in rows:
        made = [neutral(cell) for cell in cells]
        sheet.append(made)
        widths = [max(width, len(str(cell or ""))) for width, cell in zip(widths, made, strict=False)]
    for number, width in enumerate(widths, start=1):
        head = sheet.cell(1, number)
        head.font, head.fill, head.alignment = _BOLD, _HEAD, Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width, 8) + 3, _WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(headers), 1))}{sheet.max_row}"


def packed(book: Workbook) -> bytes:
    """The workbook as a file."""
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def as_csv(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same as CSV, UTF-8 with a BOM, so that Excel shows Thai."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow([neutral(name) for name in headers])
    writer.writerows([neutral(cell) for cell in cells] for cells in rows)
    return made.getvalue().encode("utf-8-sig", "replace")
