"""``mapapp audit``: the operator proves the record, signs heads, and takes old entries away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from mapapp.cli import main
from tests.audit.build import START, write
from tests.conftest import KEYS, migrated_database, test_database_url


@pytest.fixture
def database(worker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    name = f"mapapp_audit_cli_{worker}"
    made = migrated_database(name)
    monkeypatch.setenv("MAPAPP_DATABASE_URL", test_database_url(name))
    monkeypatch.setenv("MAPAPP_SECRET_KEYS", KEYS)
    monkeypatch.setenv("MAPAPP_AUDIT_HEADS", str(tmp_path / "heads"))
    monkeypatch.setenv("LANGUAGE", "en")
    yield made
    made.dispose()


@pytest.fixture
def run(database: Engine) -> Callable[..., Result]:
    def made(*words: str) -> Result:
        found = CliRunner().invoke(main, ["audit", *words])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return made


def test_from_an_empty_record_to_a_tampered_one(database: Engine, run: Callable[..., Result], tmp_path: Path) -> None:
    assert "no checkpoint" in run("export-head").output
    assert "intact: 0 entries" in run("verify").output
    with Session(database) as session:
        write(session, 5, start=datetime.now(UTC) - timedelta(days=2))
    verified = run("verify")
    assert verified.exit_code == 0
    assert "intact: 5 entries; matching signed checkpoints: 0" in verified.output
    assert "newer than the latest signed checkpoint: 5" in verified.output
    assert "entry 5" in run("export-head").output
    assert "entry 5" in run("export-head").output
    assert "signed checkpoints: 1" in run("verify").output
    assert "newer" not in run("verify").output

    with database.begin() as connection:
        connection.execute(text("DELETE FROM audit_log WHERE seq = 5"))
        connection.execute(text("DELETE FROM audit_heads"))
    found = run("verify")
    assert found.exit_code == 1
    assert "The end of the audit log is missing" in found.output
    assert "Problems found: 1" in found.output
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("verify", "--heads", str(empty)).exit_code == 0, "without heads nothing tells of a cut end"


def test_another_key(run: Callable[..., Result], database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(database) as session:
        write(session, 2)
    run("export-head")
    first = run("public-key").output.strip()
    monkeypatch.setenv("MAPAPP_SECRET_KEYS", "new:" + "A" * 43 + "=")
    assert "not signed with our key" in run("verify").output
    assert run("verify", "--public-key", first).exit_code == 0
    assert run("verify", "--public-key", "nonsense").exit_code == 1


def test_pruning(run: Callable[..., Result], database: Engine) -> None:
    with Session(database) as session:
        write(session, 3, start=START - timedelta(days=400))
        write(session, 3, start=datetime.now(UTC) - timedelta(days=2))
    run("export-head")
    assert run("prune", "--before", f"{datetime.now(UTC):%Y-%m-%d}").exit_code == 1
    before = f"{datetime.now(UTC) - timedelta(days=100):%Y-%m-%d}"
    assert "3 entries would be" in run("prune", "--before", before, "--dry-run").output
    assert "3 entries were deleted" in run("prune", "--before", before).output
    assert "intact: 4 entries" in run("verify").output
