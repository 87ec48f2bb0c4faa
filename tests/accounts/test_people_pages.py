"""The pages about people: the tree and its gaps, one person, bringing in, and who sees whom."""

from __future__ import annotations

import email.policy
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Appointment, Invitation, Person
from mapapp.accounts.people import service as people
from mapapp.accounts.people import tree
from mapapp.audit.models import AuditEntry
from mapapp.core.config import Config
from mapapp.core.vault import Vault
from tests.accounts.conftest import Mailbox
from tests.conftest import NOON
from tests.data import add_area, small_country
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser, person

PHONE = "081 234 5678"
E164 = "+66812345678"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


@pytest.fixture
def vault(app: Flask) -> Vault:
    made: Vault = app.extensions["mapapp_vault"]
    return made


@pytest.fixture
def admin(app: Flask, session: Session) -> Browser:
    """The administrator of province 90."""
    return browser(app, session, appoint(session, "province_admin", "90", to=person(session, "แอดมิน จังหวัด")))


def form(**values: Any) -> dict[str, Any]:
    return {
        "name": "สมหญิง มั่นคง", "phone": PHONE, "role": "tambon_officer", "area": "900101", "once": str(uuid.uuid4()),
        **values,
    }  # fmt: skip


def with_phone(session: Session, vault: Vault, who: Person, phone: str = E164) -> Person:
    contacts.keep_phone(vault, who, phone)
    session.commit()
    return who


def links(text: str) -> list[str]:
    return re.findall(r"/join/([\w-]{40,})", text)


def held(session: Session, who: uuid.UUID) -> list[tuple[str, str]]:
    rows = session.scalars(select(Appointment).where(Appointment.person_id == who).order_by(Appointment.id))
    return [(row.role, row.area_code) for row in rows if row.ended_at is None]


# The tree -------------------------------------------------------------------------------------------------------


def test_the_tree_shows_who_and_who_is_missing(session: Session, admin: Browser) -> None:
    appoint(session, "tambon_officer", "900101", to=person(session, "ตำบล หนึ่ง"))
    appoint(session, "amphoe_coordinator", "9002", to=person(session, "ประสาน ตะวันออก"))
    text = admin.get("/officer/people?lang=en").text
    assert "1 amphoe without a coordinator" in text
    assert "1 province with fewer than two administrators" in text
    assert "3 tambons without an officer" in text
    assert text.index(">West</a>") < text.index(">East</a>"), "what has a gap stands first"
    assert "ประสาน ตะวันออก" in text
    assert "ตำบล หนึ่ง" not in text, "one level at a time"
    assert "/officer/people/new?area=9001&amp;role=amphoe_coordinator" in text
    below = admin.get("/officer/people?area=9001&lang=en").text
    assert "ตำบล หนึ่ง" in below
    assert below.index("Tambon 02") < below.index("Tambon 01")


@pytest.mark.parametrize(
    ("values", "who", "shown"),
    [
        ({"ends_at": NOON + 13 * DAY}, {}, "ends 3 Dec 2026"),
        ({"ends_at": NOON + 15 * DAY}, {}, None),
        ({}, {"first_signed_in_at": None}, "never signed in"),
        ({"confidentiality_on": None}, {}, "documents"),
        ({"training_expires_on": date(2026, 12, 1)}, {}, "documents"),
        ({"training_expires_on": date(2027, 1, 15)}, {}, None),
        ({"starts_at": NOON + DAY}, {}, "from 21 Nov 2026"),
        ({}, {"suspended_at": NOON}, "Suspended"),
    ],
)
def test_what_somebody_should_look_at(
    session: Session, admin: Browser, values: dict[str, Any], who: dict[str, Any], shown: str | None
) -> None:
    appoint(session, "amphoe_coordinator", "9001", to=person(session, "คนหนึ่ง", **who), **values)
    row = admin.get("/officer/people?lang=en").text.split("คนหนึ่ง")[1].split("</td>")[0]
    badges = re.findall(r'class="badge[^"]*">([^<]+)<', row)
    if shown is None:
        assert badges == []
    else:
        assert shown in badges
    gap = "starts_at" in values or "suspended_at" in who
    assert ("no one" in row) == gap, "who is to come or locked out does not fill a gap"


