"""Help events for live updates: the fields that watchers need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mapapp.accounts.signing_in import sessions
from mapapp.help_requests.models import HelpEvent
from mapapp.web.live import Feed, Happened


def read(session: Session, after: int, missing: Sequence[int]) -> list[Happened]:
    """Events with ids above ``after``, and those of ``missing`` that have appeared since, by id."""
    new = HelpEvent.id > after
    wanted = or_(new, HelpEvent.id.in_(missing)) if missing else new
    columns = select(HelpEvent.id, HelpEvent.cell_tambon_code, HelpEvent.tambon_code)
    return [Happened._make(row) for row in session.execute(columns.where(wanted).order_by(HelpEvent.id))]


def newest(session: Session) -> int:
    """The highest visible id."""
    return session.execute(select(func.coalesce(func.max(HelpEvent.id), 0))).scalar_one()


FEED: Final = Feed(read, newest, sessions.still)
