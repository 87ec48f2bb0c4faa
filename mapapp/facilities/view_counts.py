"""How often a pin's public page was opened on a day: what is used most is checked first. No personal data, no Flask.

Counted in the memory of each web process and written from time to time with one statement, so that reading a page
never writes. What a process has counted and not yet written is lost when it is killed: these are hints, not records.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core.clock import today

MOST_KEPT: Final = 20_000
"""Maximum number of facility-days kept in memory (about 3 MB); if they are not written, more are not counted."""

_WRITE = text(
    """
    INSERT INTO facility_uses (facility_id, day, opened)
    SELECT f.id, u.day, u.opened
    FROM unnest(CAST(:ids AS bigint[]), CAST(:days AS date[]), CAST(:counts AS integer[])) AS u (id, day, opened)
    JOIN facilities AS f ON f.id = u.id
    ORDER BY f.id, u.day
    ON CONFLICT (facility_id, day) DO UPDATE SET opened = facility_uses.opened + excluded.opened
    """
)
# Ordered, so that two processes that write at once take the rows' locks in the same order.


class Uses:
    """What one process has counted since it last wrote; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: Counter[tuple[int, date]] = Counter()

    def opened(self, facility_id: int, now: datetime) -> None:
        """Counts one view of this facility's page."""
        key = (facility_id, today(now))
        with self._lock:
            if key in self._opened or len(self._opened) < MOST_KEPT:
                self._opened[key] += 1

    def write(self, session: Session, now: datetime | None = None) -> int:
        """Writes what was counted and starts again from nothing; where that fails, it is counted still.

        Returns:
            how many rows were written. ``now`` is not needed; every chore is given it.
        """
        with self._lock:
            taken, self._opened = self._opened, Counter()
        if not taken:
            return 0
        values = {
            "ids": [facility_id for facility_id, _ in taken],
            "days": [day for _, day in taken],
            "counts": list(taken.values()),
        }
        try:
            session.execute(_WRITE, values)
        except BaseException:
            with self._lock:
                self._opened.update(taken)
            raise
        return len(taken)


def forget_before(session: Session, day: date) -> int:
    """Takes the counts of days before this one away; returns how many rows."""
    done = session.execute(text("DELETE FROM facility_uses WHERE day < :day"), {"day": day})
    return int(done.rowcount)  # type: ignore[attr-defined]  # of a DELETE it is there
