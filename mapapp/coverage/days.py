"""The figures of earlier days: kept once a day where they have changed, for as many days as the setting says."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.core.clock import BANGKOK
from mapapp.coverage.models import Coverage, CoverageDay
from mapapp.coverage.sql import statement
from mapapp.database import mark_changed


def keep(session: Session, now: datetime, *, days: int) -> int:
    """Takes today's figures in, as they stand now; returns the number of figures that are new or others.

    Each look on a day replaces the one before, so a day is kept as it stood at the last of them. Where nothing was
    computed since, nothing is compared.

    Args:
        days: how many days are kept, today among them.
    """
    today = now.astimezone(BANGKOK).date()
    newest = session.scalar(select(func.max(Coverage.computed_at)))
    seen = session.scalar(select(CoverageDay.seen_at).where(CoverageDay.day == today))
    if newest is None or (seen is not None and newest < seen):
        return 0
    changed = 0
    for stale in (False, True):
        found = session.execute(statement("keep_day", stale=stale), {"stale": stale, "day": today})
        changed += found.rowcount  # type: ignore[attr-defined]  # of an INSERT there is one
    made = insert(CoverageDay).values(day=today, seen_at=now)
    session.execute(made.on_conflict_do_update(index_elements=["day"], set_={"seen_at": now}))
    first = today - timedelta(days=days - 1)
    session.execute(statement("forget_days"), {"first": first})
    session.execute(delete(CoverageDay).where(CoverageDay.day < first))
    if changed or seen is None:
        mark_changed(session, "coverage")
    return changed