@pytest.mark.parametrize("show", ["ending", "never", "papers", "suspended"])
def test_filters_find_what_the_tree_counts(session: Session, admin: Browser, show: str) -> None:
    there: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "ending": ({"ends_at": NOON + DAY}, {}),
        "never": ({}, {"first_signed_in_at": None}),
        "papers": ({"training_expires_on": None}, {}),
        "suspended": ({}, {"suspended_at": NOON}),
    }
    for name, (values, who) in there.items():
        appoint(session, "volunteer", "900201", to=person(session, f"คนของ {name}", **who), **values)
    appoint(session, "volunteer", "900201", to=person(session, "คนเรียบร้อย"))
    text = admin.get(f"/officer/people?show={show}").text
    assert re.findall(r"คนของ \w+", text) == [f"คนของ {show}"]
    assert "คนเรียบร้อย" not in text


def test_search_by_name_and_role(session: Session, admin: Browser) -> None:
    appoint(session, "volunteer", "900201", to=person(session, "มานี 100% มีนา"))
    appoint(session, "data_volunteer", "900201", to=person(session, "มานะ อดทน"))
    assert "มานะ" not in admin.get("/officer/people?q=มานี").text
    assert "มานะ" in admin.get("/officer/people?q=มาน").text
    assert "มานะ" not in admin.get("/officer/people?q=100%25").text, "a percent sign is a percent sign"
    assert "มานี" not in admin.get("/officer/people?role=data_volunteer").text
    assert admin.get("/officer/people?q=ไม่มีใครชื่อนี้").status_code == 200


def test_gaps_as_a_list(session: Session, admin: Browser) -> None:
    appoint(session, "amphoe_coordinator", "9002")
    text = admin.get("/officer/people?show=gaps&lang=en").text
    rows = re.findall(r'<th scope="row"><a href="/officer/people\?area=(\d+)', text)
    assert rows == ["90", "9001", "900101", "900102", "900201", "900202"]


def test_a_list_that_is_cut_says_how_many_there_are(session: Session, admin: Browser, monkeypatch: Any) -> None:
    gaps, search = tree.gaps, tree.search
    appoint(session, "amphoe_coordinator", "9002")
    appoint(session, "amphoe_coordinator", "9001")
    assert [len(gaps(session, "90", NOON, limit=2)[0]), gaps(session, "90", NOON, limit=2)[1]] == [2, 5]
    found = search(session, "90", NOON, limit=1)
    assert (len(found.held), found.total) == (1, search(session, "90", NOON).total)
    assert found.total > 1
    monkeypatch.setattr(tree, "gaps", lambda *args: gaps(*args, limit=2))
    text = admin.get("/officer/people?show=gaps&lang=en").text
    assert "5 areas without an officer" in text
    assert "2 of 5 shown." in text


@pytest.mark.parametrize("query", ["area=xx", "role=king", "show=all", "after=-1", "area=9", "q=" + "ก" * 200])
def test_filters_that_cannot_be_used_are_told(admin: Browser, query: str) -> None:
    answer = admin.get(f"/officer/people?{query}")
    assert answer.status_code == 400
    assert 'class="problem"' in answer.text


def test_other_areas_and_areas_that_are_none(admin: Browser, app: Flask, session: Session) -> None:
    assert admin.get("/officer/people?area=91").status_code == 403
    assert admin.get("/officer/people?area=TH").status_code == 403
    assert admin.get("/officer/people?area=9099").status_code == 404
    tambon = browser(app, session, appoint(session, "tambon_officer", "900101"))
    assert tambon.get("/officer/people").status_code == 200
    assert tambon.get("/officer/people?area=9001").status_code == 403


