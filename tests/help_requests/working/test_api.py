"""The API of those who help: the same steps as on the pages, with a token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.help_requests.working import claiming
from tests.conftest import NOON
from tests.help_requests.build import add_request, events_of
from tests.people import appoint, person, token_for
from tests.problems import slug_of
from tests.volunteers.build import profile

Headers = dict[str, str]


@pytest.fixture
def helper(country: Session) -> Person:
    return appoint(country, "volunteer", "900101", to=person(country, "น้องฟ้า"))


@pytest.fixture
def token(country: Session, helper: Person) -> Headers:
    return token_for(country, helper, ["requests.claim"])


def send(client: FlaskClient, token: Headers, request_id: int, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"/api/v1/help-requests/{request_id}/{path}", json=body or {}, headers=token)


def test_the_whole_way(country: Session, client: FlaskClient, token: Headers) -> None:
    asked = add_request(country)
    country.commit()
    first = send(client, token, asked.id, "claim")
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    ends = (NOON + timedelta(hours=6)).isoformat().replace("+00:00", "Z")
    (need,) = first.json["needs"]
    assert first.json == {"id": asked.id, "needs": [need], "lease_ends_at": ends, "is_new": True}
    assert send(client, token, asked.id, "claim").json == {**first.json, "is_new": False}
    assert send(client, token, asked.id, "renew").json["is_new"] is False
    shown = send(client, token, asked.id, "contact", {"reason": "agree"})
    assert shown.json["contacts"][0]["phone"] == "+66812345678"
    for step in ("on_the_way", "there"):
        assert send(client, token, asked.id, "progress", {"step": step}).json["lease_ends_at"] == ends
    done = {"step": "done", "given": "ข้าว", "needs": [need]}
    assert send(client, token, asked.id, "progress", done).json == {**first.json, "lease_ends_at": None}
    assert send(client, token, asked.id, "progress", done).json["is_new"] is False
    assert events_of(country, asked.id) == [
        "claimed", "place_shown", "contact_shown", "on_the_way", "there", "done"
    ]  # fmt: skip
    late = send(client, token, asked.id, "release", {"reason": "cannot_go"})
    assert late.status_code == 409
    assert (slug_of(late), late.json["state"]) == ("wrong-state", "done")
    assert "ผู้ขอ" in late.json["detail"] or "resident" in late.json["detail"]


def test_an_illegal_step_says_the_state_and_who_may_do_what(
    app: Flask, country: Session, client: FlaskClient, token: Headers
) -> None:
    asked = add_request(country, needs=({"kind": "food", "state": "helped"},))
    country.commit()
    for path, body in [("claim", {}), ("renew", {}), ("progress", {"step": "done"})]:
        answer = client.post(f"/api/v1/help-requests/{asked.id}/{path}?lang=en", json=body, headers=token)
        assert answer.status_code == 409
        assert answer.json is not None
        assert (slug_of(answer), answer.json["state"]) == ("wrong-state", "helped")
        assert answer.json["detail"] == "This is finished. The resident or an officer can reopen it."


def test_back_a_step_is_refused(country: Session, client: FlaskClient, token: Headers) -> None:
    asked = add_request(country)
    country.commit()
    send(client, token, asked.id, "claim")
    send(client, token, asked.id, "progress", {"step": "there"})
    assert send(client, token, asked.id, "progress", {"step": "on_the_way"}).status_code == 409


def test_renewing_has_a_limit(
    country: Session, client: FlaskClient, token: Headers, clock: dict[str, datetime]
) -> None:
    asked = add_request(country)
    country.commit()
    send(client, token, asked.id, "claim")
    for number in (1, 2):
        clock["now"] = NOON + timedelta(hours=5 * number)
        answer = send(client, token, asked.id, "renew")
        assert answer.json["is_new"] is True
        ends = (clock["now"] + timedelta(hours=6)).isoformat().replace("+00:00", "Z")
        assert answer.json["lease_ends_at"] == ends
    clock["now"] = NOON + timedelta(hours=15)
    assert slug_of(send(client, token, asked.id, "renew")) == "no-more-time"


def test_contacts_are_counted(
    country: Session, client: FlaskClient, token: Headers, helper: Person, clock: dict[str, datetime]
) -> None:
    shown = []
    asked = add_request(country)
    country.commit()
    send(client, token, asked.id, "claim")
    for _ in range(31):
        answer = send(client, token, asked.id, "contact", {"reason": "agree"})
        if answer.status_code == 429:
            assert 0 < int(answer.headers["Retry-After"]) <= 86_400
            assert "812345678" not in answer.get_data(as_text=True)
            clock["now"] += timedelta(hours=1)
            answer = send(client, token, asked.id, "contact", {"reason": "agree"})
        shown.append(answer.status_code)
        clock["now"] += timedelta(minutes=2)
    assert shown == [200] * 30 + [429]


def test_a_program_is_told_apart_why_it_does_not_get_a_request(
    country: Session, client: FlaskClient, token: Headers, helper: Person, clock: dict[str, datetime]
) -> None:
    asked = [add_request(country) for _ in range(5)]
    other = token_for(country, appoint(country, "volunteer", "900101"), ["requests.claim"])
    assert send(client, other, asked[0].id, "claim").status_code == 200
    assert slug_of(send(client, token, asked[0].id, "claim")) == "taken"
    assert slug_of(send(client, token, asked[1].id, "progress", {"step": "there"})) == "lease-over"
    for one in asked[1:4]:
        assert send(client, token, one.id, "claim").status_code == 200
    assert slug_of(send(client, token, asked[4].id, "claim")) == "full"
    clock["now"] = NOON + timedelta(days=2)
    assert slug_of(send(client, token, asked[1].id, "progress", {"step": "there"})) == "lease-over"
    country.add(profile(helper, paused_at=NOON))
    country.commit()
    assert slug_of(send(client, token, asked[4].id, "claim")) == "paused"


def test_who_lost_by_a_moment_is_told_to_send_it_again(
    country: Session, client: FlaskClient, token: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = add_request(country)
    country.commit()
    # As if another one had held it while this one looked, and had given it back since.
    monkeypatch.setattr(claiming, "_CLAIM", "SELECT 1, 2, now() WHERE false")
    assert slug_of(send(client, token, asked.id, "claim")) == "retry"
    monkeypatch.undo()
    assert send(client, token, asked.id, "claim").status_code == 200


@pytest.mark.parametrize("path", ["claim", "renew", "release", "hand-over", "progress", "contact"])
def test_who_may_what(app: Flask, country: Session, client: FlaskClient, path: str) -> None:
    asked = add_request(country)
    body: dict[str, Any] = {
        "release": {"reason": "cannot_go"}, "contact": {"reason": "agree"}, "progress": {"step": "there"},
        "hand-over": {"to_person": "00000000-0000-0000-0000-000000000000"},
    }.get(path, {})  # fmt: skip
    elsewhere = token_for(country, appoint(country, "volunteer", "9002"), ["requests.claim"])
    other_scope = token_for(country, appoint(country, "volunteer", "900101"), ["requests.nearby"])
    untrained = token_for(
        country, appoint(country, "volunteer", "900101", training_expires_on=None), ["requests.claim"]
    )
    assert slug_of(client.post(f"/api/v1/help-requests/{asked.id}/{path}", json=body)) == "not-signed-in"
    assert send(client, elsewhere, asked.id, path, body).status_code == 404
    assert send(client, elsewhere, 99_999_999, path, body).status_code == 404
    assert slug_of(send(client, other_scope, asked.id, path, body)) == "wrong-token"
    assert slug_of(send(client, untrained, asked.id, path, body)) == "papers-missing"
    assert events_of(country, asked.id) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [("claim", {"needs": ["x"]}), ("claim", {"team": "x"}), ("claim", {"holder_id": 1}), ("claim", {"needs": [2**63]}),
     ("claim", {"needs": [5]}), ("claim", {"needs": list(range(1, 60))}), ("release", {}),
     ("progress", {"step": "open"}), ("contact", {"reason": "curious"}), ("renew", {"x": 1}),
     ("progress", {"step": "done", "given": "1101700230708 บัตร"})],
    ids=str,
)  # fmt: skip
def test_a_body_that_cannot_be_used(
    country: Session, client: FlaskClient, token: Headers, path: str, body: dict[str, Any]
) -> None:
    asked = add_request(country)
    country.commit()
    if path != "claim":
        send(client, token, asked.id, "claim")
    answer = send(client, token, asked.id, path, body)
    assert answer.status_code == 400
    assert "1101700230708" not in answer.get_data(as_text=True)
