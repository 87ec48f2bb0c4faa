"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

SWEPT: dict[str, str] = {
    "statistics_pending": "statistics",  # each note goes when it is counted
    "statistics_figures": "statistics",
    "statistics_measures": "statistics",
}
"""Table → the chore that takes out what has served its time."""
