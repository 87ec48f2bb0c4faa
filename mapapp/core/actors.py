"""The person who acts: a value that the edge creates once for each request and that every service takes.

It has the person and their current appointments. What these allow is decided by the policy
(``mapapp.accounts.policy``).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self

ActorKind = Literal["public", "person", "token", "command", "system"]


@dataclass(frozen=True, slots=True)
class Standing:
    """An appointment that is in force: a role in an area (a code of 2, 4 or 6 digits, or ``TH``)."""

    appointment_id: int
    role: str
    area_code: str
    personal_data: bool = False
    """Whether there is a confidentiality agreement and the training is still valid (letters L3.8, L3.14)."""

    @property
    def within(self) -> str | None:
        """The area as ``areas.queries.scope`` takes it: None is the whole country."""
        return None if self.area_code == "TH" else self.area_code

    def covers(self, area_code: str | None) -> bool:
        """Whether an area (``TH`` or None: the country) lies inside this one."""
        if self.within is None:
            return True
        return area_code is not None and area_code.startswith(self.within)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, for the length of one request. ``by`` names the appointment that allowed the current action."""

    kind: ActorKind
    address: str | None = None
    person_id: uuid.UUID | None = None
    name: str = ""
    organisation: str | None = None
    standings: tuple[Standing, ...] = ()
    session_id: uuid.UUID | None = None
    confirmed_at: datetime | None = None
    """When the password was last typed."""
    second_factor: bool = False
    """Whether this session has shown a second factor (or needs none: a demo account on loopback in development
    mode)."""
    suspended: bool = False
    scopes: frozenset[str] = frozenset()
    """For an API key: its scopes."""
    token_id: uuid.UUID | None = None
    """For an API key: its id."""
    facility_id: int | None = None
    """For an API key: its facility, if it is bound to one."""
    by: Standing | None = None

    def acting(self, standing: Standing | None) -> Self:
        """The same actor, acting by this appointment."""
        return replace(self, by=standing)

    @property
    def is_signed_in(self) -> bool:
        """Whether a person, or a program of a person, sent the request."""
        return self.person_id is not None

    @property
    def appointment_id(self) -> int | None:
        """The appointment of the action, for the audit log."""
        return None if self.by is None else self.by.appointment_id


def command() -> Actor:
    """A system operator on the command line, who may do everything."""
    return Actor("command", second_factor=True)


def system() -> Actor:
    """The service itself, for automatic changes: a date was reached, three reports came in."""
    return Actor("system")
