"""Reads of the officers' overview: sums by village, or by the areas right below the chosen one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.survey.models import SurveyEntry, SurveySum, SurveyVillage
from mapapp.survey.overview.schemas import Line, Numbers

_NAMES: Final = ("entries", "here", "none", "one", "two", "more", "unasked", "refusing")


def digits(area: str) -> int:
    """How long the codes of an area's rows are: an amphoe and a tambon show villages, others the areas below."""
    if area == "TH":
        return 2
    return 4 if len(area) == 2 else 8


def lines(session: Session, round_id: int, area: str) -> dict[str, Line]:
    """The rows of an area that have any record, by code."""
    return _lines(session, round_id, area, digits(area))


def by_village(session: Session, round_id: int, area: str) -> dict[str, Line]:
    """The villages of an area that have any record, by code, however large the area is."""
    return _lines(session, round_id, area, 8)


def _lines(session: Session, round_id: int, area: str, length: int) -> dict[str, Line]:
    groups = _groups(session, round_id, area, length)
    entries = _entries(session, round_id, area, length)
    villages = _villages(session, round_id, area, length)
    made = {}
    for code in sorted(groups.keys() | entries.keys() | villages.keys()):
        waiting, last_at = entries.get(code, (0, None))
        of_villages, records, households = villages.get(code, (0, 0, 0))
        total = sum(groups[code].values(), Numbers())
        made[code] = Line(code, records, households, waiting, last_at, of_villages, total, groups[code])
    return made


def _groups(session: Session, round_id: int, area: str, length: int) -> dict[str, dict[str, Numbers]]:
    code = func.left(SurveySum.village_code, length)
    sums = (func.sum(getattr(SurveySum, name)) for name in _NAMES)
    rows = session.execute(
        select(code, SurveySum.target_group, *sums)
        .where(SurveySum.round_id == round_id, scope(SurveySum.village_code, area))
        .group_by(code, SurveySum.target_group)
    )
    made: dict[str, dict[str, Numbers]] = defaultdict(dict)
    for row in rows:
        made[row[0]][row[1]] = Numbers(*map(int, row[2:]))
    return made


def _entries(session: Session, round_id: int, area: str, length: int) -> dict[str, tuple[int, datetime | None]]:
    """Code → how many wait, and when the last one came."""
    code = func.left(SurveyEntry.village_code, length)
    waiting = func.count().filter(SurveyEntry.state.in_(("conflict", "waiting")))
    rows = session.execute(
        select(code, waiting, func.max(SurveyEntry.received_at))
        .where(SurveyEntry.round_id == round_id, scope(SurveyEntry.village_code, area))
        .group_by(code)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _villages(session: Session, round_id: int, area: str, length: int) -> dict[str, tuple[int, int, int]]:
    """Code → how many villages have records that count, how many records, and how many of these are households."""
    code = func.left(SurveyVillage.village_code, length)
    of_households = func.coalesce(func.sum(SurveyVillage.counted).filter(SurveyVillage.unit == "household"), 0)
    rows = session.execute(
        select(code, func.count(), func.sum(SurveyVillage.counted), of_households)
        .where(SurveyVillage.round_id == round_id, SurveyVillage.counted > 0, scope(SurveyVillage.village_code, area))
        .group_by(code)
    )
    return {row[0]: (row[1], int(row[2]), int(row[3])) for row in rows}


def worst_first(line: Line, group: str | None) -> tuple[float, float, str]:
    """The order of the rows: nothing recorded, then the most people not reached, then the smallest share of those with
    a dose."""
    numbers = line.groups.get(group, Numbers()) if group else line.total
    if not numbers.here:
        return (-1e9 if not line.records else 1e9, 0.0, line.code)
    return (-numbers.unreached, numbers.share or 0.0, line.code)
