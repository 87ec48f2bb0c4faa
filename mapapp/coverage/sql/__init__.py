"""The heavy set-based statements of the room, one commented file each, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlalchemy import TextClause, text


def source(name: str) -> str:
    """The text of ``<name>.sql``, with its comments and ``:named`` parameters."""
    return files(__name__).joinpath(f"{name}.sql").read_text("utf-8")


@cache
def statement(name: str) -> TextClause:
    """``<name>.sql`` as a statement to execute."""
    return text(source(name))
