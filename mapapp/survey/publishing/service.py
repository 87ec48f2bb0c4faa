"""Takes in the figures of amphoe that were published on a Friday. Nothing commits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.survey.publishing.models import SurveyPublished
from mapapp.survey.publishing.rules import AT_LEAST, EDGE

_PUT: Final = text("""
INSERT INTO survey_published (area_code, round_id, on_day, people, share)
SELECT given.area_code, chosen.id, :day, given.people, given.share
FROM unnest(CAST(:areas AS text[]), CAST(:people AS int[]), CAST(:shares AS int[])) AS given (area_code, people, share)
CROSS JOIN LATERAL (
    SELECT r.id FROM survey_rounds AS r
    WHERE r.opened_at IS NOT NULL AND EXISTS (
        SELECT FROM survey_sums AS s WHERE s.round_id = r.id
            AND s.village_code >= given.area_code AND s.village_code < given.area_code || '9999')
    ORDER BY r.is_example, r.starts_on DESC, r.id DESC LIMIT 1
) AS chosen
""")


@dataclass(frozen=True, slots=True)
class Amphoe:
    """What was published of an amphoe."""

    area: str
    people: int
    """Recorded, rounded."""
    percent: int
    """With a dose at least, whole; ``EDGE`` and 100 − ``EDGE``: at most, at least."""


def publish(session: Session, day: date, amphoe: Iterable[Amphoe]) -> None:
    """Puts these figures in the place of all others."""
    told = [one for one in amphoe if one.people >= AT_LEAST]
    session.execute(delete(SurveyPublished).execution_options(synchronize_session=False))
    session.execute(
        _PUT,
        {
            "day": day, "areas": [one.area for one in told], "people": [one.people for one in told],
            "shares": [min(max(one.percent, EDGE), 100 - EDGE) for one in told],
        },
    )  # fmt: skip
    database.mark_changed(session, "survey")
