"""Tables of the accounts room. Data that could identify a person to a thief of the database is encrypted or hashed."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

_TIME = DateTime(timezone=True)

REVOKED_WHY: Final = ("newer", "guessed", "suspended", "ended", "number_changed", "wrong_person", "from_below")
"""Why a link was revoked: a newer one exists, too many wrong phone numbers, its person was suspended, lost the last
appointment or changed the number, another person had access to the account, or its creator is not above them."""


class Person(Base):
    """A person who can sign in. Phone and email are encrypted (``mapapp.core.vault``), with a blind index."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("user_name = lower(user_name)", name="user_name"),
        CheckConstraint(
            "claimed_user_name IS NULL OR claimed_user_name = lower(claimed_user_name) AND user_name IS NULL",
            name="claimed_user_name",
        ),
        CheckConstraint("language ~ '^[a-z]{2,3}(-[A-Za-z0-9]+)*$'", name="language"),
        *(
            Index(f"ix_people_{name}", name, postgresql_where=text(f"{name} IS NOT NULL"))
            for name in ("phone_claim", "phone_finder", "email_finder", "user_name_finder")
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str]
    organisation: Mapped[str | None]
    user_name: Mapped[str | None] = mapped_column(unique=True)
    claimed_user_name: Mapped[str | None]
    """The name they chose, if another account had it before; then ``user_name`` is empty."""
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[bytes | None] = mapped_column(unique=True)
    phone_claim: Mapped[bytes | None]
    """The index of an unverified number. Only officers can search by it; many accounts can have the same number."""
    email_sealed: Mapped[bytes | None]
    email_index: Mapped[bytes | None] = mapped_column(unique=True)
    phone_finder: Mapped[bytes | None]
    email_finder: Mapped[bytes | None]
    user_name_finder: Mapped[bytes | None]
    """The index of name and password together (``accounts.signing_in.shared_names``): it reveals neither of them."""
    language: Mapped[str] = mapped_column(server_default="th")
    password_hash: Mapped[str | None]
    """Argon2id in its own text format; None until the person has used an invitation."""
    password_set_at: Mapped[datetime | None] = mapped_column(_TIME)
    totp_sealed: Mapped[bytes | None]
    totp_set_at: Mapped[datetime | None] = mapped_column(_TIME)
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The newest 30-second step whose code was used: no code is valid twice (RFC 6238, 5.2)."""
    created_at: Mapped[datetime] = mapped_column(_TIME, server_default=func.now())
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    first_signed_in_at: Mapped[datetime | None] = mapped_column(_TIME)
    last_signed_in_at: Mapped[datetime | None] = mapped_column(_TIME)
    suspended_at: Mapped[datetime | None] = mapped_column(_TIME)
    erased_at: Mapped[datetime | None] = mapped_column(_TIME)
    """When the account was deleted: name and contacts are gone; the row is kept for the entries that refer to it."""
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))
    """Created by script/server to try the service; needs no two-step sign-in on loopback in development mode."""

    @property
    def sign_in_name(self) -> str | None:
        """Their user name, whether or not another account had it before."""
        return self.user_name or self.claimed_user_name


class Appointment(Base):
    """A person has a role in an area from a moment on. Valid if it has begun, has not expired and was not ended."""

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint(
            "role IN ('ministry','province_admin','amphoe_coordinator','tambon_officer',"
            "'data_volunteer','volunteer','auditor')",
            name="role",
        ),
        CheckConstraint("area_code ~ '^(TH|[0-9]{2}|[0-9]{4}|[0-9]{6})$'", name="area_code"),
        CheckConstraint(
            "CASE role WHEN 'ministry' THEN area_code = 'TH' WHEN 'province_admin' THEN area_code ~ '^[0-9]{2}$'"
            " WHEN 'amphoe_coordinator' THEN area_code ~ '^[0-9]{4}$'"
            " WHEN 'tambon_officer' THEN area_code ~ '^[0-9]{6}$'"
            " WHEN 'auditor' THEN true ELSE area_code <> 'TH' END",
            name="role_fits_area",
        ),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_at"),
        Index("ix_appointments_person_id", "person_id"),
        Index("ix_appointments_area_code", "area_code", postgresql_ops={"area_code": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[str]
    area_code: Mapped[str]
    """A DOPA code of 2, 4 or 6 digits, or ``TH``."""
    starts_at: Mapped[datetime] = mapped_column(_TIME)
    ends_at: Mapped[datetime | None] = mapped_column(_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    end_reason: Mapped[str | None]
    appointed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """None: appointed on the command line."""
    appointed_at: Mapped[datetime] = mapped_column(_TIME, server_default=func.now())
    confidentiality_on: Mapped[date | None] = mapped_column(Date)
    """The day the confidentiality agreement was signed (letter L3.8)."""
    training_expires_on: Mapped[date | None] = mapped_column(Date)
    """The last day on which the training is valid (letter L3.14)."""

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended, by its date or by a person. A future appointment has not ended."""
        return any(moment is not None and moment <= now for moment in (self.ends_at, self.ended_at))


class Invitation(Base):
    """A single-use link. Only the link has the token; the database has its hash."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("purpose IN ('join','new_password','new_second_factor')", name="purpose"),
        CheckConstraint(f"revoked_why IN ({','.join(map(repr, REVOKED_WHY))})", name="revoked_why"),
        Index("ix_invitations_person_id", "person_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    used_at: Mapped[datetime | None] = mapped_column(_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)
    revoked_why: Mapped[str | None]
    wrong_numbers: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Number of wrong phone numbers entered for it."""


class LoginSession(Base):
    """A signed-in browser. Only the browser has the token of the cookie; the database has its hash."""

    __tablename__ = "login_sessions"
    __table_args__ = (Index("ix_login_sessions_person_id", "person_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    last_seen_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    confirmed_at: Mapped[datetime] = mapped_column(_TIME)
    """When the password was last entered in this session: sensitive actions ask for it again."""
    second_factor_at: Mapped[datetime | None] = mapped_column(_TIME)
    device: Mapped[str]
    """Browser and operating system in words, for the person's list of sessions."""
    address: Mapped[str]
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)


class RecoveryCode(Base):
    """A single-use replacement for the 6-digit code, stored as a keyed hash."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    used_at: Mapped[datetime | None] = mapped_column(_TIME)


class ApiToken(Base):
    """A key for a program, bound to one appointment of its owner: it ends when the appointment does."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
        Index("ix_api_tokens_person_id", "person_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    """The key is valid only for this facility, if one is set."""
    created_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    last_used_at: Mapped[datetime | None] = mapped_column(_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)
