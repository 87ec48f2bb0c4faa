"""What time alone takes away: counts for limits, links and blocks that have served."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from mapapp.help_requests.models import HelpBlock, HelpCount, HelpLink, HelpRequest

COUNTS_KEPT: Final = timedelta(days=2)
"""The longest limit counts a day."""

LINKS_KEPT: Final = timedelta(days=90)
"""After a request has closed, its page stays readable for so long."""


def forget_counts(session: Session, now: datetime) -> None:
    """Takes away what no limit looks at any more."""
    session.execute(delete(HelpCount).where(HelpCount.at < now - COUNTS_KEPT))


def forget_links(session: Session, now: datetime) -> None:
    """Takes away links of requests that closed long ago, revoked links, and blocks that ended."""
    long_closed = select(HelpRequest.id).where(HelpRequest.closed_at < now - LINKS_KEPT)
    session.execute(
        delete(HelpLink)
        .where(or_(HelpLink.request_id.in_(long_closed), HelpLink.revoked_at < now - COUNTS_KEPT))
        .execution_options(synchronize_session=False)
    )
    ended = or_(HelpBlock.until < now - LINKS_KEPT, HelpBlock.lifted_at < now - LINKS_KEPT)
    session.execute(delete(HelpBlock).where(ended).execution_options(synchronize_session=False))
