"""Reads of entries: for the form, for the receipt, for a revisit."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import Person
from mapapp.core.errors import N_, NotFound
from mapapp.database import locks
from mapapp.survey.assigning.rules import Standing
from mapapp.survey.entering import limits
from mapapp.survey.entering.limits import Share
from mapapp.survey.entering.schemas import EntryIn, Recorded, Step
from mapapp.survey.groups import CODES, FIELDS
from mapapp.survey.models import SurveyEntry, SurveyFigures, SurveyRevision, SurveyVillage
from mapapp.survey.rounds.schemas import Round

_GROUND: Final = "SELECT * FROM survey_ground(%(round)s, %(village)s, %(person)s::uuid)"
_HOLD: Final = """
SELECT * FROM hold_survey_village(
    %(round)s, %(village)s, %(unit)s, %(person)s::uuid, %(space)s, %(place)s, %(key)s, %(an_hour)s, %(a_day)s, %(now)s
)
"""
"""Database functions (migration ``keys_and_survey_records_in_the_database``): their plans are kept in every session."""


@dataclass(frozen=True, slots=True)
class Ground:
    """All that decides what becomes of an entry, read at once."""

    round: Round
    ended: bool
    """The round has ended there by an announcement."""
    has_tambon: bool
    unlisted: bool
    """There is a list of that tambon's villages, and this one is not in it."""
    standing: Standing


def ground(session: Session, round_id: int, village_code: str, person_id: uuid.UUID | None) -> Ground:
    """What a village is in a round, for somebody.

    Raises:
        NotFound: there is no such round.
    """
    return _ground(database.driver_rows(session, _GROUND, _place(round_id, village_code, person_id)))


def held(session: Session, data: EntryIn, person_id: uuid.UUID | None, share: Share | None, now: datetime) -> Ground:
    """Counts a record for the person's limits, holds the village's row to the end of the transaction and returns what
    ``ground`` does, in one round trip.

    Args:
        share: what of; None: it is not counted.

    Raises:
        NotFound: there is no such round.
        TooMany: it is beyond the limits; nothing is counted.
    """
    key = None if share is None else share.key
    asked = {
        **_place(data.round, data.village, person_id), "unit": unit(data), "space": locks.COUNTED.number,
        "place": None if key is None else locks.place(key), "key": key,
        "an_hour": None if share is None else share.most.an_hour, "a_day": None if share is None else share.most.a_day,
        "now": now,
    }  # fmt: skip
    session.flush()
    session.connection()  # in a transaction: a session that only borrows a connection is not committed
    rows = database.driver_rows(session, _HOLD, asked)
    if share is not None and rows and rows[0][-1]:
        raise limits.beyond(session, share, now)
    return _ground([row[:-1] for row in rows])


def unit(data: EntryIn) -> str:
    """How it is recorded: a household, or a whole village at once."""
    return "village" if data.household is None else "household"


def _place(round_id: int, village_code: str, person_id: uuid.UUID | None) -> dict[str, Any]:
    return {"round": round_id, "village": village_code, "person": None if person_id is None else str(person_id)}


def _ground(rows: Sequence[tuple[Any, ...]]) -> Ground:
    if not rows:
        raise NotFound(N_("This survey was not found."))
    return Ground(Round(*rows[0][:9]), *rows[0][9:])


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        SurveyEntry.id, SurveyEntry.round_id, SurveyEntry.village_code, SurveyEntry.unit, SurveyEntry.household,
        SurveyEntry.twin, SurveyEntry.revision, SurveyEntry.state, SurveyEntry.marks, SurveyEntry.rival,
        SurveyEntry.observed_at, SurveyEntry.received_at, SurveyEntry.changed_at, SurveyEntry.by_person, Person.name,
    ).outerjoin(Person, Person.id == SurveyEntry.by_person)  # fmt: skip


def _with_figures(session: Session, rows: Iterable[Any]) -> list[Recorded]:
    found = [Recorded(*row) for row in rows]
    known = figures_of(session, [one.id for one in found])
    return [replace(one, figures=known.get(one.id, {})) for one in found]


def figures_of(session: Session, ids: Collection[int]) -> dict[int, dict[str, dict[str, int]]]:
    """The figures of entries: entry → group → numbers by name, groups in their order."""
    made: dict[int, dict[str, dict[str, int]]] = {}
    if not ids:
        return made
    order = {code: place for place, code in enumerate(CODES)}
    rows = session.scalars(select(SurveyFigures).where(SurveyFigures.entry_id.in_(ids)))
    for row in sorted(rows, key=lambda one: order[one.target_group]):
        made.setdefault(row.entry_id, {})[row.target_group] = {name: getattr(row, name) for name in FIELDS}
    return made


def one(session: Session, entry_id: int) -> Recorded:
    """An entry.

    Raises:
        NotFound: there is none.
    """
    found = _with_figures(session, session.execute(_rows().where(SurveyEntry.id == entry_id)))
    if not found:
        raise NotFound(N_("This record was not found."))
    return found[0]


def some(session: Session, ids: Collection[int]) -> dict[int, Recorded]:
    """These entries, by number."""
    rows = session.execute(_rows().where(SurveyEntry.id.in_(ids))) if ids else ()
    return {entry.id: entry for entry in _with_figures(session, rows)}


