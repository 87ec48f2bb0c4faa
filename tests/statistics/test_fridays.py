"""Fridays: frozen once and whole, never changed, chained, and public only after disclosure control."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mapapp.core.clock import BANGKOK
from mapapp.core.config import Config
from mapapp.core.errors import Invalid
from mapapp.core.vault import Vault
from mapapp.statistics import measures
from mapapp.statistics import service as live
from mapapp.statistics.fridays import queries, service
from mapapp.statistics.fridays.models import StatisticsFrozen, StatisticsPublished, StatisticsSnapshot
from mapapp.statistics.fridays.queries import Where
from mapapp.statistics.models import StatisticsFigure
from mapapp.statistics.states import WITHHELD, State
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint
from tests.survey.build import add_round, entry, record

CONFIG = Config()
VAULT = Vault((("one", base64.b64encode(b"k" * 24)),))
WEEK = timedelta(days=7)
LAST = service.last_friday(NOON, CONFIG.statistics_hour)


class Village:
    """A survey in the small country, and somebody who records in it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        small_country(session)
        self.officer = appoint(session, "ministry", "TH")
        self.round = add_round(session, area="TH").id

    def records(self, number: int, none: int, more: int, tambon: str = "900101") -> None:
        groups = {"adult": {"here": none + more, "none": none, "more": more}}
        record(self.session, self.officer, entry(self.round, None, village=f"{tambon}0{number}", groups=groups))

    def freeze(self, now: datetime = NOON) -> StatisticsSnapshot:
        return service.freeze(self.session, CONFIG, VAULT, now)[0]


@pytest.fixture
def village(session: Session) -> Village:
    return Village(session)


def _told(session: Session, snapshot: StatisticsSnapshot, area: str) -> queries.Figures:
    return queries.public(session, snapshot, measures.get("vaccination"), Where(area))[area]


@pytest.mark.parametrize(
    ("moment", "friday"),
    [
        ("2026-11-27T15:59:59", "2026-11-20"), ("2026-11-27T16:00:00", "2026-11-27"),
        ("2026-11-28T03:00:00", "2026-11-27"), ("2026-12-03T23:00:00", "2026-11-27"),
    ],
)  # fmt: skip
def test_a_friday_is_over_at_its_hour_in_bangkok(moment: str, friday: str) -> None:
    """Whatever the server's own time zone."""
    at = datetime.fromisoformat(moment).replace(tzinfo=BANGKOK)
    assert service.last_friday(at, 16).isoformat() == friday


def test_a_friday_is_frozen_once_and_later_entries_do_not_change_it(session: Session, village: Village) -> None:
    """The same Friday again is the same one; “as frozen” and “as now known” stand side by side."""
    village.records(1, 40, 60)
    made, is_new = service.freeze(session, CONFIG, VAULT, NOON)
    again = service.freeze(session, CONFIG, VAULT, NOON + timedelta(hours=1))
    assert (is_new, again) == (True, (made, False))
    frozen = queries.frozen(session, made, measures.get("vaccination"), Where("900101"))["900101"]
    told = _told(session, made, "900101")
    village.records(2, 30, 0)
    live.settle(session, CONFIG, NOON)
    assert queries.frozen(session, made, measures.get("vaccination"), Where("900101"))["900101"] == frozen
    assert _told(session, made, "900101") == told
    now = session.get_one(StatisticsFigure, ("vaccination", "900101"))
    known = measures.get("vaccination").cells_of(now.values)
    assert (frozen["adult_none"], known["adult_none"]) == (40, 70)
    assert service.verify(session) == (1, [])


def test_only_the_last_friday_can_be_frozen(session: Session, village: Village) -> None:
    """What an older one was is not known any more, and a later one has not come."""
    for day in (LAST - WEEK, LAST + WEEK, LAST + timedelta(days=1)):
        with pytest.raises(Invalid):
            service.freeze(session, CONFIG, VAULT, NOON, day)
    assert session.scalar(select(func.count()).select_from(StatisticsSnapshot)) == 0


