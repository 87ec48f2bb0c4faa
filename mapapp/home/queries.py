"""What is loaded and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from mapapp.areas.models import Area, Village
from mapapp.core.vault import Vault
from mapapp.database import keyring, migrate, only_reads
from mapapp.facilities.models import Facility


def boundary_sources(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows (source, as_of, approximate, provinces, tambons) of the boundaries, largest first."""
    return session.execute(
        select(
            Area.source.label("source"),
            func.max(Area.source_as_of).label("as_of"),
            Area.approximate.label("approximate"),
            func.count().filter(Area.level == "province").label("provinces"),
            func.count().filter(Area.level == "tambon").label("tambons"),
        )
        .group_by(Area.source, Area.approximate)
        .order_by(func.count().desc())
    ).all()


def population_sources(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows (source, as_of, tambons, people) of the population figures."""
    return session.execute(
        select(
            Area.population_source.label("source"),
            func.max(Area.population_as_of).label("as_of"),
            func.count().label("tambons"),
            func.sum(Area.population).label("people"),
        )
        .where(Area.level == "tambon", Area.population.is_not(None))
        .group_by(Area.population_source)
        .order_by(func.count().desc())
    ).all()


def facility_sources(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows (source, is_example, count, verified, updated_at) of the facilities."""
    return session.execute(
        select(
            Facility.source.label("source"),
            Facility.is_example.label("is_example"),
            func.count().label("count"),
            func.count(Facility.verified_at).label("verified"),
            func.max(Facility.updated_at).label("updated_at"),
        )
        .group_by(Facility.source, Facility.is_example)
        .order_by(Facility.is_example, func.count().desc())
    ).all()


def village_sources(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows (source, count) of the village names."""
    return session.execute(
        select(Village.source.label("source"), func.count().label("count")).group_by(Village.source)
    ).all()


def ready(session: Session) -> tuple[bool, str]:
    """Whether the database serves this code, and what an operator should know of it; mostly nothing."""
    try:
        session.execute(text("SELECT postgis_version()"))
    except ProgrammingError:
        return False, "the database has no PostGIS"
    standing = migrate.standing(session.connection())
    return standing.serves, "" if standing.current == standing.head else str(standing)


def takes_writes(session: Session) -> str | None:
    """None where something can be written, otherwise what is the matter."""
    return "the database only reads" if only_reads(session) else None


def keys_fit(session: Session, vault: Vault) -> str | None:
    """None where the master keys are this database's, otherwise what is the matter."""
    return keyring.misfit(session, vault)
