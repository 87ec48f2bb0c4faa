"""Possible duplicates: requests with the same phone number, or with similar cell, need and description, within two
days.

Only officers see them, and link or merge them. The sender learns nothing: anyone can enter any phone number, so the
answer is the same whether or not the number has sent a request before. About requests of others the sender sees only
the counts that everyone sees.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from mapapp.areas.queries import scope
from mapapp.core.clock import midnight, today
from mapapp.core.contact_fields import phone_index
from mapapp.core.errors import N_, NotFound
from mapapp.core.vault import Vault
from mapapp.help_requests.models import HelpNeed, HelpRequest

WITHIN: Final = timedelta(hours=48)
ALIKE: Final = 0.3
"""Descriptions with at least this trigram similarity may belong to the same request (default of pg_trgm)."""

_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Similar:
    """A possible duplicate, for an officer of its area."""

    request_id: int
    posted_at: datetime
    urgency: int
    tambon_code: str
    kinds: tuple[str, ...]
    same_phone: bool
    same_cell: bool
    likeness: float
    """Similarity of the descriptions, 0–1."""


def similar(
    session: Session,
    vault: Vault,
    *,
    phone: str | None,
    cell_key: str,
    kinds: Collection[str],
    description: str,
    now: datetime,
    within: str | None = None,
    leave_out: int | None = None,
) -> list[Similar]:
    """Open requests that may be duplicates: those with the same phone number first, then the newest; at most 20.

    Args:
        phone: E.164.
        cell_key, kinds, description: of the request that is compared.
        within: the area whose requests may be shown; None: all.
        leave_out: the request itself.
    """
    index = None if phone is None else phone_index(vault, phone)
    return _similar(session, index, cell_key, kinds, description, now, within, leave_out)


def similar_to(session: Session, request_id: int, *, now: datetime, within: str | None = None) -> list[Similar]:
    """Possible duplicates of an existing request.

    Raises:
        NotFound: there is no such request.
    """
    row = session.execute(
        select(HelpRequest.phone_index, HelpRequest.cell_key, HelpRequest.description, HelpRequest.posted_at).where(
            HelpRequest.id == request_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound(N_("Request not found."))
    kinds = session.scalars(select(HelpNeed.kind).where(HelpNeed.request_id == request_id)).all()
    # Two days around the time it was sent, not around today: officers can read it later.
    return _similar(
        session, row.phone_index, row.cell_key, kinds, row.description, min(now, row.posted_at + WITHIN), within,
        request_id, since=row.posted_at - WITHIN,
    )  # fmt: skip


def _similar(
    session: Session,
    index: bytes | None,
    cell_key: str,
    kinds: Collection[str],
    description: str,
    now: datetime,
    within: str | None,
    leave_out: int | None,
    *,
    since: datetime | None = None,
) -> list[Similar]:
    same_phone: ColumnElement[bool] = false() if index is None else HelpRequest.phone_index == index
    likeness: Any = func.similarity(HelpRequest.description, description)
    named = select(HelpNeed.id).where(HelpNeed.request_id == HelpRequest.id, HelpNeed.kind.in_(kinds))
    same_place = and_(
        HelpRequest.cell_key == cell_key,
        HelpRequest.posted_at.between(since or now - WITHIN, now),
        named.exists(),
        likeness >= ALIKE,
    )
    statement = (
        select(
            HelpRequest.id, HelpRequest.posted_at, HelpRequest.urgency, HelpRequest.tambon_code, _kinds(),
            case((same_phone, True), else_=False), HelpRequest.cell_key == literal(cell_key), likeness,
        )
        .where(HelpRequest.closed_at.is_(None), HelpRequest.linked_to.is_(None), or_(same_phone, same_place))
        .where(scope(HelpRequest.tambon_code, within))
        .order_by(case((same_phone, 0), else_=1), HelpRequest.posted_at.desc(), HelpRequest.id.desc())
        .limit(_AT_MOST)
    )  # fmt: skip
    if leave_out is not None:
        statement = statement.where(HelpRequest.id != leave_out)
    rows = session.execute(statement).all()
    return [Similar(row[0], row[1], row[2], row[3], tuple(row[4]), row[5], row[6], row[7]) for row in rows]


def asked_before(session: Session, vault: Vault, phone: str, cell_tambon_code: str) -> bool:
    """Whether this number has an open request in this tambon. Only officers see the mark."""
    mine = HelpRequest.phone_index == phone_index(vault, phone), HelpRequest.cell_tambon_code == cell_tambon_code
    statement = select(HelpRequest.id).where(*mine, HelpRequest.closed_at.is_(None)).limit(1)
    return session.execute(statement).first() is not None


def others_nearby(session: Session, request_id: int, now: datetime) -> int:
    """Number of other requests in the same cell with the same need, sent today or on the two days before. Public cells
    show it, too.

    Whole days: a count that changes within seconds would reveal when a neighbour sent a request.
    """
    kinds = select(HelpNeed.kind).where(HelpNeed.request_id == request_id)
    own = select(HelpRequest.cell_key).where(HelpRequest.id == request_id).scalar_subquery()
    its = aliased(HelpNeed)
    named = select(its.id).where(its.request_id == HelpRequest.id, its.kind.in_(kinds))
    statement = select(func.count()).where(
        HelpRequest.cell_key == own,
        HelpRequest.id != request_id,
        HelpRequest.closed_at.is_(None),
        HelpRequest.posted_at >= midnight(today(now - WITHIN)),
        named.exists(),
    )
    return session.execute(statement).scalar_one()


def _kinds() -> Any:
    of_it = select(func.array_agg(HelpNeed.kind)).where(HelpNeed.request_id == HelpRequest.id)
    return of_it.correlate(HelpRequest).scalar_subquery()
