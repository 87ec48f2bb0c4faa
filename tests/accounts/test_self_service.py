"""One's own account: changed by its owner alone, taken along, deleted; and mail where there is a server for it."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import ApiToken, Appointment, Invitation, LoginSession, Person, RecoveryCode
from mapapp.accounts.signing_in import mail, mailed_links, passwords
from mapapp.core.config import Config
from mapapp.core.languages import LANGUAGES, WRITTEN, Language
from tests.accounts.comers import PASSWORD, PHONE, hidden, officer, recorded, sign_in, vault_of, with_factor
from tests.accounts.conftest import Mailbox
from tests.conftest import NOON
from tests.data import small_country
from tests.payloads import EVALUATED
from tests.people import appoint, browser, person, token_for

NEW = "กระดาษ window ปลาทู 88"
PAYLOADS = ["{{98765*54321}}", "{%", "{#", "${window.PWN=1}", "<img src=x onerror=window.PWN=1>", '"><script>']


def test_the_page_of_somebody_appointed(app: Flask, session: Session) -> None:
    small_country(session)
    who = officer(app, session)
    appoint(session, "amphoe_coordinator", "9001", to=who, ended_at=NOON - timedelta(days=1), confidentiality_on=None)
    session.commit()
    text = browser(app, session, who).get("/account?lang=en").text
    for shown in ("Tambon officer", "Tambon 01", "Amphoe coordinator", "West", "ended", "081 234 5678", "somchai",
                  "15 Jan 2027", "somchai@example.go.th"):  # fmt: skip
        assert shown in text, shown


def test_without_any_appointment_it_works_and_says_so(app: Flask, session: Session) -> None:
    who = person(session, password_hash="x", password_set_at=NOON)
    session.commit()
    answer = browser(app, session, who, second_factor=False).get("/account?lang=en")
    assert answer.status_code == 200
    assert "You have no role" in answer.text


@pytest.mark.parametrize("row", LANGUAGES, ids=lambda row: row.code)
def test_every_language_of_the_service_can_be_ones_own(app: Flask, session: Session, row: Language) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    sent = mine.post("/account", {"name": "สมชาย", "organisation": "", "language": row.code})
    assert sent.status_code == 303
    session.refresh(who)
    assert who.language == row.code
    shown = mine.get(sent.headers["Location"])
    assert shown.status_code == 200
    spoken = row.code if row.for_staff else WRITTEN.code
    assert f'<html lang="{spoken}"' in shown.text, "pages of officers that are not in it are in English"
    assert f'<option value="{row.code}" selected>{row.name}' in shown.text


def test_changing_what_one_says_about_oneself(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    answer = mine.post("/account", {"name": "  สมชาย มั่นคง ", "organisation": "", "language": "en"})
    assert answer.headers["Location"] == "/account?notice=saved&lang=en"
    session.refresh(who)
    assert (who.name, who.organisation, who.language) == ("สมชาย มั่นคง", None, "en")
    entry = recorded(session, "person.edit")[0]
    assert entry.details == {"fields": ["name", "organisation", "language"]}
    assert entry.area_code == "900101"


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""}, {"name": "x" * 201}, {"name": "a\0b"}, {"name": "1-2345-67890-12-1"}, {"language": "xx"},
        {"role": "ministry"}, {"is_demo": "1"},
        {"suspended_at": ""}, {"password_hash": "x"}, {"first_signed_in_at": "2020-01-01"},
    ],
)  # fmt: skip
def test_nothing_else_can_be_set(app: Flask, session: Session, data: dict[str, str]) -> None:
    who = officer(app, session)
    answer = browser(app, session, who).post("/account", {"name": "ใหม่", "language": "th", **data})
    assert answer.status_code == 400
    session.refresh(who)
    assert who.name == "tambon_officer 900101"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_are_shown_as_typed(app: Flask, session: Session, payload: str) -> None:
    mine = browser(app, session, officer(app, session))
    assert mine.post("/account", {"name": payload, "organisation": payload, "language": "th"}).status_code == 303
    for path in ("/account", "/account/delete", "/sign-in"):
        text = mine.get(path).text
        assert EVALUATED not in text
        assert "<img src=x" not in text
        assert '"><script>' not in text


def test_changing_by_what_one_signs_in(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    assert hidden_value(mine.get("/account/contacts").text, "phone") == "081 234 5678"
    form = {"phone": "๐๘๙ ๘๗๖ ๕๔๓๒", "email": "New@Example.org", "user_name": "", "password": PASSWORD}
    assert mine.post("/account/contacts", {**form, "password": "wrong"}).status_code == 400
    assert mine.post("/account/contacts", form).status_code == 303
    session.refresh(who)
    assert contacts.phone_of(vault_of(app), who) == "+66898765432"
    assert contacts.email_of(vault_of(app), who) == "new@example.org"
    assert who.user_name is None
    assert b"898765432" not in (who.phone_sealed or b"") + (who.phone_index or b"")
    assert recorded(session, "person.edit")[0].details == {"fields": ["phone", "email", "user_name"]}
    assert sign_in(app.test_client(), "0898765432").status_code == 303
    assert sign_in(app.test_client(), "somchai").status_code == 400


def hidden_value(text: str, name: str) -> str:
    start = text.index(f'name="{name}"')
    return text[start:].split('value="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize("role", ["data_volunteer", "volunteer"])
@pytest.mark.parametrize(
    ("field", "taken", "free"),
    [("phone", "081 234 5678", "081 234 5679"), ("email", "SOMCHAI@example.go.th", "somchai@example.org"),
     ("user_name", "Somchai", "somchart")],
)  # fmt: skip
def test_whether_another_account_has_a_name_is_not_told(
    app: Flask, session: Session, role: str, field: str, taken: str, free: str
) -> None:
    """The same answer, the same pages after it, and one's own password works by it in both cases."""
    owner = officer(app, session, password_hash=passwords.hashed("อีกรหัส หนึ่ง ต่างกัน"))
    found = []
    for name, value in (("taken", taken), ("free", free)):
        mine = person(session, "คนอื่น", password_hash=passwords.hashed(passwords.parse_password(PASSWORD)))
        appoint(session, role, "900102", to=mine)
        mine.user_name = f"old.{name}"
        session.commit()
        own = browser(app, session, mine)
        form = {"phone": "", "email": "", "user_name": "", "password": PASSWORD, field: value}
        answer = own.post("/account/contacts", form)
        later = [sign_in(app.test_client(), value), sign_in(app.test_client(), f"old.{name}")]
        shown = hidden_value(own.get("/account/contacts").text, field)
        found.append(
            (answer.status_code, answer.location, answer.text, shown.replace(" ", "") == value.replace(" ", "").lower(),
             [(one.status_code, one.location) for one in later])
        )  # fmt: skip
    assert found[0] == found[1]
    assert found[0][0] == 303
    assert [status for status, _ in found[0][4]] == [303, 400]
    session.refresh(owner)
    assert (owner.user_name, contacts.phone_of(vault_of(app), owner)) == ("somchai", "+66812345678")
    theirs = sign_in(app.test_client(), taken, "อีกรหัส หนึ่ง ต่างกัน")
    assert theirs.location.startswith("/sign-in/second-factor"), "nothing is taken from who had it"


