"""The small country, and those who look for something to do in it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from tests.data import small_country
from tests.people import Browser, appoint, browser, person
from tests.volunteers.build import profile


@pytest.fixture
def country(session: Session) -> Session:
    """The areas are loaded."""
    small_country(session)
    return session


@pytest.fixture
def helper(country: Session) -> Person:
    """A volunteer of amphoe 9001, at home in tambon 900101, who goes 30 km."""
    who = appoint(country, "volunteer", "9001", to=person(country, "น้องฟ้า ใจงาม"))
    country.add(profile(who, reach_km=30, means=["pickup"], skills=["first_aid"]))
    country.flush()
    return who


@pytest.fixture
def me(app: Flask, country: Session, helper: Person) -> Browser:
    """Their browser."""
    return browser(app, country, helper)
