"""A long list and an action on many pins at once, on a database of their own: one waits for the other, neither dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.actors import command
from mapapp.facilities import changes, service
from mapapp.facilities.schemas import FacilityIn
from tests.at_once import own_database
from tests.conftest import NOON


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country."""
    with own_database(f"mapapp_test_lists_{worker}") as made:
        yield made


class Scheduler:
    """Takes the figures over, as in the service."""

    def poke(self) -> None:
        pass


def row(number: int, beds: int) -> FacilityIn:
    where = {"lat": 14.01 + number / 100, "lon": 100.01}
    return FacilityIn.model_validate(
        {"kind": "hospital", "name_th": f"รพ {number}", "beds": beds, "source": "s", "source_ref": str(number), **where}
    )


def test_the_list_waits_where_an_action_was_first(real: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 1)  # each row by itself, the last pin first
    factory = database.sessions(real, {"scheduler": Scheduler()})
    with factory() as session:
        service.import_facilities(session, [row(1, 1), row(2, 1)], now=NOON)
        session.commit()
        first, second = session.scalars(text("SELECT id FROM facilities WHERE source = 's' ORDER BY id"))
    failed: list[BaseException] = []

    def load() -> None:
        try:
            with factory() as session:
                service.import_facilities(session, [row(2, 5), row(1, 5)], now=NOON)
                session.commit()
        except BaseException as error:
            failed.append(error)

    with factory() as session:
        changes.change(session, command(), first, {}, action="confirm", now=NOON)
        loading = threading.Thread(target=load)
        loading.start()
        _until_somebody_waits(session)
        changes.change(session, command(), second, {}, action="confirm", now=NOON)
        session.commit()
    loading.join(30)
    assert not failed
    with factory() as session:
        beds = session.scalars(text("SELECT beds FROM facilities WHERE source = 's' ORDER BY id")).all()
    assert beds == [5, 5]


def _until_somebody_waits(session: Session) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')")
    for _ in range(400):
        if session.execute(waiting).scalar_one():
            return
        time.sleep(0.025)
    raise AssertionError("the list did not get as far as the pins")
