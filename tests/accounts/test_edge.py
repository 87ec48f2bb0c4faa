"""Who is asking, genuine forms, and what a double submit does, on two views made for it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import pytest
from flask import Blueprint, Flask, Response, render_template_string, request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.accounts import edge
from mapapp.accounts.models import Appointment, LoginSession
from mapapp.accounts.signing_in import sessions
from mapapp.app import create_app
from mapapp.audit import service as audit
from mapapp.audit.models import AuditEntry
from mapapp.core import config
from mapapp.database.submissions import Submission
from mapapp.web import forms
from mapapp.web.request import now, session
from tests.at_once import together
from tests.conftest import KEYS, NOON
from tests.people import Browser, appoint, browser, token_for

views = Blueprint("tried", __name__)


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=20)]


@views.route("/tried", methods=["GET", "POST"])
@edge.officer_page("facilities.edit")
def form() -> Response | tuple[str, int] | str:
    page = "{{ csrf_field() }}{{ once_field() }}<input name=text value='{{ typed }}'>{{ told }}{{ notice() }}"
    if not request.form:
        return render_template_string(page)
    sent = forms.posted(Note)
    if sent.value is None:
        told = sent.problems.get("text", ["?"])[0]
        return render_template_string(page, typed=sent.typed.get("text", ""), told=told), 400
    actor = edge.demand("facilities.edit", "900101")
    forms.once()
    audit.record(session(), actor, "tried", "note", sent.value.text, area_code="900101", now=now())
    return forms.done("/tried", "saved")


@pytest.fixture
def app(app: Flask) -> Flask:
    app.register_blueprint(views)
    return app


def noted(session: Session) -> int:
    return session.scalar(select(func.count()).where(AuditEntry.action == "tried")) or 0


def officer(app: Flask, session: Session, **values: Any) -> Browser:
    return browser(app, session, appoint(session, "tambon_officer", "900101", **values))


def test_a_page_asks_for_what_is_missing_step_by_step(app: Flask, session: Session) -> None:
    anonymous = app.test_client().get("/tried?a=1&lang=en")
    assert anonymous.status_code == 303
    assert anonymous.location == "/sign-in?next=%2Ftried%3Fa%3D1&lang=en"
    who = appoint(session, "tambon_officer", "900101")
    half = browser(app, session, who, second_factor=False).get("/tried")
    assert (half.status_code, half.location) == (303, "/sign-in/second-factor?next=%2Ftried")
    whole = browser(app, session, who).get("/tried")
    assert whole.status_code == 200
    assert whole.headers["Cache-Control"] == "no-store"
    assert browser(app, session, appoint(session, "volunteer", "900101")).get("/tried").status_code == 403


def test_a_form_is_sent_once_with_its_own_sessions_token(app: Flask, session: Session) -> None:
    mine = officer(app, session)
    data = {"text": "ก", "once": str(uuid.uuid4())}
    first, again = mine.post("/tried", data), mine.post("/tried", data)
    assert first.status_code == again.status_code == 303
    assert first.location == again.location == "/tried?notice=saved"
    assert noted(session) == 1
    assert "บันทึก" in mine.get(first.location).text or "Saved" in mine.get(first.location + "&lang=en").text
    other = officer(app, session)
    for token in ("", "x", other.csrf, "\u0e01" * 50):
        assert mine.client.post("/tried", data={"text": "ข", "csrf_token": token}).status_code == 403
    assert noted(session) == 1
    assert other.post("/tried", data).status_code == 400, "somebody else's key finds nothing"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_another_sites_form_is_refused(app: Flask, session: Session, headers: dict[str, str]) -> None:
    assert officer(app, session).post("/tried", {"text": "ก"}, headers=headers).status_code == 403
    assert noted(session) == 0


def test_what_was_typed_comes_back_beside_its_problem(app: Flask, session: Session) -> None:
    mine = officer(app, session)
    key = str(uuid.uuid4())
    long = mine.post("/tried?lang=en", {"text": "a" * 21, "once": key})
    assert long.status_code == 400
    for kept in ("a" * 21, "at most 20", key):
        assert kept in long.text
    for stray in ({"role": "ministry"}, {"area_code": "TH"}, {"text": ["a", "b"]}):
        assert mine.post("/tried", {"text": "ok", **stray}).status_code == 400
    assert mine.post("/tried", {"text": "ok", "once": key}).status_code == 303, "the key was not used up"


@pytest.mark.parametrize(
    "change",
    [
        {"ended_at": NOON - timedelta(seconds=1)},
        {"ends_at": NOON},
        {"starts_at": NOON + timedelta(seconds=1), "ends_at": None},
        {"area_code": "900201"},
    ],
)
def test_an_appointment_counts_from_the_next_request(app: Flask, session: Session, change: dict[str, Any]) -> None:
    who = appoint(session, "tambon_officer", "900101")
    mine = browser(app, session, who)
    assert mine.post("/tried", {"text": "ก"}).status_code == 303
    session.execute(update(Appointment).where(Appointment.person_id == who.id).values(**change))
    session.commit()
    assert mine.post("/tried", {"text": "ข"}).status_code == 403
    assert noted(session) == 1


@pytest.mark.parametrize("how", ["revoked", "expired", "idle", "erased", "suspended", "forged"])
def test_a_session_ends(app: Flask, session: Session, clock: dict[str, Any], how: str) -> None:
    who = appoint(session, "tambon_officer", "900101")
    mine = browser(app, session, who)
    row = session.scalars(select(LoginSession)).one()
    if how == "revoked":
        sessions.end(session, row.id, NOON)
    elif how == "expired":
        row.expires_at = NOON
    elif how == "idle":
        clock["now"] = NOON + sessions.IDLE
    elif how == "erased":
        who.erased_at = NOON
    elif how == "suspended":
        who.suspended_at = NOON
    else:
        mine.client.set_cookie(edge.PLAIN_COOKIE, "x" * 43, domain="localhost")
    session.commit()
    assert mine.get("/tried").status_code == (403 if how == "suspended" else 303)
    assert mine.post("/tried", {"text": "ก"}).status_code in (303, 403)
    assert noted(session) == 0


def test_a_cookie_of_another_name_or_host_is_nobody(app: Flask, session: Session) -> None:
    mine = officer(app, session)
    token = mine.client.get_cookie(edge.PLAIN_COOKIE)
    assert token is not None
    stranger = app.test_client()
    stranger.set_cookie(edge.COOKIE, token.value, domain="localhost")
    assert stranger.get("/tried").status_code == 303, "over http only the loopback name counts"
    assert stranger.get("/tried", base_url="https://localhost").status_code == 200


def test_programs_come_with_a_token_and_need_no_form_token(app: Flask, session: Session) -> None:
    who = appoint(session, "tambon_officer", "900101")
    good = token_for(session, who, ["facilities.edit"])
    client = app.test_client()
    assert client.post("/tried", data={"text": "ก"}, headers=good).status_code == 303
    narrow = token_for(session, who, ["facilities.capacity"])
    assert client.post("/tried", data={"text": "ก"}, headers=narrow).status_code == 403
    assert client.get("/api/v1/facilities", headers={"Authorization": "Bearer x"}).status_code in (200, 401)
    assert client.get("/tried", headers={"Authorization": "Basic eDp5"}).status_code == 303


def test_two_submits_at_once_do_it_once(apart: Engine) -> None:
    """For real: two threads, two connections, one key."""
    factory: sessionmaker[Session] = database.sessions(apart)
    made = create_app(config.Config(tile_url="none", secret_keys=KEYS), factory)
    made.extensions["mapapp_clock"] = lambda: NOON
    made.register_blueprint(views)
    with factory() as own:
        who = appoint(own, "tambon_officer", "900101")
        own.commit()
        browsers = [browser(made, own, who) for _ in range(4)]
    data = {"text": "ก", "once": str(uuid.uuid4())}
    answers = together([partial(one.post, "/tried", data) for one in browsers])
    assert [answer.location for answer in answers] == ["/tried?notice=saved"] * 4
    with factory() as own:
        assert noted(own) == 1
        assert own.scalar(select(func.count()).select_from(Submission)) == 1


@pytest.mark.parametrize(
    ("given", "led_to"),
    [
        ("/officer?area=50", "/officer?area=50"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
        (None, "/"),
        ("/" + "a" * 2001, "/"),
    ],
)
def test_next_leads_to_our_own_pages_only(app: Flask, given: str | None, led_to: str) -> None:
    with app.test_request_context():
        assert forms.own_path(given, "/") == led_to
