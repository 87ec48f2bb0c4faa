"""Example follow-ups of the demo data, in every state. All say that they are made up, and no one can be called: the
contact is a sentence, never a number."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor
from mapapp.core.vault import Vault
from mapapp.survey.entering import queries as entries
from mapapp.survey.followups import asking, service
from mapapp.survey.followups.consent import CONSENT_VERSION
from mapapp.survey.followups.schemas import FollowUpIn
from mapapp.survey.models import SurveyEntry, SurveyRound

_OWN: Final = uuid.UUID("3c1f4f2a-51c6-5d0e-8a4c-b1f6f6b0c7d1")
"""Where the keys of examples come from, so that making them again makes nothing new."""

EXAMPLES: Final = (
    ("wants_vaccine", "(ตัวอย่าง) ลุงคำ", "th", "", 6),
    ("bedridden", "(ตัวอย่าง) ยายบัว", "th", "request", 4),
    ("transport", "(ตัวอย่าง) นางแสงหล้า", "shn", "", 2),
    ("undecided", "(ตัวอย่าง) นายมา", "my", "done", 5),
)
"""Reason, name, language, what became of it, days ago."""

NO_NUMBER: Final = "(ตัวอย่าง) ไม่มีเบอร์โทรจริง"


def make(session: Session, vault: Vault, now: datetime) -> int:
    """Makes the examples where the demo data volunteer has recorded households; returns how many were new."""
    who = session.scalars(
        select(Person).where(Person.is_demo, Person.user_name == "demo.data", Person.erased_at.is_(None))
    ).one_or_none()
    if who is None:
        return 0
    houses = session.scalars(
        select(SurveyEntry.id)
        .join(SurveyRound, SurveyRound.id == SurveyEntry.round_id)
        .where(SurveyRound.is_example, SurveyEntry.by_person == who.id, SurveyEntry.state == "counted")
        .where(SurveyEntry.household.is_not(None))
        .order_by(SurveyEntry.id)
        .limit(len(EXAMPLES))
    ).all()
    by = Actor("person", person_id=who.id, standings=sessions.standings(session, who.id, now))
    made = 0
    for entry_id, (reason, name, language, became, days) in zip(houses, EXAMPLES, strict=False):
        data = FollowUpIn.model_validate(
            {"reason": reason, "name": name, "other": NO_NUMBER, "language": language, "consent": CONSENT_VERSION}
        )
        key, at = uuid.uuid5(_OWN, f"{entry_id} {reason}"), now - timedelta(days=days)
        row, is_new = service.add(session, vault, by, key, entries.one(session, entry_id), data, at, is_example=True)
        made += is_new
        if is_new and became == "request":
            asking.ask(session, vault, by, row.id, address="127.0.0.1", now=at + timedelta(hours=1))
        elif is_new and became:
            service.end(session, by, row.id, became, at + timedelta(days=1))
    return made
