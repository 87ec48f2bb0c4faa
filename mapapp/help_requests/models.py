"""Tables of the help requests room.

A request is what one resident sent: one location, one contact, one page. It has one or more needs; each need is claimed
and finished separately. A lease is one volunteer's claim of one need, for a limited time. Events are append-only.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Final

from geoalchemy2 import Geography
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.core.config import ERASE_AFTER_DAYS
from mapapp.database import Base
from mapapp.help_requests.labels import KINDS, LOOKS, OUTCOMES, STATES, URGENCIES

_TIME = DateTime(timezone=True)


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


ERASED: Final = (
    "closed_at IS NOT NULL AND contact_sealed IS NULL AND phone_index IS NULL AND landmark_sealed IS NULL"
    " AND point IS NULL AND village_code IS NULL AND description = '' AND outcome_text IS NULL AND cell_size = 0"
    " AND NOT (on_behalf OR bedridden OR elderly OR small_children OR pregnant)"
)
"""Condition for a row whose data was deleted; nothing can be stored in it again."""

_MANY_FROM_ONE = (
    "COALESCE(look::text = ANY (ARRAY['number'::character varying, 'network'::character varying]::text[]), false)"
)
"""``board.conditions.MANY_FROM_ONE``, as the database writes it."""


class HelpRequest(Base):
    """The request of a resident. Only holder, officers and resident see more than the ``cell``."""

    __tablename__ = "help_requests"
    __table_args__ = (
        CheckConstraint(_one_of("source", ("web", "hotline", "api", "survey")), name="source"),
        CheckConstraint(f"urgency BETWEEN 1 AND {len(URGENCIES)}", name="urgency"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("kept_days > 0", name="kept_days"),
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
        CheckConstraint("cell_size IN (0, 1, 2, 4)", name="cell_size"),
        CheckConstraint("linked_to <> id", name="linked_to"),
        CheckConstraint(f"erased_at IS NULL OR ({ERASED})", name="erased"),
        CheckConstraint(_one_of("look", tuple(LOOKS)), name="look"),
        CheckConstraint("NOT held OR look IS NOT NULL", name="held"),
        # One index for each urgency: the nearest of the most urgent ones are found without sorting all requests of a
        # city.
        *(
            Index(
                f"ix_help_requests_open_{level}",
                "cell",
                postgresql_using="gist",
                postgresql_where=text(f"closed_at IS NULL AND linked_to IS NULL AND urgency = {level}"),
            )
            for level in URGENCIES
        ),
        Index(
            "ix_help_requests_open_tambon",
            "tambon_code",
            "posted_at",
            postgresql_ops={"tambon_code": "text_pattern_ops"},
            postgresql_where=text("closed_at IS NULL"),
        ),
        # Volunteers and the public search an area by the tambon of the cell.
        Index(
            "ix_help_requests_open_cell_tambon",
            "cell_tambon_code",
            "id",
            postgresql_ops={"cell_tambon_code": "text_pattern_ops"},
            postgresql_where=text("closed_at IS NULL AND linked_to IS NULL"),
        ),
        Index(
            "ix_help_requests_tambon_posted",
            "tambon_code",
            "posted_at",
            postgresql_ops={"tambon_code": "text_pattern_ops"},
        ),
        Index("ix_help_requests_open_cell", "cell_key", postgresql_where=text("closed_at IS NULL")),
        Index("ix_help_requests_phone_index", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
        Index("ix_help_requests_linked_to", "linked_to", postgresql_where=text("linked_to IS NOT NULL")),
        # For the officers' board. No index has a column that a claim changes, so claims do not become slower.
        *(
            Index(
                f"ix_help_requests_{name}",
                "tambon_code",
                postgresql_ops={"tambon_code": "text_pattern_ops"},
                postgresql_where=text(f"closed_at IS NULL AND {condition}"),
            )
            for name, condition in {
                "open_urgent": "linked_to IS NULL AND urgency <= 2",
                "no_contact": "(phone_index IS NULL OR phone_shared IS FALSE)",
                "border": "cell_tambon_code <> tambon_code",
                "look": "look IS NOT NULL",
            }.items()
        ),
        Index(
            "ix_help_requests_urgency",
            "urgency",
            text(_MANY_FROM_ONE),
            "posted_at",
            "id",
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_help_requests_confirmed_at", "confirmed_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_help_requests_closed_at", "closed_at", "id", postgresql_where=text("closed_at IS NOT NULL")),
        Index(
            "ix_help_requests_to_erase",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL AND erased_at IS NULL"),
        ),
        Index("ix_help_requests_posted_at", "posted_at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(server_default="web")
    on_behalf: Mapped[bool] = mapped_column(server_default=text("false"))
    """The sender is not the person who needs help (letter L3.1)."""
    language: Mapped[str] = mapped_column(server_default="th")
    urgency: Mapped[int] = mapped_column(SmallInteger)
    """1 life-threatening, 2 today, 3 can wait (``labels.URGENCIES``)."""
    people: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    bedridden: Mapped[bool] = mapped_column(server_default=text("false"))
    elderly: Mapped[bool] = mapped_column(server_default=text("false"))
    small_children: Mapped[bool] = mapped_column(server_default=text("false"))
    pregnant: Mapped[bool] = mapped_column(server_default=text("false"))
    description: Mapped[str] = mapped_column(server_default="")
    """In the resident's words, without phone numbers: approved volunteers read it before they claim."""
    contact_sealed: Mapped[bytes | None]
    """JSON ``{"name":…, "phone":…, "other":…}`` (``contacts.Contact``)."""
    phone_index: Mapped[bytes | None]
    """Blind index of the phone in E.164 (``accounts.contacts.phone_index``)."""
    phone_shared: Mapped[bool] = mapped_column(server_default=text("true"))
    """The resident can stop sharing the contact; officers may still call."""
    landmark_sealed: Mapped[bytes | None]
    """How to find the location, in words; encrypted like the contact details."""
    point: Mapped[Any | None] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    """The exact location, if it was given. Shown only to the holder, officers of the area and the resident."""
    tambon_code: Mapped[str]
    """The tambon of the exact location: its officers see the request."""
    village_code: Mapped[str | None]
    cell: Mapped[Any] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    """The centre of the cell: the public location, and the one that distances are measured to."""
    cell_key: Mapped[str]
    """``size:row:column`` on the grid, or ``t:`` and the tambon's code (``cells.py``)."""
    cell_size: Mapped[int] = mapped_column(SmallInteger)
    """1, 2 or 4 squares along a side; 0: the whole tambon."""
    cell_tambon_code: Mapped[str]
    """The tambon of the centre of the cell: the public one. The exact one would split a cell on a border."""
    posted_at: Mapped[datetime] = mapped_column(_TIME)
    posted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """The officer who took it by phone, or who asked for it in a follow-up of the survey."""
    changed_at: Mapped[datetime] = mapped_column(_TIME)
    """Time of the last event, used for ETags and lists."""
    confirmed_at: Mapped[datetime] = mapped_column(_TIME)
    """When someone last confirmed that this is still needed."""
    asked_at: Mapped[datetime | None] = mapped_column(_TIME)
    """When the resident was asked whether it is still needed, or whether it was done; None: there is no open
    question."""
    free_from: Mapped[datetime | None] = mapped_column(_TIME)
    """When a need becomes free to claim: when it was sent or returned, or when its lease ends. None: nothing is left to
    claim. It is compared with the clock when read, so no job has to end an expired lease."""
    first_claimed_at: Mapped[datetime | None] = mapped_column(_TIME)
    done_at: Mapped[datetime | None] = mapped_column(_TIME)
    """When the last need was done."""
    closed_at: Mapped[datetime | None] = mapped_column(_TIME)
    outcome: Mapped[str | None]
    outcome_text: Mapped[int | None] = mapped_column(BigInteger)
    """Why an officer closed it, as written (``database.free_texts``)."""
    linked_to: Mapped[int | None] = mapped_column(ForeignKey("help_requests.id"))
    """The request that leads the group, if the same need was sent again; both are claimed together."""
    look: Mapped[str | None]
    """Why an officer should check it (a word of ``labels.LOOKS``); None after the check."""
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    """Volunteers see it only after an officer's check. Never set if a life is in danger."""
    consent_version: Mapped[str]
    consent_at: Mapped[datetime] = mapped_column(_TIME)
    kept_days: Mapped[int] = mapped_column(SmallInteger, server_default=text(str(ERASE_AFTER_DAYS)))
    """As the resident was told: this many days after it is closed, its data is deleted. A longer setting does not
    change it."""
    erased_at: Mapped[datetime | None] = mapped_column(_TIME)
    is_example: Mapped[bool] = mapped_column(server_default=text("false"))
    """Made up to show the service; pages say so."""


