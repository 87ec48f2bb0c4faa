"""Two at once, really: threads with transactions of their own on a database of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.accounts.signing_in import sign_up as signing_in_sign_up
from mapapp.accounts.signing_in.service import Visit
from mapapp.core.actors import Actor
from mapapp.core.vault import Vault, parse_keys
from mapapp.help_requests.models import HelpLease, HelpNeed
from mapapp.help_requests.working import claiming
from mapapp.help_requests.working import lease_terms as working_lease_terms
from mapapp.volunteers import queries, service
from tests.at_once import Work, outcomes, own_database
from tests.conftest import KEYS, NOON
from tests.help_requests.build import add_request
from tests.people import appoint, person
from tests.volunteers.build import profile
from tests.volunteers.comers import PASSWORD, waiting

VAULT = Vault(parse_keys(KEYS))
TERMS = Terms(
    "volunteer", "900101", NOON, confidentiality_on=date(2026, 11, 1), training_expires_on=date(2027, 11, 1)
)  # fmt: skip


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country."""
    with own_database(f"mapapp_test_volunteers_{worker}") as made:
        yield made


@pytest.fixture(autouse=True)
def nobody(real: Engine) -> Iterator[None]:
    """Nobody is there when a test begins."""
    yield
    with database.sessions(real)() as session:
        for table in ("help_leases", "help_needs", "help_requests", "volunteers", "people", "limit_counts"):
            session.execute(text(f"DELETE FROM {table}"))
        session.commit()


def acting(session: Session, who: Person) -> Actor:
    """Somebody as the edge makes them, the password typed a moment ago."""
    held = sessions.standings(session, who.id, NOON)
    made = Actor("person", person_id=who.id, standings=held, second_factor=True, confirmed_at=NOON)
    return made.acting(held[0])


def test_of_two_officers_one_decides(real: Engine) -> None:
    with database.sessions(real)() as session:
        comer = waiting(session).id
        officers = [acting(session, appoint(session, "tambon_officer", "900101")) for _ in range(2)]
        officers.append(acting(session, appoint(session, "province_admin", "90")))
        session.commit()

    def approve(by: Actor) -> Work:
        return lambda session: service.approve(
            session, VAULT, by, comer, TERMS, seen="waiting", called=True, code=None, reason=None, now=NOON
        )

    def refuse(session: Session) -> None:
        service.refuse(session, officers[2], comer, "โทรไม่ติด", NOON)

    assert outcomes(real, [approve(officers[0]), approve(officers[1]), refuse]) == {"Conflict": 2, "done": 1}
    with database.sessions(real)() as session:
        state = queries.state_of(session, comer, NOON)
        held = session.scalar(select(func.count()).select_from(Appointment).where(Appointment.person_id == comer))
        assert (state, held) in {("approved", 1), ("refused", 0)}


@pytest.mark.parametrize("_turn", range(5))
def test_who_leaves_while_claiming_holds_nothing(real: Engine, _turn: int) -> None:
    with database.sessions(real)() as session:
        who = appoint(session, "volunteer", "900101", to=person(session, "อาสา"))
        session.add(profile(who))
        requests = [add_request(session).id for _ in range(2)]
        actor = acting(session, who)
        session.commit()

    def claim(request_id: int) -> Work:
        terms = working_lease_terms.Terms({"life": 2, "urgent": 6, "normal": 24}, 3, 2)
        return lambda session: claiming.claim(
            session, actor, request_id, needs=None, team=None, terms=terms, now=NOON + timedelta(seconds=1)
        )

    outcomes(real, [*map(claim, requests), lambda session: service.leave(session, actor, NOON)])
    with database.sessions(real)() as session:
        left = select(func.count()).select_from(HelpLease).where(HelpLease.ended_at.is_(None))
        held = select(func.count()).select_from(HelpNeed).where(HelpNeed.holder_id.is_not(None))
        assert (session.scalar(left), session.scalar(held)) == (0, 0)


def test_twelve_sign_ups_of_a_number_at_once_are_five(real: Engine) -> None:
    def sign_up(number: int) -> Work:
        return lambda session: signing_in_sign_up.sign_up(
            session, VAULT, name=f"คนที่ {number}", phone="+66812345699", organisation=None, password=PASSWORD,
            language="th", area_code="900101", visit=Visit(address="203.0.113.7", device="test", now=NOON),
        )  # fmt: skip

    made = outcomes(real, [sign_up(number) for number in range(12)])
    assert made == {"TooMany": 7, "done": 5}


def test_two_with_one_number_at_once_are_both_let_in(real: Engine) -> None:
    def sign_up(session: Session) -> None:
        signing_in_sign_up.sign_up(
            session, VAULT, name="ใครสักคน", phone="+66812345678", organisation=None, password=PASSWORD,
            language="th", area_code="900101",
            visit=Visit(address=f"203.0.113.{threading.get_ident() % 200}", device="test", now=NOON),
        )  # fmt: skip

    assert outcomes(real, [sign_up, sign_up]) == {"done": 2}
    with database.sessions(real)() as session:
        found = session.execute(select(Person.phone_index, Person.phone_claim)).all()
        assert [one.phone_index for one in found] == [None, None]
        assert len({one.phone_claim for one in found}) == 1, "side by side, and neither has it by right"
