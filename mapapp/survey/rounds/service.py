"""Writes of rounds. Nothing commits; who may is asked here, because the area hangs on the round."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.areas.models import Area
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.survey.groups import QUESTIONS
from mapapp.survey.models import SurveyEnding, SurveyRound
from mapapp.survey.rounds import queries
from mapapp.survey.rounds.schemas import EndIn, RoundIn

MANAGE: Final = "survey.manage"

_STEPS: Final = {
    "open": (SurveyRound.opened_at.is_(None), ("opened_at",), ()),
    "close": (SurveyRound.opened_at.is_not(None) & SurveyRound.closed_at.is_(None), ("closed_at",), ()),
    "reopen": (SurveyRound.closed_at.is_not(None), (), ("closed_at",)),
}
"""Step → from which state, what is set to now, what is taken out."""


def make(session: Session, actor: Actor, data: RoundIn, now: datetime, *, is_example: bool = False) -> int:
    """A new round, not open yet; its number.

    Raises:
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Invalid: no area has this code.
    """
    _known(session, data.area)
    acting = policy.demand(actor, MANAGE, data.area, now)
    made: int = session.execute(
        insert(SurveyRound)
        .values(
            name=data.name, area_code=data.area, starts_on=data.starts_on, ends_on=data.ends_on, version=QUESTIONS,
            made_at=now, made_by=actor.person_id, is_example=is_example,
        )
        .returning(SurveyRound.id)
    ).scalar_one()  # fmt: skip
    audit.record(session, acting, "survey.make", "survey", made, area_code=data.area, now=now)
    return made


def step(session: Session, actor: Actor, round_id: int, do: str, now: datetime) -> None:
    """Opens, closes or reopens a round.

    Raises:
        NotFound: there is none.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Conflict: its state is another by now.
    """
    found = queries.get(session, round_id)
    acting = policy.demand(actor, MANAGE, found.area_code, now)
    condition, begun, taken = _STEPS[do]
    values = {**dict.fromkeys(begun, now), **dict.fromkeys(taken)}
    change = update(SurveyRound).where(SurveyRound.id == round_id, condition).values(values).returning(SurveyRound.id)
    if session.execute(change.execution_options(synchronize_session=False)).one_or_none() is None:
        raise Conflict(N_("Someone else just changed this survey. Check its current state."))
    audit.record(session, acting, f"survey.{do}", "survey", round_id, area_code=found.area_code, now=now)


def end(session: Session, actor: Actor, round_id: int, data: EndIn, now: datetime) -> None:
    """Ends a round for an area, with the reason for everybody to read. What was recorded stays.

    Raises:
        NotFound: there is no such round.
        Invalid: the area is none of the round's.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Conflict: it has ended there already.
    """
    found = queries.get(session, round_id)
    _known(session, data.area)
    if not found.covers(data.area):
        raise invalid("area", N_("This area does not belong to this survey."))
    acting = policy.demand(actor, MANAGE, data.area, now)
    made = session.execute(
        upsert(SurveyEnding)
        .values(round_id=round_id, area_code=data.area, reason=data.reason, at=now, by_person=actor.person_id)
        .on_conflict_do_nothing()
        .returning(SurveyEnding.id)
    ).one_or_none()
    if made is None:
        raise Conflict(N_("The survey has already ended in this area."))
    audit.record(
        session, acting, "survey.end", "survey", round_id, area_code=data.area, now=now, words={"reason": data.reason}
    )


def lift(session: Session, actor: Actor, round_id: int, ending_id: int, now: datetime) -> None:
    """Takes an announcement back: recording goes on in that area. Twice is once.

    Raises:
        NotFound: there is no such announcement.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    mine = (SurveyEnding.id == ending_id, SurveyEnding.round_id == round_id)
    area = session.scalars(select(SurveyEnding.area_code).where(*mine)).one_or_none()
    if area is None:
        raise NotFound(N_("This announcement was not found."))
    acting = policy.demand(actor, MANAGE, area, now)
    change = update(SurveyEnding).where(*mine, SurveyEnding.lifted_at.is_(None)).values(lifted_at=now)
    done = session.execute(change.returning(SurveyEnding.id).execution_options(synchronize_session=False))
    if done.one_or_none() is not None:
        audit.record(session, acting, "survey.resume", "survey", round_id, area_code=area, now=now)


def _known(session: Session, code: str) -> None:
    if code != "TH" and session.scalars(select(Area.code).where(Area.code == code)).one_or_none() is None:
        raise invalid("area", N_("There is no area with the code %(code)s."), code=code)
