"""Another machine's master keys, after a restore or a move: told at once, and nothing is sealed with them."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from mapapp.accounts import contacts
from mapapp.core.vault import Vault, new_key, parse_keys
from mapapp.database import Base, keyring
from mapapp.database.keyring import KeyProbe, WrongKeys, problem, settle
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident import links
from mapapp.operations import check
from tests.conftest import KEYS, NOON
from tests.data import small_country
from tests.help_requests.build import add_request
from tests.people import appoint, browser
from tests.problems import slug_of
from tests.volunteers.build import profile

ONE, TWO, THREE = new_key("k1"), new_key("k2"), new_key("k3")
OTHER = new_key("k1")
ASKING = {
    "needs": "food", "urgency": "normal", "point": "14.02, 100.02", "phone": "0812340002", "who": "self",
    "consent": CONSENT_VERSION,
}  # fmt: skip


def vault(*keys: str) -> Vault:
    return Vault(parse_keys(",".join(keys)))


def probes(session: Session) -> dict[str, bool]:
    return dict(session.execute(select(KeyProbe.name, KeyProbe.finds)).all())


@pytest.fixture
def wrong(app: Flask, session: Session) -> Flask:
    """The service with another key than the one that sealed what is in the database, under the same name."""
    small_country(session)
    lose_keys(app, session)
    return app


def lose_keys(app: Flask, session: Session) -> None:
    """From now on the process has another key of the same name."""
    name = KEYS.partition(":")[0]
    settle(session, vault(KEYS))
    session.commit()
    app.extensions["mapapp_vault"] = app.extensions["mapapp_keys"]._vault = vault(new_key(name))
    app.extensions["mapapp_keys"].until = float("-inf")
    object.__setattr__(app.extensions["mapapp_config"], "secret_keys", new_key(name))


def kept(session: Session) -> dict[str, str | None]:
    """What is in each table, in short."""
    session.expire_all()
    content = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} AS t"
    return {name: session.scalar(text(content.format(name))) for name in Base.metadata.tables}


def test_a_wrong_key_is_not_ready(wrong: Flask) -> None:
    answer = wrong.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "master key test " in answer.get_json()["detail"]
    assert wrong.test_client().get("/healthz").status_code == 200
    assert wrong.test_client().get("/nearest?lat=14.05&lon=100.05").status_code == 200, "nothing sealed is in it"


def test_nothing_is_taken_in_or_sealed_under_a_wrong_key(wrong: Flask, session: Session) -> None:
    client = wrong.test_client()
    page = client.post("/requests/new", data=ASKING)
    assert page.status_code == 503
    assert "1669" in page.text
    assert int(page.headers["Retry-After"]) > 0
    told = client.post("/api/v1/help-requests", json={"needs": []})
    assert (told.status_code, slug_of(told)) == (503, "not-ready")
    assert client.post("/sign-in", data={"name": "x", "password": "y"}).status_code == 503
    assert session.scalar(select(func.count()).select_from(HelpRequest)) == 0
    assert set(probes(session)) == {"test"}


@pytest.mark.parametrize(
    "address",
    [
        "/account/download",
        "/officer/requests/export?format=csv&tab=open",
        "/officer/facilities/export?format=csv&area=900101",
        "/officer/requests/{asked}",
        "/requests/mine/{asked}/data.json",
        "/volunteer/nearby",
    ],
)
def test_a_get_leaves_nothing_behind_under_a_wrong_key(app: Flask, session: Session, address: str) -> None:
    small_country(session)
    asked = add_request(session)
    role, area = ("volunteer", "9001") if "volunteer" in address else ("tambon_officer", "900101")
    who = appoint(session, role, area)
    if role == "volunteer":
        session.add(profile(who, reach_km=30, means=["pickup"], skills=["first_aid"]))
        session.flush()
    mine = browser(app, session, who)
    link = links.make(session, vault(KEYS), asked.id, made_by="post", now=NOON)
    session.commit()
    if "/mine/" in address:
        mine.get(f"/requests/mine/{link.token}")
    address = address.format(asked=asked.id)
    lose_keys(app, session)
    before = kept(session)
    answer = mine.get(address)
    assert answer.status_code == 503
    assert "1669" in answer.text
    assert kept(session) == before
    app.extensions["mapapp_vault"] = app.extensions["mapapp_keys"]._vault = vault(KEYS)
    app.extensions["mapapp_keys"].until = float("-inf")
    assert mine.get(address).status_code == 200
    assert kept(session) != before, "with the right key it is on record"


@pytest.mark.parametrize("path", ["/requests/new", "/sign-in", "/api/v1/help-requests"])
def test_a_database_that_is_not_upgraded_yet_takes_nothing_in_for_now(
    app: Flask, owner: Engine, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    watch = app.extensions["mapapp_keys"]
    watch.until = float("-inf")
    with owner.connect() as old, old.begin() as undone:
        old.execute(text("ALTER TABLE key_probes RENAME TO probes_to_come"))
        monkeypatch.setattr(watch, "_factory", sessionmaker(old, join_transaction_mode="create_savepoint"))
        answer = app.test_client().post(path, data=ASKING)
        undone.rollback()
    assert answer.status_code == 503
    assert "1669" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    monkeypatch.undo()
    watch.until = float("-inf")
    watch.demand()  # upgraded meanwhile: it goes on without a new start


def test_pages_that_open_what_is_sealed_say_so_under_a_wrong_key(app: Flask, session: Session) -> None:
    small_country(session)
    who = appoint(session, "tambon_officer", "900101")
    contacts.keep_phone(vault(KEYS), who, "+66812345678")
    mine = browser(app, session, who)
    assert mine.get("/account").status_code == 200
    who.phone_sealed = vault(OTHER).seal("+66812345678", **contacts.place("phone_sealed", who.id))
    session.commit()
    page = mine.get("/account/download")
    assert page.status_code == 503, "one value of another key: told, and no 500"
    assert "1669" in page.text


def test_the_service_goes_on_once_the_right_key_is_back(wrong: Flask) -> None:
    watch = wrong.extensions["mapapp_keys"]
    with pytest.raises(WrongKeys):
        watch.demand()
    watch._vault = vault(KEYS)
    with pytest.raises(WrongKeys):
        watch.demand()  # believed for a moment
    watch.until = time.monotonic()
    watch.demand()


def test_the_check_stops_and_says_how_to_mend(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(session, vault(ONE))
    monkeypatch.setenv("MAPAPP_SECRET_KEYS", ONE)
    assert [one.level for one in check._keys(session)] == ["ok"]
    monkeypatch.setenv("MAPAPP_SECRET_KEYS", OTHER)
    (found,) = check._keys(session)
    assert found.level == "stops"
    assert found.mend is not None


def test_an_empty_database_takes_the_first_keys_and_no_others(session: Session) -> None:
    settle(session, vault(TWO, ONE))
    assert probes(session) == {"k2": False, "k1": True}
    settle(session, vault(TWO, ONE))
    with pytest.raises(WrongKeys):
        settle(session, vault(OTHER))
    assert problem(session, vault(TWO, ONE)) is None


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ([TWO, ONE], None),
        ([THREE, TWO, ONE], None),
        ([TWO], "k1"),  # the oldest was dropped: nobody would be found any more
        ([ONE, TWO], "k1"),  # the wrong way round: names would be looked for under another key
        ([TWO, OTHER], "k1"),
        ([ONE], "k2"),  # a backup of the keys from before the newest
    ],
)
def test_which_keys_fit(session: Session, keys: list[str], wrong: str | None) -> None:
    settle(session, vault(TWO, ONE))
    assert problem(session, vault(*keys)) == wrong


@pytest.mark.parametrize("what", ["person", "request"])
def test_a_database_from_before_the_probes_is_asked_by_what_is_sealed_in_it(session: Session, what: str) -> None:
    small_country(session)
    if what == "person":
        contacts.keep_phone(vault(KEYS), appoint(session, "tambon_officer", "900101"), "+66812345678")
    else:
        add_request(session)
    session.flush()
    with pytest.raises(WrongKeys):
        settle(session, vault(new_key(KEYS.partition(":")[0])))
    assert probes(session) == {}
    settle(session, vault(KEYS))
    assert set(probes(session)) == {"test"}


def test_every_sealed_column_is_sealed_anew_and_the_key_in_between_may_go(session: Session) -> None:
    small_country(session)
    where = {f"{table.name}.{column}" for table, column in keyring.sealed_columns()}
    known = {"people.phone_sealed", "people.email_sealed", "people.totp_sealed"}
    assert where >= known | {"help_requests.contact_sealed", "help_requests.landmark_sealed"}
    old, between, newest = KEYS, TWO, THREE
    who = appoint(session, "tambon_officer", "900101")
    contacts.keep_phone(vault(between, old), who, "+66812345678")
    asked = add_request(session)
    settle(session, vault(between, old))
    session.commit()
    all_three = vault(newest, between, old)
    settle(session, all_three)
    changed = keyring.reseal(session, all_three)
    assert changed >= 2
    assert keyring.reseal(session, all_three) == 0
    assert set(probes(session)) == {"k3", "test"}
    session.expire_all()
    for sealed in (who.phone_sealed, asked.contact_sealed):
        assert sealed is not None
        assert vault(newest).is_current(sealed)
    assert problem(session, vault(newest, old)) is None
    session.execute(delete(KeyProbe))
    assert problem(session, vault(newest, old)) is None, "each opens where keyring says it lies"
    assert problem(session, vault(THREE.replace("k3", "kx"), old)) == "k3"
