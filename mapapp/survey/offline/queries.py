"""Reads of what a phone keeps."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.survey.entering.queries import some
from mapapp.survey.entering.schemas import Recorded
from mapapp.survey.models import SurveyEntry

MOST: Final = 2_000
"""Records that a phone keeps: some hundred kilobytes."""


def recorded_by(session: Session, person_id: uuid.UUID, villages: Collection[str]) -> list[Recorded]:
    """What somebody has recorded in these villages, in any survey, the newest first: to start a revisit from."""
    mine = (
        SurveyEntry.by_person == person_id,
        SurveyEntry.village_code.in_(villages),
        SurveyEntry.state.in_(("counted", "conflict", "waiting")),
    )
    newest = select(SurveyEntry.id).where(*mine).order_by(SurveyEntry.observed_at.desc(), SurveyEntry.id.desc())
    ids = list(session.scalars(newest.limit(MOST))) if villages else []
    found = some(session, ids)
    return [found[one] for one in ids]
