"""What officers do to a pin: add, save, confirm, close, open again, join two, take a step back. Nothing here commits.

Every change goes through ``facilities.changes`` and asks the policy about the tambon the pin lies in, before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaPath
from mapapp.core import geo
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotAllowed, NotFound
from mapapp.core.problem_types import NOT_YOUR_AREA
from mapapp.database import locks
from mapapp.facilities import changes
from mapapp.facilities.changes import Changed
from mapapp.facilities.editing import queries, weekly
from mapapp.facilities.editing.queries import Step
from mapapp.facilities.models import FacilityReport
from mapapp.facilities.schemas import FacilityIn

ACTION = "facilities.edit"

SOURCE = "officer"
"""``Facility.source`` of pins that officers made; ``source_ref`` is a UUID of the server's."""


class OutsideArea(NotAllowed):
    """The place lies in a tambon this actor may not edit. ``path`` says where, ``areas`` where they may."""

    kind = NOT_YOUR_AREA

    def __init__(self, path: AreaPath, codes: tuple[str, ...]) -> None:
        self.path = path
        self.areas = codes
        super().__init__(N_("This location is outside your area."))


class TouchedSince(Conflict):
    """A step cannot be taken back: later ones changed the same fields."""

    def __init__(self, later: list[Step], fields: set[str]) -> None:
        self.later = later
        self.fields = fields
        super().__init__(
            N_("This change cannot be undone: the same fields were changed again later. Undo that change first.")
        )


# Where ----------------------------------------------------------------------------------------------------------


def in_thailand(session: Session, point: geo.Point) -> bool:
    """Whether the point counts for a tambon."""
    return areas.area_at(session, point) is not None


def place(session: Session, actor: Actor, point: geo.Point, now: datetime) -> tuple[AreaPath, Actor]:
    """Where a pin would lie, and the actor acting by the appointment that allows one there.

    Raises:
        Invalid: it is outside the area of this service.
        OutsideArea: it lies in one that is not theirs.
    """
    path = areas.area_at(session, point)
    if path is None:
        raise areas.outside_problem(session, "place")
    if actor.is_signed_in and policy.may(actor, ACTION, path.tambon.code) is None:
        raise OutsideArea(path, policy.areas_of(actor, ACTION))
    return path, policy.demand(actor, ACTION, path.tambon.code, now)


def of_pin(session: Session, actor: Actor, facility_id: int, now: datetime) -> tuple[dict[str, Any], Actor]:
    """A pin's fields, kept from being changed by others, and the actor acting by what allows changing it.

    Raises:
        NotFound: there is no such facility.
        NotAllowed, NotSignedIn, StepNeeded: as ``policy.demand``.
    """
    locks.share(session, locks.AREAS)
    before = changes.current(session, facility_id, lock=True)
    return before, policy.demand(actor, ACTION, before["tambon_code"], now)


# Add and save ---------------------------------------------------------------------------------------------------


def add(session: Session, actor: Actor, data: FacilityIn, now: datetime) -> Changed:
    """A new pin.

    Raises:
        Invalid, OutsideArea: as ``place``.
    """
    locks.share(session, locks.AREAS)
    _path, acting = place(session, actor, data.point, now)
    return changes.add(session, acting, data, now)


def save(
    session: Session, actor: Actor, facility_id: int, values: Mapping[str, Any], *, version: int, now: datetime
) -> Changed:
    """Changes what differs from the pin as it is. Saving it as it is changes nothing and is no conflict.

    Free beds and the like count as said only where they were changed: who mends a name has not counted beds.

    Raises:
        VersionConflict: somebody else has saved another version, and something differs.
        Invalid, OutsideArea: as ``place``, for a new place.
        Conflict: the pin was joined with another one.
    """
    before, acting = of_pin(session, actor, facility_id, now)
    _not_merged(before)
    differing = {name: value for name, value in values.items() if differs(name, before[name], value)}
    if not differing and version != before["version"]:
        return Changed(facility_id, before["version"], {})
    if "status" in differing and before["status"] not in ("open", "full"):
        del differing["status"]  # closed pins are opened by “open again”, with all that belongs to it
    if "point" in differing and version == before["version"]:
        _path, acting = place(session, actor, differing["point"], now)
    return changes.change(
        session, acting, facility_id, differing, action="edit", version=version, now=now, keep_stamps=bool(differing)
    )


