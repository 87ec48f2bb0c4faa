"""Sessions of browsers, and API keys: starting, finding and ending them. The client gets a random token; the database
has its hash."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import ApiToken, Appointment, LoginSession, Person
from mapapp.core.actors import Actor, Standing
from mapapp.core.clock import today
from mapapp.core.vault import new_token, token_hash

LASTS: Final = timedelta(days=7)
"""A session ends this long after sign-in, even if it is used."""

IDLE: Final = timedelta(hours=12)
"""A session ends this long after its last use: long enough for a working day, not until the next morning."""

SEEN_EVERY: Final = timedelta(minutes=5)
"""Resolution of “last used”: not every request writes."""


def start(
    session: Session,
    person_id: uuid.UUID,
    *,
    now: datetime,
    device: str,
    address: str,
    second_factor: bool = False,
) -> str:
    """Starts a session; returns the token for the cookie. The caller ends the session of an old cookie."""
    token = new_token()
    session.add(
        LoginSession(
            person_id=person_id,
            token_hash=token_hash(token),
            created_at=now,
            last_seen_at=now,
            confirmed_at=now,
            expires_at=now + LASTS,
            second_factor_at=now if second_factor else None,
            device=device[:200],
            address=address,
        )
    )
    session.flush()
    return token


def addresses_of(session: Session, person_id: uuid.UUID, *, but: str, second_factor: bool) -> Sequence[str]:
    """Addresses from which a person was signed in, as far back as sessions are kept.

    Args:
        but: the token of a session to leave out; can be empty.
        second_factor: only sessions in which the second factor was shown.
    """
    which = [LoginSession.person_id == person_id, LoginSession.token_hash != token_hash(but)]
    if second_factor:
        which.append(LoginSession.second_factor_at.is_not(None))
    return session.execute(select(LoginSession.address).where(*which).distinct()).scalars().all()


def _always() -> bool:
    return True


def find(
    session: Session,
    token: str,
    *,
    now: datetime,
    address: str | None,
    demo_allowed: bool = False,
    is_written: Callable[[], bool] = _always,
) -> Actor:
    """The actor of a session cookie; anonymous if the session is unknown or has ended.

    Args:
        demo_allowed: demo accounts are accepted, without a second factor (development mode on loopback).
        is_written: decides whether “last used” is written: not in the database of another service, nor for automatic
            requests of an open page.
    """
    row = session.execute(
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(
            LoginSession.token_hash == token_hash(token),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - IDLE,
            Person.erased_at.is_(None),
        )
    ).one_or_none()
    if row is None or (row.Person.is_demo and not demo_allowed):
        return Actor("public", address=address)
    found, person = row
    if now - found.last_seen_at > SEEN_EVERY and is_written():
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == found.id)
            .values(last_seen_at=now, address=address or found.address)
            .execution_options(synchronize_session=False)
        )
    held = standings(session, person.id, now)
    return Actor(
        "person",
        address=address,
        person_id=person.id,
        name=person.name,
        organisation=person.organisation,
        standings=held,
        session_id=found.id,
        confirmed_at=found.confirmed_at,
        second_factor=found.second_factor_at is not None or person.is_demo or _needs_none(person, held),
        suspended=person.suspended_at is not None,
    )


def _needs_none(person: Person, held: tuple[Standing, ...]) -> bool:
    """Whether the password is enough: for volunteers and people without an appointment, unless they have set up a
    second factor."""
    return person.totp_sealed is None and all(one.role == "volunteer" for one in held)


_BY_KEY: Final = "SELECT * FROM find_api_key(%(hash)s, %(now)s)"
"""A database function (migration ``keys_and_survey_records_in_the_database``): it runs with every request of a program,
and planning its three tables takes ten times as long as reading them."""


def find_token(
    session: Session,
    token: str,
    *,
    now: datetime,
    address: str | None,
    demo_allowed: bool = False,
    is_written: Callable[[], bool] = _always,
) -> Actor | None:
    """The actor of an API key, with the one appointment it is bound to; None if the key is not valid.

    Args:
        demo_allowed: keys of demo accounts are valid, as in ``find``.
        is_written: as in ``find``.
    """
    session.flush()  # rows added just before must count
    if not session.info.get("reads"):
        session.connection()  # in the transaction that the request will use, not in a separate one
    rows = database.driver_rows(session, _BY_KEY, {"hash": token_hash(token), "now": now})
    if not rows:
        return None
    number, person, used, name, scopes, facility, organisation, is_demo, *appointment = rows[0]
    if is_demo and not demo_allowed:
        return None
    token_id = uuid.UUID(str(number))
    if (used is None or now - used > SEEN_EVERY) and is_written():
        session.execute(
            update(ApiToken)
            .where(ApiToken.id == token_id)
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )
    return Actor(
        "token",
        address=address,
        person_id=uuid.UUID(str(person)),
        name=name,
        organisation=organisation,
        standings=(_standing(appointment, today(now)),),
        second_factor=True,
        scopes=frozenset(scopes),
        token_id=token_id,
        facility_id=facility,
    )


_STILL: Final = """
SELECT s.id AS key, a.id, a.role, a.area_code, a.confidentiality_on, a.training_expires_on
FROM login_sessions AS s
JOIN people AS p ON p.id = s.person_id AND p.erased_at IS NULL AND p.suspended_at IS NULL
LEFT JOIN appointments AS a ON a.person_id = s.person_id AND a.starts_at <= %(now)s
  AND (a.ends_at IS NULL OR a.ends_at > %(now)s) AND (a.ended_at IS NULL OR a.ended_at > %(now)s)
