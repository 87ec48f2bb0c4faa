"""What follows a claim: more time, progress, giving back, handing over, an officer in the holder's place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import Appointment
from mapapp.core.actors import Actor, command
from mapapp.core.errors import Conflict, Invalid
from mapapp.help_requests.models import HelpEvent, HelpOffer
from mapapp.help_requests.working.service import (
    Full,
    LeaseOver,
    Taken,
    answer_offer,
    claim,
    let_go,
    offer,
    progress,
    release,
    renew,
    reveal,
    stop_asking,
    take_back,
)
from tests.conftest import NOON
from tests.help_requests.build import VAULT, add_request, events_of, leases_of, needs_of, words_of
from tests.help_requests.working.conftest import TERMS

Make = Callable[..., Actor]
HOUR = timedelta(hours=1)


def test_officers_give_time_without_bound(country: Session, volunteer: Make) -> None:
    me, officer, asked = volunteer(), volunteer("ปลัด", role="tambon_officer"), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    for number in range(1, 6):
        got = renew(country, officer, asked.id, terms=TERMS, now=NOON + number * HOUR, by="officer")
        assert got.ends_at == NOON + (6 + 3 * number) * HOUR, "half a length more each time at least"
    assert leases_of(country, asked.id)[0].renewals == 5
    with pytest.raises(Conflict, match="officers"):
        renew(country, me, asked.id, terms=TERMS, now=NOON + 20 * HOUR)


def test_more_time_gives_time_or_takes_none_of_the_holders_few_times(country: Session, volunteer: Make) -> None:
    """“I need more time” right after the claim said that there was more, gave none, and used one of two up."""
    me, asked = volunteer(), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    for early in (timedelta(), timedelta(minutes=5), 2 * HOUR):
        got = renew(country, me, asked.id, terms=TERMS, now=NOON + early)
        assert (got.is_new, got.ends_at) == (False, NOON + 6 * HOUR)
    assert leases_of(country, asked.id)[0].renewals == 0
    got = renew(country, me, asked.id, terms=TERMS, now=NOON + 3 * HOUR)
    assert (got.is_new, got.ends_at) == (True, NOON + 9 * HOUR)


def test_each_need_is_finished_on_its_own(country: Session, volunteer: Make) -> None:
    me, asked = volunteer(), add_request(country, needs=("food", "transport"))
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    food, ride = needs_of(country, asked.id)
    got = progress(country, me, asked.id, step="done", needs=[food.id], given="ข้าว", now=NOON)
    assert (got.needs, got.ends_at) == ((food.id,), NOON + 6 * HOUR)
    country.refresh(asked)
    assert asked.done_at is None
    assert [need.state for need in needs_of(country, asked.id)] == ["done", "claimed"]
    got = progress(country, me, asked.id, step="done", note="เขาต้องการหมอ", now=NOON + HOUR)
    assert (got.needs, got.ends_at) == ((ride.id,), None)
    country.refresh(asked)
    assert asked.done_at == NOON + HOUR
    assert [words_of(country, one.note_text) for one in leases_of(country, asked.id)] == [None, "เขาต้องการหมอ"]
    assert [one.how_ended for one in leases_of(country, asked.id)] == ["done", "done"]


def test_an_officer_takes_back_and_it_is_no_drop(country: Session, volunteer: Make) -> None:
    me, officer, asked = volunteer(), volunteer("ปลัด", role="tambon_officer"), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    assert take_back(country, officer, asked.id, reason="ไม่ไปตามนัด", now=NOON).is_new
    assert not take_back(country, officer, asked.id, reason="ไม่ไปตามนัด", now=NOON).is_new
    (need,) = needs_of(country, asked.id)
    assert (need.state, need.holder_id, need.drops) == ("open", None, 0)
    with pytest.raises(LeaseOver):
        progress(country, me, asked.id, step="there", now=NOON)


def test_an_officer_finishes_in_the_holders_place(country: Session, volunteer: Make) -> None:
    me, officer, asked = volunteer(), volunteer("ปลัด", role="tambon_officer"), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    progress(country, officer, asked.id, step="done", now=NOON, by="officer")
    (need,) = needs_of(country, asked.id)
    assert (need.state, need.holder_id) == ("done", me.person_id)


def test_a_renewal_that_comes_too_late_is_refused(country: Session, volunteer: Make) -> None:
    me, other, asked = volunteer(), volunteer("อีกคน"), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    with pytest.raises(LeaseOver, match="accept it again"):
        renew(country, me, asked.id, terms=TERMS, now=NOON + 6 * HOUR)
    claim(country, other, asked.id, terms=TERMS, now=NOON + 6 * HOUR)
    with pytest.raises(Taken, match="Another volunteer"):
        renew(country, me, asked.id, terms=TERMS, now=NOON + 6 * HOUR)


def test_giving_back_what_somebody_else_has_claimed_since_is_refused(country: Session, volunteer: Make) -> None:
    me, other, asked = volunteer(), volunteer("อีกคน"), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    assert release(country, me, asked.id, reason="cannot_go", now=NOON).is_new
    assert not release(country, me, asked.id, reason="cannot_go", now=NOON).is_new
    claim(country, other, asked.id, terms=TERMS, now=NOON + HOUR)
    with pytest.raises(Taken):
        release(country, me, asked.id, reason="cannot_go", now=NOON + HOUR)


def test_an_offer_runs_out_after_a_day(country: Session, volunteer: Make) -> None:
    me, friend, asked = volunteer(), volunteer("พี่หนุ่ม"), add_request(country, urgency="normal")
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    assert friend.person_id
    made = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=NOON)
    renew(country, me, asked.id, terms=TERMS, now=NOON + 23 * HOUR)
    late = NOON + 24 * HOUR
    with pytest.raises(Conflict, match="no longer valid"):
        answer_offer(country, friend, made.offer_id, accept=True, terms=TERMS, now=late)
    again = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=late)
    assert again.is_new
    assert answer_offer(country, friend, again.offer_id, accept=True, terms=TERMS, now=late).is_new


def test_an_offer_ends_with_the_lease_at_the_latest(country: Session, volunteer: Make) -> None:
    me, friend, asked = volunteer(), volunteer("พี่หนุ่ม"), add_request(country, urgency="urgent")
    held = claim(country, me, asked.id, terms=TERMS, now=NOON)
    assert friend.person_id
    made = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=NOON + HOUR)
    assert made.expires_at == held.ends_at == NOON + 6 * HOUR
    renew(country, me, asked.id, terms=TERMS, now=NOON + 5 * HOUR)
    with pytest.raises(Conflict, match="it expired"):
        answer_offer(country, friend, made.offer_id, accept=True, terms=TERMS, now=NOON + 6 * HOUR)
    again = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=NOON + 6 * HOUR)
    assert again.is_new


def test_the_giver_takes_the_question_back(country: Session, volunteer: Make) -> None:
    me, friend, other = volunteer(), volunteer("พี่หนุ่ม"), volunteer("ค")
    asked = add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    assert friend.person_id
    made = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=NOON)
    with pytest.raises(Taken):
        stop_asking(country, other, asked.id, now=NOON)
    for _ in range(2):
        stop_asking(country, me, asked.id, now=NOON)
    with pytest.raises(Conflict):
        answer_offer(country, friend, made.offer_id, accept=True, terms=TERMS, now=NOON)
    assert events_of(country, asked.id)[2:] == ["offered", "withdrawn"]


def test_asking_another_takes_the_first_question_back(country: Session, volunteer: Make) -> None:
    me, first, second, asked = volunteer(), volunteer("ก"), volunteer("ข"), add_request(country)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    assert first.person_id and second.person_id  # noqa: PT018 - both for the type checker
    one = offer(country, me, asked.id, first.person_id, kind="hand_over", now=NOON)
    offer(country, me, asked.id, second.person_id, kind="hand_over", now=NOON)
    with pytest.raises(Conflict):
        answer_offer(country, first, one.offer_id, accept=True, terms=TERMS, now=NOON)
    assert events_of(country, asked.id)[2:] == ["offered", "withdrawn", "offered"]


def test_finishing_or_giving_back_takes_the_question_back(country: Session, volunteer: Make) -> None:
    me, friend = volunteer(), volunteer("พี่หนุ่ม")
    assert friend.person_id
    for finish in (True, False):
        asked = add_request(country)
        claim(country, me, asked.id, terms=TERMS, now=NOON)
        made = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=NOON)
        if finish:
            progress(country, me, asked.id, step="done", now=NOON)
        else:
            release(country, me, asked.id, reason="cannot_go", now=NOON)
        row = country.get(HelpOffer, made.offer_id, populate_existing=True)
        assert row is not None
        assert row.answer == "withdrawn"


def test_who_cannot_take_it_cannot_be_asked(country: Session, volunteer: Make) -> None:
    me, asked = volunteer(), add_request(country)
    elsewhere = volunteer("ไกล", area="900101")
    country.execute(text("UPDATE appointments SET area_code = '9002' WHERE person_id = :id"),
                    {"id": elsewhere.person_id})  # fmt: skip
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    for nobody in (me.person_id, elsewhere.person_id):
        assert nobody
        with pytest.raises(Invalid):
            offer(country, me, asked.id, nobody, kind="hand_over", now=NOON)


def test_assigning_leaves_it_open_until_it_is_accepted(country: Session, volunteer: Make) -> None:
    officer, friend, asked = volunteer("ปลัด", role="tambon_officer"), volunteer("พี่หนุ่ม"), add_request(country)
    assert friend.person_id
    made = offer(country, officer, asked.id, friend.person_id, kind="assign", note="ช่วยด่วน", now=NOON)
    assert needs_of(country, asked.id)[0].state == "open"
    got = answer_offer(country, friend, made.offer_id, accept=True, terms=TERMS, now=NOON)
    assert got.is_new
    assert needs_of(country, asked.id)[0].holder_id == friend.person_id
    assert events_of(country, asked.id) == ["assigned", "claimed", "place_shown"]
    with pytest.raises(Taken):
        offer(country, officer, asked.id, friend.person_id, kind="assign", now=NOON)


def test_accepting_respects_the_limit(country: Session, volunteer: Make) -> None:
    me, friend, asked = volunteer(), volunteer("พี่หนุ่ม"), add_request(country)
    assert friend.person_id
    for _ in range(3):
        claim(country, friend, add_request(country).id, terms=TERMS, now=NOON)
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    made = offer(country, me, asked.id, friend.person_id, kind="hand_over", now=NOON)
    with pytest.raises(Full):
        answer_offer(country, friend, made.offer_id, accept=True, terms=TERMS, now=NOON)


def test_officers_see_what_is_not_shared_and_it_is_on_record(country: Session, volunteer: Make) -> None:
    officer, asked = volunteer("ปลัด", role="tambon_officer"), add_request(country, phone_shared=False)
    (shown,) = reveal(country, VAULT, officer, asked.id, reason="call_back", now=NOON, officer_of=lambda _: True)
    assert shown.contact.phone == "+66812345678"
    event = country.scalars(select(HelpEvent).where(HelpEvent.action == "contact_shown")).one()
    assert (event.person_id, event.details) == (officer.person_id, {"reason": "call_back"})


def test_a_look_at_linked_requests_shows_each_contact(country: Session, volunteer: Make) -> None:
    me, lead = volunteer(), add_request(country)
    linked = add_request(country, linked_to=lead.id, phone="+66898765432")
    claim(country, me, lead.id, terms=TERMS, now=NOON)
    shown = reveal(country, VAULT, me, linked.id, reason="agree", now=NOON)
    assert [(one.request_id, one.contact.phone) for one in shown] == [
        (lead.id, "+66812345678"), (linked.id, "+66898765432")
    ]  # fmt: skip


@pytest.mark.parametrize(("why", "how", "drops"), [("suspended", "taken_back", 0), ("left", "released", 1)])
def test_letting_go(country: Session, volunteer: Make, why: str, how: str, drops: int) -> None:
    me, friend = volunteer(), volunteer("พี่หนุ่ม")
    assert me.person_id and friend.person_id  # noqa: PT018 - both for the type checker
    asked = [add_request(country) for _ in range(2)]
    for one in asked:
        claim(country, me, one.id, terms=TERMS, now=NOON)
    made = offer(country, me, asked[0].id, friend.person_id, kind="hand_over", now=NOON)
    assert let_go(country, me.person_id, why, NOON) == 2  # type: ignore[arg-type]  # words of Why
    assert let_go(country, me.person_id, why, NOON) == 0  # type: ignore[arg-type]
    for one in asked:
        (need,) = needs_of(country, one.id)
        assert (need.state, need.holder_id, need.drops) == ("open", None, drops)
        assert leases_of(country, one.id)[0].how_ended == how
    row = country.get(HelpOffer, made.offer_id, populate_existing=True)
    assert row is not None
    assert row.answer == "withdrawn"


def test_an_appointment_that_ends_takes_what_hung_on_it(country: Session, volunteer: Make) -> None:
    """By the way people really lose it: the room below tells, rooms join."""
    me = volunteer()
    here = add_request(country)
    claim(country, me, here.id, terms=TERMS, now=NOON)
    (own,) = country.scalars(select(Appointment).where(Appointment.person_id == me.person_id)).all()
    appointing.end(country, command(), own.id, reason="พ้นหน้าที่", now=NOON + HOUR)
    assert needs_of(country, here.id)[0].state == "open"


def test_who_has_another_right_to_it_keeps_it(country: Session, volunteer: Make) -> None:
    me, asked = volunteer(), add_request(country)
    own = country.scalars(select(Appointment).where(Appointment.person_id == me.person_id)).one()
    facts = {"role": "volunteer", "area_code": "9001", "starts_at": own.starts_at,
             "confidentiality_on": own.confidentiality_on, "training_expires_on": own.training_expires_on}  # fmt: skip
    country.add(Appointment(person_id=me.person_id, **facts))
    country.flush()
    claim(country, me, asked.id, terms=TERMS, now=NOON)
    appointing.end(country, command(), own.id, reason="ซ้ำ", now=NOON + HOUR)
    assert needs_of(country, asked.id)[0].holder_id == me.person_id
