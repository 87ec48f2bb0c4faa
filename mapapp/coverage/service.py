"""Keeps the figures: all of them, or only those that a change can touch. Both ways run the same statements.

What is counted is a snapshot of the facilities that operate (open, or closed until a moment that has passed or from
one that has not come). A change is the difference between that snapshot and the facilities as they are, whatever
caused it: time passing too, because a pin that nobody confirms grows stale.

Stale facilities do not count. The figures with them are kept beside, only where they are others
(``coverage_with_stale``), by the same statements: where no stale facility reaches, there is nothing to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.coverage import changes, computing, pending
from mapapp.coverage.models import RADII_KM, Coverage, CoverageWithStale
from mapapp.coverage.sql import statement
from mapapp.database import locks, mark_changed
from mapapp.database.server_time import database_time
from mapapp.facilities.freshness import DEFAULT, Lifetimes
from mapapp.facilities.kinds import KINDS

Progress = Callable[[int, int], object]
"""Told after each step of a refresh: the tambon × kind that are done, and all of them."""

_RADII_M = tuple(km * 1000 for km in RADII_KM)

_MOST = 0.5
"""From this share of all tambons on, an update computes the whole kind."""


@dataclass(frozen=True)
class UpdateReport:
    """What an update or a refresh did."""

    pins: dict[str, int] = field(default_factory=dict)
    """Changed facilities, by the kind they belong or belonged to."""
    tambons: dict[str, int] = field(default_factory=dict)
    """Tambons whose figures were computed, by kind."""
    whole: tuple[str, ...] = ()
    """Kinds that were computed as a whole."""


@dataclass(frozen=True)
class Staleness:
    """By how much the stored figures lag behind the data. True where they do."""

    pins: int
    """Facilities that are counted otherwise than they now are."""
    missing: int
    """Tambon × kind without figures."""
    population: int
    """Tambon × kind whose population has changed since."""
    boundaries: int
    """Tambon × kind whose boundary or point has changed since."""
    pending: int = 0
    """Pairs of tambon and kind whose figures are being computed."""

    def __bool__(self) -> bool:
        return bool(self.pins or self.missing or self.population or self.boundaries or self.pending)


def begin_all(
    session: Session,
    kinds: Collection[str] | None = None,
    now: datetime | None = None,
    lifetimes: Lifetimes = DEFAULT,
) -> UpdateReport:
    """Remembers every tambon of the kinds (all where None) as to be computed; the figures stay until then."""
    wanted = [kind for kind in KINDS if kinds is None or kind in kinds]
    return _begin(session, None, wanted, now or database_time(session), lifetimes)


def begin(
    session: Session,
    ids: Collection[int] | None = None,
    now: datetime | None = None,
    lifetimes: Lifetimes = DEFAULT,
) -> UpdateReport:
    """Takes the facilities as they are into the snapshot, and remembers the tambons that changed ones can touch.

    Args:
        ids: look only at these facilities, where the caller knows what changed; None compares all.
        now: the moment at which facilities operate or not, and are stale or not.
        lifetimes: how long a facility of each kind counts after it was confirmed.
    """
    return _begin(session, ids, [], now or database_time(session), lifetimes)


def advance(session: Session, now: datetime | None = None) -> int:
    """Computes what is next, a province at a time, with the amphoe and the province above; returns the tambons done.

    0: nothing is left. Each call is fit for a transaction of its own, which is then short and leaves whole provinces.
    """
    _lock(session)
    taken = pending.take(session)
    if not taken:
        return 0
    kind, codes = taken[0].kind, [row.area_code for row in taken]
    now = now or database_time(session)
    tambons = {row.area_code: row.metres for row in taken}
    computing.compute(session, kind, tambons, now)
    if computing.counts_stale(session, kind):
        computing.forget_stale(session, kind, [row.area_code for row in taken if row.forget_stale])
        computing.compute(session, kind, tambons, now, stale=True)
    else:
        computing.forget_stale(session, kind, codes)
    if kept := computing.with_stale_around(session, kind, codes):
        parents = computing.add_up(session, [kind], codes, now, stale=True)
        computing.prune(session, kind, [*kept, *parents])
    mark_changed(session, "coverage")
    return len(taken)


def step(session: Session, now: datetime | None = None, lifetimes: Lifetimes = DEFAULT) -> bool:
    """Looks for changes and does what is next; whether anything is left. For a transaction of its own."""
    begin(session, now=now, lifetimes=lifetimes)
    advance(session, now)
    return pending.count(session) > 0


def catch_up(sessions: Callable[[], Session], progress: Callable[[int], object] | None = None) -> None:
    """Does all that is left, each step in a transaction of its own, so that nobody waits for the whole.

    Args:
        sessions: makes a session for each step.
        progress: told after each step how many tambon × kind are left.
    """
    done = 1
    while done:
        with sessions() as session:
            done = advance(session)
            left = pending.count(session)
            session.commit()
        if progress is not None:
            progress(left)


def refresh_all(
    session: Session,
    kinds: Collection[str] | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
    lifetimes: Lifetimes = DEFAULT,
) -> UpdateReport:
    """Computes every figure of the kinds (all where None), for every area, within this transaction."""
    now = now or database_time(session)
    report = begin_all(session, kinds, now, lifetimes)
    _finish(session, now, progress)
    return report


def update(
    session: Session,
    ids: Collection[int] | None = None,
    now: datetime | None = None,
    lifetimes: Lifetimes = DEFAULT,
) -> UpdateReport:
    """Brings the figures up to the facilities as they are, within this transaction. Arguments as for ``begin``."""
    now = now or database_time(session)
    report = begin(session, ids, now, lifetimes)
    _finish(session, now)
    return report


def _finish(session: Session, now: datetime, progress: Progress | None = None) -> None:
    total = pending.count(session) if progress is not None else 0
    done = 0
    while some := advance(session, now):
        done += some
        if progress is not None:
            progress(done, total)


def _begin(
    session: Session, ids: Collection[int] | None, wanted: Sequence[str], now: datetime, lifetimes: Lifetimes
) -> UpdateReport:
    """Waits for any other computation; holds other ones off until the transaction ends."""
    _lock(session)
    differences = changes.changed(session, now, ids, lifetimes)
    if not differences and not wanted:
        return UpdateReport()
    unknown = _unknown(session)
    whole = list(wanted or unknown)
    tambons = [code for codes in _provinces(session) for code in codes]
    touched: dict[str, changes.Touched] = {}
    for kind in sorted(changes.kinds_of(differences) - {*whole, *unknown}):
        some = changes.touched(session, kind, differences)
        if some is None or len(some.fresh) > _MOST * len(tambons):
            whole.append(kind)
        else:
            touched[kind] = some
    changes.count(session, differences, now, lifetimes)
    done = {kind: _remember(session, kind, some, now) for kind, some in touched.items()}
    done |= {kind: _remember_whole(session, kind, tambons, now) for kind in whole}
    mark_changed(session, "coverage")
    return UpdateReport(changes.pins(differences), done, tuple(whole))


def update_population(session: Session, now: datetime | None = None) -> int:
    """Takes new population figures in; the shares stay as stored. Returns the number of tambons concerned."""
    now = now or database_time(session)
    _lock(session)
    codes = {row.area_code for row in session.execute(statement("repopulate"), {"now": now})}
    codes |= {row.area_code for row in session.execute(statement("repopulate", stale=True), {"now": now})}
    # Amphoe and provinces without figures for their tambons may have got their own.
    parents = session.scalars(
        select(Area.code)
        .join(Coverage, Coverage.area_code == Area.code)
        .where(Area.level != "tambon", Area.population.is_distinct_from(Coverage.population))
        .distinct()
    ).all()
    computing.add_up(session, KINDS, codes, now, also=parents)
    for kind in computing.with_stale(session):
        computing.add_up(session, [kind], codes, now, also=parents, stale=True)
        computing.prune(session, kind, [*codes, *parents])
    if codes:
        mark_changed(session, "coverage")
    return len(codes)


def stale(
    session: Session,
    kinds: Collection[str] | None = None,
    now: datetime | None = None,
    lifetimes: Lifetimes = DEFAULT,
) -> Staleness:
    """Whether the stored figures still fit facilities, population and boundaries. Reads only."""
    wanted = [kind for kind in KINDS if kinds is None or kind in kinds]
    differences = changes.changed(session, now or database_time(session), None, lifetimes)
    row = session.execute(statement("stale"), {"kinds": wanted}).one()
    return Staleness(
        pins=sum(1 for change in differences if change.was_kind in wanted or change.is_kind in wanted),
        missing=row.missing,
        population=row.population,
        boundaries=row.boundaries,
        pending=row.pending,
    )


def on_facilities_changed(session: Session, ids: Collection[int] | None = None, lifetimes: Lifetimes = DEFAULT) -> None:
    """For the facilities room's signal: the figures follow in the same transaction."""
    update(session, ids, lifetimes=lifetimes)


