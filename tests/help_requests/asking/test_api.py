"""``POST /api/v1/help-requests``."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.core.contact_fields import phone_index
from mapapp.help_requests.models import HelpBlock
from tests.conftest import NOON
from tests.help_requests.asking.conftest import SENT, posted, vault_of
from tests.problems import slug_of

ADDRESS = "/api/v1/help-requests"
BODY: dict[str, Any] = {
    "needs": [{"kind": "food", "quantity": 3}, {"kind": "medicine", "detail": "ยาความดัน"}],
    "urgency": "urgent",
    "lat": 14.0573,
    "lon": 100.0312,
    "phone": "081 234 5678",
    "description": "น้ำท่วมบ้าน",
    "consent": SENT["consent"],
}


def test_it_answers_the_residents_view_with_page_and_code(client: FlaskClient, country: Session) -> None:
    answer = client.post(ADDRESS, json=BODY)
    assert answer.status_code == 201
    assert answer.mimetype == "application/geo+json"
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = posted(country)
    made = answer.get_json()
    assert made["id"] == row.id
    assert made["geometry"]["coordinates"] == [100.0312, 14.0573]
    facts = made["properties"]
    assert (facts["status"], facts["urgency"], facts["tambon_code"]) == ("open", "urgent", "900101")
    assert "/requests/mine/" in facts["page"]
    assert len(facts["code"]) == 14
    assert row.source == "api"


def test_the_same_key_gives_the_same_request(client: FlaskClient, country: Session) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (client.post(ADDRESS, json=BODY, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.get_json()["id"] == second.get_json()["id"]
    assert len(posted(country)) == 1
    other = client.post(ADDRESS, json=BODY | {"urgency": "normal"}, headers=key)
    assert slug_of(other) == "key-reused"
    for guessable in ("1", str(uuid.uuid1()), "00000000-0000-0000-0000-000000000000"):
        assert client.post(ADDRESS, json=BODY, headers={"Idempotency-Key": guessable}).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"needs": []}, "needs"),
        ({"needs": [{"kind": "food"}, {"kind": "food"}]}, "needs"),
        ({"needs": [{"kind": "gold"}]}, "needs.0.kind"),
        ({"needs": [{"kind": "food", "detail": "โทร 0899999999"}]}, "needs.0.detail"),
        ({"needs": [{"kind": "food", "quantity": 0}]}, "needs.0.quantity"),
        ({"urgency": "soon"}, "urgency"),
        ({"lat": 48.2, "lon": 16.4}, "lon"),
        ({"lat": None}, ""),
        ({"lat": None, "lon": None}, ""),
        ({"lat": None, "lon": None, "tambon": "999999"}, "tambon"),
        ({"lat": None, "lon": None, "tambon": "9001"}, "tambon"),
        ({"lat": None, "lon": None, "village": "90010199"}, "village"),
        ({"phone": None}, ""),
        ({"phone": "0987654321987"}, "phone"),
        ({"people": 0}, "people"),
        ({"consent": "2000-01"}, "consent"),
        ({"consent": None}, "consent"),
        ({"description": "1-1018-00001-23-9"}, "description"),
        ({"description": "โทร 0899999999"}, "description"),
        ({"source": "hotline"}, "source"),
        ({"is_example": True}, "is_example"),
    ],
)
def test_what_cannot_be_used_is_told_by_field_and_not_repeated(
    client: FlaskClient, country: Session, change: dict[str, Any], field: str
) -> None:
    answer = client.post(ADDRESS, json=BODY | change)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert field in [problem["field"] for problem in answer.get_json()["errors"]]
    for personal in ("812345678", "0899999999", "0987654321987", "1-1018", "น้ำท่วม"):
        assert personal not in answer.text
    assert posted(country) == []


def test_places_in_words_by_code(client: FlaskClient, country: Session) -> None:
    place = {"lat": None, "lon": None, "village": "90010103"}
    assert client.post(ADDRESS, json=BODY | place).get_json()["geometry"] is None
    assert posted(country)[0].village_code == "90010103"


def test_a_number_that_asked_before_is_answered_like_any_other(client: FlaskClient, country: Session) -> None:
    first, second = (client.post(ADDRESS, json=BODY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    facts = [{**one.get_json()["properties"], "page": "", "code": ""} for one in (first, second)]
    assert facts[0] == facts[1]
    assert client.post(ADDRESS, json=BODY | {"another": True}).status_code == 201, "programs that still send it"


def test_a_program_is_told_apart_why_a_request_is_not_taken(
    app: Flask, client: FlaskClient, country: Session, clock: dict[str, datetime]
) -> None:
    assert slug_of(client.post(ADDRESS, json=BODY | {"phone": "x"})) == "invalid"
    assert slug_of(client.post(ADDRESS, json=BODY | {"lat": 18.79, "lon": 98.98})) == "outside-area"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert client.post(ADDRESS, json=BODY, headers=key).status_code == 201
    clock["now"] = NOON + timedelta(days=2)
    assert slug_of(client.post(ADDRESS, json=BODY, headers=key)) == "gone", "sent again much too late"
    number = phone_index(vault_of(app), "+66812345678")
    country.add(HelpBlock(phone_index=number, area_code="TH", at=clock["now"], until=NOON + timedelta(days=7)))
    country.commit()
    assert slug_of(client.post(ADDRESS, json=BODY)) == "number-paused"
