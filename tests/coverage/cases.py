"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from tests.architecture.matrix import AGE_ONLY, ON_RETURN, Freshness

SWEPT: dict[str, str] = {
    "coverage_sites": "coverage",  # as many as pins
    "coverage": "coverage",
    "coverage_with_stale": "coverage",
    "coverage_pending": "coverage",  # each row goes when its figures are stored
    "coverage_days": "coverage of the day",
    "coverage_history": "coverage of the day",
}
"""Table → the chore that takes out what has served its time."""

FRESHNESS: dict[str, Freshness] = {
    "coverage.area": ON_RETURN,
    "coverage.index": ON_RETURN,
    "coverage.best_site": AGE_ONLY,
    "one_more.page": AGE_ONLY,
    "compare.page": AGE_ONLY,
}
"""Page → how it says that it has changed."""
