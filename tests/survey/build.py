"""A round, people who record, and records, for tests."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor
from mapapp.core.vault import Vault
from mapapp.survey.entering import queries as entries
from mapapp.survey.entering import service
from mapapp.survey.entering.schemas import EntryIn, EntryOut
from mapapp.survey.followups import service as followups
from mapapp.survey.followups.consent import CONSENT_VERSION
from mapapp.survey.followups.schemas import FollowUpIn, Listed
from mapapp.survey.models import SurveyAssignment, SurveyRound
from mapapp.survey.sheets.models import SurveyImport
from tests.conftest import NOON
from tests.help_requests.build import VAULT

VILLAGE = "90010103"
"""In tambon 900101."""

ADULTS = {"adult": {"here": 2, "one": 1, "more": 1}}


def add_round(session: Session, area: str = "90", **values: Any) -> SurveyRound:
    """An open round of province 90; flushed."""
    made = SurveyRound(
        **{
            "name": "สำรวจทดสอบ", "area_code": area, "starts_on": date(2026, 11, 1), "ends_on": date(2026, 12, 31),
            "version": 1, "made_at": NOON - timedelta(days=10), "opened_at": NOON - timedelta(days=10), **values,
        }
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def assign(session: Session, round_id: int, village: str, who: Person, **values: Any) -> SurveyAssignment:
    """The village is theirs; flushed."""
    made = SurveyAssignment(
        **{"round_id": round_id, "village_code": village, "person_id": who.id, "at": NOON - timedelta(days=5), **values}
    )
    session.add(made)
    session.flush()
    return made


def actor(session: Session, who: Person, at: datetime = NOON) -> Actor:
    """This person, as the edge would have them."""
    return Actor(
        "person", person_id=who.id, standings=sessions.standings(session, who.id, at), second_factor=True,
        confirmed_at=at,
    )  # fmt: skip


def entry(round_id: int, household: str | None = "12/3", village: str = VILLAGE, **values: Any) -> EntryIn:
    """A household with two adults, unless ``values`` says otherwise."""
    return EntryIn.model_validate(
        {"round": round_id, "village": village, "household": household, "groups": ADULTS, **values}
    )


def record(
    session: Session, who: Person, data: EntryIn, *, key: uuid.UUID | None = None, at: datetime = NOON
) -> EntryOut:
    """Sent by this person; flushed."""
    return service.submit(session, actor(session, who, at), key or uuid.uuid4(), data, at)


def add_follow_up(
    session: Session, who: Person, entry_id: int, *, at: datetime = NOON, vault: Vault = VAULT, **values: Any
) -> Listed:
    """Written down by this person for a recorded household; flushed."""
    data = FollowUpIn.model_validate(
        {"reason": "bedridden", "name": "ยายบัว", "phone": "081 234 5678", "consent": CONSENT_VERSION, **values}
    )
    by, of = actor(session, who, at), entries.one(session, entry_id)
    return followups.add(session, vault, by, uuid.uuid4(), of, data, at)[0]


LIST_HEAD = "รหัสหมู่บ้าน,บ้านเลขที่,เด็ก อยู่จริง,เด็ก 2 เข็ม"


def add_import(
    session: Session, number: int, who: Person, area: str, *rows: str, head: str = LIST_HEAD, at: datetime = NOON
) -> SurveyImport:
    """A list that was uploaded and not yet loaded."""
    made = SurveyImport(
        id=uuid.uuid4(), round_id=number, person_id=who.id, area_code=area, file_name="รายการ.csv",
        file="\n".join([head, *rows, ""]).encode(), state="uploaded", counts={}, created_at=at,
    )  # fmt: skip
    session.add(made)
    return made