def test_the_whole_country_costs_as_much_as_a_tambon(
    app: Flask, session: Session, query_count: Callable[[], int]
) -> None:
    for code in range(10, 80):
        add_area(session, str(code), (98, 10, 98.1, 10.1), name_th=f"จังหวัด {code}", name_en=f"P {code}")
        appoint(session, "province_admin", str(code))
    ministry = browser(app, session, appoint(session, "ministry", "TH"))
    tambon = browser(app, session, appoint(session, "tambon_officer", "900101"))
    before = query_count()
    assert ministry.get("/officer/people").status_code == 200
    country = query_count() - before
    before = query_count()
    assert tambon.get("/officer/people").status_code == 200
    assert country <= query_count() - before <= 7  # two of them for the menu: what waits there


# Who sees whom --------------------------------------------------------------------------------------------------


def test_a_person_is_seen_from_above_only_and_that_is_on_record(
    app: Flask, session: Session, admin: Browser, vault: Vault
) -> None:
    who = with_phone(session, vault, appoint(session, "tambon_officer", "900101", to=person(session, "ตำบล หนึ่ง")))
    text = admin.get(f"/officer/people/{who.id}").text
    assert "081 234 5678" in text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.view")).one()
    assert (entry.subject_id, entry.area_code, entry.appointment_id is not None) == (str(who.id), "900101", True)
    for role, area in [("amphoe_coordinator", "9002"), ("tambon_officer", "900102"), ("auditor", "9002")]:
        other = browser(app, session, appoint(session, role, area))
        answer = other.get(f"/officer/people/{who.id}")
        assert answer.status_code == 404
        assert "ตำบล หนึ่ง" not in answer.text
    auditor = browser(app, session, appoint(session, "auditor", "90"))
    seen = auditor.get(f"/officer/people/{who.id}")
    assert seen.status_code == 200
    assert "<form" not in seen.text.split("<h1>")[1]
    assert seen.headers["Cache-Control"] == "no-store"


def test_who_moved_away_is_not_seen_any_more(app: Flask, session: Session) -> None:
    who = appoint(session, "tambon_officer", "900101", ended_at=NOON - DAY)
    coordinator = browser(app, session, appoint(session, "amphoe_coordinator", "9001"))
    assert coordinator.get(f"/officer/people/{who.id}").status_code == 200, "so that they can be appointed again"
    appoint(session, "tambon_officer", "900201", to=who)
    session.commit()
    assert coordinator.get(f"/officer/people/{who.id}").status_code == 404


def test_appointments_elsewhere_are_counted_not_shown(app: Flask, session: Session) -> None:
    who = appoint(session, "volunteer", "900101")
    appoint(session, "amphoe_coordinator", "9002", to=who)
    coordinator = browser(app, session, appoint(session, "amphoe_coordinator", "9001"))
    text = coordinator.get(f"/officer/people/{who.id}?lang=en").text
    assert "1 more role is outside your areas" in text
    assert "East" not in text
    assert "Suspend" not in text
    assert "new password" not in text
    for do in ({"do": "suspend"}, {"do": "link"}):
        assert coordinator.post(f"/officer/people/{who.id}", do).status_code == 403
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0


# Bringing in ----------------------------------------------------------------------------------------------------


