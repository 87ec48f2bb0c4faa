"""Reads for those who edit: pins that may be the same place, what a pin was like, its steps, where it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from geoalchemy2 import Geography
from geopy.distance import geodesic
from sqlalchemy import cast, func, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.names import normalise
from mapapp.core import geo
from mapapp.facilities import changes
from mapapp.facilities.list_words import kind_words
from mapapp.facilities.models import Facility, FacilityChange

SAME_KIND_M = 100
SIMILAR_NAME_M = 500
SIMILAR = 0.5
"""Share of the letter pairs two names have in common, from which on they are similar."""

MOST = 10


@dataclass(frozen=True, slots=True)
class Twin:
    """A pin that may be the same place as another."""

    id: int
    kind: str
    name_th: str
    name_en: str | None
    status: str
    distance_m: float


def twins(
    session: Session, kind: str, names: Sequence[str | None], point: geo.Point, *, leave_out: int | None = None
) -> list[Twin]:
    """The same kind within 100 m, or a similar name within 500 m, nearest first; at most ten.

    Names are compared without the words for the kind, which all of them share. Merged pins are not twins any more.
    """
    here = cast(func.ST_SetSRID(func.ST_MakePoint(point.lon, point.lat), geo.SRID), Geography("POINT", geo.SRID))
    metres = func.ST_Distance(Facility.point, here).label("distance_m")
    rows = session.execute(
        select(Facility.id, Facility.kind, Facility.name_th, Facility.name_en, Facility.status, metres)
        .where(
            func.ST_DWithin(Facility.point, here, SIMILAR_NAME_M),
            Facility.merged_into.is_(None),
            Facility.id != (leave_out or 0),
        )
        .order_by(metres, Facility.id)
        .limit(500)
    )
    mine = [bare for bare in map(_bare, names) if bare]
    found = []
    for row in rows:
        one = Twin(*row)
        theirs = [bare for bare in map(_bare, (one.name_th, one.name_en)) if bare]
        near = one.kind == kind and one.distance_m <= SAME_KIND_M
        if near or any(similarity(a, b) >= SIMILAR for a in mine for b in theirs):
            found.append(one)
    return found[:MOST]


@lru_cache
def _kind_words() -> list[str]:
    """The longest first."""
    return sorted({normalise(word) for words in kind_words().values() for word in words}, key=len, reverse=True)


def _bare(name: str | None) -> str:
    """A name as it is compared: normalised, without the word for the kind in front."""
    made = normalise(name or "")
    for word in _kind_words():
        if made.startswith(word) and len(made) > len(word) + 1:
            return made[len(word) :]
    return made


def similarity(one: str, other: str) -> float:
    """0–1: pairs of neighbouring letters in common, of all there are (Dice).

    Done here and not by pg_trgm, whose idea of a Thai letter hangs on the locale of the database.
    """
    if one == other:
        return 1.0
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}


def apart(one: geo.Point, other: geo.Point) -> float:
    """Metres between two places, on the ellipsoid."""
    return float(geodesic((one.lat, one.lon), (other.lat, other.lon)).meters)


# History --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pin's history, with who did it where that is known."""

    id: int
    facility_id: int
    version: int
    at: datetime
    action: str
    actor_kind: str
    actor_name: str | None
    reason: str | None
    changes: Mapping[str, list[Any]]

    @property
    def fields(self) -> set[str]:
        """What it changed of the pin itself, beside who stands for it since when."""
        return {name for name in self.changes if name in changes.FIELDS}


def steps(session: Session, facility_id: int, *, limit: int = 200) -> list[Step]:
    """The history of a pin and of those that were merged into it, newest first."""
    ids = session.scalars(_MERGED_HERE, {"id": facility_id}).all()
    return _steps(session, FacilityChange.facility_id.in_(ids), limit)


def step(session: Session, facility_id: int, step_id: int) -> Step | None:
    """One step of this very pin."""
    found = _steps(session, (FacilityChange.facility_id == facility_id) & (FacilityChange.id == step_id), 1)
    return found[0] if found else None


def later_steps(session: Session, one: Step) -> list[Step]:
    """The steps after this one, of the same pin, that touched a field it touched; newest first."""
    after = (FacilityChange.facility_id == one.facility_id) & (FacilityChange.id > one.id)
    return [later for later in _steps(session, after, 1000) if later.fields & one.fields]


def was_stood_for_since(session: Session, one: Step) -> bool:
    """Whether somebody has stood for the pin after this step, or a list has spoken of it."""
    statement = select(FacilityChange.id).where(
        FacilityChange.facility_id == one.facility_id,
        FacilityChange.id > one.id,
        FacilityChange.action.in_([*changes.STANDS_FOR, "import", "capacity"]),
    )
    return session.execute(statement.limit(1)).first() is not None


def other_half(session: Session, one: Step) -> Step | None:
    """Of a merge, which is one step in each of two pins: the step in the other pin. They bear the same moment.

    The pin that stays has such a step only where it took something over.
    """
    other = (FacilityChange.facility_id != one.facility_id) & (FacilityChange.at == one.at)
    into = _into(one)
    for found in _steps(session, other & (FacilityChange.action == "merge"), 20):
        if found.facility_id == into and _into(found) is None if into else _into(found) == one.facility_id:
            return found
    return None


def _into(one: Step) -> int | None:
    into: int | None = one.changes.get("merged_into", [None, None])[1]
    return into


def as_of(session: Session, facility_id: int, version: int) -> dict[str, Any]:
    """The fields of a pin as they were at a version, as far as its history goes back.

    Raises:
        NotFound: there is no such facility.
    """
    values = changes.current(session, facility_id)
    after = (FacilityChange.facility_id == facility_id) & (FacilityChange.version > version)
    for one in _steps(session, after, 1000):
        for name, (before, _after) in one.changes.items():
            if name in changes.FIELDS:
                values[name] = untold(name, before)
    return values


def untold(name: str, value: Any) -> Any:
    """A field's value out of the history's JSON: what ``changes.told`` makes, the other way round."""
    if value is None:
        return None
    if name == "point":
        return geo.Point(lon=value[0], lat=value[1])
    if name in ("closed_from", "closed_until") or (name in changes.KEPT and name.endswith("_at")):
        return datetime.fromisoformat(value)
    return value


def _steps(session: Session, which: Any, limit: int) -> list[Step]:
    rows = session.execute(
        select(
            FacilityChange.id, FacilityChange.facility_id, FacilityChange.version, FacilityChange.at,
            FacilityChange.action, FacilityChange.actor_kind, Person.name, FacilityChange.reason,
            FacilityChange.changes,
        )
        .outerjoin(Person, Person.id == FacilityChange.actor_id)
        .where(which)
        .order_by(FacilityChange.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Step(*row) for row in rows]


# Merged pins ----------------------------------------------------------------------------------------------------

_MERGED_HERE = text("""
WITH RECURSIVE here AS (
    SELECT CAST(:id AS bigint) AS id
    UNION SELECT f.id FROM facilities f JOIN here ON f.merged_into = here.id
)
SELECT id FROM here
""")

_SUCCESSOR = text("""
WITH RECURSIVE chain AS (
    SELECT id, merged_into FROM facilities WHERE id = :id
    UNION SELECT f.id, f.merged_into FROM facilities f JOIN chain ON f.id = chain.merged_into
)
SELECT id FROM chain WHERE merged_into IS NULL AND id <> :id
""")


def successor(session: Session, facility_id: int) -> int | None:
    """The pin that a merged one has become, at the end of the chain; None where it was not merged (or is unknown)."""
    found: int | None = session.scalar(_SUCCESSOR, {"id": facility_id})
    return found
