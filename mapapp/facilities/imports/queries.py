"""Reads of imports. The file itself is read only where it is needed."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.core.errors import N_, Message, NotFound
from mapapp.facilities.models import Facility, FacilityChange, FacilityImport

_COLUMNS = tuple(column for column in FacilityImport.__table__.columns if column.name != "file")


@dataclass(frozen=True)
class Import:
    """An import without its file."""

    id: uuid.UUID
    person_id: uuid.UUID | None
    appointment_id: int | None
    area_code: str
    file_name: str
    source: str
    kind: str | None
    settings: dict[str, Any]
    state: str
    rows: int | None
    rows_done: int | None
    counts: dict[str, Any]
    problem: str | None
    created_at: datetime
    beat_at: datetime | None
    finished_at: datetime | None
    has_file: bool

    def ended_half_way(self, now: datetime, dead_after: timedelta) -> bool:
        """Whether its process was ended while it ran: then nothing was loaded."""
        return self.state == "running" and (self.beat_at is None or self.beat_at < now - dead_after)

    @property
    def why(self) -> Message | None:
        """Why it failed."""
        if not self.problem:
            return None
        kept = json.loads(self.problem)
        return Message(kept["text"], kept["values"])


def get(session: Session, import_id: uuid.UUID) -> Import:
    """One import.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.execute(_select().where(FacilityImport.id == import_id)).one_or_none()
    if row is None:
        raise NotFound(N_("Import not found."))
    return Import(**row._asdict())


def file_of(session: Session, import_id: uuid.UUID) -> bytes | None:
    """The file as it was uploaded; None where it has been taken away."""
    return session.execute(select(FacilityImport.file).where(FacilityImport.id == import_id)).scalar_one_or_none()


def last_settings(session: Session, source: str) -> dict[str, Any]:
    """How this source was read when it was last loaded, also if that was undone since; empty: never loaded."""
    statement = select(FacilityImport.settings).where(
        FacilityImport.source == source, FacilityImport.state.in_(["done", "undone"])
    )
    return session.execute(statement.order_by(FacilityImport.created_at.desc()).limit(1)).scalar_one_or_none() or {}


def recent(session: Session, areas: tuple[str, ...], limit: int = 20) -> list[Import]:
    """The newest imports into these areas (``TH``: everywhere), whoever brought them."""
    inside = or_(*(scope(FacilityImport.area_code, code) for code in areas))
    statement = _select().where(inside).order_by(FacilityImport.created_at.desc()).limit(limit)
    return [Import(**row._asdict()) for row in session.execute(statement)]


@dataclass(frozen=True)
class Touched:
    """A pin that an import added or changed."""

    id: int
    name_th: str
    name_en: str | None
    is_new: bool
    since: bool
    """Whether somebody has changed it after the import."""


def touched(session: Session, import_id: uuid.UUID, limit: int = 200) -> list[Touched]:
    """What an import added or changed; what others have changed since comes first."""
    since = Facility.version > FacilityChange.version
    statement = (
        select(
            Facility.id, Facility.name_th, Facility.name_en,
            (FacilityChange.version == 1).label("is_new"), since.label("since"),
        )
        .join(Facility, Facility.id == FacilityChange.facility_id)
        .where(FacilityChange.import_id == import_id, FacilityChange.action == "import")
        .order_by(since.desc(), Facility.id)
        .limit(limit)
    )  # fmt: skip
    return [Touched(*row) for row in session.execute(statement)]


def _select() -> Any:
    return select(*_COLUMNS, (func.octet_length(FacilityImport.file) > 0).is_(True).label("has_file"))
