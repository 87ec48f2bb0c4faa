"""Reads the whole audit log and checks that it was not changed.

The hashes show entries that were changed, removed, inserted or moved. Only the signed checkpoints can show whether the
newest entries are still there and whether the end was rewritten: they are also stored outside the database.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from mapapp.audit.chain import FIRST, Link, digest
from mapapp.audit.models import AuditEntry
from mapapp.audit.signatures import Head, anchor_message, is_signed
from mapapp.core.errors import N_, Message

PRUNED = "audit.prune"
"""The action of deleting old entries; its entry has the signed anchor."""

TOLD = 20
"""Maximum number of problems that are listed; of the others only the number."""

_BATCH = 2_000

# All columns as text, so that an impossible moment cannot stop the check.
_STREAM = text("""
SELECT seq, CASE WHEN at >= '0001-01-01 00:00:00+00' THEN
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00' END AS at,
    actor_id::text AS actor_id, actor_kind, appointment_id, action, subject_kind, subject_id, area_code,
    details::text AS details, address, previous, hash
FROM audit_log WHERE seq >= :since ORDER BY seq
""")

CHANGED = N_("Entry %(seq)s was changed after it was recorded.")
GAP = N_("Entries are missing before entry %(seq)s.")
ORDER = N_("Entry %(seq)s is in the place of another entry.")
TIE = N_("Entry %(seq)s does not match the entry before it.")
BEGINNING = N_("The beginning of the audit log is missing: it starts at entry %(seq)s.")
CUT = N_("The end of the audit log is missing: on %(day)s it had %(seq)s entries.")
HEAD = N_("Entry %(seq)s is not the entry that was signed on %(day)s.")
SIGNATURE = N_("The checkpoint of %(day)s is not signed with our key.")


@dataclass(frozen=True)
class Report:
    """The result: number of ``entries`` read, from ``first`` to ``last``; the number of matching checkpoints and the
    newest of them; and up to ``TOLD`` of the ``count`` problems."""

    entries: int
    first: int | None
    last: int | None
    heads: int
    newest_head: Head | None
    count: int
    problems: tuple[Message, ...]

    @property
    def is_whole(self) -> bool:
        """Whether no problem was found."""
        return self.count == 0

    @property
    def beyond(self) -> int:
        """Number of entries newer than the newest checkpoint. It is not proven that none of them is missing."""
        return (self.last or 0) - (self.newest_head.seq if self.newest_head else 0)


@dataclass
class Walk:
    """Checks the entries one by one; keeps only the last of them in memory.

    Args:
        public_keys: the keys whose signatures are accepted.
        heads: the signed checkpoints to compare with.
        since: entries before this one are not checked.
    """

    public_keys: Sequence[Ed25519PublicKey]
    heads: Iterable[Head]
    since: int = 1
    entries: int = 0
    count: int = 0
    agreed: int = 0
    newest: Head | None = None
    problems: list[Message] = field(default_factory=list)
    first: int | None = None
    last: tuple[int, bytes] | None = None
    anchor: tuple[int, bytes] | None = None
    """The hash before the first remaining entry, until an entry proves that the beginning was deleted regularly."""
    waiting: dict[int, list[Head]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for head in self.heads:
            if is_signed(self.public_keys, head.signature, head.message):
                self.waiting.setdefault(head.seq, []).append(head)
            else:
                self._tell(SIGNATURE, day=head.day.isoformat())

    def step(self, row: Link) -> None:
        """Checks the next entry."""
        self.entries += 1
        if self.last is None:
            self._begin(row)
        assert self.last is not None
        seq, previous = self.last
        if row.seq > seq + 1:
            self._tell(GAP, seq=row.seq)
        elif row.seq <= seq:
            self._tell(ORDER, seq=row.seq)
        elif row.previous != previous:
            self._tell(TIE, seq=row.seq)
        try:
            right = digest(row) == row.hash
        except (ValueError, TypeError, RecursionError):
            right = False
        if not right:
            self._tell(CHANGED, seq=row.seq)
        elif row.action == PRUNED and self.anchor is not None and _proves(row, self.anchor, self.public_keys):
            self.anchor = None
        self._compare(row.seq, row.hash)
        self.last = (row.seq, row.hash)

    def end(self) -> Report:
        """The checks that need all entries."""
        if self.anchor is not None:
            self._tell(BEGINNING, seq=self.first)
        for seq, heads in sorted(self.waiting.items()):
            if self.last is None or seq > self.last[0]:
                for head in heads:
                    self._tell(CUT, seq=seq, day=head.day.isoformat())
        return Report(
            entries=self.entries,
            first=self.first,
            last=None if self.last is None else self.last[0],
            heads=self.agreed,
            newest_head=self.newest,
            count=self.count,
            problems=tuple(self.problems),
        )

    def _begin(self, row: Link) -> None:
        self.first = row.seq
        self.last = (0, FIRST)
        if self.since > 1:
            self.last = (self.since - 1, row.previous)
        elif row.seq > 1:
            self.anchor = (row.seq - 1, row.previous)
            self.last = self.anchor
            self._compare(*self.anchor)

    def _compare(self, seq: int, found: bytes) -> None:
        for head in self.waiting.pop(seq, ()):
            if head.hash != found:
                self._tell(HEAD, seq=seq, day=head.day.isoformat())
                continue
            self.agreed += 1
            if self.newest is None or head.seq >= self.newest.seq:
                self.newest = head

    def _tell(self, what: str, **values: object) -> None:
        self.count += 1
        if len(self.problems) < TOLD:
            self.problems.append(Message(what, values))


def _proves(row: Link, anchor: tuple[int, bytes], public_keys: Sequence[Ed25519PublicKey]) -> bool:
    told: Any = json.loads(row.details)
    try:
        signature = base64.b64decode(told["signature"], validate=True)
    except (KeyError, TypeError, ValueError):
        return False
    return is_signed(public_keys, signature, anchor_message(*anchor))


def verify(
    session: Session,
    public_keys: Sequence[Ed25519PublicKey],
    heads: Iterable[Head] = (),
    *,
    since: int = 1,
    progress: Callable[[int], object] = lambda _done: None,
) -> Report:
    """Checks the audit log from entry ``since`` on, in one snapshot and with little memory, and returns what is wrong.

    Args:
        session: of any role that may read it; in a transaction (the rows come through a cursor on the server).
        public_keys: the keys that may have signed; after the oldest encryption key was removed, also the ones before.
        heads: from the database (``heads.stored``) and from files (``heads.read_folder``), read before this call.
        progress: called with the number of entries read, from time to time.
    """
    walk = Walk(public_keys, [head for head in heads if head.seq >= since], since)
    for row in stream(session, since):
        walk.step(row)
        if walk.entries % _BATCH == 0:
            progress(walk.entries)
    progress(walk.entries)
    return walk.end()


def stream(session: Session, since: int = 1) -> Iterator[Link]:
    """The entries from ``since`` on, by number."""
    # If all entries are wanted, those before number 1 too: nothing must be hidden at 0 and below.
    values = {"since": since if since > 1 else -(2**63)}
    found = session.execute(_STREAM, values, execution_options={"yield_per": _BATCH})
    for row in found:
        yield as_link(row)


def as_link(row: Row[Any]) -> Link:
    """A row of the stream; the driver's memory views become bytes."""
    return Link._make((*row[:-2], bytes(row.previous or b""), bytes(row.hash or b"")))


def total(session: Session) -> int:
    """The number of entries, for a progress bar."""
    return session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
