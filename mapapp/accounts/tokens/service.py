"""API keys: created by an officer for one of their appointments, shown once, stored as a hash, revocable at any time.

A key never has more rights than its appointment: ``sessions.find_token`` reads the appointment with each request.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field
from sqlalchemy import and_, case, func, insert, select, update
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.accounts.models import ApiToken, Appointment
from mapapp.accounts.signing_in import sessions
from mapapp.audit import service as audit
from mapapp.core.actors import Actor, Standing
from mapapp.core.clock import midnight, today
from mapapp.core.dates import Day
from mapapp.core.errors import N_, Conflict, NotFound, invalid, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, clean, without_national_id
from mapapp.core.problem_types import FULL
from mapapp.core.vault import new_token, token_hash

LONGEST: Final = timedelta(days=365)
"""A key is valid for one year at most, so that its owner checks regularly whether it is still needed."""

MOST: Final = 20
"""Maximum number of valid keys of one person."""


def _scope(value: str) -> str:
    if value not in policy.scopes():
        raise refuse(N_("Choose one from the list."))
    return value


Scope = Annotated[str, AfterValidator(_scope)]
"""The scopes of a key (``policy.scopes``)."""


class TokenIn(FormModel):
    """The form for a new key."""

    name: Annotated[
        str, Field(min_length=1, max_length=100), AfterValidator(without_national_id), BeforeValidator(clean)
    ]
    """The program it is for."""
    scopes: Annotated[list[Scope], Field(min_length=1)]
    appointment: Id
    facility: Annotated[Id | None, BlankIsNone] = None
    """Only this facility, if one is given."""
    until: Day
    """The last day on which it is valid, in Bangkok time."""


@dataclass(frozen=True)
class Made:
    """A new key. ``token`` is known only now."""

    id: uuid.UUID
    token: str
    expires_at: datetime


class Kept(NamedTuple):
    """A key in the list of its owner. ``state``: ``good``, ``revoked``, ``expired`` or ``ended``."""

    id: uuid.UUID
    name: str
    scopes: list[str]
    facility_id: int | None
    role: str
    area_code: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


def appointments(actor: Actor) -> list[Standing]:
    """The appointments for which this person can create keys."""
    return [one for one in actor.standings if one.role in policy.roles_of("tokens.manage")]


def make(
    session: Session, actor: Actor, data: TokenIn, now: datetime, *, tambon_of: Callable[[int], str | None]
) -> Made:
    """Creates a key.

    Args:
        actor: the person; identity and appointments come from here, never from the form.
        tambon_of: function that returns the tambon of a facility and raises ``NotFound`` if there is none.

    Raises:
        Invalid: an appointment of another person, a scope that the role does not have, a facility outside the area, or
            a day more than a year ahead.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Conflict: the person has ``MOST`` keys.
    """
    standing = next((one for one in appointments(actor) if one.appointment_id == data.appointment), None)
    if standing is None:
        raise invalid("appointment", N_("Choose one of your roles."))
    acting = policy.demand(actor, "tokens.manage", standing.area_code, now).acting(standing)
    scopes = sorted(set(data.scopes))
    if any(standing.role not in policy.roles_of(one) for one in scopes):
        raise invalid("scopes", N_("This role does not allow that."))
    if data.facility is not None:
        _inside(standing, data.facility, tambon_of)
    day = today(now)
    if not day <= data.until <= day + LONGEST:
        raise invalid("until", N_("Choose a day within a year from today."))
    if sum(one.state == "good" for one in of(session, actor, now)) >= MOST:
        raise Conflict(N_("You have %(count)s API keys. Revoke one that you do not need first."), count=MOST, kind=FULL)
    token = new_token()
    expires_at = midnight(data.until, 1)
    values = {
        "id": uuid.uuid4(), "person_id": actor.person_id, "appointment_id": standing.appointment_id, "name": data.name,
        "token_hash": token_hash(token), "scopes": scopes, "facility_id": data.facility, "created_at": now,
        "expires_at": expires_at,
    }  # fmt: skip
    made: uuid.UUID = session.execute(insert(ApiToken).values(values).returning(ApiToken.id)).scalar_one()
    details = {"scopes": scopes, "facility": data.facility, "until": data.until}
    audit.record(session, acting, "token.make", "token", made, area_code=standing.area_code, now=now, details=details)
    return Made(made, token, expires_at)


def _inside(standing: Standing, facility_id: int, tambon_of: Callable[[int], str | None]) -> None:
    try:
        tambon = tambon_of(facility_id)
    except NotFound:
        raise invalid("facility", N_("No facility has this number.")) from None
    if not standing.covers(tambon):
        raise invalid("facility", N_("This facility is outside the area of that role."))


def of(session: Session, actor: Actor, now: datetime) -> list[Kept]:
    """A person's keys, valid ones first, then the newest first."""
    state = case(
        (ApiToken.revoked_at.is_not(None), "revoked"),
        (ApiToken.expires_at <= now, "expired"),
        (~func.coalesce(sessions.in_force(now), False), "ended"),
        else_="good",
    ).label("state")
    rows = session.execute(
        select(
            ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.facility_id, Appointment.role, Appointment.area_code,
            ApiToken.created_at, ApiToken.expires_at, ApiToken.last_used_at, state,
        )
        .join(Appointment, Appointment.id == ApiToken.appointment_id)
        .where(ApiToken.person_id == actor.person_id)
        .order_by(state != "good", ApiToken.created_at.desc(), ApiToken.id)
    )  # fmt: skip
    return [Kept._make(row) for row in rows]


def revoke(session: Session, actor: Actor, token_id: uuid.UUID, now: datetime) -> None:
    """Revokes a key; its next request is refused. Revoking it again is no error.

    Raises:
        NotFound: the person has no such key.
    """
    mine = and_(ApiToken.id == token_id, ApiToken.person_id == actor.person_id)
    area = (
        select(Appointment.area_code)
        .join(ApiToken, ApiToken.appointment_id == Appointment.id)
        .where(mine)
    )  # fmt: skip
    area_code = session.execute(area).scalar_one_or_none()
    if area_code is None:
        raise NotFound(N_("API key not found."))
    ended = session.execute(
        update(ApiToken)
        .where(mine, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if ended is not None:
        audit.record(session, actor, "token.revoke", "token", token_id, area_code=area_code, now=now)
