"""Groups of requests with the same need: the oldest open one leads, the others refer to it, and no request refers to
one that refers to another.

Volunteers see only leading requests. So if a leading request closes, an open one becomes the lead
(``resident.steps.pass_on``), and a request that is reopened behind a closed lead leads itself: every open request is
visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from mapapp.help_requests.models import HelpRequest

# Open requests behind a closed lead: the oldest open one of the group leads; the others and the old lead refer to it.
_RELEAD = text("""
WITH stranded AS (
    SELECT DISTINCT r.linked_to AS old
    FROM help_requests AS r
    JOIN help_requests AS lead ON lead.id = r.linked_to
    WHERE r.id = ANY (:ids) AND r.closed_at IS NULL AND lead.closed_at IS NOT NULL
),
chosen AS (
    SELECT DISTINCT ON (r.linked_to) r.linked_to AS old, r.id AS new
    FROM help_requests AS r
    JOIN stranded ON stranded.old = r.linked_to
    WHERE r.closed_at IS NULL
    ORDER BY r.linked_to, r.posted_at, r.id
)
UPDATE help_requests AS r SET linked_to = nullif(chosen.new, r.id)
FROM chosen
WHERE r.linked_to = chosen.old OR r.id = chosen.old
""")


class Member(NamedTuple):
    """A member of a group of linked requests."""

    id: int
    tambon_code: str
    linked_to: int | None
    is_open: bool


def relead(session: Session, request_ids: Sequence[int]) -> None:
    """Gives these open requests an open lead, if theirs is closed."""
    session.execute(_RELEAD, {"ids": list(request_ids)})


def members(session: Session, request_ids: Sequence[int]) -> list[Member]:
    """All requests of the groups of these requests, locked (lowest id first), ordered by the time they were sent."""
    lead = func.coalesce(HelpRequest.linked_to, HelpRequest.id)
    leads = select(lead).where(HelpRequest.id.in_(request_ids))
    rows = session.execute(
        select(
            HelpRequest.id, HelpRequest.tambon_code, HelpRequest.linked_to, HelpRequest.closed_at.is_(None),
            HelpRequest.posted_at,
        )
        .where(or_(HelpRequest.id.in_(leads), HelpRequest.linked_to.in_(leads)))
        .order_by(HelpRequest.id)
        .with_for_update()
    ).all()  # fmt: skip
    return [Member._make(row[:4]) for row in sorted(rows, key=lambda row: (row.posted_at, row.id))]


def join(session: Session, group: Sequence[Member]) -> int:
    """Makes one group of locked requests; the oldest open one leads (the oldest, if all are closed)."""
    lead = next((one.id for one in group if one.is_open), group[0].id)
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id.in_([one.id for one in group]))
        .values(linked_to=func.nullif(lead, HelpRequest.id))
        .execution_options(synchronize_session=False)
    )
    return lead


def leave(session: Session, group: Sequence[Member], request_id: int) -> None:
    """Removes one request from a locked group; the others keep their lead or get another."""
    rest = [one for one in group if one.id != request_id]
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == request_id)
        .values(linked_to=None)
        .execution_options(synchronize_session=False)
    )
    if rest:
        join(session, rest)
