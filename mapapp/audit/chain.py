"""The chain itself: what an entry is, its one spelling, and the hash that ties it to the entry before it. Pure."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NamedTuple

FIRST = bytes(32)
"""What stands before the first entry."""

_EXACT = 2**63
"""Whole numbers below it every reader of JSON in the database keeps; larger ones are written as text."""


@dataclass(frozen=True)
class Entry:
    """One entry before it has its place in the chain."""

    at: datetime
    actor_id: uuid.UUID | None
    actor_kind: str
    appointment_id: int | None
    action: str
    subject_kind: str
    subject_id: str
    area_code: str | None
    details: dict[str, Any]
    address: str | None


class Link(NamedTuple):
    """An entry in its place, as it is read back to be checked: moments, ids and ``details`` (JSON) as text."""

    seq: int
    at: str | None
    actor_id: str | None
    actor_kind: str
    appointment_id: int | None
    action: str
    subject_kind: str
    subject_id: str
    area_code: str | None
    details: str
    address: str | None
    previous: bytes
    hash: bytes


def storable(text: str) -> str:
    """The text without what the database cannot keep: NUL and lone surrogates become U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(value: Any) -> Any:
    """A value as JSON in the database gives it back exactly.

    Numbers with fractions, moments, ids and very large numbers become text; so does everything else JSON has no word
    for. What no column can hold is replaced (``storable``): a strange character must never undo what it is about.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {storable(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(inner) for inner in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_EXACT <= value < _EXACT else hex(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return storable(repr(value) if isinstance(value, float) else str(value))


def moment(at: datetime) -> str:
    """UTC to the microsecond, always with all its digits."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(previous: bytes, seq: int, entry: Entry) -> Link:
    """The entry in its place after ``previous``, with its hash."""
    loose = Link(
        seq=seq,
        at=moment(entry.at),
        actor_id=None if entry.actor_id is None else str(entry.actor_id),
        actor_kind=entry.actor_kind,
        appointment_id=entry.appointment_id,
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        area_code=entry.area_code,
        details=json.dumps(entry.details),
        address=entry.address,
        previous=previous,
        hash=b"",
    )
    return loose._replace(hash=digest(loose))


def digest(row: Link) -> bytes:
    """``H(previous ‖ canonical entry)``, SHA-256; what ``row.hash`` should be.

    Raises:
        ValueError, TypeError, RecursionError: a column holds what no entry of ours ever did.
    """
    return hashlib.sha256(row.previous + canonical(row)).digest()


def canonical(row: Link) -> bytes:
    """The entry as one text that has one spelling: sorted keys, no blanks, ASCII."""
    values = row._asdict()
    del values["previous"], values["hash"]
    values["details"] = json.loads(row.details)
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")
