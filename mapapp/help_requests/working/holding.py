"""A request with those linked with it, locked, and the current holder of each of its needs.

Every change of a need begins here, with the same locks in the same order: the person (if their claims are counted), the
requests (lowest id first), their needs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, aliased

from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.core.problem_types import LEASE_OVER, TAKEN
from mapapp.database import locks
from mapapp.help_requests import written_texts
from mapapp.help_requests.labels import LEASED
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.states import STEPS, now_in, refuse


class Taken(Conflict):
    """Another person has claimed it."""

    kind = TAKEN


class LeaseOver(Conflict):
    """It was theirs, and the time limit has expired."""

    kind = LEASE_OVER


@dataclass(frozen=True)
class Held:
    """What is claimed, or was changed. ``is_new`` is False if it was already done."""

    request_id: int
    """The leading request."""
    needs: tuple[int, ...]
    ends_at: datetime | None
    """When the first of these claims ends; None: none is left."""
    is_new: bool


@dataclass(frozen=True)
class Need:
    """A need at the moment it was locked."""

    id: int
    request_id: int
    state: str
    holder_id: uuid.UUID | None
    lease_ends_at: datetime | None


@dataclass(frozen=True)
class Group:
    """A leading request and those linked with it: claimed and shown together."""

    lead: int
    requests: tuple[int, ...]
    urgency: int
    """The highest urgency among them."""
    cell_tambon_code: str
    """Of the leading request."""
    needs: tuple[Need, ...]

    def held(self, now: datetime, by: uuid.UUID | None = None) -> list[Need]:
        """The needs that are claimed now; with ``by`` only those of this person."""
        return [
            need
            for need in self.needs
            if now_in(need.state, need.lease_ends_at, now) in LEASED and (by is None or need.holder_id == by)
        ]

    def free(self, now: datetime) -> list[Need]:
        """The needs that can be claimed now."""
        return [need for need in self.needs if now_in(need.state, need.lease_ends_at, now) == "open"]


def lock_person(session: Session, person_id: uuid.UUID) -> None:
    """Locks the claims of this person until the end of the transaction: no one else counts or changes them."""
    locks.take(session, locks.PERSON, str(person_id))


def lead_of(request_id: int) -> Any:
    """The id of the leading request, as a scalar subquery."""
    one = aliased(HelpRequest)
    return select(func.coalesce(one.linked_to, one.id)).where(one.id == request_id).scalar_subquery()


def group(session: Session, request_id: int, *, lock: bool = True) -> Group:
    """The request and all linked with it, locked for a change unless ``lock`` is False.

    Raises:
        NotFound: there is no such request.
    """
    columns = (HelpRequest.id, HelpRequest.linked_to, HelpRequest.urgency, HelpRequest.cell_tambon_code)
    lead = lead_of(request_id)
    of_it = select(*columns).where(or_(HelpRequest.id == lead, HelpRequest.linked_to == lead)).order_by(HelpRequest.id)
    rows = session.execute(of_it.with_for_update() if lock else of_it).all()
    first = next((row for row in rows if row.linked_to is None), None)
    if first is None:
        raise NotFound(N_("Request not found."))
    ids = [row.id for row in rows]
    facts = (HelpNeed.id, HelpNeed.request_id, HelpNeed.state, HelpNeed.holder_id, HelpNeed.lease_ends_at)
    wanted = select(*facts).where(HelpNeed.request_id.in_(ids)).order_by(HelpNeed.id)
    needs = [Need(*row) for row in session.execute(wanted.with_for_update() if lock else wanted)]
    return Group(first.id, tuple(ids), min(row.urgency for row in rows), first.cell_tambon_code, tuple(needs))


def chosen(needs: Sequence[Need], ids: Iterable[int] | None, found: Group) -> list[Need]:
    """The needs that were named; all if none was.

    Raises:
        Invalid: one of them belongs to another request.
    """
    if ids is None:
        return list(needs)
    wanted = set(ids)
    if wanted - {need.id for need in found.needs}:
        raise invalid("needs", N_("Choose from what this request needs."))
    return [need for need in needs if need.id in wanted]


def check(step: str, needs: Sequence[Need]) -> None:
    """Checks a step with the state machine.

    Raises:
        Conflict: the step is not possible from one of these states.
    """
    for need in needs:
        if need.state not in STEPS[step].from_:
            raise refuse(need.state)


def refuse_holder(found: Group, actor: Actor, now: datetime) -> NoReturn:
    """Raises the error for a holder's step by a person who has no claim of this request.

    Raises:
        LeaseOver, Taken, Conflict: always one of them.
    """
    free = found.free(now)
    if any(need.holder_id == actor.person_id for need in free if need.state in LEASED):
        raise LeaseOver(
            N_("Your time limit has expired, so the request is open for others again. You can accept it again.")
        )
    if found.held(now):
        raise Taken(N_("Another volunteer has accepted this now. Thank you. Look for other requests near you."))
    if free:
        raise LeaseOver(N_("You do not have this request now. It is open: accept it first."))
    states = {now_in(need.state, need.lease_ends_at, now) for need in found.needs} or {"cancelled"}
    raise refuse("done" if "done" in states else min(states))


def end_leases(
    session: Session, actor: Actor, needs: Sequence[Need], how: str, now: datetime, *, reason: str | None = None,
    note: str | None = None,
) -> None:  # fmt: skip
    """Ends the current claims of these needs.

    Args:
        reason: a word.
        note: free text of the actor; stored separately for each request, because each is deleted separately.
    """
    for request_id in sorted({need.request_id for need in needs}):
        of_it = [need.id for need in needs if need.request_id == request_id]
        number = written_texts.kept(session, actor, request_id, note, now)
        session.execute(
            update(HelpLease)
            .where(HelpLease.need_id.in_(of_it), HelpLease.ended_at.is_(None))
            .values(ended_at=now, how_ended=how, reason=reason, note_text=number)
            .execution_options(synchronize_session=False)
        )
