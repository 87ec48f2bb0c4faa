"""Writes of the announcements that end reporting. Nothing commits; who may is asked here."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts import policy
from mapapp.areas.models import Area
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.statistics.ending.models import StatisticsEnding
from mapapp.statistics.ending.schemas import EndIn

END: Final = "statistics.end"


def end(session: Session, actor: Actor, data: EndIn, now: datetime) -> None:
    """Ends reporting in an area, with the reason for everybody to read. Its figures stay.

    Raises:
        Invalid: no area has this code.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Conflict: it has ended there already.
    """
    known = select(Area.code).where(Area.code == data.area)
    if data.area != "TH" and session.scalars(known).one_or_none() is None:
        raise invalid("area", N_("There is no area with the code %(code)s."), code=data.area)
    acting = policy.demand(actor, END, data.area, now)
    made = session.execute(
        insert(StatisticsEnding)
        .values(area_code=data.area, reason=data.reason, at=now, by_person=actor.person_id)
        .on_conflict_do_nothing()
        .returning(StatisticsEnding.id)
    ).one_or_none()
    if made is None:
        raise Conflict(N_("Reporting has already ended in this area."))
    audit.record(
        session, acting, "statistics.end", "area", data.area, area_code=data.area, now=now,
        words={"reason": data.reason},
    )  # fmt: skip
    database.mark_changed(session, "statistics")


def lift(session: Session, actor: Actor, ending_id: int, now: datetime) -> None:
    """Takes an announcement back: the area reports again. Twice is once.

    Raises:
        NotFound: there is no such announcement.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    mine = StatisticsEnding.id == ending_id
    area = session.scalars(select(StatisticsEnding.area_code).where(mine)).one_or_none()
    if area is None:
        raise NotFound(N_("This announcement was not found."))
    acting = policy.demand(actor, END, area, now)
    change = update(StatisticsEnding).where(mine, StatisticsEnding.lifted_at.is_(None)).values(lifted_at=now)
    done = session.execute(change.returning(StatisticsEnding.id).execution_options(synchronize_session=False))
    if done.one_or_none() is not None:
        audit.record(session, acting, "statistics.resume", "area", area, area_code=area, now=now)
        database.mark_changed(session, "statistics")
