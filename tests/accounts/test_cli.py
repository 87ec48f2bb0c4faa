"""``mapapp accounts``: who comes first, and what an operator does about keys, sessions and demo people."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from mapapp.accounts import contacts, demo
from mapapp.accounts.models import Appointment, Invitation, LoginSession, Person
from mapapp.accounts.policy import ROLES
from mapapp.accounts.signing_in import passwords, sessions
from mapapp.audit.models import AuditEntry
from mapapp.cli import main
from mapapp.core.config import Config
from mapapp.core.vault import CannotOpen, Vault, new_key, parse_keys
from mapapp.database import keyring
from mapapp.operations import seeding
from mapapp.web import command_line
from tests.accounts.comers import PHONE, officer, sign_in, vault_of, with_factor
from tests.conftest import KEYS, NOON
from tests.data import small_country
from tests.people import browser, person

NEW = "กระดาษ window ปลาทู 88"


@pytest.fixture
def settings() -> dict[str, Any]:
    """The settings of the command; a test may change them."""
    return {"secret_keys": KEYS, "public_url": "https://map.example", "tile_url": "none"}


@pytest.fixture
def run(factory: sessionmaker[Session], settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs ``mapapp accounts …`` inside the test's transaction."""

    @contextmanager
    def session() -> Iterator[Session]:
        with factory() as opened:
            yield opened
            opened.commit()

    monkeypatch.setattr(command_line, "session", session)
    monkeypatch.setattr(command_line, "settings", lambda: Config(**settings))
    monkeypatch.setenv("LANGUAGE", "en")

    def command(*words: str) -> Result:
        out = StringIO()
        for name in ("out", "err"):
            monkeypatch.setattr(command_line, name, Console(file=out, width=200, highlight=False, soft_wrap=True))
        result = CliRunner().invoke(main, ["accounts", *words])
        result.told = out.getvalue()  # type: ignore[attr-defined]  # what the operator reads
        return result

    return command


def test_the_first_of_the_ministry_comes_in(run: Any, session: Session, client: FlaskClient, app: Flask) -> None:
    app.extensions["mapapp_clock"] = lambda: datetime.now(UTC)
    result = run("invite-admin", "--role", "ministry", "--name", "สมหญิง รักษ์ถิ่น", "--phone", "081 234 5678")
    assert result.exit_code == 0, result.told
    path = re.search(r"https://map\.example(/join/\S+)", result.told)
    assert path
    address = client.get(path[1]).headers["Location"]
    assert "สมหญิง" in client.get(address).text
    answer = client.post(address, data={"phone": "081-2345678", "password": NEW, "again": NEW, "it_is_me": "1"})
    assert answer.status_code == 303
    row = session.scalars(select(Appointment)).one()
    assert (row.role, row.area_code, row.appointed_by) == ("ministry", "TH", None)
    assert row.confidentiality_on is not None, "else the people pages stay closed to them"
    assert row.training_expires_on is not None
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.actor_kind == "command")).all()
    assert {"person.add", "appointment.add", "invitation.create"} <= set(actions)


def test_a_province_has_two(run: Any, session: Session) -> None:
    small_country(session)
    for name, phone in (("หนึ่ง", "0812345671"), ("สอง", "0812345672")):
        words = ("--area", "90", "--name", name, "--phone", phone)
        assert run("invite-admin", "--role", "province_admin", *words).exit_code == 0
    words = ("--area", "TH90", "--name", "สาม", "--phone", "0812345673")
    result = run("invite-admin", "--role", "province_admin", *words)
    assert result.exit_code == 1
    assert "two administrators" in result.told
    assert "สาม" not in session.scalars(select(Person.name)).all(), "nothing is left half-way"


