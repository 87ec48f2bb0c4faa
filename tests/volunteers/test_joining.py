"""Signing up: by phone, in a minute, without telling anybody who has an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from argon2.low_level import hash_secret_raw
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import attempts, passwords
from mapapp.accounts.signing_in import sign_up as signing_in_sign_up
from mapapp.audit.models import AuditEntry
from mapapp.volunteers import queries
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, browser, person
from tests.volunteers.build import profile
from tests.volunteers.comers import E164, JOIN, OFFERS, PASSWORD, PHONE, names, newest, sign_up, vault_of, waiting


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> Any:
    return client.post("/sign-in", data={"name": name, "password": password})


def test_signing_up_makes_an_account_that_waits(app: Flask, session: Session, client: FlaskClient) -> None:
    answer = sign_up(client)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/volunteer?")
    who = newest(session)
    row = queries.get(session, who.id)
    assert row is not None
    assert (who.name, who.organisation, who.is_demo) == ("สมหญิง ใจกว้าง", "อสม. บ้านทดสอบ", False)
    assert (row.kind, row.skills, row.means, row.languages) == (
        "health_volunteer", ["first_aid", "care"], ["motorcycle"], ["th", "shn"],
    )  # fmt: skip
    assert (row.home_tambon, row.reach_km, row.times, row.state) == ("900101", 15, "ช่วงเย็น", "waiting")
    assert contacts.phone_of(vault_of(app), who) == E164
    assert b"812345678" not in (who.phone_sealed or b"")
    page = client.get("/volunteer")
    assert page.status_code == 200, "signed in by it"
    assert page.headers["Cache-Control"] == "no-store"
    assert "สมหญิง ใจกว้าง" in page.text
    assert session.scalars(select(AuditEntry.action)).all() == ["person.join", "sign_in"]


def test_who_signed_up_signs_in_again_by_phone_without_a_second_factor(app: Flask, client: FlaskClient) -> None:
    sign_up(client)
    again = app.test_client()
    assert sign_in(again, "๐๘๑-๒๓๔-๕๖๗๘").headers["Location"] == "/volunteer"
    assert again.get("/volunteer").status_code == 200
    assert sign_in(app.test_client(), PHONE, "not it at all").status_code == 400


def test_a_number_that_has_an_account_is_not_told(app: Flask, session: Session, client: FlaskClient) -> None:
    """The same answer, the same page after it, and the password that was chosen works afterwards in both cases."""
    officer = appoint(session, "tambon_officer", "900101", to=person(session, "เจ้าของเบอร์จริง"))
    contacts.keep_phone(vault_of(app), officer, E164)
    officer.password_hash = passwords.hashed("รหัสผ่าน ของเจ้าหน้าที่ 9")
    session.commit()
    free, taken = app.test_client(), app.test_client()
    answers = [sign_up(free, phone="081 234 5670"), sign_up(taken, phone=PHONE)]
    assert len({(answer.status_code, answer.headers["Location"], answer.text) for answer in answers}) == 1
    pages = [
        re.sub(r'(csrf_token|once)" value="[^"]*"|\d{3} \d{3}<', "", one.get("/volunteer").text)
        for one in (free, taken)
    ]
    assert pages[0] == pages[1]
    later = [sign_in(app.test_client(), number) for number in ("081 234 5670", PHONE)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in later} == {(303, "/volunteer")}
    mine = sign_in(app.test_client(), PHONE, "รหัสผ่าน ของเจ้าหน้าที่ 9")
    assert mine.headers["Location"].startswith("/sign-in/second-factor"), "the owner of the number still comes in"
    found = contacts.find_person(session, vault_of(app), E164)
    assert found is not None
    assert found.id == officer.id


def test_nobody_is_appointed_into_a_strangers_account(app: Flask, session: Session, client: FlaskClient) -> None:
    """Who signs up with somebody else's number does not become the officer who is appointed by it later."""
    sign_up(client)
    stranger = newest(session)
    assert contacts.find_person(session, vault_of(app), E164) is None
    chief = browser(app, session, appoint(session, "amphoe_coordinator", "9001"))
    form = {"name": "เจ้าหน้าที่ คนใหม่", "phone": PHONE, "role": "tambon_officer", "area": "900101"}
    assert "/join/" in chief.post("/officer/people/new", form).text, "a new account, with a link of its own"
    made = contacts.find_person(session, vault_of(app), E164)
    assert made is not None
    assert made.id != stranger.id


def test_a_changed_number_finds_nobody_either(app: Flask, session: Session, client: FlaskClient) -> None:
    sign_up(client, phone="081 234 5670")
    who = newest(session)
    form = {"phone": PHONE, "email": "", "user_name": "", "password": PASSWORD}
    assert browser(app, session, who, second_factor=False).post("/account/contacts", form).status_code == 303
    assert contacts.find_person(session, vault_of(app), E164) is None
    assert sign_in(app.test_client(), PHONE).status_code == 303


