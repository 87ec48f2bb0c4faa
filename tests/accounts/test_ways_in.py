"""Ways into an account that somebody has left open: links from before a promotion, demo people outside development."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import Invitation, Person
from mapapp.accounts.signing_in import invitations, sessions
from mapapp.audit.models import AuditEntry
from mapapp.core.actors import Actor, command
from mapapp.core.vault import Vault, parse_keys
from tests.conftest import KEYS, NOON
from tests.data import add_area, small_country
from tests.people import appoint, browser, person, token_for

VAULT = Vault(parse_keys(KEYS))


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)
    add_area(session, "91", (103.0, 14.0, 103.2, 14.2), name_th="จังหวัดอื่น", name_en="Other Province")


def acting(session: Session, who: Person) -> Actor:
    standings = sessions.standings(session, who.id, NOON)
    return Actor("person", person_id=who.id, second_factor=True, confirmed_at=NOON, standings=standings)


def link(session: Session, by: Person | None, who: Person, purpose: invitations.Purpose) -> str:
    maker = command() if by is None else acting(session, by)
    if who.phone_sealed is None:
        contacts.keep_phone(VAULT, who, "+66812345678")
        session.flush()
    return invitations.invite(session, VAULT, person_id=who.id, purpose=purpose, by=maker, now=NOON).token


def works(session: Session, token: str) -> bool:
    try:
        invitations.look(session, token, NOON)
    except invitations.LinkGone:
        return False
    return True


@pytest.mark.parametrize("purpose", ["join", "new_password", "new_second_factor"])
def test_a_link_from_below_ends_when_its_person_rises(session: Session, purpose: invitations.Purpose) -> None:
    below, above = appoint(session, "tambon_officer", "900101"), appoint(session, "province_admin", "90")
    who = appoint(session, "volunteer", "900101")
    kept = link(session, below, who, purpose)
    promotion = ("amphoe_coordinator", "9001")
    appointing.appoint(session, acting(session, above), who.id, *promotion, now=NOON)
    assert not works(session, kept), "whoever made it does not stand above the account any more"


@pytest.mark.parametrize("maker", ["province_admin", None])
def test_a_link_from_above_stays(session: Session, maker: str | None) -> None:
    above = appoint(session, "province_admin", "90")
    who = appoint(session, "volunteer", "900101")
    kept = link(session, above if maker else None, who, "join")
    appointing.appoint(session, acting(session, above), who.id, "amphoe_coordinator", "9001", now=NOON)
    assert works(session, kept)


def test_a_link_from_another_province_ends_too(session: Session) -> None:
    other, above = appoint(session, "province_admin", "91"), appoint(session, "province_admin", "90")
    who = appoint(session, "volunteer", "91")
    kept = link(session, other, who, "join")
    appointing.appoint(session, acting(session, above), who.id, "tambon_officer", "900101", now=NOON)
    assert not works(session, kept)


def test_appointing_a_volunteer_ends_nobodys_link(session: Session) -> None:
    above, below = appoint(session, "province_admin", "90"), appoint(session, "tambon_officer", "900102")
    who = appoint(session, "amphoe_coordinator", "9001")
    kept = link(session, above, who, "join")
    appointing.appoint(session, acting(session, below), who.id, "volunteer", "900102", now=NOON)
    assert works(session, kept)


def test_links_of_a_suspended_account_end(session: Session) -> None:
    stolen, who = appoint(session, "amphoe_coordinator", "9001"), appoint(session, "tambon_officer", "900101")
    kept, other = link(session, stolen, who, "new_password"), link(session, None, who, "new_second_factor")
    appointing.suspend(session, command(), stolen.id, NOON)
    assert not works(session, kept)
    assert works(session, other)
    appointing.suspend(session, command(), stolen.id, NOON, lift=True)
    assert not works(session, kept), "it does not come back"
    assert session.scalars(select(Invitation.revoked_at).where(Invitation.revoked_at.is_not(None))).all() == [NOON]


def test_demo_people_are_nobody_outside_development(app: Flask, session: Session) -> None:
    who = appoint(session, "ministry", "TH", to=person(session, "ตัวอย่าง", is_demo=True))
    started = sessions.start(session, who.id, now=NOON, device="test", address="127.0.0.1", second_factor=True)
    key = token_for(session, who, ["facilities.edit"])["Authorization"].split()[1]
    assert not sessions.find(session, started, now=NOON, address=None).is_signed_in
    assert sessions.find_token(session, key, now=NOON, address=None) is None
    assert sessions.find(session, started, now=NOON, address=None, demo_allowed=True).second_factor
    assert sessions.find_token(session, key, now=NOON, address=None, demo_allowed=True) is not None
    headers = {"Authorization": f"Bearer {key}"}
    assert app.test_client().delete("/api/v1/facilities/1", headers=headers).status_code == 401


def test_asking_whose_number_it_is_is_on_record_over_the_api_too(app: Flask, session: Session) -> None:
    asking = browser(app, session, appoint(session, "tambon_officer", "900101"))
    body = {"person": {"name": "สมหญิง", "phone": "0812345678"}, "role": "volunteer", "area_code": "900101"}
    made = asking.open("/api/v1/appointments", "POST", json=body)
    assert made.status_code == 201
    assert asking.open("/api/v1/appointments", "POST", json=body).status_code == 409
    found = session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "person.match")).all()
    assert found == [made.get_json()["person_id"]]


def test_a_link_runs_out(session: Session) -> None:
    token = link(session, None, appoint(session, "volunteer", "900101"), "join")
    with pytest.raises(invitations.LinkGone):
        invitations.look(session, token, NOON + timedelta(days=7))
