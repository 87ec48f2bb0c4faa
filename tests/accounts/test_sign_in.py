"""Name and password: whoever guesses learns nothing and soon has to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type, hash_secret_raw
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import LoginSession, Person
from mapapp.accounts.signing_in import attempts, passwords, shared_names
from mapapp.app import create_app
from mapapp.core import addresses, config
from mapapp.core.errors import Invalid
from mapapp.core.vault import Vault, new_key, parse_keys
from mapapp.database.counters import Count
from tests.accounts.comers import PASSWORD, hidden, officer, recorded, sign_in
from tests.at_once import Work, outcomes
from tests.conftest import AS_SERVED, KEYS, NOON
from tests.people import browser

TYPED = ["somchai", " SOMCHAI ", "081 234 5678", "๐๘๑-๒๓๔-๕๖๗๘", "+66 81 234 5678", "Somchai@Example.go.th"]


@pytest.mark.parametrize("name", TYPED)
def test_in_by_any_name_in_any_spelling(app: Flask, session: Session, client: FlaskClient, name: str) -> None:
    who = officer(app, session)
    answer = sign_in(client, name)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in/second-factor?next=%2Fofficer"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert session.scalars(select(LoginSession.person_id)).all() == [who.id]
    session.refresh(who)
    assert who.last_signed_in_at == NOON
    assert [entry.actor_id for entry in recorded(session, "sign_in")] == [who.id]


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    cookie = sign_in(client, base_url="https://map.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-mapapp=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_over_plain_http_from_elsewhere_nobody_gets_in(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    answer = sign_in(client, environ_base={"REMOTE_ADDR": "192.0.2.7"}, base_url="http://map.example")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_unknown_name_and_wrong_password_are_one_answer(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    wrong = sign_in(client, "somchai", "not the password")
    unknown = sign_in(client, "somsakk", "not the password")
    assert (wrong.status_code, unknown.status_code) == (400, 400)
    assert wrong.text.replace("somchai", "…") == unknown.text.replace("somsakk", "…")
    assert "not the password" not in wrong.text
    assert 'value="somchai"' in wrong.text, "what was typed is kept, but not the password"


def test_both_cost_one_verified_hash(
    app: Flask, session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, query_count: Callable[[], int]
) -> None:
    officer(app, session)
    passwords.dummy()
    verified: list[str] = []
    statements: list[int] = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept)
            return hasher.verify(kept, password)

        def check_needs_rehash(self, kept: str) -> bool:
            return hasher.check_needs_rehash(kept)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    found: list[str] = []
    finder = shared_names._finder

    def counting(vault: Vault, kind: str, name: str, password: str) -> bytes:
        found.append(kind)
        return finder(vault, kind, name, password)

    monkeypatch.setattr(shared_names, "_finder", counting)
    hashes: list[int] = []
    for name in ("somchai", "nobody.here", "081 234 5678", "053 111 222"):
        before = query_count(), len(verified)
        sign_in(client, name, "wrong")
        statements.append(query_count() - before[0])
        hashes.append(len(verified) - before[1])
    assert hashes == [1, 1, 1, 1]
    assert found == ["user_name", "user_name", "phone", "phone"], (
        "and one finder, by which the others may have the name"
    )
    assert len(set(statements)) == 1, "and the same questions to the database"
    sign_in(client)
    assert len(verified) == 5


AWAY = "https://map.example"


def from_address(number: int) -> dict[str, Any]:
    """Somewhere else on the internet."""
    return {"environ_base": {"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250 + 1}"}, "base_url": AWAY}


def test_five_failures_close_an_account_for_the_address_they_came_from(
    app: Flask, session: Session, client: FlaskClient, clock: dict[str, datetime]
) -> None:
    who = officer(app, session)
    for name in TYPED[:5]:
        assert sign_in(client, name, "wrong").status_code == 400
    answer = sign_in(client)
    assert answer.status_code == 429, "the right password too"
    assert answer.headers["Retry-After"] == "900"
    assert "15 นาที" in answer.text or "15 minutes" in answer.text
    assert [entry.subject_id for entry in recorded(session, "account.lock")] == [str(who.id)]
    assert len(recorded(session, "sign_in.fail")) == 5
    assert sign_in(app.test_client(), **from_address(1)).status_code == 303, "from elsewhere it is open"
    clock["now"] = NOON + timedelta(minutes=15, seconds=1)
    assert sign_in(client).status_code == 303


def test_an_attacker_elsewhere_does_not_lock_the_officer_out(app: Flask, session: Session) -> None:
    officer(app, session)
    home = from_address(999)
    assert sign_in(app.test_client(), **home).status_code == 303, "they have been here before"
    outcomes_elsewhere = [
        sign_in(app.test_client(), "somchai", "wrong", **from_address(number)).status_code for number in range(40)
    ]
    assert outcomes_elsewhere == [400] * attempts.STRANGERS.most + [429] * (40 - attempts.STRANGERS.most)
    assert sign_in(app.test_client(), **from_address(50)).status_code == 429, "strangers wait, whatever they know"
    assert sign_in(app.test_client(), "somchai", "wrong", **home).status_code == 400, "and may mistype"
    assert sign_in(app.test_client(), **home).status_code == 303


def test_guessing_from_everywhere_gets_slower_and_stays_bounded(
    app: Flask, session: Session, clock: dict[str, datetime]
) -> None:
    officer(app, session)
    tried, waits = 0, []
    while clock["now"] < NOON + timedelta(hours=24):
        answer = sign_in(app.test_client(), "somchai", "wrong", **from_address(tried))
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            clock["now"] += timedelta(seconds=waits[-1])
        else:
            tried += 1
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (15, 16 * 60)
    assert tried < 150


def test_who_goes_on_waits_longer(
    app: Flask, session: Session, client: FlaskClient, clock: dict[str, datetime]
) -> None:
    officer(app, session)
    waits = []
    for _ in range(60):
        answer = sign_in(client, "somchai", "wrong")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            clock["now"] += timedelta(seconds=waits[-1])
        if len(waits) == 7:
            break
    assert [wait // 60 for wait in waits] == [15, 30, 60, 120, 240, 240, 240]
    assert len(recorded(session, "sign_in.fail")) == 11


def test_a_success_forgets_the_failures_from_here(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    for _ in range(3):
        for _ in range(4):
            assert sign_in(app.test_client(), "somchai", "wrong").status_code == 400
        assert sign_in(app.test_client()).status_code == 303


def test_typos_of_an_office_close_nobody_out(app: Flask, session: Session) -> None:
    officer(app, session)
    for number in range(30):
        assert sign_in(app.test_client(), f"colleague.{number}", "wrong").status_code == 400
    assert sign_in(app.test_client()).status_code == 303


def test_one_address_cannot_try_one_password_at_every_account(app: Flask, session: Session) -> None:
    officer(app, session)
    most = attempts.ADDRESS.most
    tried = [sign_in(app.test_client(), f"guess.{number}", "wrong").status_code for number in range(most + 1)]
    assert tried == [400] * most + [429]
    assert sign_in(app.test_client(), "somebody.else", "wrong").status_code == 429


def test_an_address_with_many_wrong_tries_makes_people_wait_and_keeps_nobody_out(
    app: Flask, session: Session, clock: dict[str, datetime]
) -> None:
    officer(app, session)
    for number in range(attempts.ADDRESS.most):
        sign_in(app.test_client(), f"guess.{number}", "wrong")
    waits = []
    for number in range(6):
        refused = sign_in(app.test_client(), f"more.{number}", "wrong")
        waits.append(int(refused.headers["Retry-After"]))
        clock["now"] += timedelta(seconds=waits[-1])
        assert sign_in(app.test_client(), f"more.{number}", "wrong").status_code == 400
    assert waits == [5, 10, 20, 40, 80, 80]
    clock["now"] += timedelta(seconds=80)
    assert sign_in(app.test_client()).status_code == 303, "its owner was never here before"


def test_a_crowd_at_the_same_address_does_not_keep_out_who_came_from_there(app: Flask, session: Session) -> None:
    officer(app, session)
    assert sign_in(app.test_client()).status_code == 303
    for number in range(attempts.ADDRESS.most + 1):
        sign_in(app.test_client(), f"guess.{number}", "wrong")
    assert sign_in(app.test_client()).status_code == 303


def test_a_name_nobody_has_is_closed_just_the_same(app: Flask, session: Session) -> None:
    for _ in range(5):
        assert sign_in(app.test_client(), "Nobody.Here", "wrong").status_code == 400
    assert sign_in(app.test_client(), "nobody.here", "x").status_code == 429
    for number in range(attempts.STRANGERS.most - 5):
        assert sign_in(app.test_client(), "nobody.here", "x", **from_address(number)).status_code == 400
    assert sign_in(app.test_client(), "nobody.here", "x", **from_address(99)).status_code == 429


def test_a_forwarded_address_that_is_made_up_counts_as_what_it_is(app: Flask, client: FlaskClient) -> None:
    for number in range(5):
        sign_in(client, "guess", "wrong", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert sign_in(client, "guess", "x", headers={"X-Forwarded-For": "203.0.113.200"}).status_code == 429


def test_the_password_once_more_is_limited_where_the_session_was_taken_over(app: Flask, session: Session) -> None:
    who = officer(app, session, role="volunteer")
    taken = browser(app, session, who)
    tried = [
        taken.post("/sign-in/confirm", {"password": "wrong"}, environ_base={"REMOTE_ADDR": f"198.51.100.{number}"})
        for number in range(attempts.STRANGERS.most + 1)
    ]
    assert [answer.status_code for answer in tried] == [400] * attempts.STRANGERS.most + [429]


def test_one_subscriber_is_one_address() -> None:
    assert addresses.network("2001:db8:1:2:aaaa::1") == addresses.network("2001:db8:1:2:bbbb::9")
    assert addresses.network("2001:db8:1:3::1") != addresses.network("2001:db8:1:2::1")
    assert addresses.network("::ffff:192.0.2.1") == addresses.network("192.0.2.1") == "192.0.2.1"
    assert addresses.network("unknown") == "unknown"


@pytest.fixture
def apart(owner: Engine, engine: Engine) -> Iterator[Engine]:
    """The database with real commits, cleaned up afterwards: for what several connections do at once."""
    yield engine
    with owner.begin() as connection:
        connection.execute(delete(Count))


def test_twenty_at_once_are_five_tries(apart: Engine) -> None:
    vault = Vault(parse_keys(KEYS))

    def guess(own: Session) -> None:
        attempts.Guess(own, vault, what="password", account="a", address="192.0.2.50", now=NOON).failed()

    assert outcomes(apart, [guess] * 20) == {"TooMany": 15, "done": 5}


def test_thirty_strangers_at_once_are_twenty_tries(apart: Engine) -> None:
    vault = Vault(parse_keys(KEYS))

    def stranger(number: int) -> Work:
        place = f"192.0.2.{number}"
        return lambda own: attempts.Guess(
            own, vault, what="password", account="b", address=place, now=NOON
        ).failed()  # fmt: skip

    made = outcomes(apart, [stranger(number) for number in range(30)])
    assert made == {"TooMany": 30 - attempts.STRANGERS.most, "done": attempts.STRANGERS.most}


def test_the_old_session_of_the_browser_ends(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    sign_in(client)
    first = client.get_cookie(PLAIN_COOKIE)
    token = hidden(client.get("/sign-in"), "csrf_token")
    assert sign_in(client, csrf_token=token).status_code == 303
    second = client.get_cookie(PLAIN_COOKIE)
    assert first is not None
    assert second is not None
    assert first.value != second.value
    assert len(session.scalars(select(LoginSession).where(LoginSession.revoked_at.is_(None))).all()) == 1


def test_a_cookie_planted_before_is_not_taken_over(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    client.set_cookie(PLAIN_COOKIE, "planted-by-somebody", domain="localhost")
    assert sign_in(client).status_code == 303
    found = client.get_cookie(PLAIN_COOKIE)
    assert found is not None
    assert found.value != "planted-by-somebody"
    other = app.test_client()
    other.set_cookie(PLAIN_COOKIE, "planted-by-somebody", domain="localhost")
    assert other.get("/account").status_code == 303


ELSEWHERE = ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/a\r\nX: y", "evil"]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_next_stays_on_this_service(app: Flask, session: Session, client: FlaskClient, path: str) -> None:
    officer(app, session, role="volunteer")
    answer = sign_in(client, next=path)
    assert answer.headers["Location"] == "/volunteer/join"
    assert hidden(client.get("/sign-in", query_string={"next": path}), "next") == ""


def test_next_is_followed_in_the_persons_language(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session, role="volunteer", language="en")
    assert sign_in(client, next="/nearest?lat=14&lang=th").headers["Location"] == "/nearest?lat=14&lang=en"


def test_the_suspended_are_told_so_only_with_the_password(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session, suspended_at=NOON)
    assert sign_in(client, password="wrong").status_code == 400
    answer = sign_in(client)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_the_erased_and_the_never_joined_do_not_get_in(app: Flask, session: Session, client: FlaskClient) -> None:
    who = officer(app, session, password_hash=None)
    assert sign_in(client).status_code == 400
    who.password_hash, who.erased_at = passwords.hashed(PASSWORD), NOON
    session.commit()
    assert sign_in(client).status_code == 400


def test_demo_accounts_get_in_in_development_on_loopback_only(app: Flask, session: Session, factory: object) -> None:
    officer(app, session, is_demo=True)
    assert sign_in(app.test_client()).status_code == 400, "production"
    development = create_app(config.Config(tile_url="none", secret_keys=KEYS, mode="development"), factory)  # type: ignore[arg-type]  # the fixture's own type
    development.extensions["mapapp_clock"] = lambda: NOON
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert sign_in(development.test_client(), environ_base=away, base_url="https://map.example").status_code == 400
    answer = sign_in(development.test_client())
    assert answer.headers["Location"] == "/officer", "and no second factor is asked"


@pytest.mark.parametrize(
    "data",
    [
        {"name": "a\0b", "password": "x"}, {"name": "x", "password": "a\0b"}, {"name": "", "password": "x"},
        {"name": "x", "password": ""}, {"name": "x" * 300, "password": "x"}, {"name": "x", "password": "x" * 5000},
        {"name": "x"}, {}, {"name": "x", "password": "y", "role": "ministry"}, {"name": ["a", "b"], "password": "x"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(client: FlaskClient, data: dict[str, str]) -> None:
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("body", [b"name=%ED%A0%80&password=x", b"name=x&password=%ED%A0%80", b"name=%FF&password=%FF"])
def test_bytes_that_are_no_text(client: FlaskClient, body: bytes) -> None:
    assert client.post("/sign-in", data=body, content_type="application/x-www-form-urlencoded").status_code == 400


def test_a_password_of_ten_megabytes_is_not_even_read(client: FlaskClient) -> None:
    assert sign_in(client, "x", "x" * 10_000_000).status_code == 413


def test_a_form_of_another_site_or_session_is_refused(app: Flask, session: Session, client: FlaskClient) -> None:
    who = officer(app, session)
    assert sign_in(client, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert sign_in(client, headers={"Origin": "https://evil.example"}).status_code == 403
    mine, other = browser(app, session, who), browser(app, session, who)
    assert mine.client.post("/sign-out", data={"csrf_token": other.csrf}).status_code == 403
    assert mine.client.post("/sign-out").status_code == 403
    assert mine.get("/account").status_code == 200


def test_sign_out(app: Flask, session: Session) -> None:
    mine = browser(app, session, officer(app, session))
    answer = mine.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in?notice=signed_out"
    assert f"{PLAIN_COOKIE}=;" in answer.headers["Set-Cookie"]
    assert session.scalars(select(LoginSession.revoked_at)).all() == [NOON]
    assert len(recorded(session, "sign_out")) == 1
    assert app.test_client().post("/sign-out").status_code == 303, "nobody signed in: nothing to do, no error"


def test_a_password_and_a_finder_cost_what_guessing_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the service has it; the other tests hash for less."""
    hasher, cost = AS_SERVED
    kept = extract_parameters(hasher.hash(PASSWORD))
    assert (kept.type, kept.time_cost, kept.memory_cost, kept.parallelism) == (Type.ID, 2, 19_456, 1)
    monkeypatch.setattr(shared_names, "_COST", cost)
    vault = Vault(parse_keys(KEYS))
    salt = vault.index("somchai", "finder user_name")[:16]
    raw = hash_secret_raw(PASSWORD.encode(), salt, 2, 19_456, 1, 32, Type.ID)
    assert shared_names._finder(vault, "user_name", "somchai", PASSWORD) == vault.index(raw.hex(), "finder")


