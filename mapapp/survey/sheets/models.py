"""Tables of lists that came in: the list until it is loaded, and which records it made, to take it back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base
from mapapp.survey.models import AREA

_TIME = DateTime(timezone=True)

STATES: Final = ("uploaded", "done", "undone")


class SurveyImport(Base):
    """A list of records that was uploaded."""

    __tablename__ = "survey_imports"
    __table_args__ = (
        CheckConstraint(AREA, name="area_code"),
        CheckConstraint("state IN ('uploaded','done','undone')", name="state"),
        Index("ix_survey_imports_round_id", "round_id", "created_at"),
        Index("ix_survey_imports_person_id", "person_id", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    area_code: Mapped[str]
    """Rows of villages outside it are not taken."""
    file_name: Mapped[str]
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Gone once it is loaded, or a day after it came."""
    columns: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What is said → the column that says it, where a person has named them: the next list with the same headings is
    read so, too."""
    headings: Mapped[str | None]
    """A digest of its headings."""
    state: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(_TIME)
    finished_at: Mapped[datetime | None] = mapped_column(_TIME)


class SurveyImportEntry(Base):
    """A record that a list has made or changed."""

    __tablename__ = "survey_import_entries"
    __table_args__ = (Index("ix_survey_import_entries_entry_id", "entry_id"),)

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("survey_imports.id", ondelete="CASCADE"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("survey_entries.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int]
    """Of the record, after the list: whoever has changed it since is not overruled when the list is taken back."""
