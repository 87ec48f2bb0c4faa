"""Deletes the oldest entries so that the rest can still be verified.

Letter L3.6 requires at least 90 days. The entry about the deletion has the number and the hash of the last deleted
entry, signed: without our key no one can present a missing beginning as a regular deletion.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from mapapp.audit import service, verification
from mapapp.audit.models import WORDS, AuditEntry
from mapapp.audit.signatures import Head, anchor_message
from mapapp.core.actors import Actor
from mapapp.core.clock import midnight, today
from mapapp.core.errors import N_, Conflict, invalid
from mapapp.core.vault import Vault

KEPT_DAYS = 90
"""Letter L3.6."""


_THEIR_WORDS = text("""
DELETE FROM written_texts AS t
USING audit_log AS entry, jsonb_each(entry.details -> :key) AS told
WHERE entry.seq <= :upto AND jsonb_typeof(entry.details -> :key) = 'object' AND t.id = (told.value ->> 0)::bigint
  AND t.subject_kind <> 'request'
""")
"""Texts that people wrote with the deleted entries. Those that also belong to a request's history are deleted with the
request."""


@dataclass(frozen=True)
class Pruned:
    """How many entries were (or would be) deleted, and the number of the last of them."""

    entries: int
    upto: int


def prune(
    session: Session, actor: Actor, vault: Vault, heads: Iterable[Head], *, before: date, now: datetime, dry_run: bool
) -> Pruned:
    """Deletes the entries from before a day (Bangkok), as the owner of the table.

    The entry of the newest checkpoint and all later ones are kept, so that the checkpoint can still be compared.

    Raises:
        Invalid: the day is not at least ``KEPT_DAYS`` ago.
        Conflict: the log is damaged (traces of tampering are evidence), or there is no checkpoint yet.
    """
    limit = today(now - timedelta(days=KEPT_DAYS))
    if before > limit:
        raise invalid("before", N_("Entries are kept for %(days)s days: give %(day)s or an earlier day."),
                      days=KEPT_DAYS, day=limit)  # fmt: skip
    report = verification.verify(session, [vault.public_key], heads)
    if not report.is_whole:
        raise Conflict(N_("The audit log is damaged. Nothing was deleted. Run mapapp audit verify."))
    if report.newest_head is None:
        raise Conflict(N_("There is no signed checkpoint yet. Run mapapp audit export-head first."))
    start = midnight(before).astimezone(UTC)
    kept = select(func.min(AuditEntry.seq)).where(AuditEntry.at >= start)
    first_kept = min(session.execute(kept).scalar_one() or report.newest_head.seq, report.newest_head.seq)
    upto = first_kept - 1
    count = max(0, first_kept - (report.first or first_kept))
    if not count or dry_run:
        return Pruned(count, upto)
    newest: bytes = session.execute(select(AuditEntry.hash).where(AuditEntry.seq == upto)).scalar_one()
    session.execute(_THEIR_WORDS, {"key": WORDS, "upto": upto})
    session.execute(delete(AuditEntry).where(AuditEntry.seq <= upto))
    signature = base64.b64encode(vault.sign(anchor_message(upto, newest))).decode()
    details = {"before": before, "entries": count, "upto": upto, "signature": signature}
    service.record(session, actor, verification.PRUNED, "audit", upto, area_code="TH", now=now, details=details)
    return Pruned(count, upto)
