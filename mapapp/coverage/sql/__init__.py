"""The heavy set-based statements of the room, one commented file each, read once.

Figures are kept twice, by the same statements: without facilities that nobody has confirmed lately, and with them,
where that gives others. A file names its tables by what they are to it: ``{sites}``, the facilities that count;
``{figures}``, every figure to read; ``{store}``, where figures are written.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlalchemy import TextClause, text

_NAMES = {
    False: {"{sites}": "coverage_fresh_sites", "{figures}": "coverage", "{store}": "coverage"},
    True: {"{sites}": "coverage_sites", "{figures}": "coverage_counting_stale", "{store}": "coverage_with_stale"},
}


def source(name: str, *, stale: bool = False) -> str:
    """The text of ``<name>.sql``, with its comments and ``:named`` parameters; ``stale``: stale facilities count."""
    found = files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
    for word, table in _NAMES[stale].items():
        found = found.replace(word, table)
    return found


@cache
def statement(name: str, *, stale: bool = False) -> TextClause:
    """``<name>.sql`` as a statement to execute."""
    return text(source(name, stale=stale))
