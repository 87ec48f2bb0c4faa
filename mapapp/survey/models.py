"""Tables of the survey room.

A round is a survey of an area. An entry is what somebody recorded of one household, or of a whole village; its figures
are a row for each target group that was asked about. A village is recorded one way or the other. Sums are kept by
village and group beside the entries, from which they can be computed again (``sums.py``).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base
from mapapp.survey.groups import CODES, PARTS
from mapapp.survey.labels import STATES, STEP_LABELS, UNIT_LABELS

_TIME = DateTime(timezone=True)

UNITS: Final = tuple(UNIT_LABELS)
VILLAGE: Final = "village_code ~ '^[0-9]{8}$'"
AREA: Final = "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'"


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


class SurveyRound(Base):
    """One survey: of an area, in a period, with one version of the questions."""

    __tablename__ = "survey_rounds"
    __table_args__ = (
        CheckConstraint(AREA, name="area_code"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name="closed"),
        Index("ix_survey_rounds_area_code", "area_code"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    area_code: Mapped[str]
    """2, 4 or 6 digits, or ``TH``."""
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    version: Mapped[int] = mapped_column(SmallInteger)
    """Of the questions (``groups.QUESTIONS``)."""
    made_at: Mapped[datetime] = mapped_column(_TIME)
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime | None] = mapped_column(_TIME)
    closed_at: Mapped[datetime | None] = mapped_column(_TIME)
    is_example: Mapped[bool] = mapped_column(server_default=text("false"))
    """Made up to show the service; pages say so."""

    @property
    def state(self) -> str:
        """A key of ``labels.ROUND_STATES``."""
        return "draft" if self.opened_at is None else "open" if self.closed_at is None else "closed"


class SurveyEnding(Base):
    """An announcement that a round has ended in an area (letter L1.8), until it is lifted."""

    __tablename__ = "survey_endings"
    __table_args__ = (
        CheckConstraint(AREA, name="area_code"),
        Index(
            "uq_survey_endings_live", "round_id", "area_code", unique=True, postgresql_where=text("lifted_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"))
    area_code: Mapped[str]
    reason: Mapped[str]
    """The announcement, for everybody who works on the survey."""
    at: Mapped[datetime] = mapped_column(_TIME)
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    lifted_at: Mapped[datetime | None] = mapped_column(_TIME)


class SurveyAssignment(Base):
    """A village that someone records in a round. Several people may share a large village."""

    __tablename__ = "survey_assignments"
    __table_args__ = (
        CheckConstraint(VILLAGE, name="village_code"),
        Index(
            "uq_survey_assignments_live", "round_id", "village_code", "person_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_survey_assignments_person_id", "person_id", "round_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"))
    village_code: Mapped[str]
    """8 digits: the tambon's 6, and the number of the village in it."""
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(_TIME)
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)


