"""Keeps the figures: what changed is counted again, the rest stays. A rebuild of everything gives the same figures.

Triggers note each change with its tambon (``statistics_pending``). A note and its change are committed together, so
whoever takes a note out sees the change. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.core.config import Config
from mapapp.database import locks
from mapapp.database.server_time import database_time
from mapapp.statistics import computing, measures
from mapapp.statistics.measures import Measure
from mapapp.statistics.models import StatisticsMeasure, StatisticsPending

CHORE: Final = "statistics"
"""The chore that counts; it is poked by this name."""

BY_CLOCK: Final = timedelta(minutes=10)
"""How often measures that change by time alone are counted for all areas."""

AT_ONCE: Final = 20_000
"""Notes that are taken in one transaction."""

MANY: Final = 2_000
"""From this many tambons on, counting all costs less."""

_TAKE: Final = text("""
WITH taken AS (
    DELETE FROM statistics_pending WHERE id IN (SELECT id FROM statistics_pending ORDER BY id LIMIT :most)
    RETURNING source, tambon_code
)
SELECT source, tambon_code, count(*) FROM taken GROUP BY source, tambon_code
""")


def step(session: Session, config: Config, now: datetime) -> bool:
    """Counts what is noted, what is due by the clock, and what was never counted; whether notes are left.

    For a transaction of its own. It waits for any other one that counts.
    """
    _lock(session)
    known = {one.key: one for one in session.scalars(select(StatisticsMeasure))}
    taken = session.execute(_TAKE, {"most": AT_ONCE}).all()
    for measure in measures.all_measures():
        if _is_due(measure, known.get(measure.key), now):
            _everything(session, measure, config, now)
        else:
            _noted(session, measure, [row[1] for row in taken if row[0] in measure.sources], config, now)
    is_left: bool = sum(row[2] for row in taken) >= AT_ONCE
    if not is_left:
        # Only now: a change that is noted is in no figure yet.
        session.execute(text("UPDATE statistics_measures SET as_of = :now"), {"now": now})
    session.expire_all()
    return is_left


def _is_due(measure: Measure, kept: StatisticsMeasure | None, now: datetime) -> bool:
    if kept is None or kept.cells != list(measure.cells):
        return True
    return measure.by_clock and abs(now - kept.counted_at) >= BY_CLOCK


def _noted(session: Session, measure: Measure, codes: Iterable[str | None], config: Config, now: datetime) -> None:
    tambons = set(codes)
    if None in tambons or len(tambons) > MANY:
        _everything(session, measure, config, now)
    elif tambons:
        computing.count(session, measure, {code for code in tambons if code is not None}, now, config)


def _everything(session: Session, measure: Measure, config: Config, now: datetime) -> int:
    """All areas of a measure; how many figures are others now."""
    kept = session.execute(select(StatisticsMeasure.cells).where(StatisticsMeasure.key == measure.key)).scalar()
    if kept != list(measure.cells):
        # Rows with other cells must not be added to rows with the new ones.
        computing.forget(session, [one.key for one in measures.all_measures() if one is not measure])
    changed = computing.count(session, measure, None, now, config)
    row = insert(StatisticsMeasure).values(key=measure.key, cells=list(measure.cells), as_of=now, counted_at=now)
    put = {"cells": row.excluded.cells, "as_of": row.excluded.as_of, "counted_at": row.excluded.counted_at}
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_=put))
    return changed


def settle(session: Session, config: Config, now: datetime | None = None) -> None:
    """All that is noted, within this transaction: for commands and demo data."""
    now = now or database_time(session)
    while step(session, config, now):
        pass


def rebuild(session: Session, config: Config, now: datetime | None = None) -> int:
    """Counts everything from the rooms' own rows; how many figures were others before. Notes that are there go."""
    now = now or database_time(session)
    _lock(session)
    session.execute(delete(StatisticsPending))
    computing.forget(session, measures.names())
    return sum(_everything(session, measure, config, now) for measure in measures.all_measures())


def different(session: Session, config: Config, now: datetime | None = None) -> int:
    """How many figures a rebuild would change, after all that is noted was counted. Changes nothing that stays."""
    now = now or database_time(session)
    with session.begin_nested() as undone:
        settle(session, config, now)
        found = rebuild(session, config, now)
        undone.rollback()
    session.expire_all()
    return found


def pending(session: Session) -> int:
    """How many notes are to be counted."""
    return session.scalars(select(func.count()).select_from(StatisticsPending)).one()


def _lock(session: Session) -> None:
    locks.share(session, locks.AREAS)
    locks.take(session, locks.STATISTICS)
