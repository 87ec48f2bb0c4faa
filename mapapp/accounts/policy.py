"""The one place that says who may do what. Pages, API, exports, tiles and statistics all ask here.

What can be asked is told by the rooms (``rooms.connect``), each in its ``room.py``.

A right hangs on a role and an area: an appointment in force gives its role's actions in its area and in every area
inside it. What is shown is ``may``; what is done goes through ``demand``.
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
"""Letter L1.1, from the top of the tree down; ``auditor`` reads in its area and changes nothing."""

ROLES: Final[tuple[str, ...]] = get_args(Role)

OFFICERS: Final = frozenset({"ministry", "province_admin", "amphoe_coordinator", "tambon_officer"})

_actions: Final[dict[str, Action]] = {}


def register(actions: Iterable[Action]) -> None:
    """Takes in what a room asks about. ``auditor`` reads and changes nothing: no action of theirs does.

    Raises:
        ValueError: there is another action of this name, or a role that there is not.
    """
    for one in actions:
        if not one.roles <= set(ROLES) or _actions.setdefault(one.name, one) != one:
            raise ValueError(one.name)


def actions() -> Mapping[str, Action]:
    """All there are, by name."""
    return MappingProxyType(_actions)


def roles_of(action: str) -> frozenset[str]:
    """Who may do this in their area.

    Raises:
        KeyError: there is no such action (a bug, and better loud).
    """
    return _actions[action].roles


def scopes() -> dict[str, str]:
    """What a program's key can be good for: action → what it is called, as a message to translate."""
    return {one.name: one.scope for one in _actions.values() if one.scope is not None}


CONFIRMED_FOR: Final = timedelta(minutes=15)

BELOW: Final[dict[str, tuple[str, ...]]] = {
    "ministry": ROLES[1:],
    "province_admin": ("amphoe_coordinator", "tambon_officer", "data_volunteer", "volunteer", "auditor"),
    "amphoe_coordinator": ("tambon_officer", "data_volunteer", "volunteer"),
    "tambon_officer": ("data_volunteer", "volunteer"),
}
"""Role → roles it may appoint: down the tree only, never its own level (letters L4.4, L1.1)."""


PAPERS: Final = N_(
    "This page shows personal data. Your confidentiality agreement or training is missing or has expired."
)


def may(actor: Actor, action: str, area_code: str | None) -> Standing | None:
    """The appointment by which the actor may do this in this area, or None.

    Args:
        actor: who.
        action: one of ``actions()``.
        area_code: of the thing concerned: 2, 4 or 6 digits; ``TH`` or None for what lies in no area we know, which
            only those who are responsible for the whole country may touch.

    Raises:
        KeyError: there is no such action (a bug, and better loud).
    """
    told = _actions[action]
    if actor.suspended or not actor.is_signed_in:
        return None
    if actor.kind == "token" and action not in actor.scopes:
        return None
    fitting = [one for one in actor.standings if one.role in told.roles and one.covers(area_code)]
    if told.personal:
        fitting = [one for one in fitting if one.personal_data]
    # The nearest appointment speaks: who is tambon officer and coordinator acts as tambon officer in that tambon.
    return max(fitting, key=lambda one: len(one.within or ""), default=None)


def demand(actor: Actor, action: str, area_code: str | None, now: datetime) -> Actor:
    """The actor, acting by the appointment that allows this. Operators at the command line may do everything.

    Raises:
        NotSignedIn: nobody is signed in.
        StepNeeded: the second factor is missing, or the password is to be typed again.
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
    """Asks for what is still missing before an action, wherever it is done.

    Raises:
        StepNeeded: the second factor, or the password once more.
    """
    if actor.kind != "person":
        return
    if not actor.second_factor:
        raise StepNeeded("second_factor", N_("Complete two-step sign-in first."))
    if _actions[action].delicate and (actor.confirmed_at is None or now - actor.confirmed_at > CONFIRMED_FOR):
        raise StepNeeded("confirm", N_("Enter your password again for this."))


def sees(actor: Actor, area_code: str) -> bool:
    """Whether this actor may see people appointed in this area; operators see all."""
    return actor.kind == "command" or may(actor, "people.view", area_code) is not None


def areas_of(actor: Actor, action: str) -> tuple[str, ...]:
    """Where the actor may do this: area codes (``TH``: everywhere), the widest first, none inside another."""
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
    """The appointment by which the actor may put somebody into this role in this area, or None."""
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
    nowhere = area_code is None and not areas_of(actor, action)  # asked whether there is any area at all
    inside = [one for one in actor.standings if nowhere or one.covers(area_code)]
    if told.personal and any(one.role in told.roles and not one.personal_data for one in inside):
        return NotAllowed(PAPERS, kind=PAPERS_MISSING)
    if any(one.role in told.roles for one in actor.standings):
        return NotAllowed(N_("This lies outside your area."), kind=NOT_YOUR_AREA)
    return NotAllowed(N_("Your role does not allow this."))
