"""What is still to be computed: remembered with the change that caused it, done a province at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.coverage.models import CoveragePending
from mapapp.coverage.sql import statement

FEW = 40
"""Tambons of several provinces that are computed together: what one pin touches is one step, not three."""

Tambons = Mapping[str, Collection[int]]
"""Tambon → the radii in metres whose shares may differ."""


def add(session: Session, kind: str, tambons: Tambons, *, forget_stale: bool, now: datetime) -> int:
    """Remembers tambons of a kind; ``forget_stale``: what is kept with stale facilities goes first. How many."""
    if tambons:
        session.execute(
            statement("enqueue"),
            {
                "kind": kind,
                "codes": list(tambons),
                "metres": ["{" + ",".join(map(str, sorted(radii))) + "}" for radii in tambons.values()],
                "forget_stale": forget_stale,
                "now": now,
            },
        )
    return len(tambons)


def take(session: Session) -> Sequence[Any]:
    """Takes out the tambons to compute next, all of one kind; empty where nothing is left."""
    return session.execute(statement("take"), {"few": FEW}).all()


def counted(kinds: Collection[str] | None = None, within: str | None = None) -> ScalarSelect[int]:
    """How many tambon × kind are still to be computed, for a statement that asks for more."""
    wanted = select(func.count()).select_from(CoveragePending).where(areas.scope(CoveragePending.area_code, within))
    if kinds is not None:
        wanted = wanted.where(CoveragePending.kind.in_(kinds))
    return wanted.scalar_subquery()


def count(session: Session, kinds: Collection[str] | None = None) -> int:
    """How many tambon × kind are still to be computed."""
    return session.scalars(select(counted(kinds))).one()