def test_a_name_and_a_guess_at_a_password_cannot_be_put_on_again_and_again(app: Flask, session: Session) -> None:
    """Whoever makes their own name and password those of another's would come out in the other's account."""
    own = browser(app, session, officer(app, session))
    form = {"phone": "", "email": "", "user_name": "someone", "password": PASSWORD}
    assert [own.post("/account/contacts", form).status_code for _ in range(21)] == [303] * 20 + [429]


def test_an_account_that_was_deleted_is_found_by_none_of_its_names(app: Flask, session: Session) -> None:
    who = officer(app, session, role="volunteer")
    own = browser(app, session, who)
    form = {"phone": "0812345679", "email": "a@b.th", "user_name": "abc", "password": PASSWORD}
    assert own.post("/account/contacts", form).status_code == 303
    assert own.post("/account/delete", {"password": PASSWORD, "sure": "1"}).status_code == 303
    assert {sign_in(app.test_client(), name).status_code for name in ("0812345679", "a@b.th", "abc")} == {400}
    session.refresh(who)
    assert {who.phone_claim, who.phone_finder, who.email_finder, who.user_name_finder} == {None}


@pytest.mark.parametrize(
    "data",
    [
        {"phone": "12345"}, {"phone": "1669"}, {"email": "a@b"}, {"email": "a@b.th\nBcc: x@y.th"}, {"user_name": "ab"},
        {"user_name": "0812345678"}, {"user_name": "สมชาย"}, {"phone": "", "email": "", "user_name": ""},
        {"phone_sealed": "x"},
    ],
)  # fmt: skip
def test_contacts_that_are_none(app: Flask, session: Session, data: dict[str, str]) -> None:
    form = {"phone": PHONE, "email": "a@b.th", "user_name": "abc", "password": PASSWORD, **data}
    assert browser(app, session, officer(app, session)).post("/account/contacts", form).status_code == 400


