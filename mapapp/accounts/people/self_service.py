"""What people do with their own account: change, view, download, delete; and the regular deletion of old sessions and
links."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from mapapp.accounts import contacts, signals
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import (
    ApiToken,
    Appointment,
    Invitation,
    LoginSession,
    Person,
)
from mapapp.accounts.signing_in import attempts, invitations, second_factor, sessions, shared_names
from mapapp.accounts.signing_in import service as signing_in
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName
from mapapp.audit import queries as audit
from mapapp.audit.models import AuditEntry
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.core.vault import Vault
from mapapp.database import free_texts

KEPT: Final = timedelta(days=90)
"""How long ended sessions and used links are kept: as long as the audit log (letter L3.6)."""

MOST_ENTRIES: Final = 50_000
"""Maximum number of audit log entries in one download."""


@dataclass(frozen=True)
class Held:
    """One of the person's own appointments, as the page shows it."""

    row: Appointment
    area: AreaName | None
    """None: the whole country, or an area that is not in the database."""

    def is_over(self, now: datetime) -> bool:
        """Whether it is no longer valid."""
        return self.row.is_over(now)


def appointments(session: Session, person_id: uuid.UUID, now: datetime) -> list[Held]:
    """A person's appointments: current and future ones first, then the ended ones."""
    rows = list(
        session.execute(
            select(Appointment).where(Appointment.person_id == person_id).order_by(Appointment.starts_at.desc())
        ).scalars()
    )
    names = areas.names(session, {row.area_code for row in rows})
    held = [Held(row, names.get(row.area_code)) for row in rows]
    return sorted(held, key=lambda one: one.is_over(now))


def appointment(session: Session, person_id: uuid.UUID, appointment_id: int) -> Held:
    """One of a person's own appointments.

    Raises:
        NotFound: the person has no such appointment.
    """
    row = session.get(Appointment, appointment_id) if appointment_id < 2**63 else None
    if row is None or row.person_id != person_id:
        raise NotFound(N_("Role not found."))
    names = areas.names(session, {row.area_code})
    return Held(row, names.get(row.area_code))


def give_up(session: Session, actor: Actor, appointment_id: int, now: datetime) -> None:
    """Ends the actor's own appointment.

    Raises:
        NotFound: the actor has no such appointment.
        Conflict: it has ended, or the ministry would have no account left.
    """
    assert actor.person_id is not None
    appointment(session, actor.person_id, appointment_id)
    appointing.end(session, actor, appointment_id, None, now)


def open_sessions(session: Session, person_id: uuid.UUID, now: datetime) -> list[LoginSession]:
    """A person's open sessions, the most recently used first."""
    which = (
        LoginSession.person_id == person_id,
        LoginSession.revoked_at.is_(None),
        LoginSession.expires_at > now,
        LoginSession.last_seen_at > now - sessions.IDLE,
    )
    return list(
        session.execute(select(LoginSession).where(*which).order_by(LoginSession.last_seen_at.desc())).scalars()
    )


def end_session(session: Session, actor: Actor, which: uuid.UUID, now: datetime) -> None:
    """Ends one session of the actor. Ending an ended session is no error.

    Raises:
        NotFound: there is none, or it is another person's.
    """
    own = select(LoginSession.id).where(LoginSession.id == which, LoginSession.person_id == actor.person_id)
    if session.execute(own).first() is None:
        raise NotFound(N_("Session not found."))
    sessions.end(session, which, now)
    signing_in.on_record(session, actor, "session.end", now, which=which)


def end_others(session: Session, actor: Actor, now: datetime) -> None:
    """Ends all sessions of the actor except this one."""
    assert actor.person_id is not None
    sessions.end_all(session, actor.person_id, now, but=actor.session_id)
    signing_in.on_record(session, actor, "session.end_others", now)


def change_profile(
    session: Session, actor: Actor, person: Person, *, name: str, organisation: str | None, language: str, now: datetime
) -> None:
    """Changes the profile. The audit log records which fields changed, not their values."""
    wanted = {"name": name, "organisation": organisation, "language": language}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    if changed:
        signing_in.on_record(session, actor, "person.edit", now, fields=changed)


