"""Reads of the officers' overview: sums by village, or by the areas right below the chosen one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select, text, union
from sqlalchemy.orm import Session

from mapapp.areas.models import COUNTRY, Village
from mapapp.areas.queries import scope
from mapapp.core import geo
from mapapp.survey.models import SurveyAssignment, SurveyEntry, SurveySum, SurveyVillage
from mapapp.survey.overview.schemas import Line, Numbers

_NAMES: Final = ("entries", "here", "none", "one", "two", "more", "unasked", "refusing")


def lines(session: Session, round_id: int, area: str, length: int) -> dict[str, Line]:
    """What an area has, by codes of so many digits: where there is any record, or a village is known."""
    groups = _groups(session, round_id, area, length)
    entries = _entries(session, round_id, area, length)
    villages = _villages(session, round_id, area, length)
    known = _known(session, round_id, area, length)
    made = {}
    for code in sorted(groups.keys() | entries.keys() | villages.keys() | known.keys()):
        waiting, last_at = entries.get(code, (0, None))
        of_villages, records, households = villages.get(code, (0, 0, 0))
        total = sum(groups[code].values(), Numbers())
        made[code] = Line(
            code, records, households, waiting, last_at, of_villages, known.get(code, 0), total, groups[code]
        )
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


def _known(session: Session, round_id: int, area: str, length: int) -> dict[str, int]:
    """Code → how many villages are known there: from the list of villages, by an assignment, or by a record."""
    listed = select(Village.code).where(scope(Village.code, area))
    others = (
        select(table.village_code).where(table.round_id == round_id, scope(table.village_code, area))
        for table in (SurveyVillage, SurveyAssignment)
    )
    codes = union(listed, *others).subquery()
    code = func.left(codes.c.code, length)
    return {row[0]: row[1] for row in session.execute(select(code, func.count()).group_by(code))}


MOST_UNTOUCHED: Final = 1_000

_UNTOUCHED: Final = text("""
SELECT count(*) FROM (
    SELECT FROM survey_rounds AS r
    CROSS JOIN LATERAL (
        SELECT v.code FROM villages AS v WHERE r.area_code = 'TH' OR v.code LIKE r.area_code || '%'
        UNION SELECT a.village_code FROM survey_assignments AS a WHERE a.round_id = r.id AND a.ended_at IS NULL
    ) AS known
    WHERE r.opened_at IS NOT NULL AND r.closed_at IS NULL AND known.code LIKE :within || '%'
      AND NOT EXISTS (SELECT FROM survey_villages AS s
        WHERE s.round_id = r.id AND s.village_code = known.code AND s.counted > 0)
      AND NOT EXISTS (SELECT FROM survey_endings AS e WHERE e.round_id = r.id AND e.lifted_at IS NULL
        AND (e.area_code = 'TH' OR known.code LIKE e.area_code || '%'))
    LIMIT :most
) AS found
""")


def untouched(session: Session, area: str) -> int:
    """How many villages of an area have no record that counts in an open survey that goes on there, at most
    ``MOST_UNTOUCHED``: those of the list of villages, and those that are assigned."""
    asked = {"within": "" if area == COUNTRY else area, "most": MOST_UNTOUCHED}
    found: int = session.execute(_UNTOUCHED, asked).scalar_one()
    return found


def points(session: Session, area: str) -> dict[str, geo.Point]:
    """Where the villages of an area are, by code; those whose place is not known are absent."""
    place = cast(Village.point, Geometry)
    rows = session.execute(
        select(Village.code, func.ST_Y(place), func.ST_X(place)).where(
            scope(Village.code, area), Village.point.is_not(None)
        )
    )
    return {row[0]: geo.Point(lat=row[1], lon=row[2]) for row in rows}


def worst_first(line: Line, group: str | None) -> tuple[float, float, str]:
    """The order of the rows: nothing recorded, then the most people not reached, then the smallest share of those with
    a dose."""
    numbers = line.groups.get(group, Numbers()) if group else line.total
    if not numbers.here:
        return (-1e9 if not line.records else 1e9, 0.0, line.code)
    return (-numbers.unreached, numbers.share or 0.0, line.code)