class HelpNeed(Base):
    """One need of a request: claimed and finished separately."""

    __tablename__ = "help_needs"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("(state IN ('claimed','on_the_way','there')) = (lease_ends_at IS NOT NULL)", name="leased"),
        Index("ix_help_needs_request_id", "request_id"),
        Index("ix_help_needs_holder_id", "holder_id", postgresql_where=text("lease_ends_at IS NOT NULL")),
        Index("ix_help_needs_dropped", "request_id", postgresql_where=text("drops >= 2")),
        Index("ix_help_needs_contested", "request_id", postgresql_where=text("contested > 0")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    kind: Mapped[str]
    detail: Mapped[str | None]
    """Which items, which medicine."""
    quantity: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(server_default="open")
    holder_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Who has claimed it, or has done it."""
    lease_ends_at: Mapped[datetime | None] = mapped_column(_TIME)
    """If this has passed, the need is free again, whatever ``state`` says."""
    drops: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """How often it was returned or its time limit expired."""
    contested: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """How often the resident said that it was not done."""
    done_at: Mapped[datetime | None] = mapped_column(_TIME)
    given: Mapped[str | None]
    """The help that was given, as the volunteer wrote it; the resident can read it."""


class HelpLease(Base):
    """The claim of a need by a volunteer: the history of claims. At most one of a need has not ended."""

    __tablename__ = "help_leases"
    __table_args__ = (
        CheckConstraint(
            _one_of("how_ended", ("released", "handed_over", "expired", "done", "taken_back", "closed")),
            name="how_ended",
        ),
        CheckConstraint("(ended_at IS NULL) = (how_ended IS NULL)", name="ended"),
        CheckConstraint("reason ~ '^[a-z_]+$'", name="reason"),
        Index("uq_help_leases_live", "need_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_help_leases_holder_id", "holder_id", "begun_at"),
        Index("ix_help_leases_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("help_needs.id", ondelete="CASCADE"))
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    holder_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    team_text: Mapped[int | None] = mapped_column(BigInteger)
    """The officer's own team, in words (``database.free_texts``)."""
    begun_at: Mapped[datetime] = mapped_column(_TIME)
    ends_at: Mapped[datetime] = mapped_column(_TIME)
    renewals: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)
    how_ended: Mapped[str | None]
    reason: Mapped[str | None]
    """One of ``working.schemas.RELEASE_REASONS``, a step of the resident, or the reason why the right ended."""
    note_text: Mapped[int | None] = mapped_column(BigInteger)
    """Why it ended, or how it went, as written by the person who ended it (``database.free_texts``)."""


