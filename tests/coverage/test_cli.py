"""``mapapp coverage refresh`` on a database of its own transactions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from mapapp import database
from mapapp.cli import main
from mapapp.core import config
from mapapp.coverage import service
from tests.conftest import migrated_database, test_database_url
from tests.coverage.drawing import draw, pin, stored


@pytest.fixture
def kept(worker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The drawn country, committed in a database of its own, and the command pointed at it."""
    name = f"mapapp_coverage_cli_{worker}"
    migrated_database(name).dispose()
    made = database.engine(test_database_url(name), role=config.APP_ROLE)
    monkeypatch.setenv("MAPAPP_DATABASE_URL", test_database_url(name))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    with database.sessions(made)() as session:
        draw(session)
        pin(session, lat=14.95, lon=100.05)
        session.commit()
    yield made
    made.dispose()


def test_refresh(kept: Engine) -> None:
    answer = CliRunner().invoke(main, ["coverage", "refresh"])
    assert answer.exit_code == 0, answer.output
    with database.sessions(kept)() as session:
        assert not service.stale(session)
        assert stored(session)["500101", "hospital"]["facilities"] == 1
        assert database.data_versions(session)["coverage"] >= 2  # said once when it began, once a step


def test_a_list_is_there_before_its_figures_and_holds_nobody_up(
    kept: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("รหัส,ชื่อ,lat,lon\n1,โรงพยาบาลใหม่,14.95,100.06\n", encoding="utf-8")
    seen: dict[str, Any] = {}
    catch_up = service.catch_up

    def watched(sessions: Any) -> None:
        with database.sessions(kept)() as other:
            seen["rows"] = other.execute(text("SELECT count(*) FROM facilities")).scalar_one()
            seen["pending"] = service.stale(other).pending
            seen["locks"] = other.execute(
                text(
                    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
                    " WHERE locktype = 'advisory' AND datname = current_database()"
                )
            ).scalar_one()
        catch_up(sessions)

    monkeypatch.setattr(service, "catch_up", watched)
    answer = CliRunner().invoke(main, ["facilities", "import", str(listed), "--kind", "hospital", "--source", "x"])
    assert answer.exit_code == 0, answer.output
    assert (seen["rows"], seen["locks"]) == (2, 0)
    assert seen["pending"] > 0
    with database.sessions(kept)() as session:
        assert service.stale(session).pending == 0
        # A list that says no day is of nobody knows when: what it brings counts where such places do.
        assert stored(session, "coverage_counting_stale")["500101", "hospital"]["facilities"] == 1


def test_refresh_of_one_kind_then_of_what_changed(kept: Engine) -> None:
    assert CliRunner().invoke(main, ["coverage", "refresh", "--kind", "hospital"]).exit_code == 0
    with database.sessions(kept)() as session:
        assert not service.stale(session, ["hospital"])
        assert service.stale(session).missing == 4 * 9
        pin(session, lat=14.95, lon=100.05)
        session.commit()
    assert CliRunner().invoke(main, ["coverage", "refresh", "--changed"]).exit_code == 0
    with database.sessions(kept)() as session:
        assert not service.stale(session)


def test_refresh_refuses_what_it_does_not_know() -> None:
    assert CliRunner().invoke(main, ["coverage", "refresh", "--kind", "pub"]).exit_code == 2
    assert CliRunner().invoke(main, ["coverage", "refresh", "--changed", "--kind", "hospital"]).exit_code == 2
