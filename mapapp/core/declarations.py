"""What a room declares, as plain values: actions of the policy, words of the audit log, findings of the check.

``web/room.py`` collects them; the modules that use them (policy, audit log, ``mapapp check``) do not know the rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mapapp.core.errors import Message


@dataclass(frozen=True)
class Action:
    """An action of the policy."""

    name: str
    """``facilities.edit``: the room, a dot, the action."""
    roles: frozenset[str]
    """Who may do it in their area."""
    personal: bool = False
    """It shows personal data: only with a confidentiality agreement and valid training (letters L3.8, L3.14)."""
    delicate: bool = False
    """Asks for the password again if it was entered a while ago."""
    scope: str | None = None
    """The scope that an API key needs for it, as a message to translate; None: not possible with an API key."""


@dataclass(frozen=True)
class AuditWords:
    """The words of a room's entries in the audit log, as messages to translate."""

    group: str
    """The group of its actions."""
    actions: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    """Kind of subject → its name."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field in an entry's details → its label."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Field in an entry's details → stored value → its text."""


Level = Literal["ok", "limits", "stops"]


@dataclass(frozen=True)
class Finding:
    """One result of ``mapapp check``: OK, limits the service, or stops it; ``mend`` says how to fix it."""

    level: Level
    what: Message
    mend: Message | None = None


def ok(what: str, **values: object) -> Finding:
    """No problem."""
    return Finding("ok", Message(what, values))


def limits(what: str, mend: str, **values: object) -> Finding:
    """The service runs, but cannot do everything."""
    return Finding("limits", Message(what, values), Message(mend, values))


def stops(what: str, mend: str, **values: object) -> Finding:
    """The service cannot run like this."""
    return Finding("stops", Message(what, values), Message(mend, values))
