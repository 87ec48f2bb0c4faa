"""Pages that others change say of when they are, and tell who asks again whether they still are as they were."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.help_requests.working import service
from tests.conftest import NOON
from tests.help_requests.build import add_request
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import Browser, appoint, browser, person


@pytest.fixture
def helper(country: Session) -> Person:
    return appoint(country, "volunteer", "900101", to=person(country, "น้องฟ้า"))


@pytest.fixture
def me(app: Flask, country: Session, helper: Person) -> Browser:
    return browser(app, country, helper)


def version_of(me: Browser, address: str) -> str:
    page = me.get(f"{address}?lang=en")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert re.search(r"As of .*20 Nov", text), "who has no scripts is told how old it is"
    assert "data-fresh-said" in text
    found = re.search(r'data-fresh="(\w+)" data-watch="always" data-at="([^"?]+)', text)
    assert found
    assert found[2] == address
    return found[1]


def status_of(me: Browser, address: str, version: str) -> int:
    answer = me.get(address, headers={"If-None-Match": f'W/"{version}"'})
    assert answer.headers["Cache-Control"] == "no-store" or answer.status_code == 200
    return answer.status_code


def test_a_page_of_those_who_help_is_as_it_was_until_somebody_changes_it(
    country: Session, me: Browser, clock: dict[str, datetime]
) -> None:
    asked = add_request(country)
    country.commit()
    pages = [f"/volunteer/requests/{asked.id}", "/volunteer/tasks"]
    before = {page: version_of(me, page) for page in pages}
    clock["now"] = NOON + timedelta(minutes=30)
    assert [status_of(me, page, before[page]) for page in pages] == [304, 304]
    other = actor_of(country, appoint(country, "volunteer", "900101", to=person(country, "มานะ")))
    service.claim(country, other, asked.id, terms=TERMS, now=clock["now"])
    country.commit()
    assert status_of(me, pages[0], before[pages[0]]) == 200, "somebody was faster"
    assert status_of(me, pages[1], before[pages[1]]) == 304, "it is none of mine"


def test_what_one_holds_and_loses_changes_both(country: Session, me: Browser, clock: dict[str, datetime]) -> None:
    asked = add_request(country)
    country.commit()
    me.post(f"/volunteer/requests/{asked.id}/claim", {})
    pages = [f"/volunteer/requests/{asked.id}", "/volunteer/tasks"]
    before = {page: version_of(me, page) for page in pages}
    assert [status_of(me, page, before[page]) for page in pages] == [304, 304]
    clock["now"] = NOON + timedelta(hours=6)  # the lease has run out without anybody doing anything
    assert [status_of(me, page, before[page]) for page in pages] == [200, 200]


def test_a_contact_that_is_shown_is_no_old_page(country: Session, me: Browser) -> None:
    asked = add_request(country)
    country.commit()
    me.post(f"/volunteer/requests/{asked.id}/claim", {})
    version = version_of(me, f"/volunteer/requests/{asked.id}")
    shown = me.post(f"/volunteer/requests/{asked.id}/contact", {"reason": "agree"})
    assert shown.status_code == 200
    assert f'data-fresh="{version}"' in shown.get_data(as_text=True)
