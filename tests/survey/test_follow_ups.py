"""Follow-ups: a person agreed that somebody comes back to them; what becomes of it, and that nothing of them stays."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.models import Village
from mapapp.audit.models import AuditEntry
from mapapp.core.actors import Actor
from mapapp.core.errors import Conflict
from mapapp.help_requests import contacts
from mapapp.help_requests.board import service as board
from mapapp.help_requests.board.schemas import CloseForm
from mapapp.help_requests.models import HelpNeed, HelpRequest
from mapapp.help_requests.resident import erasure, steps
from mapapp.help_requests.working import service as working
from mapapp.survey.followups import asking, queries, retention, service
from mapapp.survey.followups.consent import CONSENT_VERSION
from mapapp.survey.followups.models import FollowUp, FollowUpView
from mapapp.survey.followups.schemas import Listed
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.help_requests.build import VAULT, needs_of
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import Browser, appoint, browser, person, token_for
from tests.survey.build import VILLAGE, actor, add_follow_up, add_round, entry, record

NAME, PHONE = "ยายบัว ใจดี", "081 234 5678"
NO_ANSWER = CloseForm(do="close", outcome="no_answer", reason="โทรไม่ติด")
FORM = {"reason": "bedridden", "name": NAME, "phone": PHONE, "language": "shn", "consent": CONSENT_VERSION}


@pytest.fixture
def here(app: Flask, session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def somchai(here: Session) -> Person:
    return appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย เก็บข้อมูล"))


@pytest.fixture
def house(here: Session, somchai: Person) -> int:
    """The record of a household that Somchai wrote down."""
    return record(here, somchai, entry(add_round(here).id)).entry


@pytest.fixture
def officer(app: Flask, here: Session) -> Browser:
    return browser(app, here, appoint(here, "amphoe_coordinator", "9001"))


def _stored(session: Session) -> FollowUp:
    return session.scalars(select(FollowUp).execution_options(populate_existing=True)).one()


def _asked(session: Session, who: Person, row: Listed) -> HelpRequest:
    by = actor(session, who)
    asking.ask(session, VAULT, by, row.id, address="10.0.0.1", now=NOON)
    return session.scalars(select(HelpRequest).where(HelpRequest.source == "survey")).one()


def _once(page: str) -> str:
    return str(re.findall(r'name="once" value="([^"]+)"', page)[-1])


# At the door ----------------------------------------------------------------------------------------------------


def test_a_follow_up_is_written_down_with_consent_and_seen_without_its_name(
    app: Flask, here: Session, somchai: Person, house: int, officer: Browser
) -> None:
    add_facility(here, "vaccination_site", lat=14.06, lon=100.03, name_th="จุดฉีดใกล้บ้าน", phone="+6653920300",
                 opening_hours="Mo-Su 08:00-16:00", confirmed_at=NOON)  # fmt: skip
    here.commit()
    recorder, address = browser(app, here, somchai), f"/volunteer/survey/records/{house}/follow-up"
    assert address in recorder.get(f"/volunteer/survey/records/{house}").text
    page = recorder.get(address).text
    assert "คุณไม่ยินยอมก็ได้" in page, "the text is there to be read out"
    sent = {**FORM, "once": _once(page)}
    for _ in range(2):  # the answer to the first was lost
        answer = recorder.post(address, sent)
        assert answer.status_code == 303
    row = _stored(here)
    assert (row.state, row.by_person, row.kept_days, row.consent_version) == ("open", somchai.id, 90, CONSENT_VERSION)
    shown = recorder.get(answer.location).text
    assert "จุดฉีดใกล้บ้าน" in shown
    assert f'/{VILLAGE}">' in shown, "back to the form of the village"
    assert re.search(r"\d ม\.|กม\.", shown)
    assert "053 920 300" in shown
    assert "08:00" in shown
    assert "ไทใหญ่" in shown
    lists = [recorder.get("/volunteer/survey"), recorder.get("/volunteer/survey/follow-ups")]
    lists += [officer.get("/officer/survey/follow-ups"), officer.get("/officer/survey")]
    for one in [*lists, officer.get(f"/volunteer/survey/follow-ups/{row.id}")]:
        assert one.status_code == 200
        assert "ยายบัว" not in one.text
        assert "รายการติดตาม" in one.text
    assert all(f"/volunteer/survey/follow-ups/{row.id}" in one.text for one in lists[:3])
    assert "รายการติดตามที่ยังค้าง 1 รายการ" in lists[3].text


def test_another_person_under_the_same_key_is_not_lost(app: Flask, here: Session, somchai: Person, house: int) -> None:
    """The form comes back from the browser's memory with its key, and is filled in for the next person of the house."""
    recorder, address = browser(app, here, somchai), f"/volunteer/survey/records/{house}/follow-up"
    first = {**FORM, "once": _once(recorder.get(address).text)}
    other = {**first, "name": "ตาสี มีสุข", "phone": "089 999 9999"}
    assert recorder.post(address, first).status_code == 303
    told = recorder.post(address, other)
    assert told.status_code == 409
    assert "ตาสี มีสุข" in told.text, "what was typed is still there"
    assert "บันทึกไปแล้วหนึ่งคน" in told.text
    assert recorder.post(address, {**other, "once": _once(told.text)}).status_code == 303
    assert here.execute(select(func.count()).select_from(FollowUp)).scalar_one() == 2
    token, key = token_for(here, somchai, ["survey.follow_up"]), uuid.uuid4()
    sent = {**FORM, "entry": house}
    for change, status in (({}, 201), ({}, 200), ({"name": "ตาสี มีสุข"}, 409), ({"reason": "transport"}, 409)):
        answer = app.test_client().put(f"/api/v1/survey/follow-ups/{key}", json={**sent, **change}, headers=token)
        assert answer.status_code == status
        assert NAME not in answer.text


