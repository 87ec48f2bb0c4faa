"""How much one may do within an hour and within a day, counted in the rows that say what they did; and
waits that grow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mapapp.core.clock import seconds_until

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class Growing(NamedTuple):
    """From so many on each one is followed by a wait, twice as long as the one before: a limit that shuts nobody
    out."""

    most: int
    first: timedelta
    doubles: int
    """So often; then it stays as long as it is."""

    def until(self, count: int, newest: datetime | None, now: datetime) -> datetime:
        """When the next is taken: now, or after the newest of so many."""
        more = count - self.most
        return now if more < 0 or newest is None else newest + self.first * 2 ** min(more, self.doubles)


def wait_s(
    session: Session,
    at: InstrumentedAttribute[datetime],
    *theirs: ColumnElement[bool],
    an_hour: int,
    a_day: int,
    now: datetime,
) -> int:
    """Seconds until one more is allowed; 0 where it is now.

    The caller holds a lock of whoever is counted, so that twenty at once are counted one by one.

    Args:
        at: when each was done.
        theirs: which rows count.
        an_hour, a_day: so many are allowed.
    """
    last_hour: Any = at > now - _HOUR
    in_hour, in_day, first_of_hour, first_of_day = session.execute(
        select(func.count().filter(last_hour), func.count(), func.min(at).filter(last_hour), func.min(at)).where(
            *theirs, at > now - _DAY
        )
    ).one()
    if in_day >= a_day:
        return seconds_until(first_of_day + _DAY, now)
    if in_hour >= an_hour:
        return seconds_until(first_of_hour + _HOUR, now)
    return 0