def test_a_hash_of_weaker_days_is_renewed(
    app: Flask, session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", AS_SERVED[0])
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    who = officer(app, session)
    who.password_hash = weak
    session.commit()
    assert sign_in(client).status_code == 303
    session.refresh(who)
    assert who.password_hash is not None
    assert not passwords.is_outdated(who.password_hash)


def test_what_was_typed_is_nowhere_on_record(app: Flask, session: Session, client: FlaskClient) -> None:
    officer(app, session)
    sign_in(client, "0812345678", "secret-canary")
    sign_in(client, "0899999999", "secret-canary")
    for entry in recorded(session, "sign_in.fail"):
        shown = f"{entry.details} {entry.subject_id}"
        assert "canary" not in shown
        assert "8123" not in shown
        assert "8999" not in shown


EASY = [
    "password1234", "0812345678ab", "๐๘๑๒๓๔๕๖๗๘ก", "ฟหกดเ้่าสวง", "ๆไำพะัีรนย", "qwertyuiop123", "aaaaaaaaaaaa",
    "สมชายสมชาย", "somchai2530", "1234567890123", "+66-81-234-5678", "โรงพยาบาล2569",
]  # fmt: skip


@pytest.mark.parametrize("password", EASY)
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.demand_strong(passwords.parse_password(password), ["สมชาย ใจดี", "+66812345678", "somchai"])


@pytest.mark.parametrize("password", ["correct horse battery", "ช้างม้าวัวควายนก", PASSWORD, "x9$kQ2!vLm" + "y" * 200])
def test_good_ones_are_not(password: str) -> None:
    passwords.demand_strong(passwords.parse_password(password), ["สมชาย ใจดี", None])


@given(st.text(min_size=1, max_size=60))
def test_a_password_is_one_spelling_or_refused(text: str) -> None:
    try:
        once = passwords.parse_password(text)
    except ValueError:
        return
    assert passwords.parse_password(once) == once


def test_the_end_of_a_long_password_counts() -> None:
    kept = passwords.hashed("a" * 200 + "b")
    assert passwords.fits(kept, "a" * 200 + "b")
    assert not passwords.fits(kept, "a" * 200 + "c")
    assert not passwords.fits(kept, "a" * 200)
    assert not passwords.fits(None, "a" * 200)
    assert not passwords.fits("not a hash", "a")


def test_a_contact_does_not_open_in_another_row(session: Session) -> None:
    vault = Vault(parse_keys(new_key("k")))
    one, two = Person(name="a"), Person(name="b")
    session.add_all([one, two])
    session.flush()
    contacts.keep_phone(vault, one, "+66812345678")
    two.phone_sealed = one.phone_sealed
    assert contacts.phone_of(vault, one) == "+66812345678"
    with pytest.raises(Exception, match="does not open"):
        contacts.phone_of(vault, two)
