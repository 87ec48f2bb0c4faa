"""Reads the whole record and proves that it is as it was written.

The hashes tell of anything that was changed, taken out, put in or moved. That the newest entries are still there, and
that nobody has written the whole end anew, only the signed heads can tell: they lie outside the database too.
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
"""The action by which old entries were taken off the beginning; its entry carries the signed anchor."""

TOLD = 20
"""So many problems are told one by one; of the rest only the number."""

_BATCH = 2_000

# Everything as text, so that a moment no calendar here knows cannot stop the reading.
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
    """What was found: ``entries`` read, from ``first`` to ``last``; how many heads agreed, the newest of them; and
    up to ``TOLD`` of the ``count`` problems."""

    entries: int
    first: int | None
    last: int | None
    heads: int
    newest_head: Head | None
    count: int
    problems: tuple[Message, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return self.count == 0

    @property
    def beyond(self) -> int:
        """Entries newer than the newest head: that none is missing at their end nothing proves yet."""
        return (self.last or 0) - (self.newest_head.seq if self.newest_head else 0)


@dataclass
class Walk:
    """Goes along the entries one by one, remembering only the last of them.

    Args:
        public_keys: the keys whose signatures count.
        heads: the signed heads to compare with.
        since: entries before this one are not looked at.
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
    """What stood before the first entry that is left, until an entry proves that it was taken away by us."""
    waiting: dict[int, list[Head]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for head in self.heads:
            if is_signed(self.public_keys, head.signature, head.message):
                self.waiting.setdefault(head.seq, []).append(head)
            else:
                self._tell(SIGNATURE, day=head.day.isoformat())

    def step(self, row: Link) -> None:
        """Looks at the next entry."""
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
        """What can only be said when all have been seen."""
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
    """Reads the record from entry ``since`` on, in one snapshot and with little memory, and says what is wrong.

    Args:
        session: any role's that may read it; in a transaction (the rows come through a cursor on the server).
        public_keys: those that may have signed; after the oldest master key was dropped, the ones before it too.
        heads: from the database (``heads.stored``) and from files (``heads.read_folder``), read before this is called.
        progress: told the number of entries read, now and then.
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
    # From the first on means from before it: nothing may hide at 0 and below.
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
