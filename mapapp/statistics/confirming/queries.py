"""Reads of confirmed Fridays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.statistics.confirming.models import StatisticsConfirmation
from mapapp.statistics.confirming.schemas import Confirmation


def of_friday(session: Session, friday: date) -> dict[str, Confirmation]:
    """Province → its confirmation."""
    rows = session.execute(
        select(
            StatisticsConfirmation.province_code, StatisticsConfirmation.at, Person.name, StatisticsConfirmation.note
        )
        .outerjoin(Person, Person.id == StatisticsConfirmation.by_person)
        .where(StatisticsConfirmation.friday == friday)
    )
    return {row[0]: Confirmation(*row) for row in rows}


def counts(session: Session, fridays: Iterable[date], area: str) -> dict[date, int]:
    """Friday → how many provinces of an area have confirmed it; ``TH``: of the country, else one."""
    asked = select(StatisticsConfirmation.friday, func.count()).where(StatisticsConfirmation.friday.in_(list(fridays)))
    if area != "TH":
        asked = asked.where(StatisticsConfirmation.province_code == area[:2])
    return {row[0]: row[1] for row in session.execute(asked.group_by(StatisticsConfirmation.friday))}
