"""Heads are signed once a day, into the table and a file, and never make good what was tampered with."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from mapapp import database, rooms
from mapapp.audit import heads, pruning, verification
from mapapp.audit.models import AuditEntry, AuditHead
from mapapp.audit.signatures import parse_public_key, public_key_text
from mapapp.core import config
from mapapp.core.actors import command
from mapapp.core.errors import Conflict, Invalid
from mapapp.core.vault import Vault, new_key, parse_keys
from mapapp.facilities.view_counts import Uses
from tests.at_once import at_once
from tests.audit.build import START, write
from tests.conftest import migrated_database

SECRET = new_key("here")
VAULT = Vault(parse_keys(SECRET))
KEYS = [VAULT.public_key]
NIGHT = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
"""Five minutes past midnight in Bangkok: the 20th has just ended."""


def export(session: Session, folder: Path, now: datetime = NIGHT) -> Any:
    made = heads.export_head(session, VAULT, folder, now)
    session.commit()
    return made


def whole(session: Session, folder: Path) -> bool:
    return verification.verify(session, KEYS, heads.known(session, folder)).is_whole


def test_a_day_has_one_head_in_the_table_and_in_a_file(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "heads"
    write(session, 3)
    head = export(session, folder)
    assert (head.day, head.seq) == (date(2026, 11, 20), 3)
    file = folder / "2026-11-20.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [file.name]
    assert heads.stored(session) == heads.read_folder(folder) == heads.known(session, folder) == [head]

    write(session, 2)
    assert export(session, folder, NIGHT + timedelta(hours=20)) == head, "the same day again"
    assert export(session, folder, NIGHT + timedelta(hours=24)).seq == 5
    report = verification.verify(session, KEYS, heads.known(session, folder))
    assert report.is_whole
    assert (report.heads, report.beyond) == (2, 0)


def test_just_before_midnight_the_day_has_not_ended(session: Session, tmp_path: Path) -> None:
    write(session, 1)
    assert export(session, tmp_path, NIGHT - timedelta(minutes=6)).day == date(2026, 11, 19)


def test_nothing_recorded_has_no_head(session: Session, tmp_path: Path) -> None:
    assert export(session, tmp_path) is None


def test_a_lost_file_is_written_again(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    head = export(session, tmp_path)
    (tmp_path / "2026-11-20.json").unlink()
    assert export(session, tmp_path) == head
    assert heads.read_folder(tmp_path) == [head]


def test_a_head_of_another_machine_is_taken_from_its_file(owned: Session, tmp_path: Path) -> None:
    write(owned, 2)
    head = export(owned, tmp_path)
    owned.execute(delete(AuditHead))
    write(owned, 2)
    assert export(owned, tmp_path) == head
    assert heads.stored(owned) == [head]


def test_a_different_file_is_never_written_over(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    export(session, tmp_path)
    file = tmp_path / "2026-11-20.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "seq": 1}))
    with pytest.raises(Conflict, match="differs between"):
        heads.export_head(session, VAULT, tmp_path, NIGHT)
    assert json.loads(file.read_text())["seq"] == 1
    assert not whole(session, tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", "{", '{"day": 3}', "\x00", "x" * 10_000, "DAY"])
def test_a_file_that_is_no_head(session: Session, tmp_path: Path, content: str) -> None:
    write(session, 1)
    export(session, tmp_path)
    file = tmp_path / "2026-11-20.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "signed_at": "0001-01-01T00:00:00+14:00"}) if content == "DAY" else content)
    with pytest.raises(Invalid, match=r"2026-11-20\.json: This is not a checkpoint"):
        heads.known(session, tmp_path)


def tampered(statement: str) -> Callable[[Session], object]:
    return lambda session: session.execute(text(statement))


@pytest.mark.parametrize(
    "tamper",
    [
        tampered("DELETE FROM audit_log WHERE seq > 2"),
        tampered("DELETE FROM audit_log"),
        tampered("UPDATE audit_log SET action = 'x' WHERE seq = 4"),
        tampered("UPDATE audit_log SET action = 'x' WHERE seq = 7"),
        tampered("DELETE FROM audit_log WHERE seq = 6"),
    ],
)
def test_what_was_tampered_with_is_not_signed(
    owned: Session, tmp_path: Path, tamper: Callable[[Session], object], caplog: pytest.LogCaptureFixture
) -> None:
    write(owned, 4)
    export(owned, tmp_path)
    write(owned, 4, start=START + timedelta(days=1))
    tamper(owned)
    owned.execute(delete(AuditHead))  # whoever owns the tables takes the head along; the file stays
    owned.commit()
    with pytest.raises(Conflict, match="No checkpoint was signed"):
        heads.export_head(owned, VAULT, tmp_path, NIGHT + timedelta(days=1))
    with caplog.at_level(logging.CRITICAL):
        heads.chores(owned, vault=VAULT, folder=tmp_path, now=NIGHT + timedelta(days=1))
    assert "No checkpoint was signed" in caplog.text
    assert heads.stored(owned) == []


def test_a_forged_row_among_the_heads_is_told(owned: Session, tmp_path: Path) -> None:
    write(owned, 3)
    export(owned, tmp_path)
    row = {"day": date(2026, 11, 21), "seq": 2, "hash": bytes(32), "signed_at": NIGHT, "signature": bytes(64)}
    owned.execute(insert(AuditHead).values(row))
    report = verification.verify(owned, KEYS, heads.known(owned, tmp_path))
    assert [str(problem) for problem in report.problems] == ["The checkpoint of 2026-11-21 is not signed with our key."]
    owned.execute(text("UPDATE audit_heads SET signed_at = 'infinity', day = '-infinity' WHERE seq = 2"))
    assert not whole(owned, tmp_path)
    owned.execute(update(AuditHead).where(AuditHead.seq == 3).values(seq=2))
    assert not whole(owned, tmp_path)


def test_chores_keep_quiet_where_nothing_is_wrong(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    for _ in range(2):
        heads.chores(session, vault=VAULT, folder=tmp_path, now=NIGHT)
    session.commit()
    assert len(heads.read_folder(tmp_path)) == len(heads.stored(session)) == 1


def test_housekeeping_does_it_as_the_services_own_role(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    own = config.Config(secret_keys=SECRET, audit_heads=str(tmp_path))
    (chore,) = [one for one in rooms.chores(own, {"mapapp_uses": Uses()}) if one.name == "signed head"]
    chore.work(session, NIGHT)
    session.commit()
    assert heads.read_folder(tmp_path) == heads.stored(session) != []
    assert whole(session, tmp_path)


def test_chores_survive_a_folder_that_cannot_be_written(
    session: Session, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(session, 2)
    (tmp_path / "file").write_text("no folder")
    heads.chores(session, vault=VAULT, folder=tmp_path / "file" / "heads", now=NIGHT)
    assert "cannot be written" in caplog.text
    assert heads.stored(session) == []


def test_many_processes_agree_on_one_head(worker: str, tmp_path: Path) -> None:
    made = migrated_database(f"mapapp_heads_{worker}")
    try:
        with database.sessions(made)() as session:
            write(session, 3)

        found = at_once(made, [lambda own: export(own, tmp_path)] * 4)
        with database.sessions(made)() as session:
            assert set(found) == set(heads.stored(session)) == set(heads.read_folder(tmp_path))
            assert len(set(found)) == 1
    finally:
        made.dispose()


def test_the_public_key_as_text() -> None:
    shown = public_key_text(VAULT.public_key)
    assert public_key_text(parse_public_key(f" {shown}\n")) == shown
    for wrong in ("", "x", shown[:-4], "ก"):
        with pytest.raises(Invalid):
            parse_public_key(wrong)


# Pruning ------------------------------------------------------------------------------------------------------------

LATER = START + timedelta(days=200)


def prune(session: Session, folder: Path, before: date, *, dry_run: bool = False, now: datetime = LATER) -> int:
    known = heads.known(session, folder)
    done = pruning.prune(session, command(), VAULT, known, before=before, now=now, dry_run=dry_run)
    session.commit()
    return done.entries


@pytest.fixture
def old(owned: Session, tmp_path: Path) -> Session:
    """Five entries of 1 November, five of the 21st; a head after each."""
    write(owned, 5)
    export(owned, tmp_path, START + timedelta(days=1))
    write(owned, 5, start=START + timedelta(days=20))
    export(owned, tmp_path, START + timedelta(days=21))
    return owned


def test_the_beginning_goes_and_the_rest_proves_itself(old: Session, tmp_path: Path) -> None:
    assert prune(old, tmp_path, date(2026, 11, 10), dry_run=True) == 5
    assert verification.total(old) == 10
    assert prune(old, tmp_path, date(2026, 11, 10)) == 5
    report = verification.verify(old, KEYS, heads.known(old, tmp_path))
    assert (report.is_whole, report.entries, report.first, report.last) == (True, 6, 6, 11)
    write(old, 2, start=LATER)
    assert prune(old, tmp_path, date(2026, 11, 10)) == 0
    assert export(old, tmp_path, LATER).seq == 13
    assert prune(old, tmp_path, date(2027, 1, 1)) == 5, "the newest head's own entry stays"
    assert whole(old, tmp_path)


def test_nobody_else_can_pass_a_missing_beginning_off_as_pruned(old: Session, tmp_path: Path) -> None:
    old.execute(delete(AuditEntry).where(AuditEntry.seq <= 5))
    assert not whole(old, tmp_path)
    other = Vault(parse_keys(new_key("there")))
    old.rollback()
    assert prune(old, tmp_path, date(2026, 11, 10)) == 5
    old.execute(delete(AuditEntry).where(AuditEntry.seq == 6))
    assert not whole(old, tmp_path), "one more than was signed for"
    report = verification.verify(old, [other.public_key], [])
    assert not report.is_whole


def test_what_is_not_to_be_pruned(old: Session, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="90 days"):
        prune(old, tmp_path, date(2027, 3, 1))
    old.execute(delete(AuditHead))
    with pytest.raises(Conflict, match="no signed checkpoint"):
        prune(old, tmp_path / "elsewhere", date(2026, 11, 10))
    old.rollback()
    old.execute(update(AuditEntry).where(AuditEntry.seq == 2).values(action="x"))
    with pytest.raises(Conflict, match="The audit log is damaged"):
        prune(old, tmp_path, date(2026, 11, 10))
    assert old.scalars(select(AuditEntry.seq).where(AuditEntry.seq == 1)).one() == 1
