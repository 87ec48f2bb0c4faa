"""Reads of what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.survey.entering import queries as entries
from mapapp.survey.entering.schemas import Recorded
from mapapp.survey.models import SurveyEntry

OPEN = SurveyEntry.state.in_(("conflict", "waiting"))

MOST_WAITING = 100
"""The number in the menu is counted up to here; it stands on every officers' page."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits, and the one that counts for the same household, where there is one."""

    entry: Recorded
    rival: Recorded | None


def listed(
    session: Session, area: str | None, *, round_id: int | None = None, after: int = 0, limit: int = 50
) -> list[Waiting]:
    """What waits in an area, the longest waiting first; of every survey, as it is counted in the menu, or of one."""
    asked = select(SurveyEntry.id).where(scope(SurveyEntry.village_code, area), OPEN, SurveyEntry.id > after)
    if round_id is not None:
        asked = asked.where(SurveyEntry.round_id == round_id)
    ids = list(session.scalars(asked.order_by(SurveyEntry.id).limit(limit)))
    found = entries.some(session, ids)
    rivals = entries.some(session, {one.rival for one in found.values() if one.rival is not None})
    return [Waiting(found[one], rivals.get(found[one].rival or 0)) for one in ids]


def waiting(session: Session, areas: Sequence[str]) -> tuple[int, int]:
    """How many records of these areas were recorded twice, and how many wait for an officer; of all of them at most
    ``MOST_WAITING`` are counted."""
    inside = or_(*(scope(SurveyEntry.village_code, area) for area in areas))
    some = select(SurveyEntry.state).where(OPEN, inside).limit(MOST_WAITING).subquery()
    twice = func.count().filter(some.c.state == "conflict")
    both, every = session.execute(select(twice, func.count()).select_from(some)).one()
    return both, every - both
