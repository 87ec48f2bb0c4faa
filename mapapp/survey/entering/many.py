"""Many records of one village at once, for lists: by the rules of ``service.submit``, in a few statements."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.survey.entering import queries, service
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.labels import DECIDING

_WRITE: Final = text(files(__package__).joinpath("write_many.sql").read_text("utf-8")).bindparams(
    bindparam("by_person", type_=UUID())
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a new record."""

    entry: int
    state: str


def submit(session: Session, actor: Actor, items: Sequence[tuple[uuid.UUID, EntryIn]], now: datetime) -> list[Taken]:
    """Takes in new records of one village, all of households or all of the whole village; by their keys each once.

    Raises:
        NotFound, Invalid, Conflict: as ``service.submit``, for all of them.
    """
    first = items[0][1]
    ground = queries.ground(session, first.round, first.village, actor.person_id)
    service.usable(ground, first)
    service.hold(session, first)
    taken: list[Taken] = []
    for turn in _turns(items):
        rows = []
        for key, data in turn:
            seen = service.moment(data.observed_at, data.sent_at, now)
            marks = service.marks_of(actor, ground, data, seen)
            rows.append(
                {
                    "key": str(key), "household": data.household, "marks": marks, "version": data.version,
                    "waits": bool(DECIDING & set(marks)), "observed_at": seen.at.isoformat(),
                    "digest": service.digest(data).hex(), "told": service.told_of(data),
                }
            )  # fmt: skip
        values = {
            "rows": json.dumps(rows), "round_id": first.round, "village_code": first.village,
            "unit": service.unit(first), "now": now, "by_person": actor.person_id,
        }  # fmt: skip
        for row in session.execute(_WRITE, values):
            if not row.is_told:
                raise service.Reused()
            taken.append(Taken(row.id, row.state))
    return taken


def _turns(items: Sequence[tuple[uuid.UUID, EntryIn]]) -> Iterator[list[tuple[uuid.UUID, EntryIn]]]:
    """The records so that no turn has two of one household: the second one has to find the first."""
    turns: list[list[tuple[uuid.UUID, EntryIn]]] = []
    seen: dict[str | None, int] = {}
    for key, data in items:
        at = seen.get(data.household, 0)
        seen[data.household] = at + 1
        if at == len(turns):
            turns.append([])
        turns[at].append((key, data))
    yield from turns
