"""Many records of one village at once, for lists: by the rules of ``service.submit``, in a few statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.survey.entering import queries, service
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.entering.service import TakenIn


def submit(session: Session, actor: Actor, items: Sequence[tuple[uuid.UUID, EntryIn]], now: datetime) -> list[TakenIn]:
    """Takes in new records of one village, all of households or all of the whole village; by their keys each once.

    Raises:
        NotFound, Invalid, Conflict: as ``service.submit``, for all of them.
    """
    first = items[0][1]
    ground = queries.held(session, first, actor.person_id, None, now)
    service.usable(ground, first)
    taken: list[TakenIn] = []
    for turn in _turns(items):
        rows = []
        for key, data in turn:
            seen = service.moment(data.observed_at, data.sent_at, now)
            rows.append(service.new_row(key, data, seen, service.marks_of(actor, ground, data, seen)))
        taken += service.take_in(session, actor, first, rows, now)
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
