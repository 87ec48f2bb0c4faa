"""A list as its page shows it: sheets, columns with samples, the plan. Kept for the next page until data change."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.errors import FieldProblem, Invalid
from mapapp.facilities import list_rows
from mapapp.facilities.imports import jobs, queries
from mapapp.facilities.imports.plan import Plan, plan
from mapapp.facilities.imports.queries import Import
from mapapp.facilities.normalise import written
from mapapp.lists import tables

SAMPLES = 3

MOST_KEPT = 2
"""Lists a process keeps; one of 10,000 rows takes about 40 MB."""


@dataclass(frozen=True)
class Look:
    """What there is to see of an upload."""

    sheets: list[str] = field(default_factory=list)
    sheet: str | None = None
    """The one that was read."""
    top: list[tuple[int, list[str]]] = field(default_factory=list)
    """The first rows of the file as they are."""
    heading: int | None = None
    """The number of the one that heads the columns."""
    headers: list[str] = field(default_factory=list)
    samples: dict[str, list[str]] = field(default_factory=dict)
    """Column → its first values."""
    columns: dict[str, str] = field(default_factory=dict)
    """Field → column, as chosen or guessed."""
    missing: list[str] = field(default_factory=list)
    """Fields without which nothing can be planned; ``kind`` too."""
    problems: list[FieldProblem] = field(default_factory=list)
    """Why the list cannot be read as its settings say."""
    plan: Plan | None = None


_kept: LRUCache[Any, Look] = LRUCache(MOST_KEPT)
_lock = threading.Lock()


def look(session: Session, found: Import) -> Look:
    """The list and its plan; an empty look where the file is gone."""
    versions = database.data_versions(session)
    settings = {name: found.settings.get(name) for name in (*jobs.HOW, "columns", "as_of")}
    key = (
        found.id, found.kind, json.dumps(settings, sort_keys=True), versions.get("facilities"), versions.get("areas")
    )  # fmt: skip
    with _lock:
        kept = _kept.get(key)
    if kept is None:
        kept = _made(session, found)
        with _lock:
            _kept[key] = kept
    return kept


def _made(session: Session, found: Import) -> Look:
    data = queries.file_of(session, found.id)
    if data is None:
        return Look()
    sheets = tables.sheets(data)
    try:
        table = jobs.read(found, data)
    except Invalid as error:
        return Look(sheets=sheets, problems=error.problems)
    columns = jobs.columns(found, table)
    missing = list_rows.missing(columns)
    if found.kind is None and "kind" not in columns:
        missing.append("kind")
    samples = {name: _samples(table, name) for name in table.headers if name}
    planned = None if missing else plan(session, jobs.check(found, table), found.area_code)
    return Look(sheets, table.sheet, table.top, table.heading, table.headers, samples, columns, missing, [], planned)


def _samples(table: tables.Table, header: str) -> list[str]:
    found: list[str] = []
    for _number, cells in table.rows[:200]:
        text = written(cells.get(header))[:40]
        if text and text not in found:
            found.append(text)
        if len(found) == SAMPLES:
            break
    return found
