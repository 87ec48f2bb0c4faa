"""Computes figures: of tambons, then of what lies above them; without stale facilities or with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from mapapp.coverage.changes import Tambons
from mapapp.coverage.models import CoverageSite, CoverageWithStale
from mapapp.coverage.sql import statement
from mapapp.facilities.kinds import KINDS


def compute(session: Session, kind: str, touched: Tambons, now: datetime, *, stale: bool = False) -> int:
    """Computes tambons for the radii given with each, then what lies above them."""
    if not touched:
        return 0
    pairs = [(code, metres) for code, radii in touched.items() for metres in radii]
    parameters = {
        "kind": kind,
        "codes": list(touched),
        "share_codes": [code for code, _ in pairs],
        "share_metres": [metres for _, metres in pairs],
        "now": now,
    }
    session.execute(statement("tambons", stale=stale), parameters)
    parents = add_up(session, [kind], touched, now, stale=stale)
    if stale:
        prune(session, kind, [*touched, *parents])
    return len(touched)


def add_up(
    session: Session,
    kinds: Collection[str],
    tambons: Iterable[str],
    now: datetime,
    also: Iterable[str] = (),
    *,
    stale: bool = False,
) -> set[str]:
    """Adds tambons up to the amphoe and provinces above them; returns those."""
    parents = {code[:length] for code in tambons for length in (2, 4)} | set(also)
    if parents:
        parameters = {
            "kinds": list(kinds),
            "parents": sorted(parents),
            "provinces": sorted({code[:2] for code in parents}),
            "now": now,
        }
        session.execute(statement("parents", stale=stale), parameters)
    return parents


def prune(session: Session, kind: str, codes: Iterable[str]) -> None:
    """Takes out what is kept with stale facilities of these areas where it is no other than without."""
    session.execute(statement("prune"), {"kind": kind, "codes": sorted(set(codes))})


def counts_stale(session: Session, kind: str) -> bool:
    """Whether stale facilities of a kind stand in the snapshot."""
    return bool(session.scalar(select(exists().where(CoverageSite.kind == kind, CoverageSite.stale))))


def forget_stale(session: Session, kind: str, codes: Collection[str]) -> None:
    """Takes out what is kept with stale facilities of these areas."""
    if codes:
        gone = delete(CoverageWithStale).where(CoverageWithStale.kind == kind)
        session.execute(gone.where(CoverageWithStale.area_code.in_(codes)))


def with_stale(session: Session) -> list[str]:
    """Kinds of which stale facilities are counted, or were until now."""
    kept = exists().where(CoverageWithStale.kind == literal_column("k"))
    counted = exists().where(CoverageSite.kind == literal_column("k"), CoverageSite.stale)
    kinds = func.unnest(list(KINDS)).column_valued("k")
    return list(session.scalars(select(kinds).where(or_(kept, counted))))


def with_stale_around(session: Session, kind: str, codes: Iterable[str]) -> list[str]:
    """Areas in the provinces of these tambons whose figures are kept with stale facilities counted, too."""
    provinces = sorted({code[:2] for code in codes})
    inside = func.left(CoverageWithStale.area_code, 2).in_(provinces)
    return list(session.scalars(select(CoverageWithStale.area_code).where(CoverageWithStale.kind == kind, inside)))
