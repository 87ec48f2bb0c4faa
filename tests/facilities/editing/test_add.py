"""Adding a pin: in the officer's own area, once, and not where it is already."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.audit.models import AuditEntry
from mapapp.facilities.models import Facility
from tests.data import add_facility
from tests.facilities.build import PAYLOADS
from tests.facilities.editing.conftest import NEW, newest, pin, pin_form, steps
from tests.payloads import EVALUATED
from tests.people import Browser

METRE = 1 / 111_320


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Facility)) or 0


def test_the_form_opens_with_a_map_of_the_officers_area(officer: Browser) -> None:
    page = officer.get(f"{NEW}?kind=test_site&lang=en")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert 'src="/maps/pick' in page.text
    assert '<option value="test_site" selected>' in page.text
    assert "bounds" in page.text


def test_adding_a_pin(officer: Browser, session: Session) -> None:
    answer = officer.post(NEW, pin_form(phone="053 920 300", test_types="ATK", tests_per_day="๑๒๐"))
    assert answer.status_code == 303, answer.text
    made = newest(session)
    assert answer.location == f"/officer/facilities/{made.id}/edit?notice=pin_added"
    assert (made.kind, made.name_th, made.tambon_code) == ("test_site", "จุดตรวจหน้าวัด", "900101")
    assert (made.phone, made.test_types, made.tests_per_day) == ("+6653920300", "ATK", 120)
    assert (made.source, made.verified_by, made.version, made.status) == ("officer", "หน่วยทดสอบ", 1, "open")
    assert len(made.source_ref) == 36
    (step,) = steps(session, made.id)
    assert (step.action, step.actor_kind) == ("add", "person")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(made.id))).one()
    assert (entry.action, entry.area_code) == ("facility.add", "900101")
    page = officer.get(answer.location)
    assert "จุดตรวจหน้าวัด" in page.text


@pytest.mark.parametrize(
    "place", ["14°01'12\" น. 100°01'12\" อ.", "https://maps.google.com/?q=14.02,100.02", "100.02 14.02"]
)
def test_the_place_in_any_form(officer: Browser, session: Session, place: str) -> None:
    assert officer.post(NEW, pin_form(place=place)).status_code == 303
    page = officer.get(f"/officer/facilities/{newest(session).id}/edit")
    assert 'value="14.020000, 100.020000"' in page.text


def test_utm_without_a_zone_is_told_by_the_boundaries(officer: Browser, session: Session) -> None:
    # In zone 48 these metres lie at 106.02 E, in no tambon.
    assert officer.post(NEW, pin_form(place="610115 1550095")).status_code == 303
    assert newest(session).tambon_code == "900101"


def test_a_weekly_timetable_is_written_as_opening_hours(officer: Browser, session: Session) -> None:
    week = {f"{day}_how": "spans" for day in ("mo", "tu", "we", "th", "fr")}
    week |= {f"{day}_from1": "08:30" for day in ("mo", "tu", "we", "th", "fr")}
    week |= {f"{day}_to1": "16:30" for day in ("mo", "tu", "we", "th", "fr")}
    answer = officer.post(NEW, pin_form(hours_how="weekly", holidays_off="1", **week))
    assert answer.status_code == 303
    assert newest(session).opening_hours == "Mo-Fr 08:30-16:30; PH off"
    page = officer.get(f"{answer.location}&lang=en")
    assert "Monday–Friday 08:30–16:30, closed on public holidays" in page.text


def test_the_hours_are_said_back_while_they_are_chosen(officer: Browser) -> None:
    answer = officer.get(
        "/officer/facilities/hours?lang=en&hours_how=weekly&sa_how=spans&sa_from1=9.00&sa_to1=12:00&opening_hours="
    )
    assert "Saturday 09:00–12:00" in answer.text
    assert officer.get("/officer/facilities/hours?hours_how=weekly&sa_how=spans&sa_from1=x").status_code == 200


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"name_th": " "}, "name_th", "Enter a name"),
        ({"kind": "x"}, "kind", "Unknown type"),
        ({"place": ""}, "place", "Tap the location on the map"),
        ({"place": "nowhere"}, "place", "Enter latitude and longitude"),
        ({"place": "https://maps.app.goo.gl/x"}, "place", "short link"),
        ({"phone": "12"}, "phone", "Thai phone number"),
        ({"tests_per_day": "-4"}, "tests_per_day", "cannot be negative"),
        ({"kind": "hospital", "beds": "3", "beds_free": "4"}, "", "more free beds than beds"),
        ({"address": "เลข 1101700230708"}, "address", "national ID"),
        ({"hours_how": "text", "opening_hours": "whenever"}, "opening_hours", "Enter opening hours like this"),
        ({"hours_how": "weekly", "mo_how": "spans"}, "mo", "opening and closing time"),
        ({"hours_how": "weekly", "mo_how": "spans", "mo_from1": "25:00", "mo_to1": "26:00"}, "mo", "Enter the time"),
        ({"hours_how": "sometimes"}, "hours_how", "Choose one"),
        ({"status": "closed"}, "", "Choose one"),
        ({"role": "ministry"}, "role", "Unknown parameter"),
        ({"source": "ministry"}, "source", "Unknown parameter"),
        ({"tambon_code": "900201"}, "tambon_code", "Unknown parameter"),
        ({"verified_by": "x"}, "verified_by", "Unknown parameter"),
        ({"name_th": "x" * 5000}, "name_th", "at most"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_what_was_typed_stays(
    officer: Browser, session: Session, values: dict[str, str], field: str, part: str
) -> None:
    before = count(session)
    sent = pin_form(serves="ทุกคนในตำบล", **values)
    answer = officer.post(f"{NEW}?lang=en", sent)
    assert answer.status_code == 400
    assert part in answer.text
    if field and field not in ("role", "source", "tambon_code", "verified_by"):
        assert f'id="{field}-problem"' in answer.text
    assert "ทุกคนในตำบล</textarea>" in answer.text
    assert count(session) == before


def test_sending_it_twice_adds_one_pin(officer: Browser, session: Session) -> None:
    before, sent = count(session), pin_form()
    first, second = officer.post(NEW, sent), officer.post(NEW, sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count(session) == before + 1


def test_going_back_and_sending_another_pin_is_not_swallowed(officer: Browser, session: Session) -> None:
    before, sent = count(session), pin_form()
    officer.post(NEW, sent)
    other = officer.post(f"{NEW}?lang=en", {**sent, "name_th": "อีกแห่งหนึ่ง", "place": "14.09, 100.09"})
    assert other.status_code == 409
    assert "save again" in other.text
    assert 'value="อีกแห่งหนึ่ง"' in other.text
    assert sent["once"] not in other.text
    fresh = other.text.split('name="once" value="')[1].split('"')[0]
    again = officer.post(NEW, {**sent, "name_th": "อีกแห่งหนึ่ง", "place": "14.09, 100.09", "once": fresh})
    assert again.status_code == 303
    assert count(session) == before + 2


# Whose area -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "allowed"), [(-METRE, True), (METRE, False)])
def test_one_metre_on_this_side_of_the_boundary_and_one_beyond(
    officer: Browser, session: Session, off: float, allowed: bool
) -> None:
    answer = officer.post(f"{NEW}?lang=en", pin_form(place=f"{14.1 + off:.7f}, 100.05"))
    if allowed:
        assert answer.status_code == 303
        assert newest(session).tambon_code == "900101"
    else:
        assert answer.status_code == 403
        assert "This location is in Tambon Tambon 02, Amphoe West, Province Test Province." in answer.text
        assert "You can add facilities only in Tambon Tambon 01." in answer.text
        assert 'value="จุดตรวจหน้าวัด"' in answer.text


@pytest.mark.parametrize(("lon", "status"), [(100.1 - METRE, 303), (100.1 + METRE, 403)])
def test_the_coordinator_may_in_the_amphoe_and_not_a_metre_beyond(
    signed_in: Callable[[str, str], Browser], lon: float, status: int
) -> None:
    coordinator = signed_in("amphoe_coordinator", "9001")
    assert coordinator.post(NEW, pin_form(place=f"14.15, {lon:.7f}")).status_code == status


@pytest.mark.parametrize("place", ["10.0, 99.9", "13.5, 100.4", "14.05, 99.95"])
def test_the_sea_and_abroad_are_refused(signed_in: Callable[[str, str], Browser], session: Session, place: str) -> None:
    before = count(session)
    answer = signed_in("ministry", "TH").post(f"{NEW}?lang=en", pin_form(place=place))
    assert answer.status_code == 400
    assert "outside the area of this service" in answer.text
    assert count(session) == before


def test_the_fragment_says_the_tambon_or_why_not(officer: Browser) -> None:
    inside = officer.get("/officer/facilities/place?lang=en&place=14.02,100.02")
    assert "Tambon Tambon 01, Amphoe West, Province Test Province" in inside.text
    assert "[100.02, 14.02]" in inside.text
    outside = officer.get("/officer/facilities/place?lang=en&place=14.02,100.18")
    assert "You can add facilities only in Tambon Tambon 01." in outside.text
    nonsense = officer.get("/officer/facilities/place?lang=en&place=x")
    assert "Enter latitude and longitude" in nonsense.text
    assert officer.get("/officer/facilities/place").status_code == 200


def test_who_may_not(client: FlaskClient, signed_in: Callable[[str, str], Browser]) -> None:
    assert client.get(NEW).status_code == 303
    assert client.post(NEW, data=pin_form()).status_code == 303
    for role, area in (("auditor", "90"), ("volunteer", "900101"), ("data_volunteer", "900101")):
        assert signed_in(role, area).get(NEW).status_code == 403
        assert signed_in(role, area).post(NEW, pin_form()).status_code == 403


# Duplicates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("metres", "found"), [(99, True), (101, False)])
def test_the_same_kind_within_100_metres_is_shown_first(
    officer: Browser, session: Session, metres: float, found: bool
) -> None:
    near = add_facility(
        session, "test_site", lat=14.02 + metres * METRE * 1.0063, lon=100.02, tambon_code="900101", name_th="ตลาด"
    )
    session.commit()
    answer = officer.post(f"{NEW}?lang=en", pin_form())
    if not found:
        assert answer.status_code == 303
        return
    assert answer.status_code == 409
    assert "Does this facility already exist?" in answer.text
    assert "99 m" in answer.text
    assert f'href="/officer/facilities/{near.id}/edit?lang=en"' in answer.text
    assert f'name="anyway" value="{near.id}"' in answer.text
    assert officer.post(NEW, pin_form(anyway=str(near.id))).status_code == 303


def test_a_similar_name_within_500_metres_is_shown_first(officer: Browser, session: Session) -> None:
    add_facility(session, "vaccination_site", lat=14.0235, lon=100.02, tambon_code="900101", name_th="จุดฉีดวัคซีนวัดป่าแดด")
    add_facility(session, "vaccination_site", lat=14.0201, lon=100.02, tambon_code="900101", name_th="เทศบาลเมือง")
    session.commit()
    answer = officer.post(f"{NEW}?lang=en", pin_form(name_th="จุดตรวจโควิดวัดป่าแดด"))
    assert answer.status_code == 409
    assert "จุดฉีดวัคซีนวัดป่าแดด" in answer.text
    assert "เทศบาลเมือง" not in answer.text
    assert officer.post(NEW, pin_form(name_th="โรงเรียนบ้านเหนือ")).status_code == 303


def test_another_twin_that_came_meanwhile_is_shown_too(officer: Browser, session: Session) -> None:
    one = add_facility(session, "test_site", lat=14.0201, lon=100.02, tambon_code="900101", name_th="ก")
    two = add_facility(session, "test_site", lat=14.0202, lon=100.02, tambon_code="900101", name_th="ข")
    session.commit()
    answer = officer.post(NEW, pin_form(anyway=str(one.id)))
    assert answer.status_code == 409
    assert f'name="anyway" value="{one.id},{two.id}"' in answer.text


# Names that some renderer would run -----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_are_shown_as_they_were_typed(officer: Browser, session: Session, payload: str) -> None:
    text_fields = ("name_th", "name_en", "address", "serves", "test_types")
    answer = officer.post(NEW, pin_form(**dict.fromkeys(text_fields, payload)))
    assert answer.status_code == 303
    number = newest(session).id
    assert pin(session, number).name_th == payload
    officer.post(f"/officer/facilities/{number}/close", {"version": "1", "how": "for_good", "closed_reason": payload})
    for page in ("edit", "history", "close", "merge"):
        shown = officer.get(f"/officer/facilities/{number}/{page}")
        assert shown.status_code == 200
        assert EVALUATED not in shown.text
        assert "<img src=x" not in shown.text
        assert "<script>window" not in shown.text
    typed_wrong = officer.post(
        NEW, {**dict.fromkeys(text_fields, payload), "kind": payload, "place": payload, "phone": payload}
    )
    assert typed_wrong.status_code == 400
    assert EVALUATED not in typed_wrong.text
    assert "<img src=x" not in typed_wrong.text
