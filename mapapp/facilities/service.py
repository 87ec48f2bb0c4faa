"""Writes and rules of the facilities room. Nothing here commits: the edge does, once."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from blinker import Signal
from pydantic import ValidationError
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.audit import service as audit
from mapapp.core import geo
from mapapp.core.actors import Actor, command
from mapapp.core.config import ROOT
from mapapp.core.errors import N_, Invalid, NotAllowed
from mapapp.core.problem_types import NOT_YOUR_AREA
from mapapp.database import locks, mark_changed
from mapapp.database.server_time import database_time
from mapapp.facilities import bulk_write, comparison
from mapapp.facilities.fields import SAID_AT
from mapapp.facilities.freshness import moment_of
from mapapp.facilities.history_values import LISTED, STOOD_FOR, told
from mapapp.facilities.models import Facility
from mapapp.facilities.schemas import FacilityIn

facilities_changed = Signal("Facilities were added, changed or moved to another tambon; inside the transaction.")
"""Handlers get ``session=`` and ``ids=``: the facilities' ids, or None where it may be any."""

BATCH = 1000

WRITABLE = frozenset(FacilityIn.model_fields) - {"hcode", "pin", "lat", "lon"} | {"point"}
"""The columns an import can fill."""


def tell_changed(session: Session, ids: set[int] | None) -> None:
    """Says that these facilities (None: any) have changed: caches forget, and whoever listens is told."""
    mark_changed(session, "facilities")
    facilities_changed.send(None, session=session, ids=ids)


# Which tambon ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def _sql(name: str) -> str:
    """A statement of this room; those that ask for tambons share how they do."""
    which_tambon, statement = (
        (Path(__file__).parent / f"{one}.sql").read_text("utf-8") for one in ("which_tambon", name)
    )
    return statement.replace("/* which_tambon */", which_tambon)


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
    values = {"ids": None if ids is None else sorted(ids), "metres": areas.reach_m(session)}
    return set(session.scalars(text(_sql("reassign")), values))


def tambons_at(session: Session, points: Sequence[geo.Point]) -> list[str | None]:
    """The tambon of each point, as facilities there get it; None where there is none. One statement."""
    values = {
        "lons": [point.lon for point in points],
        "lats": [point.lat for point in points],
        "metres": areas.reach_m(session),
    }
    return list(session.scalars(text(_sql("locate")), values)) if points else []


# Import ---------------------------------------------------------------------------------------------------------


@dataclass
class Upserted:
    """What an import did."""

    new: int = 0
    changed: int = 0
    same: int = 0
    merged: int = 0
    """Rows whose pin has turned out to be another one; they are left out."""
    outside: int = 0
    """New or changed ones that lie in no tambon."""
    ids: set[int] = field(default_factory=set)
    """The new and the changed ones."""
    by_ref: dict[tuple[str, str], int] = field(default_factory=dict)
    """Source and reference → the facility's id, of every row."""


def import_facilities(
    session: Session,
    rows: Sequence[FacilityIn],
    *,
    columns: Collection[str] | None = None,
    actor: Actor | None = None,
    now: datetime | None = None,
    import_id: uuid.UUID | None = None,
    area: str | None = None,
    checked: bool = False,
    step: Callable[[int], None] = lambda _done: None,
) -> Upserted:
    """Adds facilities, or brings those with the same source and source reference up to date; one history row each,
    and one entry in the record for the whole list.

    Args:
        rows: checked facilities, no two with the same source and reference.
        columns: the fields the list speaks of. Others are left as they are in facilities we have already: a list
            without phone numbers does not take away the numbers we know. None: all.
        actor: who brings the list; an operator where nobody is named.
        now: the moment.
        import_id: the officer's import this is, for history and undo.
        area: nothing outside this area may be added or changed; None or ``TH`` is the country.
        checked: whether whoever brings it stands for every row, as of the list's day (without one: now). Otherwise a
            row is of the list's day, or of nobody knows when, and nobody is said to have verified it.
        step: called with the number of rows done, for a progress bar.

    A facility's ``version`` goes up only where something differs, so that importing a list again changes nothing.

    Raises:
        Invalid: more would be free than there is; the plan and the command tell before.
        NotAllowed: a row lies outside the area, or would take a pin there over. Nothing may be committed then.
    """
    locks.share(session, locks.AREAS)
    one_list_at_a_time(session)
    who, moment = actor or command(), now or database_time(session)
    done = Upserted()
    given = given_columns(columns)
    restamped: set[int] = set()
    comparison.hold(session, rows)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        compared = comparison.compare(session, part, given, lock=True)
        if problems := [one.problem for one in compared if one.problem is not None]:
            raise Invalid(problems)
        _inside(area, {one.known["tambon_code"] for one in compared if one.known is not None})
        writing = _Batch(who, moment, import_id, given, checked)
        restamped |= writing.write(session, compared, done)
        step(len(part))
    if done.ids:
        reassign_quietly(session, done.ids)
        tambons = session.execute(_of(Facility.tambon_code, done.ids)).scalars().all()
        done.outside = sum(1 for code in tambons if code is None)
        _inside(area, set(tambons))
    if done.ids or restamped:
        tell_changed(session, done.ids | restamped)
        counts = {"new": done.new, "changed": done.changed, "same": done.same, "merged": done.merged}
        sources = sorted({row.source for row in rows})
        subject = import_id or (sources[0] if len(sources) == 1 else "lists")
        details = {"sources": sources, **counts}
        audit.record(session, who, "facilities.import", "import", subject, area_code=area, now=moment, details=details)
    return done


