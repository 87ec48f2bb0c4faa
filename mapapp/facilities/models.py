"""Tables of the facilities room."""

from __future__ import annotations

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
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.db import Base, gist

KINDS = ("test_site", "vaccination_site", "hospital", "field_hospital", "waiting_centre")
"""จุดตรวจโควิด, จุดฉีดวัคซีน, โรงพยาบาล, โรงพยาบาลสนาม, จุดพักคอย (letter L1.3)."""

STATUSES = ("open", "full", "temporarily_closed", "closed")


class Facility(Base):
    """A pin. ``version`` counts its changes: an editor who saves an older one is told, not overwritten."""

    __tablename__ = "facilities"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('test_site','vaccination_site','hospital','field_hospital','waiting_centre')",
            name="kind",
        ),
        CheckConstraint("status IN ('open','full','temporarily_closed','closed')", name="status"),
        CheckConstraint("beds >= 0 AND beds_free >= 0 AND doses_per_day >= 0 AND tests_per_day >= 0", name="capacity"),
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
    """E.164, for example +6653920300: a public number of the place, not of a person."""
    opening_hours: Mapped[str | None]
    """OSM ``opening_hours`` syntax, in Asia/Bangkok with Thai public holidays."""
    serves: Mapped[str | None]
    """Who is served, in words."""
    beds: Mapped[int | None]
    beds_free: Mapped[int | None]
    doses_per_day: Mapped[int | None]
    tests_per_day: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="open")
    closed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """With ``temporarily_closed``: when it opens again, where that is known."""
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
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
