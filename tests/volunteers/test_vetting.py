"""Officers and volunteers: the list of an area, approving, refusing, suspending; two officers at once."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Appointment, Person
from mapapp.audit.models import AuditEntry
from mapapp.help_requests.models import HelpReport
from mapapp.volunteers import call_codes, queries
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import add_request, add_words
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser, person
from tests.volunteers.build import profile
from tests.volunteers.comers import E164, newest, sign_up, vault_of, waiting
from tests.volunteers.test_profile import hold, is_free

APPROVE = {
    "do": "approve", "seen": "waiting", "area": "900101", "called": "1", "until": "2027-11-20",
    "confidentiality_on": "2026-11-20", "training_expires_on": "2027-11-20",
}  # fmt: skip


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


@pytest.fixture
def comer(app: Flask, session: Session) -> Person:
    """Somebody who has signed up, at home in 900101."""
    sign_up(app.test_client())
    return newest(session)


def officer(app: Flask, session: Session, role: str = "tambon_officer", area: str = "900101") -> Browser:
    return browser(app, session, appoint(session, role, area))


def at(who: Person) -> str:
    return f"/officer/volunteers/{who.id}"


def approving(app: Flask, session: Session, who: Person, **values: str) -> dict[str, str]:
    """The form of an officer who has called, with the code that stands on this person's own page."""
    page = browser(app, session, who, second_factor=False).get("/volunteer").text
    found = re.search(r'class="code read-out"[^>]*>([0-9 ]+)<', page)
    return {**APPROVE, **({"code": found[1]} if found else {}), **values}


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def test_the_list_is_of_ones_area_and_waiting_come_first(app: Flask, session: Session) -> None:
    done = appoint(session, "volunteer", "900101", to=person(session, "ก อนุมัติแล้ว"))
    session.add(profile(done))
    waiting(session, "ข รอทีหลัง", at=NOON - timedelta(hours=1))
    waiting(session, "ค รอนานกว่า", at=NOON - timedelta(hours=9))
    waiting(session, "ง ที่อื่น", home_tambon="900201")
    waiting(session, "จ ออกไปแล้ว", state="left")
    waiting(session, "ฉ หมดวาระ", state="approved")
    session.commit()
    page = officer(app, session).get("/officer/volunteers").text
    order = [page.find(name) for name in ("ค รอนานกว่า", "ข รอทีหลัง", "ก อนุมัติแล้ว", "ฉ หมดวาระ")]
    assert -1 not in order
    assert order == sorted(order)
    assert "ง ที่อื่น" not in page
    assert "จ ออกไปแล้ว" not in page
    everybody = officer(app, session, "province_admin", "90").get("/officer/volunteers?show=waiting").text
    assert "ง ที่อื่น" in everybody
    assert "ก อนุมัติแล้ว" not in everybody


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=approved", {"one"}), ("show=paused", {"one"}), ("show=refused", {"two"}), ("kind=student", {"two"}),
        ("means=boat", {"one"}), ("skill=care", {"two"}), ("q=ใจ", {"two"}), ("show=ended", set()),
        ("show=left", set()),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(app: Flask, session: Session, query: str, found: set[str]) -> None:
    one = appoint(session, "volunteer", "900101", to=person(session, "คนที่หนึ่ง"))
    session.add(profile(one, means=["boat"], paused_at=NOON))
    waiting(session, "ใจดี สอง", state="refused", reason="x", kind="student", skills=["care"])
    session.commit()
    page = officer(app, session).get(f"/officer/volunteers?{query}").text
    assert {key for key, name in (("one", "คนที่หนึ่ง"), ("two", "ใจดี สอง")) if name in page} == found


@pytest.mark.parametrize("query", ["show=x", "kind=x", "after=-1", "after=x", "area=900201"])
def test_a_wrong_filter_is_told(app: Flask, session: Session, query: str) -> None:
    assert officer(app, session).get(f"/officer/volunteers?{query}").status_code in (400, 403)