def differs(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field say different things: hours may be spelt differently and mean the same week."""
    if name == "opening_hours" and one and other and one != other:
        week = weekly.read(one)
        return week is None or week != weekly.read(other)
    return bool(changes.told(one) != changes.told(other))


def confirm(session: Session, actor: Actor, facility_id: int, now: datetime) -> Changed:
    """“Still right”: somebody who knows stands for the pin as it is."""
    before, acting = of_pin(session, actor, facility_id, now)
    _not_merged(before)
    return changes.change(session, acting, facility_id, {}, action="confirm", now=now)


# Close and open -------------------------------------------------------------------------------------------------


def close(
    session: Session, actor: Actor, facility_id: int, values: Mapping[str, Any], *, version: int, now: datetime
) -> Changed:
    """Closes a pin for a time, from a day on, or for good; ``values`` are status, days and reason."""
    before, acting = of_pin(session, actor, facility_id, now)
    _not_merged(before)
    return changes.change(
        session, acting, facility_id, values, action="close", version=version, now=now, reason=values["closed_reason"],
        keep_stamps=True,
    )  # fmt: skip


OPEN = {"status": "open", "closed_from": None, "closed_until": None, "closed_reason": None}


def reopen(session: Session, actor: Actor, facility_id: int, *, version: int, now: datetime) -> Changed:
    """Opens a closed pin again, or drops a planned closure."""
    before, acting = of_pin(session, actor, facility_id, now)
    _not_merged(before)
    return changes.change(
        session, acting, facility_id, OPEN, action="reopen", version=version, now=now, keep_stamps=True
    )


def _not_merged(before: Mapping[str, Any]) -> None:
    if before["merged_into"] is not None:
        raise Conflict(N_("This facility was merged with another one. Change that one, or undo the merge first."))


# Merge ----------------------------------------------------------------------------------------------------------


def merge(
    session: Session,
    actor: Actor,
    *,
    stays: int,
    goes: int,
    take: set[str],
    versions: Mapping[int, int],
    reason: str | None,
    now: datetime,
) -> Changed:
    """Two pins become one: the one that goes is closed, and its address leads to the one that stays.

    Args:
        take: fields the one that stays takes over from the one that goes.
        versions: the version of each that the officer saw.

    Raises:
        Conflict: they are the same, one was merged before, or the one that stays is closed.
        VersionConflict: one of them has changed meanwhile.
    """
    if stays == goes:
        raise Conflict(N_("Choose two different facilities."))
    locks.share(session, locks.AREAS)  # before the pins' rows: an import of areas takes them in this order
    for number in sorted((stays, goes)):  # in one order, so that two merges do not wait for each other
        changes.current(session, number, lock=True)
    kept, by_kept = of_pin(session, actor, stays, now)
    gone, by_gone = of_pin(session, actor, goes, now)
    for one in (kept, gone):
        _not_merged(one)
    if kept["status"] == "closed":
        raise Conflict(N_("The facility you keep is closed. Reopen it first, or keep the other one."))
    taken = {name: gone[name] for name in take if differs(name, kept[name], gone[name])}
    away = {"status": "closed", "closed_from": None, "closed_until": None, "merged_into": stays}
    changes.change(session, by_gone, goes, away, action="merge", version=versions[goes], now=now, reason=reason)
    done = changes.change(
        session, by_kept, stays, taken, action="merge", version=versions[stays], now=now, reason=reason
    )
    session.execute(
        update(FacilityReport)
        .where(FacilityReport.facility_id == goes, FacilityReport.handled_at.is_(None))
        .values(facility_id=stays)
    )
    return done


# Undo -----------------------------------------------------------------------------------------------------------


def undo(session: Session, actor: Actor, facility_id: int, step_id: int, now: datetime) -> Changed:
    """Takes one step back, as a new version. Of a merge, both halves.

    Raises:
        NotFound: the pin has no such step.
        TouchedSince: a later step changed the same fields.
        Conflict: the step made the pin, or changed nothing.
        Invalid, OutsideArea: the place before is not theirs.
    """
    one = queries.step(session, facility_id, step_id)
    if one is None:
        raise NotFound(N_("This change is not in the history of this facility."))
    halves = [one]
    if one.action == "merge" and (other := queries.other_half(session, one)) is not None:
        halves.append(other)
    done = None
    for half in sorted(halves, key=lambda half: half.facility_id):
        changed = _undo(session, actor, half, now, is_half=len(halves) > 1)
        done = changed if half is one else done
    assert done is not None
    return done


def undoable(one: Step) -> bool:
    """Whether a step may be offered for taking back."""
    return not _made_the_pin(one) and (bool(one.fields) or one.action == "merge")


def _made_the_pin(one: Step) -> bool:
    """Whether there was no pin before this step: it was added, or a list brought it."""
    return one.action == "add" or one.changes.get("name_th", [""])[0] is None


def _undo(session: Session, actor: Actor, one: Step, now: datetime, *, is_half: bool) -> Changed:
    before, acting = of_pin(session, actor, one.facility_id, now)
    if _made_the_pin(one):
        raise Conflict(N_("A facility cannot be deleted. Close it permanently instead."))
    if not one.fields:
        if is_half:
            return Changed(one.facility_id, before["version"], {})
        raise Conflict(N_("This step changed nothing that can be undone."))
    later = queries.later_steps(session, one)
    if later:
        raise TouchedSince(later, {name for step in later for name in step.fields & one.fields})
    values = {
        name: queries.untold(name, earlier) for name, (earlier, _later) in one.changes.items() if name in changes.FIELDS
    }
    if "point" in values:
        _path, acting = place(session, actor, values["point"], now)
    # Somebody may have stood for the pin again since: that stays. Else it is as old as it was before the step.
    kept = {name: queries.untold(name, pair[0]) for name, pair in one.changes.items() if name in changes.KEPT}
    stamps = {} if queries.was_stood_for_since(session, one) else kept
    return changes.change(
        session, acting, one.facility_id, values, action="undo", now=now, keep_stamps=True, stamps=stamps
    )
