"""The commands, run as an operator runs them, on a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from mapapp.cli import main
from tests.areas.drawing import drawn, write
from tests.conftest import migrated_database, test_database_url


@pytest.fixture(scope="module")
def database(worker: str) -> Iterator[Engine]:
    engine = migrated_database(f"mapapp_areas_cli_{worker}")
    yield engine
    engine.dispose()


def run(database: Engine, *words: str | Path, lang: str = "en") -> Result:
    name = database.url.database
    assert name is not None
    environment = {"MAPAPP_DATABASE_URL": test_database_url(name), "LANGUAGE": lang}
    return CliRunner().invoke(main, ["areas", *map(str, words)], env=environment)


def count(database: Engine) -> int:
    with database.connect() as connection:
        found: int = connection.execute(text("SELECT count(*) FROM areas")).scalar_one()
        return found


def test_an_operator_loads_boundaries_people_and_villages(database: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", drawn())
    tried = run(database, "import", path, "--dry-run")
    assert (tried.exit_code, count(database)) == (0, 0), tried.output
    done = run(database, "import", path, "--source", "test", "--as-of", "2022-01-22")
    assert (done.exit_code, count(database)) == (0, 6), done.output
    assert "New: 6" in done.output

    bad = tmp_path / "bad.geojson"
    bad.write_text("{")
    refused = run(database, "import", bad)
    assert refused.exit_code == 1
    assert "bad.geojson" in refused.output
    assert "Traceback" not in refused.output
    assert count(database) == 6

    people = tmp_path / "p.csv"
    people.write_text("code,total\n500101,10\n500102,20\n500203,30\n50,61\n")
    told = run(database, "population", people)
    assert told.exit_code == 0, told.output
    assert "3 tambons, 60 people" in told.output
    assert "50: 60 ≠ 61" in told.output

    villages = tmp_path / "v.csv"
    villages.write_text("code8,name_th,tambon_code\n50010101,บ้านหนึ่ง,500101\n50010102,,500101\n", encoding="utf-8")
    assert run(database, "villages", villages).exit_code == 1
    loaded = run(database, "villages", villages, "--valid-only")
    assert loaded.exit_code == 0, loaded.output
    assert "1 villages" in loaded.output
    assert "v.csv, row 3, name: The village has no Thai name." in loaded.output
    assert "v.csv, แถว 3, name: " in run(database, "villages", villages, "--valid-only", lang="th").output


def test_wrong_options_say_how_to_write_them(database: Engine) -> None:
    wrong = run(database, "import", "a.geojson", "--map", "population=x")
    assert wrong.exit_code == 2
    assert "field=column" in wrong.output
    assert run(database, "import").exit_code == 2


@pytest.mark.parametrize("command", ["import", "population", "villages"])
def test_help_is_worth_reading(database: Engine, command: str) -> None:
    shown = run(database, command, "--help")
    assert shown.exit_code == 0
    assert "--dry-run" in shown.output
