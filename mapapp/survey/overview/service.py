"""The figures of an area as the officers' pages and maps show them, read once: rows, and what the map paints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.survey.overview import queries
from mapapp.survey.overview.schemas import Line, Numbers, by_area, together
from mapapp.survey.rounds.schemas import Round

VILLAGE: Final = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures of an area."""

    lines: list[Line]
    """Its villages (of an amphoe or a tambon), else the areas right below it; also those without any record."""
    painted: list[Line]
    """Its tambons, or of the whole country its amphoe."""
    level: str
    """Of ``painted``."""
    whole: Line
    is_by_village: bool


def rows_of(area: str) -> tuple[int, int]:
    """How many digits the codes of an area's rows have, and those of what is painted."""
    if area == COUNTRY:
        return 2, 4
    return (4, 6) if len(area) == 2 else (VILLAGE, 6)


def shown(session: Session, chosen: Round | None, area: str) -> Shown:
    """The figures of an area in a round; without a round there are none."""
    rows, painted = rows_of(area)
    level = "amphoe" if painted == 4 else "tambon"
    if chosen is None:
        return Shown([], [], level, together(area, ()), rows == VILLAGE)
    within = chosen.area_code if area == COUNTRY or chosen.area_code.startswith(area) else area
    fine = queries.lines(session, chosen.id, within, max(rows, painted))
    lines = fine if rows > painted else by_area(fine.values(), rows)
    if rows < VILLAGE:
        for one in areas.children(session, area):
            if chosen.covers(one.code) or chosen.area_code.startswith(one.code):
                lines.setdefault(one.code, Line(one.code, 0, 0, 0, None, 0, 0, Numbers(), {}))
    on_map = fine if painted > rows else by_area(fine.values(), painted)
    return Shown(list(lines.values()), list(on_map.values()), level, together(area, fine.values()), rows == VILLAGE)
