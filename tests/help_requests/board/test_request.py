"""One request as its officers see it: what is shown, what is on record, each step, and two officers at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.audit.models import AuditEntry
from mapapp.help_requests.models import (
    HelpBlock,
    HelpEvent,
    HelpLease,
    HelpLink,
    HelpNeed,
    HelpOffer,
    HelpReport,
    HelpRequest,
)
from mapapp.help_requests.resident import links
from mapapp.help_requests.resident.erasure import erase
from tests.conftest import NOON
from tests.help_requests.board.conftest import ELSEWHERE, INSIDE, NEXT_DOOR, Signed
from tests.help_requests.build import add_request, events_of, leases_of, needs_of, words_of
from tests.people import Browser, appoint, browser

HOUR = timedelta(hours=1)


def address(made: HelpRequest | int) -> str:
    return f"/officer/requests/{made if isinstance(made, int) else made.id}?lang=en"


def do(officer: Browser, made: HelpRequest | int, what: str, **data: Any) -> TestResponse:
    return officer.post(address(made), {"do": what, **data})


def stored(session: Session, made: HelpRequest) -> HelpRequest:
    """The row as it is now."""
    session.expire_all()
    return session.execute(select(HelpRequest).where(HelpRequest.id == made.id)).scalar_one()


def states_of(session: Session, made: HelpRequest) -> list[str]:
    return [need.state for need in needs_of(session, made.id)]


def audited(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


@pytest.fixture
def made(country: Session) -> HelpRequest:
    """One open request in tambon 900101."""
    found = add_request(country, needs=["food", "medicine"])
    country.commit()
    return found


def held(session: Session, made: HelpRequest, **values: Any) -> None:
    """Somebody holds all of it."""
    who = appoint(session, "volunteer", "900101")
    for need in needs_of(session, made.id):
        need.state, need.holder_id, need.lease_ends_at = "claimed", who.id, NOON + HOUR
        session.add(
            HelpLease(
                need_id=need.id, request_id=made.id, holder_id=who.id, begun_at=NOON - HOUR, ends_at=NOON + HOUR,
            )
        )  # fmt: skip
    session.execute(update(HelpRequest).where(HelpRequest.id == made.id).values(free_from=NOON + HOUR, **values))
    session.commit()


def finished(session: Session, made: HelpRequest, state: str = "done") -> None:
    """A volunteer says that all of it is done."""
    session.execute(update(HelpNeed).where(HelpNeed.request_id == made.id).values(state=state, done_at=NOON))
    session.execute(update(HelpRequest).where(HelpRequest.id == made.id).values(free_from=None, done_at=NOON))
    session.commit()


# Looking --------------------------------------------------------------------------------------------------------


def test_what_is_shown_and_what_is_not(officer: Browser, made: HelpRequest) -> None:
    page = officer.get(address(made))
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    for text in ("น้ำท่วมบ้าน", "บ้านรั้วเขียว", "14.05730, 100.03120", "Food and water", "Medicine"):
        assert text in page.text
    for secret in ("ป้าคำ", "812345678", "081 234 5678"):
        assert secret not in page.text


def test_who_looked_is_on_record_once_an_hour(
    country: Session, officer: Browser, made: HelpRequest, clock: dict[str, Any]
) -> None:
    officer.get(address(made))
    officer.get(address(made))
    assert events_of(country, made.id) == ["place_shown"]
    assert audited(country) == ["request.view", "request.view"]
    clock["now"] = NOON + 2 * HOUR
    officer.get(address(made))
    assert events_of(country, made.id) == ["place_shown", "place_shown"]


def test_a_request_of_another_area_is_not_there(country: Session, signed: Signed, made: HelpRequest) -> None:
    stranger = signed("tambon_officer", "900102")
    assert stranger.get(address(made)).status_code == 404
    assert do(stranger, made, "helped_already").status_code == 404
    assert stranger.get(address(999_999)).status_code == 404
    assert events_of(country, made.id) == []
    assert states_of(country, made) == ["open", "open"]


@pytest.mark.parametrize(("role", "area"), [("auditor", "TH"), ("volunteer", "900101")])
def test_who_may_not_even_look(signed: Signed, made: HelpRequest, role: str, area: str) -> None:
    somebody = signed(role, area)
    assert somebody.get(address(made)).status_code == 403
    assert do(somebody, made, "still_needed").status_code == 403


def test_it_asks_a_bounded_number_of_times(
    country: Session, officer: Browser, made: HelpRequest, query_count: Any
) -> None:
    def asked() -> int:
        before = query_count()
        officer.get(address(made))
        return int(query_count() - before)

    first = asked()
    for _ in range(5):
        do(officer, made, "called", outcome="no_answer")
        add_request(country, linked_to=made.id)
    country.commit()
    assert asked() <= first + 1
    assert first <= 30


# Calling --------------------------------------------------------------------------------------------------------


def test_the_contact_is_shown_once_and_on_record(country: Session, officer: Browser, made: HelpRequest) -> None:
    page = do(officer, made, "reveal", reason="still_needed")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "ป้าคำ" in page.text
    assert "tel:+66812345678" in page.text
    assert "081 234 5678" in page.text
    assert events_of(country, made.id) == ["contact_shown"]
    assert "request.contact" in audited(country)
    assert "ป้าคำ" not in officer.get(address(made)).text


def test_a_number_that_is_not_shared_is_for_officers_still(country: Session, officer: Browser) -> None:
    made = add_request(country, phone_shared=False)
    country.commit()
    assert "081 234 5678" in do(officer, made, "reveal", reason="check").text


def test_a_linked_request_of_another_area_keeps_its_contact(country: Session, signed: Signed) -> None:
    made = add_request(country)
    linked = add_request(country, linked_to=made.id, phone="+66899999999", name="ยายมี", **ELSEWHERE)
    country.commit()
    page = do(signed("tambon_officer", "900101"), made, "reveal", reason="check")
    assert "081 234 5678" in page.text
    assert "ยายมี" not in page.text
    assert "089 999 9999" not in page.text
    assert events_of(country, made.id) == ["contact_shown"]
    assert events_of(country, linked.id) == [], "nobody is told of a look that was none"
    looks = select(AuditEntry.subject_id).where(AuditEntry.action == "request.contact")
    assert country.scalars(looks).all() == [str(made.id)]


def test_linked_requests_of_ones_own_area_are_shown_together(country: Session, officer: Browser) -> None:
    made = add_request(country)
    linked = add_request(country, linked_to=made.id, phone="+66899999999", name="ยายมี")
    country.commit()
    page = do(officer, linked, "reveal", reason="check").text
    assert "081 234 5678" in page
    assert "089 999 9999" in page
    assert events_of(country, made.id) == events_of(country, linked.id) == ["contact_shown"]


def test_how_a_call_went(country: Session, officer: Browser, made: HelpRequest) -> None:
    assert do(officer, made, "called", outcome="answered", note="โทรอีกครั้งพรุ่งนี้").status_code == 303
    page = officer.get(address(made)).text
    assert "โทรอีกครั้งพรุ่งนี้" in page
    assert audited(country)[0] == "request.call"


def test_a_new_link_only_after_a_call(country: Session, officer: Browser, made: HelpRequest) -> None:
    assert do(officer, made, "reissue").status_code == 409
    do(officer, made, "called", outcome="no_answer")
    assert do(officer, made, "reissue").status_code == 409
    do(officer, made, "called", outcome="answered")
    page = do(officer, made, "reissue")
    assert page.status_code == 200
    code = re.search(r'class="code">([\d ]+)<', page.text)
    assert code is not None
    assert len(code[1].replace(" ", "")) == 12
    assert "/requests/mine/" in page.text
    assert "<svg" in page.text
    assert country.scalars(select(HelpLink.made_by)).all() == ["officer"]
    assert "link_reissued" in events_of(country, made.id)
    assert code[1] not in officer.get(address(made)).text


# Who goes -------------------------------------------------------------------------------------------------------


def test_assigning_asks_a_volunteer(country: Session, officer: Browser, made: HelpRequest) -> None:
    who = appoint(country, "volunteer", "9001")
    country.commit()
    assert str(who.id) in officer.get(address(made)).text
    assert do(officer, made, "assign", person=str(who.id), note="รีบหน่อย").status_code == 303
    offer = country.scalars(select(HelpOffer)).one()
    assert (offer.to_person, offer.kind, words_of(country, offer.note_text)) == (who.id, "assign", "รีบหน่อย")
    assert states_of(country, made) == ["open", "open"]
    assert do(officer, made, "assign", person=str(who.id)).status_code == 303  # sent twice asks once
    assert len(country.scalars(select(HelpOffer)).all()) == 1


def test_nobody_is_asked_who_cannot_go(country: Session, officer: Browser, made: HelpRequest) -> None:
    far = appoint(country, "volunteer", "9002")
    country.commit()
    page = do(officer, made, "assign", person=str(far.id))
    assert page.status_code == 400
    assert "Choose a volunteer who helps in this area" in page.text
    assert do(officer, made, "assign", person="nobody").status_code == 400


def test_my_own_team_goes(country: Session, officer: Browser, made: HelpRequest) -> None:
    assert do(officer, made, "team", team="หน่วยกู้ภัยเทศบาล").status_code == 303
    assert states_of(country, made) == ["claimed", "claimed"]
    assert {words_of(country, one.team_text) for one in leases_of(country, made.id)} == {"หน่วยกู้ภัยเทศบาล"}
    page = do(officer, made, "team", team="อีกทีม")
    assert page.status_code == 409
    assert "A volunteer has accepted this (see below)" in page.text
    assert "หน่วยกู้ภัยเทศบาล" in page.text  # how it is now


def test_taking_back_and_more_time(country: Session, officer: Browser, made: HelpRequest) -> None:
    held(country, made)
    assert do(officer, made, "renew").status_code == 303
    assert {lease.ends_at for lease in leases_of(country, made.id)} == {NOON + 6 * HOUR}
    assert do(officer, made, "take_back", reason="").status_code == 400
    assert do(officer, made, "take_back", reason="ติดต่อไม่ได้").status_code == 303
    assert states_of(country, made) == ["open", "open"]
    assert stored(country, made).free_from == made.posted_at
    assert do(officer, made, "take_back", reason="อีกครั้ง").status_code == 409
    assert do(officer, made, "renew").status_code == 409


# Two officers at once, and every step that ends or begins something ----------------------------------------------


def test_urgency_changes_from_what_was_seen(country: Session, officer: Browser, made: HelpRequest) -> None:
    raised = {"was": "urgent", "urgency": "life", "reason": "อาการหนักขึ้น"}
    assert do(officer, made, "urgency", **raised).status_code == 303
    assert stored(country, made).urgency == 1
    late = do(officer, made, "urgency", was="urgent", urgency="normal", reason="ไม่เร่งแล้ว")
    assert late.status_code == 409
    assert "Someone else just changed this" in late.text
    assert "A life is in danger" in late.text
    assert "ไม่เร่งแล้ว" in late.text  # what was typed is kept
    assert stored(country, made).urgency == 1
    assert events_of(country, made.id) == ["urgency"]


def test_closing_and_opening_again(country: Session, officer: Browser, made: HelpRequest) -> None:
    held(country, made)
    assert do(officer, made, "close", outcome="not_genuine", reason="โทรแล้วไม่มีบ้านนี้").status_code == 303
    row = stored(country, made)
    assert (row.outcome, row.closed_at, row.free_from) == ("not_genuine", NOON, None)
    assert states_of(country, made) == ["cancelled", "cancelled"]
    assert {lease.how_ended for lease in leases_of(country, made.id)} == {"closed"}
    second = do(officer, made, "close", outcome="out_of_area", reason="ช้ากว่า")
    assert second.status_code == 409
    assert "Not a genuine request" in second.text
    assert do(officer, made, "reopen", reason="ตรวจแล้วเป็นจริง").status_code == 303
    row = stored(country, made)
    assert (row.outcome, row.closed_at, row.free_from) == (None, None, row.posted_at)
    assert states_of(country, made) == ["open", "open"]
    assert do(officer, made, "reopen", reason="อีกครั้ง").status_code == 409
    assert events_of(country, made.id) == ["closed", "reopened"]


def test_closing_takes_waiting_questions_back(country: Session, officer: Browser, made: HelpRequest) -> None:
    who = appoint(country, "volunteer", "9001")
    country.commit()
    do(officer, made, "assign", person=str(who.id))
    do(officer, made, "close", outcome="duplicate", reason="ซ้ำ")
    assert country.scalars(select(HelpOffer.answer)).all() == ["withdrawn"]


def test_an_erased_one_stays_closed(country: Session, officer: Browser) -> None:
    made = add_request(country)
    erase(country, None, made.id, NOON)
    country.commit()
    assert do(officer, made, "reopen", reason="ลอง").status_code == 409


def test_in_the_residents_place(country: Session, officer: Browser, made: HelpRequest) -> None:
    held(country, made)
    assert do(officer, made, "done").status_code == 303
    assert states_of(country, made) == ["done", "done"]
    assert do(officer, made, "contest", reason="ยังไม่ได้รับของ").status_code == 303
    assert states_of(country, made) == ["open", "open"]
    assert [need.contested for need in needs_of(country, made.id)] == [1, 1]
    finished(country, made)
    assert do(officer, made, "confirm").status_code == 303
    assert states_of(country, made) == ["helped", "helped"]
    assert stored(country, made).outcome == "helped"
    assert do(officer, made, "confirm").status_code == 409
    assert do(officer, made, "done").status_code == 409


def test_helped_already(country: Session, officer: Browser, made: HelpRequest) -> None:
    held(country, made)
    assert do(officer, made, "helped_already").status_code == 303
    assert states_of(country, made) == ["helped", "helped"]
    assert stored(country, made).outcome == "helped_already"
    assert {lease.how_ended for lease in leases_of(country, made.id)} == {"closed"}
    assert do(officer, made, "helped_already").status_code == 409
    assert do(officer, made, "reopen", reason="ยังขาดยา").status_code == 303
    assert states_of(country, made) == ["open", "open"]


def test_still_needed(country: Session, officer: Browser) -> None:
    made = add_request(country, at=NOON - timedelta(days=20), asked_at=NOON - timedelta(days=6))
    country.commit()
    assert do(officer, made, "still_needed").status_code == 303
    row = stored(country, made)
    assert (row.confirmed_at, row.asked_at) == (NOON, None)
    do(officer, made, "close", outcome="no_answer", reason="โทรไม่ติด")
    assert do(officer, made, "still_needed").status_code == 409


def test_sent_twice_counts_once(country: Session, officer: Browser, made: HelpRequest) -> None:
    page = officer.get(address(made)).text
    key = re.search(r'name="once" value="([0-9a-f-]{36})"', page)
    assert key is not None
    for _ in range(2):
        assert do(officer, made, "called", outcome="answered", once=key[1]).status_code == 303
    assert events_of(country, made.id).count("called") == 1


# The same need twice --------------------------------------------------------------------------------------------


def test_linking_has_one_lead_and_no_chains(country: Session, officer: Browser) -> None:
    ids = [add_request(country, at=NOON - number * HOUR, phone=None) for number in range(4)]
    country.commit()
    first, second, third, oldest = ids
    for one, other in ((first, second), (third, oldest), (first, third)):
        assert do(officer, one, "link", other=other.id).status_code == 303
    assert stored(country, oldest).linked_to is None
    assert {stored(country, one).linked_to for one in (first, second, third)} == {oldest.id}
    assert do(officer, first, "unlink", member=first.id).status_code == 303
    assert stored(country, first).linked_to is None
    assert do(officer, oldest, "unlink", member=second.id).status_code == 303
    assert do(officer, oldest, "unlink", member=second.id).status_code == 409
    assert stored(country, third).linked_to == oldest.id


def test_a_lead_that_leaves_hands_on(country: Session, officer: Browser) -> None:
    lead = add_request(country, at=NOON - HOUR)
    second, third = add_request(country, linked_to=lead.id), add_request(country, linked_to=lead.id)
    country.commit()
    do(officer, third, "unlink", member=third.id)
    do(officer, lead, "close", outcome="out_of_area", reason="นอกพื้นที่")
    assert stored(country, second).linked_to is None
    assert stored(country, lead).linked_to is None
    assert stored(country, third).linked_to is None


def test_an_open_one_behind_a_closed_lead_leads_again(country: Session, officer: Browser) -> None:
    lead = add_request(country, at=NOON - HOUR)
    second = add_request(country, linked_to=lead.id)
    country.commit()
    do(officer, second, "close", outcome="duplicate", reason="ซ้ำ")
    do(officer, lead, "helped_already")
    assert stored(country, lead).linked_to is None
    do(officer, second, "reopen", reason="คนละบ้าน")
    assert stored(country, second).linked_to is None


def test_merging_closes_the_newer(country: Session, officer: Browser) -> None:
    older, newer = add_request(country, at=NOON - HOUR), add_request(country)
    country.commit()
    assert do(officer, older, "merge", other=f"#{newer.id}").status_code == 303
    assert stored(country, newer).outcome == "duplicate"
    assert stored(country, newer).linked_to == older.id
    assert stored(country, older).closed_at is None
    assert do(officer, older, "merge", other=newer.id).status_code == 409


def test_merging_leaves_a_volunteer_what_they_hold(country: Session, officer: Browser) -> None:
    older, newer = add_request(country, at=NOON - HOUR), add_request(country)
    country.commit()
    held(country, newer)
    page = do(officer, older, "merge", other=newer.id)
    assert page.status_code == 409
    assert "A volunteer has accepted the newer request" in page.text
    assert stored(country, newer).linked_to is None


def test_only_requests_of_ones_own_area_are_linked(country: Session, signed: Signed, made: HelpRequest) -> None:
    other = add_request(country, **NEXT_DOOR)
    country.commit()
    page = do(signed("tambon_officer", "900101"), made, "link", other=other.id)
    assert page.status_code == 400
    assert "Request not found in your area" in page.text
    assert do(signed(), made, "link", other=made.id).status_code == 400
    assert do(signed(), made, "link", other="abc").status_code == 400
    assert stored(country, other).linked_to is None


# Abuse ----------------------------------------------------------------------------------------------------------


def test_blocking_a_number_and_lifting_it(country: Session, officer: Browser, made: HelpRequest) -> None:
    assert do(officer, made, "block", reason="แกล้งแจ้งสามครั้ง", days=30).status_code == 303
    block = country.scalars(select(HelpBlock)).one()
    assert (block.until, block.phone_index) == (NOON + timedelta(days=30), made.phone_index)
    assert do(officer, made, "block", reason="อีกครั้ง", days=3).status_code == 409
    assert do(officer, made, "unblock").status_code == 303
    assert do(officer, made, "unblock").status_code == 409
    assert do(officer, made, "block", reason="อีกครั้ง", days=3).status_code == 303
    assert do(officer, made, "block", reason="นานไป", days=999).status_code == 400


def test_a_block_that_has_run_out_makes_room(
    country: Session, officer: Browser, made: HelpRequest, clock: dict[str, Any]
) -> None:
    do(officer, made, "block", reason="แกล้ง", days=1)
    clock["now"] = NOON + timedelta(days=2)
    assert "Number blocked" not in officer.get(address(made)).text
    assert do(officer, made, "block", reason="แกล้งอีก", days=1).status_code == 303


def test_a_report_is_answered_once(country: Session, officer: Browser, made: HelpRequest) -> None:
    values = {"request_id": made.id, "tambon_code": "900101", "about": "request", "at": NOON, "reason": "unsafe"}
    report = HelpReport(**values)
    country.add(report)
    country.commit()
    assert do(officer, made, "report", report=report.id, outcome="unfounded").status_code == 303
    assert do(officer, made, "report", report=report.id, outcome="acted").status_code == 409
    assert do(officer, made, "report_undo", report=report.id).status_code == 303
    assert do(officer, made, "report", report=report.id, outcome="acted").status_code == 303
    other = add_request(country)
    country.commit()
    assert do(officer, other, "report_undo", report=report.id).status_code == 409


# Wrong forms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {"do": "close", "outcome": "helped", "reason": "x"},
        {"do": "close", "outcome": "duplicate", "reason": ""},
        {"do": "close", "outcome": "duplicate", "reason": "โทร 081-234-5678"},
        {"do": "close", "outcome": "duplicate", "reason": "x" * 301},
        {"do": "close", "outcome": "duplicate", "reason": "x", "closed_at": "2020-01-01"},
        {"do": "urgency", "urgency": "life", "was": "urgent", "reason": "เลข 1-2345-67890-12-1"},
        {"do": "called", "outcome": "maybe"},
        {"do": "called", "outcome": "answered", "note": "โทร 0812345678"},
        {"do": "team", "team": ""},
        {"do": "block", "reason": "x", "days": "many"},
        {"do": "reveal", "reason": "curious"},
        {"do": "reveal"},
        {"do": "erase"},
        {},
    ],
)
def test_what_cannot_be_used_changes_nothing(
    country: Session, officer: Browser, made: HelpRequest, data: dict[str, str]
) -> None:
    page = officer.post(address(made), data)
    assert page.status_code == 400
    assert "081 234 5678" not in page.text
    assert states_of(country, made) == ["open", "open"]
    assert country.scalars(select(HelpEvent.action)).all() == []


def test_without_the_sessions_token_nothing_is_done(officer: Browser, made: HelpRequest, country: Session) -> None:
    answer = officer.client.post(address(made), data={"do": "helped_already"})
    assert answer.status_code == 403
    assert states_of(country, made) == ["open", "open"]


def test_what_may_be_the_same_is_pointed_out(country: Session, signed: Signed, made: HelpRequest) -> None:
    twin, far = add_request(country), add_request(country, **NEXT_DOOR)
    country.commit()
    page = signed("tambon_officer", "900101").get(address(made)).text
    assert f"/officer/requests/{twin.id}" in page
    assert "same number" in page
    assert f"/officer/requests/{far.id}" not in page  # another officer's


# What is marked for a look --------------------------------------------------------------------------------------


def test_what_is_held_is_seen_by_volunteers_once_an_officer_has_looked(
    app: Flask, country: Session, officer: Browser
) -> None:
    held = add_request(country, **INSIDE, look="network", held=True)
    somebody = browser(app, country, appoint(country, "volunteer", "9001"))
    here = f"/volunteer/requests/{held.id}"
    near = "/volunteer/nearby?lat=14.05&lon=100.03&km=20&lang=en"
    assert somebody.get(here).status_code == 404
    assert here not in somebody.get(near).text
    assert somebody.post(f"{here}/claim").status_code == 404
    assert officer.client.get("/api/v1/help-requests/cells").get_json()["features"] == []
    assert f"#{held.id}" in officer.get("/officer/requests?tab=look&lang=en").text
    page = officer.get(address(held)).text
    assert "Many requests came from this network" in page
    assert do(officer, held, "looked").status_code == 303
    assert do(officer, held, "looked").status_code == 409
    assert somebody.get(here).status_code == 200
    assert here in somebody.get(near).text
    assert f"#{held.id}" not in officer.get("/officer/requests?tab=look&lang=en").text


@pytest.mark.parametrize("step", ["urgency", "team", "link"])
def test_who_acts_on_a_marked_request_has_looked_at_it(country: Session, officer: Browser, step: str) -> None:
    held = add_request(country, **INSIDE, urgency="normal", look="number", held=True)
    other = add_request(country, **INSIDE)
    fields: dict[str, dict[str, Any]] = {
        "urgency": {"urgency": "life", "was": "normal", "reason": "หายใจไม่ออก"}, "team": {"team": "รถกู้ชีพ"},
        "link": {"other": other.id},
    }  # fmt: skip
    assert do(officer, held, step, **fields[step]).status_code == 303
    country.refresh(held)
    assert not held.held
    assert (held.look is None) == (step != "urgency"), "an urgency that was raised is still to be looked at"


def test_a_block_holds_in_the_area_of_the_appointment_it_was_made_under(
    country: Session, signed: Signed, made: HelpRequest
) -> None:
    tambon, province = signed("tambon_officer", "900101"), signed("province_admin", "90")
    assert do(tambon, made, "block", reason="แกล้งแจ้ง", days=365).status_code == 303
    assert do(province, made, "block", reason="ทั้งจังหวัด", days=3).status_code == 303
    assert sorted(country.scalars(select(HelpBlock.area_code))) == ["90", "900101"]


def test_the_province_sees_the_blocks_of_its_tambons_and_can_lift_them(
    country: Session, signed: Signed, made: HelpRequest
) -> None:
    tambon, province = signed("tambon_officer", "900101"), signed("province_admin", "90")
    do(tambon, made, "block", reason="แกล้งแจ้ง", days=30)
    assert f"#{made.id}" in province.get("/officer/requests?tab=blocked&lang=en").text
    assert "แกล้งแจ้ง" in province.get(address(made)).text
    assert do(province, made, "unblock").status_code == 303
    do(province, made, "block", reason="ทั้งจังหวัด", days=3)
    refused = do(tambon, made, "unblock")
    assert refused.status_code == 409, "a tambon does not lift the province's"


def test_a_request_without_a_number_is_erased_with_its_code(
    app: Flask, country: Session, officer: Browser, made: HelpRequest
) -> None:
    """There is nobody to call; who has the code is the one who asked."""
    made.phone_index = made.contact_sealed = None
    vault = app.extensions["mapapp_vault"]
    code = links.make(country, vault, made.id, made_by="post", now=NOON).code
    other = links.make(country, vault, add_request(country).id, made_by="post", now=NOON).code
    country.commit()
    page = officer.get(address(made)).text
    assert "There is no saved phone number" in page
    assert do(officer, made, "erase", sure="yes").status_code == 409, "neither a call nor a code"
    for wrong, says in (("123456789012", "not the code of this request"), (other, "not the code"), ("12", "12 digits")):
        refused = do(officer, made, "erase", sure="yes", code=wrong)
        assert refused.status_code == 400
        assert says in refused.text
    assert stored(country, made).erased_at is None
    assert do(officer, made, "erase", sure="yes", code=links.spoken(code)).status_code == 303
    assert stored(country, made).erased_at == NOON
    assert "request.erase" in audited(country)


def test_codes_are_not_found_by_an_officer_who_tries(
    app: Flask, country: Session, officer: Browser, made: HelpRequest
) -> None:
    code = links.make(country, app.extensions["mapapp_vault"], made.id, made_by="post", now=NOON).code
    country.commit()
    for number in range(links.WRONG_AN_HOUR):
        assert do(officer, made, "erase", sure="yes", code=f"{number:012}").status_code == 400
    assert do(officer, made, "erase", sure="yes", code=code).status_code == 429, "even the right one"
    assert stored(country, made).erased_at is None
