"""Publishes figures by the rules of ``rules``, once a day at most. Nothing commits."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.clock import today
from mapapp.survey.publishing.rules import AT_LEAST, EDGE, STEP

_PUBLISH: Final = text("""
WITH recorded AS (
    SELECT left(village_code, 4) AS area_code, round_id, sum(here) AS people, sum(one + two + more) AS vaccinated
    FROM survey_sums GROUP BY 1, 2
),
summed AS (
    SELECT recorded.* FROM recorded LEFT JOIN survey_published AS kept USING (area_code, round_id)
    WHERE recorded.people >= :at_least OR recorded.people > kept.people - :step
),
chosen AS (
    SELECT DISTINCT ON (summed.area_code) summed.*
    FROM summed JOIN survey_rounds AS r ON r.id = summed.round_id
    ORDER BY summed.area_code, r.is_example, r.starts_on DESC, r.id DESC
),
gone AS (
    DELETE FROM survey_published WHERE area_code NOT IN (SELECT area_code FROM chosen) RETURNING area_code
),
put AS (
    INSERT INTO survey_published AS kept (area_code, round_id, on_day, people, share)
    SELECT area_code, round_id, :day, people,
        least(greatest(round(100.0 * vaccinated / people), :edge), 100 - :edge)
    FROM chosen WHERE people >= :at_least AND NOT EXISTS (
        SELECT 1 FROM survey_told AS told
        WHERE (told.round_id, told.area_code) = (chosen.round_id, chosen.area_code)
            AND abs(told.people - chosen.people) < :step
    )
    ON CONFLICT (area_code) DO UPDATE SET round_id = excluded.round_id, on_day = excluded.on_day,
        people = excluded.people, share = excluded.share
    WHERE kept.on_day < excluded.on_day
    RETURNING area_code, round_id, people
),
noted AS (
    INSERT INTO survey_told (round_id, area_code, people) SELECT round_id, area_code, people FROM put
)
SELECT (SELECT count(*) FROM put) + (SELECT count(*) FROM gone)
""")


def publish(session: Session, now: datetime) -> int:
    """Brings the published figures up to the day, as far as the steps allow; returns how many changed."""
    asked = {"at_least": AT_LEAST, "step": STEP, "edge": EDGE, "day": today(now)}
    changed: int = session.execute(_PUBLISH, asked).scalar_one()
    if changed:
        database.mark_changed(session, "survey")
    return changed
