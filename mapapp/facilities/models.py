"""Tables of the facilities room."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base, gist
from mapapp.facilities.kinds import KINDS

STATUSES = ("open", "full", "temporarily_closed", "closed")


class Facility(Base):
    """A pin. ``version`` counts its changes: an editor who saves an older one is told, not overwritten."""

    __tablename__ = "facilities"
    __table_args__ = (
        CheckConstraint(f"kind IN ({','.join(map(repr, KINDS))})", name="kind"),
        CheckConstraint("status IN ('open','full','temporarily_closed','closed')", name="status"),
        CheckConstraint("beds >= 0 AND beds_free >= 0 AND doses_per_day >= 0 AND tests_per_day >= 0", name="capacity"),
        CheckConstraint("places >= 0 AND places_free >= 0", name="places"),
        CheckConstraint("closed_from IS NULL OR status = 'temporarily_closed'", name="closed_from"),
        CheckConstraint("closed_until > closed_from", name="closed_span"),
        CheckConstraint("merged_into IS NULL OR (status = 'closed' AND merged_into <> id)", name="merged_into"),
        CheckConstraint("closed_until IS NULL OR status = 'temporarily_closed'", name="closed_until"),
        CheckConstraint("name_th <> ''", name="name"),
        UniqueConstraint("source", "source_ref"),
        gist("facilities", "point"),
        # Nearest of one kind: without these, a rare kind among 100,000 pins is found by walking past the others.
        *(
            Index(
                f"ix_facilities_point_{kind}",
                "point",
                postgresql_using="gist",
                postgresql_where=text(f"kind = '{kind}' AND status <> 'closed'"),
            )
            for kind in KINDS
        ),
        Index("ix_facilities_tambon_code", "tambon_code", postgresql_ops={"tambon_code": "text_pattern_ops"}),
        Index("ix_facilities_kind", "kind"),
        Index("ix_facilities_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    name_th: Mapped[str]
    name_en: Mapped[str | None]
    point: Mapped[Any] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    tambon_code: Mapped[str | None] = mapped_column(
        ForeignKey("areas.code", ondelete="SET NULL", deferrable=True, initially="DEFERRED")
    )
    address: Mapped[str | None]
    phone: Mapped[str | None]
    phone_more: Mapped[str | None]
    """E.164, for example +6653920300: a public number of the place, not of a person."""
    opening_hours: Mapped[str | None]
    """OSM ``opening_hours`` syntax, in Asia/Bangkok with Thai public holidays."""
    serves: Mapped[str | None]
    """Who is served, in words."""
    beds: Mapped[int | None]
    beds_free: Mapped[int | None]
    doses_per_day: Mapped[int | None]
    tests_per_day: Mapped[int | None]
    test_types: Mapped[str | None]
    """Of a test site: which tests, in words (ATK, RT-PCR)."""
    vaccines: Mapped[str | None]
    """Of a vaccination site: which vaccines, in words."""
    places: Mapped[int | None]
    places_free: Mapped[int | None]
    """Of a community isolation centre."""
    status: Mapped[str] = mapped_column(server_default="open")
    closed_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """With ``temporarily_closed``: a planned closure begins then; until then the hours hold. None: closed already."""
    closed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """With ``temporarily_closed``: when it opens again, where that is known."""
    closed_reason: Mapped[str | None]
    """Why it is or will be closed, in words for the public."""
    status_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the status (open, full, closed) was last updated."""
    beds_free_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    doses_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    tests_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    places_free_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the count was last updated; it ages separately from other changes of the facility."""
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """The date of this information: when a person confirmed the facility as a whole (added, edited, “still correct”),
    or the date of the imported list; None if the list had none. The limit of its kind starts here
    (``facilities/freshness.py``)."""
    doubtful_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Three independent people reported a problem within a day; until an officer has looked."""
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"))
    """This pin was a duplicate: its address leads to the other one."""
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a person last confirmed it. An import does not count."""
    verified_by: Mapped[str | None]
    is_example: Mapped[bool] = mapped_column(server_default=text("false"))
    """Made up to show the service; pages say so."""
    source: Mapped[str]
    source_ref: Mapped[str]
    source_as_of: Mapped[date | None] = mapped_column(Date)
    """The day the source speaks of (letter L3.9)."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class FacilityChange(Base):
    """One step in a pin's history: who changed what from what to what. Nothing is ever taken out of it."""

    __tablename__ = "facility_changes"
    __table_args__ = (
        Index("ix_facility_changes_facility_id_id", "facility_id", "id"),
        Index("ix_facility_changes_import_id", "import_id", postgresql_where=text("import_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id", ondelete="CASCADE"))
    version: Mapped[int]
    """The pin's version after this step."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    action: Mapped[str]
    """One of add, edit, confirm, close, reopen, merge, undo, import, capacity, move."""
    actor_kind: Mapped[str]
    """``person``, ``token``, ``command``, ``system`` or ``public``."""
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Field → [before, after]; points as [lon, lat], times as ISO 8601."""
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("facility_imports.id", ondelete="SET NULL"))


class FacilityReport(Base):
    """A problem report from someone without an account."""

    __tablename__ = "facility_reports"
    __table_args__ = (
        CheckConstraint("reason IN ('closed','full','out_of_stock','wrong_place','other')", name="reason"),
        CheckConstraint("outcome IN ('fixed','still_right','dismissed')", name="outcome"),
        Index("ix_facility_reports_facility_id_at", "facility_id", "at"),
        Index("ix_facility_reports_sender_at", "sender", "at"),
        # The few that wait are found and counted without the many that are handled.
        Index("ix_facility_reports_open", "facility_id", postgresql_where=text("handled_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id", ondelete="CASCADE"))
    reason: Mapped[str]
    note: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sender: Mapped[bytes]
    """Keyed hash of the sender's address and the day: tells two senders of a day apart, and nothing else."""
    handled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    handled_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    outcome: Mapped[str | None]


class FacilityUse(Base):
    """How often a pin's page was opened on a day: what is used most is checked first."""

    __tablename__ = "facility_uses"

    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    opened: Mapped[int]


class FacilityImport(Base):
    """A list that an officer uploaded: checked, imported, possibly undone. The file is deleted afterwards."""

    __tablename__ = "facility_imports"
    __table_args__ = (
        CheckConstraint("state IN ('uploaded','running','done','failed','undone')", name="state"),
        Index("ix_facility_imports_person_id", "person_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    area_code: Mapped[str]
    """The importer's area: rows outside it were not taken."""
    file_name: Mapped[str]
    """As it was called, for the list; nothing is ever stored or served under it."""
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    source: Mapped[str]
    kind: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """Sheet, encoding, columns by field, and whether only the good rows are wanted."""
    state: Mapped[str]
    rows: Mapped[int | None]
    rows_done: Mapped[int | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """new, changed, same, refused, outside."""
    problem: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    beat_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """While running: a sign of life. One that is old means that the process was ended half-way and nothing loaded."""
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
