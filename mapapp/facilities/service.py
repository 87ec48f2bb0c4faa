"""Writes and rules of the facilities room. Nothing here commits: the edge does, once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from blinker import Signal
from pydantic import ValidationError
from sqlalchemy import case, delete, func, literal_column, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.areas import locks
from mapapp.areas import queries as areas
from mapapp.config import ROOT
from mapapp.db import mark_changed
from mapapp.facilities.models import Facility
from mapapp.facilities.schemas import FacilityIn

facilities_changed = Signal("Facilities were added, changed or moved to another tambon; inside the transaction.")
"""Handlers get ``session=`` and ``ids=``: the facilities' ids, or None where it may be any."""

BATCH = 500

_LOCK = 0x4D41_0002
"""Key of the advisory lock that lets one list be imported at a time."""

WRITABLE = frozenset(FacilityIn.model_fields) - {"hcode", "lat", "lon"} | {"point"}
"""The columns an import can fill."""

HOW_FAR_M = 500
"""A point outside every tambon belongs to the nearest one within this: boundaries are simplified, piers stand in
the water. Further away, it belongs to none."""


def tell_changed(session: Session, ids: set[int] | None) -> None:
    """Says that these facilities (None: any) have changed: caches forget, and whoever listens is told."""
    mark_changed(session, "facilities")
    facilities_changed.send(None, session=session, ids=ids)


# Which tambon ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _reassign_sql() -> str:
    return (Path(__file__).parent / "reassign.sql").read_text("utf-8")


def reassign_tambons(session: Session, ids: Collection[int] | None = None) -> int:
    """Gives every facility (or those named) the tambon it lies in, and tells who listens of those that changed.

    Returns:
        How many changed.
    """
    moved = reassign_quietly(session, ids)
    if moved:
        tell_changed(session, moved)
    return len(moved)


def reassign_quietly(session: Session, ids: Collection[int] | None) -> set[int]:
    """The same where the caller tells of the change itself; returns the ids that moved."""
    values = {"ids": None if ids is None else sorted(ids), "metres": HOW_FAR_M}
    return set(session.scalars(text(_reassign_sql()), values))


# Import ---------------------------------------------------------------------------------------------------------


@dataclass
class Upserted:
    """What an import did."""

    new: int = 0
    changed: int = 0
    same: int = 0
    outside: int = 0
    """New or changed ones that lie in no tambon."""
    ids: set[int] = field(default_factory=set)


def import_facilities(
    session: Session,
    rows: Sequence[FacilityIn],
    *,
    columns: Collection[str] | None = None,
    step: Callable[[int], None] = lambda _done: None,
) -> Upserted:
    """Adds facilities, or brings those with the same source and source reference up to date.

    Args:
        rows: checked facilities, no two with the same source and reference.
        columns: the fields the list speaks of. Others are left as they are in facilities we have already: a list
            without phone numbers does not take away the numbers we know. None: all.
        step: called with the number of rows done, for a progress bar.

    A facility's ``version`` goes up only where something differs, so that importing a list again changes nothing.
    """
    locks.hold(session)
    # Two lists that name the same places in another order would wait for each other.
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    done = Upserted()
    given = WRITABLE if columns is None else {"point" if name in ("lat", "lon") else name for name in columns}
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        # By the connection: the unit of work has no part in this.
        for row in session.connection().execute(_upsert(given & WRITABLE), [_values(one) for one in part]):
            done.ids.add(row.id)
            done.new += row.is_new
            done.changed += not row.is_new
        step(len(part))
    done.same = len(rows) - done.new - done.changed
    if done.ids:
        reassign_quietly(session, done.ids)
        inside = func.count(Facility.tambon_code)
        done.outside = len(done.ids) - (session.scalar(_of(inside, done.ids)) or 0)
        tell_changed(session, set(done.ids))
    return done


def _of(what: Any, ids: set[int]) -> Any:
    return select(what).where(Facility.id == func.any(sorted(ids)))


def _values(row: FacilityIn) -> dict[str, Any]:
    values = row.model_dump(exclude={"hcode", "lat", "lon"})
    values["point"] = row.point.ewkt
    return values


