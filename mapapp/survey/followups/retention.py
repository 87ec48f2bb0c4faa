"""Follow-ups whose time is over."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mapapp.survey.followups.models import FollowUp

BATCH: Final = 1_000


def delete_old(session: Session, now: datetime, *, days: int) -> int:
    """Deletes follow-ups that were written down so many days ago, whatever became of them, in a batch; how many.

    Args:
        days: of the service. The days that the person was told (``FollowUp.kept_days``) are used if they are fewer.
    """
    kept = func.make_interval(0, 0, 0, func.least(FollowUp.kept_days, days))
    due = select(FollowUp.id).where(FollowUp.made_at <= now - kept).order_by(FollowUp.made_at).limit(BATCH)
    gone = delete(FollowUp).where(FollowUp.id.in_(due.with_for_update(skip_locked=True)))
    return int(session.execute(gone.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
