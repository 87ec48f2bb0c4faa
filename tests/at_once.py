"""Several at once, really: threads with transactions of their own, begun at the same moment, whose commits stay."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core import config
from mapapp.core.errors import DomainError
from tests.conftest import migrated_database, test_database_url
from tests.data import small_country

T = TypeVar("T")
Work = Callable[[Session], object]
Start = Callable[[], object]
"""Waits until all have come to the start."""

PATIENCE_S = 60
"""So long the slowest may take to come to the start."""


@contextmanager
def own_database(name: str, *, connections: int = 16) -> Iterator[Engine]:
    """A database of its own with the small country, as the service's role sees it."""
    owner = migrated_database(name)
    with database.sessions(owner)() as session:
        small_country(session)
    made = database.engine(test_database_url(name), role=config.APP_ROLE, pool_size=connections)
    yield made
    made.dispose()
    owner.dispose()


def together(works: Sequence[Callable[[], T]]) -> list[T]:
    """Does each in a thread of its own, begun together: what each gave, in their order. What one raises is raised."""

    def run(work: Callable[[], T], start: Start) -> T:
        start()
        return work()

    return _from_one_line([partial(run, work) for work in works])


def _wake(session: Session) -> None:
    """There is a connection; it goes back to the pool, which may be smaller than the crowd."""
    session.execute(text("SELECT 1"))
    session.commit()


def at_once(
    engine: Engine, works: Sequence[Work], *, first: Work = _wake, keeping: type[DomainError] | None = None
) -> list[Any]:
    """Does each in a transaction of its own, begun together: what each gave, or the error with which it was refused.

    Args:
        first: what each has done (read) in its transaction before they begin.
        keeping: an error after which what was written stays.
    """

    def run(work: Work, start: Start) -> object:
        with database.sessions(engine)() as session:
            _held = first(session)  # keeps what was read
            start()
            try:
                made = work(session)
                session.commit()
                return made
            except DomainError as error:
                if keeping is not None and isinstance(error, keeping):
                    session.commit()
                return error

    return _from_one_line([partial(run, work) for work in works])


def outcomes(engine: Engine, works: Sequence[Work]) -> Counter[str]:
    """How many were “done”, done before (“again”), or refused, by the name of the error."""
    return Counter(
        type(one).__name__ if isinstance(one, DomainError) else "done" if getattr(one, "is_new", True) else "again"
        for one in at_once(engine, works)
    )


def _from_one_line(runs: Sequence[Callable[[Start], T]]) -> list[T]:
    line = threading.Barrier(len(runs), timeout=PATIENCE_S)
    with ThreadPoolExecutor(len(runs)) as pool:
        running = [pool.submit(run, line.wait) for run in runs]
    return [one.result() for one in running]