def change_contacts(
    session: Session, vault: Vault, actor: Actor, person: Person, *,
    phone: str | None, email: str | None, user_name: str | None, password: str, now: datetime,
) -> None:  # fmt: skip
    """Changes the names by which a person signs in. Another account may have the same name: each signs in with its own
    password (``shared_names``), and no one learns whether there is another.

    Args:
        password: the person's own, checked by the caller.

    Raises:
        Invalid: no name would be left.
        TooMany: the names were changed very often within the hour.
    """
    if phone is None and email is None and user_name is None:
        raise invalid("phone", N_("Keep at least one of them: you sign in with it."))
    _take_share(session, vault, person, now)
    before = {"phone": contacts.phone_of(vault, person), "email": contacts.email_of(vault, person),
              "user_name": person.sign_in_name}  # fmt: skip
    wanted = {"phone": phone, "email": email, "user_name": user_name}
    changed = [field for field, value in wanted.items() if before[field] != value]
    if "phone" in changed:
        if phone is None or signing_in.needs_second_factor(actor):
            contacts.give_phone(session, vault, person, phone)
        else:  # anyone can sign up as a volunteer, so an unverified number is not used to find an account
            contacts.keep_unproven_phone(vault, person, phone)
        invitations.revoke(session, invitations.is_open(person.id), "number_changed", now)
    if "email" in changed:
        contacts.give_email(session, vault, person, email)
    if "user_name" in changed:
        contacts.give_user_name(session, person, user_name)
    shared_names.renew(vault, person, password)
    session.flush()
    if changed:
        signing_in.on_record(session, actor, "person.edit", now, fields=changed)


def _take_share(session: Session, vault: Vault, person: Person, now: datetime) -> None:
    """Counts a change of sign-in names. Without a limit, a person could repeatedly set their own name and password to a
    guess at those of another person, and see whether they get into another account."""
    attempts.take_share(
        session, vault, "sign-in names", attempts.of_person(person.id), most=20, within=timedelta(hours=1), now=now,
        said=N_("You have changed this too many times. Try again in %(wait)s."),
    )  # fmt: skip


def change_password(session: Session, vault: Vault, actor: Actor, person: Person, password: str, now: datetime) -> None:
    """Sets a new password and ends all other sessions. The caller has checked the old one.

    Raises:
        Invalid: the new one is too short or easy to guess.
        TooMany: the names or the password were changed very often within the hour.
    """
    _take_share(session, vault, person, now)
    held = [one.area for one in appointments(session, person.id, now) if one.area is not None]
    places = [name for area in held for name in (area.name_th, area.name_en)]
    signing_in.set_password(vault, person, password, now, also=places)
    sessions.end_all(session, person.id, now, but=actor.session_id)
    signing_in.on_record(session, actor, "password.change", now)


def renew_codes(session: Session, vault: Vault, actor: Actor, codes: tuple[str, ...], now: datetime) -> None:
    """Stores new recovery codes; the older ones stop working."""
    assert actor.person_id is not None
    second_factor.store_codes(session, vault, actor.person_id, codes)
    signing_in.on_record(session, actor, "recovery_codes.set", now)


also_kept: dict[str, Callable[[Session, uuid.UUID], Any]] = {}
"""Data that rooms above keep about a person, by its name in the download. Each function returns the data or None."""


def everything(session: Session, vault: Vault, person: Person, now: datetime) -> dict[str, Any]:
    """All data stored about a person, for that person. Secrets (hashes, tokens) are left out."""
    mine = (AuditEntry.actor_id == person.id, AuditEntry.subject_id == str(person.id))
    entries = (
        session.execute(
            select(AuditEntry)
            .where(or_(mine[0], and_(AuditEntry.subject_kind == "person", mine[1])))
            .order_by(AuditEntry.seq.desc())
            .limit(MOST_ENTRIES)
        )
        .scalars()
        .all()
    )
    words = audit.words(session, entries)
    return {
        "made_at": now,
        "account": {
            **_columns(person, "id", "name", "organisation", "language", "created_at", "password_set_at",
                       "totp_set_at", "first_signed_in_at", "last_signed_in_at", "suspended_at"),
            "user_name": person.sign_in_name,
            "phone": contacts.phone_of(vault, person),
            "email": contacts.email_of(vault, person),
            "recovery_codes_left": second_factor.codes_left(session, person.id),
        },
        "appointments": [
            _columns(held.row, "id", "role", "area_code", "starts_at", "ends_at", "ended_at", "end_reason",
                     "appointed_at", "confidentiality_on", "training_expires_on")
            for held in appointments(session, person.id, now)
        ],
        "sessions": [
            _columns(row, "created_at", "last_seen_at", "expires_at", "revoked_at", "device", "address")
            for row in _of(session, LoginSession, person.id)
        ],
        "invitations": [
            _columns(
                row, "purpose", "created_at", "expires_at", "used_at", "revoked_at", "revoked_why", "wrong_numbers"
            )
            for row in _of(session, Invitation, person.id)
        ],
        "api_tokens": [
            _columns(row, "name", "scopes", "facility_id", "created_at", "expires_at", "last_used_at", "revoked_at")
            for row in _of(session, ApiToken, person.id)
        ],
        "record": [
            {
                **_columns(row, "at", "action", "subject_kind", "subject_id", "area_code"),
                "details": audit.readable(row.details, words),
                "by_me": row.actor_id == person.id,
                **({"address": row.address} if row.actor_id == person.id else {}),
            }
            for row in entries
        ],
        **{name: ask(session, person.id) for name, ask in also_kept.items()},
    }  # fmt: skip


