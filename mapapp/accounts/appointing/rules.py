"""The rules of appointing, without database access: who may appoint, which values fit together, whether a limit is
reached."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mapapp.accounts import policy
from mapapp.areas.resolving.results import Level
from mapapp.core.actors import Actor
from mapapp.core.clock import today
from mapapp.core.errors import N_, Conflict, NotAllowed, NotSignedIn, invalid
from mapapp.core.problem_types import ALREADY_SO, FULL, NOT_YOUR_AREA, PAPERS_MISSING, SUSPENDED, WRONG_TOKEN

ADMINS: Final = 2
"""Maximum number of administrators of a province at any time (letter L2.1)."""

CODE_LENGTHS: Final[dict[str, tuple[int, ...]]] = {
    "ministry": (0,),
    "province_admin": (2,),
    "amphoe_coordinator": (4,),
    "tambon_officer": (6,),
    "data_volunteer": (2, 4, 6),
    "volunteer": (2, 4, 6),
    "auditor": (0, 2, 4, 6),
}
"""Role → allowed number of digits of its area's code; 0 is the whole country."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an appointment. ``ends_at`` is the first moment at which it is no longer valid."""

    role: str
    area_code: str
    starts_at: datetime
    ends_at: datetime | None = None
    confidentiality_on: date | None = None
    training_expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """The time in which a person has a role in an area; ``ends_at`` None: no end."""

    person_id: uuid.UUID
    role: str
    area_code: str
    starts_at: datetime
    ends_at: datetime | None
    appointment_id: int | None = None

    def overlaps(self, other: Spell) -> bool:
        """Whether the two times have a moment in common."""
        return (self.ends_at is None or other.starts_at < self.ends_at) and (
            other.ends_at is None or self.starts_at < other.ends_at
        )


def permit(actor: Actor, role: str, area_code: str, now: datetime) -> Actor:
    """The actor, with the appointment that allows them to give this role in this area. System operators may give all
    roles.

    Raises:
        NotSignedIn, NotAllowed: with the reason.
        StepNeeded: the second factor or the password is needed.
    """
    if actor.kind == "command":
        return actor
    if not actor.is_signed_in:
        raise NotSignedIn(N_("Sign in first."))
    standing = policy.may_appoint(actor, role, area_code)
    if standing is None:
        raise _why_not(actor, role, area_code)
    policy.steps(actor, "people.appoint", now)
    return actor.acting(standing)


def _why_not(actor: Actor, role: str, area_code: str) -> NotAllowed:
    if actor.suspended:
        return NotAllowed(N_("This account is suspended. Ask the person who appointed you."), kind=SUSPENDED)
    if actor.kind != "person":
        return NotAllowed(N_("An API key cannot appoint people."), kind=WRONG_TOKEN)
    below = [one for one in actor.standings if role in policy.BELOW.get(one.role, ())]
    if not below:
        return NotAllowed(N_("You cannot appoint this role. You can appoint only roles below your own."))
    if not any(one.covers(area_code) for one in below):
        return NotAllowed(N_("This lies outside your area."), kind=NOT_YOUR_AREA)
    return NotAllowed(policy.PAPERS, kind=PAPERS_MISSING)


def check_terms(terms: Terms, now: datetime) -> None:
    """Checks the terms, without looking at other appointments.

    Raises:
        Invalid: beside the field.
    """
    lengths = CODE_LENGTHS.get(terms.role)
    if lengths is None:
        raise invalid("role", N_("Choose one from the list."))
    length = 0 if terms.area_code == "TH" else len(terms.area_code)
    if length not in lengths:
        raise invalid("area", LEVEL_NEEDED[lengths])
    if terms.starts_at < now:
        raise invalid("starts_at", N_("A role cannot begin in the past."))
    if terms.ends_at is not None and terms.ends_at <= terms.starts_at:
        raise invalid("until", N_("The last day has passed. Choose a later one."))
    check_papers(terms.confidentiality_on, now)


def levels_of(role: str) -> frozenset[Level]:
    """The levels of areas that a role can be for."""
    return frozenset(_LEVELS[length] for length in CODE_LENGTHS[role])


_LEVELS: Final[dict[int, Level]] = {0: "country", 2: "province", 4: "amphoe", 6: "tambon"}
ALL_LEVELS: Final = frozenset(_LEVELS.values())
"""The levels of areas that at least one role can be for."""

LEVEL_NEEDED: Final = {
    (0,): N_("This role is for the whole country."),
    (2,): N_("This role is for a province."),
    (4,): N_("This role is for an amphoe."),
    (6,): N_("This role is for a tambon."),
    (2, 4, 6): N_("This role is for a province, an amphoe or a tambon."),
    (0, 2, 4, 6): N_("Choose an area."),
}


def check_papers(confidentiality_on: date | None, now: datetime) -> None:
    """Raises ``Invalid`` where an agreement is said to be signed on a day to come."""
    if confidentiality_on is not None and confidentiality_on > today(now):
        raise invalid("confidentiality_on", N_("This day is in the future. Enter the day it was signed."))


def check_room(new: Spell, others: Iterable[Spell]) -> None:
    """Checks the limits that depend on the other appointments.

    Raises:
        Conflict: the person holds this already, or the province has its two administrators.
    """
    here = [
        one
        for one in others
        if (one.role, one.area_code) == (new.role, new.area_code)
        and one.overlaps(new)
        and (one.appointment_id is None or one.appointment_id != new.appointment_id)
    ]
    if any(one.person_id == new.person_id for one in here):
        raise Conflict(N_("This person already has this role."), kind=ALREADY_SO)
    if new.role == "province_admin":
        # The number of appointments at the same time can grow only when one begins, so it is counted at these moments.
        moments = [new.starts_at, *(one.starts_at for one in here if one.starts_at > new.starts_at)]
        for moment in moments:
            if sum(one.starts_at <= moment and (one.ends_at is None or one.ends_at > moment) for one in here) >= ADMINS:
                raise Conflict(
                    N_("This province already has two administrators, which is the limit. End one role first."),
                    kind=FULL,
                )