class SurveyVillage(Base):
    """A village in a round, once something of it was recorded. Whoever records in it holds this row meanwhile."""

    __tablename__ = "survey_villages"
    __table_args__ = (
        CheckConstraint(VILLAGE, name="village_code"),
        CheckConstraint(_one_of("unit", UNITS), name="unit"),
        CheckConstraint("counted >= 0", name="counted"),
        # What entries that count refer to: so no village is ever counted in both ways.
        UniqueConstraint("round_id", "village_code", "unit"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"), primary_key=True)
    village_code: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    counted: Mapped[int] = mapped_column(server_default=text("0"))
    """How many of its entries count."""


class SurveyEntry(Base):
    """What was recorded of one household, or of a whole village. Of one household one entry counts, whoever sent how
    many."""

    __tablename__ = "survey_entries"
    __table_args__ = (
        CheckConstraint(VILLAGE, name="village_code"),
        CheckConstraint(_one_of("unit", UNITS), name="unit"),
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint("(unit = 'household') = (household IS NOT NULL)", name="household"),
        CheckConstraint("twin > 0 AND revision > 0", name="numbers"),
        Index(
            "uq_survey_entries_counted", "round_id", "village_code", text("COALESCE(household, '')"), "twin",
            unique=True, postgresql_where=text("state = 'counted'"),
        ),
        ForeignKeyConstraint(
            ["round_id", "village_code", "counted_unit"],
            ["survey_villages.round_id", "survey_villages.village_code", "survey_villages.unit"],
            name="fk_survey_entries_way",
        ),
        Index("ix_survey_entries_place", "round_id", "village_code", "household"),
        Index(
            "ix_survey_entries_open", "round_id", "village_code",
            postgresql_where=text("state IN ('conflict','waiting')"),
        ),
        Index("ix_survey_entries_by_person", "by_person", "received_at"),
        Index("ix_survey_entries_rival", "rival", postgresql_where=text("rival IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Made where it was recorded: sent again, it is the same entry."""
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"))
    village_code: Mapped[str]
    unit: Mapped[str]
    household: Mapped[str | None]
    """The house number as it is compared (``schemas.house_number``); None for a whole village."""
    twin: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    """Tells households with the same house number apart."""
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    state: Mapped[str]
    counted_unit: Mapped[str | None] = mapped_column(
        Computed("CASE WHEN state::text = 'counted' THEN unit END", persisted=True)
    )
    marks: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    """Why an officer should look at it (``labels.MARK_LABELS``)."""
    rival: Mapped[int | None] = mapped_column(ForeignKey("survey_entries.id", ondelete="SET NULL"))
    """The entry that counted when this one came for the same household."""
    version: Mapped[int] = mapped_column(SmallInteger)
    """Of the questions it answers."""
    observed_at: Mapped[datetime] = mapped_column(_TIME)
    """When somebody was there, by their phone."""
    received_at: Mapped[datetime] = mapped_column(_TIME)
    changed_at: Mapped[datetime] = mapped_column(_TIME)
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))


def _figures(*, small: bool) -> tuple[CheckConstraint, ...]:
    parts = " + ".join(PARTS)
    every = ("here", *PARTS, "refusing")
    bounds = " AND ".join(f"{name} >= 0" for name in every)
    whole = f"{parts} = here AND refusing <= none + one + two"
    return (
        CheckConstraint(_one_of("target_group", CODES), name="target_group"),
        CheckConstraint(f"{bounds} AND {whole}" + (" AND here <= 30000" if small else ""), name="figures"),
    )


class SurveyFigures(Base):
    """One target group of one entry. No row: nobody was asked about it; a row of zeros: nobody of it lives there."""

    __tablename__ = "survey_figures"
    __table_args__ = _figures(small=True)

    entry_id: Mapped[int] = mapped_column(ForeignKey("survey_entries.id", ondelete="CASCADE"), primary_key=True)
    target_group: Mapped[str] = mapped_column(primary_key=True)
    here: Mapped[int] = mapped_column(SmallInteger)
    none: Mapped[int] = mapped_column(SmallInteger)
    one: Mapped[int] = mapped_column(SmallInteger)
    two: Mapped[int] = mapped_column(SmallInteger)
    more: Mapped[int] = mapped_column(SmallInteger)
    unasked: Mapped[int] = mapped_column(SmallInteger)
    refusing: Mapped[int] = mapped_column(SmallInteger)


class SurveySum(Base):
    """A target group of a village: the sum of the entries that count."""

    __tablename__ = "survey_sums"
    __table_args__ = (
        *_figures(small=False),
        CheckConstraint("entries >= 0", name="entries"),
        Index(
            "ix_survey_sums_village", "round_id", "village_code", postgresql_ops={"village_code": "text_pattern_ops"}
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"), primary_key=True)
    village_code: Mapped[str] = mapped_column(primary_key=True)
    target_group: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]
    """How many entries answered about this group."""
    here: Mapped[int]
    none: Mapped[int]
    one: Mapped[int]
    two: Mapped[int]
    more: Mapped[int]
    unasked: Mapped[int]
    refusing: Mapped[int]


class SurveyRevision(Base):
    """A step of an entry's history: what was recorded, corrected or decided, by whom."""

    __tablename__ = "survey_revisions"
    __table_args__ = (
        CheckConstraint(_one_of("step", tuple(STEP_LABELS)), name="step"),
        UniqueConstraint("entry_id", "revision"),
    )

    key: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """Of what was sent: sent again, it is the same step."""
    entry_id: Mapped[int] = mapped_column(ForeignKey("survey_entries.id", ondelete="CASCADE"))
    revision: Mapped[int]
    step: Mapped[str]
    at: Mapped[datetime] = mapped_column(_TIME)
    observed_at: Mapped[datetime] = mapped_column(_TIME)
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    digest: Mapped[bytes | None]
    """SHA-256 of what was sent: another content under the same key is refused."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Group → its figures after this step."""
