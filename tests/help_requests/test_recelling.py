"""Stored cells follow the grid; nobody is told more exactly than they were promised; killed half-way it goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.cli import main
from mapapp.core import config
from mapapp.help_requests import cells, recelling
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident import erasure
from tests.conftest import NOON, migrated_database, test_database_url
from tests.data import small_country
from tests.help_requests.build import add_request


@pytest.fixture
def crowded(session: Session) -> Session:
    small_country(session)
    session.execute(text("UPDATE areas SET households = 400000"))
    return session


def _keys(session: Session) -> list[str]:
    return list(session.scalars(select(HelpRequest.cell_key).order_by(HelpRequest.id)))


def test_a_wider_grid_widens_what_is_stored(crowded: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for lat, lon in ((14.0573, 100.0312), (14.0512, 100.0388)):
        add_request(crowded, lat=lat, lon=lon, at=NOON)
    assert recelling.recell(crowded)[1] == 0, "nothing has changed"
    monkeypatch.setattr(cells, "HUNDREDTHS", 50)
    assert recelling.recell(crowded)[1] == 2
    assert _keys(crowded) == ["1:702:5001", "1:702:5001"]
    assert recelling.recell(crowded)[1] == 0


def test_a_finer_grid_shows_no_more_of_older_requests(crowded: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    request = add_request(crowded, lat=14.0573, lon=100.0312, at=NOON)
    wide = cells.box(request.cell_key)
    monkeypatch.setattr(cells, "HUNDREDTHS", 200)
    recelling.recell(crowded)
    (key,) = _keys(crowded)
    assert key == "2:2810:20006"
    assert cells.box(key) == pytest.approx(wide)
    monkeypatch.setattr(cells, "HUNDREDTHS", 1000)
    recelling.recell(crowded)
    assert _keys(crowded) == ["t:900101"], "no cell of that grid is as wide as was promised"


def test_a_few_at_a_time_and_erased_ones_never(crowded: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [add_request(crowded, lat=14.0573, lon=100.0312, at=NOON) for _ in range(3)]
    erasure.erase(crowded, None, made[2].id, NOON)
    monkeypatch.setattr(cells, "HUNDREDTHS", 50)
    assert recelling.recell(crowded, limit=1) == (made[0].id, 1)
    assert recelling.recell(crowded, above=made[0].id) == (made[1].id, 1)
    assert recelling.recell(crowded, above=made[1].id) == (None, 0)


@pytest.fixture
def kept(worker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database of its own, and the command pointed at it."""
    name = f"mapapp_recell_{worker}"
    migrated_database(name).dispose()
    made = database.engine(test_database_url(name), role=config.APP_ROLE)
    monkeypatch.setenv("MAPAPP_DATABASE_URL", test_database_url(name))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    yield made
    made.dispose()


def test_the_command(kept: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    factory: sessionmaker[Session] = database.sessions(kept)
    with factory() as session:
        small_country(session)
        session.execute(text("UPDATE areas SET households = 400000"))
        add_request(session, lat=14.0573, lon=100.0312, at=NOON)
        session.commit()
    monkeypatch.setattr(cells, "HUNDREDTHS", 50)
    told = CliRunner().invoke(main, ["requests", "recell"])
    assert (told.exit_code, told.output.strip()) == (0, "1 requests have another cell now.")
    with factory() as session:
        assert _keys(session) == ["1:702:5001"]
