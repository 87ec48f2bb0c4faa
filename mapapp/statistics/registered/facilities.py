"""Facilities by kind and state, and who lives near one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mapapp.areas.models import COUNTRY
from mapapp.core.config import Config
from mapapp.core.errors import N_
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.kinds import KIND_ROWS, KINDS
from mapapp.facilities.labels import STATUS_LABELS
from mapapp.statistics.measures import Measure, Ratio, Sum

STATES: Final[dict[str, str]] = {
    "open": STATUS_LABELS["open"],
    "full": STATUS_LABELS["full"],
    "shut": STATUS_LABELS["temporarily_closed"],
    "outdated": N_("Out of date"),
}
"""State of a facility that is not closed for good → its name. What is out of date is in no other state."""


def _columns() -> str:
    return ", ".join(
        f"count(*) FILTER (WHERE kind = '{kind}' AND state = '{state}')" for kind in KINDS for state in STATES
    )


def _limits() -> str:
    return " ".join(f"WHEN '{kind}' THEN CAST(:fresh_{kind} AS timestamptz)" for kind in KINDS)


SQL: Final = f"""
WITH pin AS (
    SELECT tambon_code AS code, kind, CASE
        WHEN confirmed_at IS NULL OR confirmed_at < CASE kind {_limits()} END THEN 'outdated'
        WHEN status = 'temporarily_closed' AND (closed_from IS NULL OR closed_from <= :now)
            AND (closed_until IS NULL OR closed_until > :now) THEN 'shut'
        WHEN status = 'full' THEN 'full'
        ELSE 'open' END AS state
    FROM facilities
    WHERE status <> 'closed' AND tambon_code IS NOT NULL
        AND (CAST(:codes AS text[]) IS NULL OR tambon_code = ANY(CAST(:codes AS text[])))
)
SELECT code, CAST(ARRAY[{_columns()}] AS bigint[]) AS values FROM pin GROUP BY code
"""  # noqa: S608 - our own words


def _parameters(now: datetime, config: Config) -> Mapping[str, Any]:
    moments = lifetimes(config).fresh_from(now)
    return {"now": now, **{f"fresh_{kind}": moment for kind, moment in moments.items()}}


def _sums(kind: str) -> list[Sum]:
    before = f"{kind}." if kind else ""
    kinds = (kind,) if kind else KINDS

    def made(key: str, label: str, states: tuple[str, ...], *, is_shown: bool = True) -> Sum:
        cells = tuple(f"{one}_{state}" for one in kinds for state in states)
        worse = "high" if key == "outdated" else ""
        return Sum(f"{before}{key}", label, cells, "facilities", worse, kind, is_shown)  # type: ignore[arg-type]

    return [
        made("all", N_("All facilities"), tuple(STATES)),
        *(made(state, label, (state,)) for state, label in STATES.items()),
        made("current", N_("Up to date"), ("open", "full", "shut"), is_shown=False),
    ]


def _ratio(kind: str) -> Ratio:
    before = f"{kind}." if kind else ""
    return Ratio(f"{before}fresh", N_("Share that is up to date"), f"{before}current", f"{before}all", group=kind)


_GROUPS: Final = {row.name: row.label for row in KIND_ROWS}

MEASURE: Final = Measure(
    key="facilities",
    label=N_("Facilities"),
    definition=N_(
        "Facilities by type and state, without those that no longer exist. A facility is out of date if no one has "
        "confirmed it within the time for its type."
    ),
    source=N_("List of facilities of this service"),
    cells=tuple(f"{kind}_{state}" for kind in KINDS for state in STATES),
    sums=tuple(one for kind in ("", *KINDS) for one in _sums(kind)),
    ratios=tuple(_ratio(kind) for kind in ("", *KINDS)),
    main="outdated",
    people=False,
    sources=frozenset({"facilities", "areas"}),
    sql=SQL,
    absent="zero",
    groups=_GROUPS,
    group_label=N_("Type of facility"),
    by_clock=True,
    parameters=_parameters,
    breaks={"fresh": (0.2, 0.4, 0.6, 0.8, 1.0)},
    rows=lambda code: f"/officer/facilities?area={code}",
)


NEAR_KM: Final = 10

_REACH_COLUMNS: Final = ", ".join(
    f"max(round(population * within_share_{NEAR_KM})) FILTER (WHERE kind = '{kind}')" for kind in KINDS
)

_REACH_SQL: Final = f"""
SELECT area_code AS code, CAST(ARRAY[{_REACH_COLUMNS}, max(population)] AS bigint[]) AS values
FROM coverage
WHERE length(area_code) = 6 AND (CAST(:codes AS text[]) IS NULL OR area_code = ANY(CAST(:codes AS text[])))
GROUP BY area_code
"""  # noqa: S608 - our own words

REACH: Final = Measure(
    key="reach",
    label=N_("Coverage"),
    definition=N_(
        "Registered population within 10 km of a facility of the type, in a straight line. Facilities that are out of "
        "date do not count."
    ),
    source=N_("Coverage figures of this service"),
    cells=(*(f"{kind}_near" for kind in KINDS), "people"),
    sums=(
        *(Sum(f"{kind}.near", N_("People within 10 km"), (f"{kind}_near",), "people", "low", kind) for kind in KINDS),
        Sum("people", N_("Registered population"), ("people",), is_shown=False),
    ),
    ratios=tuple(
        Ratio(f"{kind}.share", N_("Share within 10 km"), f"{kind}.near", "people", group=kind) for kind in KINDS
    ),
    main=f"{KINDS[1]}.share",
    people=False,
    sources=frozenset({"coverage", "areas"}),
    sql=_REACH_SQL,
    absent="not_entered",
    groups=_GROUPS,
    group_label=N_("Type of facility"),
    strict=frozenset({*(f"{kind}_near" for kind in KINDS), "people"}),
    breaks={"share": (0.5, 0.6, 0.7, 0.8, 0.9)},
    rows=lambda code: "/coverage" if code == COUNTRY else f"/areas/{code}",
)
