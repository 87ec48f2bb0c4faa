"""The one place that changes a pin by hand: versions, history, the record, and who is told.

Whoever changes a facility (a form, a bulk action, a program, a report) comes through ``add`` and ``change``. Lists go
through ``service.import_facilities``, which does the same for thousands of rows at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, insert, select, update
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core import geo
from mapapp.core.actors import Actor, system
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.core.problem_types import VERSION_CONFLICT
from mapapp.database import locks, mark_changed
from mapapp.facilities import service
from mapapp.facilities.fields import OF_HOW_MANY
from mapapp.facilities.fields import SAID_AT as SAID_AT
from mapapp.facilities.history_values import FIELDS as FIELDS
from mapapp.facilities.history_values import KEPT as KEPT
from mapapp.facilities.history_values import told as told
from mapapp.facilities.history_values import too_many_free
from mapapp.facilities.models import Facility, FacilityChange
from mapapp.facilities.schemas import FacilityIn

STANDS_FOR = frozenset({"add", "edit", "confirm", "close", "reopen"})
"""Actions by which somebody stands for the pin as a whole: its time-to-live starts anew."""


class VersionConflict(Conflict):
    """Somebody else has saved this pin meanwhile. ``version`` is the one it has now."""

    kind = VERSION_CONFLICT

    def __init__(self, facility_id: int, version: int) -> None:
        self.facility_id = facility_id
        self.version = version
        super().__init__(N_("Someone else saved this facility. Compare both versions and choose."))

    @property
    def members(self) -> Mapping[str, Any]:
        return {"version": self.version}


@dataclass(frozen=True)
class Changed:
    """What a change did: the pin's version now, and field → [before, after]; nothing in it where all was so already."""

    facility_id: int
    version: int
    changes: dict[str, list[Any]]


def add(session: Session, actor: Actor, data: FacilityIn, now: datetime, *, reason: str | None = None) -> Changed:
    """A new pin. The caller has asked the policy about its tambon (``areas.queries.area_at``)."""
    locks.share(session, locks.AREAS)
    values = {name: getattr(data, name) for name in FIELDS if name != "merged_into"}
    values["point"] = data.point
    stored = _stored(values) | {
        "source": data.source,
        "source_ref": data.source_ref,
        "source_as_of": data.source_as_of,
        "is_example": data.is_example,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        **_stood_for(actor, now),
        **{at: now for name, at in SAID_AT.items() if values[name] is not None},
    }
    facility_id: int = session.execute(insert(Facility).values(stored).returning(Facility.id)).scalar_one()
    changes = {name: [None, told(value)] for name, value in values.items() if value is not None}
    return _written(session, actor, facility_id, 1, "add", changes, now, reason, moved=True)


def change(
    session: Session,
    actor: Actor,
    facility_id: int,
    values: Mapping[str, Any],
    *,
    action: str,
    now: datetime,
    version: int | None = None,
    reason: str | None = None,
    keep_stamps: bool = False,
    stamps: Mapping[str, Any] | None = None,
    tell: bool = True,
) -> Changed:
    """Changes what ``values`` names (of ``FIELDS``; ``point`` as ``geo.Point``) and leaves the rest.

    Facts of ``SAID_AT`` that are named count as said now, even where they are as they were.

    Args:
        version: the version the editor saw; None where the change does not rest on the rest of the pin.
        action: for the history; see ``FacilityChange.action``.
        keep_stamps: also puts into the history what ``KEPT`` was and is, so that an undo can bring it back.
        stamps: of an undo: what ``KEPT`` was before. Whoever takes back says nothing new: what is not named stays.
        tell: False where the caller tells of many changes at once (``service.tell_changed``).

    Raises:
        NotFound: there is no such facility.
        VersionConflict: it has another version by now.
        Invalid: more would be free than there is.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    if "point" in values:
        locks.share(session, locks.AREAS)
    before = current(session, facility_id, lock=True)
    if version is not None and before["version"] != version:
        raise VersionConflict(facility_id, before["version"])
    changes = {
        name: [told(before[name]), told(value)] for name, value in values.items() if told(before[name]) != told(value)
    }
    # Only what this change makes so: a pin that was wrong before can still be closed.
    free = too_many_free(before | dict(values))
    if free is not None and {free, OF_HOW_MANY[free].field} & values.keys():
        raise invalid(free, OF_HOW_MANY[free].too_many)
    said = {at: now for name, at in SAID_AT.items() if name in values}
    stood = _stood_for(actor, now) if action in STANDS_FOR else {}
    moved = "point" in changes
    if stamps is not None:
        said, stood = {name: stamps[name] for name in KEPT if name in stamps}, {}
    if keep_stamps:
        changes |= _stamps_moved(session, facility_id, said | stood)
    if not changes and not said and not stood:
        return Changed(facility_id, before["version"], {})
    number = before["version"] + 1
    stored = _stored({name: values[name] for name in changes if name in values}) | said | stood
    session.execute(
        update(Facility)
        .where(Facility.id == facility_id)
        .values({**stored, "version": number, "updated_at": now})
        .execution_options(synchronize_session=False)
    )
    return _written(session, actor, facility_id, number, action, changes, now, reason, moved=moved, tell=tell)


def doubt(session: Session, facility_id: int, tambon: str | None, now: datetime) -> bool:
    """Says that the public doubts this pin, on record as the service's own doing; False where it is so already.

    No new version: what an editor sees of the pin has not changed.
    """
    marked = (
        update(Facility)
        .where(Facility.id == facility_id, Facility.doubtful_at.is_(None))
        .values(doubtful_at=now)
        .returning(Facility.id)
        .execution_options(synchronize_session=False)
    )
    if session.execute(marked).one_or_none() is None:
        return False
    audit.record(session, system(), "facility.doubt", "facility", facility_id, area_code=tambon, now=now)
    mark_changed(session, "facilities")
    return True


def settle_doubt(session: Session, facility_id: int, now: datetime) -> None:
    """Says that an officer has looked at what the public doubted; who and why is the caller's to record."""
    settled = (
        update(Facility)
        .where(Facility.id == facility_id, Facility.doubtful_at.is_not(None))
        .values(doubtful_at=None, updated_at=now)
        .returning(Facility.id)
        .execution_options(synchronize_session=False)
    )
    if session.execute(settled).one_or_none() is not None:
        mark_changed(session, "facilities")