def test_somebody_new_comes_in_by_a_link_that_is_shown_once(session: Session, admin: Browser, vault: Vault) -> None:
    sent = form(until="30/9/2570", confidentiality_on="2026-11-01", training_expires_on="2027-10-31")
    answer = admin.post("/officer/people/new?lang=en", sent)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<svg" in answer.text
    (token,) = set(links(answer.text))
    who = contacts.find_person(session, vault, PHONE)
    assert who is not None
    assert (who.name, who.password_hash, contacts.phone_of(vault, who)) == ("สมหญิง มั่นคง", None, E164)
    row = session.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    assert row.ends_at is not None
    assert row.ends_at.isoformat() == "2027-09-30T17:00:00+00:00", "until the end of the last day in Bangkok"
    assert (row.confidentiality_on, row.training_expires_on) == (date(2026, 11, 1), date(2027, 10, 31))
    assert admin.get(f"/join/{token}").status_code == 303

    again = admin.post("/officer/people/new?lang=en", sent)
    assert again.status_code == 303, "a reload, the back button, a second tap"
    assert again.location.startswith(f"/officer/people/{who.id}?")
    assert token not in admin.get(again.location).text
    assert session.scalar(select(func.count()).select_from(Invitation)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "ก" * 121}, "name"),
        ({"name": "1-2345-67890-12-1"}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"role": ""}, "role"),
        ({"role": "king"}, "role"),
        ({"area": ""}, "area"),
        ({"area": "9001"}, "area"),
        ({"area": "ดาวอังคาร"}, "area"),
        ({"area": "910101"}, "area"),
        ({"until": "31/2/2570"}, "until"),
        ({"until": "2026-11-19"}, "until"),
        ({"confidentiality_on": "2026-11-21"}, "confidentiality_on"),
        ({"training_expires_on": "soon"}, "training_expires_on"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(
    session: Session, admin: Browser, change: dict[str, Any], field: str
) -> None:
    answer = admin.post("/officer/people/new", form(**change))
    assert answer.status_code == 400, answer.text
    assert f'id="{field}-problem"' in answer.text
    if field != "phone":
        assert f'value="{PHONE}"' in answer.text, "what was typed is kept"
    assert session.scalar(select(func.count()).select_from(Person).where(Person.phone_index.is_not(None))) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("person_id", str(uuid.UUID(int=1))), ("appointed_by", str(uuid.UUID(int=2))), ("id", "1"),
     ("starts_at", "2000-01-01"), ("is_demo", "1"), ("password_hash", "x"), ("suspended_at", ""), ("area_code", "90"),
     ("organisation_id", "1")],
)  # fmt: skip
def test_fields_the_service_sets_are_refused(session: Session, admin: Browser, name: str, value: str) -> None:
    answer = admin.post("/officer/people/new", form(**{name: value}))
    assert answer.status_code == 400
    assert session.scalar(select(func.count()).select_from(Appointment)) == 1


@pytest.mark.parametrize(
    ("role", "area"), [("ministry", "TH"), ("province_admin", "90"), ("amphoe_coordinator", "9101")]
)
def test_roles_and_areas_that_are_not_mine_to_give(session: Session, admin: Browser, role: str, area: str) -> None:
    answer = admin.post("/officer/people/new", form(role=role, area=area))
    assert answer.status_code in (400, 403)
    assert session.scalar(select(func.count()).select_from(Appointment)) == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("900203", "900203"),
        ("TH900203", "900203"),
        ("๙๐๐๒๐๓", "900203"),
        ("ต.หนองบัว อ.ตะวันออก", "900203"),
        ("หนองบัว ตะวันออก", "900203"),
        ("Nong Bua, East", "900203"),
        ("ตะวันออก หนองบัว", "900203"),
        ("อ.หนองบัว", None),
        ("หนองบัว เหนือ", None),
        ("หนองบ", None),
    ],
)
def test_an_area_by_its_name(app: Flask, session: Session, typed: str, code: str | None) -> None:
    two_of_a_name(session)
    admin = browser(app, session, appoint(session, "province_admin", "90"))
    answer = admin.post("/officer/people/new", form(area=typed))
    assert answer.status_code == (400 if code is None else 200)
    made = session.scalars(select(Appointment.area_code).where(Appointment.role == "tambon_officer")).all()
    assert made == ([] if code is None else [code])


def two_of_a_name(session: Session) -> None:
    for code, west in (("900103", 100.0), ("900203", 100.1)):
        add_area(session, code, (west, 14.2, west + 0.1, 14.3), name_th="หนองบัว", name_en="Nong Bua")


def test_two_areas_of_a_name_are_offered(app: Flask, session: Session) -> None:
    two_of_a_name(session)
    admin = browser(app, session, appoint(session, "province_admin", "90"))
    answer = admin.post("/officer/people/new", form(area="หนองบัว"))
    assert answer.status_code == 400
    assert set(re.findall(r'<option value="(\d+)"', answer.text)) == {"900103", "900203"}


