"""The demo requests: in both provinces, in every state, clearly examples, nobody's number in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import demo
from mapapp.accounts.models import Person
from mapapp.areas import service as areas
from mapapp.help_requests import contacts, seed, states
from mapapp.help_requests.demo_requests import EXAMPLES
from mapapp.help_requests.labels import LEASED, STATES, URGENCIES
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpRequest
from mapapp.volunteers import queries as volunteers
from mapapp.volunteers import seed as profiles
from tests.conftest import NOON
from tests.help_requests.build import VAULT


@pytest.fixture
def seeded(session: Session) -> Session:
    """Both demo provinces with their people and requests, made at noon."""
    areas.seed(session)
    demo.make(session, NOON)
    profiles.make(session, NOON)
    assert seed.seed(session, VAULT, NOON) == len(EXAMPLES)
    session.commit()
    return session


def test_without_demo_people_there_are_no_examples(session: Session) -> None:
    areas.seed(session)
    assert seed.seed(session, VAULT, NOON) == 0


def test_without_areas_there_is_nothing_to_make(session: Session) -> None:
    demo.make(session, NOON)
    assert profiles.make(session, NOON) == 0
    assert seed.seed(session, VAULT, NOON) == 0


def test_the_examples(seeded: Session) -> None:  # one database, many questions: making it takes seconds
    assert seed.seed(seeded, VAULT, NOON) == 0, "once"
    assert profiles.make(seeded, NOON) == 0, "once"
    rows = seeded.scalars(select(HelpRequest)).all()
    needs = seeded.scalars(select(HelpNeed)).all()
    assert all(row.is_example and row.description.startswith(seed.MARK) for row in rows)
    assert {row.tambon_code[:2] for row in rows} == {"50", "45"}
    assert {row.urgency for row in rows if row.closed_at is None} == set(URGENCIES)
    assert {need.state for need in needs} == set(STATES)
    assert {"helped", "cancelled", "not_genuine", None} <= {row.outcome for row in rows}
    assert any(row.linked_to for row in rows)
    assert any(need.drops == 2 for need in needs)
    assert any(need.contested for need in needs)
    expired = [need for need in needs if need.state in LEASED and need.lease_ends_at and need.lease_ends_at <= NOON]
    live = [need for need in needs if need.state in LEASED and need.lease_ends_at and need.lease_ends_at > NOON]
    assert expired
    assert live
    _nobodys_number(rows)
    _rows_and_needs_agree(seeded, rows, needs)
    _volunteers(seeded)


def _nobodys_number(rows: Sequence[HelpRequest]) -> None:
    without = 0
    for row in rows:
        contact = contacts.of(VAULT, row.id, row.contact_sealed)
        assert contact.phone is None
        assert row.phone_index is None
        without += contact.is_empty
        landmark = contacts.landmark_of(VAULT, row.id, row.landmark_sealed) or ""
        for text in (contact.name or "", contact.other or seed.MARK, landmark, row.description):
            assert text.startswith(seed.MARK)
            assert not re.search(r"\d{5}", text)
    assert without == 1, "one that cannot be reached"


def _rows_and_needs_agree(session: Session, rows: Sequence[HelpRequest], needs: Sequence[HelpNeed]) -> None:
    """Settling them again changes nothing, so they are as the service itself would have left them."""
    facts = ("free_from", "done_at", "closed_at", "outcome", "first_claimed_at")
    before = {row.id: [getattr(row, name) for name in facts] for row in rows}
    states.settle(session, [row.id for row in rows], NOON)
    session.expire_all()
    assert {row.id: [getattr(row, name) for name in facts] for row in rows} == before
    open_leases = session.scalars(select(HelpLease.need_id).where(HelpLease.ended_at.is_(None))).all()
    assert sorted(open_leases) == sorted(need.id for need in needs if need.state in LEASED)
    posted = session.scalars(select(HelpEvent.request_id).where(HelpEvent.action == "posted")).all()
    assert sorted(posted) == sorted(row.id for row in rows)
    assert all(at <= NOON for at in session.scalars(select(HelpEvent.at)))


def _volunteers(session: Session) -> None:
    rows = session.execute(select(Person.user_name, Person.id).where(Person.is_demo))
    ids = {row.user_name: row.id for row in rows}
    assert volunteers.state_of(session, ids["demo.waiting"], NOON) == "waiting"
    assert volunteers.state_of(session, ids["demo.volunteer"], NOON) == "approved"
    assert volunteers.live(session, ids["demo.volunteer"], NOON) == 1
    near = [one.person_id for one in volunteers.candidates(session, "500101", now=NOON)]
    assert near == [ids["demo.volunteer"], ids["demo.neighbour"]]