def test_changing_the_password_ends_the_other_sessions_and_counts_once(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine, other = browser(app, session, who), browser(app, session, who)
    once = hidden(mine.get("/account/password"), "once")
    form = {"old": PASSWORD, "password": NEW, "again": NEW, "once": once}
    for bad in ({"old": "wrong"}, {"password": "short", "again": "short"}, {"again": "different"}):
        assert mine.post("/account/password", {**form, **bad}).status_code == 400
    for _ in range(2):  # tapped twice
        answer = mine.post("/account/password", form)
        assert answer.headers["Location"] == "/account?notice=password_changed"
    assert other.get("/account").status_code == 303
    assert sign_in(app.test_client(), password=NEW).status_code == 303
    assert len(recorded(session, "password.change")) == 1


def test_ones_own_tambon_is_no_password(app: Flask, session: Session) -> None:
    small_country(session)
    who = officer(app, session, area="9001", role="amphoe_coordinator")
    form = {"old": PASSWORD, "password": "ตะวันตกตะวันตก", "again": "ตะวันตกตะวันตก"}
    answer = browser(app, session, who).post("/account/password", form)
    assert answer.status_code == 400
    assert 'id="password-problem"' in answer.text


def test_guessing_the_password_from_inside_is_limited_too(app: Flask, session: Session) -> None:
    who = officer(app, session)
    mine = browser(app, session, who)
    for path, form in (
        ("/sign-in/confirm", {"password": "wrong"}),
        ("/account/delete", {"password": "wrong", "sure": "1"}),
        ("/account/password", {"old": "wrong", "password": NEW, "again": NEW}),
        ("/account/contacts", {"password": "wrong", "phone": PHONE}),
        ("/sign-in/confirm", {"password": "wrong"}),
    ):
        assert mine.post(path, form).status_code == 400, path
    answer = mine.post("/account/delete", {"password": PASSWORD, "sure": "1"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    session.refresh(who)
    assert who.erased_at is None


def test_new_recovery_codes_replace_the_old_and_are_the_same_twice(app: Flask, session: Session) -> None:
    who = officer(app, session)
    old = with_factor(app, session, who)
    mine = browser(app, session, who)
    sealed = hidden(mine.get("/account/recovery-codes"), "sealed")
    first, second = (mine.post("/account/recovery-codes", {"sealed": sealed}).text for _ in range(2))
    assert first == second
    assert old.codes[0] not in first
    assert len(session.scalars(select(RecoveryCode)).all()) == 10
    assert mine.post("/account/recovery-codes", {"sealed": "00"}).status_code == 400


def test_my_data_is_all_mine_and_without_secrets(app: Flask, session: Session, clock: dict[str, datetime]) -> None:
    who = officer(app, session)
    with_factor(app, session, who)
    token_for(session, who, ["facilities.capacity"])
    other = person(session, "คนอื่น ไม่เกี่ยว")
    browser(app, session, other)
    mine = browser(app, session, who)
    mine.post("/account", {"name": "ชื่อใหม่", "language": "th"})
    answer = mine.get("/account/download")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-account.json"'
    found = json.loads(answer.data)
    assert found["account"]["phone"] == PHONE
    assert found["appointments"][0]["role"] == "tambon_officer"
    assert len(found["sessions"]) == 1
    assert found["api_tokens"][0]["scopes"] == ["facilities.capacity"]
    assert {"person.edit", "person.download"} <= {entry["action"] for entry in found["record"]}
    for secret in ("คนอื่น", "argon2", "hash", "sealed"):
        assert secret not in answer.text
    clock["now"] = NOON + timedelta(minutes=16)
    assert mine.get("/account/download").headers["Location"].startswith("/sign-in/confirm")


def test_deleting_leaves_the_row_and_nothing_that_names_anybody(app: Flask, session: Session) -> None:
    who = officer(app, session)
    with_factor(app, session, who)
    token_for(session, who, ["facilities.capacity"])
    mine, other = browser(app, session, who), browser(app, session, who)
    assert mine.post("/account/delete", {"password": PASSWORD}).status_code == 400, "the box is not ticked"
    answer = mine.post("/account/delete", {"password": PASSWORD, "sure": "1"})
    assert answer.headers["Location"] == "/sign-in?notice=erased"
    session.expire_all()
    left = session.get_one(Person, who.id)
    assert left.name == "—"
    kept = {column.name for column in Person.__table__.columns if getattr(left, column.name) is not None}
    assert kept == {"id", "name", "language", "created_at", "first_signed_in_at", "erased_at", "is_demo"}
    for table in (LoginSession, Invitation, ApiToken, RecoveryCode):
        assert session.scalars(select(table)).all() == []
    assert session.scalars(select(Appointment.ended_at)).all() == [NOON]
    assert other.get("/account").status_code == 303
    assert sign_in(app.test_client()).status_code == 400
    assert len(recorded(session, "person.erase")) == 1


def test_the_last_of_the_ministry_stays(app: Flask, session: Session) -> None:
    who = officer(app, session, "ministry", "TH")
    appoint(session, "ministry", "TH", to=person(session, "never joined"))
    appoint(session, "ministry", "TH", to=person(session, password_hash="x", suspended_at=NOON))
    session.commit()
    mine = browser(app, session, who)
    answer = mine.post("/account/delete", {"password": PASSWORD, "sure": "1"})
    assert answer.status_code == 409
    session.expire_all()
    assert who.erased_at is None
    appoint(session, "ministry", "TH", to=person(session, password_hash="x"))
    session.commit()
    assert mine.post("/account/delete", {"password": PASSWORD, "sure": "1"}).status_code == 303


def test_dates_of_appointments_are_days_in_thailand(app: Flask, session: Session) -> None:
    small_country(session)
    who = officer(app, session)
    row = session.scalars(select(Appointment)).one()
    row.ends_at, row.training_expires_on = datetime(2026, 12, 31, 17, 0, tzinfo=NOON.tzinfo), date(2026, 12, 1)
    session.commit()
    text = browser(app, session, who).get("/account?lang=en").text
    assert "until 31 Dec 2026" in text, "the end is midnight after the last day"
    assert "1 Dec 2026" in text


# Mail -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "said"), [("th", "7 วัน"), ("en", "7 days")])
def test_a_link_by_mail_in_the_persons_language(mailbox: str, language: str, said: str) -> None:
    settings = Config(smtp_url=mailbox, mail_from="map@example.go.th")
    url = "https://map.example/join/" + "x" * 43
    assert mailed_links.send_link(settings, to="a@b.th", language=language, purpose="join", url=url)

    found = email.message_from_bytes(Mailbox.received[0], policy=email.policy.default)
    body = found.get_content()
    assert url in body
    assert (said in body) or language == "th"
    assert found["To"] == "a@b.th"


def test_without_a_server_or_with_a_broken_one_it_says_so(mailbox: str) -> None:
    assert not mail.send(Config(), "a@b.th", "s", "t")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"smtp://127.0.0.1:{probe.getsockname()[1]}"
        assert not mail.send(Config(smtp_url=nobody, mail_from="map@example.go.th"), "a@b.th", "s", "t")
    Mailbox.refuses = True
    assert not mail.send(Config(smtp_url=mailbox, mail_from="map@example.go.th"), "a@b.th", "s", "t")


def test_a_header_cannot_be_added(mailbox: str) -> None:
    settings = Config(smtp_url=mailbox, mail_from="map@example.go.th")
    with pytest.raises(ValueError, match="linefeed"):
        mail.send(settings, "a@b.th\r\nBcc: all@b.th", "s", "t")
    assert Mailbox.received == []
