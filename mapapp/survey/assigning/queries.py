"""Reads of assignments, and of who can be assigned."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select, union
from sqlalchemy.orm import Session

from mapapp.accounts.appointing.service import not_over
from mapapp.accounts.models import Appointment, Person
from mapapp.areas.models import Village
from mapapp.areas.queries import scope
from mapapp.survey.assigning.schemas import Assigned, Recorder, Sender, VillageName
from mapapp.survey.models import SurveyAssignment, SurveyEntry, SurveyVillage


def villages(session: Session, round_id: int, area: str | None) -> list[VillageName]:
    """The villages of an area: those of the list, and those that are assigned or recorded without standing in it.

    Args:
        area: its code; ``TH`` or None: everywhere.
    """
    listed = select(Village.code).where(scope(Village.code, area))
    others = [
        select(table.village_code).where(table.round_id == round_id, scope(table.village_code, area))
        for table in (SurveyVillage, SurveyAssignment)
    ]
    codes = union(listed, *others).subquery()
    rows = select(codes.c.code, Village.name_th, Village.name_en).outerjoin(Village, Village.code == codes.c.code)
    return [VillageName(*row) for row in session.execute(rows.order_by(codes.c.code))]


def named(session: Session, codes: Collection[str]) -> dict[str, VillageName]:
    """What these villages are called; one that is not in the list goes by its number."""
    rows = session.execute(select(Village.code, Village.name_th, Village.name_en).where(Village.code.in_(codes)))
    known = {row.code: VillageName(*row) for row in rows} if codes else {}
    return {code: known.get(code, VillageName(code)) for code in codes}


def assigned(session: Session, round_id: int, area: str | None) -> list[Assigned]:
    """The assignments in force in an area, village by village."""
    rows = session.execute(
        select(
            SurveyAssignment.id, SurveyAssignment.village_code, SurveyAssignment.person_id, Person.name,
            SurveyAssignment.at,
        )
        .join(Person, Person.id == SurveyAssignment.person_id)
        .where(
            SurveyAssignment.round_id == round_id,
            SurveyAssignment.ended_at.is_(None),
            scope(SurveyAssignment.village_code, area),
        )
        .order_by(SurveyAssignment.village_code, Person.name)
    )  # fmt: skip
    return [Assigned(*row) for row in rows]


def of_person(session: Session, round_id: int, person_id: uuid.UUID) -> list[str]:
    """The villages somebody has in a round."""
    mine = (SurveyAssignment.round_id == round_id, SurveyAssignment.person_id == person_id)
    asked = select(SurveyAssignment.village_code).where(*mine, SurveyAssignment.ended_at.is_(None))
    return list(session.scalars(asked.order_by(SurveyAssignment.village_code)))


def recorders(session: Session, area: str, now: datetime) -> list[Recorder]:
    """The data volunteers whose area lies in this one, or around it; by name."""
    around = ["TH", *(area[:length] for length in (2, 4, 6) if length <= len(area))]
    rows = session.execute(
        select(Person.id, Person.name, Person.organisation, func.array_agg(Appointment.area_code.distinct()))
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.role == "data_volunteer",
            Appointment.starts_at <= now,
            not_over(now),
            or_(scope(Appointment.area_code, area), Appointment.area_code.in_(around)),
            Person.erased_at.is_(None),
            Person.suspended_at.is_(None),
        )
        .group_by(Person.id)
        .order_by(Person.name, Person.id)
    )
    return [Recorder(row[0], row[1], row[2], tuple(row[3])) for row in rows]


def senders(session: Session, round_id: int, area: str | None) -> list[Sender]:
    """Who has villages in an area, with when their last entry of the round came; who never sent one comes first."""
    last = (
        select(func.max(SurveyEntry.received_at))
        .where(SurveyEntry.round_id == round_id, SurveyEntry.by_person == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Person.id, Person.name, func.count(SurveyAssignment.village_code), last.label("last_at"))
        .join(SurveyAssignment, SurveyAssignment.person_id == Person.id)
        .where(
            SurveyAssignment.round_id == round_id,
            SurveyAssignment.ended_at.is_(None),
            scope(SurveyAssignment.village_code, area),
        )
        .group_by(Person.id)
        .order_by(last.nulls_first(), Person.name)
    )
    return [Sender(*row) for row in rows]
