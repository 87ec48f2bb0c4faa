"""Reads of the announcements that end reporting."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from mapapp.statistics.ending.models import StatisticsEnding
from mapapp.statistics.ending.schemas import Ending


def touching(session: Session, areas: Iterable[str]) -> list[Ending]:
    """The announcements in force inside these areas or around them, the widest area first."""
    conditions = []
    for area in areas:
        around = ["TH", *(area[:length] for length in (2, 4, 6) if length <= len(area))]
        inside = true() if area == "TH" else StatisticsEnding.area_code.like(f"{area}%")
        conditions.append(or_(inside, StatisticsEnding.area_code.in_(around)))
    if not conditions:
        return []
    rows = session.execute(
        select(StatisticsEnding.id, StatisticsEnding.area_code, StatisticsEnding.reason, StatisticsEnding.at)
        .where(StatisticsEnding.lifted_at.is_(None), or_(*conditions))
        .order_by(StatisticsEnding.area_code != "TH", StatisticsEnding.area_code)
    )
    return [Ending(*row) for row in rows]


def of(session: Session, area: str) -> Ending | None:
    """The announcement by which reporting has ended in an area; None while it goes on."""
    return next((one for one in touching(session, [area]) if one.covers(area)), None)
