"""The database goes away under every route, before each of its statements in turn: 503, never 500."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp import database
from mapapp.app import create_app
from mapapp.core import config
from mapapp.coverage import service as coverage
from mapapp.web import limits
from tests.architecture.matrix import ACTORS, LINK, MATRIX, SELF, STEP, Row, Visitor, expected, knock, visitor_of
from tests.architecture.things import Things, make_things
from tests.conftest import KEYS, NOON, test_database_url, trust_keys
from tests.cut_line import CutLine, How
from tests.data import small_country
from tests.help_requests.build import add_request
from tests.volunteers.comers import JOIN

WITHOUT = {
    (endpoint, "GET")
    for endpoint in (
        "home.healthz", "home.api_docs", "home.openapi_document", "account.sign_in_page", "help_resident.find",
        "maps.document", "volunteers.join_page", "help_asking.posted", "survey_offline.shell", "survey_offline.worker",
    )
}  # fmt: skip
"""What needs no database, and goes on."""

BETTER: dict[tuple[str, str], dict[str, Any]] = {
    ("help_resident.open_by_code", "POST"): {"form": {"code": "123456789012"}, "ok": 404},
    ("volunteers.join", "POST"): {"form": JOIN, "ok": 303},
    ("help_working.claim", "POST"): {"address": "/volunteer/requests/{free}/claim"},
    ("help_working_api.claim", "POST"): {"address": "/api/v1/help-requests/{free}/claim"},
}
"""What the access matrix sends there is refused before the database is asked, or is about what somebody here holds."""

MOST = 80
"""No route needs so many statements."""


@dataclass
class Stand:
    """The application over a line that can be cut, with one of everything behind it."""

    app: Flask
    line: CutLine
    things: Things
    session: Session
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, name: str) -> Visitor:
        if name not in self.visitors:
            self.visitors[name] = visitor_of(self.app, self.session, ACTORS[name], self.things)
            self.session.close()
        self.things.values["page"] = self.things.values[ACTORS[name].page]
        return self.visitors[name]

    def knock(self, name: str, method: str, row: Row) -> TestResponse:
        """As if it were the first request of this minute."""
        self.app.extensions["mapapp_cache"].forget()
        limits.init(self.app, self.app.extensions["mapapp_config"])
        return knock(self.app, self.visitor(name), method, row, self.things)


@pytest.fixture(scope="module")
def stand(owner: Engine, engine: Engine, worker: str) -> Iterator[Stand]:
    name = f"mapapp_test_{worker}_away"
    for used in (owner, engine):
        used.dispose()  # a template must not be in use
    maintenance = database.engine(test_database_url("postgres"))
    with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "mapapp_test_{worker}"'))
    own = database.engine(test_database_url(name), role=config.APP_ROLE)
    with tempfile.TemporaryDirectory(prefix="cut") as folder, database.sessions(own)() as session:
        line = CutLine(Path(folder), test_database_url(name))
        small_country(session)
        coverage.refresh_all(session)
        session.commit()
        pools = [database.engine(line.address, role=config.APP_ROLE, autocommit=reads) for reads in (False, True)]
        app = create_app(config.Config(tile_url="none", secret_keys=KEYS), database.sessions(pools[0]))
        app.extensions["mapapp_reading"] = app.extensions["mapapp_cache"]._factory = database.sessions(pools[1])
        app.extensions["mapapp_clock"] = lambda: NOON
        app.extensions["mapapp_background"] = lambda _work: None
        app.config["PROPAGATE_EXCEPTIONS"] = False
        trust_keys(app)  # it leaves a probe, and no commit passes here
        things = make_things(session)
        things.values["free"] = add_request(session, at=NOON - timedelta(days=1)).id
        session.commit()
        yield Stand(app, line, things, session)
        session.close()
        line.close()
        for pool in (*pools, own):
            pool.dispose()
    with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    maintenance.dispose()


def _who(row: Row, method: str) -> str:
    """Somebody who may: the work is done, and all of its statements are sent."""
    if row.action == LINK:
        return "resident with the right link"
    if row.held:
        return "lease holder"
    if row.action in {None, SELF, STEP}:
        return "anonymous" if row.action is None else "officer of the tambon"
    may = [name for name in ACTORS if expected(name, replace(row, ok=-1, refused=-2, but={}), method) == -1]
    return min(may, key=["officer of the tambon", "ministry", *ACTORS].index)


def _is_told(answer: TestResponse, address: str) -> None:
    assert answer.status_code == 503, answer.text[:300]
    assert int(answer.headers["Retry-After"]) > 0
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Content-Security-Policy" in answer.headers
    if address.startswith("/api/"):
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["status"] == 503
    elif not address.startswith("/tiles/"):
        assert "ขณะนี้ระบบไม่พร้อมใช้งาน" in answer.text or answer.mimetype == "application/json", answer.text[:300]


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_the_database_goes_under_every_route(stand: Stand, endpoint: str, method: str) -> None:
    row = replace(MATRIX[endpoint, method], **BETTER.get((endpoint, method), {}))
    name = _who(row, method)
    stand.line.cut_at(0)
    stand.visitor(name)
    for number in range(1, MOST):
        how: How = "during" if number % 2 else "before"
        stand.line.cut_at(number, how)
        answer = stand.knock(name, method, row)
        if not stand.line.is_cut:
            assert answer.status_code == expected(name, row, method), "it was not done, so its statements were not seen"
            break
        if stand.line.last.startswith(b"ROLLBACK") and answer.status_code == expected(name, row, method):
            break  # it had been refused already, which is as true without the database
        _is_told(answer, row.address)
        if stand.line.seen < number:
            break  # it went as far as its commit, which never passes
    else:
        raise AssertionError("it never came to its end")
    assert (number == 1 and not stand.line.is_cut) == ((endpoint, method) in WITHOUT)
    stand.line.cut()
    answer = stand.knock(name, method, row)
    if (endpoint, method) in WITHOUT:
        assert answer.status_code == expected(name, row, method)
    else:
        _is_told(answer, row.address)
