"""Sign-ups that nobody approves do not lie about for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp import rooms
from mapapp.accounts.models import Appointment, Invitation, LoginSession, Person
from mapapp.audit.models import AuditEntry
from mapapp.core.config import Config
from mapapp.volunteers import queries, retention
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, browser, person
from tests.volunteers.build import profile
from tests.volunteers.comers import PASSWORD, PHONE, newest, sign_up, waiting

DAYS = 30
LATER = NOON + timedelta(days=DAYS)


@pytest.fixture(autouse=True)
def country(app: Flask, session: Session) -> None:
    small_country(session)


def test_what_nobody_approves_is_deleted_with_its_account(app: Flask, session: Session) -> None:
    client = app.test_client()
    sign_up(client)
    who = newest(session)
    assert retention.sweep(session, LATER - timedelta(seconds=1), days=DAYS) == 0
    assert retention.sweep(session, LATER, days=DAYS) == 1
    session.commit()
    session.expire_all()
    assert queries.get(session, who.id) is None
    assert (who.name, who.organisation, who.phone_sealed, who.phone_claim, who.phone_finder, who.password_hash) == (
        "—", None, None, None, None, None,
    )  # fmt: skip
    assert who.erased_at == LATER
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 0
    assert client.get("/volunteer").status_code == 303
    assert app.test_client().post("/sign-in", data={"name": PHONE, "password": PASSWORD}).status_code == 400
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "volunteer.sweep")).one()
    assert (entry.subject_id, entry.actor_kind, entry.area_code) == (str(who.id), "system", "900101")
    assert retention.sweep(session, LATER, days=DAYS) == 0, "once"
    assert sign_up(app.test_client()).status_code == 303, "and they may sign up again"


@pytest.mark.parametrize(("state", "gone"), [("refused", True), ("left", True), ("suspended", False)])
def test_only_what_never_was_approved_goes(session: Session, state: str, gone: bool) -> None:
    who = waiting(session, state=state, reason="x")
    assert retention.sweep(session, LATER, days=DAYS) == int(gone)
    assert (queries.get(session, who.id) is None) == gone
    assert (who.erased_at is not None) == gone


def test_whoever_is_or_was_something_keeps_the_account(session: Session) -> None:
    officer, before = appoint(session, "tambon_officer", "900101"), appoint(session, "volunteer", "900101")
    approved = appoint(session, "volunteer", "900101")
    session.scalars(select(Appointment).where(Appointment.person_id == before.id)).one().ended_at = NOON
    session.add_all(
        [profile(officer, state="waiting"), profile(before, state="left"), profile(approved)]
    )  # fmt: skip
    demo = person(session, "ตัวอย่าง", is_demo=True)
    session.add(profile(demo, state="waiting"))
    session.flush()
    assert retention.sweep(session, LATER, days=DAYS) == 1, "the officer's sign-up alone"
    kept = set(session.scalars(select(Volunteer.person_id)))
    assert kept == {before.id, approved.id, demo.id}
    assert session.scalars(select(Person.erased_at).where(Person.erased_at.is_not(None))).all() == []


def test_asking_again_begins_the_days_anew(app: Flask, session: Session, clock: dict[str, datetime]) -> None:
    who = waiting(session, state="refused", reason="x")
    session.commit()
    clock["now"] = NOON + timedelta(days=20)
    own = browser(app, session, who, second_factor=False, at=clock["now"])
    offers = {"kind": "student", "home": "900101", "consent": "1"}
    assert own.post("/volunteer/join", offers).status_code == 303
    assert retention.sweep(session, LATER, days=DAYS) == 0
    assert retention.sweep(session, LATER + timedelta(days=20), days=DAYS) == 1


def test_the_days_are_said_on_the_page_and_in_the_consent(app: Flask, session: Session) -> None:
    client = app.test_client()
    assert "within 30 days, your sign-up is deleted" in client.get("/volunteer/join?lang=en").text
    sign_up(client)
    page = client.get("/volunteer?lang=en").text
    assert "If no officer approves you by 20 Dec 2026, this sign-up is deleted" in page


def test_the_scheduler_sweeps_by_the_setting(session: Session, tmp_path: Any) -> None:
    who = waiting(session)
    settings = Config(sign_up_days=3, audit_heads=str(tmp_path))
    chores = {one.name: one for one in rooms.chores(settings, {})}
    chores["sign-ups nobody approved"].work(session, NOON + timedelta(days=2))
    assert queries.get(session, who.id) is not None
    chores["sign-ups nobody approved"].work(session, NOON + timedelta(days=3))
    session.expire_all()
    assert queries.get(session, who.id) is None
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0
