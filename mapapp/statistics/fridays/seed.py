"""Example Fridays of the demo data: the last six, on which the survey came further from week to week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.core.clock import BANGKOK
from mapapp.core.config import Config
from mapapp.core.vault import Vault
from mapapp.statistics import measures
from mapapp.statistics.fridays import service
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.published import Values
from mapapp.statistics.models import StatisticsFigure

FRIDAYS: Final = 6
_GROWING: Final = {"vaccination", "completeness"}
_FIXED: Final = {"villages", "tambons", "registered"}
_TAMBON: Final = 6
"""Digits of a tambon: what is above is added up from those."""


def make(session: Session, config: Config, vault: Vault, now: datetime) -> int:
    """Makes them where there is no Friday yet; how many."""
    if session.scalars(select(StatisticsSnapshot.friday).limit(1)).first() is not None:
        return 0
    found: service.Figures = defaultdict(dict)
    asked = select(StatisticsFigure.measure, StatisticsFigure.area_code, StatisticsFigure.values)
    for measure, area, values in session.execute(asked):
        found[measure][area] = values
    last = service.last_friday(now, config.statistics_hour)
    for weeks in reversed(range(FRIDAYS)):
        friday = last - timedelta(days=7 * weeks)
        at = datetime.combine(friday, time(config.statistics_hour), BANGKOK)
        then = {measure: _then(measure, rows, FRIDAYS - weeks) for measure, rows in found.items()}
        service.keep(session, vault, friday, at, then, is_example=True)
    return FRIDAYS


def _then(measure: str, rows: Mapping[str, Values], week: int) -> dict[str, Values]:
    """The cells of all areas some weeks ago; week 6 is today."""
    if measure not in _GROWING:
        return dict(rows)
    cells = measures.get(measure).cells
    known = {
        area: [_number(cell, value, int(area), week) for cell, value in zip(cells, values, strict=True)]
        for area, values in rows.items() if len(area) == _TAMBON
    }  # fmt: skip
    return {area: known[area] if area in known else _added(area, known, len(cells)) for area in rows}


def _number(cell: str, value: int | None, tambon: int, week: int) -> int | None:
    """A cell then: a tambon begins in one of the first weeks, and has everything by now."""
    if value is None or cell in _FIXED:
        return value
    begins = tambon % 4
    if week <= begins:
        return 0 if cell.endswith("entered") else None
    return value if cell.startswith("tambons") else value * (week - begins) // (FRIDAYS - begins)


def _added(area: str, known: Mapping[str, Values], width: int) -> Values:
    inside = [values for code, values in known.items() if not area.isdigit() or code.startswith(area)]
    sums: list[int | None] = []
    for number in range(width):
        told = [value for values in inside if (value := values[number]) is not None]
        sums.append(sum(told) if told else None)
    return sums
