"""What time it is: the database's clock, and no other, decides rights, leases, links and limits.

Any number of machines answer for one database. A clock of theirs that goes three seconds behind would not know a link
that another one has just made; so none of them is asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.orm import Session, sessionmaker

READ_EVERY_S: Final = 20.0
"""From one look at the database's clock to the next. In between, a quartz goes wrong by less than a millisecond."""

SKEW: Final = timedelta(seconds=2)
"""From here on the operator is told about a machine's own clock: logs and certificates go by it."""

_TRIES: Final = 3
_SWIFT_S: Final = 0.02


def database_time(session: Session | Connection) -> datetime:
    """The database's time at this moment, by a statement of its own."""
    found: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return found


def machine_time() -> datetime:
    """This machine's own time: for saying how wrong it is, and for nothing else."""
    return datetime.now(UTC)


def _ticks() -> float:
    """Seconds that only go forward, also during sleep of the machine; no one can set them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Clock:
    """The database's clock as a process keeps it: read now and then, and counted on from there. Safe between threads.

    Args:
        factory: sessions to read it with.
        machine: this machine's own time, to compare.
    """

    def __init__(self, factory: sessionmaker[Session], machine: Callable[[], datetime] = machine_time) -> None:
        self._factory = factory
        self._machine = machine
        self._lock = threading.Lock()
        self._read: tuple[datetime, float] | None = None
        self._until = float("-inf")

    def __call__(self) -> datetime:
        """The time.

        Raises:
            DBAPIError: it was never read, and the database does not answer.
        """
        if _ticks() >= self._until:
            self._renew()
        assert self._read is not None
        at, ticked = self._read
        return at + timedelta(seconds=_ticks() - ticked)

    def skew(self) -> timedelta:
        """How far this machine's own clock is ahead of the database's; negative: behind."""
        return self._machine() - self()

    def doubt(self, *_event: Any) -> None:
        """To be read again before it is next used: another server may answer now, with another clock."""
        self._until = float("-inf")

    def follow(self, engine: Engine) -> None:
        """Doubts whenever this engine opens a connection."""
        event.listen(engine, "connect", self.doubt)

    def _renew(self) -> None:
        # A thread that has a reading does not wait for the one that is taking the next.
        if not self._lock.acquire(blocking=self._read is None):
            return
        try:
            if _ticks() >= self._until:
                self._look()
        except Exception:
            if self._read is None:
                raise
            self._until = _ticks() + 1.0  # the database is unavailable: no decision now, and time goes on
        finally:
            self._lock.release()

    def _look(self) -> None:
        best = float("inf")
        with self._factory() as session:
            for _ in range(_TRIES):
                began = _ticks()
                at = database_time(session)
                took = _ticks() - began
                if took < best:
                    best, self._read = took, (at, began + took / 2)
                if took < _SWIFT_S:
                    break
        self._until = _ticks() + READ_EVERY_S
