"""The lists of the board as SQL conditions. Each of them has an index (``models``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, and_, case, exists, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in.sessions import in_force
from mapapp.areas.queries import scope
from mapapp.help_requests import states
from mapapp.help_requests.asking.duplicates import WITHIN
from mapapp.help_requests.board.schemas import BoardQuery
from mapapp.help_requests.labels import FINISHED, URGENCIES, URGENCY
from mapapp.help_requests.models import HelpBlock, HelpNeed, HelpReport, HelpRequest
from mapapp.help_requests.working.lease_terms import Terms

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Times:
    """The moment of a query, and the settings that its result depends on."""

    now: datetime
    old_days: int
    """Days after which the resident is asked whether a request is still needed."""
    terms: Terms
    """Duration of a claim by urgency."""


TWICE_WITHIN: Final = WITHIN
"""Two requests within this time can be duplicates."""

OPEN: Condition = HelpRequest.closed_at.is_(None)
LEADS: Condition = HelpRequest.linked_to.is_(None)
"""SQL condition: the leading request of a group. Lists for volunteers show only these."""

URGENT: Final = URGENCY["urgent"]
"""Requests of this urgency or a higher one are counted on every officers' page."""


def within(areas: Sequence[str]) -> Condition:
    """SQL condition: “in one of these areas”. Without areas: never true."""
    return or_(*(scope(HelpRequest.tambon_code, code) for code in areas)) if areas else ~true()


def need_where(*conditions: Condition) -> Condition:
    """SQL condition: “one of its needs matches”."""
    return HelpRequest.id.in_(select(HelpNeed.request_id).where(*conditions))


def unclaimed(now: datetime) -> Condition:
    """SQL condition: a part of it can be claimed now."""
    return and_(OPEN, LEADS, HelpRequest.free_from <= now)


def _expiring(at: Times) -> Condition:
    """SQL condition: in the last quarter of a claim. Few needs are claimed at a time, so the partial index of needs is
    small."""
    within = case({level: at.now + at.terms.length(level) / 4 for level in URGENCIES}, value=HelpRequest.urgency)
    # First without the urgency, using the index of claimed needs; then with it.
    held = HelpRequest.id.in_(select(HelpNeed.request_id).where(states.is_held(at.now)))
    late = states.is_held(at.now), HelpNeed.lease_ends_at <= within
    return and_(OPEN, held, exists().where(HelpNeed.request_id == HelpRequest.id, *late))


def _unfinished_needs(*conditions: Condition) -> Condition:
    return and_(OPEN, need_where(HelpNeed.state.not_in(FINISHED), *conditions))


def no_contact() -> Condition:
    """SQL condition: volunteers cannot call: there is no number, or the resident has stopped sharing it."""
    return and_(OPEN, or_(HelpRequest.phone_index.is_(None), HelpRequest.phone_shared.is_(False)))


def _perhaps_twice() -> Condition:
    other, mine, theirs = aliased(HelpRequest), aliased(HelpNeed), aliased(HelpNeed)
    near = func.abs(func.extract("epoch", other.posted_at - HelpRequest.posted_at)) <= TWICE_WITHIN.total_seconds()
    another = and_(other.id != HelpRequest.id, other.closed_at.is_(None), near)
    same_phone = exists().where(another, other.phone_index == HelpRequest.phone_index)
    shared = exists().where(mine.request_id == HelpRequest.id, theirs.request_id == other.id, mine.kind == theirs.kind)
    shared = shared.correlate(HelpRequest, other)
    # A cell that is a whole tambon does not show that two requests are near each other.
    same_place = exists().where(another, other.cell_key == HelpRequest.cell_key, other.linked_to.is_(None), shared)
    return and_(OPEN, LEADS, or_(same_phone, and_(HelpRequest.cell_size > 0, same_place)))


def old(now: datetime, days: int) -> Condition:
    """SQL condition: no one has confirmed for this many days that it is still needed, or the resident was asked."""
    return and_(OPEN, or_(HelpRequest.confirmed_at < now - timedelta(days=days), HelpRequest.asked_at.is_not(None)))


def _nobodys(now: datetime) -> Condition:
    officer = (
        select(Appointment.area_code)
        .join(Person, Person.id == Appointment.person_id)
        .where(Appointment.role == "tambon_officer", in_force(now), Person.suspended_at.is_(None))
    )
    return and_(OPEN, HelpRequest.tambon_code.not_in(officer))


LISTS: Final[dict[str, Callable[[Times], Condition]]] = {
    "unclaimed": lambda at: unclaimed(at.now),
    "look": lambda _: and_(OPEN, HelpRequest.look.is_not(None)),
    "expiring": _expiring,
    "dropped": lambda _: _unfinished_needs(HelpNeed.drops >= 2),
    "contested": lambda _: _unfinished_needs(HelpNeed.contested > 0),
    "no_contact": lambda _: no_contact(),
    "duplicates": lambda _: _perhaps_twice(),
    "old": lambda at: old(at.now, at.old_days),
    "nobodys": lambda at: _nobodys(at.now),
    "border": lambda _: and_(OPEN, HelpRequest.cell_tambon_code != HelpRequest.tambon_code),
    "blocked": lambda at: HelpRequest.id.in_(
        select(HelpBlock.request_id).where(HelpBlock.lifted_at.is_(None), HelpBlock.until > at.now)
    ),
    "reports": lambda _: HelpRequest.id.in_(select(HelpReport.request_id).where(HelpReport.handled_at.is_(None))),
    "open": lambda _: OPEN,
    "closed": lambda _: HelpRequest.closed_at.is_not(None),
}
"""List → its SQL condition."""


def matching(wanted: BoardQuery, area: str, at: Times) -> list[Condition]:
    """The requests that the officer asked for: the list, or all if there is a search."""
    found = [scope(HelpRequest.tambon_code, area)]
    if wanted.q:
        number = HelpRequest.id == int(wanted.q) if len(wanted.q) <= 18 else ~true()
        place = scope(HelpRequest.tambon_code, wanted.q) if len(wanted.q) in (2, 4, 6) else ~true()
        found.append(or_(number, place))
    else:
        found.append(LISTS[wanted.tab](at))
    if wanted.urgency:
        found.append(HelpRequest.urgency == URGENCY[wanted.urgency])
    if wanted.kind:
        found.append(
            exists().where(
                HelpNeed.request_id == HelpRequest.id, HelpNeed.kind == wanted.kind
            )  # few rows for each request
        )
    return found


# Order ------------------------------------------------------------------------------------------------------------

MANY_FROM_ONE: Final = literal_column("coalesce(help_requests.look IN ('number', 'network'), false)", Boolean)
"""SQL expression: it came with many others from one number or network. Written as in the index."""

ORDERS: Final[dict[str, tuple[tuple[Any, ...], bool]]] = {
    "urgency": ((HelpRequest.urgency, MANY_FROM_ONE, HelpRequest.posted_at, HelpRequest.id), False),
    "oldest": ((HelpRequest.posted_at, HelpRequest.id), False),
    "newest": ((HelpRequest.posted_at, HelpRequest.id), True),
    "tambon": ((HelpRequest.tambon_code, HelpRequest.posted_at, HelpRequest.id), False),
    "closed": ((HelpRequest.closed_at, HelpRequest.id), True),
}
"""Order → the columns by which pages continue, and whether descending. ``closed`` is the order of closed requests."""


def order_of(wanted: BoardQuery) -> str:
    """The order of a list: closed requests are always newest first."""
    return "closed" if wanted.tab == "closed" and not wanted.q else wanted.sort