def _of(session: Session, table: Any, person_id: uuid.UUID) -> list[Any]:
    return list(session.execute(select(table).where(table.person_id == person_id).order_by(table.created_at)).scalars())


def _columns(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def erase(session: Session, actor: Actor, person: Person, now: datetime) -> None:
    """Deletes an account: name, contacts, credentials and sessions are removed immediately, appointments end. The row
    is kept without a name, because other rows refer to it. The caller has checked the password.

    Raises:
        Conflict: it is the last account that can act for the whole country.
    """
    appointing.hold(session)  # so that the second last account cannot be deleted at the same time
    if appointing.able(session, ("ministry",), now) == {person.id}:
        raise Conflict(
            N_("This is the last account of the ministry. Appoint someone else first. Then you can delete it.")
        )
    signing_in.on_record(session, actor, "person.erase", now)
    wipe(session, person, now)


def wipe(session: Session, person: Person, now: datetime) -> None:
    """Does the work of ``erase``, for every caller. The caller writes the audit entry and holds the lock on
    appointments."""
    # An appointment that has not begun ends, too, although it was never valid.
    session.execute(
        update(Appointment)
        .where(Appointment.person_id == person.id, or_(Appointment.ended_at.is_(None), Appointment.ended_at > now))
        .values(ended_at=now, ended_by=person.id)
        .execution_options(synchronize_session=False)
    )
    signals.tell_ended(session, person.id, "erased", now)
    second_factor.drop(session, person)
    for table in (LoginSession, Invitation, ApiToken):
        session.execute(delete(table).where(table.person_id == person.id))
    person.name = "—"
    person.organisation = person.user_name = person.password_hash = person.password_set_at = None
    person.phone_sealed = person.phone_index = person.phone_claim = person.email_sealed = person.email_index = None
    person.claimed_user_name = person.phone_finder = person.email_finder = person.user_name_finder = None
    person.erased_at = now
    _forget_words(session, person.id)
    session.flush()


def _forget_words(session: Session, person_id: uuid.UUID) -> None:
    """Deletes texts that others wrote about the person: why an appointment ended, why they were refused."""
    mine = Appointment.person_id == person_id
    session.execute(
        update(Appointment).where(mine).values(end_reason=None).execution_options(synchronize_session=False)
    )
    free_texts.forget(session, "appointment", session.scalars(select(Appointment.id).where(mine)).all())
    free_texts.forget(session, "person", [person_id])


def purge(session: Session, now: datetime) -> dict[str, int]:
    """Deletes sessions, links and API keys that ended 90 days ago or earlier.

    Returns:
        number of deleted rows by table.
    """
    long_ago = now - KEPT
    gone: list[tuple[Any, Any]] = [
        (LoginSession, or_(LoginSession.expires_at < long_ago, LoginSession.revoked_at < long_ago)),
        (Invitation, func.coalesce(Invitation.used_at, Invitation.revoked_at, Invitation.expires_at) < long_ago),
        (ApiToken, or_(ApiToken.expires_at < long_ago, ApiToken.revoked_at < long_ago)),
    ]
    return {
        table.__tablename__: int(session.execute(delete(table).where(which)).rowcount)  # type: ignore[attr-defined]
        for table, which in gone
    }