def on_population_changed(session: Session, **_: object) -> None:
    """For the areas room's signal: people are taken in at once, which is cheap."""
    update_population(session)


def on_boundaries_changed(session: Session, **_: object) -> None:
    """For the areas room's signal: the figures are now stale, which ``stale`` finds out from the boundaries.

    Computing all of them here would make an import several times as long; ``mapapp coverage refresh`` does it.
    """
    mark_changed(session, "coverage")


def _lock(session: Session) -> None:
    """Waits until no other transaction computes. The next statement sees what others have committed."""
    locks.share(session, locks.AREAS)
    locks.take(session, locks.COVERAGE)


def _unknown(session: Session) -> list[str]:
    """Kinds that have no figures at all."""
    known = session.execute(select(*(exists().where(Coverage.kind == kind) for kind in KINDS))).one()
    return [kind for kind, has_rows in zip(KINDS, known, strict=True) if not has_rows]


def _remember(session: Session, kind: str, touched: changes.Touched, now: datetime) -> int:
    """Remembers what can differ, of the figures without stale facilities or of those with them.

    Both are computed for all of it: what is remembered from before may be touched by this change in ways that the
    figures as they stand do not show yet.
    """
    both = {
        code: sorted({*touched.fresh.get(code, ()), *touched.all.get(code, ())})
        for code in touched.fresh.keys() | touched.all.keys()
    }
    counted = computing.counts_stale(session, kind)
    if not counted:  # what was kept with stale ones is now like what is kept without
        kept = select(CoverageWithStale.area_code).where(CoverageWithStale.kind == kind)
        both |= {code: [] for code in session.scalars(kept) if len(code) == 6 and code not in both}
    return pending.add(session, kind, both, forget_stale=not counted, now=now)


def _remember_whole(session: Session, kind: str, tambons: Iterable[str], now: datetime) -> int:
    return pending.add(session, kind, dict.fromkeys(tambons, _RADII_M), forget_stale=True, now=now)


def _provinces(session: Session) -> list[list[str]]:
    """The tambons of each province."""
    found: dict[str, list[str]] = {}
    for code in session.scalars(select(Area.code).where(Area.level == "tambon").order_by(Area.code)):
        found.setdefault(code[:2], []).append(code)
    return list(found.values())
