"""Appointments: creating, ending, changing and moving them.

A person can appoint only lower roles, and only inside their own area (letters L1.1, L4.4); a province has at most two
administrators (L2.1). The policy decides what an appointment allows. Its end takes effect with the person's next
request.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from mapapp.accounts import policy, signals
from mapapp.accounts.appointing.rules import Spell, Terms, check_papers, check_room, check_terms, permit
from mapapp.accounts.models import ApiToken, Appointment, Invitation, Person
from mapapp.accounts.signing_in import invitations, sessions
from mapapp.accounts.signing_in.sessions import in_force
from mapapp.areas.models import Area
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotAllowed, NotFound, NotSignedIn, invalid
from mapapp.core.problem_types import ALREADY_SO, LAST_ONE, NOT_YOUR_AREA, PERSON_SUSPENDED
from mapapp.database import locks

# Reading ----------------------------------------------------------------------------------------------------------


def hold(session: Session) -> None:
    """Locks all appointments until the transaction ends: no other transaction can create, end or change one, or change
    areas."""
    locks.share(session, locks.AREAS)
    locks.take(session, locks.APPOINTMENTS)


def not_over(now: datetime) -> ColumnElement[bool]:
    """SQL condition: “current or future”."""
    return and_(
        or_(Appointment.ends_at.is_(None), Appointment.ends_at > now),
        or_(Appointment.ended_at.is_(None), Appointment.ended_at > now),
    )


def spells(session: Session, which: ColumnElement[bool], now: datetime) -> list[Spell]:
    """The current and future appointments that match ``chosen``."""
    rows = session.execute(
        select(
            Appointment.person_id,
            Appointment.role,
            Appointment.area_code,
            Appointment.starts_at,
            # least() of PostgreSQL ignores NULL.
            func.least(Appointment.ends_at, Appointment.ended_at),
            Appointment.id,
        ).where(which, not_over(now))
    )
    return [Spell(*row) for row in rows]


def able(session: Session, roles: Collection[str], now: datetime) -> set[uuid.UUID]:
    """People who have one of these roles now and can sign in; demo people included."""
    return set(
        session.scalars(
            select(Appointment.person_id)
            .join(Person, Person.id == Appointment.person_id)
            .where(
                Appointment.role.in_(roles),
                in_force(now),
                Person.erased_at.is_(None),
                Person.suspended_at.is_(None),
                Person.password_hash.is_not(None),
            )
        )
    )


def known(session: Session, area_code: str) -> None:
    """Raises ``Invalid`` if no area has this code."""
    if area_code != "TH" and session.execute(select(Area.code).where(Area.code == area_code)).first() is None:
        raise invalid("area", N_("There is no area with the code %(code)s."), code=area_code)


# Changes --------------------------------------------------------------------------------------------------------


def appoint(
    session: Session,
    actor: Actor,
    person_id: uuid.UUID,
    role: str,
    area_code: str,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    confidentiality_on: date | None = None,
    training_expires_on: date | None = None,
    now: datetime,
) -> int:
    """Appoints a person to a role in an area; returns the id of the appointment.

    Args:
        area_code: 2, 4 or 6 digits, or ``TH``.
        starts_at: the first moment at which it is valid; None: now.
        ends_at: the first moment at which it is no longer valid; None: no end.
        confidentiality_on: the day the agreement was signed (letter L3.8).
        training_expires_on: the last day on which the training is valid (letter L3.14).

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``permit``.
        Invalid: role, area and dates do not fit together.
        NotFound: there is no such person.
        Conflict: the person already has this role there, is suspended, or the province has two administrators.
    """
    terms = Terms(role, area_code, starts_at or now, ends_at, confidentiality_on, training_expires_on)
    return appoint_on(session, actor, person_id, terms, now)


def appoint_on(session: Session, actor: Actor, person_id: uuid.UUID, terms: Terms, now: datetime) -> int:
    """As ``appoint``, with terms that are already complete."""
    acting = permit(actor, terms.role, terms.area_code, now)
    check_terms(terms, now)
    hold(session)
    known(session, terms.area_code)
    _fit(session, acting, person_id)
    same_place = and_(Appointment.role == terms.role, Appointment.area_code == terms.area_code)
    check_room(_spell(person_id, terms), spells(session, same_place, now))
    return insert(session, acting, person_id, terms, now)


def _spell(person_id: uuid.UUID, terms: Terms, appointment_id: int | None = None) -> Spell:
    return Spell(person_id, terms.role, terms.area_code, terms.starts_at, terms.ends_at, appointment_id)


def _fit(session: Session, actor: Actor, person_id: uuid.UUID) -> Person:
    """The person, if they can be appointed. No one appoints themselves, so no one can renew their own training."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound(N_("Person not found."))
    if person.suspended_at is not None:
        raise Conflict(N_("This account is suspended. End the suspension first."), kind=PERSON_SUSPENDED)
    if actor.person_id == person_id:
        raise NotAllowed(N_("You cannot appoint yourself. Ask the person who appointed you."))
    return person