def test_a_known_phone_is_offered_and_not_doubled(app: Flask, session: Session, vault: Vault, admin: Browser) -> None:
    far = with_phone(session, vault, appoint(session, "volunteer", "91", to=person(session, "เอกชัย ใจดี")))
    asked = admin.post("/officer/people/new?lang=en", form())
    assert asked.status_code == 409
    assert "เอ… ใจ…" in asked.text
    assert "เอกชัย" not in asked.text
    assert str(far.id) not in asked.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.match")).one()
    assert entry.subject_id == str(far.id)
    assert held(session, far.id) == [("volunteer", "91")]

    answer = admin.post("/officer/people/new?lang=en", form(existing="1", name="ชื่ออื่น"))
    session.expire_all()
    assert held(session, far.id) == [("volunteer", "91"), ("tambon_officer", "900101")]
    assert session.get_one(Person, far.id).name == "เอกชัย ใจดี"
    assert session.scalar(select(func.count()).select_from(Person)) == 2
    assert links(answer.text) == [], "a link into an account of somebody else's volunteer is not theirs to have"


def test_whoever_added_somebody_keeps_no_way_into_a_later_appointment(
    app: Flask, session: Session, vault: Vault
) -> None:
    tambon = browser(app, session, appoint(session, "tambon_officer", "900101"))
    (old,) = set(links(tambon.post("/officer/people/new", form(role="volunteer")).text))
    coordinator = browser(app, session, appoint(session, "amphoe_coordinator", "9001"))
    given = coordinator.post("/officer/people/new", form(role="tambon_officer", area="900102", existing="1"))
    (new,) = set(links(given.text))
    assert coordinator.get(f"/join/{old}").status_code == 410
    assert coordinator.get(f"/join/{new}").status_code == 303
    who = contacts.find_person(session, vault, PHONE)
    assert who is not None
    assert tambon.post(f"/officer/people/{who.id}", {"do": "link"}).status_code == 403


def test_payloads_are_shown_as_typed(session: Session, admin: Browser) -> None:
    name = '{{98765*54321}} <img src=x onerror=window.PWN=1> "><script>'
    answer = admin.post("/officer/people/new", form(name=name))
    assert answer.status_code == 200
    assert EVALUATED not in answer.text
    assert "<script>\n" not in answer.text
    assert "<img src=x" not in answer.text
    assert "&lt;img src=x onerror=window.PWN=1&gt;" in answer.text
    assert "&lt;img src=x" in admin.get("/officer/people?area=9001").text


def test_the_password_is_asked_for_again(app: Flask, session: Session, clock: dict[str, Any]) -> None:
    admin = browser(app, session, appoint(session, "province_admin", "90"))
    who = appoint(session, "tambon_officer", "900101")
    session.commit()
    clock["now"] = NOON + timedelta(minutes=16)
    for address in ("/officer/people/new", "/officer/people/bulk"):
        answer = admin.get(address)
        assert answer.location == f"/sign-in/confirm?next={address.replace('/', '%2F')}"
    assert admin.post("/officer/people/new", form()).location.startswith("/sign-in/confirm?next=")
    looked = admin.get(f"/officer/people/{who.id}")
    assert looked.status_code == 200
    assert "/sign-in/confirm" in looked.text
    assert "<details" not in looked.text


# What is done to one person -------------------------------------------------------------------------------------


@pytest.fixture
def officer(session: Session) -> tuple[Person, int]:
    """An officer of tambon 900101, and their appointment."""
    who = appoint(session, "tambon_officer", "900101", to=person(session, "ตำบล หนึ่ง", password_hash="x"))
    session.commit()
    return who, session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()


def act(visitor: Browser, who: Person, do: str, **values: Any) -> Any:
    return visitor.post(f"/officer/people/{who.id}?lang=en", {"do": do, "once": str(uuid.uuid4()), **values})


