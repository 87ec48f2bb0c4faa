"""Writes of official figures. Nothing commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.survey.reference import contradictions, queries
from mapapp.survey.reference.schemas import Key, Loaded

_PUT = text("""
WITH put AS (
    INSERT INTO survey_reference AS kept (province_code, measure, on_day, value, source, loaded_at)
    SELECT province_code, measure, on_day, value, :source, :now
    FROM unnest(CAST(:provinces AS varchar[]), CAST(:measures AS varchar[]), CAST(:days AS date[]),
        CAST(:values AS float8[])) AS sent (province_code, measure, on_day, value)
    ON CONFLICT (province_code, measure, on_day) DO UPDATE
        SET value = excluded.value, source = excluded.source, loaded_at = excluded.loaded_at
        WHERE (kept.value, kept.source) IS DISTINCT FROM (excluded.value, excluded.source)
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new) AS new, count(*) FILTER (WHERE NOT is_new) AS changed FROM put
""")


def load(session: Session, figures: Mapping[Key, float], source: str, now: datetime) -> Loaded:
    """Takes in the figures of a file, all of them as they are; loaded again, it changes nothing.

    Args:
        figures: as ``schemas.read`` has them.
        source: whose they are; it stands beside them wherever they are shown.
    """
    keys = sorted(figures)  # two loads at once take the rows in one order
    new, changed = session.execute(
        _PUT,
        {
            "provinces": [key[0] for key in keys], "measures": [key[1] for key in keys],
            "days": [key[2] for key in keys], "values": [figures[key] for key in keys], "source": source, "now": now,
        },
    ).one()  # fmt: skip
    session.execute(text("ANALYZE survey_reference"))  # planned for as it is now, not as when it was empty
    there = queries.of(session, {code for code, _measure, _day in figures})
    apart = {
        code: contradictions.found({key: row.value for key, row in rows.items()})
        for code, rows in sorted(there.items())
    }
    return Loaded(new, changed, len(figures) - new - changed, {code: some for code, some in apart.items() if some})
