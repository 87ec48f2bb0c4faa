"""Tables that go out as CSV: no cell that a spreadsheet program would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

CSV = "text/csv"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: such text is led by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """With the byte order mark by which spreadsheets know UTF-8, and lines as they want them."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(headers)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()