def one_list_at_a_time(session: Session) -> None:
    """Waits for other imports: two that name the same places in another order would wait for each other."""
    locks.take(session, locks.IMPORTS)


def given_columns(columns: Collection[str] | None) -> frozenset[str]:
    """What a list with these fields speaks of, by the columns they fill; None is all."""
    if columns is None:
        return WRITABLE
    return frozenset("point" if name in ("lat", "lon") else name for name in columns) & WRITABLE


def _inside(area: str | None, tambons: Collection[str | None]) -> None:
    if area is not None and area != "TH" and not all(code is not None and code.startswith(area) for code in tambons):
        raise NotAllowed(N_("Some rows are now outside your area. Check the list again."), kind=NOT_YOUR_AREA)


def _of(what: Any, ids: set[int]) -> Any:
    return select(what).where(Facility.id == func.any(sorted(ids)))


def _is_later(value: Any, known: Any) -> bool:
    return known is None or value > known


@dataclass(frozen=True)
class _Batch:
    """Writes some rows of a list: pins by one statement each way, then their history."""

    actor: Actor
    now: datetime
    import_id: uuid.UUID | None
    given: Collection[str]
    checked: bool

    def write(self, session: Session, compared: Sequence[comparison.Compared], done: Upserted) -> set[int]:
        """Counts into ``done``; returns pins that stayed as they were, and that somebody stands for anew."""
        fresh = {(one.row.source, one.row.source_ref): one for one in compared if one.known is None}
        for facility_id, *key in bulk_write.insert(session, [self._new(one.row) for one in fresh.values()]):
            done.by_ref[key[0], key[1]] = facility_id
        history = [self._step(done.by_ref[key], 1, one.changes) for key, one in fresh.items()]
        updates: dict[int, dict[str, Any]] = {}
        same: set[int] = set()
        for one in compared:
            if one.known is None:
                continue
            facility_id = done.by_ref[one.row.source, one.row.source_ref] = one.known["id"]
            if one.is_merged:
                done.merged += 1
                continue
            stamps = self._stamps(one)
            if one.changes:
                number = one.known["version"] + 1
                facts = {name: comparison.value_of(one.row, name) for name in one.changes}
                updates[facility_id] = facts | stamps | {"version": number, "updated_at": self.now}
                moved = {name: [told(one.known[name]), told(stamps[name])] for name in STOOD_FOR if name in stamps}
                history.append(self._step(facility_id, number, one.changes | moved))
            elif stamps:
                updates[facility_id] = stamps
                same.add(facility_id)
        bulk_write.update(session, updates)
        bulk_write.history(session, history)
        changed = updates.keys() - same
        done.new += len(fresh)
        done.changed += len(changed)
        done.same += sum(1 for one in compared if one.known is not None and not one.is_merged and not one.changes)
        done.ids |= changed | {done.by_ref[key] for key in fresh}
        return same

    def _of_when(self, row: FacilityIn) -> datetime | None:
        """Of when the row is: the day it was checked, or that of the list; None where neither is known.

        Nobody can stand for tomorrow."""
        if row.verified_at is not None:
            return min(row.verified_at, self.now)
        if row.source_as_of is not None:
            return moment_of(row.source_as_of, self.now)
        return self.now if self.checked else None

    def _verified(self, row: FacilityIn) -> dict[str, Any]:
        """Who stood for the row, and when: only where a person did. Bringing a list is not that."""
        if row.verified_at is None and not self.checked:
            return {"verified_at": None, "verified_by": None}
        # Whose name stands there is not the list's to say.
        by = self.actor.organisation if self.actor.kind == "person" else row.verified_by
        return {"verified_at": self._of_when(row), "verified_by": by}

    def _new(self, row: FacilityIn) -> dict[str, Any]:
        at = self._of_when(row)
        said = {stamp: at for name, stamp in SAID_AT.items() if name in self.given and getattr(row, name) is not None}
        facts = {name: comparison.value_of(row, name) for name in LISTED}
        origin = {"source": row.source, "source_ref": row.source_ref, "source_as_of": row.source_as_of}
        times = {"confirmed_at": at, "created_at": self.now, "updated_at": self.now, "version": 1}
        return facts | origin | times | said | self._verified(row)

    def _stamps(self, one: comparison.Compared) -> dict[str, Any]:
        """What moves with a row that speaks of a pin we have.

        What a list changes is as old as the list, and what a person stood for before is not what stands there now.
        A row that changes nothing says that all was still so on its day.
        """
        assert one.known is not None
        row, known = one.row, one.known
        at, verified = self._of_when(row), self._verified(row)
        if self.actor.kind != "person" and "verified_by" not in self.given:
            verified.pop("verified_by")
        made: dict[str, Any] = {}
        if one.changes:
            made |= {"confirmed_at": at, "source_as_of": row.source_as_of}
            if verified["verified_at"] is not None:
                made |= verified
            elif known["verified_at"] is not None and (at is None or at < known["verified_at"]):
                made |= {"verified_at": None, "verified_by": None}
        elif at is not None:
            if _is_later(at, known["confirmed_at"]):
                made["confirmed_at"] = at
            if verified["verified_at"] is not None and _is_later(verified["verified_at"], known["verified_at"]):
                made |= verified
            if row.source_as_of is not None and _is_later(row.source_as_of, known["source_as_of"]):
                made["source_as_of"] = row.source_as_of
        if at is not None and known["doubtful_at"] is not None and known["doubtful_at"] <= at:
            made["doubtful_at"] = None
        for name, stamp in SAID_AT.items():
            if name not in one.speaks_of or getattr(row, name) is None:
                continue
            if name in one.changes or (at is not None and _is_later(at, known[stamp])):
                made[stamp] = at
        return {name: value for name, value in made.items() if known[name] != value}

    def _step(self, facility_id: int, version: int, changes: dict[str, list[Any]]) -> dict[str, Any]:
        return {
            "facility_id": facility_id,
            "version": version,
            "at": self.now,
            "action": "import",
            "actor_kind": self.actor.kind,
            "actor_id": self.actor.person_id,
            "appointment_id": self.actor.appointment_id,
            "changes": changes,
            "import_id": self.import_id,
        }


# Seed -----------------------------------------------------------------------------------------------------------

SEED = ROOT / "seed"


def seed(session: Session, now: datetime, leave_out: Collection[str] = ()) -> Upserted:
    """Loads ``seed/hospitals.csv`` and ``seed/example_sites.csv``; repeating it adds nothing.

    Nothing is loaded into the provinces of ``leave_out``: real data stand there, perhaps under another source.

    Example sites were verified “so many hours ago” in the file. That counts from the first seeding: a site we have
    already keeps its time, or each start of the service would change every one of them. So some are stale at once,
    and all of them in time; the hospitals of the official list are as old as the list.
    """
    hospitals = _elsewhere(session, _seed_rows(SEED / "hospitals.csv", now), leave_out)
    examples = _elsewhere(session, _seed_rows(SEED / "example_sites.csv", now), leave_out)
    first = import_facilities(session, hospitals, columns=_SEEDED, now=now)
    example = _SEEDED | {"is_example", "opening_hours", "serves"}
    second = import_facilities(session, examples, columns=example, now=now)
    return Upserted(
        new=first.new + second.new,
        changed=first.changed + second.changed,
        same=first.same + second.same,
        outside=first.outside + second.outside,
        ids=first.ids | second.ids,
    )


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
