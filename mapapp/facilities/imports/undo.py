"""Takes a finished import back: its new pins are closed, what it changed gets its values back. Nothing is deleted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
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
    SELECT c.facility_id, c.version, c.changes, f.version AS newest, f.name_th, f.status, f.closed_from,
        f.closed_until, f.closed_reason
    FROM facility_changes AS c
    JOIN facilities AS f ON f.id = c.facility_id
    WHERE c.import_id = :import_id AND c.action = 'import'
    ORDER BY f.id
    FOR UPDATE OF f
""")


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
    for step in session.execute(_STEPS, {"import_id": import_id}):
        if step.newest != step.version:
            done.left.append(step.facility_id)
            continue
        changes = _backwards(step)
        facts = {name: _stored(name, after) for name, (_before, after) in changes.items()}
        stamps: dict[str, Any] = {SAID_AT["status"]: now} if "status" in facts else {}
        if step.version > 1:
            done.restored += 1
            # Who stood for it before this list did; steps of before that was kept have nothing of it.
            stamps |= {name: step.changes[name][0] for name in STOOD_FOR if name in step.changes}
        else:
            done.closed += 1
        if "point" in facts:
            moved.add(step.facility_id)
        values[step.facility_id] = facts | stamps | {"version": step.version + 1, "updated_at": now}
        history.append(
            {
                "facility_id": step.facility_id, "version": step.version + 1, "at": now, "action": "undo",
                "actor_kind": actor.kind, "actor_id": actor.person_id, "appointment_id": actor.appointment_id,
                "changes": changes, "import_id": import_id,
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


def _backwards(step: Any) -> dict[str, list[Any]]:
    """What has to change for the import to be undone: field → [now, then]."""
    if step.version > 1:
        return {name: [after, before] for name, (before, after) in step.changes.items() if name not in STOOD_FOR}
    wanted = {"status": "closed", "closed_from": None, "closed_until": None, "closed_reason": REASON}
    found = {name: (getattr(step, name), value) for name, value in wanted.items()}
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
