"""Writes of assignments: by hand, evenly, by a list. Nothing commits."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.areas.models import Area, Village
from mapapp.areas.queries import scope
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, FieldProblem, Invalid, NotFound, invalid
from mapapp.core.fields import arabic_digits
from mapapp.survey.assigning import queries
from mapapp.survey.assigning.rules import MANAGE
from mapapp.survey.assigning.schemas import AssignIn, ListIn, Recorder
from mapapp.survey.models import SurveyAssignment
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.rounds.schemas import Round

_LINE = re.compile(r"\s*(\d{1,8})\s*[,;\t]\s*(.+?)\s*")


def assign(session: Session, actor: Actor, round_id: int, data: AssignIn, now: datetime) -> int:
    """Gives villages of a tambon to somebody; returns how many of them are new to them.

    Raises:
        NotFound, NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Invalid: the villages are not in the round, or this person cannot record there.
    """
    _round, acting = _acting(session, actor, round_id, data.tambon, now)
    codes = [f"{data.tambon}{number:02}" for number in data.numbers]
    _listed(session, data.tambon, codes, "numbers")
    who = next((one for one in queries.recorders(session, data.tambon, now) if one.person_id == data.person), None)
    if who is None or not all(map(who.covers, codes)):
        raise invalid("person", N_("This person is not a data volunteer of this tambon."))
    return _give(session, acting, round_id, data.tambon, ((code, data.person) for code in codes), now)


def evenly(session: Session, actor: Actor, round_id: int, area: str, now: datetime) -> int:
    """Shares out the villages of an area that nobody has: each to whoever has the fewest of those who may record there.

    Returns:
        how many were given away.

    Raises:
        NotFound, NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Invalid: there is no data volunteer, or no village is known there.
    """
    found, acting = _acting(session, actor, round_id, area, now)
    people = queries.recorders(session, area, now)
    if not people:
        raise invalid("area", N_("There is no data volunteer in this area yet. Appoint one under “Officers”."))
    held = queries.assigned(session, round_id, None)
    taken = {one.village_code for one in held}
    load = Counter(one.person_id for one in held)
    known = (one.code for one in queries.villages(session, round_id, area) if found.covers(one.code))
    free = [code for code in known if code not in taken]
    pairs: list[tuple[str, uuid.UUID]] = []
    able = {code: [one for one in people if one.covers(code)] for code in free}
    for code in sorted(free, key=lambda one: (len(able[one]), one)):  # who alone can have a village gets it first
        fitting = able[code]
        if fitting:
            chosen = min(fitting, key=lambda one: (load[one.person_id], one.name, str(one.person_id)))
            load[chosen.person_id] += 1
            pairs.append((code, chosen.person_id))
    if not pairs:
        raise invalid("area", N_("No village without a data volunteer is known in this area."))
    return _give(session, acting, round_id, area, pairs, now)


def by_list(session: Session, actor: Actor, round_id: int, data: ListIn, area: str, now: datetime) -> int:
    """Gives villages by a list, all lines or none; returns how many were given away.

    Args:
        area: the officer's, in which names are looked for.

    Raises:
        NotFound, NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
        Invalid: lines that cannot be used, each with its number.
    """
    found, acting = _acting(session, actor, round_id, data.tambon or area, now)
    people = queries.recorders(session, area, now)
    problems: list[FieldProblem] = []
    pairs: list[tuple[str, uuid.UUID]] = []
    for number, line in enumerate(data.lines.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            pairs.append(_pair(session, found, line, data.tambon, area, people))
        except Invalid as error:
            problems += [FieldProblem("lines", one.message, row=number) for one in error.problems]
    if problems:
        raise Invalid(problems[:20])
    return _give(session, acting, round_id, data.tambon or area, pairs, now)


def _pair(
    session: Session, the_round: Round, line: str, tambon: str | None, area: str, people: Iterable[Recorder]
) -> tuple[str, uuid.UUID]:
    match = _LINE.fullmatch(arabic_digits(line))
    if match is None:
        raise invalid("lines", N_("Write the village, a comma, and the name."))
    code = match[1] if len(match[1]) == 8 else f"{tambon}{int(match[1]):02}" if tambon and len(match[1]) < 3 else ""
    if not code or (area != "TH" and not code.startswith(area)):
        raise invalid("lines", N_("This village is not in your area. Use its code of 8 digits, or choose the tambon."))
    if not the_round.covers(code):
        raise invalid("lines", N_("This village does not belong to this survey."))
    _listed(session, code[:6], [code], "lines")
    name = " ".join(match[2].split()).casefold()
    found = [one for one in people if " ".join(arabic_digits(one.name).split()).casefold() == name and one.covers(code)]
    if len(found) != 1:
        raise invalid("lines", N_("There is not exactly one data volunteer of this name for this village."))
    return code, found[0].person_id


def withdraw(session: Session, actor: Actor, round_id: int, assignment_id: int, now: datetime) -> None:
    """Takes an assignment back. Twice is once; what waits on a phone is taken in and marked.

    Raises:
        NotFound, NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    mine = (SurveyAssignment.id == assignment_id, SurveyAssignment.round_id == round_id)
    code = session.scalars(select(SurveyAssignment.village_code).where(*mine)).one_or_none()
    if code is None:
        raise NotFound(N_("This assignment was not found."))
    acting = policy.demand(actor, MANAGE, code[:6], now)
    ended = update(SurveyAssignment).where(*mine, SurveyAssignment.ended_at.is_(None)).values(ended_at=now)
    done = session.execute(ended.returning(SurveyAssignment.id).execution_options(synchronize_session=False))
    if done.one_or_none() is not None:
        audit.record(session, acting, "survey.withdraw", "survey", round_id, area_code=code[:6], now=now)


def _acting(session: Session, actor: Actor, round_id: int, area: str, now: datetime) -> tuple[Round, Actor]:
    found = rounds.get(session, round_id)
    acting = policy.demand(actor, MANAGE, area, now)
    if not found.covers(area) and not (area == "TH" or found.area_code.startswith(area)):
        raise invalid("area", N_("This area does not belong to this survey."))
    return found, acting


def _listed(session: Session, tambon: str, codes: Collection[str], beside: str) -> None:
    """Where there is a list of a tambon's villages, only those of it can be assigned; the tambon there must be."""
    if session.scalars(select(Area.code).where(Area.code == tambon)).one_or_none() is None:
        raise invalid(beside, N_("There is no tambon with this code."))
    known = set(session.scalars(select(Village.code).where(scope(Village.code, tambon))))
    missing = [int(code[6:]) for code in codes if code not in known] if known else []
    if missing:
        raise invalid(beside, N_("This tambon has no village number %(number)s."), number=missing[0])


def _give(
    session: Session, acting: Actor, round_id: int, area: str, pairs: Iterable[tuple[str, uuid.UUID]], now: datetime
) -> int:
    rows = [
        {"round_id": round_id, "village_code": code, "person_id": person, "at": now, "by_person": acting.person_id}
        for code, person in pairs
    ]
    if not rows:
        return 0
    made = insert(SurveyAssignment).values(rows).on_conflict_do_nothing().returning(SurveyAssignment.id)
    count = len(session.execute(made).all())
    if count:
        audit.record(
            session, acting, "survey.assign", "survey", round_id, area_code=area, now=now, details={"villages": count}
        )
    return count