def of_place(session: Session, round_id: int, village_code: str, household: str | None) -> list[Recorded]:
    """What counts of a household (None: of the whole village): more than one where two share a house number."""
    place = (SurveyEntry.round_id == round_id, SurveyEntry.village_code == village_code)
    same = SurveyEntry.household.is_not_distinct_from(household)
    asked = _rows().where(*place, same, SurveyEntry.state == "counted").order_by(SurveyEntry.twin)
    return _with_figures(session, session.execute(asked))


def last_time(session: Session, round_id: int, village_code: str, household: str | None) -> Recorded | None:
    """What was recorded of a household in an earlier round, to start from."""
    asked = (
        _rows()
        .where(
            SurveyEntry.round_id != round_id,
            SurveyEntry.village_code == village_code,
            SurveyEntry.household.is_not_distinct_from(household),
            SurveyEntry.state == "counted",
        )
        .order_by(SurveyEntry.observed_at.desc())
        .limit(1)
    )
    return next(iter(_with_figures(session, session.execute(asked))), None)


def households(
    session: Session, round_id: int, village_code: str, *, after: int = 0, limit: int = 100
) -> list[Recorded]:
    """What a village has that counts or waits for a decision, in the order in which it came."""
    asked = _rows().where(
        SurveyEntry.round_id == round_id,
        SurveyEntry.village_code == village_code,
        SurveyEntry.state.in_(("counted", "conflict", "waiting")),
        SurveyEntry.id > after,
    )
    return _with_figures(session, session.execute(asked.order_by(SurveyEntry.id).limit(limit)))


def history(session: Session, entry_id: int) -> list[Step]:
    """An entry's steps, the newest first."""
    rows = session.execute(
        select(
            SurveyRevision.revision, SurveyRevision.step, SurveyRevision.at, SurveyRevision.observed_at, Person.name,
            SurveyRevision.figures,
        )
        .outerjoin(Person, Person.id == SurveyRevision.by_person)
        .where(SurveyRevision.entry_id == entry_id)
        .order_by(SurveyRevision.revision.desc())
    )  # fmt: skip
    return [Step(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent under a key."""

    entry_id: int
    by_person: uuid.UUID | None
    digest: bytes | None
    at: datetime
    state: str
    revision: int
    marks: list[str]
    rival: int | None


def sent(session: Session, key: uuid.UUID) -> Sent | None:
    """What was sent under a key, and what it is by now."""
    row = session.execute(
        select(
            SurveyRevision.entry_id, SurveyRevision.by_person, SurveyRevision.digest, SurveyRevision.at,
            SurveyEntry.state, SurveyEntry.revision, SurveyEntry.marks, SurveyEntry.rival,
        )
        .join(SurveyEntry, SurveyEntry.id == SurveyRevision.entry_id)
        .where(SurveyRevision.key == key)
    ).one_or_none()  # fmt: skip
    return None if row is None else Sent(*row)


def last_by(session: Session, round_id: int, person_id: uuid.UUID, only: Collection[str]) -> str | None:
    """The village that somebody recorded last in a round.

    Args:
        only: one of these, where there are any.
    """
    mine = [SurveyEntry.round_id == round_id, SurveyEntry.by_person == person_id]
    if only:
        mine.append(SurveyEntry.village_code.in_(only))
    asked = select(SurveyEntry.village_code).where(*mine).order_by(SurveyEntry.id.desc())
    return session.scalars(asked.limit(1)).one_or_none()


def last_in(session: Session, round_id: int, village_code: str, person_id: uuid.UUID) -> str | None:
    """The household somebody recorded last in a village."""
    mine = (SurveyEntry.round_id == round_id, SurveyEntry.by_person == person_id)
    asked = select(SurveyEntry.household).where(*mine, SurveyEntry.village_code == village_code)
    return session.scalars(asked.order_by(SurveyEntry.id.desc()).limit(1)).one_or_none()


def next_number(household: str | None) -> str:
    """The house number after this one: “12” → “13”, “12/3” → “12/4”; empty where there is none to go on from."""
    match = re.fullmatch(r"(.*?)(\d{1,6})(\D*)", household or "")
    return f"{match[1]}{int(match[2]) + 1}" if match else ""


def progress(session: Session, round_id: int, codes: Collection[str]) -> Mapping[str, tuple[str, int]]:
    """How villages are recorded, and how many entries count in each; absent where nothing was recorded."""
    rows = session.execute(
        select(SurveyVillage.village_code, SurveyVillage.unit, SurveyVillage.counted).where(
            SurveyVillage.round_id == round_id, SurveyVillage.village_code.in_(codes)
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows} if codes else {}


def sent_by(session: Session, round_id: int, person_id: uuid.UUID) -> dict[str, int]:
    """What somebody has sent in a round: how many entries are in which state."""
    mine = (SurveyEntry.round_id == round_id, SurveyEntry.by_person == person_id)
    rows = session.execute(select(SurveyEntry.state, func.count()).where(*mine).group_by(SurveyEntry.state))
    return {row[0]: row[1] for row in rows}


def undecided_of(session: Session, round_id: int, person_id: uuid.UUID, limit: int = 20) -> list[Recorded]:
    """Households that somebody and another one recorded both: either may choose."""
    rival = select(SurveyEntry.id).where(SurveyEntry.by_person == person_id, SurveyEntry.round_id == round_id)
    asked = _rows().where(
        SurveyEntry.round_id == round_id,
        SurveyEntry.state == "conflict",
        (SurveyEntry.by_person == person_id) | SurveyEntry.rival.in_(rival),
    )
    return _with_figures(session, session.execute(asked.order_by(SurveyEntry.id).limit(limit)))
