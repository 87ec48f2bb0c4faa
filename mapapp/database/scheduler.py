"""Background jobs (“chores”): one thread in each web process runs slow and scheduled work.

A chore is one line in its room (``Room.chores``): a name, how often, and what to do. Shared chores run in one process
at a time, the one that gets the advisory lock. The time of each last run is stored in the database, so that ten
processes run a daily chore once a day. Each chore is a separate transaction, and the lock belongs to that transaction:
a session's lock would outlive its owner behind a pooler. A chore that fails is logged and tried again one round later.
A chore that is killed leaves nothing: the database rolls its transaction back and frees the lock.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, DateTime, Engine, event, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from mapapp.database import Base, locks
from mapapp.database.server_time import database_time

log = logging.getLogger(__name__)

ROUND_S = 60.0
FIRST_S = 1.0
AGAIN_S = 0.5
"""Seconds from round to round, before the first, and until a poke is tried again while another process keeps house;
also the pause after a round, so that a hundred saves are not a hundred rounds."""

EARLY = timedelta(seconds=10)
"""A chore that would be due within this is done now: else one of 60 s would run every second round."""


class ChoreRun(Base):
    """When a shared chore was last done."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


MORE = "more"
"""Returned by a chore that has done a part; the next part runs in a separate transaction, so that locks are short."""


@dataclass(frozen=True)
class Chore:
    """Something to do from time to time. ``work`` gets a session, which is committed for it, and the time."""

    name: str
    every: timedelta
    work: Callable[[Session, datetime], object]
    poked: bool = False
    """Done too as soon as the scheduler is poked, by its name or by none."""
    everywhere: bool = False
    """Done in every process, each for itself: for what a process keeps in its memory."""