def test_the_number_is_on_the_persons_page_only_and_looking_is_on_record(
    app: Flask, session: Session, comer: Person
) -> None:
    page = officer(app, session)
    assert "081 234 5678" not in page.get("/officer/volunteers").text
    assert "person.view" not in actions(session)
    shown = page.get(at(comer))
    assert "081 234 5678" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert actions(session)[-1] == "person.view"


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [
        ("tambon_officer", "900101", 200), ("amphoe_coordinator", "9001", 200), ("province_admin", "90", 200),
        ("tambon_officer", "900102", 404), ("amphoe_coordinator", "9002", 404), ("auditor", "90", 403),
        ("data_volunteer", "900101", 403), ("volunteer", "900101", 403),
    ],
)  # fmt: skip
def test_who_sees_a_volunteer(app: Flask, session: Session, comer: Person, role: str, area: str, status: int) -> None:
    page = officer(app, session, role, area)
    assert page.get(at(comer)).status_code == status
    assert page.post(at(comer), {"do": "refuse", "reason": "x"}).status_code == (303 if status == 200 else status)
    without = appoint(session, "tambon_officer", "900101", training_expires_on=None)
    assert browser(app, session, without).get(at(comer)).status_code == 403, "personal data need papers"


def test_approving_appoints_and_makes_the_number_theirs(app: Flask, session: Session, comer: Person) -> None:
    page = officer(app, session)
    assert page.post(at(comer), approving(app, session, comer)).status_code == 303
    session.expire_all()
    row = queries.get(session, comer.id)
    made = session.scalars(select(Appointment).where(Appointment.person_id == comer.id)).one()
    assert row is not None
    assert (row.state, row.appointment_id, row.reason) == ("approved", made.id, None)
    assert (made.role, made.area_code, made.confidentiality_on) == ("volunteer", "900101", date(2026, 11, 20))
    found = contacts.find_person(session, vault_of(app), E164)
    assert found is not None
    assert found.id == comer.id
    assert actions(session)[-2:] == ["appointment.add", "volunteer.approve"]
    assert [one.person_id for one in queries.candidates(session, "900101", now=NOON)] == [comer.id]
    again = page.post(at(comer), APPROVE)
    assert again.status_code == 409
    assert "seen" not in again.text.partition("<main")[0]


def test_a_number_nobody_called_is_not_approved(app: Flask, session: Session, comer: Person) -> None:
    answer = officer(app, session).post(at(comer), approving(app, session, comer, called=""))
    assert answer.status_code == 400
    assert 'id="called-problem"' in answer.text
    assert queries.state_of(session, comer.id, NOON) == "waiting"
    assert contacts.find_person(session, vault_of(app), E164) is None


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef"])
def test_without_the_code_from_their_own_page_nobody_is_approved(
    app: Flask, session: Session, comer: Person, code: str
) -> None:
    right = approving(app, session, comer)["code"]
    assert re.fullmatch(r"\d{3} \d{3}", right)
    answer = officer(app, session).post(at(comer), {**APPROVE, "code": code})
    assert answer.status_code == 400
    assert 'id="code-problem"' in answer.text
    assert right not in answer.text
    assert queries.state_of(session, comer.id, NOON) == "waiting"
    assert contacts.find_person(session, vault_of(app), E164) is None


def test_a_twin_is_not_approved_by_a_call_to_the_number(app: Flask, session: Session, comer: Person) -> None:
    """Somebody signs up with another's name and number; the officer calls, and the right person reads out a code."""
    sign_up(app.test_client(), password="แตงโม บันได เมฆขาว", again="แตงโม บันได เมฆขาว")
    both = session.scalars(select(Person).where(Person.phone_claim.is_not(None))).all()
    twin = next(one for one in both if one.id != comer.id)
    page = officer(app, session)
    assert page.get("/officer/volunteers?lang=en").text.count("phone number used twice") == 2
    shown = page.get(f"{at(twin)}?lang=en").text
    assert "1 more sign-up has this phone number" in shown
    assert f'href="/officer/volunteers/{comer.id}?lang=en"' in shown or f"/officer/volunteers/{comer.id}" in shown
    assert actions(session)[-2:] == ["person.view", "person.match"]
    spoken = approving(app, session, comer)["code"]
    refused = page.post(f"{at(twin)}?lang=en", {**APPROVE, "code": spoken})
    assert refused.status_code == 400
    assert "another sign-up with the same number" in refused.text
    assert queries.state_of(session, twin.id, NOON) == "waiting"
    assert page.post(at(comer), {**APPROVE, "code": spoken}).status_code == 303
    assert page.post(at(twin), approving(app, session, twin)).status_code == 409, "the number is the other's by now"


def test_codes_cannot_be_guessed(app: Flask, session: Session, comer: Person, clock: dict[str, Any]) -> None:
    page = officer(app, session)
    right = approving(app, session, comer)["code"]
    wrong = [f"{number:06}" for number in range(6) if f"{number:06}" != right.replace(" ", "")]
    assert [page.post(at(comer), {**APPROVE, "code": one}).status_code for one in wrong[:5]] == [400] * 5
    refused = page.post(at(comer), {**APPROVE, "code": right})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert queries.state_of(session, comer.id, NOON) == "waiting"


