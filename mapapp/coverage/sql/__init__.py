"""The heavy set-based statements of the room, one commented file each, read once.

Figures are kept twice, by the same statements: without facilities that nobody has confirmed lately, and with them,
where that gives others. A file names its tables by what they are to it: ``{sites}``, the facilities that count;
``{figures}``, every figure to read; ``{store}``, where figures are written. The columns of a figure are named in one
place, the model: ``WORDS``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from sqlalchemy import TextClause, text

from mapapp.coverage.models import Reach

_NAMES = {
    False: {"{sites}": "coverage_fresh_sites", "{figures}": "coverage", "{store}": "coverage"},
    True: {"{sites}": "coverage_sites", "{figures}": "coverage_counting_stale", "{store}": "coverage_with_stale"},
}

_COLUMNS = tuple(Reach.__annotations__)
_SUMMED = tuple(name for name in _COLUMNS if name != "nearest_facility_id")


def _listed(names: tuple[str, ...], of: str = "") -> str:
    return ", ".join(f"{of}{name}" for name in names)


def _put(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in names)


WORDS: Final = {
    "{columns}": _listed(_COLUMNS),
    "{c.columns}": _listed(_COLUMNS, "c."),
    "{put columns}": _put(_COLUMNS),
    "{summed}": _listed(_SUMMED),
    "{put summed}": _put(_SUMMED),
    "{kept.told}": _listed(_COLUMNS[:-1], "kept."),
    "{c.told}": _listed(_COLUMNS[:-1], "c."),
}
"""What stands for the columns of a figure in a file: all of them; those of an area above tambons, which has no facility
of its own; those that say something, which the time of computing does not."""


def source(name: str, *, stale: bool = False) -> str:
    """The text of ``<name>.sql``, with its comments and ``:named`` parameters; ``stale``: stale facilities count."""
    found = files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
    for word, meant in (_NAMES[stale] | WORDS).items():
        found = found.replace(word, meant)
    return found


@cache
def statement(name: str, *, stale: bool = False) -> TextClause:
    """``<name>.sql`` as a statement to execute."""
    return text(source(name, stale=stale))
