"""Reads of official figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.survey.reference import contradictions
from mapapp.survey.reference.models import SurveyReference
from mapapp.survey.reference.schemas import DOSES, Official

SHOWN = ("Vac Population", *(f"Vac Given {dose} Cum" for dose in DOSES), *(f"Vac Given {dose} %" for dose in DOSES))
"""The measures that pages show."""

COUNTED = SHOWN[1:5]


def of(
    session: Session, provinces: Collection[str] | None, measures: Collection[str] | None = None
) -> dict[str, dict[tuple[date, str], SurveyReference]]:
    """Official figures, by province, then by day and measure; None: all."""
    asked = select(SurveyReference)
    if provinces is not None:
        asked = asked.where(SurveyReference.province_code.in_(provinces))
    if measures is not None:
        asked = asked.where(SurveyReference.measure.in_(measures))
    made: dict[str, dict[tuple[date, str], SurveyReference]] = {}
    for row in session.scalars(asked.order_by(SurveyReference.on_day, SurveyReference.measure)):
        made.setdefault(row.province_code, {})[row.on_day, row.measure] = row
    return made


def newest(session: Session, area: str) -> dict[str, Official]:
    """The newest official figures of the provinces of an area (``TH``: of all), by province."""
    found = of(session, None if area == "TH" else [area[:2]], SHOWN)
    return {code: made for code, rows in found.items() if (made := _newest(code, rows)) is not None}


def _newest(code: str, rows: dict[tuple[date, str], SurveyReference]) -> Official | None:
    days = [day for day, measure in rows if measure in COUNTED]
    if not days:
        return None
    day = max(days)
    there = {measure: row for (on, measure), row in rows.items() if on == day}
    people = there.get(SHOWN[0])
    first = next(there[measure] for measure in COUNTED if measure in there)
    given = {dose: round(there[name].value) for dose, name in zip(DOSES, COUNTED, strict=True) if name in there}
    return Official(
        code, day, first.source, first.loaded_at, None if people is None else round(people.value), given,
        contradictions.found({key: row.value for key, row in rows.items()}),
    )  # fmt: skip
