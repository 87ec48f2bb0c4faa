"""A small country whose places are found by name, and what a phone sends to ask for help there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.areas.models import PlaceName, Village
from mapapp.areas.names import area_spellings, village_spellings
from mapapp.areas.queries import names
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.models import HelpRequest
from tests.data import TAMBONS, small_country

SENT: dict[str, Any] = {
    "needs": ["food", "medicine"],
    "detail_medicine": "ยาความดัน",
    "quantity_food": "3",
    "urgency": "urgent",
    "point": "14.0573, 100.0312",
    "landmark": "บ้านรั้วเขียวหลังวัด",
    "phone": "081 234 5678",
    "name": "ป้าคำ",
    "people": "2",
    "elderly": "1",
    "who": "me",
    "description": "น้ำท่วมบ้าน ออกไปไหนไม่ได้",
    "consent": CONSENT_VERSION,
}
"""What an honest phone sends."""


@pytest.fixture
def country(session: Session) -> Session:
    """The session of a small country; two tambons are found as “ห้วยทราย”, and one has the village “บ้านปง”."""
    small_country(session)
    spelled = {code: [name.name_th, name.name_en] for code, name in names(session, set(TAMBONS)).items()}
    spelled["900101"] = ["ป่าแดด", "Pa Daet"]
    spelled["900102"] = spelled["900201"] = ["ห้วยทราย", "Huai Sai"]
    for code, both in spelled.items():
        for name in area_spellings(code, both):
            session.add(PlaceName(name=name, area_code=code))
    session.add(
        Village(code="90010103", tambon_code="900101", name_th="บ้านปง", name_en="Ban Pong", point=None, source="test")
    )
    session.flush()
    for name in village_spellings(["บ้านปง", "Ban Pong"]):
        session.add(PlaceName(name=name, area_code="900101", village_code="90010103"))
    session.commit()
    return session


@pytest.fixture
def ask(client: FlaskClient, country: Session) -> Callable[..., TestResponse]:
    """Sends the form, with these fields otherwise; None leaves one out."""

    def send(*, address: str = "203.0.113.7", to: str = "/requests/new", **fields: Any) -> TestResponse:
        data = {name: value for name, value in {**SENT, **fields}.items() if value is not None}
        return client.post(to, data=data, environ_base={"REMOTE_ADDR": address})

    return send


def posted(session: Session) -> list[HelpRequest]:
    """All requests, the oldest first, as they are stored now."""
    statement = select(HelpRequest).order_by(HelpRequest.id)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def vault_of(app: Flask) -> Any:
    """The vault of the application under test."""
    return app.extensions["mapapp_vault"]
