"""Takes a finished import back: its new pins are closed, what it changed gets its values back. Nothing is deleted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.database import locks
from mapapp.facilities import bulk_write, service
from mapapp.facilities.fields import SAID_AT
from mapapp.facilities.history_values import STOOD_FOR

REASON = "นำเข้ารายการนี้ผิด จึงยกเลิกแล้ว"
"""Why the new pins of an import that was taken back are closed, as the public reads it."""

_STEPS = text("""
    SELECT c.facility_id, c.version, c.action, c.import_id, c.changes, f.version AS newest, f.status, f.closed_from,
        f.closed_until, f.closed_reason
    FROM facility_changes AS c
    JOIN facilities AS f ON f.id = c.facility_id
    WHERE f.id IN (SELECT facility_id FROM facility_changes WHERE import_id = :import_id AND action = 'import')
    ORDER BY f.id, c.id
    FOR UPDATE OF f
""")
"""The whole history of each pin of an import."""


@dataclass
class Undone:
    """What taking an import back did."""

    closed: int = 0
    """Pins that were new, and are closed now."""
    restored: int = 0
    left: list[int] = field(default_factory=list)
    """Pins that somebody has changed since, which stay as they are."""


def undo(session: Session, actor: Actor, import_id: uuid.UUID, area: str, now: datetime) -> Undone:
    """Takes the import back, as far as nobody has changed its pins since. The caller has asked the policy."""
    locks.share(session, locks.AREAS)
    service.one_list_at_a_time(session)
    done = Undone()
    values: dict[int, dict[str, Any]] = {}
    history: list[dict[str, Any]] = []
    moved: set[int] = set()
    found = session.execute(_STEPS, {"import_id": import_id}).all()
    for facility_id, rows in groupby(found, key=lambda row: row.facility_id):
        steps = list(rows)
        back = _back(steps, import_id)
        if back is None:
            done.left.append(facility_id)
            continue
        done.closed += back.closes
        done.restored += not back.closes and bool(back.changes or back.stamps)
        facts = {name: _stored(name, after) for name, (_before, after) in back.changes.items()}
        stamps: dict[str, Any] = {SAID_AT["status"]: now} if "status" in facts else {}
        if "point" in facts:
            moved.add(facility_id)
        version = steps[0].newest + 1
        values[facility_id] = facts | stamps | back.stamps | {"version": version, "updated_at": now}
        history.append(
            {
                "facility_id": facility_id, "version": version, "at": now, "action": "undo",
                "actor_kind": actor.kind, "actor_id": actor.person_id, "appointment_id": actor.appointment_id,
                "changes": back.changes, "import_id": import_id,
            }
        )  # fmt: skip
    bulk_write.update(session, values)
    bulk_write.history(session, history)
    if moved:
        service.reassign_quietly(session, moved)
    if values:
        service.tell_changed(session, set(values))
    details = {"closed": done.closed, "restored": done.restored, "left": len(done.left)}
    audit.record(
        session, actor, "facilities.import_undo", "import", import_id, area_code=area, now=now, details=details
    )
    return done


@dataclass
class _Back:
    """What taking the import back does to one pin."""

    changes: dict[str, list[Any]] = field(default_factory=dict)
    """Field → [now, then], as the history keeps them."""
    stamps: dict[str, Any] = field(default_factory=dict)
    """Who stood for the pin before."""
    closes: bool = False


def _back(steps: Sequence[Any], import_id: uuid.UUID) -> _Back | None:
    """What a pin would be had the import not been; None where somebody has changed it since.

    Other imports since then stand, and those that were taken back do not: so two imports leave nothing behind in
    whichever order they are taken back.

    Args:
        steps: the pin's history, oldest first.
    """
    mine = next(at for at, step in enumerate(steps) if (step.import_id, step.action) == (import_id, "import"))
    if any(not _of_lists(step) for step in steps[mine + 1 :]):
        return None
    gone = {step.import_id for step in steps if step.action == "undo"} | {import_id}
    stands = [step for step in steps if not (_of_lists(step) and (step.action == "undo" or step.import_id in gone))]
    if not stands:
        return _Back(_closing(steps[-1]), closes=True)
    if steps[mine].version == 1:
        return _Back()  # another list speaks of it, too
    then = {name: _before(steps, stands, name) for name in steps[mine].changes}
    now = {name: _last(steps, name) for name in then}
    return _Back(
        {name: [now[name], then[name]] for name in then if name not in STOOD_FOR and now[name] != then[name]},
        {name: then[name] for name in then if name in STOOD_FOR},
    )


def _of_lists(step: Any) -> bool:
    """Whether a step is an import, or one that was taken back."""
    return step.import_id is not None and step.action in ("import", "undo")


def _last(steps: Sequence[Any], name: str) -> Any:
    return next(step.changes[name][1] for step in reversed(steps) if name in step.changes)


def _before(steps: Sequence[Any], stands: Sequence[Any], name: str) -> Any:
    """What the steps that stand have made of a field; where none speaks of it, what it was before all of them."""
    if any(name in step.changes for step in stands):
        return _last(stands, name)
    return next(step.changes[name][0] for step in steps if name in step.changes)


def _closing(pin: Any) -> dict[str, list[Any]]:
    """What has to change for a pin that would not be there: field → [now, then]."""
    wanted = {"status": "closed", "closed_from": None, "closed_until": None, "closed_reason": REASON}
    found = {name: (getattr(pin, name), value) for name, value in wanted.items()}
    return {
        name: [before.isoformat() if isinstance(before, datetime) else before, after]
        for name, (before, after) in found.items()
        if before != after
    }


def _stored(name: str, value: Any) -> Any:
    """A value of the history as the column takes it."""
    if name == "point" and value is not None:
        return f"SRID=4326;POINT({value[0]!r} {value[1]!r})"
    return value
