"""The form on a pin's page, the thanks, and the officers' queue."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment
from mapapp.facilities import changes
from mapapp.facilities.models import Facility, FacilityReport
from mapapp.facilities.reports import service
from tests.conftest import NOON
from tests.data import small_country
from tests.facilities.build import PAYLOADS
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser

QUEUE = "/officer/facilities/reports"


@pytest.fixture
def pin(session: Session) -> int:
    small_country(session)
    found = session.scalars(select(Facility.id)).one()
    session.execute(update(Facility).values(confirmed_at=NOON.replace(day=18)))
    session.commit()
    return found


def officer(app: Flask, session: Session, role: str = "tambon_officer", area: str = "900101") -> Browser:
    return browser(app, session, appoint(session, role, area))


def told(client: FlaskClient, pin: int, address: str = "10.0.0.1", **values: str) -> str:
    sent = client.post(
        f"/facilities/{pin}/report?lang=en",
        data={"reason": "closed", **values},
        environ_overrides={"REMOTE_ADDR": address},
    )
    assert sent.status_code == 303, sent.text
    return sent.location


def reports(session: Session) -> int:
    return session.execute(select(func.count()).select_from(FacilityReport)).scalar_one()


def test_the_pins_page_has_the_form(client: FlaskClient, pin: int) -> None:
    page = client.get(f"/facilities/{pin}").text
    assert f'action="/facilities/{pin}/report"' in page
    for reason in ("closed", "full", "out_of_stock", "wrong_place", "other"):
        assert f'name="reason" value="{reason}"' in page
    assert client.get(f"/facilities/{pin}/report").status_code == 200
    assert client.get("/facilities/999/report").status_code == 404
    assert client.post("/facilities/999/report", data={"reason": "full"}).status_code == 404


def test_a_report_is_thanked_and_the_second_told_kindly(client: FlaskClient, session: Session, pin: int) -> None:
    first = told(client, pin, note="ประตูปิด")
    assert first == f"/facilities/{pin}/report/thanks?lang=en"
    page = client.get(first).text
    assert "Thank you for your report" in page
    assert "already reported this facility" not in page
    again = told(client, pin, reason="full")
    assert "already reported this facility" in client.get(again).text
    assert reports(session) == 1


@pytest.mark.parametrize(
    ("sent", "beside"),
    [
        ({}, "reason"),
        ({"reason": "nonsense"}, "reason"),
        ({"reason": "other", "note": "โทร 081-234-5678"}, "note"),
        ({"reason": "other", "note": "1101700203450"}, "note"),
        ({"reason": "other", "note": "x" * 301}, "note"),
        ({"reason": "other", "note": "a\x00b"}, "note"),
    ],
)
def test_bad_input_stands_beside_its_field(
    client: FlaskClient, session: Session, pin: int, sent: dict[str, str], beside: str
) -> None:
    answer = client.post(f"/facilities/{pin}/report", data=sent)
    assert answer.status_code == 400
    assert f'id="{beside}-problem"' in answer.text
    if "other" in sent.values():
        assert re.search(r'value="other" required checked', answer.text), "what was chosen is kept"
    assert reports(session) == 0


@pytest.mark.parametrize("field", ["handled_at", "outcome", "sender", "facility_id", "at"])
def test_fields_of_the_server_cannot_be_sent(client: FlaskClient, session: Session, pin: int, field: str) -> None:
    assert client.post(f"/facilities/{pin}/report", data={"reason": "full", field: "1"}).status_code == 400
    assert reports(session) == 0


def test_another_sites_form_is_refused(client: FlaskClient, session: Session, pin: int) -> None:
    answer = client.post(f"/facilities/{pin}/report", data={"reason": "full"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert reports(session) == 0


def test_the_limit_is_told_with_the_form_kept(
    client: FlaskClient, session: Session, pin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AN_HOUR", 5)
    for number in range(5):
        made = Facility(
            kind="test_site", name_th=f"จุด {number}", point="SRID=4326;POINT(100.02 14.02)", source="test",
            source_ref=f"limit {number}",
        )  # fmt: skip
        session.add(made)
        session.commit()
        told(client, made.id)
    sixth = client.post(
        f"/facilities/{pin}/report",
        data={"reason": "full", "note": "เต็มแล้ว"},
        environ_overrides={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert sixth.status_code == 429
    assert sixth.headers["Retry-After"] == "3600"
    assert "เต็มแล้ว" in sixth.text
    spoofed = client.post(
        f"/facilities/{pin}/report", data={"reason": "full"}, environ_overrides={"REMOTE_ADDR": "10.0.0.1"},
        headers={"X-Forwarded-For": "10.9.9.9"},
    )  # fmt: skip
    assert spoofed.status_code == 429, "a forwarded address that nobody vouches for does not help"


def test_the_queue_shows_what_was_said_as_text(app: Flask, session: Session, client: FlaskClient, pin: int) -> None:
    for number, payload in enumerate(PAYLOADS):
        told(client, pin, f"10.0.0.{number}", reason="other", note=payload)
    page = officer(app, session).get(f"{QUEUE}?lang=en")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script>window" not in page.text
    assert "<img src=x" not in page.text
    assert EVALUATED not in page.text
    assert "{{98765*54321}}" in page.text
    assert "Problem reported by several people" in page.text
    assert "10.0.0." not in page.text, "nobody can be found by a report"


def test_who_sees_and_who_handles(app: Flask, session: Session, client: FlaskClient, pin: int) -> None:
    told(client, pin)
    name = session.scalars(select(Facility.name_th)).one()
    upto = str(session.scalars(select(FacilityReport.id)).one())
    data = {"facility": str(pin), "answer": "dismiss", "upto": upto}
    assert client.get(QUEUE).status_code == client.post(QUEUE, data=data).status_code == 303
    elsewhere = officer(app, session, area="900102")
    assert name not in elsewhere.get(QUEUE).text
    assert elsewhere.get(f"{QUEUE}?area=900101").status_code == 403
    assert elsewhere.post(QUEUE, data).status_code == 403
    auditor = officer(app, session, "auditor", "90")
    assert auditor.get(QUEUE).status_code == auditor.post(QUEUE, data).status_code == 403
    mine = officer(app, session)
    assert mine.client.post(QUEUE, data=data).status_code == 403, "without the form's token"
    assert session.scalars(select(FacilityReport.handled_at)).one() is None
    done = mine.post(QUEUE, data)
    assert done.status_code == 303
    assert done.location == f"{QUEUE}?area=900101&notice=report_dismiss"
    page = mine.get(done.location + "&lang=en").text
    assert "Reopen" in page
    second = officer(app, session, "amphoe_coordinator", "9001").post(f"{QUEUE}?lang=en", data)
    assert second.status_code == 409
    assert "Someone else already resolved these reports" in second.text
    assert mine.post(QUEUE, {**data, "answer": "undo"}).status_code == 303
    session.expire_all()
    assert session.scalars(select(FacilityReport.handled_at)).one() is None


@pytest.mark.parametrize(
    "data",
    [
        {"answer": "close", "closed_reason": " "},
        {"answer": "close", "closed_reason": "1101700203450"},
        {"answer": "close", "closed_reason": "x" * 501},
        {"answer": "reopen"},
        {"answer": "still_right", "outcome": "fixed"},
        {"answer": "still_right", "upto": "99999999999999999999"},
        {"answer": "still_right", "facility": "x"},
        {"answer": "still_right", "facility": "๑"},
        {},
    ],
)
def test_a_bad_answer_changes_nothing(
    app: Flask, session: Session, client: FlaskClient, pin: int, data: dict[str, str]
) -> None:
    told(client, pin)
    upto = str(session.scalars(select(FacilityReport.id)).one())
    answer = officer(app, session).post(QUEUE, {"facility": str(pin), "upto": upto, **data})
    assert answer.status_code in {400, 404}
    assert session.scalars(select(FacilityReport.handled_at)).one() is None
    assert changes.current(session, pin)["status"] == "open"


def test_a_closure_is_public_at_once(app: Flask, session: Session, client: FlaskClient, pin: int) -> None:
    told(client, pin)
    upto = str(session.scalars(select(FacilityReport.id)).one())
    data = {"facility": str(pin), "answer": "close", "upto": upto, "closed_reason": "น้ำท่วม"}
    assert officer(app, session).post(QUEUE, data).status_code == 303
    assert "Temporarily closed" in client.get(f"/facilities/{pin}?lang=en").text


def test_an_appointment_that_ended_handles_nothing(app: Flask, session: Session, pin: int) -> None:
    who = appoint(session, "tambon_officer", "900101")
    mine = browser(app, session, who)
    assert mine.get(QUEUE).status_code == 200
    session.execute(update(Appointment).where(Appointment.person_id == who.id).values(ended_at=NOON))
    session.commit()
    assert mine.get(QUEUE).status_code == 403
