"""Who joins is who was meant: a link asks for the number its maker wrote down, and what has ended stays ended."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts import contacts
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import ApiToken, Appointment, LoginSession, Person, RecoveryCode
from mapapp.accounts.people import service as people
from mapapp.accounts.schemas import PersonIn
from mapapp.accounts.signing_in import invitations, sessions
from mapapp.audit.models import AuditEntry
from mapapp.core.actors import command
from mapapp.core.errors import Conflict, Invalid
from mapapp.core.vault import Vault, parse_keys
from tests.accounts.comers import PASSWORD, officer, opened, recorded, sign_in, vault_of, with_factor
from tests.accounts.test_people_pages import links
from tests.at_once import at_once
from tests.conftest import KEYS, NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, person, token_for

NEW = "กระดาษ window ปลาทู 88"
WRONG = "089 999 0000"


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


@pytest.fixture
def admin(app: Flask, session: Session) -> Browser:
    return browser(app, session, appoint(session, "province_admin", "90", to=person(session, "แอดมิน จังหวัด")))


def form(**values: Any) -> dict[str, Any]:
    return {
        "name": "สมหญิง มั่นคง", "phone": "081 234 5678", "role": "tambon_officer", "area": "900101",
        "once": str(uuid.uuid4()), **values,
    }  # fmt: skip


def invited(admin: Browser, session: Session, **values: Any) -> tuple[Person, str]:
    """Somebody the administrator has just appointed, and the path of their link."""
    (token,) = set(links(admin.post("/officer/people/new", form(**values)).text))
    session.expire_all()
    return session.scalars(select(Person).order_by(Person.created_at.desc(), Person.id)).first() or Person(), token


def come(app: Flask, session: Session, token: str, **values: str) -> Any:
    data = {"phone": "081 234 5678", "password": NEW, "again": NEW, "it_is_me": "1", **values}
    client = app.test_client()
    return client.post(opened(session, client, f"/join/{token}") + "?lang=en", data=data)


def do(visitor: Browser, who: Person, what: str, **values: str) -> Any:
    return visitor.post(f"/officer/people/{who.id}?lang=en", {"do": what, "once": str(uuid.uuid4()), **values})


def newest(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.name == "สมหญิง มั่นคง")).one()


# The number -----------------------------------------------------------------------------------------------------


def test_who_finds_a_link_does_not_come_in_without_the_number(app: Flask, session: Session, admin: Browser) -> None:
    _, token = invited(admin, session)
    for tries_left in (4, 3, 2, 1):
        answer = come(app, session, token, phone=WRONG)
        assert answer.status_code == 400
        assert f"Attempts left: {tries_left}" in answer.text
        assert 'id="phone-problem"' in answer.text
        assert "Set-Cookie" not in answer.headers
        assert "5678" not in answer.text, "the right one is not told"
    assert come(app, session, token, phone=WRONG).status_code == 410
    assert come(app, session, token).status_code == 410, "dead, for the right number too"
    assert newest(session).password_hash is None
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("invitation.")))
    assert sorted(actions) == ["invitation.block", "invitation.create", *["invitation.wrong_number"] * 5]


def test_a_slip_of_the_finger_costs_nothing(app: Flask, session: Session, admin: Browser) -> None:
    _, token = invited(admin, session)
    assert come(app, session, token, phone=WRONG).status_code == 400
    assert come(app, session, token, phone="+66 (0)81-234-5678").status_code in (303, 400)
    assert come(app, session, token, phone="๐๘๑ ๒๓๔ ๕๖๗๘").status_code == 303


def test_the_appointer_is_told_until_there_is_a_new_link(app: Flask, session: Session, admin: Browser) -> None:
    _, token = invited(admin, session)
    who = newest(session)
    for _ in range(4):
        come(app, session, token, phone=WRONG)
    assert "link blocked" not in admin.get(f"/officer/people/{who.id}?lang=en").text
    come(app, session, token, phone=WRONG)
    assert "link blocked" in admin.get(f"/officer/people/{who.id}?lang=en").text
    assert "1 link is blocked" in admin.get("/officer/people?lang=en").text
    found = admin.get("/officer/people?show=blocked&lang=en").text
    assert who.name in found
    assert "link blocked" in found
    given = do(admin, who, "link")
    assert "link blocked" not in admin.get(f"/officer/people/{who.id}?lang=en").text
    assert who.name not in admin.get("/officer/people?show=blocked&lang=en").text
    assert come(app, session, links(given.text)[0]).status_code == 303


@pytest.mark.parametrize("purpose", ["new_password", "new_second_factor"])
def test_every_kind_of_link_asks_for_it(app: Flask, session: Session, admin: Browser, purpose: str) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    assert made.secret
    token = links(do(admin, who, "link", purpose=purpose).text)[0]
    form = {"phone": "081 234 5678", "it_is_me": "1", "password": PASSWORD}
    if purpose == "new_password":
        form |= {"password": NEW, "again": NEW}
    client = app.test_client()
    address = opened(session, client, f"/join/{token}")
    wrong = client.post(f"{address}?lang=en", data={**form, "phone": WRONG})
    assert (wrong.status_code, "Attempts left: 4" in wrong.text) == (400, True)
    assert client.post(address, data=form).status_code == 303


def test_no_sheet_shows_the_number(session: Session, admin: Browser) -> None:
    page = admin.post("/officer/people/new?lang=en", form()).text
    assert "enter your phone number" in page
    assert "5678" not in page.replace(str(newest(session).id), "")


def test_who_has_no_number_on_record_gets_one_with_the_link(app: Flask, session: Session, admin: Browser) -> None:
    who = appoint(session, "tambon_officer", "900101", to=person(session, "ไม่มีเบอร์", first_signed_in_at=None))
    session.commit()
    assert 'id="link-phone"' in admin.get(f"/officer/people/{who.id}").text
    refused = do(admin, who, "link")
    assert refused.status_code == 400
    assert 'id="link-phone-problem"' in refused.text
    token = links(do(admin, who, "link", phone="089 876 5432").text)[0]
    assert come(app, session, token).status_code == 400
    assert come(app, session, token, phone="089 876 5432").status_code == 303


def test_a_link_from_before_without_a_number_works_no_more(app: Flask, session: Session, admin: Browser) -> None:
    _, token = invited(admin, session)
    contacts.keep_phone(vault_of(app), newest(session), None)
    session.commit()
    assert app.test_client().get(f"/join/{token}").status_code == 410
    assert come(app, session, token).status_code == 410


def test_twenty_wrong_numbers_at_once_are_five_tries(apart: Engine) -> None:
    vault, factory = Vault(parse_keys(KEYS)), database.sessions(apart)
    with factory() as own:
        who = person(own)
        contacts.keep_phone(vault, who, "+66812345678")
        own.flush()
        token = invitations.invite(own, vault, person_id=who.id, purpose="join", by=command(), now=NOON).token
        own.commit()

    def guess(own: Session) -> str:
        offer = invitations.look(own, token, NOON)
        try:
            invitations.show_number(own, vault, offer, "+66899990000", address="192.0.2.1", now=NOON)
        except invitations.WrongNumber:
            return "counted"
        return "let in"

    answers = at_once(apart, [guess] * 9)
    assert answers.count("counted") == 5
    assert all(isinstance(one, Conflict | invitations.LinkGone) for one in answers if one != "counted")


# Used by the wrong person --------------------------------------------------------------------------------------


def test_one_button_ends_all_that_the_wrong_person_has(app: Flask, session: Session, admin: Browser) -> None:
    who = officer(app, session, name="สมหญิง มั่นคง", role="amphoe_coordinator", area="9001")
    with_factor(app, session, who)
    thief, program = browser(app, session, who), token_for(session, who, ["facilities.edit"])
    theirs = links(do(admin, who, "link", purpose="new_password").text)[0]
    other = links(thief.post("/officer/people/new", form(phone="0899998888", name="คนของโจร")).text)[0]
    change = {"name": "โจร", "language": "th"}
    assert thief.post("/account", change).status_code == 303
    contacts_now = {"phone": WRONG, "email": "thief@example.org", "user_name": "thief", "password": PASSWORD}
    assert thief.post("/account/contacts", contacts_now).status_code == 303

    page = admin.get(f"/officer/people/{who.id}?lang=en").text
    assert "Used by the wrong person" in page
    sheet = do(admin, who, "wrong_person", name="สมหญิง มั่นคง", phone="081 234 5678")
    assert sheet.status_code == 200
    token = links(sheet.text)[0]
    session.expire_all()
    assert (who.name, who.password_hash, who.totp_sealed, who.user_name, who.email_sealed) == (
        "สมหญิง มั่นคง", None, None, None, None,
    )  # fmt: skip
    assert session.scalars(select(RecoveryCode)).all() == []
    assert thief.get("/account").status_code == 303
    assert app.test_client().get("/api/v1/facilities", headers=program).status_code == 401
    for name in ("thief", "thief@example.org", WRONG, "081 234 5678"):
        assert sign_in(app.test_client(), name).status_code == 400
    for dead in (theirs, other):
        assert app.test_client().get(f"/join/{dead}").status_code == 410
    assert come(app, session, token, phone=WRONG).status_code == 400, "nor does the number the wrong person put in"
    answer = come(app, session, token)
    assert answer.location.startswith("/sign-in/second-factor"), "a second factor of their own"
    assert recorded(session, "person.wrong_person")[0].subject_id == str(who.id)
    assert sessions.standings(session, who.id, NOON), "the appointment stays"


def test_it_helps_where_the_account_was_suspended_first(app: Flask, session: Session, admin: Browser) -> None:
    who = officer(app, session)
    assert do(admin, who, "suspend").status_code == 303
    sheet = do(admin, who, "wrong_person", name=who.name, phone="081 234 5678")
    assert come(app, session, links(sheet.text)[0]).status_code == 303


def test_only_those_above_end_it(app: Flask, session: Session) -> None:
    who = officer(app, session, role="amphoe_coordinator", area="9001")
    beside = browser(app, session, appoint(session, "tambon_officer", "900101"))
    assert do(beside, who, "wrong_person", name="x", phone="0812345678").status_code in (403, 404)
    session.refresh(who)
    assert who.password_hash is not None


@pytest.mark.parametrize("values", [{"phone": ""}, {"phone": "12"}, {"name": ""}])
def test_whom_it_is_for_has_to_be_said(app: Flask, session: Session, admin: Browser, values: dict[str, str]) -> None:
    who = officer(app, session)
    answer = do(admin, who, "wrong_person", **{"name": "สมชาย", "phone": "0812345678", **values})
    assert answer.status_code == 400
    assert f'id="wrong-{next(iter(values))}-problem"' in answer.text
    session.refresh(who)
    assert who.password_hash is not None


# What has ended stays ended -------------------------------------------------------------------------------------


def test_a_lifted_suspension_brings_nothing_back(app: Flask, session: Session, admin: Browser) -> None:
    who = officer(app, session)
    signed_in, program = browser(app, session, who), token_for(session, who, ["facilities.edit"])
    token = links(do(admin, who, "link", purpose="new_password").text)[0]
    do(admin, who, "suspend")
    do(admin, who, "unsuspend")
    assert app.test_client().get(f"/join/{token}").status_code == 410
    assert signed_in.get("/account").status_code == 303
    assert app.test_client().get("/api/v1/facilities", headers=program).status_code == 401
    assert {row.revoked_at for row in session.scalars(select(ApiToken))} == {NOON}


@pytest.mark.parametrize("how", ["ended", "given up", "ran out"])
def test_an_appointment_that_is_given_again_revives_no_link(
    app: Flask, session: Session, how: str, admin: Browser
) -> None:
    who = officer(app, session)
    token = links(do(admin, who, "link", purpose="new_password").text)[0]
    row = session.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    if how == "ended":
        assert do(admin, who, "end", appointment=str(row.id), reason="").status_code == 303
    elif how == "given up":
        own = browser(app, session, who)
        assert own.post(f"/account/appointments/{row.id}/end").status_code == 303
    else:
        row.ends_at = NOON + timedelta(days=1)
        session.commit()
    later = NOON + timedelta(days=2)
    vault = vault_of(app)
    people.again(session, vault, command(), who.id, Terms("tambon_officer", "900101", later), later)
    with pytest.raises(invitations.LinkGone):
        invitations.look(session, token, later)


def test_whoever_is_moved_keeps_the_link_that_is_on_its_way(app: Flask, session: Session, admin: Browser) -> None:
    _, token = invited(admin, session)
    who = newest(session)
    row = session.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    assert do(admin, who, "move", appointment=str(row.id), area="900102", reason="").status_code == 303
    assert come(app, session, token).status_code == 303


def test_a_changed_number_ends_links_that_ask_for_the_old_one(app: Flask, session: Session, admin: Browser) -> None:
    who = officer(app, session)
    token = links(do(admin, who, "link", purpose="new_password").text)[0]
    own = browser(app, session, who)
    values = {"phone": "0812345678", "email": "new@example.org", "user_name": "", "password": PASSWORD}
    assert own.post("/account/contacts", values).status_code == 303
    assert app.test_client().get(f"/join/{token}").status_code == 303, "an e-mail address is no number"
    assert own.post("/account/contacts", {**values, "phone": WRONG}).status_code == 303
    assert app.test_client().get(f"/join/{token}").status_code == 410


# Names that others have too -------------------------------------------------------------------------------------


def test_somebody_elses_address_does_not_keep_anybody_from_being_appointed(
    app: Flask, session: Session, admin: Browser
) -> None:
    """Whoever put a colleague's e-mail address into their own account could otherwise stand in the way."""
    officer(app, session)
    _, token = invited(admin, session, phone="0898765432", email="somchai@example.go.th")
    assert come(app, session, token, phone="0898765432").status_code == 303
    assert sign_in(app.test_client(), "somchai@example.go.th", NEW).status_code == 303
    assert sign_in(app.test_client(), "somchai@example.go.th", PASSWORD).status_code == 303


