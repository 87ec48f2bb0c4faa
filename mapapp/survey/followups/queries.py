"""Reads of follow-ups. None of them reads a name: that is ``service.reveal``, on record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from mapapp.accounts.models import Person
from mapapp.areas.queries import scope
from mapapp.core.errors import N_, NotFound
from mapapp.survey.followups.models import FollowUp, FollowUpView
from mapapp.survey.followups.schemas import Listed, Seen
from mapapp.survey.models import SurveyEntry

MOST_COUNTED: Final = 100
"""Open follow-ups are counted up to here."""

UNFINISHED: Final = FollowUp.state.in_(("open", "requested"))

_ENDED_BY: Final = aliased(Person)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            FollowUp.id, FollowUp.round_id, FollowUp.entry_id, FollowUp.village_code, SurveyEntry.household,
            FollowUp.reason, FollowUp.language, FollowUp.state, FollowUp.made_at, FollowUp.by_person, Person.name,
            FollowUp.changed_at, FollowUp.request_id, FollowUp.request_outcome, FollowUp.ended_at, _ENDED_BY.name,
            FollowUp.forgotten_at, FollowUp.kept_days, FollowUp.is_example,
        )
        .outerjoin(SurveyEntry, SurveyEntry.id == FollowUp.entry_id)
        .outerjoin(Person, Person.id == FollowUp.by_person)
        .outerjoin(_ENDED_BY, _ENDED_BY.id == FollowUp.ended_by)
    )  # fmt: skip


def not_there() -> NotFound:
    """The error for one that does not exist, and for one that is not theirs to see."""
    return NotFound(N_("This follow-up was not found."))


def one(session: Session, follow_up_id: int) -> Listed:
    """A follow-up.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(_rows().where(FollowUp.id == follow_up_id)).one_or_none()
    if row is None:
        raise not_there()
    return Listed(*row)


def listed(
    session: Session, *which: ColumnElement[bool], reason: str | None = None, state: str | None = None,
    after: int | None = None, limit: int = 50,
) -> list[Listed]:  # fmt: skip
    """Follow-ups, the longest open first.

    Args:
        which: ``inside`` or ``of_person``.
        state: None: those that are not finished.
    """
    asked = _rows().where(*which, UNFINISHED if state is None else FollowUp.state == state)
    if reason is not None:
        asked = asked.where(FollowUp.reason == reason)
    if after is not None:
        asked = asked.where(FollowUp.id > after)
    return [Listed(*row) for row in session.execute(asked.order_by(FollowUp.id).limit(limit))]


def inside(areas: Sequence[str]) -> ColumnElement[bool]:
    """Those of these areas."""
    return or_(*(scope(FollowUp.village_code, area) for area in areas))


def of_person(person_id: uuid.UUID) -> ColumnElement[bool]:
    """Those that someone wrote down."""
    return FollowUp.by_person == person_id


def of_entry(entry_id: int) -> ColumnElement[bool]:
    """Those of a household's record."""
    return FollowUp.entry_id == entry_id


def waiting(session: Session, areas: Sequence[str]) -> int:
    """How many are open in these areas without a help request, at most ``MOST_COUNTED``."""
    some = select(FollowUp.id).where(FollowUp.state == "open", inside(areas)).limit(MOST_COUNTED).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one()


def views(session: Session, follow_up_id: int, limit: int = 20) -> list[Seen]:
    """Who looked at name and phone number, the last ones first."""
    rows = session.execute(
        select(FollowUpView.at, Person.name, FollowUpView.reason)
        .outerjoin(Person, Person.id == FollowUpView.person_id)
        .where(FollowUpView.follow_up_id == follow_up_id)
        .order_by(FollowUpView.id.desc())
        .limit(limit)
    )
    return [Seen(*row) for row in rows]
