"""Changes of volunteers: sign-up, profile, break, leaving, and approval by an officer. Nothing commits.

The right is the appointment as ``volunteer`` and is made by ``accounts.appointing``, whose rules apply here too. Locks
are always taken in the same order: appointments first, then the volunteer's row.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal

from blinker import Signal
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Terms, permit
from mapapp.accounts.models import Appointment, Person
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.core.vault import Vault
from mapapp.volunteers import call_codes, queries
from mapapp.volunteers.labels import CONSENT_VERSION
from mapapp.volunteers.models import Volunteer
from mapapp.volunteers.schemas import Profile, columns

Why = Literal["left", "suspended"]

stopped: Final = Signal(
    "A volunteer has left or was suspended: what they hold is to be let go. Sent in the transaction that makes the"
    " change, as (None, session=session, person_id=…, why=…, now=…)."
)

_DECIDED: Final = N_("Someone else just decided about this volunteer. Check the current status.")


# Volunteers themselves --------------------------------------------------------------------------------------------


def join(session: Session, person_id: uuid.UUID, profile: Profile, home: str, now: datetime) -> None:
    """Creates a person's profile, or a new one after they left or were refused. Calling it twice has the same result.

    A person who already has an appointment as volunteer counts as approved.

    Args:
        profile: what they offer.
        home: the code of their home tambon.

    Raises:
        Conflict: they are suspended.
    """
    appointed = queries.state_of(session, person_id, now) == "approved"
    state = "approved" if appointed else "waiting"
    fresh = {"state": state, "state_at": now, "decided_by": None, "reason": None, "paused_at": None,
             "consent_version": CONSENT_VERSION, "joined_at": now}  # fmt: skip
    values = columns(profile, home)
    row = insert(Volunteer).values(person_id=person_id, **values, **fresh)
    done = session.execute(
        row.on_conflict_do_update(
            index_elements=[Volunteer.person_id],
            set_=values | fresh,
            where=Volunteer.state.in_(("left", "refused", "approved", "waiting")),
        ).returning(Volunteer.person_id)
    ).one_or_none()
    if done is None:
        raise Conflict(N_("You are suspended as a volunteer. Ask the officer of your area."))


def change(session: Session, person_id: uuid.UUID, profile: Profile, home: str) -> None:
    """Changes a profile; the state does not change.

    Raises:
        NotFound: there is no profile.
    """
    _own(session, person_id, **columns(profile, home))


def pause(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Starts a break: no new requests. Accepted requests continue.

    Raises:
        NotFound: there is no profile.
    """
    _own(session, person_id, paused_at=now)


def resume(session: Session, person_id: uuid.UUID) -> None:
    """Ends the break.

    Raises:
        NotFound: there is no profile.
    """
    _own(session, person_id, paused_at=None)


def _own(session: Session, person_id: uuid.UUID, **values: Any) -> None:
    row = update(Volunteer).where(Volunteer.person_id == person_id).values(**values).returning(Volunteer.person_id)
    if session.execute(row.execution_options(synchronize_session=False)).one_or_none() is None:
        raise NotFound(N_("You have no volunteer profile."))


def leave(session: Session, actor: Actor, now: datetime) -> None:
    """Ends one's own volunteering immediately: the appointments as volunteer end, and accepted requests are returned.
    The account is kept. Leaving twice is no error; no one has to agree."""
    assert actor.person_id is not None
    appointing.hold(session)
    for appointment_id in _appointments(session, actor.person_id, now):
        appointing.end(session, actor, appointment_id, None, now)
    row = (
        update(Volunteer)
        .where(Volunteer.person_id == actor.person_id, Volunteer.state.not_in(("left", "suspended")))
        .values(state="left", state_at=now, reason=None, paused_at=None, appointment_id=None)
    )
    session.execute(row.execution_options(synchronize_session=False))
    _stop(session, actor.person_id, "left", now)


def forget(session: Session, person_id: uuid.UUID) -> None:
    """Deletes the profile together with its account."""
    gone = delete(Volunteer).where(Volunteer.person_id == person_id)
    session.execute(gone.execution_options(synchronize_session=False))


def kept_about(session: Session, person_id: uuid.UUID) -> dict[str, Any] | None:
    """All data stored about a person as a volunteer, for that person."""
    row = queries.get(session, person_id)
    hidden = {"person_id", "decided_by"}
    names = [column.name for column in Volunteer.__table__.columns if column.name not in hidden]
    return None if row is None else {name: getattr(row, name) for name in names}


# Officers -------------------------------------------------------------------------------------------------------


