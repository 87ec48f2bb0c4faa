"""The scheduler: one process at a time, a save that waits for nothing, and nothing broken by what fails or is
killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database, rooms
from mapapp.app import create_app
from mapapp.core import config
from mapapp.core.vault import Vault, new_key, parse_keys
from mapapp.coverage import service as coverage
from mapapp.database import keyring, locks
from mapapp.database.scheduler import Chore, ChoreRun, Scheduler
from mapapp.facilities import service as facilities
from mapapp.facilities.view_counts import Uses
from mapapp.help_requests import retention
from mapapp.help_requests.models import HelpRequest
from tests.conftest import KEYS, NOON, test_database_url
from tests.coverage.drawing import draw, pin, stored
from tests.data import small_country
from tests.help_requests.build import add_request

HOUR = timedelta(hours=1)


@pytest.fixture
def another(apart: Engine) -> Iterator[Callable[[], Engine]]:
    """Makes engines on a database of its own, as the service's role: whatever chores commit, no other test finds it."""
    address = test_database_url(str(apart.url.database))
    made: list[Engine] = []

    def make() -> Engine:
        made.append(database.engine(address, pool_size=1, role=config.APP_ROLE))
        return made[-1]

    yield make
    for one in made:
        one.dispose()


def soon(happened: Callable[[], bool]) -> bool:
    """Whether it happens within half a minute."""
    for _ in range(600):
        if happened():
            return True
        time.sleep(0.05)
    return False


def test_chores_are_done_when_due_once_for_all_processes(another: Callable[[], Engine]) -> None:
    clock = {"now": NOON}
    done: list[str] = []
    chores = [
        Chore("hourly", HOUR, lambda _s, _n: done.append("hourly")),
        Chore("poked", HOUR, lambda _s, _n: done.append("poked"), poked=True),
        Chore("own", HOUR, lambda _s, _n: done.append("own"), everywhere=True),
    ]
    engine = another()
    one, other = (Scheduler(lambda: engine, chores, clock=lambda: clock["now"]) for _ in range(2))
    assert one.round(engine)
    assert other.round(engine)
    assert done == ["own", "hourly", "poked", "own"]
    done.clear()
    clock["now"] += timedelta(minutes=30)
    one.round(engine)
    assert done == []
    one.round(engine, poked={"another"})
    assert done == []
    one.round(engine, poked={"poked"})
    assert done == ["poked"]
    done.clear()
    one.round(engine, poked=True)
    assert done == ["poked"]
    clock["now"] += timedelta(minutes=30)
    other.round(engine)
    assert done == ["poked", "own", "hourly"]
    done.clear()
    clock["now"] -= timedelta(days=100)  # the clock is set back: nothing waits a hundred days for that
    other.round(engine)
    assert "hourly" in done


