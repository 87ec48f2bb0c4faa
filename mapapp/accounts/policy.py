"""The policy: the only place that decides who may do what. Pages, API, exports, tiles and statistics use it.

Each room registers its actions in its ``room.py`` (``rooms.connect``).

A right needs a role and an area: a current appointment allows the actions of its role in its area and in every area
inside it. Call ``may`` to decide what is shown, ``demand`` before an action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

from mapapp.core.actors import Actor, Standing
from mapapp.core.declarations import Action
from mapapp.core.errors import N_, NotAllowed, NotSignedIn, StepNeeded
from mapapp.core.problem_types import NOT_YOUR_AREA, PAPERS_MISSING, SUSPENDED, WRONG_TOKEN

Role = Literal[
    "ministry",
    "province_admin",
    "amphoe_coordinator",
    "tambon_officer",
    "data_volunteer",
    "volunteer",
    "auditor",
]
"""Letter L1.1, from the highest role down. ``auditor`` reads in its area and changes nothing."""

ROLES: Final[tuple[str, ...]] = get_args(Role)

OFFICERS: Final = frozenset({"ministry", "province_admin", "amphoe_coordinator", "tambon_officer"})

_actions: Final[dict[str, Action]] = {}


def register(actions: Iterable[Action]) -> None:
    """Registers the actions of a room. ``auditor`` can have only actions that change nothing.

    Raises:
        ValueError: an action of this name exists, or a role is unknown.
    """
    for one in actions:
        if not one.roles <= set(ROLES) or _actions.setdefault(one.name, one) != one:
            raise ValueError(one.name)


def actions() -> Mapping[str, Action]:
    """All actions, by name."""
    return MappingProxyType(_actions)


def roles_of(action: str) -> frozenset[str]:
    """The roles that may do this in their area.

    Raises:
        KeyError: there is no such action (an error in the code).
    """
    return _actions[action].roles


def scopes() -> dict[str, str]:
    """The scopes that an API key can have: action → its name, as a message to translate."""
    return {one.name: one.scope for one in _actions.values() if one.scope is not None}


CONFIRMED_FOR: Final = timedelta(minutes=15)

BELOW: Final[dict[str, tuple[str, ...]]] = {
    "ministry": ROLES[1:],
    "province_admin": ("amphoe_coordinator", "tambon_officer", "data_volunteer", "volunteer", "auditor"),
    "amphoe_coordinator": ("tambon_officer", "data_volunteer", "volunteer"),
    "tambon_officer": ("data_volunteer", "volunteer"),
}
"""Role → the roles it may give: only lower ones, never its own (letters L4.4, L1.1)."""


PAPERS: Final = N_(
    "This page shows personal data. Your confidentiality agreement or training is missing or has expired."
)


def may(actor: Actor, action: str, area_code: str | None) -> Standing | None:
    """The appointment by which the actor may do this in this area, or None.

    Args:
        actor: the person or program.
        action: one of ``actions()``.
        area_code: of the object: 2, 4 or 6 digits; ``TH`` or None if it lies in no known area, which only people
            responsible for the whole country may change.

    Raises:
        KeyError: there is no such action (an error in the code).
    """
    told = _actions[action]
    if actor.suspended or not actor.is_signed_in:
        return None
    if actor.kind == "token" and action not in actor.scopes:
        return None
    fitting = [one for one in actor.standings if one.role in told.roles and one.covers(area_code)]
    if told.personal:
        fitting = [one for one in fitting if one.personal_data]
    # The nearest appointment is used: a coordinator who is also tambon officer acts as tambon officer in that tambon.
    return max(fitting, key=lambda one: len(one.within or ""), default=None)


def demand(actor: Actor, action: str, area_code: str | None, now: datetime) -> Actor:
    """The actor, with the appointment that allows this. System operators on the command line may do everything.

    Raises:
        NotSignedIn: no one is signed in.
        StepNeeded: the second factor is missing, or the password must be entered again.
        NotAllowed: no appointment allows it, with the reason.
    """
    if actor.kind in {"command", "system"}:
        return actor
    if not actor.is_signed_in:
        raise NotSignedIn(N_("Sign in first."))
    standing = may(actor, action, area_code)
    if standing is None:
        raise _why_not(actor, action, area_code)
    steps(actor, action, now)
    return actor.acting(standing)


def steps(actor: Actor, action: str, now: datetime) -> None:
    """Checks the steps of sign-in that an action needs, in whatever area.

    Raises:
        StepNeeded: the second factor or the password is needed.
    """
    if actor.kind != "person":
        return
    if not actor.second_factor:
        raise StepNeeded("second_factor", N_("Complete two-step sign-in first."))
    if _actions[action].delicate and (actor.confirmed_at is None or now - actor.confirmed_at > CONFIRMED_FOR):
        raise StepNeeded("confirm", N_("Enter your password again for this."))


def sees(actor: Actor, area_code: str) -> bool:
    """Whether this actor may see people appointed in this area. System operators may see all."""
    return actor.kind == "command" or may(actor, "people.view", area_code) is not None


def areas_of(actor: Actor, action: str) -> tuple[str, ...]:
    """The areas in which the actor may do this (``TH``: everywhere), the widest first; none lies inside another."""
    if actor.suspended or (actor.kind == "token" and action not in actor.scopes):
        return ()
    told = _actions[action]
    codes = {
        one.area_code for one in actor.standings if one.role in told.roles and (one.personal_data or not told.personal)
    }
    if "TH" in codes:
        return ("TH",)
    return tuple(
        code
        for code in sorted(codes, key=lambda code: (len(code), code))
        if not any(code != other and code.startswith(other) for other in codes)
    )


def may_appoint(actor: Actor, role: str, area_code: str) -> Standing | None:
    """The appointment by which the actor may give this role in this area, or None."""
    if actor.kind != "person" or actor.suspended:
        return None
    fitting = [
        one
        for one in actor.standings
        if role in BELOW.get(one.role, ()) and one.covers(area_code) and one.personal_data
    ]
    return max(fitting, key=lambda one: len(one.within or ""), default=None)


def _why_not(actor: Actor, action: str, area_code: str | None) -> NotAllowed:
    if actor.suspended:
        return NotAllowed(N_("This account is suspended. Ask the person who appointed you."), kind=SUSPENDED)
    if actor.kind == "token" and action not in actor.scopes:
        return NotAllowed(N_("This API key does not allow that. Create one with the right scope."), kind=WRONG_TOKEN)
    told = _actions[action]
    nowhere = area_code is None and not areas_of(actor, action)  # the question was whether there is any area
    inside = [one for one in actor.standings if nowhere or one.covers(area_code)]
    if told.personal and any(one.role in told.roles and not one.personal_data for one in inside):
        return NotAllowed(PAPERS, kind=PAPERS_MISSING)
    if any(one.role in told.roles for one in actor.standings):
        return NotAllowed(N_("This lies outside your area."), kind=NOT_YOUR_AREA)
    return NotAllowed(N_("Your role does not allow this."))
