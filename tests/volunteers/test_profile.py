"""One's own profile: its state in words, changing it, pausing, leaving while something is held."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.people import self_service
from mapapp.accounts.signing_in import passwords
from mapapp.core.actors import Actor, command
from mapapp.help_requests.models import HelpLease, HelpNeed
from mapapp.volunteers import queries
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import add_request
from tests.people import Browser, appoint, browser, person
from tests.volunteers.build import profile
from tests.volunteers.comers import OFFERS, PASSWORD, vault_of, waiting


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


@pytest.fixture
def helper(session: Session) -> Person:
    """An approved volunteer of tambon 900101."""
    who = appoint(session, "volunteer", "900101", to=person(session, "อาสา ใจกว้าง"))
    session.add(profile(who))
    session.commit()
    return who


def own(app: Flask, session: Session, who: Person) -> Browser:
    return browser(app, session, who, second_factor=False)


def hold(session: Session, who: Person) -> HelpNeed:
    """A request that this person holds for two more hours."""
    request = add_request(session, needs=({"kind": "food", "state": "claimed", "holder_id": who.id,
                                           "lease_ends_at": NOON + timedelta(hours=2)},))  # fmt: skip
    need = session.scalars(select(HelpNeed).where(HelpNeed.request_id == request.id)).one()
    if session.scalar(select(HelpLease.id).where(HelpLease.need_id == need.id)) is None:
        session.add(
            HelpLease(need_id=need.id, request_id=request.id, holder_id=who.id, begun_at=NOON,
                      ends_at=NOON + timedelta(hours=2))
        )  # fmt: skip
    session.commit()
    return need


def is_free(session: Session, need: HelpNeed) -> bool:
    session.expire_all()
    lease = session.scalars(select(HelpLease).where(HelpLease.need_id == need.id)).one()
    free = need.state == "open" and lease.ended_at is not None
    assert free == (need.lease_ends_at is None), "need and lease agree"
    return free


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("waiting", "Until then you see only how many people need help."), ("refused", "เพราะอยู่นอกพื้นที่"),
        ("suspended", "เพราะอยู่นอกพื้นที่"), ("left", "You have left."), ("approved", "Your volunteer role has ended."),
    ],
)  # fmt: skip
def test_the_page_says_what_one_is(app: Flask, session: Session, state: str, says: str) -> None:
    who = waiting(session, state=state, reason="เพราะอยู่นอกพื้นที่")
    page = own(app, session, who).get("/volunteer?lang=en")
    assert page.status_code == 200
    assert says in page.text


def test_approved_with_and_without_papers(app: Flask, session: Session, helper: Person) -> None:
    assert "cannot accept them yet" not in own(app, session, helper).get("/volunteer?lang=en").text
    without = appoint(session, "volunteer", "900101", training_expires_on=None)
    session.add(profile(without))
    session.commit()
    assert "cannot accept them yet" in own(app, session, without).get("/volunteer?lang=en").text


def test_nobody_and_programs_have_no_profile_page(app: Flask, session: Session) -> None:
    answer = app.test_client().get("/volunteer")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fvolunteer")
    assert app.test_client().post("/volunteer", data={"do": "leave"}).status_code == 303


def test_changing_what_one_offers(app: Flask, session: Session, helper: Person) -> None:
    page = own(app, session, helper)
    shown = page.get("/volunteer").text
    home = re.search(r'name="home"[^>]*value="([^"]*)"', shown)
    assert home is not None
    form = {**OFFERS, "do": "change", "home": home[1], "means": ["boat", "boat"]}
    assert page.post("/volunteer", form).status_code == 303
    session.expire_all()
    row = queries.get(session, helper.id)
    assert row is not None
    assert (row.home_tambon, row.means, row.reach_km, row.state) == ("900101", ["boat"], 15, "approved")
    wrong = page.post("/volunteer", {**form, "reach_km": "1000", "times": "ทุกวัน"})
    assert wrong.status_code == 400
    assert 'value="1000"' in wrong.text
    assert 'value="ทุกวัน"' in wrong.text
    moved = page.post("/volunteer", {**form, "home": "900202"})
    assert moved.status_code == 303
    session.expire_all()
    assert row.home_tambon == "900202"


@pytest.mark.parametrize("extra", [{"state": "approved"}, {"person_id": "x"}, {"consent": "1"}, {"name": "x"}])
def test_nothing_else_is_changed_by_it(app: Flask, session: Session, helper: Person, extra: dict[str, Any]) -> None:
    answer = own(app, session, helper).post("/volunteer", {**OFFERS, "do": "change", **extra})
    assert answer.status_code == 400


def test_a_break_and_back(app: Flask, session: Session, helper: Person) -> None:
    page = own(app, session, helper)
    need = hold(session, helper)
    assert page.post("/volunteer", {"do": "pause"}).status_code == 303
    session.expire_all()
    row = queries.get(session, helper.id)
    assert row is not None
    assert row.paused_at == NOON
    assert not is_free(session, need), "what is held is gone on with"
    assert queries.candidates(session, "900101", now=NOON) == []
    assert page.post("/volunteer", {"do": "resume"}).status_code == 303
    assert [one.person_id for one in queries.candidates(session, "900101", now=NOON)] == [helper.id]
    assert page.post("/volunteer", {"do": "dance"}).status_code == 400


def test_leaving_while_holding_opens_it_for_others(app: Flask, session: Session, helper: Person) -> None:
    need = hold(session, helper)
    page = own(app, session, helper)
    assert page.post("/volunteer", {"do": "leave"}).status_code == 303
    assert is_free(session, need)
    assert queries.state_of(session, helper.id, NOON) == "left"
    ended = session.scalars(select(Appointment).where(Appointment.person_id == helper.id)).one()
    assert (ended.ended_at, ended.ended_by) == (NOON, helper.id)
    assert page.post("/volunteer", {"do": "leave"}).status_code == 303, "twice is once"
    assert page.get("/volunteer").status_code == 200, "the account stays"
    assert page.post("/volunteer/join", {**OFFERS, "consent": "1"}).status_code == 303
    assert queries.state_of(session, helper.id, NOON) == "waiting", "coming back is asked for"


def test_an_officer_who_leaves_as_volunteer_stays_officer(app: Flask, session: Session, helper: Person) -> None:
    appoint(session, "tambon_officer", "900102", to=helper)
    session.commit()
    browser(app, session, helper).post("/volunteer", {"do": "leave"})
    left = session.scalars(
        select(Appointment.role).where(Appointment.person_id == helper.id, Appointment.ended_at.is_(None))
    ).all()
    assert left == ["tambon_officer"]


@pytest.mark.parametrize("how", ["suspended", "erased", "ended", "given_up"])
def test_whose_rights_end_lets_go(app: Flask, session: Session, helper: Person, how: str) -> None:
    need = hold(session, helper)
    appointment = session.scalars(select(Appointment.id).where(Appointment.person_id == helper.id)).one()
    if how == "suspended":
        appointing.suspend(session, command(), helper.id, NOON)
    elif how == "erased":
        self_service.erase(session, Actor("person", person_id=helper.id), helper, NOON)
        assert queries.get(session, helper.id) is None, "and the profile goes with the account"
    elif how == "ended":
        appointing.end(session, command(), appointment, "ย้ายบ้าน", NOON)
    else:
        self_service.give_up(session, Actor("person", person_id=helper.id), appointment, NOON)
    session.commit()
    assert is_free(session, need)


def test_who_may_claim_by_another_appointment_keeps_what_they_hold(session: Session, helper: Person) -> None:
    appoint(session, "volunteer", "9001", to=helper)
    need = hold(session, helper)
    first = session.scalars(select(Appointment.id).where(Appointment.area_code == "900101")).one()
    appointing.end(session, command(), first, None, NOON)
    assert not is_free(session, need)


def test_the_download_has_the_profile(app: Flask, session: Session, helper: Person) -> None:
    helper.password_hash = passwords.hashed(PASSWORD)
    session.commit()
    told = (own(app, session, helper).get("/account/download").json or {})["volunteer"]
    assert (told["home_tambon"], told["state"], told["consent_version"]) == ("900101", "approved", "test")
    assert "decided_by" not in told
    assert self_service.everything(session, vault_of(app), person(session), NOON)["volunteer"] is None


def test_the_account_page_leads_back(app: Flask, session: Session, helper: Person) -> None:
    page = own(app, session, helper).get("/account").text
    assert all(f'href="{path}"' in page for path in ("/volunteer", "/volunteer/nearby", "/volunteer/tasks"))
    assert "/officer/volunteers" not in page
    assert session.scalar(select(Volunteer.person_id)) == helper.id
