"""Reads the CSV tables an operator loads: UTF-8 with or without BOM, or cp874; columns by name, capped."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from mapapp.core import files
from mapapp.core.errors import N_, FieldProblem, Invalid, Message, invalid
from mapapp.core.fields import arabic_digits

MAX_FILE = 100_000_000
MAX_ROWS = 1_000_000


def rows(path: Path, columns: Mapping[str, Sequence[str]], optional: Sequence[str] = ()) -> list[dict[str, str]]:
    """The rows of a table, with our names for its columns; a missing optional column reads as empty.

    Args:
        path: the file.
        columns: our name → the names a file may use for it.
        optional: those of ours that may be missing.

    Raises:
        Invalid: no such file, empty, not a table, a column missing, a row with too many cells.
    """
    content = files.checked(path, MAX_FILE).read_bytes()
    text = None if b"\0" in content or content.startswith(b"PK") else files.decoded(content)
    if text is None:
        raise invalid(path.name, N_("This is not a CSV table. Save it as CSV (UTF-8)."))
    return _parsed(path.name, text, columns, optional)


def _parsed(
    name: str, text: str, columns: Mapping[str, Sequence[str]], optional: Sequence[str]
) -> list[dict[str, str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = {cell.strip().lower(): number for number, cell in enumerate(next(reader, []))}
        places: dict[str, int] = {}
        for ours, theirs in columns.items():
            found = next((header[form] for form in theirs if form in header), None)
            if found is not None:
                places[ours] = found
            elif ours not in optional:
                raise invalid(name, N_("The column %(column)s is missing."), column=theirs[0])
        made: list[dict[str, str]] = []
        for number, cells in enumerate(reader, 2):
            if not any(cells):
                continue
            if len(cells) > len(header):
                message = Message(N_("The row has more cells than the header."))
                raise Invalid([FieldProblem(name, message, row=number)])
            if len(made) >= MAX_ROWS:
                raise invalid(name, N_("The table has more than %(count)s rows."), count=MAX_ROWS)
            row = {ours: cells[place].strip() if place < len(cells) else "" for ours, place in places.items()}
            made.append({**dict.fromkeys(optional, ""), **row, "_row": str(number)})
    except csv.Error as error:
        raise invalid(name, N_("This is not a CSV table. Save it as CSV (UTF-8)."), why=str(error)) from None
    if not made:
        raise invalid(name, N_("The table has no rows."))
    return made


def whole(text: str) -> int | None:
    """A count as written (1,234 or ๑๒๓๔), None where it is none; the caller says what is wrong."""
    plain = arabic_digits(text).replace(",", "").removesuffix(".0")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 9 else None