def insert(session: Session, acting: Actor, person_id: uuid.UUID, terms: Terms, now: datetime) -> int:
    """Writes a checked appointment; returns its id. The caller holds the lock."""
    _close_links_of_the_past(session, person_id, now)
    made = Appointment(
        person_id=person_id,
        role=terms.role,
        area_code=terms.area_code,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        appointed_by=acting.person_id,
        appointed_at=now,
        confidentiality_on=terms.confidentiality_on,
        training_expires_on=terms.training_expires_on,
    )
    session.add(made)
    session.flush()
    _close_links_from_below(session, person_id, terms, now)
    _record(session, acting, "appointment.add", made, now, {"starts_at": made.starts_at, "ends_at": made.ends_at})
    return made.id


def _close_links_from_below(session: Session, person_id: uuid.UUID, terms: Terms, now: datetime) -> None:
    """Ends open links to this account whose creator is not above all appointments that the account has from now on.

    Otherwise the creator of a volunteer's link could keep it, and take over the account when the volunteer becomes a
    coordinator. Roles that open no officers' page are ignored: they give the creator of a link no new rights, and
    ending links because of them would let people end the links of others.
    """
    if not any(terms.role in action.roles for action in policy.actions().values()):
        return
    is_open = invitations.is_open(person_id)
    makers = select(Invitation.created_by).where(is_open, Invitation.created_by.is_not(None)).distinct()
    for maker in session.scalars(makers).all():
        assert maker is not None
        who = Actor("person", person_id=maker, standings=sessions.standings(session, maker, now))
        if policy.may_appoint(who, terms.role, terms.area_code) is None:
            invitations.revoke(session, and_(is_open, Invitation.created_by == maker), "from_below", now)


