"""Counts the cells of tambons by the measures' own queries, and adds them up to amphoe, provinces and the country."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.areas.models import COUNTRY
from mapapp.core.config import Config
from mapapp.statistics.measures import Measure

_PUT: Final = """
put AS (
    INSERT INTO statistics_figures AS kept (measure, area_code, values, changed_at)
    SELECT :measure, code, values, :at FROM wanted
    ON CONFLICT (measure, area_code) DO UPDATE SET values = excluded.values, changed_at = excluded.changed_at
    WHERE kept.values IS DISTINCT FROM excluded.values
    RETURNING area_code
)
SELECT area_code FROM gone UNION SELECT area_code FROM put
"""
"""Writes what has changed, and only that; the codes of it."""

_TAMBONS: Final = """
WITH made AS ({sql}),
wanted AS (
    SELECT code, COALESCE(made.values, CAST(:absent AS bigint[])) AS values
    FROM (
        SELECT code FROM areas WHERE level = 'tambon' AND (CAST(:codes AS text[]) IS NULL OR code = ANY(:codes))
        UNION SELECT code FROM made WHERE code ~ '^[0-9]{{6}}$'
    ) AS place LEFT JOIN made USING (code)
),
gone AS (
    DELETE FROM statistics_figures AS kept
    WHERE kept.measure = :measure AND length(kept.area_code) = 6
        AND (CAST(:codes AS text[]) IS NULL OR kept.area_code = ANY(:codes))
        AND NOT EXISTS (SELECT FROM wanted WHERE wanted.code = kept.area_code)
    RETURNING area_code
),
"""

_ABOVE: Final = f"""
WITH part AS (
    SELECT parent.code, cell.at, CASE
        WHEN (CAST(:strict AS boolean[]))[cell.at] AND count(cell.number) < count(*) THEN NULL
        ELSE CAST(sum(cell.number) AS bigint) END AS number
    FROM unnest(CAST(:parents AS text[])) AS parent (code)
    JOIN statistics_figures AS kept ON kept.measure = :measure AND length(kept.area_code) = :length
        AND kept.area_code <> '{COUNTRY}' AND CASE WHEN parent.code = '{COUNTRY}' THEN true
            ELSE kept.area_code >= parent.code AND kept.area_code < parent.code || '999' END
    CROSS JOIN LATERAL unnest(kept.values) WITH ORDINALITY AS cell (number, at)
    GROUP BY parent.code, cell.at
),
wanted AS (SELECT code, array_agg(number ORDER BY at) AS values FROM part GROUP BY code),
gone AS (
    DELETE FROM statistics_figures AS kept
    WHERE kept.measure = :measure AND kept.area_code = ANY(:parents)
        AND NOT EXISTS (SELECT FROM wanted WHERE wanted.code = kept.area_code)
    RETURNING area_code
),
{_PUT}
"""  # noqa: S608 - our own words


_KNOWN: Final = text("SELECT area_code FROM statistics_figures WHERE measure = :measure")


def count(session: Session, measure: Measure, codes: Collection[str] | None, now: datetime, config: Config) -> int:
    """Counts tambons of a measure, and what lies above those that changed. Returns how many figures are others now.

    Args:
        codes: the tambons; None: all.
    """
    nothing = 0 if measure.absent == "zero" else None
    parameters: dict[str, Any] = {
        **measure.parameters(now, config), "measure": measure.key, "at": now,
        "codes": None if codes is None else sorted(codes), "absent": [nothing] * len(measure.cells),
    }  # fmt: skip
    statement = text(_TAMBONS.format(sql=measure.sql) + _PUT)
    changed = set(session.scalars(statement, parameters))
    return len(changed) + _add_up(session, measure, changed, now, is_whole=codes is None)


def _add_up(session: Session, measure: Measure, tambons: set[str], now: datetime, *, is_whole: bool) -> int:
    """Each level from the one below it, as far up as figures change; of the whole table, all of it."""
    changed, below = 0, tambons
    if is_whole:
        below = tambons | set(session.scalars(_KNOWN, {"measure": measure.key}))
    for length in (4, 2, 0):
        parents = {code[:length] or COUNTRY for code in below if code != COUNTRY}
        if not parents:
            break
        parameters = {
            "measure": measure.key, "at": now, "parents": sorted(parents), "length": length + 2,
            "strict": [cell in measure.strict for cell in measure.cells],
        }  # fmt: skip
        above = set(session.scalars(text(_ABOVE), parameters))
        changed += len(above)
        below = below if is_whole else above
    return changed


def forget(session: Session, kept: Collection[str]) -> None:
    """Takes out what is kept of measures that no room has any more, or that have other cells now.

    Args:
        kept: keys of measures that stay.
    """
    session.execute(text("DELETE FROM statistics_figures WHERE measure <> ALL(:kept)"), {"kept": sorted(kept)})
    session.execute(text("DELETE FROM statistics_measures WHERE key <> ALL(:kept)"), {"kept": sorted(kept)})