def test_a_claimed_number_does_not_buy_guesses(app: Flask, session: Session, client: FlaskClient) -> None:
    """Signing in to the own account under somebody's number does not clear that account's failures."""
    officer = appoint(session, "tambon_officer", "900101")
    contacts.keep_phone(vault_of(app), officer, E164)
    officer.password_hash = passwords.hashed("รหัสผ่าน ของเจ้าหน้าที่ 9")
    session.commit()
    sign_up(client)

    def attempt(number: int, password: str) -> int:
        address = {"REMOTE_ADDR": f"203.0.113.{number}"}
        data = {"name": PHONE, "password": password}
        sent = app.test_client().post("/sign-in", data=data, environ_base=address, base_url="https://localhost")
        return sent.status_code

    most = attempts.STRANGERS.most
    assert [attempt(one, "wrong") for one in range(most - 1)] == [400] * (most - 1)
    assert attempt(100, PASSWORD) == 303, "one's own account lets in"
    assert attempt(101, "wrong") == 429, "and that was a try at the officer's password too"


@pytest.mark.parametrize("held_by_right", [True, False])
def test_a_guess_that_opens_ones_own_account_is_counted(
    app: Flask, session: Session, client: FlaskClient, held_by_right: bool
) -> None:
    """Who sets their own password to the guess comes in here when it is wrong. So that must count as a wrong one."""
    if held_by_right:
        officer = appoint(session, "tambon_officer", "900101")
        contacts.keep_phone(vault_of(app), officer, E164)
        officer.password_hash = passwords.hashed("รหัสผ่าน ของเจ้าหน้าที่ 9")
        session.commit()
    sign_up(client)
    told = [sign_in(app.test_client(), PHONE).status_code for _ in range(attempts.PAIR.most + 1)]
    assert told == [303] * attempts.PAIR.most + [429]


