"""Demo data for an empty database: the seed of every room, in the order of the rooms."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.core.config import Config
from mapapp.core.vault import Vault
from mapapp.database.server_time import database_time
from mapapp.rooms import ROOMS
from mapapp.web.room import Seeding


def is_empty(session: Session) -> bool:
    """Whether no area has been imported yet."""
    return session.execute(select(Area.code).limit(1)).first() is None


def seed_all(session: Session, config: Config | None = None) -> list[str]:
    """Chiang Mai and Roi Et: areas, hospitals, example sites, coverage. Repeating it changes nothing.

    Returns:
        the provinces that were not changed, because official boundaries and real data were imported there.
    """
    made = Seeding(database_time(session), config or Config())
    for room in ROOMS:
        if room.seed is not None:
            room.seed(session, made)
    return made.left_alone


def demo(session: Session, config: Config | None = None, vault: Vault | None = None) -> Seeding:
    """One person for each role, if there is no account yet (``mapapp accounts demo-passwords`` sets their passwords),
    and with a vault the result of their actions: example requests in every state.

    Returns:
        how many of each were created.
    """
    made = Seeding(database_time(session), config or Config(), vault)
    for room in ROOMS:
        if room.demo is not None:
            room.demo(session, made)
    return made
