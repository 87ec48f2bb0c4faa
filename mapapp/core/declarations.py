"""What a room says about itself, as plain values: its actions of the policy, its words of the audit log, its findings.

``web/room.py`` puts them together; the modules that use them (policy, audit log, ``mapapp check``) know no room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mapapp.core.errors import Message


@dataclass(frozen=True)
class Action:
    """Something the policy is asked about."""

    name: str
    """``facilities.edit``: the room, a dot, what is done."""
    roles: frozenset[str]
    """Who may do it in their area."""
    personal: bool = False
    """It shows personal data: only with a confidentiality agreement and valid training (letters L3.8, L3.14)."""
    delicate: bool = False
    """It asks for the password again where that was typed a while ago."""
    scope: str | None = None
    """What a program's key is good for that may do it, as a message to translate; None: no key may."""


@dataclass(frozen=True)
class AuditWords:
    """What a room's entries of the audit log are called, as messages to translate."""

    group: str
    """What its actions stand under."""
    actions: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    """Kind of subject → its name."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Name in an entry's details → what it is called."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name in an entry's details → what is stored there → what it means."""


Level = Literal["ok", "limits", "stops"]


@dataclass(frozen=True)
class Finding:
    """One thing that ``mapapp check`` looked at: fine, limiting what the service can do, or stopping it; ``mend`` says
    what to do."""

    level: Level
    what: Message
    mend: Message | None = None


def ok(what: str, **values: object) -> Finding:
    """All is well."""
    return Finding("ok", Message(what, values))


def limits(what: str, mend: str, **values: object) -> Finding:
    """The service runs, but cannot do everything."""
    return Finding("limits", Message(what, values), Message(mend, values))


def stops(what: str, mend: str, **values: object) -> Finding:
    """The service cannot run like this."""
    return Finding("stops", Message(what, values), Message(mend, values))
