"""Writes of confirmed Fridays. Nothing commits; who may is asked here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.areas.models import Area
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound
from mapapp.statistics.confirming.models import StatisticsConfirmation
from mapapp.statistics.confirming.schemas import ConfirmIn
from mapapp.statistics.ending import queries as endings
from mapapp.statistics.fridays import queries as fridays

CONFIRM: Final = "statistics.confirm"


def confirm(session: Session, actor: Actor, friday: date, data: ConfirmIn, now: datetime) -> None:
    """A province says that it has looked at its figures of a Friday. Again, with another note, it replaces the first.

    Raises:
        NotFound: that Friday was not frozen, or there is no such province.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Conflict: reporting has ended there.
    """
    acting = policy.demand(actor, CONFIRM, data.province, now)
    known = select(Area.code).where(Area.code == data.province, Area.level == "province")
    if session.scalars(known).one_or_none() is None:
        raise NotFound(N_("There is no area with the code %(code)s."), code=data.province)
    if fridays.find(session, friday) is None:
        raise NotFound(N_("This Friday was not found."))
    if endings.of(session, data.province) is not None:
        raise Conflict(N_("Reporting has ended in this area. There is nothing to confirm."))
    row = insert(StatisticsConfirmation).values(
        friday=friday, province_code=data.province, at=now, by_person=actor.person_id, note=data.note
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["friday", "province_code"],
            set_={"at": row.excluded.at, "by_person": row.excluded.by_person, "note": row.excluded.note},
        )
    )
    audit.record(
        session, acting, "statistics.confirm", "area", data.province, area_code=data.province, now=now,
        details={"friday": friday.isoformat()}, words={"note": data.note},
    )  # fmt: skip
