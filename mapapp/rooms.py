"""The rooms of the service, from the ground up, and what goes over all of them. A new room is one line in ``ROOMS``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from blinker import Signal
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.accounts.room import room as accounts
from mapapp.areas.room import room as areas
from mapapp.audit import labels
from mapapp.audit.room import room as audit
from mapapp.audit_pages.room import room as audit_pages
from mapapp.core.config import Config
from mapapp.coverage.room import room as coverage
from mapapp.database import keyring
from mapapp.database.counters import chores as counters
from mapapp.database.scheduler import Chore
from mapapp.database.submissions import chores as submissions
from mapapp.facilities.room import room as facilities
from mapapp.help_requests.room import room as help_requests
from mapapp.home.room import room as home
from mapapp.maps.room import room as maps
from mapapp.statistics.room import room as statistics
from mapapp.survey.room import room as survey
from mapapp.volunteers.room import room as volunteers
from mapapp.web.room import Listener, MenuEntry, Room

ROOMS: Final[tuple[Room, ...]] = (
    home,
    areas,
    audit,
    accounts,
    facilities,
    volunteers,
    help_requests,
    survey,
    coverage,
    statistics,
    audit_pages,
    maps,
)
"""In the order in which listeners are called, demo data is made and blueprints are registered."""

APIS: Final = tuple(api for room in ROOMS for api in room.apis)
"""What the rooms answer to programs."""

_connected: Final[list[object]] = []


def check_settings(config: Config) -> None:
    """Lets every room look at the settings that only it understands.

    Raises:
        BadConfig: one has a value the service cannot run with.
    """
    for room in ROOMS:
        if room.settings is not None:
            room.settings(config)


def connect() -> None:
    """Tells policy and audit log what the rooms bring, and joins the rooms' signals. Once is enough; again changes
    nothing."""
    if _connected:
        return
    heard: dict[int, tuple[Signal, list[Listener]]] = {}
    for room in ROOMS:
        policy.register(room.actions)
        for words in room.audit:
            labels.register(words)
        if room.connect is not None:
            room.connect()
        for signal, listener in room.hears:
            heard.setdefault(id(signal), (signal, []))[1].append(listener)
    for signal, listeners in heard.values():
        tell = _in_order(listeners)
        signal.connect(tell)
        _connected.append(tell)  # a signal knows its listeners weakly


def _in_order(listeners: Iterable[Listener]) -> Callable[..., None]:
    def tell(sender: Any, **told: Any) -> None:
        for listener in listeners:
            listener(sender, **told)

    return tell


def chores(config: Config, extensions: Mapping[str, Any]) -> list[Chore]:
    """What the scheduler does.

    Args:
        extensions: of the application; what a room has left there.
    """
    made = [chore for room in ROOMS if room.chores is not None for chore in room.chores(config, extensions)]
    return [*made, *submissions(), *counters()]


def unfit(config: Config) -> Callable[[Session], str | None]:
    """Why the scheduler may do nothing now, if so: what is erased or sealed with the wrong keys is lost for good."""
    vault = config.vault()
    return lambda session: keyring.misfit(session, vault)


def menu(name: str) -> list[MenuEntry]:
    """The entries of a menu of signed-in people, in order."""
    return sorted(
        (entry for room in ROOMS for entry in room.menu if name in entry.menus), key=lambda entry: entry.place
    )
