"""Many pins at once: what is done, what is left alone, what can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.models import Appointment
from mapapp.audit.models import AuditEntry
from mapapp.facilities.console import service
from mapapp.facilities.models import Facility, FacilityChange
from tests.conftest import NOON
from tests.data import add_facility
from tests.facilities.console.conftest import Signed
from tests.facilities.console.reading import hidden, picks, shown, text_of
from tests.people import Browser, appoint, browser

TABLE = "/officer/facilities"
BULK = f"{TABLE}/bulk"
Pins = dict[str, int]
FACTS = ("status", "closed_from", "closed_until", "closed_reason", "confirmed_at", "verified_at", "verified_by",
         "doubtful_at", "status_at")  # fmt: skip


def facts(session: Session, facility_id: int) -> dict[str, Any]:
    session.expire_all()
    pin = session.get_one(Facility, facility_id)
    return {name: getattr(pin, name) for name in FACTS}


def history(session: Session) -> list[FacilityChange]:
    return list(session.scalars(select(FacilityChange).order_by(FacilityChange.id)))


def send(officer: Browser, path: str = BULK, **data: Any) -> TestResponse:
    return officer.post(path, data)


def follow(officer: Browser, answer: TestResponse) -> TestResponse:
    assert answer.status_code == 303, text_of(answer)
    return officer.get(answer.headers["Location"])


def undo(officer: Browser, page: TestResponse) -> TestResponse:
    return officer.post(f"{TABLE}/undo", {"first": hidden(page, "first"), "last": hidden(page, "last")})


def test_still_right_for_several(officer: Browser, pins: Pins, session: Session) -> None:
    rows = picks(officer.get(TABLE))
    page = follow(officer, send(officer, pick=[rows[pins["stale"]], rows[pins["doubtful"]]], do="confirm"))
    for name in ("stale", "doubtful"):
        now = facts(session, pins[name])
        assert (now["confirmed_at"], now["doubtful_at"], now["verified_by"]) == (NOON, None, "หน่วยทดสอบ")
    assert facts(session, pins["fresh"])["confirmed_at"] != NOON
    assert [(one.facility_id, one.action) for one in history(session)] == [
        (pins["stale"], "confirm"), (pins["doubtful"], "confirm"),
    ]  # fmt: skip
    assert "ยืนยัน" in text_of(page) or "2 facilities confirmed" in text_of(page)


def test_one_row_by_its_own_button(officer: Browser, pins: Pins, session: Session) -> None:
    rows = picks(officer.get(TABLE))
    # the other fields of the form come along, half filled in
    send(officer, still=rows[pins["stale"]], pick=rows[pins["fresh"]], do="closed", reason="", until="")
    assert facts(session, pins["stale"])["confirmed_at"] == NOON
    assert facts(session, pins["fresh"])["status"] == "open"


@pytest.mark.parametrize(
    ("do", "more", "after", "action"),
    [
        ("open", {}, {"status": "open"}, "edit"),
        ("full", {}, {"status": "full"}, "edit"),
        ("closed", {"reason": "ยุติโครงการ"}, {"status": "closed", "closed_reason": "ยุติโครงการ"}, "close"),
        (
            "temporarily_closed",
            {"reason": "น้ำท่วม", "until": "2026-12-01"},
            {"status": "temporarily_closed", "closed_reason": "น้ำท่วม",
             "closed_until": datetime.fromisoformat("2026-11-30T17:00:00+00:00")},
            "close",
        ),
    ],
)  # fmt: skip
def test_setting_a_status(
    officer: Browser, pins: Pins, session: Session, do: str, more: dict[str, str], after: dict[str, Any], action: str
) -> None:
    pick = picks(officer.get(TABLE))[pins["stale"]]
    follow(officer, send(officer, pick=pick, do=do, **more))
    now = facts(session, pins["stale"])
    assert {name: now[name] for name in after} == after
    assert now["status_at"] == NOON
    assert [one.action for one in history(session)] == [action]


def test_opening_what_was_closed_is_a_reopening_and_forgets_the_closure(
    officer: Browser, pins: Pins, session: Session
) -> None:
    pick = picks(officer.get(TABLE))[pins["planned"]]
    send(officer, pick=pick, do="open")
    now = facts(session, pins["planned"])
    assert (now["status"], now["closed_from"], now["closed_reason"]) == ("open", None, None)
    assert history(session)[0].action == "reopen"


@pytest.mark.parametrize("do", ["confirm", "full", "closed", "temporarily_closed", "open"])
def test_undo_brings_everything_back(officer: Browser, pins: Pins, session: Session, do: str) -> None:
    before = {name: facts(session, pins[name]) for name in ("doubtful", "planned", "stale")}
    rows = picks(officer.get(TABLE))
    picked = [rows[pins[name]] for name in before]
    page = follow(officer, send(officer, pick=picked, do=do, reason="ซ่อม" if "closed" in do else ""))
    assert {name: facts(session, pins[name]) for name in before} != before
    answer = undo(officer, page)
    assert {name: facts(session, pins[name]) for name in before} == before
    assert [one.action for one in history(session)][-3:] == ["undo"] * 3
    told = text_of(follow(officer, answer))
    assert "3" in told
    assert 'name="first"' not in undo(officer, page).text  # a second time there is nothing left to take back


def test_what_somebody_changed_meanwhile_is_listed_and_left(officer: Browser, pins: Pins, session: Session) -> None:
    rows = picks(officer.get(TABLE))
    send(officer, pick=rows[pins["stale"]], do="open")
    page = follow(officer, send(officer, pick=[rows[pins["stale"]], rows[pins["fresh"]]], do="full"))
    assert facts(session, pins["stale"])["status"] == "open"
    assert facts(session, pins["fresh"])["status"] == "full"
    assert f"/officer/facilities/{pins['stale']}/edit" in page.text.split('id="did"')[1].split("</div>")[0]


def test_undo_leaves_what_was_changed_since(officer: Browser, pins: Pins, session: Session) -> None:
    rows = picks(officer.get(TABLE))
    page = follow(officer, send(officer, pick=[rows[pins["stale"]], rows[pins["fresh"]]], do="full"))
    send(officer, pick=picks(officer.get(TABLE))[pins["stale"]], do="open")
    undo(officer, page)
    assert facts(session, pins["stale"])["status"] == "open"
    assert facts(session, pins["fresh"])["status"] == "open"
    assert [one.action for one in history(session)].count("undo") == 1


def test_rows_outside_the_area_are_left(signed: Signed, pins: Pins, session: Session) -> None:
    officer = signed("tambon_officer", "900101")
    version = session.get_one(Facility, pins["east"]).version
    own = picks(officer.get(TABLE))[pins["stale"]]
    forged = [own, f"{pins['east']}.{version}", f"{pins['planned']}.{version}", f"{pins['nowhere']}.1", "999999.1"]
    follow(officer, send(officer, pick=forged, do="full"))
    changed = {one.facility_id for one in history(session)}
    assert changed == {pins["stale"]}
    assert facts(session, pins["east"])["status"] == "open"


def test_an_auditor_changes_nothing(signed: Signed, pins: Pins, session: Session) -> None:
    auditor = signed("auditor", "9001")
    for path in (BULK, f"{TABLE}/stale", f"{TABLE}/undo"):
        answer = auditor.post(path, {"still": f"{pins['stale']}.1", "first": "1", "last": "2"})
        assert answer.status_code == 403
    assert history(session) == []


def test_an_appointment_that_has_ended_counts_no_more(app: Flask, session: Session, pins: Pins) -> None:
    who = appoint(session, "tambon_officer", "900101")
    officer = browser(app, session, who)
    pick = picks(officer.get(TABLE))[pins["stale"]]
    for one in session.scalars(select(Appointment).where(Appointment.person_id == who.id)):
        one.ended_at = NOON - timedelta(seconds=1)
    session.commit()
    assert send(officer, pick=pick, do="full").status_code == 403
    assert history(session) == []


def test_all_that_match(officer: Browser, pins: Pins, session: Session) -> None:
    for number in range(60):
        made = add_facility(
            session, "test_site", lat=14.01, lon=100.01 + number / 10_000, tambon_code="900101", name_th="จุดตรวจ",
            confirmed_at=NOON - timedelta(days=30),
        )  # fmt: skip
        made.updated_at = NOON - timedelta(days=1)
    session.commit()
    page = officer.get(f"{TABLE}?kind=test_site&freshness=stale")
    assert len(shown(page)) == 50
    late = session.scalars(select(Facility).where(Facility.name_th == "จุดตรวจ").order_by(Facility.id)).all()[59]
    late.updated_at = NOON + timedelta(seconds=5)  # saved by somebody after the page was made
    late.version = 9
    session.commit()
    sent = send(officer, f"{BULK}?kind=test_site&freshness=stale", all="1", do="confirm", seen=hidden(page, "seen"))
    assert "left=1" in sent.headers["Location"]
    assert len(history(session)) == 60  # 59 of the new ones and the one that was stale before
    assert shown(officer.get(f"{TABLE}?kind=test_site&freshness=stale")) == [late.id]
    told = follow(officer, sent)
    undo(officer, told)
    assert len(shown(officer.get(f"{TABLE}?kind=test_site&freshness=stale"))) == 50


def test_too_many_at_once_is_told(
    officer: Browser, pins: Pins, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 3)
    page = officer.get(TABLE)
    answer = send(officer, all="1", do="confirm", seen=hidden(page, "seen"))
    assert answer.status_code == 400
    assert history(session) == []


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"do": ""}, "do"),
        ({"do": "delete"}, "do"),
        ({"do": "closed"}, "reason"),
        ({"do": "temporarily_closed", "reason": " "}, "reason"),
        ({"do": "closed", "reason": "x" * 301}, "reason"),
        ({"do": "closed", "reason": "เลขบัตร 1-1017-00230-70-8"}, "reason"),
        ({"do": "temporarily_closed", "reason": "ซ่อม", "until": "2026-11-19"}, "until"),
        ({"do": "temporarily_closed", "reason": "ซ่อม", "until": "พรุ่งนี้"}, "until"),
        ({"do": "full", "until": "2026-12-19"}, "until"),
    ],
)
def test_what_has_to_be_mended_stands_beside_its_field(
    officer: Browser, pins: Pins, session: Session, data: dict[str, str], field: str
) -> None:
    pick = picks(officer.get(TABLE))[pins["stale"]]
    page = send(officer, pick=pick, **data)
    assert page.status_code == 400
    assert f'id="{field}-problem"' in page.text
    assert f'value="{pick}" checked' in page.text  # the choice is kept
    assert history(session) == []


@pytest.mark.parametrize(
    "data",
    [
        {"do": "full"},
        {"do": "full", "pick": "x"},
        {"do": "full", "pick": "1"},
        {"do": "full", "pick": "1.1; DROP TABLE facilities"},
        {"do": "full", "pick": "๑.๑"},
        {"do": "full", "all": "1"},
        {"do": "full", "all": "1", "seen": "gestern"},
        {"do": "full", "pick": "1.1", "tambon_code": "900101"},
        {"do": "full", "pick": "1.1", "verified_by": "me"},
        {"still": "x"},
    ],
)
def test_forged_forms_do_nothing(officer: Browser, pins: Pins, session: Session, data: dict[str, str]) -> None:
    assert send(officer, **data).status_code == 400
    assert history(session) == []


def test_sent_twice_counts_once(officer: Browser, pins: Pins, session: Session) -> None:
    page = officer.get(TABLE)
    data = {"pick": picks(page)[pins["stale"]], "do": "full", "once": hidden(page, "once")}
    first, second = send(officer, **data), send(officer, **data)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(history(session)) == 1


def test_without_the_sessions_token_nothing_is_done(officer: Browser, pins: Pins, session: Session) -> None:
    pick = picks(officer.get(TABLE))[pins["stale"]]
    for data in ({}, {"csrf_token": "x"}):
        assert officer.client.post(BULK, data={"pick": pick, "do": "full", **data}).status_code == 403
    elsewhere = officer.post(BULK, {"pick": pick, "do": "full"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    assert history(session) == []


def test_nobody_takes_back_what_another_did(officer: Browser, signed: Signed, pins: Pins, session: Session) -> None:
    page = follow(officer, send(officer, pick=picks(officer.get(TABLE))[pins["stale"]], do="open"))
    other = signed("province_admin", "90")
    assert undo(other, page).status_code == 403
    assert facts(session, pins["stale"])["status"] == "open"
    # nor is anything told of it to the other
    told = f"did={hidden(page, 'first')}-{hidden(page, 'last')}"
    assert 'id="did"' not in other.get(f"{TABLE}?{told}").text


def test_after_an_hour_it_is_for_the_history(
    officer: Browser, pins: Pins, session: Session, clock: dict[str, datetime]
) -> None:
    page = follow(officer, send(officer, pick=picks(officer.get(TABLE))[pins["stale"]], do="open"))
    clock["now"] = NOON + service.UNDO_FOR + timedelta(seconds=1)
    assert undo(officer, page).status_code == 403


def test_undo_returns_only_to_our_own_pages(officer: Browser, pins: Pins) -> None:
    page = follow(officer, send(officer, pick=picks(officer.get(TABLE))[pins["stale"]], do="open"))
    data = {"first": hidden(page, "first"), "last": hidden(page, "last")}
    answer = officer.post(f"{TABLE}/undo?next=https://evil.example/", data)
    assert answer.headers["Location"].startswith(f"{TABLE}?did=")
    assert officer.post(f"{TABLE}/undo", {"first": "x", "last": "1"}).status_code == 400


def test_each_pin_is_on_record(officer: Browser, pins: Pins, session: Session) -> None:
    rows = picks(officer.get(TABLE))
    send(officer, pick=[rows[pins["stale"]], rows[pins["planned"]]], do="closed", reason="ยุติ")
    entries = session.execute(
        select(AuditEntry.subject_id, AuditEntry.area_code, AuditEntry.details).where(
            AuditEntry.action == "facility.close"
        )
    ).all()
    assert {(one.subject_id, one.area_code) for one in entries} == {
        (str(pins["stale"]), "900101"), (str(pins["planned"]), "900102"),
    }  # fmt: skip
    assert all(one.details["reason"] == "ยุติ" for one in entries)


def test_a_pin_that_was_merged_away_stays_so(officer: Browser, pins: Pins, session: Session) -> None:
    gone = session.get_one(Facility, pins["closed"])
    gone.merged_into = pins["stale"]
    session.commit()
    send(officer, pick=f"{gone.id}.{gone.version}", do="open")
    assert facts(session, gone.id)["status"] == "closed"
    assert pins["closed"] not in shown(officer.get(f"{TABLE}?status=closed"))
    assert session.scalar(select(func.count()).select_from(FacilityChange)) == 0