def test_a_code_runs_out_and_changes_with_what_is_decided(app: Flask, session: Session, comer: Person) -> None:
    vault = vault_of(app)
    row = queries.get(session, comer.id)
    assert row is not None

    def code(at: datetime) -> str:
        made = call_codes.now_of(vault, row, comer, at)
        assert made is not None
        return made.digits

    first = code(NOON)
    call_codes.check(session, vault, row, comer, first, NOON + call_codes.STEP)
    with pytest.raises(call_codes.WrongCode):
        call_codes.check(session, vault, row, comer, first, NOON + 2 * call_codes.STEP)
    row.state, row.state_at = "refused", NOON + timedelta(seconds=1)
    assert code(NOON) != first
    contacts.prove_phone(session, vault, comer)
    assert call_codes.now_of(vault, row, comer, NOON) is None, "a number that was called needs none"


def test_a_number_that_is_anothers_is_not_approved(app: Flask, session: Session, comer: Person) -> None:
    owner = person(session, "เจ้าของ เบอร์จริง")
    contacts.keep_phone(vault_of(app), owner, E164)
    session.commit()
    page = officer(app, session)
    shown = page.get(at(comer)).text
    assert "เจ้า… เบ…" in shown or "เจ… เบ…" in shown, "the owner is none of this officer's: first letters only"
    assert "เจ้าของ เบอร์จริง" not in shown
    assert "person.match" in actions(session)
    assert page.post(at(comer), approving(app, session, comer)).status_code == 409
    assert queries.state_of(session, comer.id, NOON) == "waiting"


@pytest.mark.parametrize(
    ("role", "area", "allowed"),
    [("tambon_officer", "900101", ["900101"]), ("amphoe_coordinator", "9001", ["900101", "9001"]),
     ("province_admin", "90", ["900101", "9001", "90"])],
)  # fmt: skip
def test_the_area_is_the_home_or_what_it_lies_in_within_the_officers(
    app: Flask, session: Session, comer: Person, role: str, area: str, allowed: list[str]
) -> None:
    page = officer(app, session, role, area)
    shown = page.get(at(comer)).text
    assert [code for code in ("900101", "9001", "90", "900102") if f'<option value="{code}"' in shown] == allowed
    for code in {"900101", "9001", "90", "900102", "TH"} - set(allowed):
        assert page.post(at(comer), {**APPROVE, "area": code}).status_code == 400
    assert page.post(at(comer), approving(app, session, comer, area=allowed[-1])).status_code == 303


@pytest.mark.parametrize(
    "values",
    [{"until": "2020-01-01"}, {"confidentiality_on": "2027-01-01"}, {"until": "x"}, {"seen": "approved"},
     {"role": "ministry"}, {"state": "approved"}, {"do": "dance"}, {"do": ""}],
)  # fmt: skip
def test_what_is_wrong_changes_nothing(app: Flask, session: Session, comer: Person, values: dict[str, str]) -> None:
    assert officer(app, session).post(at(comer), approving(app, session, comer, **values)).status_code == 400
    assert queries.state_of(session, comer.id, NOON) == "waiting"


def test_approving_asks_for_the_password_after_a_while(
    app: Flask, session: Session, comer: Person, clock: dict[str, Any]
) -> None:
    page = officer(app, session)
    clock["now"] = NOON + timedelta(minutes=16)
    assert "/sign-in/confirm" in page.get(at(comer)).text
    answer = page.post(at(comer), approving(app, session, comer))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in/confirm")
    assert queries.state_of(session, comer.id, NOON) == "waiting"


def test_refusing_says_why_and_they_may_ask_again(app: Flask, session: Session, comer: Person) -> None:
    page = officer(app, session)
    assert page.post(at(comer), {"do": "refuse", "reason": ""}).status_code == 400
    assert page.post(at(comer), {"do": "refuse", "reason": "โทรไม่ติดสามครั้ง"}).status_code == 303
    assert queries.state_of(session, comer.id, NOON) == "refused"
    assert actions(session)[-1] == "volunteer.refuse"
    own = browser(app, session, comer, second_factor=False)
    assert "โทรไม่ติดสามครั้ง" in own.get("/volunteer").text
    assert own.get("/volunteer/join").status_code == 200
    assert page.post(at(comer), approving(app, session, comer, seen="refused")).status_code == 303, (
        "or is approved after all"
    )
    assert queries.state_of(session, comer.id, NOON) == "approved"


