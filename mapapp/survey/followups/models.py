"""Tables of follow-ups. The survey's own records stay without names: a name stands only here, encrypted, until the
follow-up has ended."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.core.config import FOLLOW_UP_DAYS
from mapapp.database import Base
from mapapp.survey.followups.reasons import REASONS, SPOKEN, STATES, VIEW_REASONS

_TIME = DateTime(timezone=True)


def _one_of(column: str, words: dict[str, str]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


FORGOTTEN: Final = "contact_sealed IS NULL AND entry_id IS NULL AND language IS NULL AND ended_at IS NOT NULL"
"""Condition for a follow-up that has ended: nothing in it leads to a person."""


class FollowUp(Base):
    """A person of a village who agreed that someone comes back to them."""

    __tablename__ = "survey_follow_ups"
    __table_args__ = (
        CheckConstraint("village_code ~ '^[0-9]{8}$'", name="village_code"),
        CheckConstraint(_one_of("reason", REASONS), name="reason"),
        CheckConstraint(_one_of("language", SPOKEN), name="language"),
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint("(state IN ('done','unwanted')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("state <> 'requested' OR requested_at IS NOT NULL", name="requested"),
        CheckConstraint("kept_days > 0", name="kept_days"),
        CheckConstraint(f"forgotten_at IS NULL OR ({FORGOTTEN})", name="forgotten"),
        CheckConstraint("forgotten_at IS NOT NULL OR contact_sealed IS NOT NULL", name="kept"),
        Index(
            "ix_survey_follow_ups_unfinished", "village_code", "id",
            postgresql_ops={"village_code": "text_pattern_ops"},
            postgresql_where=text("state IN ('open','requested')"),
        ),
        Index("ix_survey_follow_ups_village_code", "village_code", postgresql_ops={"village_code": "text_pattern_ops"}),
        Index("ix_survey_follow_ups_by_person", "by_person", "id"),
        Index("ix_survey_follow_ups_entry_id", "entry_id", postgresql_where=text("entry_id IS NOT NULL")),
        Index("ix_survey_follow_ups_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
        Index("ix_survey_follow_ups_made_at", "made_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Made where it was written down: sent again, it is the same follow-up."""
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("survey_entries.id", ondelete="SET NULL"))
    """The household's record: where to find the person."""
    village_code: Mapped[str]
    reason: Mapped[str]
    language: Mapped[str | None]
    """What the person speaks (``reasons.SPOKEN``)."""
    contact_sealed: Mapped[bytes | None]
    """JSON of ``help_requests.contacts.Contact``."""
    consent_version: Mapped[str]
    consent_at: Mapped[datetime] = mapped_column(_TIME)
    kept_days: Mapped[int] = mapped_column(SmallInteger, server_default=text(str(FOLLOW_UP_DAYS)))
    """As the person was told: a longer setting does not change it."""
    state: Mapped[str] = mapped_column(server_default="open")
    made_at: Mapped[datetime] = mapped_column(_TIME)
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Who wrote it down."""
    changed_at: Mapped[datetime] = mapped_column(_TIME)
    request_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("help_requests.id", ondelete="SET NULL"))
    """The help request that it became."""
    requested_at: Mapped[datetime | None] = mapped_column(_TIME)
    requested_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    request_outcome: Mapped[str | None]
    """How that request ended without help, if so (``help_requests.labels.OUTCOMES``)."""
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """None: it ended with its help request."""
    forgotten_at: Mapped[datetime | None] = mapped_column(_TIME)
    is_example: Mapped[bool] = mapped_column(server_default=text("false"))
    """Made up to show the service; pages say so."""


class FollowUpView(Base):
    """Someone looked at the name and phone number of a follow-up."""

    __tablename__ = "survey_follow_up_views"
    __table_args__ = (
        CheckConstraint(_one_of("reason", VIEW_REASONS), name="reason"),
        Index("ix_survey_follow_up_views_follow_up_id", "follow_up_id"),
        Index("ix_survey_follow_up_views_person_id", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("survey_follow_ups.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(_TIME)
    reason: Mapped[str]
