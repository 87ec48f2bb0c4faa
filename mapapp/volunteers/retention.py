"""Deletion of sign-ups that no officer approves: phone numbers of strangers must not stay in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.people import self_service
from mapapp.audit import service as audit
from mapapp.core.actors import system
from mapapp.volunteers.models import Volunteer

AT_ONCE: Final = 100
"""Maximum number of sign-ups in one run, so that appointments are not locked for long."""


def deleted_on(row: Volunteer, days: int) -> datetime:
    """When a sign-up is deleted if nothing is decided about it until then."""
    return row.state_at + timedelta(days=days)


def sweep(session: Session, now: datetime, *, days: int) -> int:
    """Deletes sign-ups that were waiting, refused or withdrawn for too many days, and never approved.

    The account is deleted too, if it was created by the sign-up and was never appointed. Accounts of officers are kept
    and lose only the profile. Demo people are kept.

    Returns:
        number of sign-ups.
    """
    ever = select(Appointment.id).where(Appointment.person_id == Volunteer.person_id).exists()
    which = and_(
        or_(Volunteer.state.in_(("waiting", "refused")), and_(Volunteer.state == "left", ~ever)),
        Volunteer.state_at <= now - timedelta(days=days),
    )
    rows = select(Volunteer.person_id).join(Person, Person.id == Volunteer.person_id)
    found = session.scalars(rows.where(which, Person.is_demo.is_(False)).order_by(Volunteer.state_at).limit(AT_ONCE))
    ids = list(found)
    if not ids:
        return 0
    appointing.hold(session)  # the locks are always taken in this order; and no one can approve them at the same time
    held = select(Volunteer, ever).where(which, Volunteer.person_id.in_(ids)).with_for_update(of=Volunteer)
    done = session.execute(held.execution_options(populate_existing=True)).all()
    for row, was_appointed in done:
        person = session.get_one(Person, row.person_id)
        audit.record(
            session, system(), "volunteer.sweep", "person", person.id, area_code=row.home_tambon, now=now,
            details={"account": not was_appointed},
        )  # fmt: skip
        if was_appointed:
            session.delete(row)
        else:
            self_service.wipe(session, person, now)
    session.flush()
    return len(done)