class Scheduler:
    """The housekeeping of one process.

    Args:
        engine: makes the engine, in the scheduler's own thread; without a statement timeout.
        chores: what to do.
        clock: the time; None: the database's.
        unfit: why nothing may be done on this database now, None where all may; asked before each round. What must not
            be done is not lost: what is due stays due, and what this process has in memory stays there.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        chores: Sequence[Chore],
        clock: Callable[[], datetime] | None = None,
        unfit: Callable[[Session], str | None] = lambda _session: None,
        carried: dict[str, Any] | None = None,
    ) -> None:
        self.carried = carried
        """What each session of a chore carries with it."""
        self._make_engine = engine
        self._chores = chores
        self._clock = clock
        self._unfit = unfit
        self._told: str | None = None
        self._pid = 0
        self._thread: threading.Thread | None = None
        self._poked = threading.Event()
        self._wanted: set[str] = set()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._ran: dict[str, datetime] = {}

    def start(self) -> None:
        """Starts the thread where this process has none yet; a process that was forked starts its own."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            self._stopping, self._poked = threading.Event(), threading.Event()
            self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
            self._thread.start()
            self._pid = os.getpid()

    def poke(self, *names: str) -> None:
        """Something has changed that others wait for: chores that are done when poked are done at once.

        Args:
            names: of the chores; none: all of them. What an entry of a survey changes is no reason to look through all
                facilities.
        """
        with self._starting:
            self._wanted |= set(names or self._all())
        self._poked.set()

    def _all(self) -> set[str]:
        return {chore.name for chore in self._chores if chore.poked}

    def stop(self, seconds: float = 5.0) -> bool:
        """Ends the thread after what it is doing, and writes what this process has in memory; whether it ended."""
        thread = self._thread
        if thread is None or self._pid != os.getpid():
            return True
        self._stopping.set()
        self._poked.set()
        thread.join(seconds)
        return not thread.is_alive()

    def _run(self) -> None:
        engine = self._make_engine()
        owed: set[str] = set()  # chores that were poked while another process keeps house
        wait = FIRST_S
        while not self._stopping.is_set():
            self._poked.wait(wait)
            with self._starting:
                self._poked.clear()
                owed, self._wanted = owed | self._wanted, set()
            if self._stopping.is_set():
                break
            wait = ROUND_S
            try:
                if self.round(engine, poked=owed):
                    owed = set()
                elif owed:
                    wait = AGAIN_S
            except Exception:
                log.exception("the scheduler's round failed; the next is in %d s", ROUND_S)
            self._stopping.wait(AGAIN_S)
        self._last(engine)

    def _last(self, engine: Engine) -> None:
        try:
            with engine.connect() as connection:
                if self._may_work(connection):
                    self._own(connection, self._time(connection), everything=True)
        except Exception:
            log.exception("what was in memory could not be written")
        engine.dispose()

    def round(self, engine: Engine, *, poked: bool | Collection[str] = False) -> bool:
        """Does what is due. Returns whether what is shared and due was this process's to do; else another does it.
        A poke that comes while nothing may be done is answered: what it was about is due at the next round anyway.

        Args:
            poked: names of chores that are done now; True: all that are done when poked.
        """
        names = self._all() if poked is True else set(poked or ())
        with engine.connect() as connection:
            if not self._may_work(connection):
                return True
            now = self._time(connection)
            self._own(connection, now)
            is_ours = True
            ran = _runs(connection)
            for chore in self._chores:
                asked, last = chore.name in names, ran.get(chore.name)
                due = asked or _is_due(chore, last, now)
                if due and not chore.everywhere and not self._stopping.is_set():
                    is_ours = self._do(connection, chore, now, since=last, poked=asked) and is_ours
        return is_ours

    def _may_work(self, connection: Connection) -> bool:
        with Session(connection) as session:
            why = self._unfit(session)
        if why != self._told:  # once, not every minute
            if why is not None:
                log.error("the scheduler does nothing: %s; run mapapp check", why)
            else:
                log.warning("the scheduler goes on")
            self._told = why
        return why is None

    def _time(self, connection: Connection) -> datetime:
        if self._clock is not None:
            return self._clock()
        now = database_time(connection)
        connection.rollback()
        return now

    def _own(self, connection: Connection, now: datetime, *, everything: bool = False) -> None:
        for chore in self._chores:
            if chore.everywhere and (everything or _is_due(chore, self._ran.get(chore.name), now)):
                self._do(connection, chore, now)

    def _do(
        self, connection: Connection, chore: Chore, now: datetime, *, since: datetime | None = None, poked: bool = False
    ) -> bool:
        """One chore, in a transaction of its own. Returns False where another process is at work."""
        try:
            with Session(connection, expire_on_commit=False, info=self.carried) as session:
                if not chore.everywhere:
                    if not _locked(session):
                        return False
                    ran_at = session.execute(select(ChoreRun.ran_at).where(ChoreRun.name == chore.name)).scalar()
                    if ran_at != since and not poked:
                        return True  # another one has just done it
                while chore.work(session, now) == MORE and not self._stopping.is_set():
                    session.commit()  # which also releases the lock
                    now = self._time(connection)
                    if not chore.everywhere and not _locked(session):
                        return False  # another one goes on with it
                if not chore.everywhere:
                    done = insert(ChoreRun).values(name=chore.name, ran_at=now)
                    session.execute(
                        done.on_conflict_do_update(index_elements=[ChoreRun.name], set_={"ran_at": now}),
                    )
                session.commit()
        except Exception:
            log.exception("the chore %s failed; it is tried again in a while", chore.name)
            if connection.invalidated:
                raise
            connection.rollback()
        else:
            self._ran[chore.name] = now
        return True


def _is_due(chore: Chore, ran_at: datetime | None, now: datetime) -> bool:
    # A time in the future is a clock that was set back: it must not put the chore off until then.
    return ran_at is None or ran_at > now + EARLY or now - ran_at >= chore.every - EARLY


def _locked(session: Session) -> bool:
    """Whether this process keeps house, until its transaction ends."""
    return locks.try_take(session, locks.CHORES)


def _runs(connection: Connection) -> dict[str, datetime]:
    found = {row.name: row.ran_at for row in connection.execute(select(ChoreRun.name, ChoreRun.ran_at))}
    connection.rollback()
    return found


def poke_after_commit(session: Session, *names: str) -> bool:
    """Pokes the scheduler the session belongs to, once this transaction is committed; False where it belongs to
    none. ``names``: as for ``poke``."""
    if "scheduler" not in session.info:
        return False
    session.info.setdefault("poke", set()).add(names)
    return True


@event.listens_for(Session, "after_commit")
def _poke(session: Session) -> None:
    if session.in_nested_transaction():
        return
    asked: set[tuple[str, ...]] = session.info.pop("poke", set())
    if asked:
        scheduler: Any = session.info["scheduler"]
        scheduler.poke(*(() if () in asked else {name for names in asked for name in names}))


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("poke", None)
