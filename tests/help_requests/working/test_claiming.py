"""A claim is a lease: one holder, for a time, judged when read; a second tap changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import Conflict, Invalid, NotAllowed, NotFound
from mapapp.help_requests.models import HelpEvent, HelpRequest
from mapapp.help_requests.working.service import Full, Taken, claim
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.help_requests.build import add_request, events_of, leases_of, needs_of, words_of
from tests.help_requests.working.conftest import TERMS

Make = Callable[..., Actor]


def test_a_claim_takes_all_that_is_free(country: Session, volunteer: Make) -> None:
    asked, me = add_request(country, needs=("food", "medicine"), urgency="life"), volunteer()
    got = claim(country, me, asked.id, terms=TERMS, now=NOON)
    ends = NOON + timedelta(hours=2)
    assert (got.request_id, len(got.needs), got.ends_at, got.is_new) == (asked.id, 2, ends, True)
    assert [(need.state, need.holder_id, need.lease_ends_at) for need in needs_of(country, asked.id)] == [
        ("claimed", me.person_id, ends)
    ] * 2
    assert [(one.holder_id, one.ends_at, one.ended_at) for one in leases_of(country, asked.id)] == [
        (me.person_id, ends, None)
    ] * 2
    country.refresh(asked)
    assert (asked.free_from, asked.first_claimed_at, asked.changed_at) == (ends, NOON, NOON)
    assert events_of(country, asked.id) == ["claimed", "claimed", "place_shown"]
    event = country.query(HelpEvent).filter_by(request_id=asked.id).order_by(HelpEvent.id).first()
    assert event is not None
    assert (event.person_id, event.actor_kind, event.cell_tambon_code) == (me.person_id, "person", "900101")
    assert me.by is not None
    assert event.appointment_id == me.by.appointment_id


def test_a_second_tap_answers_the_same(country: Session, volunteer: Make) -> None:
    asked, me = add_request(country), volunteer()
    first = claim(country, me, asked.id, terms=TERMS, now=NOON)
    again = claim(country, me, asked.id, terms=TERMS, now=NOON + timedelta(minutes=1))
    assert (again.needs, again.ends_at, again.is_new) == (first.needs, first.ends_at, False)
    assert len(leases_of(country, asked.id)) == 1


def test_somebody_else_is_told_kindly(country: Session, volunteer: Make) -> None:
    asked = add_request(country)
    claim(country, volunteer(), asked.id, terms=TERMS, now=NOON)
    with pytest.raises(Taken, match="accepted this first"):
        claim(country, volunteer("อีกคน"), asked.id, terms=TERMS, now=NOON)


def test_needs_are_claimed_on_their_own(country: Session, volunteer: Make) -> None:
    asked, me, other = add_request(country, needs=("food", "transport")), volunteer(), volunteer("อีกคน")
    food, ride = needs_of(country, asked.id)
    claim(country, me, asked.id, needs=[food.id], terms=TERMS, now=NOON)
    country.refresh(asked)
    assert asked.free_from == NOON  # the ride is free
    got = claim(country, other, asked.id, terms=TERMS, now=NOON)
    assert got.needs == (ride.id,)
    with pytest.raises(Taken):
        claim(country, other, asked.id, needs=[food.id], terms=TERMS, now=NOON)
    with pytest.raises(Invalid):
        claim(country, other, asked.id, needs=[food.id + 1000], terms=TERMS, now=NOON)


def test_a_lease_that_has_run_out_is_free_without_anybody_ending_it(country: Session, volunteer: Make) -> None:
    asked, me, other = add_request(country), volunteer(), volunteer("อีกคน")
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    with pytest.raises(Taken):
        claim(country, other, asked.id, terms=TERMS, now=NOON + timedelta(hours=6, seconds=-1))
    got = claim(country, other, asked.id, terms=TERMS, now=NOON + timedelta(hours=6))
    assert got.is_new
    old, new = leases_of(country, asked.id)
    assert (old.how_ended, old.ended_at, new.holder_id) == ("expired", old.ends_at, other.person_id)
    assert needs_of(country, asked.id)[0].drops == 1
    assert events_of(country, asked.id)[2:] == ["expired", "claimed", "place_shown"]


def test_linked_requests_are_claimed_together(country: Session, volunteer: Make) -> None:
    lead = add_request(country, urgency="normal")
    linked = add_request(country, needs=("food", "medicine"), urgency="life", linked_to=lead.id)
    got = claim(country, volunteer(), linked.id, terms=TERMS, now=NOON)
    assert (got.request_id, len(got.needs), got.ends_at) == (lead.id, 3, NOON + timedelta(hours=2))
    assert events_of(country, linked.id) == ["claimed", "claimed", "place_shown"]
    assert events_of(country, lead.id) == ["claimed", "place_shown"]


def test_a_lead_and_its_linked_ones_count_as_one(country: Session, volunteer: Make) -> None:
    me = volunteer()
    for _ in range(3):
        lead = add_request(country)
        add_request(country, linked_to=lead.id)
        claim(country, me, lead.id, terms=TERMS, now=NOON)
    one_more = add_request(country)
    with pytest.raises(Full, match="3 accepted requests"):
        claim(country, me, one_more.id, terms=TERMS, now=NOON)
    assert claim(country, me, one_more.id, terms=TERMS, now=NOON + timedelta(hours=6)).is_new  # those have run out


def test_more_of_a_request_one_holds_is_within_the_limit(country: Session, volunteer: Make) -> None:
    me, asked = volunteer(), [add_request(country, needs=("food", "medicine")) for _ in range(3)]
    for one in asked:
        claim(country, me, one.id, needs=[needs_of(country, one.id)[0].id], terms=TERMS, now=NOON)
    assert claim(country, me, asked[0].id, terms=TERMS, now=NOON).is_new


def test_officers_send_teams_without_a_limit(country: Session, volunteer: Make) -> None:
    officer = volunteer("ปลัด", role="tambon_officer")
    for _ in range(5):
        claim(country, officer, add_request(country).id, team="กู้ภัย อบต.", terms=TERMS, now=NOON)
    lease = leases_of(country, add_request(country).id - 1)[0]
    assert words_of(country, lease.team_text) == "กู้ภัย อบต."
    with pytest.raises(NotAllowed):
        claim(country, volunteer(), add_request(country).id, team="ทีมฉัน", terms=TERMS, now=NOON)


def _volunteer_row(session: Session, me: Actor, **values: object) -> None:
    facts = {"person_id": me.person_id, "kind": "student", "home_tambon": "900101", "state": "approved",
             "state_at": NOON, "consent_version": "test", "joined_at": NOON}  # fmt: skip
    session.add(Volunteer(**{**facts, **values}))
    session.flush()


def test_who_has_paused_is_told_how_to_go_on(country: Session, volunteer: Make) -> None:
    me, asked = volunteer(), add_request(country)
    _volunteer_row(country, me, paused_at=NOON)
    with pytest.raises(Conflict, match="taking a break"):
        claim(country, me, asked.id, terms=TERMS, now=NOON)


@pytest.mark.parametrize("change", ["people SET suspended_at", "appointments SET ended_at"])
def test_a_right_that_ends_on_the_way_gets_nothing(country: Session, volunteer: Make, change: str) -> None:
    me, asked = volunteer(), add_request(country)
    country.execute(text(f"UPDATE {change} = :now"), {"now": NOON})
    with pytest.raises(NotAllowed):
        claim(country, me, asked.id, terms=TERMS, now=NOON)


@pytest.mark.parametrize(
    ("state", "says"), [("done", "marked this as done"), ("helped", "finished"), ("cancelled", "cancelled")]
)
def test_what_is_over_says_so(country: Session, volunteer: Make, state: str, says: str) -> None:
    asked = add_request(country, needs=({"kind": "food", "state": state},))
    with pytest.raises(Conflict, match=says):
        claim(country, volunteer(), asked.id, terms=TERMS, now=NOON)


def test_a_closed_request_cannot_be_claimed_whatever_its_needs_say(country: Session, volunteer: Make) -> None:
    asked = add_request(country, closed_at=NOON, outcome="duplicate")
    with pytest.raises(Conflict):
        claim(country, volunteer(), asked.id, terms=TERMS, now=NOON)


@pytest.mark.parametrize("number", [10**9, 2**62])
def test_there_is_no_such_request(country: Session, volunteer: Make, number: int) -> None:
    with pytest.raises(NotFound):
        claim(country, volunteer(), number, terms=TERMS, now=NOON)


def test_what_the_row_says_is_what_settling_would_say(country: Session, volunteer: Make) -> None:
    from mapapp.help_requests import states

    asked = add_request(country, needs=("food", "medicine", {"kind": "other", "state": "done", "done_at": NOON}))
    food = needs_of(country, asked.id)[0]
    for needs, at in (([food.id], NOON), (None, NOON + timedelta(hours=1))):
        claim(country, volunteer(str(at)), asked.id, needs=needs, terms=TERMS, now=at)
        columns = (HelpRequest.free_from, HelpRequest.first_claimed_at, HelpRequest.done_at, HelpRequest.closed_at)
        said = country.query(*columns).filter_by(id=asked.id).one()
        states.settle(country, [asked.id], at)
        assert country.query(*columns).filter_by(id=asked.id).one() == said