_CHANGES: dict[str, tuple[list[str], int]] = {
    "an exact number": (
        ["UPDATE statistics_frozen SET values = array_append(values, 1) WHERE friday = :middle AND area_code = 'TH'"], 1
    ),
    "a published state": (
        ["UPDATE statistics_published SET states = replace(states, 'w', 'z') WHERE friday = :middle"], 1
    ),
    "its moment": (["UPDATE statistics_snapshots SET frozen_at = now() WHERE friday = :middle"], 1),
    "taken out": (
        [f"DELETE FROM statistics_{name} WHERE friday = :middle" for name in ("frozen", "published", "snapshots")], 0
    ),
}  # fmt: skip
"""What only the owner of the tables can do → statements, and how many weeks after the last Friday it shows."""


@pytest.mark.parametrize("name", _CHANGES)
def test_a_changed_friday_is_found(owner: Engine, name: str) -> None:
    """In what was frozen, in what was published, and a Friday taken out."""
    with owner.connect() as connection, connection.begin() as undone, Session(connection) as session:
        village = Village(session)
        village.records(1, 40, 60)
        for weeks in (2, 1, 0):
            village.freeze(NOON - weeks * WEEK)
        assert service.verify(session) == (3, [])
        statements, weeks = _CHANGES[name]
        for statement in statements:
            assert session.execute(text(statement), {"middle": LAST - WEEK}).rowcount  # type: ignore[attr-defined]
        session.expire_all()
        assert [one.friday for one in service.verify(session)[1]] == [LAST - weeks * WEEK]
        undone.rollback()


def test_a_friday_that_fails_leaves_nothing(
    session: Session, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed half-way it is not there, and the next try makes it whole."""
    village.records(1, 40, 60)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("mapapp.database.mark_changed", killed)
        with pytest.raises(KeyboardInterrupt), session.begin_nested():
            village.freeze()
    for table in (StatisticsSnapshot, StatisticsFrozen, StatisticsPublished):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    village.freeze()
    assert service.verify(session) == (1, [])


def test_the_service_can_only_add_fridays(session: Session, village: Village) -> None:
    """Its database role neither changes nor deletes one."""
    can = text("SELECT has_table_privilege('mapapp_app', :name, :right)")
    for table in (StatisticsSnapshot, StatisticsFrozen, StatisticsPublished):
        rights = {
            right: session.execute(can, {"name": table.__tablename__, "right": right}).scalar()
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        }
        assert rights == {"SELECT": True, "INSERT": True, "UPDATE": False, "DELETE": False, "TRUNCATE": False}


def test_one_household_is_not_found_between_two_fridays(session: Session, village: Village) -> None:
    """The four states on the way: nobody has entered anything, few people, many; a household more changes a number by
    nothing or by a step that says nothing."""
    village.records(1, 3, 4)
    before = village.freeze(NOON - WEEK)
    assert {figure.state for figure in _told(session, before, "900101").values()} == {State.WITHHELD, State.NOT_ENTERED}
    assert {figure.state for figure in _told(session, before, "900201").values()} == {State.NOT_ENTERED}
    assert _told(session, before, "900101")["adult.none"] is WITHHELD
    village.records(2, 90, 120)
    village.records(3, 4, 0)
    after = village.freeze(NOON)
    told = _told(session, after, "900101")
    assert abs((told["adult.none"].value or 0) - 97) <= 4
    assert (told["adult.none"].value or 0) % 5 == 0
    assert told["adult.here"].value == sum(told[f"adult.{part}"].value or 0 for part in ("none", "more")) or (
        told["adult.one"] is WITHHELD
    )


def test_a_changed_area_keeps_its_old_fridays(session: Session, village: Village) -> None:
    """A tambon that is gone stands in the Fridays in which it was."""
    village.records(1, 40, 60)
    before = village.freeze(NOON - WEEK)
    session.execute(text("DELETE FROM survey_sums"))
    session.execute(text("DELETE FROM areas WHERE code = '900101'"))
    after = village.freeze(NOON)
    assert _told(session, before, "900101")["here"].is_told
    assert "900101" not in queries.public(session, after, measures.get("vaccination"), Where(level="tambon"))
    assert service.verify(session) == (2, [])
