"""Reads of entries: for the form, for the receipt, for a revisit."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.errors import N_, NotFound
from mapapp.survey.assigning.rules import Standing
from mapapp.survey.entering.schemas import Recorded, Step
from mapapp.survey.groups import CODES, FIELDS
from mapapp.survey.models import SurveyEntry, SurveyFigures, SurveyRevision, SurveyVillage
from mapapp.survey.rounds.schemas import Round

_GROUND: Final = text("""
SELECT r.id, r.name, r.area_code, r.starts_on, r.ends_on, r.version, r.opened_at, r.closed_at, r.is_example,
    EXISTS (SELECT FROM survey_endings AS e WHERE e.round_id = r.id AND e.lifted_at IS NULL
        AND (e.area_code = 'TH' OR :village LIKE e.area_code || '%')) AS ended,
    EXISTS (SELECT FROM areas WHERE code = left(:village, 6)) AS has_tambon,
    EXISTS (SELECT FROM villages WHERE tambon_code = left(:village, 6))
        AND NOT EXISTS (SELECT FROM villages WHERE code = :village) AS unlisted,
    CASE WHEN bool_or(a.person_id = :person AND a.ended_at IS NULL) THEN 'mine'
        WHEN bool_or(a.person_id = :person) THEN 'withdrawn'
        WHEN bool_or(a.id IS NOT NULL AND a.ended_at IS NULL) THEN 'others' ELSE 'free' END AS standing
FROM survey_rounds AS r
LEFT JOIN survey_assignments AS a ON a.round_id = r.id AND a.village_code = :village
WHERE r.id = :round_id GROUP BY r.id
""")


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
    asked = {"round_id": round_id, "village": village_code, "person": person_id}
    row = session.execute(_GROUND, asked).one_or_none()
    if row is None:
        raise NotFound(N_("This survey was not found."))
    return Ground(Round(*row[:9]), row.ended, row.has_tambon, row.unlisted, row.standing)


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