def test_suspending_lets_go_at_once_and_can_be_lifted(app: Flask, session: Session) -> None:
    who = appoint(session, "volunteer", "900101", to=person(session, "อาสา"))
    session.add(profile(who))
    session.commit()
    own = browser(app, session, who, second_factor=False)
    need = hold(session, who)
    page = officer(app, session)
    assert page.post(at(who), {"do": "suspend", "reason": "มีคนร้องเรียน"}).status_code == 303
    assert is_free(session, need)
    assert queries.state_of(session, who.id, NOON) == "suspended"
    assert "มีคนร้องเรียน" in own.get("/volunteer").text
    assert queries.candidates(session, "900101", now=NOON) == []
    assert actions(session)[-2:] == ["appointment.end", "volunteer.suspend"]
    lifted = page.post(at(who), {**APPROVE, "seen": "suspended", "reason": "ตรวจสอบแล้วไม่ผิด"})
    assert lifted.status_code == 303
    assert queries.state_of(session, who.id, NOON) == "approved"


def test_who_is_appointed_more_widely_is_suspended_from_above(app: Flask, session: Session) -> None:
    who = appoint(session, "volunteer", "90", to=person(session, "อาสาทั้งจังหวัด"))
    session.add(profile(who))
    session.commit()
    page = officer(app, session)
    assert 'value="suspend"' not in page.get(at(who)).text
    assert page.post(at(who), {"do": "suspend", "reason": "x"}).status_code == 403
    assert queries.state_of(session, who.id, NOON) == "approved"
    above = officer(app, session, "province_admin", "90")
    assert above.post(at(who), {"do": "suspend", "reason": "x"}).status_code == 303


def test_nobody_vouches_for_themselves(app: Flask, session: Session) -> None:
    who = appoint(session, "tambon_officer", "900101", to=waiting(session))
    page = browser(app, session, who)
    assert 'value="approve"' not in page.get(at(who)).text
    assert page.post(at(who), APPROVE).status_code == 403
    assert queries.state_of(session, who.id, NOON) == "waiting"


def test_reports_about_them_are_shown(app: Flask, session: Session, comer: Person) -> None:
    request = add_request(session)
    session.add(
        HelpReport(request_id=request.id, tambon_code="900101", about="volunteer", volunteer_id=comer.id,
                   reason="rude", note_text=add_words(session, request.id, "พูดไม่สุภาพ"), at=NOON)
    )  # fmt: skip
    session.commit()
    shown = officer(app, session).get(at(comer)).text
    assert "พูดไม่สุภาพ" in shown
    assert f"/officer/requests/{request.id}" in shown


def test_what_a_volunteer_writes_is_text(app: Flask, session: Session) -> None:
    nasty = '{{98765*54321}}"><script>window.PWN=1</script>'
    who = waiting(session, nasty, times=nasty, state="refused", reason=nasty)
    session.commit()
    page = officer(app, session)
    own = browser(app, session, who, second_factor=False)
    for answer in (page.get("/officer/volunteers"), page.get(at(who)), own.get("/volunteer")):
        assert answer.status_code == 200
        assert EVALUATED not in answer.text
        assert "<script>window" not in answer.text
        assert "{{98765*54321}}" in answer.text


def test_who_waits_for_a_call_is_a_number_in_the_menu_and_a_tile_at_home(
    app: Flask, session: Session, comer: Person
) -> None:
    page = officer(app, session).get("/officer").text
    menu = page.split("</nav>")[0]
    assert re.search(r'href="/officer/volunteers"[^>]*>[^<]*<span class="waiting"><span aria-hidden="true">1<', menu)
    tile = re.search(
        r'<li class="card todo waits"><a href="/officer/volunteers[^"]*show=waiting[^"]*"><strong class="count">1<',
        page,
    )
    assert tile
    elsewhere = officer(app, session, area="900201").get("/officer").text
    assert 'href="/officer/volunteers"' in elsewhere
    assert "show=waiting" in elsewhere, "the tile is there with nobody waiting, too"
    assert 'card todo waits"><a href="/officer/volunteers' not in elsewhere
    assert not re.search(r'/officer/volunteers"[^>]*>[^<]*<span class="waiting"', elsewhere)


def test_a_home_outside_the_service_is_told_as_such(app: Flask, session: Session) -> None:
    page = sign_up(app.test_client(), home="พัทยา")
    assert page.status_code == 400
    assert "“พัทยา” อยู่นอกพื้นที่ให้บริการ" in page.text
