"""A session ends: by its owner, by time, with the account. And a cookie counts where it was given."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.edge import COOKIE, PLAIN_COOKIE
from mapapp.accounts.models import ApiToken, Appointment, Invitation, LoginSession
from mapapp.accounts.people import self_service
from mapapp.accounts.signing_in import devices, sessions
from tests.accounts.comers import officer, recorded
from tests.conftest import NOON
from tests.payloads import EVALUATED
from tests.people import browser, person, token_for

CHROME = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome, Android"),
        (CHROME + " Line/14.19.0", "LINE, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) Version/15.6 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("curl/8.5", ""),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_devices_in_words(agent: str, words: str) -> None:
    assert devices.words(agent) == words


def test_the_list_marks_this_one_and_ends_the_others(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine, phone, stranger = (
        browser(app, session, who),
        browser(app, session, who),
        browser(app, session, person(session)),
    )
    ids = session.scalars(select(LoginSession.id).where(LoginSession.person_id == who.id)).all()
    page = mine.get("/account?lang=en").text
    assert page.count("this one") == 1
    assert sum(str(one) in page for one in ids) == 1, "the other one; this one has a button of its own above"
    foreign = session.scalars(select(LoginSession.id).where(LoginSession.person_id != who.id)).one()
    assert str(foreign) not in page
    assert mine.post("/account/sessions/end", {"session": str(foreign)}).status_code == 404
    assert stranger.get("/account").status_code == 200
    assert mine.post("/account/sessions/end", {"session": "no uuid"}).status_code == 400
    assert (
        mine.post("/account/sessions/end", {"session": "others"}).headers["Location"] == "/account?notice=session_ended"
    )
    assert phone.get("/account").status_code == 303
    assert mine.get("/account").status_code == 200
    assert len(recorded(session, "session.end_others")) == 1


def test_one_other_and_this_one(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    phone = browser(app, session, who, at=NOON + timedelta(seconds=1))
    order = select(LoginSession.id).order_by(LoginSession.created_at)
    this, other = session.scalars(order).all()
    for _ in range(2):  # tapped twice
        assert mine.post("/account/sessions/end", {"session": str(other)}).status_code == 303
    assert phone.get("/account").status_code == 303
    answer = mine.post("/account/sessions/end", {"session": str(this)})
    assert answer.headers["Location"] == "/sign-in?notice=signed_out"
    assert mine.get("/account").status_code == 303


@pytest.mark.parametrize(
    "later", [sessions.IDLE + timedelta(seconds=1), sessions.LASTS + timedelta(seconds=1)], ids=["idle", "expired"]
)
def test_time_ends_it(app: Flask, session: Session, clock: dict[str, datetime], later: timedelta) -> None:
    mine = browser(app, session, officer(app, session))
    assert mine.get("/account").status_code == 200
    clock["now"] = NOON + later
    assert mine.get("/account").headers["Location"] == "/sign-in?next=%2Faccount"


def test_a_session_that_is_used_all_week_still_ends(app: Flask, session: Session, clock: dict[str, datetime]) -> None:
    mine = browser(app, session, officer(app, session))
    for hours in range(0, 7 * 24, 6):
        clock["now"] = NOON + timedelta(hours=hours)
        assert mine.post("/account", {"name": f"at {hours}", "language": "th"}).status_code == 303
    clock["now"] = NOON + sessions.LASTS
    assert mine.get("/account").status_code == 303


def test_after_suspension_and_erasure(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    who.suspended_at = NOON
    session.commit()
    assert mine.get("/account").status_code == 403
    assert mine.post("/account", {"name": "x", "language": "th"}).status_code == 403
    assert mine.get("/sign-in/second-factor").status_code == 403
    assert "sign-out" in mine.get("/sign-in").text, "a way out is left"
    who.erased_at = NOON
    session.commit()
    assert mine.get("/account").status_code == 303


def test_a_cookie_of_the_other_kind_of_host_is_none(app: Flask, session: Session) -> None:
    mine = browser(app, session, officer(app, session))
    found = mine.client.get_cookie(PLAIN_COOKIE)
    assert found is not None
    https = app.test_client()
    https.set_cookie(PLAIN_COOKIE, found.value, domain="map.example", secure=True)
    assert https.get("/account", base_url="https://map.example").status_code == 303, "over https only __Host- counts"
    plain = app.test_client()
    plain.set_cookie(COOKIE, found.value, domain="localhost")
    assert plain.get("/account").status_code == 303


def test_an_api_token_is_no_person(app: Flask, session: Session) -> None:
    who = officer(app, session)
    headers = token_for(session, who, ["facilities.capacity"])
    client = app.test_client()
    for path in ("/account", "/account/download", "/sign-in/confirm", "/sign-in/second-factor"):
        assert client.get(path, headers=headers).status_code == 303, path
    assert client.post("/account", data={"name": "x", "language": "th"}, headers=headers).status_code == 303
    session.refresh(who)
    assert who.name != "x"


def test_everything_here_is_private(app: Flask, session: Session) -> None:
    mine = browser(app, session, officer(app, session))
    for path in (
        "/account",
        "/account/contacts",
        "/account/password",
        "/account/delete",
        "/sign-in",
        "/account/download",
    ):
        headers = mine.get(path).headers
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Robots-Tag"] == "noindex"
    assert app.test_client().get("/sign-in").headers["Cache-Control"] == "no-store"


def test_sweeping(app: Flask, session: Session) -> None:
    who = officer(app, session)
    old, recent = NOON - timedelta(days=91), NOON - timedelta(days=89)
    for at in (old, recent):
        token = sessions.start(session, who.id, now=at - sessions.LASTS, device="", address="")
        session.add(Invitation(person_id=who.id, purpose="join", token_hash=token.encode()[:32], created_at=at,
                               expires_at=NOON, used_at=at))  # fmt: skip
        held = session.scalars(select(Appointment.id)).first()
        session.add(ApiToken(person_id=who.id, appointment_id=held, name="x", token_hash=token.encode()[1:33],
                             scopes=["facilities.edit"], created_at=at, expires_at=at))  # fmt: skip
    mine = browser(app, session, who)
    session.commit()
    tables = ("login_sessions", "invitations", "api_tokens")
    assert self_service.purge(session, NOON) == dict.fromkeys(tables, 1)
    assert self_service.purge(session, NOON) == dict.fromkeys(tables, 0)
    session.commit()
    assert mine.get("/account").status_code == 200


UNSAFE = [
    "/sign-in", "/sign-in/second-factor", "/sign-in/confirm", "/join/for/00000000-0000-4000-8000-000000000000",
    "/account", "/account/contacts",
    "/account/password", "/account/second-factor", "/account/recovery-codes", "/account/sessions/end",
    "/account/delete",
]  # fmt: skip
BODIES = [
    b"", b"password=%00", b"password=%ED%A0%80&name=%FF", b"name=a&name=b&password=x&password=y", b"sealed=zz&code=1",
    b"sealed=" + b"00" * 3000 + b"&code=123456", b"code=%E0%B9%91", b"session=x", b"next=%0d%0aX:y", b"once=x&old=y",
    b"name=%7B%7B98765*54321%7D%7D", b"password=" + b"%F0%9F%98%80" * 900, b"%FF=%FF", b"=", b"&&&",
]  # fmt: skip


@pytest.mark.parametrize("path", UNSAFE)
def test_nothing_that_is_sent_is_an_error_of_ours(app: Flask, session: Session, path: str) -> None:
    mine = browser(app, session, officer(app, session))
    for body in BODIES:
        sent = body + (b"&" if body else b"") + f"csrf_token={mine.csrf}".encode()
        form = "application/x-www-form-urlencoded"
        answer = mine.client.post(path, data=sent, content_type=form)
        assert answer.status_code < 500, body
        assert EVALUATED not in answer.text
    header = {"X-CSRF-Token": mine.csrf}
    assert mine.client.post(path, json={}, headers=header).status_code < 500
    assert mine.client.post(path, data={"name": (BytesIO(b"x"), "name.txt")}, headers=header).status_code < 500
