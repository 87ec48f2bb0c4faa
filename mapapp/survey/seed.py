"""The example survey of the demo data: a round in each demo province, with villages in every state."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import sessions
from mapapp.areas.models import Area
from mapapp.core.actors import Actor
from mapapp.core.clock import today
from mapapp.survey.entering import service
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.groups import QUESTIONS
from mapapp.survey.models import SurveyAssignment, SurveyRound

PROVINCES: Final = ("50", "45")
NAME: Final = "ตัวอย่าง: สำรวจการฉีดวัคซีน รอบที่ 1"

_OWN: Final = uuid.UUID("6d1b7d34-7b0e-5c52-9a53-3a6d8e2f9a10")
"""Where the keys of examples come from, so that making them again makes nothing new."""

_TAMBONS: Final = 5
"""Of each of two amphoe of a province."""
_VILLAGES: Final = 4


def make(session: Session, now: datetime) -> int:
    """Makes what is missing, where the demo people are; returns how many rounds were made."""
    people = {
        one.user_name: one for one in session.scalars(select(Person).where(Person.is_demo, Person.erased_at.is_(None)))
    }
    known = set(session.scalars(select(Area.code).where(Area.level.in_(("province", "tambon")))))
    there = set(session.scalars(select(SurveyRound.area_code).where(SurveyRound.is_example)))
    made = 0
    for province in PROVINCES:
        if province in there or province not in known or not {"demo.ministry", "demo.data"} <= people.keys():
            continue
        made += 1
        _round(session, province, known, people, now)
    return made


def _round(session: Session, province: str, known: set[str], people: dict[str | None, Person], now: datetime) -> None:
    day = today(now)
    row = SurveyRound(
        name=NAME, area_code=province, starts_on=day - timedelta(days=20), ends_on=day + timedelta(days=40),
        version=QUESTIONS, made_at=now, opened_at=now, is_example=True,
    )  # fmt: skip
    session.add(row)
    session.flush()
    ministry = _actor(session, people["demo.ministry"], now)
    for number, data in enumerate(_villages(row.id, province, known)):
        _send(session, ministry, data, now - timedelta(days=number % 15, hours=number % 7))
    if "500101" in known and province == "50":
        _by_households(session, row.id, people, now)


def _actor(session: Session, person: Person, now: datetime) -> Actor:
    return Actor("person", person_id=person.id, standings=sessions.standings(session, person.id, now))


def _villages(round_id: int, province: str, known: set[str]) -> Iterator[EntryIn]:
    """One record for each of some villages; the last of a tambon has none yet."""
    for amphoe in (f"{province}01", f"{province}05"):
        for tambon in sorted(code for code in known if code.startswith(amphoe) and len(code) == 6)[:_TAMBONS]:
            for number in range(1, _VILLAGES + (tambon != "500101")):
                if tambon == "500101":
                    continue  # recorded household by household
                size = 20 + (int(tambon) * 7 + number * 13) % 60
                groups = {
                    "adult": _people(size * 3, number), "elderly": _people(size, number + 1),
                    "child": _people(size // 2, number + 4), "student": _people(size // 2, number + 2),
                    "bedridden": _people(size % 6, number + 3), "migrant": _people(size % 9 if number != 2 else 0, 5),
                }  # fmt: skip
                if number == 3:
                    del groups["migrant"]  # nobody asked
                yield EntryIn.model_validate({"round": round_id, "village": f"{tambon}{number:02}", "groups": groups})


def _people(here: int, turn: int) -> dict[str, int]:
    """So many people, by doses: the rest has three or more."""
    none, one, two = here * (4 + turn * 3 % 11) // 40, here // 12, here * (2 + turn) // 30
    unasked = here // 25
    return {
        "here": here, "none": none, "one": one, "two": two, "unasked": unasked,
        "more": here - none - one - two - unasked, "refusing": none // 3,
    }  # fmt: skip


def _by_households(session: Session, round_id: int, people: dict[str | None, Person], now: datetime) -> None:
    """What the demo data volunteer has recorded, with a house that an officer recorded as well, and one of a village
    that is somebody else's."""
    who = people["demo.data"]
    for number in range(1, 6):
        session.add(SurveyAssignment(round_id=round_id, village_code=f"500101{number:02}", person_id=who.id, at=now))
    session.add(
        SurveyAssignment(round_id=round_id, village_code="50010106", person_id=people["demo.ministry"].id, at=now)
    )
    session.flush()
    volunteer, officer = _actor(session, who, now), _actor(session, people["demo.ministry"], now)
    for place in range(12):
        village, house = 1 + place // 6, 1 + place % 6
        _send(session, volunteer, _house(round_id, f"500101{village:02}", str(house), place), now - timedelta(days=2))
    _send(session, officer, _house(round_id, "50010101", "3", 20), now - timedelta(days=1))
    _send(session, volunteer, _house(round_id, "50010106", "1", 21), now - timedelta(hours=5))


def _house(round_id: int, village: str, house: str, turn: int) -> EntryIn:
    groups: dict[str, Any] = {code: {"here": 0} for code in ("bedridden", "migrant", "student", "child")}
    groups["adult"] = {"here": 2, "two": 1, "more": 1} if turn % 3 else {"here": 3, "none": 1, "more": 2}
    groups["elderly"] = {"here": 1 + turn % 2, "none": turn % 2, "two": 1, "refusing": turn % 2}
    if turn % 4 == 0:
        groups["child"] = {"here": 1, "unasked": 1}
    return EntryIn.model_validate({"round": round_id, "village": village, "household": house, "groups": groups})


def _send(session: Session, actor: Actor, data: EntryIn, at: datetime) -> None:
    key = uuid.uuid5(_OWN, f"{data.round} {data.village} {data.household} {actor.person_id}")
    service.submit(session, actor, key, data, at)