def _upsert(given: Collection[str]) -> Any:
    statement = insert(Facility)
    fresh = statement.excluded
    names = sorted(set(given) - {"source", "source_ref"})
    if "status" in names and "closed_until" not in names:
        names.append("closed_until")  # a place that is open again has no end of its closure
    new = {name: fresh[name] for name in names}
    differs = tuple_(*(getattr(Facility, name) for name in names)).is_distinct_from(tuple_(*new.values()))
    return statement.on_conflict_do_update(
        index_elements=[Facility.source, Facility.source_ref],
        set_={**new, "version": Facility.version + 1, "updated_at": func.now()},
        where=differs,
    ).returning(Facility.id, literal_column("(xmax = 0)").label("is_new"))


# Seed -----------------------------------------------------------------------------------------------------------

SEED = ROOT / "seed"


def seed(session: Session, now: datetime, leave_out: Collection[str] = ()) -> Upserted:
    """Loads ``seed/hospitals.csv`` and ``seed/example_sites.csv``; repeating it adds nothing.

    Nothing is loaded into the provinces of ``leave_out``: real data stand there, perhaps under another source.

    Example sites were verified “so many hours ago” in the file. That counts from the first seeding: a site we have
    already keeps its time, or each start of the service would change every one of them.
    """
    hospitals = _elsewhere(session, _seed_rows(SEED / "hospitals.csv", now), leave_out)
    examples = _elsewhere(session, _seed_rows(SEED / "example_sites.csv", now), leave_out)
    first = import_facilities(session, hospitals, columns=_SEEDED)
    second = import_facilities(session, examples, columns=_SEEDED | {"is_example", "opening_hours", "serves"})
    _confirm_seeded(session, first.ids | second.ids, now)
    return Upserted(
        new=first.new + second.new,
        changed=first.changed + second.changed,
        same=first.same + second.same,
        outside=first.outside + second.outside,
        ids=first.ids | second.ids,
    )


def _confirm_seeded(session: Session, ids: set[int], now: datetime) -> None:
    """What was just added counts as confirmed: an example when it says it was verified, the rest (official lists) now.

    Counts of free beds are as old; so the demo shows current and stale pins.
    """
    if not ids:
        return
    said = func.coalesce(Facility.verified_at, now)
    added = update(Facility).where(Facility.id == func.any(sorted(ids)), Facility.version == 1)
    values = {
        "confirmed_at": said,
        "status_at": Facility.verified_at,
        **{
            at: case((count.is_not(None), Facility.verified_at))
            for at, count in (
                ("beds_free_at", Facility.beds_free),
                ("doses_at", Facility.doses_per_day),
                ("tests_at", Facility.tests_per_day),
                ("places_free_at", Facility.places_free),
            )
        },
    }
    session.execute(added.values(values).execution_options(synchronize_session=False))
    tell_changed(session, ids)


def _elsewhere(session: Session, rows: Iterator[FacilityIn], provinces: Collection[str]) -> list[FacilityIn]:
    """The rows that do not lie in these provinces."""
    if not provinces:
        return list(rows)
    found = ((row, areas.area_at(session, row.point)) for row in rows)
    return [row for row, path in found if path is None or path.province.code not in provinces]


_SEEDED = {"kind", "name_th", "name_en", "point", "beds", "address", "source", "source_ref", "source_as_of"}


def _seed_rows(path: Path, now: datetime) -> Iterator[FacilityIn]:
    with path.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            values: dict[str, Any] = {name: value for name, value in row.items() if value}
            verified = values.pop("verified_hours_ago", None)
            closes = values.pop("closes_in_hours", None)
            closed = values.pop("closed_for_hours", None)
            if verified:
                values["verified_at"] = now - timedelta(hours=float(verified))
            if closes:
                values["closed_from"] = now + timedelta(hours=float(closes))
            if closed:
                values["closed_until"] = now + timedelta(hours=float(closed))
            try:
                yield FacilityIn.model_validate(values)
            except ValidationError as error:
                raise ValueError(f"{path.name}: {values.get('source_ref')}: {error}") from error


def remove_examples(session: Session) -> int:
    """Takes the made-up example sites away; returns how many."""
    ids = set(session.scalars(delete(Facility).where(Facility.is_example).returning(Facility.id)))
    if ids:
        tell_changed(session, ids)
    return len(ids)
