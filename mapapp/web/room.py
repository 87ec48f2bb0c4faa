"""What a room brings to the service. Each room makes one ``Room`` in its ``room.py``; ``mapapp/rooms.py`` lists them.

Nothing is found by searching: what is not in that list is not in the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import click
from blinker import Signal
from flask import Blueprint, Flask
from sqlalchemy.orm import Session, sessionmaker

from mapapp.core.config import Config
from mapapp.core.declarations import Action, AuditWords, Finding
from mapapp.core.vault import Vault
from mapapp.database.scheduler import Chore
from mapapp.web.openapi import Api


@dataclass(frozen=True)
class Serving:
    """The application that starts, for a room that has more to set up than its pages."""

    app: Flask
    config: Config
    reading: sessionmaker[Session]
    """Sessions that only read."""
    threaded: bool
    """Whether this is the service; in a test all is one transaction."""


@dataclass
class Seeding:
    """The demo data as it is made; a room leaves here what those above it need to know."""

    now: datetime
    config: Config
    vault: Vault | None = None
    """Where personal data is made, too."""
    left_alone: list[str] = field(default_factory=list)
    """Provinces with official boundaries, whose data is real."""
    tambons: int = 0
    """How many tambons were made."""
    people: int = 0
    requests: int = 0


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu of signed-in people."""

    path: str
    text: str
    """A message to translate."""
    place: int
    """The menu is in this order; steps of ten leave room."""
    action: str | None = None
    """Shown to people who have this right somewhere; None: to everyone who is signed in."""
    menus: tuple[str, ...] = ("officer",)
    """``officer``; ``volunteer``: of those who are no officers."""
    beside: str = ""
    """A template that writes behind the text how much waits there."""


Look = Callable[[Session, Config], Iterator[Finding]]
Listener = Callable[..., None]


@dataclass(frozen=True)
class Room:
    """One room. Everything has an empty default: a room brings what it has."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    apis: tuple[Api, ...] = ()
    start: Callable[[Serving], None] | None = None
    """Called once for an application, before its blueprints are registered."""
    settings: Callable[[Config], object] | None = None
    """Looks at settings that only the room understands; raises ``BadConfig`` where they cannot be."""
    commands: tuple[click.Command, ...] = ()
    """Groups of the ``mapapp`` command."""
    chores: Callable[[Config, Mapping[str, Any]], Sequence[Chore]] | None = None
    """What is done from time to time, by the settings and the application's ``extensions``."""
    hears: tuple[tuple[Signal, Listener], ...] = ()
    """Signals of the rooms below. Listeners of one signal are called in the order of the rooms, inside the transaction
    that sends it."""
    connect: Callable[[], None] | None = None
    """What else it hooks into the rooms below; calling it again changes nothing."""
    checks: tuple[Look, ...] = ()
    """What ``mapapp check`` looks at in its data."""
    seed: Callable[[Session, Seeding], None] | None = None
    """Its demo data in an empty database; repeating it changes nothing."""
    demo: Callable[[Session, Seeding], None] | None = None
    """Its demo people and what they have done, for development."""
    actions: tuple[Action, ...] = ()
    audit: tuple[AuditWords, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    waiting: Mapping[str, Callable[[str | None], int]] = field(default_factory=dict)
    """Numbers of what waits for officers, by the name templates call them: in an area, or in all of the one who
    asks."""
