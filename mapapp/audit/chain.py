"""The hash chain: what an entry is, its canonical form, and the hash that links it to the entry before. No database
access."""

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
"""The hash before the first entry."""

_EXACT = 2**63
"""Whole numbers below this are kept exactly by every JSON reader in the database; larger ones are stored as text."""


@dataclass(frozen=True)
class Entry:
    """An entry that has no place in the chain yet."""

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
    """An entry in the chain, as it is read for verification: moments, ids and ``details`` (JSON) as text."""

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
    """The text without characters that the database cannot store: NUL and lone surrogates become U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(value: Any) -> Any:
    """A value in the form in which JSON in the database returns it.

    Numbers with fractions, moments, ids and very large numbers become text, and so does everything else that JSON has
    no type for. Characters that no column can store are replaced (``storable``): a strange character must never prevent
    the action that is recorded.
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
    """UTC with microseconds, always with all digits."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(previous: bytes, seq: int, entry: Entry) -> Link:
    """The entry after ``previous``, with its hash."""
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
    """``H(previous ‖ canonical entry)``, SHA-256: the value that ``row.hash`` should have.

    Raises:
        ValueError, TypeError, RecursionError: a column has a value that no entry of this service can have.
    """
    return hashlib.sha256(row.previous + canonical(row)).digest()


def canonical(row: Link) -> bytes:
    """The entry as text with exactly one form: sorted keys, no blanks, ASCII."""
    values = row._asdict()
    del values["previous"], values["hash"]
    values["details"] = json.loads(row.details)
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")
