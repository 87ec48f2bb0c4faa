"""Volunteers who can claim requests, and those who wait for an approval."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mapapp.core.config import Config
from mapapp.core.errors import N_
from mapapp.statistics.measures import Measure, Sum

SQL: Final = """
SELECT v.home_tambon AS code, CAST(ARRAY[
    count(*) FILTER (WHERE v.state = 'approved' AND current.id IS NOT NULL AND v.paused_at IS NULL),
    count(*) FILTER (WHERE v.state = 'approved' AND current.id IS NOT NULL AND v.paused_at IS NOT NULL),
    count(*) FILTER (WHERE v.state = 'waiting')
] AS bigint[]) AS values
FROM volunteers AS v
LEFT JOIN appointments AS current ON current.id = v.appointment_id AND current.starts_at <= :now
    AND (current.ends_at IS NULL OR current.ends_at > :now) AND (current.ended_at IS NULL OR current.ended_at > :now)
WHERE CAST(:codes AS text[]) IS NULL OR v.home_tambon = ANY(CAST(:codes AS text[]))
GROUP BY v.home_tambon
"""


def _parameters(now: datetime, _config: Config) -> Mapping[str, Any]:
    return {"now": now}


MEASURE: Final = Measure(
    key="volunteers",
    label=N_("Volunteers"),
    definition=N_("Approved volunteers by the tambon they live in. Active: not on a break."),
    source=N_("Volunteers registered in this service"),
    cells=("active", "paused", "waiting"),
    sums=(
        Sum("active", N_("Active"), ("active",), "people", "low"),
        Sum("paused", N_("On a break"), ("paused",)),
        Sum("waiting", N_("Waiting for approval"), ("waiting",), "people", "high"),
    ),
    ratios=(),
    main="active",
    people=True,
    sources=frozenset({"volunteers", "areas"}),
    sql=SQL,
    absent="zero",
    by_clock=True,
    parameters=_parameters,
    rows=lambda code: f"/officer/volunteers?area={code}",
)
