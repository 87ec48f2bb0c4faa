"""Rate limits: a number within a time, and growing waits; one calculation for all of them.

Counts are in ``limit_counts``, in one place for all processes; or they are counted from the rows that record the action
itself (``wait_s``). Counting first takes a lock for the person or address (``locks``), so that twenty simultaneous
attempts are counted one after the other: ``hold`` for this table, the room's own lock for its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, DateTime, Identity, Index, and_, delete, func, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from mapapp.core.clock import seconds_until
from mapapp.database import Base, locks
from mapapp.database.scheduler import Chore

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

REMEMBERED: Final = DAY
"""No limit looks further back; then the counts are swept away (``sweep``)."""


class Count(Base):
    """One use of something that is limited: a wrong try, a post, a code that was sent."""

    __tablename__ = "limit_counts"
    __table_args__ = (Index("ix_limit_counts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[bytes]
    """Blind index of who, and of what is counted: neither a number nor an address stands here."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Limit(NamedTuple):
    """So many within this time; then nothing until the first of them is that long ago."""

    most: int
    within: timedelta

    def until(self, times: Sequence[datetime], now: datetime) -> datetime:
        """When one more is taken: now, or once fewer than the most are left within the time.

        Args:
            times: of those before, the newest first; older ones than ``within`` may be among them.
        """
        return max(now, times[self.most - 1] + self.within) if len(times) >= self.most else now


class Growing(NamedTuple):
    """From this number on, each attempt is followed by a wait, twice as long as the last: a limit that locks no one
    out."""

    most: int
    first: timedelta
    doubles: int
    """So often; then it stays as long as it is."""
    longest: timedelta | None = None
    """Nor is it ever longer than this."""

    def wait(self, count: int) -> timedelta:
        """How long after the newest of so many the next is taken."""
        more = count - self.most
        if more < 0:
            return timedelta()
        grown: timedelta = self.first * 2 ** min(more, self.doubles)
        return grown if self.longest is None else min(grown, self.longest)

    def until(self, count: int, newest: datetime | None, now: datetime) -> datetime:
        """When the next is taken: now, or after the newest of so many."""
        return now if newest is None or count < self.most else newest + self.wait(count)


@dataclass(frozen=True)
class Used:
    """What one key did within a time."""

    count: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


def hold(session: Session, *keys: bytes) -> None:
    """Prevents others from counting these until the transaction ends."""
    locks.take(session, locks.COUNTED, *keys)


def add(session: Session, keys: Collection[bytes], now: datetime) -> None:
    """Counts one use of each; rolled back, it was none."""
    if keys:
        session.execute(insert(Count), [{"key": key, "at": now} for key in keys])


def forget(session: Session, key: bytes) -> None:
    """Takes back all that was counted of it."""
    session.execute(delete(Count).where(Count.key == key))


def used(session: Session, keys: Collection[bytes], within: timedelta, now: datetime) -> dict[bytes, Used]:
    """What each did within a time; every key is there."""
    _remembered(within)
    found = (
        select(Count.key, func.count(), func.min(Count.at), func.max(Count.at))
        .where(Count.key.in_(keys), Count.at > now - within)
        .group_by(Count.key)
    )
    done = {bytes(key): Used(count, oldest, newest) for key, count, oldest, newest in session.execute(found)}
    return {key: done.get(key, Used()) for key in keys}


def counts(session: Session, key: bytes, within: Sequence[timedelta], now: datetime) -> list[int]:
    """How often one did it within each of these times, in one statement."""
    for one in within:
        _remembered(one)
    asked = (func.count().filter(Count.at > now - one) for one in within)
    return list(session.execute(select(*asked).where(Count.key == key, Count.at > now - max(within))).one())


def times(session: Session, within: dict[bytes, timedelta], now: datetime) -> dict[bytes, list[datetime]]:
    """When each did it within a time of its own, the newest first; every key is there."""
    for one in within.values():
        _remembered(one)
    recent = or_(*(and_(Count.key == key, Count.at > now - span) for key, span in within.items()))
    found: dict[bytes, list[datetime]] = {key: [] for key in within}
    for key, at in session.execute(select(Count.key, Count.at).where(recent).order_by(Count.at.desc())):
        found[bytes(key)].append(at)
    return found


def wait_s(
    session: Session,
    at: InstrumentedAttribute[datetime],
    *theirs: ColumnElement[bool],
    an_hour: int,
    a_day: int,
    now: datetime,
) -> int:
    """Seconds until one more is allowed, of what is counted in the rows that say what was done; 0 where it is now.

    The caller holds a lock of whoever is counted.

    Args:
        at: when each was done.
        theirs: which rows count.
        an_hour, a_day: so many are allowed.
    """
    newest = select(at).where(*theirs, at > now - DAY).order_by(at.desc()).limit(max(an_hour, a_day))
    return wait_of(session.scalars(newest).all(), an_hour=an_hour, a_day=a_day, now=now)


def wait_of(done: Sequence[datetime], *, an_hour: int, a_day: int, now: datetime) -> int:
    """Seconds until one more is allowed within an hour and within a day; 0 where it is now.

    Args:
        done: when each was done, the newest first.
    """
    until = max(Limit(an_hour, HOUR).until(done, now), Limit(a_day, DAY).until(done, now))
    return seconds_until(until, now) if until > now else 0


def sweep(session: Session, now: datetime) -> int:
    """Deletes counts that no limit reads any longer; returns how many."""
    gone = session.execute(delete(Count).where(Count.at < now - REMEMBERED))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def chores() -> list[Chore]:
    """What the scheduler does about them."""
    return [Chore("old counts", DAY, sweep)]


def _remembered(within: timedelta) -> None:
    if within > REMEMBERED:
        raise ValueError(f"counts are kept for {REMEMBERED}, and this asks for {within}")