def test_who_writes_down_far_too_many_follow_ups_waits_and_loses_nothing(
    app: Flask, here: Session, somchai: Person, house: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AN_HOUR", 2)
    recorder, address = browser(app, here, somchai), f"/volunteer/survey/records/{house}/follow-up"
    forms = [{**FORM, "once": _once(recorder.get(address).text)} for _ in range(3)]
    assert [recorder.post(address, one).status_code for one in forms[:2]] == [303, 303]
    told = recorder.post(address, forms[2])
    assert (told.status_code, told.headers["Retry-After"]) == (429, "3600")
    assert "คุณบันทึกรายการติดตามมากเกินปกติ" in told.text
    assert "ยายบัว" in told.text, "what was typed is still there"
    token = token_for(here, somchai, ["survey.follow_up"])
    sent = {**FORM, "entry": house}
    key = forms[0]["once"]
    for put, status in ((key, 200), (uuid.uuid4(), 429)):
        answer = app.test_client().put(f"/api/v1/survey/follow-ups/{put}", json=sent, headers=token)
        assert answer.status_code == status, "what was written down before is no new one"
    assert here.scalar(select(func.count()).select_from(FollowUp)) == 2


@pytest.mark.parametrize(
    ("sent", "beside", "said"),
    [
        ({"consent": ""}, "consent", "ติ๊กช่องนี้เมื่อผู้นั้นยินยอม"),
        ({"consent": "2020"}, "consent", "อ่านให้ฟังอีกครั้ง"),
        ({"name": ""}, "name", "จำเป็นต้องกรอก"),
        ({"name": "ยายบัว 1-1037-00012-34-1"}, "name", "เลขบัตรประชาชน"),
        ({"phone": "12"}, "phone", ""),
        ({"phone": ""}, "", "เบอร์โทร หรือวิธีติดต่ออื่น"),
        ({"reason": "lonely"}, "reason", "เลือกจากรายการ"),
        ({"reason": None}, "reason", "กรุณาเลือกคำตอบ"),
    ],
)
def test_what_is_wrong_with_a_follow_up_stands_beside_its_field(
    app: Flask, here: Session, somchai: Person, house: int, sent: dict[str, str | None], beside: str, said: str
) -> None:
    form = {name: text for name, text in {**FORM, **sent}.items() if text is not None}
    answer = browser(app, here, somchai).post(f"/volunteer/survey/records/{house}/follow-up", form)
    assert answer.status_code == 400
    assert f'id="{beside}-problem"' in answer.text if beside else 'class="problems"' in answer.text
    assert said in answer.text
    assert "ยายบัว" in answer.text or not sent.get("name", NAME), "what was typed stays"
    assert here.scalar(select(func.count()).select_from(FollowUp)) == 0


def test_a_follow_up_belongs_to_its_writer_and_the_officers_of_its_village(
    app: Flask, here: Session, somchai: Person, house: int, officer: Browser
) -> None:
    row = add_follow_up(here, somchai, house)
    here.commit()
    page = f"/volunteer/survey/follow-ups/{row.id}"
    other = browser(app, here, appoint(here, "data_volunteer", "900101", to=person(here, "คนอื่น")))
    elsewhere = browser(app, here, appoint(here, "amphoe_coordinator", "9002"))
    assert [one.get(page).status_code for one in (browser(app, here, somchai), officer, other, elsewhere)] == [
        200, 200, 404, 404,
    ]  # fmt: skip
    assert "ป่วยติดเตียง" not in other.get("/volunteer/survey/follow-ups").text.split("<form", 1)[0]
    somchai_now = browser(app, here, somchai)
    here.execute(text("UPDATE appointments SET ended_at = :now WHERE person_id = :who"),
                 {"now": NOON - timedelta(minutes=1), "who": somchai.id})  # fmt: skip
    here.commit()
    assert somchai_now.get(page).status_code == 403, "an appointment that ended takes it away"


# Name and number ------------------------------------------------------------------------------------------------


def test_name_and_number_are_shown_for_a_reason_and_on_record(
    app: Flask, here: Session, somchai: Person, house: int, officer: Browser
) -> None:
    row = add_follow_up(here, somchai, house, name=NAME, phone=PHONE)
    here.commit()
    page = f"/volunteer/survey/follow-ups/{row.id}"
    assert officer.post(page, {"do": "view", "reason": ""}).status_code == 400
    assert here.scalar(select(func.count()).select_from(FollowUpView)) == 0
    for _ in range(2):  # two taps are one view
        shown = officer.post(page, {"do": "view", "reason": "visit"})
        assert NAME in shown.text
        assert "081 234 5678" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
    told = here.scalars(select(AuditEntry).where(AuditEntry.action == "survey.follow_up_contact")).all()
    assert [(one.area_code, one.details["viewed_for"]) for one in told] == [("900101", "visit")]
    assert here.scalar(select(func.count()).select_from(FollowUpView)) == 1
    assert "เพื่อนัดวันไปเยี่ยม</span>" in officer.get(page).text, "who looked stands there"
    before = {"follow_up_id": row.id, "person_id": somchai.id, "at": NOON - timedelta(minutes=30), "reason": "visit"}
    here.add_all(FollowUpView(**before) for _ in range(10))
    here.commit()
    refused = browser(app, here, somchai).post(page, {"do": "view", "reason": "ask"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1800")
    assert NAME not in refused.text


# The help request -----------------------------------------------------------------------------------------------


def test_one_tap_asks_for_help_and_two_taps_ask_once(
    app: Flask, here: Session, somchai: Person, house: int, officer: Browser
) -> None:
    here.add(Village(code=VILLAGE, tambon_code="900101", name_th="บ้านดอน", source="test",
                     point="SRID=4326;POINT(100.03 14.05)"))  # fmt: skip
    row = add_follow_up(here, somchai, house, name=NAME, phone=PHONE, language="shn")
    here.commit()
    recorder, page = browser(app, here, somchai), f"/volunteer/survey/follow-ups/{row.id}"
    sent = {"do": "request", "once": _once(recorder.get(page).text)}
    first = recorder.post(page, sent)
    assert first.status_code == 200
    code = re.search(r'class="big-code"><strong>(\d{4} \d{4} \d{4})', first.text)
    assert code, "the person gets a code for a page of their own"
    second = recorder.post(page, sent)
    again = recorder.post(page, {"do": "request", "once": str(uuid.uuid4())})
    assert (second.status_code, again.status_code) == (303, 303)
    request = here.scalars(select(HelpRequest)).one()
    need = needs_of(here, request.id)
    assert [(one.kind, one.state) for one in need] == [("home_visit", "open")]
    assert (request.source, request.on_behalf, request.bedridden, request.posted_by) == (
        "survey",
        True,
        True,
        somchai.id,
    )
    assert (request.consent_version, request.consent_at) == (CONSENT_VERSION, NOON)
    assert (request.tambon_code, request.village_code) == ("900101", VILLAGE)
    assert request.description == "จากการสำรวจการฉีดวัคซีน: ป่วยติดเตียงอยู่ที่บ้าน พูดภาษา: ไทใหญ่"
    assert contacts.of(VAULT, request.id, request.contact_sealed).name == NAME
    assert "12/3" in str(contacts.landmark_of(VAULT, request.id, request.landmark_sealed))
    stored = _stored(here)
    assert (stored.state, stored.request_id, stored.requested_by) == ("requested", request.id, somchai.id)
    assert f"#{request.id}" in recorder.get(page).text
    assert f'href="{page}"' in officer.get(f"/officer/requests/{request.id}").text, "and the way back"
    assert f"/officer/requests/{request.id}" in officer.get("/officer/survey/follow-ups").text


def test_only_who_is_bedridden_or_needs_transport_gets_a_request(here: Session, somchai: Person, house: int) -> None:
    by = actor(here, somchai)
    for reason, kind in (("transport", "transport"), ("undecided", None), ("wants_vaccine", None)):
        row = add_follow_up(here, somchai, house, reason=reason)
        if kind is None:
            with pytest.raises(Conflict, match="bedridden"):
                asking.ask(here, VAULT, by, row.id, address="10.0.0.1", now=NOON)
        else:
            assert asking.ask(here, VAULT, by, row.id, address="10.0.0.1", now=NOON).code
    assert here.scalars(select(HelpNeed.kind)).all() == ["transport"]


def test_where_no_village_is_listed_the_tambon_stands_in_the_request(
    here: Session, somchai: Person, house: int
) -> None:
    request = _asked(here, somchai, add_follow_up(here, somchai, house))
    assert (request.tambon_code, request.village_code, request.cell_size) == ("900101", None, 0)


def _by_volunteer(session: Session, request: HelpRequest) -> None:
    helper = actor_of(session, appoint(session, "volunteer", "900101", to=person(session, "น้องฟ้า")))
    working.claim(session, helper, request.id, terms=TERMS, now=NOON)
    assert _stored(session).state == "requested"
    working.progress(session, helper, request.id, step="done", now=NOON)


def test_done_there_is_done_here_and_nothing_of_the_person_stays(here: Session, somchai: Person, house: int) -> None:
    request = _asked(here, somchai, add_follow_up(here, somchai, house))
    _by_volunteer(here, request)
    row = _stored(here)
    assert (row.state, row.ended_at) == ("done", NOON)
    assert row.contact_sealed is not None, "the person has not confirmed it yet"
    steps.take(here, None, request.id, "contest", now=NOON)
    row = _stored(here)
    assert (row.state, row.ended_at) == ("requested", None), "it was not done: it goes on here, too"
    steps.take(here, None, request.id, "helped_already", now=NOON)
    row = _stored(here)
    assert (row.state, row.forgotten_at, row.contact_sealed, row.entry_id, row.language) == (
        "done", NOON, None, None, None,
    )  # fmt: skip
    steps.take(here, None, request.id, "reopen", now=NOON)
    assert _stored(here).state == "done", "what was deleted does not come back"


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(lambda s, by, row: steps.take(s, None, row.id, "cancel", now=NOON), id="cancelled"),
        pytest.param(
            lambda s, by, row: board.close(
                s, by, row, CloseForm(do="close", outcome="no_answer", reason="โทรไม่ติด"), NOON
            ),
            id="no_answer",
        ),
    ],
)
def test_what_ends_there_without_help_is_told_here_and_open_again(
    app: Flask, here: Session, somchai: Person, house: int, ends: Callable[[Session, Actor, HelpRequest], Any],
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    follow_up = add_follow_up(here, somchai, house)
    asked = _asked(here, somchai, follow_up)
    by = actor_of(here, appoint(here, "tambon_officer", "900101"), "requests.handle")
    ends(here, by, asked)
    row = _stored(here)
    assert (row.state, row.request_outcome) == ("open", request.node.callspec.id)
    assert row.contact_sealed is not None
    here.commit()
    page = browser(app, here, somchai).get(f"/volunteer/survey/follow-ups/{follow_up.id}").text
    assert "ปิดไปโดยยังไม่ได้รับความช่วยเหลือ" in page
    again = asking.ask(here, VAULT, actor(here, somchai), follow_up.id, address="10.0.0.1", now=NOON)
    assert (again.row.state, again.row.request_outcome, again.row.request_id != asked.id) == ("requested", None, True)


@pytest.mark.parametrize(("step", "outcome"), [("done", "helped_already"), ("unwanted", "cancelled")])
def test_ending_a_follow_up_ends_its_request(
    here: Session, somchai: Person, house: int, step: str, outcome: str
) -> None:
    row = add_follow_up(here, somchai, house)
    asked = _asked(here, somchai, row)
    service.end(here, actor(here, somchai), row.id, step, NOON)
    here.refresh(asked)
    assert (asked.outcome, _stored(here).state, _stored(here).contact_sealed) == (outcome, step, None)
    with pytest.raises(Conflict):
        service.end(here, actor(here, somchai), row.id, "done", NOON)


def test_who_has_the_request_deleted_is_gone_here_too(here: Session, somchai: Person, house: int) -> None:
    asked = _asked(here, somchai, add_follow_up(here, somchai, house))
    erasure.erase(here, None, asked.id, NOON)
    row = _stored(here)
    assert (row.state, row.contact_sealed, row.entry_id) == ("unwanted", None, None)


# Lists, time ----------------------------------------------------------------------------------------------------


def test_officers_filter_follow_ups_and_end_them(
    app: Flask, here: Session, somchai: Person, house: int, officer: Browser
) -> None:
    old = add_follow_up(here, somchai, house, reason="wants_vaccine", at=NOON - timedelta(days=3))
    new = add_follow_up(here, somchai, house, reason="undecided")
    here.commit()
    found = officer.get("/officer/survey/follow-ups").text
    assert found.index(f"follow-ups/{old.id}") < found.index(f"follow-ups/{new.id}"), "the longest open first"
    only = officer.get("/officer/survey/follow-ups?reason=undecided").text
    assert (f"follow-ups/{new.id}" in only, f"follow-ups/{old.id}" in only) == (True, False)
    assert officer.post(f"/volunteer/survey/follow-ups/{old.id}", {"do": "done"}).status_code == 303
    assert f"follow-ups/{old.id}" not in officer.get("/officer/survey/follow-ups").text
    assert f"follow-ups/{old.id}" in officer.get("/officer/survey/follow-ups?state=done").text
    assert queries.waiting(here, ["9001"]) == 1
    page = officer.get(f"/volunteer/survey/follow-ups/{old.id}").text
    assert "ชื่อและเบอร์โทรถูกลบเมื่อ" in page
    refused = officer.post(f"/volunteer/survey/follow-ups/{old.id}", {"do": "view", "reason": "visit"})
    assert refused.status_code == 409
    actions = here.scalars(select(AuditEntry.action).where(AuditEntry.action == "survey.follow_up_end")).all()
    assert len(actions) == 1


def test_a_follow_up_is_gone_after_the_days_that_the_person_was_told(
    here: Session, somchai: Person, house: int
) -> None:
    row = add_follow_up(here, somchai, house, at=NOON - timedelta(days=90))
    add_follow_up(here, somchai, house, at=NOON - timedelta(days=89))
    here.add(FollowUpView(follow_up_id=row.id, person_id=somchai.id, at=NOON, reason="visit"))
    here.flush()
    assert retention.delete_old(here, NOON, days=365) == 1, "a longer setting does not change what was told"
    assert here.scalar(select(func.count()).select_from(FollowUpView)) == 0
    assert here.scalar(select(func.count()).select_from(FollowUp)) == 1
    assert retention.delete_old(here, NOON, days=30) == 1, "a shorter one does"


# Programs -------------------------------------------------------------------------------------------------------


def test_a_program_writes_follow_ups_down_and_works_on_its_own(
    app: Flask, here: Session, somchai: Person, house: int
) -> None:
    key, client = uuid.uuid4(), app.test_client()
    token = token_for(here, somchai, ["survey.follow_up"])
    sent = {**FORM, "entry": house}
    first = client.put(f"/api/v1/survey/follow-ups/{key}", json=sent, headers=token)
    again = client.put(f"/api/v1/survey/follow-ups/{key}", json=sent, headers=token)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert NAME not in first.text
    number = first.get_json()["id"]
    listed = client.get("/api/v1/survey/follow-ups", headers=token)
    assert [one["id"] for one in listed.get_json()["follow_ups"]] == [number]
    assert NAME not in listed.text
    shown = client.post(f"/api/v1/survey/follow-ups/{number}/contact", json={"reason": "visit"}, headers=token)
    assert shown.get_json() == {"name": NAME, "phone": "+66812345678", "other": None}
    asked = client.post(f"/api/v1/survey/follow-ups/{number}/steps", json={"do": "request"}, headers=token).get_json()
    assert (asked["state"], len(asked["code"].replace(" ", ""))) == ("requested", 12)
    done = client.post(f"/api/v1/survey/follow-ups/{number}/steps", json={"do": "done"}, headers=token).get_json()
    assert (done["state"], done["entry"]) == ("done", None)
    stranger = token_for(here, appoint(here, "data_volunteer", "900101", to=person(here, "อื่น")), ["survey.follow_up"])
    taken = client.put(f"/api/v1/survey/follow-ups/{key}", json=sent, headers=stranger)
    assert taken.status_code == 409
    wrong = token_for(here, somchai, ["survey.enter"])
    assert client.get("/api/v1/survey/follow-ups", headers=wrong).status_code == 403
