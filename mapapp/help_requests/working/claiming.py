"""Claiming a request: one holder at a time, for any number of processes and taps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotAllowed
from mapapp.core.problem_types import FULL, PAUSED, RETRY, SUSPENDED
from mapapp.database import locks
from mapapp.help_requests.labels import URGENCIES
from mapapp.help_requests.models import HelpNeed, HelpRequest
from mapapp.help_requests.states import now_in, refuse
from mapapp.help_requests.working import holding, place_quota
from mapapp.help_requests.working.holding import Group, Held, Taken
from mapapp.help_requests.working.lease_terms import Terms
from mapapp.volunteers.models import Volunteer

_CLAIM: Final = """
SELECT need_id, lead_id, ends_at FROM claim_help(
    %(space)s, %(person)s::uuid, %(request)s, %(now)s, %(hours)s, %(limit)s, %(volunteer)s, %(needs)s::bigint[],
    %(team)s, %(kind)s, %(appointment)s
)
"""
"""The database function (migration ``claim_in_the_database``) takes the locks and claims what is free, in one round
trip. It is a function because planning the statement takes longer than running it, and a connection pooler may give
each transaction another session: the database keeps a function's plans in every session."""


class Full(Conflict):
    """The person has the maximum number of claims."""

    kind = FULL


def claim(
    session: Session,
    actor: Actor,
    request_id: int,
    *,
    needs: Sequence[int] | None = None,
    team: str | None = None,
    terms: Terms,
    now: datetime,
) -> Held:
    """Claims the free needs of a request and of those linked with it. The web layer has asked the policy.

    Claims are not in the audit log: its chain would allow only one claim at a time in the whole country. The events
    record them, and these cannot be changed either. Claiming again what one has already claimed gives the same answer.

    Args:
        needs: which of them; None: all free ones.
        team: an officer's own team, in words. Officers can send any number of teams.

    Raises:
        NotFound: there is no such request.
        Taken: another volunteer was faster.
        Full: the person has the maximum number of claims.
        Conflict: nothing is open, or the person is on a break.
        TooMany: a volunteer has seen the maximum number of exact locations, or returned several requests.
        Invalid: a need of another request was named.
    """
    assert actor.person_id is not None, "a person claims, or a program of theirs"
    is_volunteer = place_quota.is_volunteer(actor)
    if team is not None and is_volunteer:
        raise NotAllowed(N_("Only officers send teams."))
    session.flush()
    values = {
        "space": locks.PERSON.number, "person": str(actor.person_id), "request": request_id, "now": now,
        "hours": [terms.hours[word] for _level, word in sorted(URGENCIES.items())],
        "limit": terms.per_volunteer if team is None else None, "volunteer": is_volunteer,
        "needs": None if needs is None else list(needs), "team": team, "kind": actor.kind,
        "appointment": actor.appointment_id,
    }  # fmt: skip
    session.connection()  # starts the transaction: a session that only borrows a connection is not committed
    may_see = not is_volunteer or place_quota.refusal(session, actor, now, but=request_id) is None
    rows = database.driver_rows(session, _CLAIM, values) if may_see else []
    if not rows:
        return _nothing(session, actor, request_id, needs=needs, terms=terms, now=now, counts=team is None)
    session.expire_all()  # rows that were read before may have been changed by the function
    return Held(rows[0][1], tuple(row[0] for row in rows), rows[0][2], is_new=True)


def _nothing(
    session: Session, actor: Actor, request_id: int, *, needs: Sequence[int] | None, terms: Terms, now: datetime,
    counts: bool,
) -> Held:  # fmt: skip
    """The answer if nothing was claimed: it is already theirs, or an error with what to do now."""
    found = holding.group(session, request_id, lock=False)
    wanted = holding.chosen(found.needs, needs, found)
    mine = [need for need in found.held(now, actor.person_id) if need in wanted]
    if mine:
        ends = min(need.lease_ends_at for need in mine if need.lease_ends_at is not None)
        return Held(found.lead, tuple(need.id for need in mine), ends, is_new=False)
    if not [need for need in found.free(now) if need in wanted]:
        raise _gone(found, wanted, now)
    _fit(session, actor, now)
    if counts and count_held(session, actor, now, but=found.lead) >= terms.per_volunteer:
        raise Full(
            N_("You have %(count)s accepted requests, which is the limit. Finish or return one first."),
            count=terms.per_volunteer,
        )
    place_quota.within(session, actor, now, but=found.lead)
    raise Conflict(N_("This was just changed. Reload the page and try again."), kind=RETRY)


def _gone(found: Group, wanted: Sequence[holding.Need], now: datetime) -> Conflict:
    states = [now_in(need.state, need.lease_ends_at, now) for need in wanted]
    if found.held(now):
        return Taken(N_("Another volunteer accepted this first. Look for other requests near you."))
    return refuse("done" if "done" in states else min(states, default="cancelled"))


def _fit(session: Session, actor: Actor, now: datetime) -> None:
    """Raises an error for a person who is on a break, or whose right has just ended."""
    row = session.execute(
        select(Person.suspended_at, Volunteer.paused_at)
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(Person.id == actor.person_id, Person.erased_at.is_(None))
    ).one_or_none()
    if row is None or row.suspended_at is not None:
        raise NotAllowed(N_("This account is suspended. Ask the person who appointed you."), kind=SUSPENDED)
    own = select(Appointment.id).where(Appointment.id == actor.appointment_id, sessions.in_force(now))
    if actor.appointment_id is not None and session.execute(own).first() is None:
        raise NotAllowed(N_("Your role has just ended. Ask the officers of your area."))
    if row.paused_at is not None and actor.by is not None and actor.by.role == "volunteer":
        raise Conflict(
            N_("You are taking a break. End the break in your profile before you accept a request."), kind=PAUSED
        )


def count_held(session: Session, actor: Actor, now: datetime, *, but: int) -> int:
    """Number of requests that a person has claimed now; a lead and those linked with it count as one; ``but`` is left
    out."""
    lead = func.coalesce(HelpRequest.linked_to, HelpRequest.id)
    return session.execute(
        select(func.count(func.distinct(lead)))
        .select_from(HelpNeed)
        .join(HelpRequest, HelpRequest.id == HelpNeed.request_id)
        .where(HelpNeed.holder_id == actor.person_id, HelpNeed.lease_ends_at > now, lead != but)
    ).scalar_one()


def within_limit(session: Session, actor: Actor, terms: Terms, now: datetime, *, but: int) -> None:
    """Checks whether the person, whose lock the caller holds, may claim one more.

    Raises:
        Full, Conflict, NotAllowed, TooMany: as ``claim``.
    """
    _fit(session, actor, now)
    place_quota.within(session, actor, now, but=but)
    if count_held(session, actor, now, but=but) >= terms.per_volunteer:
        raise Full(
            N_("You have %(count)s accepted requests, which is the limit. Finish or return one first."),
            count=terms.per_volunteer,
        )