def tambon_of(session: Session, facility_id: int) -> str | None:
    """The tambon a pin lies in.

    Raises:
        NotFound: there is no such facility.
    """
    row = session.execute(select(Facility.tambon_code).where(Facility.id == facility_id)).one_or_none()
    if row is None:
        raise NotFound(N_("Facility not found."))
    tambon: str | None = row.tambon_code
    return tambon


def current(session: Session, facility_id: int, *, lock: bool = False) -> dict[str, Any]:
    """The fields of a pin as they are, with ``version`` and ``tambon_code``; ``lock`` keeps others from changing it.

    Raises:
        NotFound: there is no such facility.
    """
    point: Any = cast(Facility.point, Geometry("POINT", geo.SRID))
    plain = [getattr(Facility, name) for name in FIELDS if name != "point"]
    where = [func.ST_X(point).label("lon"), func.ST_Y(point).label("lat")]
    statement = select(Facility.version, Facility.tambon_code, *plain, *where).where(Facility.id == facility_id)
    row = session.execute(statement.with_for_update(of=Facility) if lock else statement).one_or_none()
    if row is None:
        raise NotFound(N_("Facility not found."))
    found = row._asdict()
    found["point"] = geo.Point(lat=found.pop("lat"), lon=found.pop("lon"))
    return found


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.ewkt if isinstance(value, geo.Point) else value for name, value in values.items()}


def _stood_for(actor: Actor, now: datetime) -> dict[str, Any]:
    """Who stands for the pin, from now on; doubts of the public are answered with it."""
    return {"confirmed_at": now, "verified_at": now, "verified_by": actor.organisation, "doubtful_at": None}


def _stamps_moved(session: Session, facility_id: int, after: Mapping[str, Any]) -> dict[str, list[Any]]:
    columns = [getattr(Facility, name) for name in KEPT]
    before = session.execute(select(*columns).where(Facility.id == facility_id)).one()._asdict()
    return {
        name: [told(before[name]), told(after[name])] for name in KEPT if name in after and before[name] != after[name]
    }


def _written(
    session: Session,
    actor: Actor,
    facility_id: int,
    version: int,
    action: str,
    changes: dict[str, list[Any]],
    now: datetime,
    reason: str | None,
    *,
    moved: bool,
    tell: bool = True,
) -> Changed:
    session.execute(
        insert(FacilityChange).values(
            facility_id=facility_id,
            version=version,
            at=now,
            action=action,
            actor_kind=actor.kind,
            actor_id=actor.person_id,
            appointment_id=actor.appointment_id,
            reason=reason,
            changes=changes,
        )
    )
    if moved:
        service.reassign_quietly(session, {facility_id})
    tambon = session.execute(select(Facility.tambon_code).where(Facility.id == facility_id)).scalar_one()
    details = {"version": version, "changes": changes} | ({"reason": reason} if reason else {})
    audit.record(
        session, actor, f"facility.{action}", "facility", facility_id, area_code=tambon, now=now, details=details
    )
    if tell:
        service.tell_changed(session, {facility_id})
    return Changed(facility_id, version, changes)
