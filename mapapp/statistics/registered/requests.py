"""Help requests: those of the last seven days by how soon they were claimed, the open ones, those that ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from mapapp.core.config import Config
from mapapp.core.errors import N_
from mapapp.help_requests.board.measures import HELPED, NOT_COUNTED
from mapapp.statistics.measures import Measure, Ratio, Sum

WINDOW: Final = timedelta(days=7)

CELLS: Final = (
    "claimed_1h", "claimed_4h", "claimed_24h", "claimed_later", "unclaimed",
    "waiting_24h", "waiting_longer", "with_volunteer", "to_confirm",
    "helped_24h", "helped_72h", "helped_later", "not_helped",
)  # fmt: skip


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_POSTED: Final = "posted_at > :since AND posted_at <= :now"
_ENDED: Final = "closed_at > :since AND closed_at <= :now"
_CLAIM: Final = "first_claimed_at - posted_at"
_HELP: Final = f"outcome IN ({_words(HELPED)})"
_TOOK: Final = "COALESCE(done_at, closed_at) - posted_at"
_FREE: Final = "closed_at IS NULL AND done_at IS NULL AND free_from <= :now"

_FILTERS: Final = (
    f"{_POSTED} AND {_CLAIM} <= interval '1 hour'",
    f"{_POSTED} AND {_CLAIM} > interval '1 hour' AND {_CLAIM} <= interval '4 hours'",
    f"{_POSTED} AND {_CLAIM} > interval '4 hours' AND {_CLAIM} <= interval '24 hours'",
    f"{_POSTED} AND {_CLAIM} > interval '24 hours'",
    f"{_POSTED} AND first_claimed_at IS NULL",
    f"{_FREE} AND posted_at > :day_ago",
    f"{_FREE} AND posted_at <= :day_ago",
    "closed_at IS NULL AND done_at IS NULL AND (free_from IS NULL OR free_from > :now)",
    "closed_at IS NULL AND done_at IS NOT NULL",
    f"{_ENDED} AND {_HELP} AND {_TOOK} <= interval '24 hours'",
    f"{_ENDED} AND {_HELP} AND {_TOOK} > interval '24 hours' AND {_TOOK} <= interval '72 hours'",
    f"{_ENDED} AND {_HELP} AND {_TOOK} > interval '72 hours'",
    f"{_ENDED} AND NOT {_HELP}",
)

SQL: Final = f"""
SELECT tambon_code AS code, CAST(ARRAY[{", ".join(f"count(*) FILTER (WHERE {one})" for one in _FILTERS)}] AS bigint[])
    AS values
FROM help_requests
WHERE (closed_at IS NULL OR closed_at > :since OR posted_at > :since)
    AND (outcome IS NULL OR outcome NOT IN ({_words(NOT_COUNTED)}))
    AND (CAST(:codes AS text[]) IS NULL OR tambon_code = ANY(CAST(:codes AS text[])))
GROUP BY tambon_code
"""  # noqa: S608 - our own words


def _parameters(now: datetime, _config: Config) -> Mapping[str, Any]:
    return {"now": now, "since": now - WINDOW, "day_ago": now - timedelta(days=1)}


def _sum(key: str, label: str, cells: tuple[str, ...], worse: str = "", *, is_shown: bool = True) -> Sum:
    return Sum(key, label, cells, "requests", worse, "", is_shown)  # type: ignore[arg-type]


_SOON: Final = CELLS[:2]
_CLAIMED: Final = CELLS[:4]

MEASURE: Final = Measure(
    key="requests",
    label=N_("Help requests"),
    definition=N_(
        "Requests sent in the last 7 days and how soon a volunteer accepted them; requests that are open now; requests "
        "that ended in the last 7 days. Duplicates and requests that were not genuine are not counted."
    ),
    source=N_("Help requests in this service"),
    cells=CELLS,
    sums=(
        _sum("waiting", N_("Waiting now"), CELLS[5:7], "high"),
        _sum("waiting_longer", N_("Waiting for more than a day"), CELLS[6:7], "high"),
        _sum("with_volunteer", N_("With a volunteer now"), CELLS[7:8]),
        _sum("to_confirm", N_("Done, not confirmed yet"), CELLS[8:9]),
        _sum("posted", N_("Sent in 7 days"), CELLS[:5]),
        _sum("claimed", N_("Of these accepted"), _CLAIMED, "low"),
        _sum("claimed_soon", N_("Accepted within 4 hours"), _SOON, "low", is_shown=False),
        _sum("ended", N_("Ended in 7 days"), CELLS[9:]),
        _sum("helped", N_("Of these helped"), CELLS[9:12]),
        _sum("helped_soon", N_("Helped within 24 hours"), CELLS[9:10], "low", is_shown=False),
    ),
    ratios=(
        Ratio("soon", N_("Share accepted within 4 hours"), "claimed_soon", "posted"),
        Ratio("helped_day", N_("Share helped within 24 hours"), "helped_soon", "helped"),
    ),
    main="waiting",
    people=True,
    sources=frozenset({"requests", "areas"}),
    sql=SQL,
    absent="zero",
    by_clock=True,
    parameters=_parameters,
    breaks={"soon": (0.2, 0.4, 0.6, 0.8, 1.0), "helped_day": (0.2, 0.4, 0.6, 0.8, 1.0)},
    rows=lambda code: f"/officer/requests?area={code}",
)