WHERE s.id = ANY (%(keys)s::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > %(now)s AND s.last_seen_at > %(idle)s
UNION ALL
SELECT t.id, a.id, a.role, a.area_code, a.confidentiality_on, a.training_expires_on
FROM api_tokens AS t
JOIN people AS p ON p.id = t.person_id AND p.erased_at IS NULL AND p.suspended_at IS NULL
JOIN appointments AS a ON a.id = t.appointment_id AND a.person_id = t.person_id AND a.starts_at <= %(now)s
  AND (a.ends_at IS NULL OR a.ends_at > %(now)s) AND (a.ended_at IS NULL OR a.ended_at > %(now)s)
WHERE t.id = ANY (%(keys)s::uuid[]) AND t.revoked_at IS NULL AND t.expires_at > %(now)s
"""
"""The conditions of ``find`` and ``find_token``, for many sessions and keys at once."""


def still(session: Session, keys: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, frozenset[Standing]]:
    """Which of these sessions and API keys are still valid, and the current appointments of their people: for
    connections that stay open long after their request was checked.

    Args:
        keys: ids of sessions and of API keys.
    """
    session.flush()
    asked = {"keys": [str(key) for key in keys], "now": now, "idle": now - IDLE}
    found: dict[uuid.UUID, set[Standing]] = {}
    for key, *appointment in database.driver_rows(session, _STILL, asked):
        held = found.setdefault(uuid.UUID(str(key)), set())
        if appointment[0] is not None:
            held.add(_standing(appointment, today(now)))
    return {key: frozenset(held) for key, held in found.items()}


def in_force(now: datetime) -> ColumnElement[bool]:
    """SQL condition: “this appointment is valid now”: it has begun, has not expired and was not ended."""
    return and_(
        Appointment.starts_at <= now,
        or_(Appointment.ends_at.is_(None), Appointment.ends_at > now),
        or_(Appointment.ended_at.is_(None), Appointment.ended_at > now),
    )


_STANDINGS: Final = """
SELECT id, role, area_code, confidentiality_on, training_expires_on FROM appointments
WHERE person_id = %(person)s AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)
  AND (ended_at IS NULL OR ended_at > %(now)s)
ORDER BY id
"""
"""``in_force`` as plain SQL for the driver: it runs with every request of a signed-in person."""


def standings(session: Session, person_id: uuid.UUID, now: datetime) -> tuple[Standing, ...]:
    """A person's current appointments."""
    session.flush()  # rows added just before must count
    rows = database.driver_rows(session, _STANDINGS, {"person": str(person_id), "now": now})
    return tuple(_standing(row, today(now)) for row in rows)


def _standing(row: Sequence[Any], day: date) -> Standing:
    number, role, area, confidential, trained = row
    has_papers = confidential is not None and confidential <= day and trained is not None and trained >= day
    return Standing(appointment_id=number, role=role, area_code=area, personal_data=has_papers)


def end(session: Session, session_id: uuid.UUID, now: datetime) -> None:
    """Ends one session."""
    _end(session, LoginSession.id == session_id, now)


def end_all(session: Session, person_id: uuid.UUID, now: datetime, *, but: uuid.UUID | None = None) -> None:
    """Ends all sessions of a person, except optionally the current one."""
    _end(session, and_(LoginSession.person_id == person_id, LoginSession.id.is_distinct_from(but)), now)


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(
        update(LoginSession)
        .where(which, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
