"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from tests.architecture.matrix import AGE_ONLY, WATCHED, Freshness

SWEPT: dict[str, str] = {
    "statistics_pending": "statistics",  # each note goes when it is counted
    "statistics_figures": "statistics",
    "statistics_measures": "statistics",
}
"""Table → the chore that takes out what has served its time."""

KEPT: dict[str, str] = {
    "statistics_snapshots": "one row for each Friday; the chain of them is the proof that none was changed",
    "statistics_frozen": "figures without anything that leads to a person, by area, as they were on a Friday",
    "statistics_published": "what was published stays as it was",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "statistics.index": WATCHED,
    "statistics.area": WATCHED,
    "statistics.to_call": WATCHED,
    "statistics_published.index": AGE_ONLY,
    "statistics_published.area": AGE_ONLY,
}
"""Page → how it says that it has changed."""
