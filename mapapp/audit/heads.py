"""Signed checkpoints (“heads”): at the end of each day the number and the hash of the newest entry are signed, and
stored in a table and in a file.

A person who can write to the database cannot change the files. Copied to another machine each day, they prove months
later how long the log was, and its newest entry at that time.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.audit import verification
from mapapp.audit.chain import moment
from mapapp.audit.models import AuditEntry, AuditHead
from mapapp.audit.signatures import Head, is_signed, public_key_text
from mapapp.core.clock import today
from mapapp.core.errors import N_, Conflict, Invalid, invalid
from mapapp.core.vault import Vault

log = logging.getLogger(__name__)


def stored(session: Session) -> list[Head]:
    """The checkpoints in the database, oldest first. Malformed ones are included without a valid signature."""
    day = func.to_char(AuditHead.day, "YYYY-MM-DD")
    signed_at = func.to_char(func.timezone("UTC", AuditHead.signed_at), 'YYYY-MM-DD"T"HH24:MI:SS.US')
    rows = session.execute(select(day, AuditHead.seq, AuditHead.hash, signed_at, AuditHead.signature).order_by(day))
    found = []
    for written, seq, made, at, signature in rows:
        try:
            head = Head(date.fromisoformat(written), seq, made, datetime.fromisoformat(f"{at}+00:00"), signature)
        except (ValueError, TypeError):
            head = Head(date.min, seq, made, datetime(1970, 1, 1, tzinfo=UTC), b"")
        found.append(head)
    return found


def read_folder(folder: Path) -> list[Head]:
    """The checkpoints in a folder, oldest first; none if the folder does not exist yet.

    Raises:
        Invalid: a file in it is not a checkpoint.
    """
    return [_read(path) for path in sorted(folder.glob("????-??-??.json"))]


def known(session: Session, folder: Path) -> list[Head]:
    """The checkpoints of table and files, without duplicates. If the two differ, both are included."""
    return list(dict.fromkeys([*stored(session), *read_folder(folder)]))


def last_day(now: datetime) -> date:
    """The last day that has ended in Bangkok."""
    return today(now) - timedelta(days=1)


def export_head(session: Session, vault: Vault, folder: Path, now: datetime) -> Head | None:
    """Signs the newest entry as the checkpoint of the day that has ended, in the table and in
    ``folder/YYYY-MM-DD.json``.

    Safe to repeat, by any number of processes: the first checkpoint of a day is kept, a lost file is written again.

    Returns:
        the checkpoint of the day, or None if nothing has been recorded yet.

    Raises:
        Conflict: the log does not match the previous checkpoint, or table and file differ for this day. Nothing is
            signed then.
        OSError: the file cannot be written.
    """
    day = last_day(now)
    path = folder / f"{day}.json"
    row = session.get(AuditHead, day)
    in_table = None if row is None else Head(row.day, row.seq, row.hash, row.signed_at, row.signature)
    in_file = _read(path) if path.exists() else None
    head = in_table or in_file
    if head is None:
        newest = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
        last = session.execute(newest).one_or_none()
        if last is None and not known(session, folder):
            return None
        _still_fits(session, vault, known(session, folder))
        assert last is not None  # an empty log does not match any checkpoint
        loose = Head(day, last.seq, last.hash, now.astimezone(UTC), b"")
        head = replace(loose, signature=vault.sign(loose.message))
    if in_table is None:
        added = session.execute(insert(AuditHead).values(vars(head)).on_conflict_do_nothing().returning(AuditHead.day))
        if added.one_or_none() is None:  # another process was first and has committed
            session.expire_all()
            return export_head(session, vault, folder, now)
    if in_file is None:
        in_file = _write(path, head, vault)
    if (in_file.seq, in_file.hash) != (head.seq, head.hash) or not is_signed(
        [vault.public_key], head.signature, head.message
    ):
        raise Conflict(
            N_("The checkpoint of %(day)s differs between the database and its file. Run mapapp audit verify."), day=day
        )
    return head


def chores(session: Session, *, vault: Vault, folder: Path, now: datetime) -> None:
    """The regular job: signs the checkpoint of the day that has ended, if it is missing.

    It commits nothing and raises nothing: problems go to the application log, and ``mapapp audit verify`` reports more.
    """
    try:
        export_head(session, vault, folder, now)
    except (Conflict, Invalid) as error:
        log.critical("audit record: %s", error)
        session.rollback()
    except OSError as error:
        log.error("audit record: the head cannot be written: %s", error.strerror)
        session.rollback()


def _still_fits(session: Session, vault: Vault, heads: Iterable[Head]) -> None:
    """Whether the log still matches the newest checkpoint. Otherwise nothing is signed: a signature must not confirm a
    log that was tampered with."""
    newest = max(heads, key=lambda head: head.seq, default=None)
    report = verification.verify(
        session, [vault.public_key], [newest] if newest else [], since=newest.seq if newest else 1
    )
    if not report.is_whole:
        raise Conflict(
            N_("No checkpoint was signed: %(problem)s Run mapapp audit verify."), problem=str(report.problems[0])
        )


def _read(path: Path) -> Head:
    try:
        told = json.loads(path.read_text("utf-8"))
        head = Head(
            day=date.fromisoformat(told["day"]),
            seq=int(told["seq"]),
            hash=bytes.fromhex(told["hash"]),
            signed_at=datetime.fromisoformat(told["signed_at"]),
            signature=base64.b64decode(told["signature"], validate=True),
        )
        moment(head.signed_at)  # refuses a moment that no UTC calendar has
        return head
    except (ValueError, KeyError, TypeError, OverflowError):
        raise invalid(path.name, N_("This is not a checkpoint of the audit log.")) from None


def _write(path: Path, head: Head, vault: Vault) -> Head:
    """Writes the file completely or not at all, readable only by its owner, and never over another one; returns the
    content of the file."""
    told = {
        "day": head.day.isoformat(),
        "seq": head.seq,
        "hash": head.hash.hex(),
        "signed_at": moment(head.signed_at),
        "signature": base64.b64encode(head.signature).decode(),
        "public_key": public_key_text(vault.public_key),
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            json.dump(told, opened, indent=1)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its file is kept
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return _read(path)
