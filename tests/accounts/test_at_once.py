"""Two at once, really: threads with transactions of their own on a database of their own."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from mapapp import config, db, migrate
from mapapp.accounts import appointing, people
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.rules import Terms
from mapapp.accounts.schemas import PersonIn
from mapapp.actors import command
from mapapp.errors import DomainError
from mapapp.vault import Vault, parse_keys
from tests.conftest import KEYS, NOON, make_database, test_database_url
from tests.data import small_country
from tests.people import appoint, person

Attempt = Callable[[Session], object]


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country, as the service's role sees it."""
    name = f"mapapp_test_once_{worker}"
    owner = make_database(name)
    migrate.upgrade(owner)
    with db.sessions(owner)() as session:
        small_country(session)
    made = db.engine(test_database_url(name), role=config.APP_ROLE, pool_size=8)
    yield made
    made.dispose()
    owner.dispose()


@pytest.fixture(autouse=True)
def nobody(real: Engine) -> Iterator[None]:
    """Nobody is appointed when a test begins."""
    yield
    with db.sessions(real)() as session:
        session.query(Person).delete()
        session.commit()


def people_there(engine: Engine, count: int) -> list[uuid.UUID]:
    with db.sessions(engine)() as session:
        made = [person(session).id for _ in range(count)]
        session.commit()
        return made


def at_once(engine: Engine, attempts: list[Attempt]) -> list[str]:
    """How each of them went: “done”, or what was refused."""
    outcomes: list[str] = []
    start = threading.Barrier(len(attempts))

    def run(attempt: Attempt) -> None:
        with db.sessions(engine)() as session:
            start.wait()
            try:
                attempt(session)
                session.commit()
                outcomes.append("done")
            except DomainError as error:
                session.rollback()
                outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(attempts)
    return sorted(outcomes)


def test_six_administrators_at_once_leave_two(real: Engine) -> None:
    def attempt(who: uuid.UUID) -> Attempt:
        return lambda session: appointing.appoint(session, command(), who, "province_admin", "90", now=NOON)

    outcomes = at_once(real, [attempt(who) for who in people_there(real, 6)])
    assert outcomes == ["Conflict"] * 4 + ["done"] * 2
    with db.sessions(real)() as session:
        assert session.scalar(select(func.count()).select_from(Appointment)) == 2


def test_the_same_appointment_at_once_is_made_once(real: Engine) -> None:
    (who,) = people_there(real, 1)
    attempts: list[Attempt] = [
        lambda session: appointing.appoint(session, command(), who, "tambon_officer", "900101", now=NOON)
    ] * 4
    assert at_once(real, attempts) == ["Conflict"] * 3 + ["done"]


def test_one_phone_number_at_once_is_one_person(real: Engine) -> None:
    vault = Vault(parse_keys(KEYS))
    who = PersonIn(name="สมหญิง มั่นคง", phone="081 234 5678")
    terms = Terms("volunteer", "9001", NOON)
    attempts: list[Attempt] = [
        lambda session: people.bring_in(session, vault, command(), who, terms, existing=False, now=NOON)
    ] * 4
    assert at_once(real, attempts) == ["AlreadyKnown"] * 3 + ["done"]
    with db.sessions(real)() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_an_appointment_ends_once(real: Engine) -> None:
    with db.sessions(real)() as session:
        who = appoint(session, "tambon_officer", "900101")
        row = session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()
        session.commit()
    attempts: list[Attempt] = [lambda session: appointing.end(session, command(), row, None, NOON)] * 4
    assert at_once(real, attempts) == ["Conflict"] * 3 + ["done"]
