"""Deletion after a time: closed requests, links and blocks."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from mapapp.core.actors import system
from mapapp.help_requests.models import HelpBlock, HelpLink, HelpRequest
from mapapp.help_requests.resident import erasure, steps

log = logging.getLogger(__name__)

LINKS_KEPT: Final = timedelta(days=2)
"""For this long a revoked link is kept."""

BLOCKS_KEPT: Final = timedelta(days=90)
"""A block that has ended is kept for this long, in case someone asks why the number was blocked."""

BATCH: Final = 500
"""Maximum number of requests that one run deletes: each is locked until the run ends."""


def erase_closed(session: Session, now: datetime, *, after_days: int) -> int:
    """Deletes the data of requests that were closed long enough ago, the oldest first, in a batch. Returns how many.

    The link ends with the data: as long as the data is stored, its resident has the page to see and delete it.

    Args:
        after_days: of the service (``Config.erase_after_days``). The days that the resident was told
            (``HelpRequest.kept_days``) are used if they are fewer.
    """
    due = select(HelpRequest.id).where(_is_due(now, after_days)).order_by(HelpRequest.closed_at).limit(BATCH)
    erased = 0
    for request_id in session.scalars(due).all():
        try:
            with session.begin_nested():
                erased += _erase(session, request_id, now, after_days)
        except Exception:  # one that cannot be deleted must not stop all others
            log.exception("request %d could not be erased; it is tried again in a while", request_id)
    return erased


def _erase(session: Session, request_id: int, now: datetime, after_days: int) -> bool:
    steps.lock(session, request_id, now)  # it may have been reopened or deleted since it was found
    still = select(HelpRequest.id).where(HelpRequest.id == request_id, _is_due(now, after_days))
    return session.execute(still).first() is not None and erasure.erase(session, system(), request_id, now)


def _is_due(now: datetime, after_days: int) -> Any:
    days = func.make_interval(0, 0, 0, func.least(HelpRequest.kept_days, after_days))
    return (HelpRequest.closed_at <= now - days) & HelpRequest.erased_at.is_(None)


def forget_links(session: Session, now: datetime) -> None:
    """Deletes revoked links, and blocks that ended long ago; those of deleted requests as soon as they end."""
    session.execute(
        delete(HelpLink).where(HelpLink.revoked_at < now - LINKS_KEPT).execution_options(synchronize_session=False)
    )
    ended = or_(HelpBlock.until < now - BLOCKS_KEPT, HelpBlock.lifted_at < now - BLOCKS_KEPT)
    over = HelpBlock.request_id.is_(None) & or_(HelpBlock.until <= now, HelpBlock.lifted_at.is_not(None))
    session.execute(delete(HelpBlock).where(or_(ended, over)).execution_options(synchronize_session=False))
