"""What limits are made of: one table of counts, one arithmetic, and old code that counts in it during an upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mapapp.core import config
from mapapp.core.errors import TooMany
from mapapp.database import counters, migrate
from mapapp.database.counters import Count, Growing, Limit
from mapapp.rooms import chores
from tests.at_once import at_once, own_database
from tests.conftest import KEYS, NOON, make_database

MINUTE = timedelta(minutes=1)
HERE, THERE = b"somebody here" * 3, b"somebody there" * 3


def ago(*minutes: int) -> list[datetime]:
    """Moments before noon, the newest first."""
    return [NOON - minute * MINUTE for minute in sorted(minutes)]


@pytest.mark.parametrize(
    ("done", "waits"),
    [
        ([], 0),
        ([1, 2], 0),
        ([1, 2, 3], 57),
        ([1, 2, 59], 1),
        ([1, 2, 60], 0),  # the first of them is just an hour ago
        ([1, 2, 3, 4], 57),  # the third newest counts, whatever came before it
    ],
)
def test_so_many_within_a_time_and_then_not_until_the_first_is_old(done: list[int], waits: int) -> None:
    assert Limit(3, counters.HOUR).until(ago(*done), NOON) == NOON + waits * MINUTE


def test_a_wait_grows_and_stays_below_its_longest() -> None:
    grown = Growing(3, MINUTE, 4)
    assert [grown.wait(count) / MINUTE for count in range(10)] == [0, 0, 0, 1, 2, 4, 8, 16, 16, 16]
    shorter = Growing(3, MINUTE, 20, timedelta(minutes=5))
    assert [shorter.wait(count) / MINUTE for count in range(2, 8)] == [0, 1, 2, 4, 5, 5]
    assert grown.until(2, NOON, NOON) == NOON
    assert grown.until(4, NOON - MINUTE, NOON) == NOON + MINUTE


@pytest.mark.parametrize(
    ("done", "waits"),
    [
        (ago(1), 0),
        (ago(1, 2), 58),
        (ago(1, 61), 0),
        (ago(1, 61, 122), 24 * 60 - 122),
        (ago(1, 2, 24 * 60 - 1), 58),  # the day's would be over in a minute, the hour's would not
        (ago(1, 61, 24 * 60), 0),
    ],
)
def test_an_hours_and_a_days_share_hold_together(done: list[datetime], waits: int) -> None:
    assert counters.wait_of(done, an_hour=2, a_day=3, now=NOON) == waits * 60


def test_what_was_counted_is_found_within_its_time_by_its_key(session: Session) -> None:
    for minutes in (90, 30, 10):
        counters.add(session, [HERE], NOON - minutes * MINUTE)
    counters.add(session, [], NOON)
    found = counters.used(session, [HERE, THERE], counters.HOUR, NOON)
    assert (found[HERE].count, found[HERE].oldest, found[HERE].newest) == (2, *reversed(ago(10, 30)))
    assert found[THERE] == counters.Used()
    spans = {HERE: counters.DAY, THERE: counters.HOUR}
    assert counters.times(session, spans, NOON) == {HERE: ago(10, 30, 90), THERE: []}
    counters.forget(session, HERE)
    assert counters.used(session, [HERE], counters.DAY, NOON)[HERE].count == 0


def test_no_limit_looks_further_back_than_counts_are_kept(session: Session) -> None:
    longer = counters.REMEMBERED + timedelta(seconds=1)
    with pytest.raises(ValueError, match="kept"):
        counters.used(session, [HERE], longer, NOON)
    with pytest.raises(ValueError, match="kept"):
        counters.times(session, {HERE: longer}, NOON)


def test_one_chore_sweeps_what_no_limit_looks_at(session: Session) -> None:
    second = timedelta(seconds=1)
    for at in (NOON, NOON - counters.REMEMBERED, NOON - counters.REMEMBERED - second):
        counters.add(session, [HERE], at)
    chore = next(one for one in chores(config.Config(secret_keys=KEYS), {}) if one.name == "old counts")
    chore.work(session, NOON)
    left = session.scalars(select(Count.at).order_by(Count.at)).all()
    assert left == [NOON - counters.REMEMBERED, NOON]


@pytest.fixture(scope="module")
def several(worker: str) -> Iterator[Engine]:
    with own_database(f"mapapp_counters_{worker}") as engine:
        yield engine


def _one_use(session: Session) -> None:
    counters.hold(session, HERE)
    done = counters.used(session, [HERE], counters.HOUR, NOON)[HERE]
    if done.count >= 5:
        raise TooMany(60, "enough")
    counters.add(session, [HERE], NOON)


def test_twelve_at_once_are_the_five_they_may_be(several: Engine) -> None:
    made = at_once(several, [_one_use] * 12)
    assert sum(isinstance(one, TooMany) for one in made) == 7
    with Session(several) as session:
        assert session.scalar(select(func.count()).select_from(Count)) == 5


def test_the_upgrade_keeps_what_was_counted_and_old_code_goes_on_counting(worker: str) -> None:
    """As the code before did it: its two tables are there, count for the new code, and see what that counts."""
    engine = make_database(f"mapapp_counted_{worker}")
    insert = "INSERT INTO {} (key, at) VALUES (:key, now()) RETURNING id"
    try:
        migrate.upgrade(engine, "0023")
        with engine.begin() as connection:
            connection.execute(text(insert.format("sign_in_attempts")), {"key": b"sign in"})
            connection.execute(text(insert.format("help_counts")), {"key": b"post"})
        migrate.upgrade(engine, "0024")
        with engine.begin() as connection:
            kept = connection.scalars(text("SELECT convert_from(key, 'UTF8') FROM limit_counts"))
            assert sorted(kept) == ["post", "sign in"]
            connection.execute(text("SET LOCAL ROLE mapapp_app"))
            for table, key in (("sign_in_attempts", b"sign in"), ("help_counts", b"post")):
                values = {"key": key}
                connection.execute(text(insert.format(table)), values)
                for seen in (table, "limit_counts"):
                    found = text(f"SELECT count(*) FROM {seen} WHERE key = :key AND at > now() - interval '1 hour'")
                    assert connection.scalar(found, values) == 2
            connection.execute(text(insert.format("limit_counts")), {"key": b"post"})
            assert connection.scalar(text("SELECT count(*) FROM help_counts WHERE key = 'post'")) == 3
            connection.execute(text("DELETE FROM sign_in_attempts WHERE key = 'sign in'"))
            assert connection.scalar(text("SELECT count(*) FROM limit_counts")) == 3
            gone = text("SELECT to_regclass('sign_in_attempts') IS NULL AND to_regclass('help_counts') IS NULL")
            assert connection.scalar(gone) is False
        migrate.upgrade(engine, "0025")
        with engine.begin() as connection:
            assert connection.scalar(gone) is True, "the version after no longer has them"
            note = connection.scalar(text("SELECT obj_description('alembic_version'::regclass, 'pg_class')"))
            assert note == "works with code from revision 0024"
        migrate.downgrade(engine, "0023")
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM help_counts WHERE key = 'post'")) == 3
            connection.execute(text(insert.format("help_counts")), {"key": b"post"})
    finally:
        engine.dispose()
