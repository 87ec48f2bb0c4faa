"""What programs may do with pins, by the API: add, change, close, say what is free. Nothing here commits.

Each asks the policy about the tambon the pin lies in, and about the one it is moved to. What it writes goes through
``changes``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.areas import queries as areas
from mapapp.core import geo
from mapapp.core.actors import Actor
from mapapp.core.clock import seconds_until
from mapapp.core.errors import N_, Conflict, FieldProblem, Invalid, Message, NotAllowed, TooMany, invalid
from mapapp.core.problem_types import CLOSED, MERGED, WRONG_TOKEN
from mapapp.database import locks
from mapapp.facilities import changes
from mapapp.facilities.api_schemas import Capacity, FacilityClose, FacilityEdit, FacilityNew
from mapapp.facilities.fields import of_other_kinds
from mapapp.facilities.models import Facility, FacilityChange
from mapapp.facilities.schemas import FacilityFacts, FacilityIn

SOURCE: Final = "api"
"""Where pins come from that programs made; their reference begins with the owner of the token."""

AN_HOUR: Final = 60
"""So often may one owner's programs say what is free at one facility."""


_OTHER_KIND: Final = N_("Facilities of this type do not have this field. Leave it out.")


class Merged(Conflict):
    """This pin was found to be the same as another one, ``into``, which stands for both."""

    kind = MERGED

    def __init__(self, into: int) -> None:
        self.into = into
        super().__init__(N_("This facility was merged into number %(number)s."), number=into)

    @property
    def members(self) -> Mapping[str, Any]:
        return {"merged_into": self.into}


_SHUT = ("closed", "temporarily_closed")
_CLOSURE = ("closed_from", "closed_until", "closed_reason")


def add(session: Session, actor: Actor, data: FacilityNew, now: datetime) -> tuple[int, bool]:
    """A new pin, or the one that was made under the same ``ref`` before, as it is; and whether it is new.

    A ``ref`` belongs to the owner of the token and not to the token, so that a renewed one finds the same pins.

    Raises:
        NotSignedIn, StepNeeded, NotAllowed: as the policy says of the tambon it lies in.
        Invalid: it is outside the area of this service, closes without a reason, or has a field of another kind.
    """
    if actor.facility_id is not None:
        raise NotAllowed(N_("This API key is for one facility. It cannot add others."), kind=WRONG_TOKEN)
    acting = policy.demand(actor, "facilities.edit", _tambon(session, data.point), now)
    _refuse_other_kinds(data.kind, {name for name in data.model_fields_set if getattr(data, name) is not None})
    _reason_for(data.status, data.closed_reason)
    ref = f"{acting.person_id}/{data.ref or uuid.uuid4()}"
    if data.ref is not None:
        locks.share(session, locks.AREAS)  # before the number, as ``changes.add`` would after it
        locks.take(session, locks.PROGRAM_REFS, ref)
        known = select(Facility.id).where(Facility.source == SOURCE, Facility.source_ref == ref)
        found = session.execute(known).scalar_one_or_none()
        if found is not None:
            return found, False
    facts = {name: getattr(data, name) for name in FacilityFacts.model_fields}
    made = FacilityIn.model_validate({**facts, "source": SOURCE, "source_ref": ref})
    return changes.add(session, acting, made, now).facility_id, True


def edit(session: Session, actor: Actor, facility_id: int, data: FacilityEdit, now: datetime) -> None:
    """Changes what is named.

    Raises:
        NotFound: there is no such facility.
        VersionConflict: it has another version by now.
        NotSignedIn, StepNeeded, NotAllowed: as the policy says of the tambon it lies in and of the one it goes to.
        pydantic.ValidationError: what comes out cannot be.
        Invalid: it would lie in no tambon, closes without a reason, or gets a value in a field of another kind.
    """
    given = data.given
    if "lat" in given:
        locks.share(session, locks.AREAS)  # before the pin's row: an import of areas takes them in this order
    before = _pin(session, actor, facility_id)
    acting = policy.demand(actor, "facilities.edit", before["tambon_code"], now)
    if before["version"] != data.version:
        raise changes.VersionConflict(facility_id, before["version"])
    whole = FacilityFacts.model_validate(_put_together(before, given))
    _refuse_other_kinds(whole.kind, {name for name, value in given.items() if value not in (None, before.get(name))})
    follows = {name for name in _CLOSURE if "status" in given and getattr(whole, name) != before[name]}
    values = {name: getattr(whole, name) for name in (given.keys() | follows) - {"lat", "lon"}}
    if "lat" in given:
        values["point"] = whole.point
        acting = policy.demand(actor, "facilities.edit", _tambon(session, whole.point), now)
    if "status" in given or "closed_reason" in given:
        _reason_for(whole.status, whole.closed_reason)
    action = _step(before["status"], whole.status)
    reason = whole.closed_reason if action == "close" else None
    changes.change(session, acting, facility_id, values, action=action, now=now, version=data.version, reason=reason)


