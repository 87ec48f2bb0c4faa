"""Two at once, really: threads with transactions of their own on a database of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select

from mapapp import database
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.people import service as people
from mapapp.accounts.schemas import PersonIn
from mapapp.core.actors import command
from mapapp.core.vault import Vault, parse_keys
from tests.at_once import Work, outcomes, own_database
from tests.conftest import KEYS, NOON
from tests.people import appoint, person


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country."""
    with own_database(f"mapapp_test_once_{worker}") as made:
        yield made


@pytest.fixture(autouse=True)
def nobody(real: Engine) -> Iterator[None]:
    """Nobody is appointed when a test begins."""
    yield
    with database.sessions(real)() as session:
        session.query(Person).delete()
        session.commit()


def people_there(engine: Engine, count: int) -> list[uuid.UUID]:
    with database.sessions(engine)() as session:
        made = [person(session).id for _ in range(count)]
        session.commit()
        return made


def test_six_administrators_at_once_leave_two(real: Engine) -> None:
    def attempt(who: uuid.UUID) -> Work:
        return lambda session: appointing.appoint(session, command(), who, "province_admin", "90", now=NOON)

    made = outcomes(real, [attempt(who) for who in people_there(real, 6)])
    assert made == {"Conflict": 4, "done": 2}
    with database.sessions(real)() as session:
        assert session.scalar(select(func.count()).select_from(Appointment)) == 2


def test_the_same_appointment_at_once_is_made_once(real: Engine) -> None:
    (who,) = people_there(real, 1)
    attempts: list[Work] = [
        lambda session: appointing.appoint(session, command(), who, "tambon_officer", "900101", now=NOON)
    ] * 4
    assert outcomes(real, attempts) == {"Conflict": 3, "done": 1}


def test_one_phone_number_at_once_is_one_person(real: Engine) -> None:
    vault = Vault(parse_keys(KEYS))
    who = PersonIn(name="สมหญิง มั่นคง", phone="081 234 5678")
    terms = Terms("volunteer", "9001", NOON)
    attempts: list[Work] = [
        lambda session: people.bring_in(session, vault, command(), who, terms, existing=False, now=NOON)
    ] * 4
    assert outcomes(real, attempts) == {"AlreadyKnown": 3, "done": 1}
    with database.sessions(real)() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_an_appointment_ends_once(real: Engine) -> None:
    with database.sessions(real)() as session:
        who = appoint(session, "tambon_officer", "900101")
        row = session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()
        session.commit()
    attempts: list[Work] = [lambda session: appointing.end(session, command(), row, None, NOON)] * 4
    assert outcomes(real, attempts) == {"Conflict": 3, "done": 1}