def test_a_chore_that_fails_stops_no_other_and_is_tried_again(
    another: Callable[[], Engine], caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []

    def broken(session: Session, _now: datetime) -> None:
        ran.append("broken")
        session.execute(text("INSERT INTO chores (name, ran_at) VALUES ('half', now())"))
        session.execute(text("SELECT 1 / 0"))

    chores = [Chore("broken", HOUR, broken), Chore("sound", HOUR, lambda _s, _n: ran.append("sound"))]
    engine = another()
    tried = Scheduler(lambda: engine, chores, clock=lambda: NOON)
    tried.round(engine)
    tried.round(engine)
    assert ran == ["broken", "sound", "broken"]
    assert "the chore broken failed" in caplog.text
    with Session(engine) as session:
        assert [row.name for row in session.query(ChoreRun)] == ["sound"]


def test_only_one_process_keeps_house_and_a_killed_one_frees_it(another: Callable[[], Engine]) -> None:
    done: list[int] = []
    engine = another()
    mine = Scheduler(lambda: engine, [Chore("once", HOUR, lambda _s, _n: done.append(1))], clock=lambda: NOON)
    with another().connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": locks.CHORES.number})
        other.commit()
        assert not mine.round(engine)
        assert done == []
        other.invalidate()  # as a killed process leaves it: the line is cut
    assert soon(lambda: mine.round(engine))
    assert done == [1]


def served(make: Callable[[], Engine]) -> tuple[sessionmaker[Session], Scheduler]:
    """The writing sessions of a web process and its scheduler."""
    made = Scheduler(make, rooms.chores(config.Config(), {"mapapp_uses": Uses()}), clock=lambda: NOON)
    return database.sessions(make(), {"scheduler": made}), made


def save(factory: sessionmaker[Session], lon: float) -> None:
    """What an officer's save does to the figures' room."""
    with factory() as session:
        facilities.tell_changed(session, {pin(session, lat=14.95, lon=lon)})
        session.commit()


def prepared(make: Callable[[], Engine]) -> Callable[[], int]:
    """A drawn country with figures; returns how many hospitals tambon 500101 is said to have."""
    engine = make()
    with Session(engine) as session:
        draw(session)
        coverage.refresh_all(session, now=NOON)
        session.commit()

    def counted() -> int:
        with Session(engine) as session:
            return int(stored(session)["500101", "hospital"]["facilities"])

    return counted


def test_a_save_waits_for_no_figures_and_they_follow(another: Callable[[], Engine]) -> None:
    counted = prepared(another)
    factory, mine = served(another)
    mine.start()
    try:
        with Session(another()) as computing:
            coverage.refresh_all(computing, now=NOON)  # holds the lock of the figures
            saved = threading.Thread(target=save, args=(factory, 100.05))
            saved.start()
            saved.join(20)
            assert not saved.is_alive()
            assert counted() == 0
            computing.commit()
        assert soon(lambda: counted() == 1)
        save(factory, 100.06)
        assert soon(lambda: counted() == 2)
    finally:
        assert mine.stop(30)


def test_a_poke_is_kept_while_another_process_keeps_house(
    another: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = prepared(another)
    factory, mine = served(another)
    left_to_another, its_round = threading.Event(), mine.round

    def noted(engine: Engine, *, poked: bool = False) -> bool:
        is_ours = its_round(engine, poked=poked)
        if poked and not is_ours:
            left_to_another.set()
        return is_ours

    monkeypatch.setattr(mine, "round", noted)
    with another().connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": locks.CHORES.number})
        other.commit()
        mine.start()
        save(factory, 100.05)
        assert left_to_another.wait(30), "it has found the other one there"
        assert counted() == 0
        other.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": locks.CHORES.number})
        other.commit()
    assert soon(lambda: counted() == 1)
    assert mine.stop(30)


def test_without_a_scheduler_the_figures_follow_in_the_transaction(another: Callable[[], Engine]) -> None:
    counted = prepared(another)
    save(database.sessions(another()), 100.05)
    assert counted() == 1


def test_a_scheduler_that_was_killed_half_way_leaves_what_is_found_later(another: Callable[[], Engine]) -> None:
    counted = prepared(another)
    factory, mine = served(another)  # never started: as if killed before it could answer
    save(factory, 100.05)
    engine = another()
    with Session(engine) as session:
        coverage.update(session, now=NOON)
        session.connection().invalidate()  # the process dies before the commit
    with Session(engine) as session:
        assert coverage.stale(session, now=NOON).pins == 1
    assert counted() == 0
    assert mine.round(engine)
    assert counted() == 1
    with Session(engine) as session:
        assert not coverage.stale(session, now=NOON)


def test_an_undone_save_pokes_nobody(another: Callable[[], Engine]) -> None:
    prepared(another)
    poked: list[int] = []

    class Noting:
        def poke(self) -> None:
            poked.append(1)

    with database.sessions(another(), {"scheduler": Noting()})() as session:
        pin_id = pin(session, lat=14.95, lon=100.05)
        with session.begin_nested():
            facilities.tell_changed(session, {pin_id})
        assert poked == []
        session.rollback()
        session.execute(text("SELECT 1"))
        session.commit()
        assert poked == []
        facilities.tell_changed(session, {pin(session, lat=14.95, lon=100.05)})
        session.commit()
        assert poked == [1]


def test_what_was_counted_is_written_at_a_clean_stop(another: Callable[[], Engine]) -> None:
    counted = Uses()
    engine = another()
    with Session(engine) as session:
        made = pin(session, lat=14.95, lon=100.05)
        session.commit()
    mine = Scheduler(another, rooms.chores(config.Config(), {"mapapp_uses": counted}), clock=lambda: NOON)
    mine.start()
    mine.start()  # a second call starts no second thread
    assert [thread.name for thread in threading.enumerate()].count("scheduler") == 1
    counted.opened(made, NOON)
    assert mine.stop(30)
    with Session(engine) as session:
        rows = session.execute(text("SELECT facility_id, day, opened FROM facility_uses")).all()
        assert [tuple(row) for row in rows] == [(made, NOON.date(), 1)]


def test_nothing_is_erased_and_no_chore_is_done_with_the_wrong_master_keys(
    another: Callable[[], Engine], caplog: pytest.LogCaptureFixture
) -> None:
    engine, later = another(), NOON + timedelta(days=99)
    with Session(engine) as session:
        small_country(session)
        helped = {"kind": "food", "state": "helped"}
        asked = add_request(session, needs=[helped], closed_at=NOON, outcome="helped", free_from=None).id
        keyring.settle(session, Vault(parse_keys(KEYS)))
        session.commit()
        assert retention.erase_closed(session, later, after_days=30) == 1, "it is due"
        session.rollback()
    keys = {"now": new_key("test")}
    done: list[str] = []
    chores = [
        *rooms.chores(config.Config(secret_keys=keys["now"]), {"mapapp_uses": Uses()}),
        Chore("of each process", HOUR, lambda _s, _n: done.append("own"), everywhere=True),
    ]

    def unfit(session: Session) -> str | None:
        return rooms.unfit(config.Config(secret_keys=keys["now"]))(session)

    mine = Scheduler(lambda: engine, chores, clock=lambda: later, unfit=unfit)
    for poked in (False, True):
        assert mine.round(engine, poked=poked)
    mine._last(engine)
    assert done == []
    assert caplog.text.count("the scheduler does nothing") == 1, "told once"
    with Session(engine) as session:
        assert session.get(HelpRequest, asked) is not None
        assert session.query(ChoreRun).all() == []
    keys["now"] = KEYS
    mine._chores = chores[-1:]
    mine.round(engine)
    assert done == ["own"], "it goes on once the keys are right"


def test_the_service_has_one_and_tests_have_none(owner: Engine, factory: sessionmaker[Session]) -> None:
    address = make_url(str(owner.url)).render_as_string(hide_password=False)
    assert "mapapp_scheduler" not in create_app(config.Config(secret_keys=KEYS), factory).extensions
    made = create_app(config.Config(database_url=address, secret_keys=KEYS, tile_url="none"))
    mine: Scheduler = made.extensions["mapapp_scheduler"]
    with Session(owner) as session:
        keyring.settle(session, Vault(parse_keys(new_key("test"))))
        assert mine._unfit(session), "it asks whether its keys fit"
        session.rollback()
    assert not [thread for thread in threading.enumerate() if thread.name == "scheduler"]
    assert made.test_client().get("/healthz").status_code == 200
    assert [thread.name for thread in threading.enumerate()].count("scheduler") == 1
    assert mine.stop(30)
