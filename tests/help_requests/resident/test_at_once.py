"""Two taps at once, from two telephones, really: threads with transactions of their own on a database of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.actors import Actor
from mapapp.core.errors import TooMany
from mapapp.help_requests import states
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident import links, reminders
from mapapp.help_requests.resident.links import WRONG_AN_HOUR, WrongCode
from mapapp.help_requests.resident.reminders import Terms
from mapapp.help_requests.resident.service import erase, take
from mapapp.help_requests.resident.steps import Step
from mapapp.help_requests.working import service as working
from tests.at_once import Work, at_once, own_database
from tests.conftest import NOON
from tests.help_requests.build import VAULT, add_request, events_of, leases_of, needs_of
from tests.help_requests.resident.conftest import finish
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import appoint, person

ROUNDS = 12


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country."""
    with own_database(f"mapapp_test_resident_{worker}") as made:
        yield made


def taking(request_id: int, step: Step) -> Work:
    return lambda session: take(session, None, request_id, step, now=NOON)


def erasing(request_id: int) -> Work:
    return lambda session: erase(session, None, request_id, NOON)


def claiming(actor: Actor, request_id: int) -> Work:
    return lambda session: working.claim(session, actor, request_id, terms=TERMS, now=NOON)


def post(engine: Engine, *, done: bool = False) -> int:
    """One request; ``done``: somebody says it is."""
    with database.sessions(engine)() as session:
        made = add_request(session)
        if done:
            finish(session, needs_of(session, made.id)[0], person(session))
            states.settle(session, [made.id], NOON)
        session.commit()
        return made.id


def test_confirmed_and_contested_at_once_is_open(real: Engine) -> None:
    for _ in range(ROUNDS):
        one = post(real, done=True)
        at_once(real, [taking(one, "confirm"), taking(one, "contest"), taking(one, "contest")])
        with database.sessions(real)() as session:
            [need] = needs_of(session, one)
            assert (need.state, need.contested) == ("open", 1)
            assert session.get_one(HelpRequest, one).closed_at is None
            assert events_of(session, one) in (["contested"], ["confirmed", "contested"])


def test_erased_and_claimed_at_once_is_erased(real: Engine) -> None:
    with database.sessions(real)() as session:
        volunteer = actor_of(session, appoint(session, "volunteer", "9001"))
        session.commit()
    for _ in range(ROUNDS):
        one = post(real)
        at_once(real, [erasing(one), claiming(volunteer, one)])
        with database.sessions(real)() as session:
            row = session.get_one(HelpRequest, one)
            [need] = needs_of(session, one)
            assert (row.outcome, row.point, row.contact_sealed, row.free_from) == ("erased", None, None, None)
            assert (need.state, need.holder_id, need.lease_ends_at) == ("cancelled", None, None)
            assert [lease.how_ended for lease in leases_of(session, one)] in ([], ["closed"])


def test_claimed_and_cancelled_at_once_is_cancelled(real: Engine) -> None:
    with database.sessions(real)() as session:
        volunteer = actor_of(session, appoint(session, "volunteer", "9001"))
        session.commit()
    for _ in range(ROUNDS):
        one = post(real)
        at_once(real, [claiming(volunteer, one), *[taking(one, "cancel")] * 3])
        with database.sessions(real)() as session:
            assert needs_of(session, one)[0].state == "cancelled"
            assert events_of(session, one).count("cancelled") == 1
            assert all(lease.ended_at is not None for lease in leases_of(session, one))


def test_linked_ones_that_open_again_at_once_do_not_wait_for_each_other(real: Engine) -> None:
    """Whoever opens again behind a closed lead changes all of its group: without one order of locks, one would die."""
    with database.sessions(real)() as session:
        me = actor_of(session, appoint(session, "volunteer", "900101"))
        session.commit()
    for _ in range(ROUNDS):
        lead, *others = ones = [post(real) for _ in range(4)]
        with database.sessions(real)() as session:
            session.execute(update(HelpRequest).where(HelpRequest.id.in_(others)).values(linked_to=lead))
            for one in reversed(ones):  # the lead last: it hands on to nobody
                take(session, None, one, "cancel", now=NOON)
            session.commit()
        reopening = [taking(one, "reopen") for one in reversed(others)]
        at_once(real, [*reopening, claiming(me, lead), taking(lead, "reopen")])
        with database.sessions(real)() as session:
            rows = session.execute(
                select(HelpRequest.linked_to, HelpRequest.closed_at).where(HelpRequest.id.in_(ones))
            ).all()
            assert [row.closed_at for row in rows] == [None] * 4
            assert len({row.linked_to for row in rows}) == 2, "one leads, the others point at it"
            for one in ones:
                take(session, None, one, "cancel", now=NOON)
            session.commit()


def test_two_schedulers_close_what_nobody_answers_for_once(real: Engine) -> None:
    terms = Terms.of(ask_after_days=14, close_after_days=21, confirm_days=7)
    ids = [post(real) for _ in range(8)]
    asked, closing = NOON + terms.ask_after, NOON + terms.close_after
    at_once(real, [lambda session: reminders.ask(session, terms, asked)] * 3)
    at_once(real, [lambda session: reminders.close_unanswered(session, terms, closing)] * 3)
    with database.sessions(real)() as session:
        for one in ids:
            assert events_of(session, one) == ["asked", "closed"]


def test_wrong_codes_at_once_are_as_many_as_one_network_may_try(real: Engine) -> None:
    def guess(session: Session) -> tuple[int, str]:
        return links.by_code(session, VAULT, "0" * 12, address="192.0.2.77", now=NOON)

    left = 10
    for _ in range(WRONG_AN_HOUR - left):
        at_once(real, [guess], keeping=WrongCode)
    answers = at_once(real, [guess] * 16, keeping=WrongCode)  # its count stays
    assert sum(isinstance(answer, WrongCode) for answer in answers) == left
    assert sum(isinstance(answer, TooMany) for answer in answers) == 16 - left