@pytest.mark.parametrize(
    "words",
    [
        ["--role", "province_admin", "--area", "99", "--name", "x"],
        ["--role", "province_admin", "--area", "9001", "--name", "x"],
        ["--role", "province_admin", "--area", "abc", "--name", "x"],
        ["--role", "province_admin", "--name", "x"],
        ["--role", "ministry", "--area", "90", "--name", "x"],
        ["--role", "ministry", "--name", "  "],
        ["--role", "ministry", "--name", "x", "--phone", "12"],
        ["--role", "ministry", "--name", "x", "--email", "no"],
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(run: Any, session: Session, words: list[str]) -> None:
    small_country(session)
    result = run("invite-admin", *(words if "--phone" in words else [*words, "--phone", "0812345671"]))
    assert result.exit_code == 1, result.told
    assert result.told.startswith("✗")
    assert session.scalars(select(Person)).all() == []


def test_a_link_needs_a_number_to_ask_for(run: Any, session: Session) -> None:
    result = run("invite-admin", "--role", "ministry", "--name", "x")
    assert result.exit_code == 2
    assert "--phone" in result.output
    assert session.scalars(select(Person)).all() == []


def test_a_known_phone_number_is_the_same_person(run: Any, app: Flask, session: Session) -> None:
    small_country(session)
    who = officer(app, session)
    result = run("invite-admin", "--role", "province_admin", "--area", "90", "--name", "x", "--phone", PHONE)
    assert result.exit_code == 0
    assert "/join/" not in result.told
    assert session.scalars(select(Invitation)).all() == []
    assert set(session.scalars(select(Appointment.role).where(Appointment.person_id == who.id))) == {
        "tambon_officer",
        "province_admin",
    }


def test_mail_that_fails_is_told_and_the_link_is_there(run: Any, session: Session, settings: dict[str, Any]) -> None:
    settings |= {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "map@example.go.th"}
    result = run("invite-admin", "--role", "ministry", "--name", "x", "--phone", PHONE, "--email", "x@example.go.th")
    assert result.exit_code == 0
    assert "/join/" in result.told
    assert "No email was sent" in result.told


@pytest.mark.parametrize("how", ["phone", "user name", "id"])
def test_signing_somebody_out_everywhere(run: Any, app: Flask, session: Session, how: str) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    word = {"phone": "081-234-5678", "user name": "somchai", "id": str(who.id)}[how]
    assert run("sign-out-all", word).exit_code == 0
    assert mine.get("/account").status_code == 303
    assert run("sign-out-all", str(uuid.uuid4())).exit_code == 1


def test_a_new_master_key(run: Any, app: Flask, session: Session, settings: dict[str, Any]) -> None:
    who = officer(app, session)
    made = with_factor(app, session, who)
    line = run("keys").told.splitlines()[0]
    assert parse_keys(line)
    settings["secret_keys"] = f"{line},{KEYS}"
    assert "Encrypted again: 3 values." in run("reseal").told
    assert "Encrypted again: 0 values." in run("reseal").told
    session.expire_all()
    newest = Vault(parse_keys(line))
    assert contacts.phone_of(newest, who) == PHONE
    assert newest.open(who.totp_sealed or b"", **contacts.place("totp_sealed", who.id)) == made.secret
    both = Vault(parse_keys(settings["secret_keys"]))
    found = contacts.find_person(session, both, PHONE)
    assert found is not None
    assert found.id == who.id, "found by the oldest key still"
    with pytest.raises(CannotOpen):
        contacts.phone_of(vault_of(app), who)


def test_a_missing_key_changes_nothing(app: Flask, session: Session) -> None:
    who = officer(app, session)
    before = who.phone_sealed
    with pytest.raises(keyring.WrongKeys):
        keyring.reseal(session, Vault(parse_keys(new_key("other"))))
    session.rollback()
    assert session.get_one(Person, who.id).phone_sealed == before


def test_demo_people_get_in_once_they_have_passwords(run: Any, session: Session, settings: dict[str, Any]) -> None:
    assert run("demo-passwords").exit_code == 1, "production"
    settings["mode"] = "development"
    assert "no demo people" in run("demo-passwords").told
    assert seeding.demo(session).people == len(demo.PEOPLE)
    assert seeding.demo(session).people == 0, "once"
    session.commit()
    assert set(session.scalars(select(Appointment.role))) == set(ROLES)
    assert all(name.startswith("ตัวอย่าง") for name in session.scalars(select(Person.name)))
    told = run("demo-passwords", "--if-new").told
    shown = dict(re.findall(r"(demo\.\w+)\s+(\S+)", told))
    assert set(shown) == {row[2] for row in demo.PEOPLE}
    again = run("demo-passwords", "--if-new").told
    assert "demo-passwords" in again
    assert not any(password in again for password in shown.values())
    kept = session.scalars(select(Person.password_hash).where(Person.user_name == "demo.ministry")).one()
    assert passwords.fits(kept, shown["demo.ministry"])
    assert "demo.ministry" in run("demo-passwords").told
    session.expire_all()
    kept = session.scalars(select(Person.password_hash).where(Person.user_name == "demo.ministry")).one()
    assert not passwords.fits(kept, shown["demo.ministry"])


def test_no_demo_people_where_there_are_others(session: Session) -> None:
    person(session)
    assert demo.make(session, NOON) == 0


def test_new_demo_passwords_end_their_sessions(app: Flask, session: Session) -> None:
    demo.make(session, NOON - timedelta(days=1))
    who = session.scalars(select(Person).where(Person.user_name == "demo.tambon")).one()
    sessions.start(session, who.id, now=NOON, device="test", address="127.0.0.1")
    demo.new_passwords(session, NOON)
    assert session.scalars(select(LoginSession.revoked_at)).all() == [NOON]
    assert sign_in(app.test_client(), "demo.tambon", "x").status_code == 400
