"""Reads of rounds, and of the announcements that end them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.errors import N_, NotFound
from mapapp.survey.models import SurveyEnding, SurveyRound
from mapapp.survey.rounds.schemas import Ending, Round


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        SurveyRound.id, SurveyRound.name, SurveyRound.area_code, SurveyRound.starts_on, SurveyRound.ends_on,
        SurveyRound.version, SurveyRound.opened_at, SurveyRound.closed_at, SurveyRound.is_example,
    )  # fmt: skip


def touches(areas: Iterable[str]) -> ColumnElement[bool]:
    """Rounds that have to do with one of these areas: inside it, or around it."""
    conditions: list[ColumnElement[bool]] = []
    for area in areas:
        if area == "TH":
            return true()
        around = [area[:length] for length in (2, 4, 6) if length <= len(area)]
        conditions += [SurveyRound.area_code.like(f"{area}%"), SurveyRound.area_code.in_(("TH", *around))]
    return or_(*conditions) if conditions else false()


def get(session: Session, round_id: int) -> Round:
    """One round.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(_rows().where(SurveyRound.id == round_id)).one_or_none()
    if row is None:
        raise NotFound(N_("This survey was not found."))
    return Round(*row)


def listed(session: Session, areas: Iterable[str], *, begun: bool = False) -> list[Round]:
    """The rounds that have to do with these areas, the open ones first, then the newest.

    Args:
        begun: without those that were never opened.
    """
    asked = _rows().where(touches(areas))
    if begun:
        asked = asked.where(SurveyRound.opened_at.is_not(None))
    order = (SurveyRound.closed_at.is_not(None), SurveyRound.opened_at.is_(None), SurveyRound.starts_on.desc())
    return [Round(*row) for row in session.execute(asked.order_by(*order, SurveyRound.id.desc()))]


def endings(session: Session, round_id: int) -> list[Ending]:
    """The announcements in force, the widest area first."""
    rows = session.execute(
        select(SurveyEnding.id, SurveyEnding.area_code, SurveyEnding.reason, SurveyEnding.at, Person.name)
        .outerjoin(Person, Person.id == SurveyEnding.by_person)
        .where(SurveyEnding.round_id == round_id, SurveyEnding.lifted_at.is_(None))
        .order_by(SurveyEnding.area_code)
    )
    return [Ending(*row) for row in rows]


def ending_of(session: Session, round_id: int, code: str) -> Ending | None:
    """The announcement by which the round has ended in this village or area; None while it goes on."""
    return next((one for one in endings(session, round_id) if one.covers(code)), None)