def test_a_user_name_that_is_taken_is_given_all_the_same(app: Flask, session: Session, admin: Browser) -> None:
    officer(app, session)
    _, token = invited(admin, session, phone="0898765432")
    assert come(app, session, token, phone="0898765432", user_name="somchai").status_code == 303
    for password, whose in ((PASSWORD, "tambon_officer 900101"), (NEW, "สมหญิง มั่นคง")):
        client = app.test_client()
        assert sign_in(client, "somchai", password).status_code == 303
        newest_session = select(Person.name).join(LoginSession).order_by(LoginSession.id)
        assert whose in session.scalars(newest_session).all()


def test_adding_somebody_with_a_number_that_is_just_taken_is_no_error(session: Session) -> None:
    vault = Vault(parse_keys(KEYS))
    terms = Terms("volunteer", "9001", NOON)
    first = people.bring_in(
        session, vault, command(), PersonIn(name="ก", phone="0812345678"), terms, existing=False, now=NOON
    )
    second = people.add_person(
        session, vault, command(), PersonIn(name="ข", phone="0812345678"), NOON, area_code="9001"
    )
    assert contacts.find_person(session, vault, "0812345678") is first.person
    assert not contacts.is_proven(vault, second)
    with pytest.raises(Conflict):
        contacts.prove_phone(session, vault, second)
    with pytest.raises(Invalid):
        invitations.invite(session, vault, person_id=person(session).id, purpose="join", by=command(), now=NOON)
    appointing.suspend(session, command(), first.person.id, NOON)
