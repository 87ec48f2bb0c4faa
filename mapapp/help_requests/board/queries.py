"""Reads of the board: its lists with their lengths, its rows, and the number on every officers' page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.queries import scope
from mapapp.database import free_texts
from mapapp.help_requests import states
from mapapp.help_requests.board.conditions import LEADS, LISTS, OPEN, ORDERS, URGENT, Condition, Times, within
from mapapp.help_requests.models import HelpNeed, HelpReport, HelpRequest

MOST_COUNTED: Final = 1_000
"""The length of a list is counted up to this; above it, the tab shows “1,000+”."""

MOST_WAITING: Final = 100
"""The number on every page is counted up to this."""


class Need(NamedTuple):
    """A need in the table; ``state`` is the state at this moment."""

    id: int
    request_id: int
    kind: str
    detail: str | None
    quantity: int | None
    state: str
    lease_ends_at: datetime | None
    drops: int
    contested: int


class Line(NamedTuple):
    """A row of the board, without personal data of the resident."""

    id: int
    urgency: int
    people: int
    bedridden: bool
    elderly: bool
    small_children: bool
    pregnant: bool
    on_behalf: bool
    source: str
    tambon_code: str
    cell_tambon_code: str
    posted_at: datetime
    first_claimed_at: datetime | None
    done_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    linked_to: int | None
    look: str | None
    held: bool
    has_phone: bool
    phone_shared: bool
    is_example: bool
    needs: list[Need]

    @property
    def held_until(self) -> datetime | None:
        """When the first of its claims ends."""
        return min((need.lease_ends_at for need in self.needs if need.lease_ends_at is not None), default=None)

    @property
    def drops(self) -> int:
        """How often a volunteer returned it or exceeded the time limit."""
        return max((need.drops for need in self.needs), default=0)

    @property
    def contested(self) -> bool:
        """Whether the resident answered that something was not done."""
        return any(need.contested for need in self.needs)


def counts(session: Session, area: str, at: Times) -> dict[str, int]:
    """Number of requests in each list of an area, each counted up to ``MOST_COUNTED``; one statement."""

    def length(name: str) -> Any:
        found = LISTS[name](at)
        rows = select(literal(1)).where(scope(HelpRequest.tambon_code, area), found).limit(MOST_COUNTED).subquery()
        return select(func.count()).select_from(rows).scalar_subquery().label(name)

    return session.execute(select(*(length(name) for name in LISTS))).one()._asdict()


def waiting(session: Session, areas: Sequence[str], now: datetime) -> int:
    """Number of urgent and life-threatening requests of these areas without a claim, up to ``MOST_WAITING``."""
    free = (OPEN, LEADS, HelpRequest.urgency <= URGENT, HelpRequest.free_from <= now, within(areas))
    rows = select(literal(1)).select_from(HelpRequest).where(*free).limit(MOST_WAITING).subquery()
    return session.execute(select(func.count()).select_from(rows)).scalar_one()


def lines(
    session: Session, conditions: Sequence[Condition], order: str, now: datetime, *, limit: int, after: int | None
) -> list[Line]:
    """Rows of a list after a given request, with their needs; three statements at most.

    Args:
        order: one of ``conditions.ORDERS``.
        after: the last request of the previous page. If it has left the list in the meantime, the first page is shown.
    """
    columns, downwards = ORDERS[order]
    statement = _rows().where(*conditions)
    if after is not None:
        last = session.execute(select(*columns).where(HelpRequest.id == after)).one_or_none()
        if last is not None and None not in last:
            here, there = tuple_(*columns), tuple_(*last)
            statement = statement.where(here < there if downwards else here > there)
    statement = statement.order_by(*(column.desc() if downwards else column for column in columns)).limit(limit)
    rows = session.execute(statement).all()
    needs: dict[int, list[Need]] = {row.id: [] for row in rows}
    for need in needs_of(session, list(needs), now):
        needs[need.request_id].append(need)
    return [Line._make((*row, needs[row.id])) for row in rows]


def _rows() -> Select[Any]:
    columns: tuple[Any, ...] = (
        HelpRequest.id, HelpRequest.urgency, HelpRequest.people, HelpRequest.bedridden, HelpRequest.elderly,
        HelpRequest.small_children, HelpRequest.pregnant, HelpRequest.on_behalf, HelpRequest.source,
        HelpRequest.tambon_code, HelpRequest.cell_tambon_code, HelpRequest.posted_at, HelpRequest.first_claimed_at,
        HelpRequest.done_at, HelpRequest.closed_at, HelpRequest.outcome, HelpRequest.linked_to,
        HelpRequest.look, HelpRequest.held, HelpRequest.phone_index.is_not(None), HelpRequest.phone_shared,
        HelpRequest.is_example,
    )  # fmt: skip
    return select(*columns)


def needs_of(session: Session, request_ids: Sequence[int], now: datetime) -> list[Need]:
    """The needs of these requests, in the order in which they were written."""
    statement = (
        select(
            HelpNeed.id, HelpNeed.request_id, HelpNeed.kind, HelpNeed.detail, HelpNeed.quantity, HelpNeed.state,
            HelpNeed.lease_ends_at, HelpNeed.drops, HelpNeed.contested,
        )
        .where(HelpNeed.request_id.in_(request_ids))
        .order_by(HelpNeed.id)
    )  # fmt: skip
    found = (Need._make(row) for row in session.execute(statement)) if request_ids else ()
    return [_by_the_clock(need, now) for need in found]


def _by_the_clock(need: Need, now: datetime) -> Need:
    state = states.now_in(need.state, need.lease_ends_at, now)
    return need._replace(state=state, lease_ends_at=need.lease_ends_at if state == need.state else None)


class Report(NamedTuple):
    """A problem that a volunteer or a resident reported, or that the service noticed."""

    id: int
    request_id: int
    tambon_code: str
    about: str
    reason: str
    note: str | None
    at: datetime
    handled_at: datetime | None
    outcome: str | None
    who: str | None
    """The volunteer that the service noticed."""


def reports(session: Session, *conditions: Condition, limit: int) -> list[Report]:
    """Reports, unresolved ones first, the oldest of these first."""
    statement = (
        select(
            HelpReport.id, HelpReport.request_id, HelpReport.tambon_code, HelpReport.about,
            HelpReport.reason, free_texts.behind(HelpReport.note_text), HelpReport.at, HelpReport.handled_at,
            HelpReport.outcome, case((HelpReport.about == "given_back", Person.name)),
        )
        .outerjoin(Person, and_(Person.id == HelpReport.volunteer_id, Person.erased_at.is_(None)))
        .where(*conditions)
        .order_by(HelpReport.handled_at.is_not(None), HelpReport.id)
        .limit(limit)
    )  # fmt: skip
    return [Report._make(row) for row in session.execute(statement)]
