"""Decisions about records that do not count yet. Nothing commits, and nothing is taken out: what is not chosen stays as
it was recorded, with its history, and counts no more."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotAllowed
from mapapp.survey import sums
from mapapp.survey.assigning.rules import ENTER, MANAGE
from mapapp.survey.deciding.schemas import DecideIn
from mapapp.survey.entering import queries
from mapapp.survey.entering.schemas import Recorded
from mapapp.survey.models import SurveyEntry, SurveyRevision

_HOLD: Final = text(
    "SELECT unit, counted FROM survey_villages WHERE round_id = :round_id AND village_code = :village_code FOR UPDATE"
)
_SWITCH: Final = text(
    "UPDATE survey_villages SET unit = :unit WHERE round_id = :round_id AND village_code = :village_code"
)

_CHANGED: Final = N_("Someone else just decided about this record. Check what became of it.")

BY_WRITERS: Final = ("this", "other", "another")
"""What those may choose, too, who have recorded the household."""


def acting(session: Session, actor: Actor, entry: Recorded, do: str, now: datetime) -> Actor:
    """The actor, by the appointment that lets them decide: an officer of the village, or one of those who recorded it.

    Raises:
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    tambon = entry.village_code[:6]
    if policy.may(actor, MANAGE, tambon) is not None or do not in BY_WRITERS or "other_way" in entry.marks:
        return policy.demand(actor, MANAGE, tambon, now)
    found = policy.demand(actor, ENTER, tambon, now)
    rivals = queries.of_place(session, entry.round_id, entry.village_code, entry.household)
    if actor.person_id not in {entry.by_person, *(one.by_person for one in rivals)}:
        raise NotAllowed(N_("Only an officer, or one of the two who recorded this household, can choose."))
    return found


def decide(session: Session, actor: Actor, entry_id: int, data: DecideIn, now: datetime) -> Recorded:
    """Decides about a record that waits; the record as it was.

    Raises:
        NotFound: there is none.
        NotSignedIn, StepNeeded, NotAllowed: as ``acting``.
        Conflict: it is decided already, or has changed since it was seen.
    """
    before = queries.one(session, entry_id)
    by = acting(session, actor, before, data.do, now)
    place = {"round_id": before.round_id, "village_code": before.village_code}
    village = session.execute(_HOLD, place).one()
    entry = queries.one(session, entry_id)
    wanted = "waiting" if data.do in ("accept", "refuse") else "conflict"
    if entry.state != wanted or entry.revision != data.seen:
        raise Conflict(_CHANGED)
    unit = _way(session, entry, village.unit, village.counted)
    if unit != entry.unit and data.do in BY_WRITERS:  # the village has become one of the other way meanwhile
        by = policy.demand(actor, MANAGE, entry.village_code[:6], now)
    if data.do == "this":
        _count_this(session, by, entry, unit, now)
    elif data.do == "other":
        _step(session, by, entry, "set_aside", "replaced", now)
    elif data.do == "another":
        _count_another(session, by, entry, unit, now)
    elif data.do == "accept":
        _accept(session, by, entry, unit, now)
    else:
        _step(session, by, entry, "refused", "refused", now)
    audit.record(
        session, by, "survey.decide", "survey entry", entry.id, area_code=entry.village_code[:6], now=now,
        details={"chosen": data.do},
    )  # fmt: skip
    return entry


def _way(session: Session, entry: Recorded, unit: str, counted: int) -> str:
    """How the village is recorded: as it is, and where nothing counts yet as this record has it."""
    if unit == entry.unit or counted:
        return unit
    session.execute(_SWITCH, {"unit": entry.unit, "round_id": entry.round_id, "village_code": entry.village_code})
    return entry.unit


def _count_this(session: Session, by: Actor, entry: Recorded, unit: str, now: datetime) -> None:
    """It counts, and what counted in its place does no more: of a village recorded in the other way, all of it."""
    same = (SurveyEntry.round_id == entry.round_id, SurveyEntry.village_code == entry.village_code)
    asked = select(SurveyEntry.id).where(*same, SurveyEntry.state == "counted").order_by(SurveyEntry.id)
    if unit == entry.unit:
        household = SurveyEntry.household.is_not_distinct_from(entry.household)
        asked = asked.where(household, SurveyEntry.twin == entry.twin)
    for one in queries.some(session, list(session.scalars(asked))).values():
        sums.take(session, one.id, one.round_id, one.village_code)
        _step(session, by, one, "set_aside", "replaced", now)
    if unit != entry.unit:
        session.execute(_SWITCH, {"unit": entry.unit, "round_id": entry.round_id, "village_code": entry.village_code})
    _count(session, by, entry, "kept", now)


def _count_another(session: Session, by: Actor, entry: Recorded, unit: str, now: datetime) -> None:
    if entry.household is None or unit != entry.unit:
        raise Conflict(N_("Only a household can be another one. Choose one of the two records."))
    same = (SurveyEntry.round_id == entry.round_id, SurveyEntry.village_code == entry.village_code)
    last = select(func.max(SurveyEntry.twin)).where(*same, SurveyEntry.household == entry.household)
    _count(session, by, entry, "another", now, twin=session.execute(last).scalar_one() + 1)


def _accept(session: Session, by: Actor, entry: Recorded, unit: str, now: datetime) -> None:
    """It counts, unless something counts there already: then somebody has to choose."""
    there = queries.of_place(session, entry.round_id, entry.village_code, entry.household)
    rival = next((one.id for one in there if one.twin == entry.twin), None)
    if rival is None and unit == entry.unit:
        _count(session, by, entry, "accepted", now)
        return
    marks = entry.marks if unit == entry.unit else [*entry.marks, "other_way"]
    _step(session, by, entry, "conflict", "accepted", now, rival=rival, marks=marks)


def _count(session: Session, by: Actor, entry: Recorded, step: str, now: datetime, **values: Any) -> None:
    _step(session, by, entry, "counted", step, now, **values)
    sums.add(session, entry.id, entry.round_id, entry.village_code)


def _step(session: Session, by: Actor, entry: Recorded, state: str, step: str, now: datetime, **values: Any) -> None:
    change = update(SurveyEntry).where(SurveyEntry.id == entry.id)
    session.execute(
        change.values(state=state, revision=entry.revision + 1, changed_at=now, **values).execution_options(
            synchronize_session=False
        )
    )
    session.execute(
        insert(SurveyRevision).values(
            key=uuid.uuid4(), entry_id=entry.id, revision=entry.revision + 1, step=step, at=now,
            observed_at=entry.observed_at, by_person=by.person_id, digest=None, figures=entry.figures,
        )
    )  # fmt: skip
