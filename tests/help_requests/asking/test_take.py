"""An officer takes a request by telephone: for their area, on record, with a code to read out and a sheet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.audit.models import AuditEntry
from mapapp.help_requests.asking.limits import AN_HOUR
from mapapp.help_requests.models import HelpRequest
from tests.help_requests.asking.conftest import SENT, posted
from tests.people import Browser, appoint, browser

NEW = "/officer/requests/new"


@pytest.fixture
def officer(app: Flask, country: Session) -> Browser:
    """An officer of amphoe 9001."""
    return browser(app, country, appoint(country, "amphoe_coordinator", "9001"))


def take(officer: Browser, **fields: Any) -> Any:
    return officer.post(NEW, {**SENT, **fields})


def test_it_is_taken_on_behalf_and_its_code_is_read_out(officer: Browser, country: Session) -> None:
    assert 'name="who"' not in officer.get(NEW).text
    answer = take(officer)
    assert answer.status_code == 303
    assert answer.location.startswith("/officer/requests/new/sheet?seen=")
    (row,) = posted(country)
    assert (row.source, row.on_behalf) == ("hotline", True)
    assert row.posted_by is not None
    assert row.consent_version == SENT["consent"]
    sheet = officer.get(answer.location)
    assert re.search(r"<strong>\d{4} \d{4} \d{4}</strong>", sheet.text)
    assert "<svg" in sheet.text
    assert sheet.headers["Cache-Control"] == "no-store"
    entry = country.scalars(select(AuditEntry).where(AuditEntry.action == "request.take")).one()
    assert (entry.subject_id, entry.area_code) == (str(row.id), "900101")


def test_the_sheet_is_for_the_officer_who_took_it(officer: Browser, app: Flask, country: Session) -> None:
    where = take(officer).location
    colleague = browser(app, country, appoint(country, "amphoe_coordinator", "9001"))
    assert colleague.get(where).status_code == 404
    assert officer.get("/officer/requests/new/sheet").status_code == 404


def test_outside_the_area_it_is_refused_beside_the_place(officer: Browser, country: Session) -> None:
    page = take(officer, point="14.05, 100.15")
    assert page.status_code == 403
    assert 'id="place-problem"' in page.text
    assert posted(country) == []


def test_similar_ones_are_shown_first(officer: Browser, country: Session) -> None:
    take(officer)
    page = take(officer)
    first = posted(country)[0].id
    assert page.status_code == 409
    assert f'href="/officer/requests/{first}"' in page.text
    assert take(officer, another="1").status_code == 303


def test_officers_take_as_many_as_call(officer: Browser, country: Session) -> None:
    for number in range(AN_HOUR + 1):
        assert take(officer, phone=f"08100000{number:02}", another="1").status_code == 303


def test_others_do_not_take_requests(app: Flask, country: Session) -> None:
    for role in ("volunteer", "auditor", "data_volunteer"):
        somebody = browser(app, country, appoint(country, role, "9001"))
        assert somebody.get(NEW).status_code == 403
        assert take(somebody).status_code == 403
    assert app.test_client().get(NEW).status_code == 303
    assert country.scalars(select(HelpRequest.id)).all() == []
