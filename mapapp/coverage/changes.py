"""What has changed since it was counted, and which tambons that can touch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.coverage.sql import statement
from mapapp.facilities.freshness import Lifetimes

MANY_PINS = 300
"""Above this many changed pins of a kind, finding out what they touch costs more than computing all of it."""

UNKNOWN_TO_THE_PLANNER = 20
"""Above this many changed pins, what the planner believes of the snapshot's size may be too wrong to be used."""

Tambons = dict[str, list[int]]
"""As ``pending.Tambons``, to be added to."""


@dataclass(frozen=True)
class Touched:
    """What changes can touch: of the figures without stale facilities, and of those with them."""

    fresh: Tambons
    all: Tambons


def changed(session: Session, now: datetime, ids: Collection[int] | None, lifetimes: Lifetimes) -> Sequence[Any]:
    """The facilities that are otherwise than they were counted; of those with ``ids``, or of all where None."""
    parameters = {"everything": ids is None, "ids": list(ids or ()), **_moments(now, lifetimes)}
    return session.execute(statement("changed"), parameters).all()


def count(session: Session, changes: Sequence[Any], now: datetime, lifetimes: Lifetimes) -> None:
    """Takes the changes into the snapshot."""
    ids = [change.id for change in changes]
    if not ids:
        return
    session.execute(statement("forget_sites"), {"ids": ids})
    session.execute(statement("count_sites"), {"ids": ids, **_moments(now, lifetimes)})
    if len(ids) > UNKNOWN_TO_THE_PLANNER:
        # Of a table it believes to be empty, the planner reads every row for every tambon: five times as long with 91
        # pins already. It must know of the rows that this transaction has just written.
        session.execute(text("ANALYZE coverage_sites"))


def _moments(now: datetime, lifetimes: Lifetimes) -> dict[str, Any]:
    since = lifetimes.fresh_from(now)
    return {"now": now, "kinds": list(since), "fresh_from": list(since.values())}


def kinds_of(changes: Iterable[Any]) -> set[str]:
    """The kinds that changed pins belong or belonged to."""
    return {kind for change in changes for kind in (change.was_kind, change.is_kind) if kind is not None}


def of_kind(changes: Iterable[Any], kind: str) -> list[Any]:
    """The changes of pins that belong or belonged to a kind."""
    return [change for change in changes if kind in (change.was_kind, change.is_kind)]


def pins(changes: Sequence[Any]) -> dict[str, int]:
    """How many pins changed, by kind."""
    return {kind: len(of_kind(changes, kind)) for kind in sorted(kinds_of(changes))}


def touched(session: Session, kind: str, changes: Sequence[Any]) -> Touched | None:
    """The tambons whose figures the changed pins of a kind can touch; None where so many changed that it may be any.

    Asked before the changes are counted: who has whom as the nearest is read from the figures as they stand.
    """
    if len(of_kind(changes, kind)) > MANY_PINS:
        return None
    return Touched(_touched(session, kind, changes), _touched(session, kind, changes, stale=True))


def _touched(session: Session, kind: str, changes: Sequence[Any], *, stale: bool = False) -> Tambons:
    """Tambons that the changed pins of a kind can touch; ``stale``: of the figures in which stale pins count."""
    moved: list[int] = []
    old: set[Any] = set()
    new: set[Any] = set()
    tambons: set[Any] = set()
    for change in of_kind(changes, kind):
        counted = change.was_kind == kind and (stale or not change.was_stale)
        counts = change.is_kind == kind and (stale or not change.is_stale)
        if not counted and not counts:
            continue
        was = change.was_point if counted else None
        now = change.is_point if counts else None
        tambons |= {change.was_tambon, change.is_tambon}
        if was != now:  # a pin that stays where it is (other beds, another tambon) moves no circle
            moved.append(change.id)
            old |= {was}
            new |= {now}
    if not tambons:
        return {}
    parameters = {
        "kind": kind,
        "points": sorted((old | new) - {None}),
        "added": sorted(new - {None}),
        "ids": moved,
        "tambons": sorted(tambons - {None}),
    }
    return {row.code: row.metres for row in session.execute(statement("touched", stale=stale), parameters)}