def test_an_earlier_sign_up_is_never_displaced_by_one_with_the_same_name_and_number(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    sign_up(client)
    first = newest(session).id
    sign_up(app.test_client(), password="แตงโม บันได เมฆขาว", again="แตงโม บันได เมฆขาว")
    for password, whose in ((PASSWORD, True), ("แตงโม บันได เมฆขาว", False)):
        again = app.test_client()
        assert sign_in(again, PHONE, password).status_code == 303
        kept = again.get("/account/download").get_json()["account"]["id"]
        assert (kept == str(first)) == whose, "each comes into their own"
    assert sign_in(app.test_client(), PHONE, "มาม่วง กระท่อม ไก่โต้ง").status_code == 400


def test_the_work_of_signing_in_is_the_same_however_many_claim_a_number(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time an answer takes is that of the password hashes it computes."""
    hashes: list[str] = []

    def counted(name: str, of: Callable[..., Any]) -> Callable[..., Any]:
        def work(*args: Any) -> Any:
            hashes.append(name)
            return of(*args)

        return work

    monkeypatch.setattr("mapapp.accounts.signing_in.shared_names.hash_secret_raw", counted("finder", hash_secret_raw))
    monkeypatch.setattr(passwords, "fits", counted("password", passwords.fits))
    seen = []
    for twins in range(3):
        hashes.clear()
        assert sign_in(app.test_client(), PHONE, f"wrong {twins}").status_code == 400
        seen.append(list(hashes))
        sign_up(app.test_client(), password=f"{PASSWORD} {twins}", again=f"{PASSWORD} {twins}")
    assert seen == [["password", "finder"]] * 3


def test_five_an_hour_with_one_number_from_one_address(
    app: Flask, session: Session, clock: dict[str, datetime]
) -> None:
    for _ in range(signing_in_sign_up.MOST):
        assert sign_up(app.test_client()).status_code == 303
    refused = sign_up(app.test_client())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert 'value="สมหญิง ใจกว้าง"' in refused.text, "what was typed is kept"
    assert session.scalar(select(func.count()).select_from(Volunteer)) == signing_in_sign_up.MOST
    assert sign_up(app.test_client(), phone="081 234 5679").status_code == 303, (
        "another number, behind the same address"
    )
    clock["now"] = NOON + timedelta(hours=1)
    assert sign_up(app.test_client()).status_code == 303


def test_beyond_the_share_of_an_address_one_waits_after_the_other_and_nobody_is_refused_for_good(
    app: Flask, clock: dict[str, datetime]
) -> None:
    for number in range(signing_in_sign_up.ADDRESS.most):
        assert sign_up(app.test_client(), phone=f"081 234 56{number:02}").status_code == 303
    waits = []
    for number in range(6):
        refused = sign_up(app.test_client(), phone=f"081 234 57{number:02}")
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        clock["now"] += timedelta(seconds=waits[-1])
        assert sign_up(app.test_client(), phone=f"081 234 57{number:02}").status_code == 303
    assert waits == [15, 30, 60, 120, 240, 240]


def test_a_second_tap_is_one_account(app: Flask, session: Session, client: FlaskClient) -> None:
    once = "7b0e4c1e-54a7-4d5c-9f5e-0d5c3f0f4a11"
    first, second = sign_up(client, once=once), sign_up(app.test_client(), once=once)
    assert second.status_code == 303
    assert second.headers["Location"] == first.headers["Location"]
    assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"), ({"name": "1101700203450"}, "name"), ({"phone": "12345"}, "phone"),
        ({"phone": ""}, "phone"), ({"kind": "boss"}, "kind"), ({"kind": ""}, "kind"), ({"home": ""}, "home"),
        ({"home": "ไม่มีที่นี่แน่นอน"}, "home"), ({"reach_km": "0"}, "reach_km"), ({"reach_km": "x"}, "reach_km"),
        ({"skills": ["flying"]}, "skills"), ({"means": ["rocket"]}, "means"), ({"languages": ["xx"]}, "languages"),
        ({"times": "โทร 081 234 5678"}, "times"), ({"times": "x" * 201}, "times"), ({"consent": ""}, "consent"),
        ({"password": "short", "again": "short"}, "password"), ({"again": "another one"}, "again"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(
    session: Session, client: FlaskClient, values: dict[str, Any], field: str
) -> None:
    answer = sign_up(client, **values)
    assert answer.status_code == 400
    told = f'id="{field}-problem"'
    assert told in answer.text or f'aria-describedby="{field}-problem' in answer.text
    assert PASSWORD not in answer.text
    assert 'value="อสม. บ้านทดสอบ"' in answer.text, "what was typed is kept"
    assert 'value="motorcycle" checked' in answer.text or field == "means"
    assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize("extra", ["state", "person_id", "appointment_id", "decided_by", "paused_at", "is_demo"])
def test_what_the_server_sets_cannot_be_sent(session: Session, client: FlaskClient, extra: str) -> None:
    assert sign_up(client, **{extra: "approved"}).status_code == 400
    assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    ("home", "choices"), [("บ้านเหนือ", {"900101", "900201"}), ("อำเภอตะวันตก", {"900101", "900102"})]
)
def test_an_ambiguous_home_is_chosen_from_a_list(
    session: Session, client: FlaskClient, home: str, choices: set[str]
) -> None:
    names(session)
    asked = sign_up(client, home=home)
    assert asked.status_code == 400
    assert set(re.findall(r'name="home_code" value="(\d+)"', asked.text)) == choices
    code = max(choices)
    wrong = sign_up(client, home=home, home_code=code, phone="1")
    assert f'name="home_code" value="{code}" checked' in wrong.text, "and stays chosen while something else is mended"
    assert sign_up(client, home=home, home_code=code).status_code == 303
    assert session.scalars(select(Volunteer.home_tambon)).one() == code


@pytest.mark.parametrize("home", ["บ้านเหนือ ตะวันออก", "ต.บ้านเหนือ อ.ตะวันออก", "900201"])
def test_who_writes_another_home_means_that_one(session: Session, client: FlaskClient, home: str) -> None:
    names(session)
    assert sign_up(client, home=home, home_code="900102").status_code == 303
    assert session.scalars(select(Volunteer.home_tambon)).one() == "900201"


def test_an_appointed_volunteer_fills_in_the_profile_and_is_approved(app: Flask, session: Session) -> None:
    who = appoint(session, "volunteer", "900101")
    own = browser(app, session, who, second_factor=False)
    page = own.get("/volunteer/join")
    assert page.status_code == 200
    assert 'name="password"' not in page.text
    assert own.get("/volunteer").headers["Location"] == "/volunteer/join"
    assert own.post("/volunteer/join", {**OFFERS, "consent": "1"}).status_code == 303
    assert queries.state_of(session, who.id, NOON) == "approved"
    assert own.get("/volunteer/join").headers["Location"] == "/volunteer", "once is enough"


def test_a_profile_of_ones_own_takes_no_name_or_phone(app: Flask, session: Session) -> None:
    own = browser(app, session, person(session), second_factor=False)
    assert own.post("/volunteer/join", {**JOIN}).status_code == 400
    assert own.post("/volunteer/join", {**OFFERS, "consent": "1"}).status_code == 303


def test_who_is_suspended_does_not_come_back_by_asking(app: Flask, session: Session) -> None:
    who = waiting(session, state="suspended", reason="ไม่สุภาพ")
    own = browser(app, session, who, second_factor=False)
    assert own.get("/volunteer/join").status_code == 303
    assert own.post("/volunteer/join", {**OFFERS, "consent": "1"}).status_code == 409
    assert queries.state_of(session, who.id, NOON) == "suspended"


@pytest.mark.parametrize(
    ("role", "has_profile", "target"),
    [
        ("volunteer", True, "/volunteer/nearby"), ("volunteer", False, "/volunteer/join"), (None, True, "/volunteer"),
        (None, False, "/account"), ("data_volunteer", False, "/volunteer/survey"), ("tambon_officer", True, "/officer"),
    ],
)  # fmt: skip
def test_where_signing_in_leads(app: Flask, session: Session, role: str | None, has_profile: bool, target: str) -> None:
    who = person(session, user_name="somchai", password_hash=passwords.hashed(PASSWORD))
    if role:
        appoint(session, role, "900101", to=who)
    if has_profile:
        session.add(profile(who, state="approved" if role else "waiting"))
    session.commit()
    answer = sign_in(app.test_client(), "somchai")
    led = unquote(answer.headers["Location"])
    assert led == target or (role not in ("volunteer", None) and "second-factor" in led and target.strip("/") in led)
