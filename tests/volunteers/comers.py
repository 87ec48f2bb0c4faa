"""People who sign up as volunteers, and what they type."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.models import Person
from mapapp.areas.models import Area, PlaceName
from mapapp.areas.names import area_spellings
from mapapp.core.vault import Vault
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.people import person
from tests.volunteers.build import profile

PASSWORD = "ม้าลายปลูกผักบนหลังคา"
PHONE = "081 234 5678"
E164 = "+66812345678"

JOIN: dict[str, Any] = {
    "name": "สมหญิง ใจกว้าง", "phone": PHONE, "organisation": "อสม. บ้านทดสอบ", "kind": "health_volunteer",
    "skills": ["first_aid", "care"], "means": ["motorcycle"], "languages": ["th", "shn"], "home": "900101",
    "reach_km": "15", "times": "ช่วงเย็น", "password": PASSWORD, "again": PASSWORD, "consent": "1",
}  # fmt: skip
"""A good sign-up."""

OFFERS = {name: JOIN[name] for name in ("kind", "skills", "means", "languages", "home", "reach_km", "times")}


def vault_of(app: Flask) -> Vault:
    made: Vault = app.extensions["mapapp_vault"]
    return made


def sign_up(client: FlaskClient, **values: Any) -> TestResponse:
    return client.post("/volunteer/join", data={**JOIN, **values})


def newest(session: Session) -> Person:
    """Who signed up last."""
    session.expire_all()
    return session.scalars(
        select(Person).join(Volunteer, Volunteer.person_id == Person.id).order_by(Volunteer.joined_at.desc()).limit(1)
    ).one()


def waiting(session: Session, name: str = "สมหญิง ใจกว้าง", *, at: datetime = NOON, **values: Any) -> Person:
    """Somebody who has signed up and waits; flushed."""
    who = person(session, name)
    session.add(profile(who, **{"state": "waiting", "joined_at": at, **values}))
    session.flush()
    return who


def names(session: Session) -> None:
    """Makes the small country findable by name, two tambons of one name in it: บ้านเหนือ, east and west."""
    session.execute(update(Area).where(Area.code.in_(("900101", "900201"))).values(name_th="บ้านเหนือ"))
    session.expire_all()
    for area in session.scalars(select(Area)):
        spellings = area_spellings(area.code, (area.name_th, area.name_en))
        session.add_all(PlaceName(name=name, area_code=area.code) for name in sorted(spellings))
    session.commit()