def close(session: Session, actor: Actor, facility_id: int, data: FacilityClose, now: datetime) -> None:
    """Closes a pin for good; nothing happens where it is so already.

    Raises:
        NotFound, VersionConflict, NotSignedIn, StepNeeded, NotAllowed: as ``edit``.
    """
    before = _pin(session, actor, facility_id)
    acting = policy.demand(actor, "facilities.edit", before["tambon_code"], now)
    if data.version is not None and before["version"] != data.version:
        raise changes.VersionConflict(facility_id, before["version"])
    if before["status"] == "closed":
        return
    values = {"status": "closed", "closed_from": None, "closed_until": None, "closed_reason": data.reason}
    changes.change(session, acting, facility_id, values, action="close", now=now, reason=data.reason)


def say_capacity(session: Session, actor: Actor, facility_id: int, data: Capacity, now: datetime) -> None:
    """Takes what is free now, with its own time, whatever version the pin has.

    Raises:
        NotFound, NotSignedIn, StepNeeded, NotAllowed: as ``edit``, for ``facilities.capacity``.
        Conflict: the pin is closed; whether it opens again is for people to say.
        Invalid: more is free than there is, or facilities of this kind do not have a field that was sent.
        TooMany: it was said ``AN_HOUR`` times within the hour.
    """
    before = _pin(session, actor, facility_id)
    acting = policy.demand(actor, "facilities.capacity", before["tambon_code"], now)
    if acting.kind == "token":
        _within_limit(session, acting, facility_id, now)
    given = data.given
    leftover = {name for name, value in given.items() if value is None and before[name] is not None}
    _refuse_other_kinds(before["kind"], given.keys() - leftover)
    if "status" in given and before["status"] in _SHUT:
        raise Conflict(N_("This facility is closed or will close soon. An officer must reopen it first."), kind=CLOSED)
    changes.change(session, acting, facility_id, given, action="capacity", now=now)


def _pin(session: Session, actor: Actor, facility_id: int) -> dict[str, Any]:
    """The pin, kept from others until the end, if this program may touch it at all."""
    if actor.facility_id is not None and actor.facility_id != facility_id:
        raise NotAllowed(N_("This API key is for another facility."), kind=WRONG_TOKEN)
    before = changes.current(session, facility_id, lock=True)
    if before["merged_into"] is not None:
        raise Merged(before["merged_into"])
    return before


def _tambon(session: Session, point: geo.Point) -> str:
    path = areas.area_at(session, point)
    if path is None:
        raise areas.outside_problem(session, "lat")
    return path.tambon.code


def _put_together(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The pin as it would be. What belongs to a closure goes with it, unless it is named."""
    facts = {name: before[name] for name in FacilityFacts.model_fields if name not in ("lat", "lon")}
    facts |= {"lat": before["point"].lat, "lon": before["point"].lon} | dict(given)
    if "status" in given and facts["status"] != "temporarily_closed":
        facts |= {name: None for name in ("closed_from", "closed_until") if name not in given}
        if facts["status"] != "closed" and "closed_reason" not in given:
            facts["closed_reason"] = None
    return facts


def _refuse_other_kinds(kind: str, given: Iterable[str]) -> None:
    """Raises ``Invalid`` beside each field that facilities of this kind do not have.

    Callers leave out values that an import left there and that are sent unchanged or removed: programs must be able to
    send a facility back as they read it.
    """
    if wrong := of_other_kinds(kind, given):
        raise Invalid([FieldProblem(name, Message(_OTHER_KIND)) for name in wrong])


def _reason_for(status: str, reason: str | None) -> None:
    if status in _SHUT and not reason:
        raise invalid("closed_reason", N_("Enter why it is closed. People will read it."))


def _step(before: str, after: str) -> str:
    """What the history calls it."""
    if after in _SHUT and before != after:
        return "close"
    return "reopen" if before in _SHUT and after not in _SHUT else "edit"


def _within_limit(session: Session, actor: Actor, facility_id: int, now: datetime) -> None:
    """Counted in the pin's history, whose row the caller holds: no two requests pass at once, in whatever process."""
    hour = timedelta(hours=1)
    said, oldest = session.execute(
        select(func.count(), func.min(FacilityChange.at)).where(
            FacilityChange.facility_id == facility_id,
            FacilityChange.action == "capacity",
            FacilityChange.actor_kind == "token",
            FacilityChange.actor_id == actor.person_id,
            FacilityChange.at > now - hour,
        )
    ).one()
    if said >= AN_HOUR:
        wait = seconds_until(oldest + hour, now)
        raise TooMany(wait, N_("This was reported %(count)s times within one hour. Wait a few minutes."), count=AN_HOUR)
