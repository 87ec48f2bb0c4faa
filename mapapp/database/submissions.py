"""Forms that were sent: one that comes again under the same key gets the same answer."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import DateTime, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from mapapp.database.base import Base
from mapapp.database.scheduler import Chore


class Submission(Base):
    """A form or request that was sent once, by the key its page was given: sent again, it has the same answer."""

    __tablename__ = "submissions"

    key: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sender: Mapped[str]
    """Who sent it: another person's key finds nothing."""
    answer: Mapped[str]
    """The address the sender was led to."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


SUBMISSIONS_KEPT = timedelta(days=30)
"""A tab that was left open longer than this and is sent again is sent for the first time."""


def forget_submissions(session: Session, now: datetime) -> int:
    """Deletes form keys that will not be sent again; returns how many."""
    gone = delete(Submission).where(Submission.at < now - SUBMISSIONS_KEPT).returning(Submission.key)
    return len(session.execute(gone).all())


def chores() -> list[Chore]:
    """What the scheduler does about them."""
    return [Chore("old forms", timedelta(days=1), forget_submissions)]
