"""The pages of those who help: before a claim, while they hold it, after it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment, Person
from mapapp.audit.models import AuditEntry
from mapapp.help_requests.models import HelpOffer, HelpReport, HelpRequest
from tests.conftest import NOON
from tests.facilities.build import PAYLOADS
from tests.help_requests.build import LAT, LON, add_request, events_of, leases_of, needs_of, words_of
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser, person

PHONE, NAME, LANDMARK = "+66812345678", "ป้าคำ", "บ้านรั้วเขียวหลังวัด"
SECRETS = ("812345678", "081 234 5678", "081-234-5678", NAME, LANDMARK, f"{LAT:.4f}", f"{LON:.4f}")


@pytest.fixture
def helper(country: Session) -> Person:
    return appoint(country, "volunteer", "900101", to=person(country, "น้องฟ้า ใจงาม"))


@pytest.fixture
def me(app: Flask, country: Session, helper: Person) -> Browser:
    return browser(app, country, helper)


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_before_a_claim_only_the_cell_is_told(country: Session, me: Browser) -> None:
    asked = add_request(country, needs=("food", {"kind": "medicine", "detail": "ยาความดัน"}), at=NOON)
    answer = me.get(f"/volunteer/requests/{asked.id}?lang=en")
    page = text_of(answer)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "น้ำท่วมบ้าน" in page
    assert "ยาความดัน" in page
    assert "within about 4 km" in page
    assert "today" in page
    assert not [secret for secret in SECRETS if secret in page]
    told = re.sub(r"<span data-made=.*?</span>", "", page.split("<main", 1)[1])  # of when the page itself is
    assert not re.search(r"\d\d:\d\d", told)


def test_two_databases_that_differ_only_in_the_true_place_answer_the_same(country: Session, me: Browser) -> None:
    asked = add_request(country)
    first = me.get(f"/volunteer/requests/{asked.id}").get_data()
    other = me.get(f"/volunteer/requests/{asked.id}").get_data()
    assert first == other, "nothing of chance on the page"
    country.execute(
        update(HelpRequest).values(
            point="SRID=4326;POINT(100.0399 14.0501)", landmark_sealed=None, contact_sealed=None,
            tambon_code="900102", posted_at=NOON - timedelta(hours=2),
        )
    )  # fmt: skip
    country.commit()
    assert me.get(f"/volunteer/requests/{asked.id}").get_data() == first


def test_the_holder_sees_the_place_and_not_the_phone(country: Session, me: Browser) -> None:
    asked = add_request(country)
    answer = me.post(f"/volunteer/requests/{asked.id}/claim")
    assert answer.status_code == 303
    page = text_of(me.get(answer.headers["Location"]))
    assert 'class="notice"' in page
    assert LANDMARK in page
    assert f"{LAT:.5f}, {LON:.5f}" in page
    assert "812345678" not in page
    assert NAME not in page


def test_the_phone_is_shown_in_the_answer_to_a_tap_and_on_record(country: Session, me: Browser) -> None:
    asked = add_request(country)
    me.post(f"/volunteer/requests/{asked.id}/claim")
    assert me.post(f"/volunteer/requests/{asked.id}/contact").status_code == 400
    answer = me.post(f"/volunteer/requests/{asked.id}/contact", {"reason": "agree"})
    page = text_of(answer)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert f"tel:{PHONE}" in page
    assert "081 234 5678" in page
    assert NAME in page
    assert events_of(country, asked.id)[-1] == "contact_shown"
    entry = country.scalars(select(AuditEntry).where(AuditEntry.action == "request.contact")).one()
    assert (entry.subject_id, entry.area_code, entry.details) == (str(asked.id), "900101", {"reason": "agree"})
    assert "812345678" not in text_of(me.get(f"/volunteer/requests/{asked.id}"))


def test_a_contact_that_is_not_shared_leads_to_the_officers(country: Session, me: Browser) -> None:
    asked = add_request(country, phone_shared=False)
    me.post(f"/volunteer/requests/{asked.id}/claim")
    answer = me.post(f"/volunteer/requests/{asked.id}/contact?lang=en", {"reason": "agree"})
    assert "stopped sharing" in text_of(answer)
    assert "812345678" not in text_of(answer)
    assert "contact_shown" not in events_of(country, asked.id)


def test_after_the_lease_there_is_only_the_cell_again(
    country: Session, me: Browser, clock: dict[str, datetime]
) -> None:
    asked = add_request(country)
    me.post(f"/volunteer/requests/{asked.id}/claim")
    clock["now"] = NOON + timedelta(hours=6)
    page = text_of(me.get(f"/volunteer/requests/{asked.id}"))
    assert not [secret for secret in SECRETS if secret in page]
    for path, data in [("contact", {"reason": "agree"}), ("renew", {}), ("progress", {"step": "there"}),
                       ("progress", {"step": "done"}), ("release", {"reason": "cannot_go"})]:  # fmt: skip
        answer = me.post(f"/volunteer/requests/{asked.id}/{path}?lang=en", data)
        assert answer.status_code == 409, path
        told = text_of(answer)
        assert "accept it again" in told
        assert "I can help" in told
        assert not [secret for secret in SECRETS if secret in told]


def test_a_training_that_runs_out_ends_what_the_holder_sees(country: Session, me: Browser, helper: Person) -> None:
    asked = add_request(country)
    me.post(f"/volunteer/requests/{asked.id}/claim")
    country.execute(update(Appointment).values(training_expires_on=(NOON - timedelta(days=1)).date()))
    country.commit()
    page = text_of(me.get(f"/volunteer/requests/{asked.id}"))
    assert not [secret for secret in SECRETS if secret in page]
    assert me.post(f"/volunteer/requests/{asked.id}/contact", {"reason": "agree"}).status_code == 403


def test_somebody_faster_is_told_kindly_on_the_page(app: Flask, country: Session, me: Browser) -> None:
    asked = add_request(country)
    other = browser(app, country, appoint(country, "volunteer", "9001"))
    assert me.post(f"/volunteer/requests/{asked.id}/claim").status_code == 303
    answer = other.post(f"/volunteer/requests/{asked.id}/claim?lang=en")
    assert answer.status_code == 409
    assert "accepted this first" in text_of(answer)
    assert 'href="/volunteer/nearby?lang=en"' in text_of(answer)


def test_a_second_tap_of_everything_is_no_error(country: Session, me: Browser) -> None:
    asked = add_request(country)
    address = f"/volunteer/requests/{asked.id}"
    for path, data in [
        ("claim", {}), ("renew", {}), ("progress", {"step": "on_the_way"}), ("progress", {"step": "there"}),
        ("contact", {"reason": "find"}), ("progress", {"step": "done", "given": "ข้าวสาร 5 กก."}),
    ]:  # fmt: skip
        first, second = me.post(f"{address}/{path}", data), me.post(f"{address}/{path}", data)
        assert first.status_code == second.status_code < 400, path
    told = events_of(country, asked.id)
    assert told == ["claimed", "place_shown", "on_the_way", "there", "contact_shown", "done"]
    assert needs_of(country, asked.id)[0].given == "ข้าวสาร 5 กก."


def test_giving_back_twice_is_no_error(country: Session, me: Browser) -> None:
    asked = add_request(country)
    address = f"/volunteer/requests/{asked.id}"
    me.post(f"{address}/claim")
    for _ in range(2):
        answer = me.post(f"{address}/release", {"reason": "cannot_reach", "note": "โทรไม่ติด"})
        assert answer.status_code == 303
    assert events_of(country, asked.id) == ["claimed", "place_shown", "released"]
    [lease] = leases_of(country, asked.id)
    told = (lease.how_ended, lease.reason, words_of(country, lease.note_text))
    assert told == ("released", "cannot_reach", "โทรไม่ติด")


@pytest.mark.parametrize(
    ("path", "data"),
    [("release", {}), ("release", {"reason": "x"}), ("release", {"reason": "other", "note": "โทร 081 234 5678"}),
     ("progress", {}), ("progress", {"step": "helped"}), ("progress", {"step": "done", "given": "1" * 301}),
     ("progress", {"step": "done", "needs": "999999"}), ("progress", {"step": "done", "needs": "x"}),
     ("progress", {"step": "done", "choose": "1"}), ("hand-over", {}), ("hand-over", {"to_person": "x"}),
     ("hand-over", {"to_person": "00000000-0000-0000-0000-000000000000"}), ("claim", {"needs": "x"}),
     ("claim", {"team": "x"}), ("renew", {"renewals": "0"}), ("report", {}), ("contact", {"by": "officer"})],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_changes_nothing(
    country: Session, me: Browser, path: str, data: dict[str, str]
) -> None:
    asked = add_request(country)
    me.post(f"/volunteer/requests/{asked.id}/claim")
    answer = me.post(f"/volunteer/requests/{asked.id}/{path}", data)
    assert answer.status_code == 400
    assert 'class="problems"' in text_of(answer)
    for value in data.values():
        if path == "release" and len(value) > 5:
            assert value in text_of(answer), "what was typed is kept"
    assert events_of(country, asked.id) == ["claimed", "place_shown"]


def test_hand_over_and_accept(app: Flask, country: Session, me: Browser, helper: Person) -> None:
    asked = add_request(country)
    friend = appoint(country, "volunteer", "9001", to=person(country, "พี่หนุ่ม"))
    theirs = browser(app, country, friend)
    address = f"/volunteer/requests/{asked.id}"
    me.post(f"{address}/claim")
    assert "พี่หนุ่ม" in text_of(me.get(address))
    for _ in range(2):
        answer = me.post(f"{address}/hand-over", {"to_person": str(friend.id), "note": "รถฉันเสีย"})
        assert answer.status_code == 303
    offer = country.scalars(select(HelpOffer)).one()
    page = text_of(theirs.get("/volunteer/tasks"))
    assert "รถฉันเสีย" in page
    assert "น้องฟ้า" in page
    assert me.post(f"/volunteer/offers/{offer.id}", {"answer": "accept"}).status_code == 404, "only the one asked"
    for _ in range(2):
        answer = theirs.post(f"/volunteer/offers/{offer.id}", {"answer": "accept"})
        assert answer.headers["Location"].startswith(address)
    assert LANDMARK in text_of(theirs.get(address))
    assert LANDMARK not in text_of(me.get(address))
    assert events_of(country, asked.id)[2:] == ["offered", "handed_over", "place_shown"]


def test_the_giver_sees_who_is_asked_until_when_and_takes_it_back(
    app: Flask, country: Session, me: Browser, helper: Person
) -> None:
    asked = add_request(country)
    friend = appoint(country, "volunteer", "9001", to=person(country, "พี่หนุ่ม"))
    address = f"/volunteer/requests/{asked.id}"
    me.post(f"{address}/claim")
    me.post(f"{address}/hand-over", {"to_person": str(friend.id)})
    waiting = "คุณขอส่งต่อให้ พี่หนุ่ม แล้ว ตอบได้ถึง"
    page = me.get(address).text
    assert waiting in re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL), "not inside what is folded away"
    assert page.index(waiting) < page.index("ส่งต่อให้คนอื่นแทน")
    assert waiting in me.get("/volunteer/tasks").text
    answer = me.post(f"{address}/hand-over", {"stop_asking": "1"})
    assert answer.headers["Location"] == f"{address}?notice=task_stop_asking"
    assert waiting not in me.get(address).text
    assert waiting not in me.get("/volunteer/tasks").text
    theirs = browser(app, country, friend)
    assert "น้องฟ้า" not in text_of(theirs.get("/volunteer/tasks"))
    assert LANDMARK in text_of(me.get(address)), "still theirs"


def test_declining_leaves_it_where_it_was(app: Flask, country: Session, me: Browser, helper: Person) -> None:
    asked = add_request(country)
    friend = appoint(country, "volunteer", "9001")
    theirs = browser(app, country, friend)
    me.post(f"/volunteer/requests/{asked.id}/claim")
    me.post(f"/volunteer/requests/{asked.id}/hand-over", {"to_person": str(friend.id)})
    offer = country.scalars(select(HelpOffer.id)).one()
    assert theirs.post(f"/volunteer/offers/{offer}", {"answer": "maybe"}).status_code == 400
    assert theirs.post(f"/volunteer/offers/{offer}", {"answer": "decline"}).status_code == 303
    assert theirs.post(f"/volunteer/offers/{offer}", {"answer": "accept"}).status_code == 409
    assert needs_of(country, asked.id)[0].holder_id == helper.id


def test_the_list_of_tasks(country: Session, me: Browser, clock: dict[str, datetime]) -> None:
    assert "/volunteer/nearby" in text_of(me.get("/volunteer/tasks"))
    asked = add_request(country, urgency="urgent")
    me.post(f"/volunteer/requests/{asked.id}/claim")
    page = text_of(me.get("/volunteer/tasks?lang=en"))
    assert "Time left:" in page
    assert "6 h 0 min" in page
    assert "is-late" not in page
    assert not [secret for secret in SECRETS if secret in page]
    clock["now"] = NOON + timedelta(hours=4, minutes=40)
    assert "is-late" in text_of(me.get("/volunteer/tasks?lang=en"))
    me.post(f"/volunteer/requests/{asked.id}/progress", {"step": "done"})
    assert "Completed by you" in text_of(me.get("/volunteer/tasks?lang=en"))


def test_a_linked_request_leads_to_the_leading_one(country: Session, me: Browser) -> None:
    lead = add_request(country)
    linked = add_request(country, linked_to=lead.id, landmark="ทางเข้าหลังตลาด")
    answer = me.get(f"/volunteer/requests/{linked.id}")
    assert answer.headers["Location"] == f"/volunteer/requests/{lead.id}"
    me.post(f"/volunteer/requests/{linked.id}/claim")
    page = text_of(me.get(f"/volunteer/requests/{lead.id}"))
    assert LANDMARK in page
    assert "ทางเข้าหลังตลาด" in page


def test_a_report_reaches_the_officers_once(country: Session, me: Browser) -> None:
    asked = add_request(country)
    for _ in range(2):
        assert me.post(f"/volunteer/requests/{asked.id}/report", {"reason": "unsafe"}).status_code == 303
    found = country.scalars(select(HelpReport)).one()
    assert (found.request_id, found.about, found.reason, found.tambon_code) == (asked.id, "request", "unsafe", "900101")


def test_who_is_elsewhere_is_not_told_that_it_exists(app: Flask, country: Session) -> None:
    asked = add_request(country)
    elsewhere = browser(app, country, appoint(country, "volunteer", "9002"))
    for path in ("", "/claim", "/renew", "/release", "/hand-over", "/progress", "/contact", "/report"):
        address = f"/volunteer/requests/{asked.id}{path}"
        answer = elsewhere.post(address) if path else elsewhere.get(address)
        assert answer.status_code == 404, path
        nobody = f"/volunteer/requests/99999999{path}"
        other = elsewhere.post(nobody) if path else elsewhere.get(nobody)
        assert text_of(answer).replace(f"requests/{asked.id}", "") == text_of(other).replace("requests/99999999", "")


@pytest.mark.parametrize("text", PAYLOADS)
def test_texts_are_shown_as_they_were_typed(country: Session, me: Browser, text: str) -> None:
    asked = add_request(country, description=text, landmark=text, name=text, other=text,
                        needs=({"kind": "other", "detail": text},))  # fmt: skip
    address = f"/volunteer/requests/{asked.id}"
    me.post(f"{address}/claim")
    for answer in (me.get(address), me.post(f"{address}/contact", {"reason": "find"}), me.get("/volunteer/tasks")):
        assert answer.status_code == 200
        assert EVALUATED not in text_of(answer)
        assert "<img src=x" not in text_of(answer)
        assert "<script>window" not in text_of(answer)


def test_pages_ask_the_database_little(country: Session, me: Browser, query_count: Any) -> None:
    asked = add_request(country, needs=("food", "medicine", "transport"))
    me.post(f"/volunteer/requests/{asked.id}/claim")
    before = query_count()
    me.get(f"/volunteer/requests/{asked.id}")
    assert query_count() - before <= 13
    before = query_count()
    me.get("/volunteer/tasks")
    assert query_count() - before <= 9


def test_a_claim_is_three_statements_after_signing_in(country: Session, me: Browser, query_count: Any) -> None:
    asked = add_request(country)
    before = query_count()
    me.post(f"/volunteer/requests/{asked.id}/claim")
    assert query_count() - before <= 5  # session, standings, whose area; the claim in one round trip


def test_the_audit_log_has_nothing_of_a_claim(country: Session, me: Browser) -> None:
    asked = add_request(country)
    before = country.scalar(select(func.count()).select_from(AuditEntry))
    me.post(f"/volunteer/requests/{asked.id}/claim")
    assert country.scalar(select(func.count()).select_from(AuditEntry)) == before