class HelpOffer(Base):
    """A request that its holder or an officer offered to one volunteer, who accepts or declines."""

    __tablename__ = "help_offers"
    __table_args__ = (
        CheckConstraint(_one_of("kind", ("hand_over", "assign")), name="kind"),
        CheckConstraint(_one_of("answer", ("accepted", "declined", "withdrawn")), name="answer"),
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        Index(
            "uq_help_offers_waiting", "request_id", "to_person", unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_help_offers_to_person", "to_person", postgresql_where=text("answered_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    kind: Mapped[str]
    from_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    to_person: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    note_text: Mapped[int | None] = mapped_column(BigInteger)
    """A message to the volunteer (``database.free_texts``)."""
    at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    answered_at: Mapped[datetime | None] = mapped_column(_TIME)
    answer: Mapped[str | None]


class HelpEvent(Base):
    """An event, written in the transaction of its step. The service's role can only add rows (``roles.py``).

    ``details`` contain only ids and values from fixed lists. Free text is stored separately (``text``: its number,
    ``database.free_texts``) and deleted with the request's data. Ids increase, so that open pages can be told about new
    events (``live``).
    """

    __tablename__ = "help_events"
    __table_args__ = (
        Index("ix_help_events_request_id", "request_id", "id"),
        Index(
            "ix_help_events_shown", "person_id", "at",
            postgresql_where=text("action = 'contact_shown'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(BigInteger)
    need_id: Mapped[int | None] = mapped_column(BigInteger)
    cell_tambon_code: Mapped[str]
    """Of the request: lists of volunteers with this tambon have changed."""
    tambon_code: Mapped[str]
    """Of the request at that moment: boards with this tambon have changed."""
    at: Mapped[datetime] = mapped_column(_TIME)
    action: Mapped[str]
    """A word of ``labels.EVENTS``."""
    actor_kind: Mapped[str]
    """``resident`` (by the secret link), ``public``, ``person``, ``token``, ``command`` or ``system``."""
    person_id: Mapped[uuid.UUID | None] = mapped_column(index=False)
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class HelpPublicCount(Base):
    """Number of open requests of a cell or an area at a midnight: the public figures of that day.

    Figures of too few requests are not stored at all (``nearby/daily_counts.py``).
    """

    __tablename__ = "help_public_counts"
    __table_args__ = (
        CheckConstraint("requests >= 0", name="requests"),
        Index(
            "ix_help_public_counts_area", "level", "area_code", postgresql_ops={"area_code": "text_pattern_ops"},
        ),
    )  # fmt: skip

    level: Mapped[str] = mapped_column(primary_key=True)
    """``country``, ``province``, ``amphoe``, ``tambon`` or ``cell``."""
    key: Mapped[str] = mapped_column(primary_key=True)
    """Key of the cell, or code of the area."""
    area_code: Mapped[str]
    """Tambon of the cell's centre, or the area."""
    size: Mapped[int] = mapped_column(SmallInteger)
    lat: Mapped[float]
    lon: Mapped[float]
    """Of the cell's centre, or of the area's reference point."""
    requests: Mapped[int]
    waiting: Mapped[int | None]
    """Number of unclaimed requests. Like the following columns None if there are too few requests."""
    urgencies: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    ages: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    needs: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    day: Mapped[date] = mapped_column(Date)
    """The day that began at that midnight."""


class HelpLink(Base):
    """A resident's access to their page: a secret link, and with the first one a code to read out. Only hashes are
    stored."""

    __tablename__ = "help_links"
    __table_args__ = (Index("ix_help_links_request_id", "request_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    code_index: Mapped[bytes | None] = mapped_column(unique=True)
    """Blind index of the 12 digits; None for a link that was created by entering the code."""
    made_by: Mapped[str]
    """``post``, ``code`` or ``officer``."""
    at: Mapped[datetime] = mapped_column(_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)


class HelpBlock(Base):
    """A phone number from which no requests are taken in an area for a while, unless a life is in danger; an officer
    lifts it with one tap. At most one of a number and an area has not been lifted."""

    __tablename__ = "help_blocks"
    __table_args__ = (
        Index(
            "uq_help_blocks_phone_index", "phone_index", "area_code", unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
        Index("ix_help_blocks_request_id", "request_id", postgresql_where=text("lifted_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    phone_index: Mapped[bytes]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("help_requests.id", ondelete="SET NULL"))
    """The request for which it was blocked; None if its data was deleted."""
    area_code: Mapped[str]
    """The area of the officer's appointment: the block applies only there."""
    reason_text: Mapped[int | None] = mapped_column(BigInteger)
    """Why, as the officer wrote it (``database.free_texts``)."""
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(_TIME)
    until: Mapped[datetime] = mapped_column(_TIME)
    lifted_at: Mapped[datetime | None] = mapped_column(_TIME)


class HelpReport(Base):
    """A problem report: by a volunteer about a request, by a resident about a volunteer, or by the service about a
    volunteer who often claims and returns (``given_back``: ``by_person`` is the volunteer). Officers check it."""

    __tablename__ = "help_reports"
    __table_args__ = (
        CheckConstraint(_one_of("about", ("request", "volunteer", "given_back")), name="about"),
        Index("ix_help_reports_open", "tambon_code", postgresql_where=text("handled_at IS NULL")),
        Index("ix_help_reports_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    tambon_code: Mapped[str]
    about: Mapped[str]
    volunteer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """The volunteer, if the report is about one."""
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """The volunteer who reports; None: the resident."""
    reason: Mapped[str]
    """A word of the reports' schemas."""
    note_text: Mapped[int | None] = mapped_column(BigInteger)
    """Further text (``database.free_texts``)."""
    at: Mapped[datetime] = mapped_column(_TIME)
    handled_at: Mapped[datetime | None] = mapped_column(_TIME)
    handled_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    outcome: Mapped[str | None]