def _close_links_of_the_past(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Ends open links that were made for appointments which have ended. Called when a person without an appointment
    gets a new one: their last appointment may have ended by its date, and its link must not become valid again."""
    if spells(session, Appointment.person_id == person_id, now):
        return
    over = func.least(Appointment.ends_at, Appointment.ended_at)
    last = session.execute(select(func.max(over)).where(Appointment.person_id == person_id)).scalar_one()
    if last is not None:
        open_before = and_(invitations.is_open(person_id), Invitation.created_at <= last)
        invitations.revoke(session, open_before, "ended", now)


def end(session: Session, actor: Actor, appointment_id: int, reason: str | None, now: datetime) -> None:
    """Ends an appointment immediately: the person's next request no longer has it, nor anything that depends on it.

    Allowed for everyone who may give this role in this area, and for the person.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``permit``.
        NotFound: there is none.
        Conflict: it has ended, or the ministry would have no account left.
    """
    if not actor.is_signed_in and actor.kind != "command":
        raise NotSignedIn(N_("Sign in first."))
    hold(session)
    row = _live(session, appointment_id, now)
    if actor.kind == "person" and row.person_id == actor.person_id:
        own = [one for one in actor.standings if one.appointment_id == row.id]
        acting = actor.acting(own[0] if own else None)
        if row.role == "ministry" and len(spells(session, Appointment.role == "ministry", now)) < 2:
            raise Conflict(N_("You are the last account of the ministry. Appoint someone else first."), kind=LAST_ONE)
    else:
        acting = permit(actor, row.role, row.area_code, now)
    row.ended_at = now
    row.ended_by = acting.person_id
    row.end_reason = reason
    session.flush()
    if not spells(session, Appointment.person_id == row.person_id, now):
        # Otherwise an old link would work again when the person is appointed again.
        invitations.revoke(session, invitations.is_open(row.person_id), "ended", now)
    _record(session, acting, "appointment.end", row, now, {"by_themselves": row.person_id == actor.person_id})
    signals.tell_ended(session, row.person_id, "appointment_ended", now)


def amend(
    session: Session,
    actor: Actor,
    appointment_id: int,
    *,
    ends_at: datetime | None,
    confidentiality_on: date | None,
    training_expires_on: date | None,
    now: datetime,
) -> None:
    """Changes the end of an appointment, and the recorded dates of agreement and training.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded, NotFound, Conflict, Invalid: as ``appoint``.
    """
    hold(session)
    row = _live(session, appointment_id, now)
    acting = permit(actor, row.role, row.area_code, now)
    if row.person_id == actor.person_id:
        raise NotAllowed(N_("You cannot appoint yourself. Ask the person who appointed you."))
    if ends_at is not None and ends_at <= max(now, row.starts_at):
        raise invalid("until", N_("The last day has passed. Choose a later one."))
    check_papers(confidentiality_on, now)
    longer = Spell(row.person_id, row.role, row.area_code, row.starts_at, ends_at, row.id)
    same_place = and_(Appointment.role == row.role, Appointment.area_code == row.area_code)
    check_room(longer, spells(session, same_place, now))
    wanted = {
        "ends_at": ends_at,
        "confidentiality_on": confidentiality_on,
        "training_expires_on": training_expires_on,
    }
    changes = {name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in wanted.items():
        setattr(row, name, value)
    session.flush()
    if changes:
        _record(session, acting, "appointment.amend", row, now, {"changes": changes})


def move(session: Session, actor: Actor, appointment_id: int, area_code: str, reason: str | None, now: datetime) -> int:
    """Moves a person with the same role to another area: one appointment ends and another begins, or nothing changes.

    Raises:
        as ``end`` and ``appoint``; the actor must be responsible for both areas.
    """
    hold(session)
    row = _live(session, appointment_id, now)
    permit(actor, row.role, row.area_code, now)
    if row.area_code == area_code:
        raise invalid("area", N_("The role is already for this area. Choose another."))
    begins = max(row.starts_at, now)
    terms = Terms(row.role, area_code, begins, row.ends_at, row.confidentiality_on, row.training_expires_on)
    # The new one first: so the person is never without an appointment, and a link that was sent still works.
    made = appoint_on(session, actor, row.person_id, terms, now)
    end(session, actor, appointment_id, reason, now)
    return made


def _live(session: Session, appointment_id: int, now: datetime) -> Appointment:
    """An appointment that is current or future. The lock is held."""
    row = session.scalars(
        select(Appointment).where(Appointment.id == appointment_id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("Role not found."))
    if row.is_over(now):
        raise Conflict(N_("This role has already ended."), kind=ALREADY_SO)
    return row


def _record(
    session: Session, acting: Actor, action: str, row: Appointment, now: datetime, details: dict[str, object]
) -> None:
    about = {"role": row.role, "person": row.person_id, **details}
    audit.record(session, acting, action, "appointment", row.id, area_code=row.area_code, now=now, details=about)


# Accounts ---------------------------------------------------------------------------------------------------------


def above_all(session: Session, actor: Actor, person_id: uuid.UUID, now: datetime) -> Actor:
    """The actor, if they are above every appointment of this person: only then may they lock the account or create a
    link to it. Otherwise an officer who may appoint volunteers could get into the account of a coordinator.

    If the person has no current appointment, the ended ones count.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``permit``.
    """
    mine = Appointment.person_id == person_id
    found = spells(session, mine, now)
    held = {(one.role, one.area_code) for one in found} or {
        (row.role, row.area_code)
        for row in session.execute(select(Appointment.role, Appointment.area_code).where(mine))
    }
    acting = [permit(actor, role, area_code, now) for role, area_code in sorted(held, key=lambda one: one[1])]
    if acting:
        return acting[0]
    if actor.kind == "command":
        return actor
    raise NotAllowed(N_("This lies outside your area."), kind=NOT_YOUR_AREA)


def suspend(session: Session, actor: Actor, person_id: uuid.UUID, now: datetime, *, lift: bool = False) -> None:
    """Suspends an account, or ends the suspension. The appointments do not change.

    Sessions, API keys, links to the account and links that it made for others end, and do not return with the end of
    the suspension: a person who stole the account may have any of them.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``above_all``.
        NotFound: there is no such person.
    """
    hold(session)
    acting = above_all(session, actor, person_id, now)
    person = session.get(Person, person_id, populate_existing=True)
    if person is None or person.erased_at is not None:
        raise NotFound(N_("Person not found."))
    if (person.suspended_at is None) == lift:
        return
    person.suspended_at = None if lift else now
    if not lift:
        end_ways_in(session, person_id, "suspended", now)
    session.flush()
    action = "person.unsuspend" if lift else "person.suspend"
    audit.record(session, acting, action, "person", person_id, area_code=area_of(session, person_id, now), now=now)
    if not lift:
        signals.tell_ended(session, person_id, "suspended", now)


def end_ways_in(session: Session, person_id: uuid.UUID, why: str, now: datetime) -> None:
    """Permanently ends everything that gives access to an account besides its password: sessions, API keys, open links
    to it, and open links it has made for others.

    Args:
        why: of ``models.REVOKED_WHY``.
    """
    sessions.end_all(session, person_id, now)
    session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    theirs = and_(Invitation.created_by == person_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    invitations.revoke(session, or_(invitations.is_open(person_id), theirs), why, now)


def area_of(session: Session, person_id: uuid.UUID, now: datetime) -> str | None:
    """The area under which a person is recorded: the widest of their appointments, current and future ones first."""
    found = session.execute(
        select(Appointment.area_code)
        .where(Appointment.person_id == person_id)
        .order_by(not_over(now).desc(), func.length(func.replace(Appointment.area_code, "TH", "")), Appointment.id)
        .limit(1)
    )
    return found.scalar_one_or_none()
