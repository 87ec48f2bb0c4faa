"""What a room registers in the service. Each room creates one ``Room`` in its ``room.py``; ``mapapp/rooms.py`` lists
them.

There is no automatic discovery: a room that is not in that list is not part of the service.
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
    """The application that is starting, for a room that must set up more than its pages."""

    app: Flask
    config: Config
    reading: sessionmaker[Session]
    """Sessions that only read."""
    threaded: bool
    """Whether this is the running service; in a test everything is one transaction."""


@dataclass
class Seeding:
    """The creation of demo data; a room stores here what the rooms above it need."""

    now: datetime
    config: Config
    vault: Vault | None = None
    """For personal data, which is encrypted."""
    left_alone: list[str] = field(default_factory=list)
    """Provinces with official boundaries and real data."""
    tambons: int = 0
    """Number of tambons created."""
    people: int = 0
    requests: int = 0


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu of signed-in people."""

    path: str
    text: str
    """A message to translate."""
    place: int
    """Position in the menu, in steps of ten."""
    action: str | None = None
    """Shown to people who have this right somewhere; None: to everyone who is signed in."""
    menus: tuple[str, ...] = ("officer",)
    """``officer``, or ``volunteer``: people who are not officers."""
    beside: str = ""
    """A template for the number of open tasks after the text."""


Look = Callable[[Session, Config], Iterator[Finding]]
Listener = Callable[..., None]


@dataclass(frozen=True)
class Room:
    """One room. All fields have an empty default."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    apis: tuple[Api, ...] = ()
    start: Callable[[Serving], None] | None = None
    """Called once for an application, before its blueprints are registered."""
    settings: Callable[[Config], object] | None = None
    """Checks settings that only this room knows; raises ``BadConfig`` if they are invalid."""
    commands: tuple[click.Command, ...] = ()
    """Groups of the ``mapapp`` command."""
    chores: Callable[[Config, Mapping[str, Any]], Sequence[Chore]] | None = None
    """Background jobs, made from the settings and the application's ``extensions``."""
    hears: tuple[tuple[Signal, Listener], ...] = ()
    """Receivers of signals of the rooms below. They are called in the order of the rooms, inside the transaction that
    sends the signal."""
    connect: Callable[[], None] | None = None
    """Registers functions in rooms below; calling it again changes nothing."""
    checks: tuple[Look, ...] = ()
    """The checks of ``mapapp check`` for its data."""
    seed: Callable[[Session, Seeding], None] | None = None
    """Creates its demo data in an empty database; repeating it changes nothing."""
    demo: Callable[[Session, Seeding], None] | None = None
    """Creates its demo people and their actions, for development."""
    actions: tuple[Action, ...] = ()
    audit: tuple[AuditWords, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    waiting: Mapping[str, Callable[[str | None], int]] = field(default_factory=dict)
    """Numbers of open tasks of officers, by their name in templates: in an area, or in all areas of the actor."""
