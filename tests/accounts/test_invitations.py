"""Links that let somebody in: once, for a week, and whoever looks uses nothing up."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp import database
from mapapp.accounts import contacts
from mapapp.accounts.models import Invitation, LoginSession, Person
from mapapp.accounts.signing_in import invitations, passwords
from mapapp.accounts.signing_in.service import Visit, take_up
from mapapp.core.actors import Actor, command
from mapapp.core.errors import Conflict, Gone, NotFound
from mapapp.core.vault import Vault, parse_keys
from mapapp.web import qr
from tests.accounts.comers import PASSWORD, PHONE, hidden, officer, opened, recorded, sign_in, vault_of, with_factor
from tests.at_once import Work, at_once
from tests.conftest import KEYS, NOON
from tests.data import small_country
from tests.payloads import EVALUATED
from tests.people import appoint, browser, person

NEW = "กระดาษ window ปลาทู 88"
FORM = {"phone": "081 234 5678", "password": NEW, "again": NEW, "it_is_me": "1"}


@pytest.fixture
def invited(session: Session) -> Person:
    """Somebody appointed who has never been here."""
    small_country(session)
    who = appoint(session, "tambon_officer", "900101", ends_at=NOON + timedelta(days=200))
    who.first_signed_in_at, who.name = None, "สมหญิง รักษ์ถิ่น"
    session.commit()
    return who


PLAIN = {name: FORM[name] for name in ("phone", "it_is_me")}


def link(app: Flask, session: Session, who: Person, purpose: invitations.Purpose = "join") -> str:
    inviter = person(session, "ผู้ว่า ใจกว้าง")
    by = Actor("person", person_id=inviter.id)
    if who.phone_sealed is None:
        contacts.give_phone(session, vault_of(app), who, PHONE)
        session.flush()
    made = invitations.invite(session, vault_of(app), person_id=who.id, purpose=purpose, by=by, now=NOON)
    session.commit()
    return made.path


def again(app: Flask, session: Session, path: str, data: dict[str, str]) -> TestResponse:
    """The form of a link, sent in another browser in which it was opened before."""
    other = app.test_client()
    return other.post(opened(session, other, path), data=data)


def take(session: Session, client: FlaskClient, path: str, **more: str) -> object:
    return client.post(opened(session, client, path), data={**FORM, "language": "th", **more})


def test_the_page_says_who_invites_whom_for_what_and_uses_nothing_up(
    app: Flask, session: Session, client: FlaskClient, invited: Person
) -> None:
    path = link(app, session, invited)
    for _ in range(3):
        answer = client.get(opened(session, client, path) + "?lang=en")
        assert answer.status_code == 200
    assert client.head(opened(session, client, path)).status_code == 200
    for text in ("สมหญิง รักษ์ถิ่น", "ผู้ว่า ใจกว้าง", "Tambon officer", "Tambon 01", "8 Jun 2027"):
        assert text in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text
    assert session.scalars(select(Invitation.used_at)).all() == [None]


def test_taking_it_up_signs_in_and_leads_to_the_second_factor(
    app: Flask, session: Session, client: FlaskClient, invited: Person
) -> None:
    path = link(app, session, invited)
    answer = client.post(opened(session, client, path), data={**FORM, "language": "en", "user_name": "Somying"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in/second-factor?")
    assert "lang=en" in answer.headers["Location"]
    session.refresh(invited)
    assert invited.user_name == "somying"
    assert invited.language == "en"
    assert invited.first_signed_in_at == NOON
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get("/account").headers["Location"].startswith("/sign-in/second-factor"), "nothing before that"
    assert [entry.details for entry in recorded(session, "invitation.use")] == [{"purpose": "join"}]


def test_a_used_link_is_told_with_whom_to_ask(
    app: Flask, session: Session, client: FlaskClient, invited: Person
) -> None:
    path = link(app, session, invited)
    take(session, client, path)
    for answer in (app.test_client().get(path), again(app, session, path, {"password": "another long one"})):
        assert answer.status_code == 410
        assert "ผู้ว่า ใจกว้าง" in answer.text


def test_the_same_form_twice_lets_in_twice_another_password_does_not(
    app: Flask, session: Session, client: FlaskClient, invited: Person
) -> None:
    path = link(app, session, invited)
    take(session, client, path)
    form = {**FORM, "language": "th"}
    assert again(app, session, path, form).status_code == 303
    other = {**form, "password": "quite another one", "again": "quite another one"}
    assert again(app, session, path, other).status_code == 410
    assert passwords.fits(session.scalars(select(Person.password_hash).where(Person.id == invited.id)).one(), NEW)


def test_guessing_at_a_used_link_is_limited(app: Flask, session: Session, client: FlaskClient, invited: Person) -> None:
    path = link(app, session, invited)
    take(session, client, path)
    for number in range(6):
        text = f"guess number {number}"
        again(app, session, path, {**FORM, "password": text, "again": text})
    form = FORM
    assert again(app, session, path, form).status_code == 410


def test_expired_forged_revoked_suspended(
    app: Flask, session: Session, client: FlaskClient, invited: Person, clock: dict[str, datetime]
) -> None:
    first, second = link(app, session, invited), link(app, session, invited)
    assert client.get(first).status_code == 410, "a newer one takes it away"
    assert client.get(second).status_code == 303
    for forged in ("/join/" + "x" * 43, "/join/%00", "/join/ก", second[:-1]):
        assert client.get(forged).status_code == 404
    for nobodys in (uuid.uuid4(), uuid.UUID(int=0)):
        client.set_cookie("invited", "x" * 43, domain="localhost", path=f"/join/for/{nobodys}")
        assert client.get(f"/join/for/{nobodys}").status_code == 404
        assert client.post(f"/join/for/{nobodys}", data={"password": NEW}).status_code == 404
    clock["now"] = NOON + timedelta(days=7)
    assert client.get(second).status_code == 410
    assert again(app, session, second, data=FORM).status_code == 410
    clock["now"] = NOON
    invited.suspended_at = NOON
    session.commit()
    assert client.get(second).status_code == 410


@pytest.mark.parametrize(
    ("data", "beside"),
    [
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "password1234", "again": "password1234"}, "password"),
        ({"password": "สมหญิงรักษ์ถิ่น", "again": "สมหญิงรักษ์ถิ่น"}, "password"),
        ({"password": NEW, "again": NEW + "x"}, "again"),
        ({"it_is_me": ""}, "it_is_me"),
        ({"user_name": "0812345678"}, "user_name"),
        ({"phone": "12345"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "081 234 5679"}, "phone"),
        ({"role": "ministry"}, "role"),
        ({"language": "xx"}, "language"),
    ],
)
def test_what_is_wrong_leaves_the_link_as_it_was(
    app: Flask, session: Session, client: FlaskClient, invited: Person, data: dict[str, str], beside: str
) -> None:
    path = link(app, session, invited)
    answer = client.post(opened(session, client, path), data={**FORM, "user_name": "kept", **data})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert NEW not in answer.text
    if beside in {"password", "again", "it_is_me", "user_name", "phone"}:
        assert f'id="{beside}-problem"' in answer.text
    session.expire_all()
    assert session.scalars(select(Invitation.used_at)).all() == [None]
    assert take(session, client, path).status_code == 303  # type: ignore[attr-defined]  # a test response


def test_a_new_link_lets_in_who_has_tried_too_often(app: Flask, session: Session, client: FlaskClient) -> None:
    who = officer(app, session, role="volunteer")
    tried = [sign_in(client, "somchai", "wrong").status_code for _ in range(6)]
    assert tried == [400] * 5 + [429]
    take(session, client, link(app, session, who, "new_password"))
    assert sign_in(app.test_client(), "somchai", "wrong").status_code == 400
    assert sign_in(app.test_client(), "somchai", NEW).status_code == 303


def test_a_new_password_ends_all_sessions_and_keeps_the_second_factor(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    who = officer(app, session)
    with_factor(app, session, who)
    thief = browser(app, session, who)
    path = link(app, session, who, "new_password")
    answer = take(session, client, path)
    assert answer.headers["Location"].startswith("/sign-in/second-factor")  # type: ignore[attr-defined]
    assert thief.get("/account").status_code == 303
    assert 'name="sealed"' not in client.get("/sign-in/second-factor").text, "it is asked, not set up again"
    assert sign_in(app.test_client()).status_code == 400, "the old password"


def test_a_new_second_factor_asks_for_the_password(app: Flask, session: Session, client: FlaskClient) -> None:
    who = officer(app, session)
    with_factor(app, session, who)
    path = link(app, session, who, "new_second_factor")
    address = opened(session, client, path)
    assert client.post(address, data={**PLAIN, "password": "finder of the link"}).status_code == 400
    sealed = select(Person.totp_sealed).where(Person.id == who.id)
    assert session.scalars(sealed).one() is not None
    answer = client.post(opened(session, client, path), data={**PLAIN, "password": PASSWORD})
    assert answer.status_code == 303
    assert session.scalars(sealed).one() is None
    assert hidden(client.get("/sign-in/second-factor"), "sealed")


def test_opened_where_somebody_else_is_signed_in(app: Flask, session: Session, invited: Person) -> None:
    somebody = officer(app, session)
    mine = browser(app, session, somebody)
    path = link(app, session, invited)
    address = opened(session, mine.client, path)
    page = mine.get(address + "?lang=en")
    assert "You are signed in as" in page.text
    form = FORM
    assert mine.client.post(address, data=form).status_code == 403, "not from somebody else's page"
    assert mine.client.post(address, data={**form, "csrf_token": hidden(page, "csrf_token")}).status_code == 303
    ended = select(LoginSession.revoked_at).where(LoginSession.person_id == somebody.id)
    assert session.scalars(ended).all() == [NOON]


def test_an_older_link_of_another_purpose_dies_with_it(
    app: Flask, session: Session, client: FlaskClient, invited: Person
) -> None:
    join, reset = link(app, session, invited), link(app, session, invited, "new_password")
    take(session, client, reset)
    assert app.test_client().get(join).status_code == 410


@pytest.mark.parametrize("name", ["{{98765*54321}}", "{%", "<img src=x onerror=window.PWN=1>", '"><script>'])
def test_names_are_shown_as_they_were_typed(
    app: Flask, session: Session, client: FlaskClient, invited: Person, name: str
) -> None:
    invited.name = name
    session.commit()
    text = client.get(opened(session, client, link(app, session, invited))).text
    assert EVALUATED not in text
    assert "<img src=x" not in text
    assert "<script>" not in text.replace("<script ", "")


@pytest.mark.parametrize("base", ["http://localhost", "https://map.example"])
def test_the_key_leaves_the_address_at_the_first_visit(
    app: Flask, session: Session, client: FlaskClient, invited: Person, base: str
) -> None:
    path = link(app, session, invited)
    token = path.removeprefix("/join/")
    first = client.get(path + "?lang=en", base_url=base)
    made = session.scalars(select(Invitation.id)).one()
    assert (first.status_code, first.location) == (303, f"/join/for/{made}?lang=en")
    assert first.headers["Cache-Control"] == "no-store"
    cookie = first.headers["Set-Cookie"]
    secure = base.startswith("https")
    assert cookie.startswith(f"{'__Secure-' if secure else ''}invited={token};")
    for part in ("HttpOnly", "SameSite=Lax", f"Path=/join/for/{made}", "Max-Age=604800"):
        assert part in cookie
    assert ("; Secure" in cookie) == secure
    shown = client.get(first.location, base_url=base)
    assert shown.status_code == 200
    assert token not in shown.text
    copied = app.test_client().get(first.location, base_url=base)
    nobodys = app.test_client().get(f"/join/for/{uuid.uuid4()}?lang=en", base_url=base)
    assert copied.status_code == nobodys.status_code == 404
    assert "Open your link again" in copied.text
    assert copied.text.replace(str(made), "") == re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", nobodys.text), (
        "it tells nothing"
    )
    assert app.test_client().post(f"/join/for/{made}", data=FORM).status_code == 404
    assert session.scalars(select(Invitation.used_at)).all() == [None]


def test_the_qr_code_needs_no_inline_style() -> None:
    drawn = ET.fromstring(qr.svg("https://map.example/join/" + "x" * 43))
    assert all("style" not in node.attrib for node in drawn.iter())
    assert drawn.attrib["class"] == "qr"
    assert "viewBox" in drawn.attrib


def numbered(session: Session, vault: Vault) -> Person:
    who = person(session)
    contacts.keep_phone(vault, who, PHONE)
    session.flush()
    return who


def test_two_at_once_one_wins(apart: Engine) -> None:
    vault, sessions = Vault(parse_keys(KEYS)), database.sessions(apart)
    with sessions() as own:
        who = numbered(own, vault)
        token = invitations.invite(own, vault, person_id=who.id, purpose="join", by=command(), now=NOON).token
        own.commit()

    def coming(password: str) -> Work:
        def come(own: Session) -> str:
            take_up(own, vault, invitations.look(own, token, NOON), password, Visit("192.0.2.1", "", NOON), phone=PHONE)
            return password

        return come

    answers = at_once(apart, [coming(f"{NEW} {number}") for number in range(6)])
    winners = [one for one in answers if not isinstance(one, Conflict | Gone)]
    assert len(winners) == 1
    with sessions() as own:
        assert passwords.fits(own.scalars(select(Person.password_hash)).one(), winners[0])


def test_two_links_made_at_once_leave_one_that_works(apart: Engine) -> None:
    vault, sessions = Vault(parse_keys(KEYS)), database.sessions(apart)
    with sessions() as own:
        who = numbered(own, vault)
        own.commit()

    def make(own: Session) -> str:
        return invitations.invite(own, vault, person_id=who.id, purpose="join", by=command(), now=NOON).token

    tokens = at_once(apart, [make] * 4)
    works = 0
    with sessions() as own:
        for token in tokens:
            try:
                invitations.look(own, token, NOON)
                works += 1
            except Gone:
                pass
    assert (len(tokens), works) == (4, 1)


def test_nobody_is_invited_who_is_not_there(session: Session) -> None:
    vault = Vault(parse_keys(KEYS))
    gone = person(session, erased_at=NOON)
    with pytest.raises(NotFound):
        invitations.invite(session, vault, person_id=gone.id, purpose="join", by=command(), now=NOON)
