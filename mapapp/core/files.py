"""Files that a system operator names: checks that every import makes before it reads the content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mapapp.core.errors import N_, invalid


def checked(path: Path, most_bytes: int) -> Path:
    """The path of a file that exists, is not empty and is not too large.

    Raises:
        Invalid: with the file's name as its field.
    """
    if not path.is_file():
        raise invalid(path.name, N_("File not found."))
    try:
        size = path.stat().st_size
        with path.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        raise invalid(path.name, N_("This file cannot be read: %(why)s."), why=error.strerror or "?") from None
    if size == 0:
        raise invalid(path.name, N_("The file is empty."))
    if size > most_bytes:
        raise invalid(path.name, N_("The file is larger than %(mb)s MB."), mb=most_bytes // 1_000_000)
    return path


ENCODINGS = ("utf-8-sig", "cp874")
"""Of a table that does not say: UTF-8 (with or without BOM), then Thai Windows."""


def decoded(data: bytes, encoding: str | None = None) -> str | None:
    """The text of a table: in the given encoding, otherwise in the first of ``ENCODINGS`` that fits.

    Returns None if the bytes are not valid in it.

    Raises:
        LookupError: there is no such encoding.
    """
    for one in [encoding] if encoding else ENCODINGS:
        try:
            return data.decode(one)
        except UnicodeError:
            continue
    return None


def shown_name(given: str | None) -> str:
    """How an uploaded file is called, for lists only: no folders, no control characters."""
    last = (given or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign if sign.isprintable() else " " for sign in last).strip()[:120]


class TooDeep(ValueError):
    """JSON that is nested too deeply."""


def parse_json(data: bytes, most_levels: int) -> Any:
    """JSON in UTF-8, as in its standard: without NaN and Infinity.

    Raises:
        TooDeep: it is nested too deeply.
        ValueError: it is not JSON.
    """
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise TooDeep from None
    if _levels(found) > most_levels:
        raise TooDeep
    return found


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _levels(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        inside = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list)))
        level = [inner for some in inside for inner in some]
    return deepest