def test_ending_takes_effect_with_the_next_request(
    app: Flask, session: Session, admin: Browser, officer: tuple[Person, int]
) -> None:
    who, row = officer
    theirs = browser(app, session, who)
    assert theirs.get("/officer/people").status_code == 200
    assert act(admin, who, "end", appointment=row, reason="ย้ายงาน").status_code == 303
    assert theirs.get("/officer/people").status_code == 403
    assert "ย้ายงาน" in admin.get(f"/officer/people/{who.id}").text
    assert act(admin, who, "end", appointment=row).status_code == 409


def test_moving_takes_effect_with_the_next_request(
    app: Flask, session: Session, admin: Browser, officer: tuple[Person, int]
) -> None:
    who, row = officer
    theirs = browser(app, session, who)
    assert act(admin, who, "move", appointment=row, area="900201").status_code == 303
    assert theirs.get("/officer/people?area=900101").status_code == 403
    assert theirs.get("/officer/people?area=900201").status_code == 200


def test_dates_are_amended(session: Session, admin: Browser, officer: tuple[Person, int]) -> None:
    who, row = officer
    answer = act(
        admin, who, "amend", appointment=row, until="30/09/2570", training_expires_on="", confidentiality_on=""
    )
    assert answer.status_code == 303
    session.expire_all()
    made = session.get_one(Appointment, row)
    assert (str(made.ends_at), made.training_expires_on) == ("2027-09-30 17:00:00+00:00", None)
    wrong = act(admin, who, "amend", appointment=row, until="2020-01-01")
    assert wrong.status_code == 400
    assert f'id="a{row}-until-problem"' in wrong.text
    assert 'value="2020-01-01"' in wrong.text


def test_links_for_who_is_locked_out(
    session: Session, vault: Vault, admin: Browser, officer: tuple[Person, int]
) -> None:
    who = with_phone(session, vault, officer[0])
    for purpose in ("new_password", "new_second_factor"):
        answer = act(admin, who, "link", purpose=purpose)
        assert len(set(links(answer.text))) == 1
        newest = session.scalars(select(Invitation).order_by(Invitation.created_at.desc()))
        assert purpose in {one.purpose for one in newest}
    assert act(admin, who, "link", purpose="anything").status_code == 400


def test_a_suspended_account_can_do_nothing_until_that_is_lifted(
    app: Flask, session: Session, admin: Browser, officer: tuple[Person, int]
) -> None:
    who, _row = officer
    theirs = browser(app, session, who)
    assert act(admin, who, "suspend").status_code == 303
    assert theirs.get("/officer/people").location.startswith("/sign-in")
    assert act(admin, who, "link").status_code == 409
    assert act(admin, who, "unsuspend").status_code == 303
    assert theirs.get("/officer/people").location.startswith("/sign-in"), "what has ended stays ended"
    assert browser(app, session, who).get("/officer/people").status_code == 200


def test_one_more_appointment(session: Session, admin: Browser, officer: tuple[Person, int]) -> None:
    who, _row = officer
    assert act(admin, who, "again", role="amphoe_coordinator", area="9002").status_code == 303
    assert held(session, who.id) == [("tambon_officer", "900101"), ("amphoe_coordinator", "9002")]
    assert act(admin, who, "again", role="amphoe_coordinator", area="9002").status_code == 409
    assert act(admin, who, "again", role="province_admin", area="90").status_code == 403


@pytest.mark.parametrize("sent", [{}, {"do": "erase"}, {"do": "end"}, {"do": "end", "appointment": "x"},
                                  {"do": "end", "appointment": "99999999999999999999"},
                                  {"do": "suspend", "person_id": "x"}])  # fmt: skip
def test_nonsense_is_refused(admin: Browser, officer: tuple[Person, int], sent: dict[str, Any]) -> None:
    who, _row = officer
    assert admin.post(f"/officer/people/{who.id}", sent).status_code == 400


def test_another_persons_appointment_under_this_address(
    session: Session, admin: Browser, officer: tuple[Person, int]
) -> None:
    _who, row = officer
    other = appoint(session, "tambon_officer", "900102")
    session.commit()
    assert act(admin, other, "end", appointment=row).status_code == 404


