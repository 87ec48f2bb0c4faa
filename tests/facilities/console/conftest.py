"""An amphoe's officer in the small country, and a tambon with pins of every sort."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.facilities.models import FacilityReport
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.people import Browser, appoint, browser


@pytest.fixture
def pins(session: Session) -> dict[str, int]:
    """Name → id: three pins in tambon 900101, one in 900102, one in the other amphoe, one that lies nowhere."""
    small_country(session)
    made = {
        "fresh": add_facility(
            session, "waiting_centre", lat=14.02, lon=100.02, tambon_code="900101", name_th="พักคอยวัดเหนือ",
            name_en="North temple", places=40, places_free=12, places_free_at=NOON - timedelta(hours=3),
            confirmed_at=NOON - timedelta(days=1),
        ),
        "stale": add_facility(
            session, "test_site", lat=14.03, lon=100.03, tambon_code="900101", name_th="จุดตรวจตลาดสด",
            tests_per_day=200, status="full", phone="+6653920300", confirmed_at=NOON - timedelta(days=8),
        ),
        "doubtful": add_facility(
            session, "vaccination_site", lat=14.04, lon=100.04, tambon_code="900101", name_th="จุดฉีดโรงเรียน",
            address="หมู่ 3 ถนนริมน้ำ", doses_per_day=500, doubtful_at=NOON - timedelta(hours=2),
            confirmed_at=NOON - timedelta(days=2),
        ),
        "planned": add_facility(
            session, "field_hospital", lat=14.15, lon=100.05, tambon_code="900102", name_th="รพ.สนามสนามกีฬา",
            status="temporarily_closed", closed_from=NOON + timedelta(days=2), closed_reason="ซ่อมไฟฟ้า",
            beds=100, beds_free=30, confirmed_at=NOON - timedelta(days=1),
        ),
        "closed": add_facility(
            session, "hospital", lat=14.06, lon=100.06, tambon_code="900101", name_th="รพ.เก่า", status="closed",
            confirmed_at=NOON - timedelta(days=400),
        ),
        "east": add_facility(
            session, "test_site", lat=14.05, lon=100.15, tambon_code="900201", name_th="จุดตรวจตะวันออก",
            confirmed_at=NOON - timedelta(days=30),
        ),
        "nowhere": add_facility(
            session, "hospital", lat=13.2, lon=100.9, tambon_code=None, name_th="เรือพยาบาล",
            confirmed_at=NOON - timedelta(days=1),
        ),
    }  # fmt: skip
    for one in made.values():
        one.updated_at = NOON - timedelta(days=1)
    for minutes in (10, 20):
        session.add(
            FacilityReport(
                facility_id=made["doubtful"].id, reason="closed", at=NOON - timedelta(minutes=minutes), sender=b"x"
            )
        )
    session.commit()
    return {name: one.id for name, one in made.items()}


Signed = Callable[..., Browser]


@pytest.fixture
def signed(app: Flask, session: Session) -> Signed:
    """A browser of somebody in this role and area."""

    def make(role: str = "amphoe_coordinator", area: str = "9001") -> Browser:
        return browser(app, session, appoint(session, role, area))

    return make


@pytest.fixture
def officer(pins: dict[str, int], signed: Signed) -> Browser:
    """The coordinator of amphoe 9001."""
    return signed()
