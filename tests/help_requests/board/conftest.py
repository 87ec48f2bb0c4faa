"""Requests on the small country's board, and officers who look after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.data import small_country
from tests.help_requests.build import LAT, LON
from tests.people import Browser, appoint, browser

Signed = Callable[..., Browser]

INSIDE: dict[str, Any] = {"lat": LAT, "lon": LON}
"""In tambon 900101, in the middle of a cell."""
NEXT_DOOR: dict[str, Any] = {"lat": 14.153, "lon": 100.0312}
"""In tambon 900102, of the same amphoe."""
ELSEWHERE: dict[str, Any] = {"lat": 14.0573, "lon": 100.1512}
"""In tambon 900201, of the other amphoe."""


@pytest.fixture
def country(session: Session) -> Session:
    """The small country."""
    small_country(session)
    return session


@pytest.fixture
def signed(app: Flask, country: Session) -> Signed:
    """A browser of somebody in a role."""

    def make(role: str = "amphoe_coordinator", area: str = "9001", **values: Any) -> Browser:
        return browser(app, country, appoint(country, role, area, **values))

    return make


@pytest.fixture
def officer(signed: Signed) -> Browser:
    """The coordinator of amphoe 9001."""
    return signed()
