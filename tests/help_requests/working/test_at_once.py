"""Many at once, really: threads with transactions of their own on a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.actors import Actor
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpOffer
from mapapp.help_requests.working import service
from tests.at_once import Work, outcomes, own_database
from tests.conftest import NOON
from tests.help_requests.build import VAULT, add_request
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import appoint, person


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country."""
    with own_database(f"mapapp_test_claims_{worker}") as made:
        yield made


def volunteers(engine: Engine, count: int) -> list[Actor]:
    with database.sessions(engine)() as session:
        made = [
            actor_of(session, appoint(session, "volunteer", "9001", to=person(session, f"คน {number}")))
            for number in range(count)
        ]
        session.commit()
        return made


def requests(engine: Engine, count: int, **values: object) -> list[int]:
    with database.sessions(engine)() as session:
        made = [add_request(session, **values).id for _ in range(count)]  # type: ignore[arg-type]  # columns
        session.commit()
        return made


def claiming(actor: Actor, request_id: int) -> Work:
    return lambda session: service.claim(session, actor, request_id, terms=TERMS, now=NOON)


def test_sixteen_claim_the_same(real: Engine) -> None:
    people = volunteers(real, 16)
    for _ in range(3):
        (asked,) = requests(real, 1, needs=("food", "medicine"))
        assert outcomes(real, [claiming(who, asked) for who in people]) == {"done": 1, "Taken": 15}
        with database.sessions(real)() as session:
            holders = session.scalars(select(HelpLease.holder_id).where(HelpLease.request_id == asked)).all()
            claimed = select(func.count(HelpEvent.id)).where(HelpEvent.request_id == asked)
            assert len(holders) == 2
            assert len(set(holders)) == 1
            assert session.scalar(claimed.where(HelpEvent.action == "claimed")) == 2


def test_sixteen_taps_of_one_volunteer_are_one(real: Engine) -> None:
    (me,), (asked,) = volunteers(real, 1), requests(real, 1)
    assert outcomes(real, [claiming(me, asked)] * 16) == {"done": 1, "again": 15}
    with database.sessions(real)() as session:
        assert session.scalar(select(func.count(HelpLease.id)).where(HelpLease.request_id == asked)) == 1


def test_two_different_requests_with_one_place_left(real: Engine) -> None:
    for _ in range(4):
        (me,), asked = volunteers(real, 1), requests(real, 10)
        for one in asked[:2]:
            outcomes(real, [claiming(me, one)])
        assert outcomes(real, [claiming(me, one) for one in asked[2:]]) == {"done": 1, "Full": 7}


def test_an_expired_lease_is_taken_by_one(real: Engine) -> None:
    first, *people = volunteers(real, 9)
    (asked,) = requests(real, 1)
    outcomes(real, [claiming(first, asked)])
    later = NOON + TERMS.length(2)
    attempts: list[Work] = [
        partial(service.claim, actor=who, request_id=asked, terms=TERMS, now=later) for who in people
    ]
    assert outcomes(real, attempts) == {"done": 1, "Taken": 7}
    with database.sessions(real)() as session:
        assert session.scalar(select(HelpNeed.drops).where(HelpNeed.request_id == asked)) == 1


def test_a_lead_and_a_linked_one_claimed_at_once_have_one_holder(real: Engine) -> None:
    people = volunteers(real, 8)
    (lead,) = requests(real, 1)
    (linked,) = requests(real, 1, linked_to=lead)
    assert outcomes(real, [claiming(who, (lead, linked)[n % 2]) for n, who in enumerate(people)]) == {
        "done": 1, "Taken": 7
    }  # fmt: skip


def test_claiming_while_one_is_suspended_leaves_nothing_behind(real: Engine) -> None:
    for _ in range(4):
        (me,), asked = volunteers(real, 1), requests(real, 3)
        assert me.person_id is not None

        def suspend(session: Session, me: Actor = me) -> None:
            session.execute(text("UPDATE people SET suspended_at = :now WHERE id = :id"),
                            {"now": NOON, "id": me.person_id})  # fmt: skip
            service.let_go(session, me.person_id, "suspended", NOON)  # type: ignore[arg-type]  # it is a person

        outcomes(real, [suspend, *(claiming(me, one) for one in asked)])
        with database.sessions(real)() as session:
            held = select(func.count(HelpNeed.id)).where(HelpNeed.holder_id == me.person_id)
            assert session.scalar(held) == 0


def test_steps_at_once_end_in_one_state_that_agrees(real: Engine) -> None:
    me, friend = volunteers(real, 2)
    assert friend.person_id is not None
    for _ in range(4):
        (asked,) = requests(real, 1)
        outcomes(real, [claiming(me, asked)])
        with database.sessions(real)() as session:
            offered = service.offer(session, me, asked, friend.person_id, kind="hand_over", now=NOON)
            session.commit()
        attempts: list[Work] = [
            partial(service.release, actor=me, request_id=asked, reason="other", now=NOON),
            partial(service.progress, actor=me, request_id=asked, step="done", now=NOON),
            partial(service.answer_offer, actor=friend, offer_id=offered.offer_id, accept=True, terms=TERMS, now=NOON),
            partial(service.take_back, actor=me, request_id=asked, reason="x", now=NOON),
            claiming(friend, asked),
        ]
        outcomes(real, attempts)
        with database.sessions(real)() as session:
            need = session.scalars(select(HelpNeed).where(HelpNeed.request_id == asked)).one()
            live = session.scalars(
                select(HelpLease.holder_id).where(HelpLease.request_id == asked, HelpLease.ended_at.is_(None))
            ).all()
            assert (need.state in ("claimed", "on_the_way", "there")) == bool(live)
            assert not live or live == [need.holder_id]
            session.execute(HelpOffer.__table__.delete())  # type: ignore[attr-defined]  # a Table
            service.let_go(session, friend.person_id, "left", NOON)
            session.commit()


def test_contacts_opened_at_once_are_counted_one_by_one(real: Engine) -> None:
    (me,) = volunteers(real, 1)
    generous = service.Terms(TERMS.hours, 50, 2)
    asked = requests(real, 14)
    for number, one in enumerate(asked):  # as many in an hour as a volunteer may
        at = NOON - timedelta(hours=2 - number // 5)
        outcomes(real, [partial(service.claim, actor=me, request_id=one, terms=generous, now=at)])
    attempts: list[Work] = [
        partial(service.reveal, vault=VAULT, actor=me, request_id=one, reason="agree", now=NOON) for one in asked
    ]
    assert outcomes(real, attempts) == {"done": 10, "TooMany": 4}
