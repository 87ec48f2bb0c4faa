"""Thousands of pins written by one statement: the rows travel as JSON, the table itself says what each value is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.facilities.history_values import LISTED, STAMPS

_FILLED = (*LISTED, *STAMPS, "source", "source_ref", "version", "created_at", "updated_at")
_CHANGED = (*LISTED, *STAMPS, "version", "updated_at")
_STEP = ("facility_id", "version", "at", "action", "actor_kind", "actor_id", "appointment_id", "reason", "changes",
         "import_id")  # fmt: skip


def _listed(names: Sequence[str], of: str = "") -> str:
    return ", ".join(f"{of}{name}" for name in names)


_INSERT = text(
    f"INSERT INTO facilities ({_listed(_FILLED)}) SELECT {_listed(_FILLED, 'r.')}"  # noqa: S608 - our own names
    " FROM json_populate_recordset(NULL::facilities, CAST(:rows AS json)) AS r RETURNING id, source, source_ref"
)
# What a row does not name keeps the value it has.
_UPDATE = text(
    f"UPDATE facilities AS f SET ({_listed(_CHANGED)}) ="  # noqa: S608 - our own names
    f" (SELECT {_listed(_CHANGED, 'r.')} FROM jsonb_populate_record(f, given.data) AS r)"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(id bigint, data jsonb) WHERE f.id = given.id"
)
_HISTORY = text(
    f"INSERT INTO facility_changes ({_listed(_STEP)}) SELECT {_listed(_STEP, 'r.')}"  # noqa: S608 - our own names
    " FROM json_populate_recordset(NULL::facility_changes, CAST(:rows AS json)) AS r"
)


def insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, str]]:
    """New pins; returns the id, source and reference of each."""
    if not rows:
        return []
    return [(row.id, row.source, row.source_ref) for row in session.execute(_INSERT, {"rows": _json(rows)})]


def update(session: Session, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Changes pins: the columns named for each id."""
    if values:
        rows = [{"id": facility_id, "data": one} for facility_id, one in sorted(values.items())]
        session.execute(_UPDATE, {"rows": _json(rows)})


def history(session: Session, steps: Sequence[Mapping[str, Any]]) -> None:
    """Steps of pins' histories."""
    if steps:
        session.execute(_HISTORY, {"rows": _json(steps)})


def _json(rows: object) -> str:
    return json.dumps(rows, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, geo.Point):
        return value.ewkt
    return str(value)