def approve(
    session: Session,
    vault: Vault,
    actor: Actor,
    person_id: uuid.UUID,
    terms: Terms,
    *,
    seen: str,
    called: bool,
    code: str | None,
    reason: str | None,
    now: datetime,
) -> int:
    """Approves a volunteer: creates the appointment and marks the phone number as verified. Returns the appointment's
    id.

    The caller has checked that the actor may approve volunteers of this home tambon.

    Args:
        terms: role ``volunteer``, the area and the dates.
        seen: the state (``queries.State``) that the officer saw.
        called: the officer says that they called the number.
        code: what the person read out from their own page (``call_codes``), six digits.
        reason: a note, such as why a suspension ends.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded, Invalid: as ``appointing.service.appoint``; ``called`` and ``code`` are
            required for an unverified number.
        WrongCode: the code is wrong; counted, so the caller commits.
        TooMany: too many wrong codes.
        NotFound: there is no such volunteer.
        Conflict: another officer has decided in the meantime, or the number is another account's.
    """
    acting = permit(actor, terms.role, terms.area_code, now)
    appointing.hold(session)
    row = _decidable(session, person_id, (seen,), now)
    person = session.get_one(Person, person_id)
    if not contacts.is_proven(vault, person):
        if not called:
            raise invalid(
                "called", N_("Call the number first, then tick the box that you have spoken with this person.")
            )
        if not code:
            raise invalid("code", N_("Ask the person for the code on their own page, and enter it here."))
        call_codes.check(session, vault, row, person, code, now)
        contacts.prove_phone(session, vault, person)
    made = appointing.appoint_on(session, actor, person_id, terms, now)
    _set(session, row, acting, "approved", None, now, appointment_id=made)
    _record(session, acting, "volunteer.approve", row, now, {"area_code": terms.area_code}, reason)
    return made


def refuse(session: Session, actor: Actor, person_id: uuid.UUID, reason: str, now: datetime) -> None:
    """Refuses a waiting person, who can read the reason and apply again. The caller has checked the policy.

    Raises:
        NotFound: there is no such volunteer.
        Conflict: another officer has decided in the meantime.
    """
    appointing.hold(session)
    row = _decidable(session, person_id, ("waiting",), now)
    _set(session, row, actor, "refused", reason, now)
    _record(session, actor, "volunteer.refuse", row, now, {}, reason)


def suspend(session: Session, actor: Actor, person_id: uuid.UUID, reason: str, now: datetime) -> None:
    """Suspends a volunteer immediately: every appointment as volunteer ends, and accepted requests are returned.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``permit``, for each appointment: one for a wider area than the actor's
            can be ended only by officers above.
        NotFound: there is no such volunteer.
        Conflict: they are no longer approved.
    """
    appointing.hold(session)
    row = _decidable(session, person_id, ("approved",), now)
    for appointment_id in _appointments(session, person_id, now):
        appointing.end(session, actor, appointment_id, reason, now)
    _set(session, row, actor, "suspended", reason, now, appointment_id=None)
    _record(session, actor, "volunteer.suspend", row, now, {}, reason)
    _stop(session, person_id, "suspended", now)


def _decidable(session: Session, person_id: uuid.UUID, states: Collection[str], now: datetime) -> Volunteer:
    """The volunteer's row, locked until the transaction ends, if its state is still one of these."""
    row = session.scalars(
        select(Volunteer)
        .where(Volunteer.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("Volunteer not found."))
    if queries.state_of(session, person_id, now) not in states:
        raise Conflict(_DECIDED)
    return row


def _set(
    session: Session, row: Volunteer, by: Actor, state: str, reason: str | None, now: datetime, **values: Any
) -> None:
    values |= {"state": state, "state_at": now, "decided_by": by.person_id, "reason": reason}
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def _record(
    session: Session, acting: Actor, action: str, row: Volunteer, now: datetime, details: dict[str, object],
    reason: str | None,
) -> None:  # fmt: skip
    audit.record(
        session, acting, action, "person", row.person_id, area_code=row.home_tambon, now=now, details=details,
        words={"reason": reason},
    )  # fmt: skip


def _appointments(session: Session, person_id: uuid.UUID, now: datetime) -> list[int]:
    mine = (Appointment.person_id == person_id, Appointment.role == "volunteer", appointing.not_over(now))
    return list(session.scalars(select(Appointment.id).where(*mine).order_by(Appointment.id)))


def _stop(session: Session, person_id: uuid.UUID, why: Why, now: datetime) -> None:
    stopped.send(None, session=session, person_id=person_id, why=why, now=now)
