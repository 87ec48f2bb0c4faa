"""Files that an operator names: the same questions for every import, before anything in them is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mapapp.core.errors import N_, invalid


def checked(path: Path, most_bytes: int) -> Path:
    """The path of a file that is there, has something in it and is not too large.

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


def decoded(data: bytes, encoding: str | None = None) -> str | None:
    """A table's text: in the encoding named, else UTF-8 (with or without BOM), else cp874 (Thai Windows).

    None where its letters do not fit.

    Raises:
        LookupError: there is no such encoding.
    """
    for one in [encoding] if encoding else ["utf-8-sig", "cp874"]:
        try:
            return data.decode(one)
        except UnicodeError:
            continue
    return None


class TooDeep(ValueError):
    """JSON with more levels than any honest one has."""


def parse_json(data: bytes, most_levels: int) -> Any:
    """JSON in UTF-8, as its standard has it: without NaN and Infinity.

    Raises:
        TooDeep: it has more levels.
        ValueError: it is none.
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
