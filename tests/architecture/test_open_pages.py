"""Every page says of when it is; what others can change is looked up again by the page itself, and that costs nothing.

What is decided for each page is written down here: a page that is nowhere in these lists fails.
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
from tests.architecture.test_access import ACTORS, LINK, MATRIX, _knock, _visitor
from tests.architecture.things import make_things
from tests.conftest import NOON
from tests.data import small_country

WATCHED = {
    "account.account_page", "audit.index", "console.home", "console.stale", "console.table", "facility_editing.edit",
    "facility_imports.index", "facility_imports.page", "facility_reports.queue", "facility_steps.closing",
    "facility_steps.history", "facility_steps.merging", "help_board.one", "help_resident.mine", "help_working.page",
    "help_working.tasks", "people.index", "people.person", "tokens.listed", "vetting.index", "vetting.one",
}  # fmt: skip
"""They say within five seconds that they have changed."""

ON_RETURN = {"coverage.area", "coverage.index", "facilities.page", "help_nearby.public"}
"""Pages that thousands read: they ask when somebody comes back to them (the coverage's always while figures come)."""

LIVE = {"help_board.board", "help_nearby.nearby"}
"""Lists that keep themselves up to date (``live.js``)."""

AGE_ONLY = {
    "account.confirm_page", "account.contacts_page", "account.erase_page", "account.join_page", "account.password_page",
    "account.renew_codes_page", "account.renew_factor_page", "account.sign_in_page", "areas.places",
    "coverage.best_site", "facilities.nearest", "facility_editing.new", "facility_reports.form",
    "facility_reports.thanks", "help_asking.new", "help_asking.take", "help_board.figures", "help_resident.find",
    "home.api_docs", "home.data", "home.index", "home.problem",
    "home.problems", "people.new", "people_bulk.start", "volunteers.join_page",
}  # fmt: skip
"""Forms, searches, figures by week, and what changes with the data that are loaded: they say of when they are."""

PARTS = {
    "console.pins", "facility_editing.hours", "facility_editing.place", "facility_imports.progress", "maps.document",
}  # fmt: skip
"""Parts of pages, and documents in a frame."""

PAGES = sorted(WATCHED | ON_RETURN | LIVE | AGE_ONLY)

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
    visitors = {name: _visitor(app, filled, ACTORS[name], things) for name in (RESIDENT, OFFICER)}
    found = set()
    for endpoint, method in MATRIX:
        if method != "GET" or endpoint == "help_live.stream":
            continue
        things.values["page"] = things.values["right_page"]
        answer = _knock(app, visitors[_actor(endpoint)], method, MATRIX[endpoint, method], things)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found.add(endpoint)
    assert found - PARTS == set(PAGES)


@pytest.mark.parametrize(
    ("endpoint", "actor"),
    [*((page, _actor(page)) for page in PAGES), *((page, WAITING) for page in sorted(OF_WHO_WAITS))],
)
def test_a_page_says_of_when_it_is_and_is_not_made_again_to_find_out_that_it_is_as_it_was(
    app: Flask, filled: Session, clock: dict[str, Any], endpoint: str, actor: str
) -> None:
    things, row = make_things(filled), MATRIX[endpoint, "GET"]
    who = _visitor(app, filled, ACTORS[actor], things)
    text = _knock(app, who, "GET", row, things).get_data(as_text=True)
    made = re.search(r'<span data-made="([^"]+)"[^>]*>ข้อมูล ณ 20 พ\.ย\. 2569 \d\d:\d\d น\.</span>', text)
    assert made, "who has no scripts is told how old it is"
    asks = re.search(r'data-fresh="(\w+)" data-watch="(\w+)" data-at="([^"]+)"', text)
    kind = {"always": WATCHED, "return": ON_RETURN}.get(asks[2], set()) if asks else LIVE | AGE_ONLY
    assert endpoint in (OF_WHO_WAITS if actor == WAITING else kind)
    assert ("data-fresh-said" in text) == bool(asks)
    assert asks or actor != WAITING
    if asks is None:
        return
    before = _on_record(filled)
    clock["now"] = NOON + timedelta(minutes=10)
    for version, status in ((asks[1], 304), ("another", 204)):
        answer = _knock(app, who, "GET", row, things, {"If-None-Match": f'W/"{version}"', "X-By-Itself": "1"})
        assert (answer.status_code, answer.data) == (status, b"")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["ETag"] == f'W/"{asks[1]}"'
        assert ("X-Requests-Waiting" in answer.headers) == row.address.startswith("/officer")
    assert _on_record(filled) == before, "nobody did anything"