def test_a_second_tap_ends_once(session: Session, admin: Browser, officer: tuple[Person, int]) -> None:
    who, row = officer
    key = str(uuid.uuid4())
    first, second = (act(admin, who, "end", appointment=row, once=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location


def test_giving_up_ones_own(app: Flask, session: Session, officer: tuple[Person, int]) -> None:
    who, row = officer
    other = browser(app, session, appoint(session, "tambon_officer", "900102"))
    assert other.post(f"/account/appointments/{row}/end").status_code == 404
    assert app.test_client().post(f"/account/appointments/{row}/end").location.startswith("/sign-in")
    half = browser(app, session, who, second_factor=False)
    assert half.post(f"/account/appointments/{row}/end").location.startswith("/sign-in/second-factor")
    theirs = browser(app, session, who)
    address = f"/account/appointments/{row}/end"
    assert f'href="{address}"' in theirs.get("/account").text
    asking = theirs.get(f"{address}?lang=en").text
    assert "End my role" in asking
    assert 'action="/account/appointments' in asking
    assert held(session, who.id) == [("tambon_officer", "900101")], "looking ends nothing"
    key = str(uuid.uuid4())
    first, second = (theirs.post(address, {"once": key}) for _ in range(2))
    assert first.location == second.location == "/account?notice=given_up"
    assert held(session, who.id) == []
    assert f'href="{address}"' not in theirs.get("/account").text
    assert theirs.get(address).location == "/account"
    assert theirs.post(address, {"once": str(uuid.uuid4())}).status_code == 409


def test_the_last_one_at_the_ministry_stays(app: Flask, session: Session) -> None:
    who = appoint(session, "ministry", "TH")
    row = session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()
    page = browser(app, session, who).post(f"/account/appointments/{row}/end?lang=en")
    assert page.status_code == 409
    assert "You are the last account of the ministry" in page.text
    assert held(session, who.id) == [("ministry", "TH")]


@pytest.fixture
def by_mail(app: Flask, mailbox: str) -> Iterator[None]:
    """The service with a mail server."""
    kept: Config = app.extensions["mapapp_config"]
    app.extensions["mapapp_config"] = kept.model_copy(update={"smtp_url": mailbox, "mail_from": "map@example.go.th"})
    yield
    app.extensions["mapapp_config"] = kept


def letters_received() -> list[str]:
    made = (email.message_from_bytes(one, policy=email.policy.default) for one in Mailbox.received)
    return [f"{one['To']}\n{one.get_content()}" for one in made]


@pytest.mark.usefixtures("by_mail")
def test_the_link_goes_by_mail_too(session: Session, admin: Browser) -> None:
    page = admin.post("/officer/people/new?lang=en", form(email="somying@example.go.th"))
    assert "สมหญิง มั่นคง: the link was also sent by email." in page.text
    (letter,) = letters_received()
    assert letter.startswith("somying@example.go.th\n")
    assert links(letter) == links(page.text)[:1]
    who = session.scalars(select(Person).where(Person.name == "สมหญิง มั่นคง")).one()
    again = act(admin, who, "link")
    assert links(letters_received()[1]) == links(again.text)[:1]
    without = admin.post("/officer/people/new?lang=en", form(phone="089 876 5432"))
    assert without.status_code == 200
    assert "e-mail" not in without.text.split("<main")[1]
    assert len(Mailbox.received) == 2


@pytest.mark.usefixtures("by_mail")
def test_a_mail_server_that_refuses_leaves_the_sheet(session: Session, admin: Browser) -> None:
    Mailbox.refuses = True
    page = admin.post("/officer/people/new?lang=en", form(email="somying@example.go.th"))
    assert page.status_code == 200
    assert "สมหญิง มั่นคง: the email could not be sent. Give them the printed sheet." in page.text
    assert len(set(links(page.text))) == 1
    assert session.scalars(select(Person).where(Person.name == "สมหญิง มั่นคง")).one()


def test_first_letters_keep_the_consonant() -> None:
    assert people.first_letters("เอกชัย ใจดี") == "เอ… ใจ…"
    assert people.first_letters("Somchai Jaidee na Ayutthaya") == "S… J… n…"
