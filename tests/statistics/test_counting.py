"""When figures are counted: as soon as somebody pokes, by the clock, beside people who go on recording."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from mapapp import database, rooms
from mapapp.core.config import Config
from mapapp.statistics import measures, service
from mapapp.statistics.models import StatisticsFigure, StatisticsMeasure
from mapapp.survey.entering import service as entering
from tests.conftest import KEYS, NOON
from tests.data import small_country
from tests.help_requests.build import add_request
from tests.people import appoint
from tests.survey.build import actor, add_round, entry

CONFIG = Config(secret_keys=KEYS)


def _told(session: Session, measure: str, figure: str, code: str = "90") -> float | None:
    row = session.get_one(StatisticsFigure, (measure, code), populate_existing=True)
    return measures.get(measure).value(figure, measures.get(measure).cells_of(row.values))


def test_time_alone_changes_what_depends_on_it(session: Session) -> None:
    small_country(session)
    add_request(session, at=NOON - timedelta(hours=23))
    service.settle(session, CONFIG, NOON)
    assert (_told(session, "requests", "waiting"), _told(session, "requests", "waiting_longer")) == (1, 0)
    assert _told(session, "facilities", "outdated") == 0
    service.settle(session, CONFIG, NOON + timedelta(minutes=5))
    assert session.get_one(StatisticsMeasure, "requests").counted_at == NOON, "not every few seconds"
    later = NOON + timedelta(days=200)
    service.settle(session, CONFIG, later)
    assert (_told(session, "requests", "posted"), _told(session, "requests", "waiting_longer")) == (0, 1)
    assert _told(session, "facilities", "outdated") == 1
    assert session.get_one(StatisticsMeasure, "vaccination").as_of == later


def test_other_cells_of_a_measure_are_counted_from_the_start(session: Session) -> None:
    """After an update of the service, rows with the old cells are never read as the new ones."""
    small_country(session)
    service.settle(session, CONFIG, NOON)
    row = update(StatisticsMeasure).where(StatisticsMeasure.key == "facilities").values(cells=["old"])
    session.execute(row)
    session.execute(update(StatisticsFigure).where(StatisticsFigure.measure == "facilities").values(values=[7]))
    service.settle(session, CONFIG, NOON)
    assert _told(session, "facilities", "all") == 1
    assert service.different(session, CONFIG, NOON) == 0


def test_a_record_pokes_the_counting_and_nothing_else(app: Flask, session: Session) -> None:
    poked: list[tuple[str, ...]] = []

    class Noting:
        def poke(self, *names: str) -> None:
            poked.append(names)

    small_country(session)
    made = add_round(session)
    officer = actor(session, appoint(session, "province_admin", "90"))
    session.info["scheduler"] = Noting()
    entering.submit(session, officer, uuid.uuid4(), entry(made.id), NOON)
    assert poked == []
    session.commit()
    assert poked == [(service.CHORE,)]
    chore = next(one for one in rooms.chores(CONFIG, app.extensions) if one.name == service.CHORE)
    assert chore.poked


def test_recording_while_it_is_counted_loses_nothing_and_waits_for_nobody(apart: Engine) -> None:
    with Session(apart) as session:
        small_country(session)
        made = add_round(session).id
        officer = actor(session, appoint(session, "province_admin", "90"))
        session.commit()
    problems: list[BaseException] = []

    def records(number: int) -> None:
        try:
            for house in range(15):
                with database.sessions(apart)() as own:
                    village = f"9001010{number + 1}"
                    entering.submit(own, officer, uuid.uuid4(), entry(made, str(house), village), NOON)
                    own.commit()
        except BaseException as error:
            problems.append(error)

    people = [threading.Thread(target=records, args=(number,)) for number in range(4)]
    for one in people:
        one.start()
    while any(one.is_alive() for one in people):
        with Session(apart) as session:
            service.settle(session, CONFIG, NOON)
            session.commit()
    assert problems == []
    with Session(apart) as session:
        service.settle(session, CONFIG, NOON)
        assert _told(session, "vaccination", "here") == 4 * 15 * 2
        assert service.different(session, CONFIG, NOON) == 0
