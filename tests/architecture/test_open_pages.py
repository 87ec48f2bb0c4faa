"""Every page says of when it is; what others can change is looked up again by the page itself, and that costs nothing.

What is decided for each page stands in its room's ``tests/<room>/cases.py``: a page that is nowhere there fails.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import LoginSession
from mapapp.audit.models import AuditEntry
from mapapp.coverage import service as coverage
from mapapp.help_requests.models import HelpEvent
from tests.architecture.matrix import (
    ACTORS,
    AGE_ONLY,
    FRESHNESS,
    LINK,
    LIVE,
    MATRIX,
    ON_RETURN,
    PARTS,
    WATCHED,
    knock,
    visitor_of,
)
from tests.architecture.things import make_things
from tests.conftest import NOON
from tests.data import small_country

PAGES = sorted(page for page, how in FRESHNESS.items() if how != PARTS)

RESIDENT, OFFICER, WAITING = "resident with the right link", "ministry", "unvetted volunteer"

OF_WHO_WAITS = {"volunteers.profile_page", "help_nearby.nearby"}
"""What somebody who has signed up watches until an officer vouches for them."""


def _actor(endpoint: str) -> str:
    return RESIDENT if MATRIX[endpoint, "GET"].action == LINK else OFFICER


def _on_record(session: Session) -> tuple[Any, ...]:
    answer = (
        session.scalar(select(func.count()).select_from(AuditEntry)),
        session.scalar(select(func.count()).select_from(HelpEvent)),
        session.scalar(select(func.max(LoginSession.last_seen_at))),
    )
    session.commit()
    return answer


@pytest.fixture
def filled(session: Session) -> Session:
    small_country(session)
    coverage.refresh_all(session)
    return session


def test_every_page_has_been_thought_of(app: Flask, filled: Session) -> None:
    things = make_things(filled)
    visitors = {name: visitor_of(app, filled, ACTORS[name], things) for name in (RESIDENT, OFFICER)}
    found = set()
    for endpoint, method in MATRIX:
        if method != "GET" or endpoint == "help_live.stream":
            continue
        things.values["page"] = things.values["right_page"]
        answer = knock(app, visitors[_actor(endpoint)], method, MATRIX[endpoint, method], things)
        a_file = "attachment" in answer.headers.get("Content-Disposition", "")
        if answer.status_code == 200 and answer.mimetype == "text/html" and not a_file:
            found.add(endpoint)
    assert found - {page for page, how in FRESHNESS.items() if how == PARTS} == set(PAGES)


@pytest.mark.parametrize(
    ("endpoint", "actor"),
    [*((page, _actor(page)) for page in PAGES), *((page, WAITING) for page in sorted(OF_WHO_WAITS))],
)
def test_a_page_says_of_when_it_is_and_is_not_made_again_to_find_out_that_it_is_as_it_was(
    app: Flask, filled: Session, clock: dict[str, Any], endpoint: str, actor: str
) -> None:
    things, row = make_things(filled), MATRIX[endpoint, "GET"]
    who = visitor_of(app, filled, ACTORS[actor], things)
    text = knock(app, who, "GET", row, things).get_data(as_text=True)
    made = re.search(r'<span data-made="([^"]+)"[^>]*>ข้อมูล ณ 20 พ\.ย\. 2569 \d\d:\d\d น\.</span>', text)
    assert made, "who has no scripts is told how old it is"
    asks = re.search(r'data-fresh="(\w+)" data-watch="(\w+)" data-at="([^"]+)"', text)
    if actor != WAITING:
        assert FRESHNESS[endpoint] in (
            {"always": [WATCHED], "return": [ON_RETURN]}[asks[2]] if asks else [LIVE, AGE_ONLY]
        )
    assert ("data-fresh-said" in text) == bool(asks)
    assert asks or actor != WAITING
    if asks is None:
        return
    before = _on_record(filled)
    clock["now"] = NOON + timedelta(minutes=10)
    for version, status in ((asks[1], 304), ("another", 204)):
        answer = knock(app, who, "GET", row, things, {"If-None-Match": f'W/"{version}"', "X-By-Itself": "1"})
        assert (answer.status_code, answer.data) == (status, b"")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["ETag"] == f'W/"{asks[1]}"'
        assert ("X-Requests-Waiting" in answer.headers) == row.address.startswith("/officer")
    assert _on_record(filled) == before, "nobody did anything"
