"""The second factor: set up before anything privileged, each code once, and a way back when the phone is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import LoginSession, Person, RecoveryCode
from mapapp.accounts.signing_in import attempts, second_factor
from mapapp.core.errors import Invalid
from mapapp.core.vault import Vault, parse_keys
from tests.accounts.comers import PASSWORD, code_of, hidden, officer, recorded, sign_in, vault_of, with_factor
from tests.at_once import at_once
from tests.conftest import KEYS, NOON
from tests.people import browser, person

PAGE = "/sign-in/second-factor"


def test_it_is_set_up_before_the_first_page(app: Flask, session: Session, client: FlaskClient) -> None:
    who = officer(app, session)
    sign_in(client)
    assert client.get("/account").headers["Location"].startswith(PAGE)
    page = client.get(PAGE + "?next=/account")
    assert page.status_code == 200
    assert "<svg" in page.text
    secret = second_factor.open_set_up(
        vault_of(app), hidden(page, "sealed"), session.scalars(select(LoginSession.id)).one()
    )
    assert secret.spaced in page.text
    form = {name: hidden(page, name) for name in ("csrf_token", "sealed", "next")}
    assert client.post(PAGE, data={**form, "code": "000000"}).status_code == 400
    session.refresh(who)
    assert who.totp_sealed is None
    done = client.post(PAGE, data={**form, "code": code_of(secret)})
    assert done.status_code == 200
    assert all(code in done.text for code in secret.codes)
    assert 'href="/account"' in done.text
    assert client.get("/account").status_code == 200
    again = client.post(PAGE, data={**form, "code": code_of(secret)})
    assert all(code in again.text for code in secret.codes), "the same form twice shows the same codes"
    assert len(session.scalars(select(RecoveryCode)).all()) == second_factor.CODES
    session.refresh(who)
    assert secret.secret.encode() not in (who.totp_sealed or b"")
    assert len(recorded(session, "second_factor.set")) == 1


def test_it_is_asked_and_each_code_counts_once(
    app: Flask, session: Session, client: FlaskClient, clock: dict[str, datetime]
) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    sign_in(client)
    page = client.get(PAGE + "?next=/account")
    form = {name: hidden(page, name) for name in ("csrf_token", "next")}
    done = client.post(PAGE, data={**form, "code": f" {code_of(made)[:3]} {code_of(made)[3:]}"})
    assert (done.status_code, done.headers["Location"]) == (303, "/account")
    assert client.post(PAGE, data={**form, "code": code_of(made)}).status_code == 303, "tapped twice"
    thief = app.test_client()
    sign_in(thief)
    token = hidden(thief.get(PAGE), "csrf_token")
    for used in (code_of(made), code_of(made, offset=-1)):
        assert thief.post(PAGE, data={"csrf_token": token, "code": used}).status_code == 400
    clock["now"] = NOON + timedelta(seconds=30)
    assert thief.post(PAGE, data={"csrf_token": token, "code": code_of(made, clock["now"])}).status_code == 303


@pytest.mark.parametrize(("offset", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_to_either_side(app: Flask, session: Session, offset: int, fits: bool) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    code = code_of(made, offset=offset)
    if fits:
        assert second_factor.take(session, vault_of(app), who, code, NOON) == "app"
    else:
        with pytest.raises(Invalid):
            second_factor.take(session, vault_of(app), who, code, NOON)


def test_thai_digits_are_digits(app: Flask, session: Session) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    thai = code_of(made).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert second_factor.take(session, vault_of(app), who, thai, NOON) == "app"


def test_a_recovery_code_counts_once_in_any_spelling(app: Flask, session: Session, client: FlaskClient) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    sign_in(client)
    token = hidden(client.get(PAGE), "csrf_token")
    typed = made.codes[3].upper().replace("-", " ")
    assert client.post(PAGE, data={"csrf_token": token, "code": typed}).status_code == 303
    other = app.test_client()
    sign_in(other)
    token = hidden(other.get(PAGE), "csrf_token")
    assert other.post(PAGE, data={"csrf_token": token, "code": made.codes[3]}).status_code == 400
    assert second_factor.codes_left(session, who.id) == second_factor.CODES - 1
    assert [entry.details for entry in recorded(session, "second_factor.show")] == [{"kind": "recovery"}]


def test_somebody_elses_recovery_code_is_none(app: Flask, session: Session) -> None:
    mine = with_factor(app, session, officer(app, session))
    other = person(session)
    with_factor(app, session, other)
    with pytest.raises(Invalid):
        second_factor.take(session, vault_of(app), other, mine.codes[0], NOON)


def wrong_code(app: Flask, address: str) -> int:
    """Comes in with the password from an address and types a wrong code; the status of the answer."""
    client, place, base = app.test_client(), {"REMOTE_ADDR": address}, "https://map.example"
    sign_in(client, environ_base=place, base_url=base)
    page = client.get(PAGE, environ_base=place, base_url=base)
    data = {"csrf_token": hidden(page, "csrf_token"), "code": "000000"}
    return client.post(PAGE, data=data, environ_base=place, base_url=base).status_code


def test_wrong_codes_are_limited_and_a_right_password_does_not_clear_them(app: Flask, session: Session) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    assert [wrong_code(app, "127.0.0.1") for _ in range(6)] == [400] * 5 + [429]
    last = browser(app, session, who, second_factor=False)
    answer = last.post(PAGE, {"code": code_of(made)})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert len(recorded(session, "second_factor.fail")) == 5
    assert len(recorded(session, "account.lock")) == 1


def test_who_stole_the_password_does_not_keep_the_owner_from_typing_a_code(app: Flask, session: Session) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    browser(app, session, who, at=NOON - timedelta(days=1))  # the owner was here before, with the second factor
    tried = [wrong_code(app, f"198.51.100.{number}") for number in range(30)]
    assert tried == [400] * attempts.STRANGERS.most + [429] * 10
    assert wrong_code(app, "198.51.100.3") == 429, "that the password was right there does not make them the owner"
    mine = browser(app, session, who, second_factor=False)
    assert mine.post(PAGE, {"code": code_of(made)}).status_code == 303


def test_who_knows_only_the_password_changes_nothing(app: Flask, session: Session) -> None:
    who = officer(app, session)
    with_factor(app, session, who)
    thief = browser(app, session, who, second_factor=False)
    for path in ("/account", "/account/contacts", "/account/password", "/account/second-factor", "/account/download",
                 "/account/recovery-codes", "/account/delete"):  # fmt: skip
        assert thief.get(path).headers["Location"].startswith(PAGE), path
    for path in ("/account", "/account/contacts", "/account/password", "/account/second-factor", "/account/delete",
                 "/account/recovery-codes", "/account/sessions/end"):  # fmt: skip
        assert thief.post(path, {"password": PASSWORD}).headers["Location"].startswith(PAGE), path
    made = second_factor.new_set_up()
    session_id = session.scalars(select(LoginSession.id).where(LoginSession.person_id == who.id)).one()
    sealed = second_factor.seal_set_up(vault_of(app), made, session_id)
    assert thief.post(PAGE, {"sealed": sealed, "code": code_of(made)}).status_code == 403, "it has one already"


def test_a_set_up_form_of_another_session_does_not_open(app: Flask, session: Session) -> None:
    who = officer(app, session)
    made = second_factor.new_set_up()
    mine, other = (browser(app, session, who, second_factor=False) for _ in range(2))
    ids = session.scalars(select(LoginSession.id).order_by(LoginSession.id)).all()
    for one in ids:
        with pytest.raises(Invalid):
            second_factor.open_set_up(vault_of(app), second_factor.seal_set_up(vault_of(app), made, one), who.id)
    foreign = second_factor.seal_set_up(vault_of(app), made, who.id)
    for sealed in (foreign, "zz", "", "00" * 50):
        answer = mine.post(PAGE, {"sealed": sealed, "code": code_of(made)})
        assert answer.status_code == 200
        assert made.spaced not in answer.text, "a fresh one is offered"
    session.refresh(who)
    assert who.totp_sealed is None
    assert other.get(PAGE).status_code == 200


def test_renewing_asks_for_the_password_and_ends_the_other_sessions(
    app: Flask, session: Session, clock: dict[str, datetime]
) -> None:
    who = officer(app, session)
    old = with_factor(app, session, who)
    mine, other = browser(app, session, who), browser(app, session, who)
    clock["now"] = NOON + timedelta(minutes=16)
    assert mine.get("/account/second-factor").headers["Location"].startswith("/sign-in/confirm?next=")
    assert mine.post("/sign-in/confirm", {"password": "wrong"}).status_code == 400
    answer = mine.post("/sign-in/confirm", {"password": PASSWORD, "next": "/account/second-factor"})
    assert answer.headers["Location"] == "/account/second-factor"
    page = mine.get("/account/second-factor")
    session_id = session.scalars(select(LoginSession.id).where(LoginSession.confirmed_at == clock["now"])).one()
    made = second_factor.open_set_up(vault_of(app), hidden(page, "sealed"), session_id)
    form = {"sealed": hidden(page, "sealed"), "code": code_of(made, clock["now"])}
    assert mine.post("/account/second-factor", form).status_code == 200
    assert other.get("/account").status_code == 303
    session.refresh(who)
    for code in (code_of(old, clock["now"]), old.codes[0]):
        with pytest.raises(Invalid):
            second_factor.take(session, vault_of(app), who, code, clock["now"])


def test_a_volunteer_needs_none(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session, role="volunteer")
    assert sign_in(client).headers["Location"] == "/volunteer/join"
    assert client.get("/account").status_code == 200
    assert client.get("/volunteer/tasks").status_code == 200, "the policy asks for none either"


@given(st.text(max_size=50))
def test_no_typed_text_is_an_error_of_ours(text: str) -> None:
    assert second_factor._step_of(pyotp.random_base32(), text, NOON) is None or len(text) >= 6


@pytest.fixture
def apart(owner: Engine, engine: Engine) -> Iterator[Engine]:
    """The database with real commits, cleaned up afterwards: for what several do at once."""
    yield engine
    with owner.begin() as connection:
        connection.execute(delete(Person))


@pytest.mark.parametrize("which", ["app", "recovery"])
def test_ten_at_once_with_one_code(apart: Engine, which: str) -> None:
    vault, sessions, made = Vault(parse_keys(KEYS)), database.sessions(apart), second_factor.new_set_up()
    with sessions() as own:
        who = person(own)
        second_factor.set_up(own, vault, who, made, code_of(made, offset=-9), NOON - timedelta(seconds=270))
        own.commit()
    code = code_of(made) if which == "app" else made.codes[0]
    seen = [lambda own: second_factor.take(own, vault, own.get_one(Person, who.id), code, NOON)] * 8
    answers = at_once(apart, seen, first=lambda own: own.get_one(Person, who.id))
    assert sum(isinstance(one, Invalid) for one in answers) == 7
