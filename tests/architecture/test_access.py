"""Who may do what: every route × method has a row, and every row holds for every actor.

A new route without a row fails; so does a row whose route is gone. Each room brings its rows
(``tests/<room>/access.py``).
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts import policy
from mapapp.coverage import service as coverage
from mapapp.web import limits
from tests.architecture.matrix import (
    ACTORS,
    MATRIX,
    PERSONAL,
    ROLES,
    Row,
    allowed,
    changes,
    expected,
    knock_everywhere,
    visiting,
    with_keys,
)
from tests.architecture.things import Things, make_things
from tests.data import small_country

SAFE = {"HEAD", "OPTIONS"}
"""Answered by the framework wherever GET is."""


def test_the_policy_says_what_the_rooms_tables_say() -> None:
    told = {name: one.roles for name, one in policy.actions().items()}
    assert told == ROLES
    assert {name for name, one in policy.actions().items() if one.personal} == PERSONAL


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - SAFE}


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    assert _routes(app) - set(MATRIX) == set(), "routes without an access rule"
    assert set(MATRIX) - _routes(app) == set(), "rules for routes that are gone"
    ruled = sum(row.action is not None for row in MATRIX.values())
    print(
        f"access matrix: {len(MATRIX)} routes × {len(ACTORS)} actors = {len(MATRIX) * len(ACTORS)} answers; "
        f"{ruled} routes ask the policy"
    )


@pytest.fixture
def things(app: Flask, session: Session) -> Things:
    app.extensions["mapapp_background"] = lambda _work: None  # an import is claimed, its thread has no part in this
    small_country(session)
    coverage.refresh_all(session)
    return make_things(session)


@pytest.mark.parametrize("name", ACTORS)
def test_the_matrix(app: Flask, session: Session, connection: Connection, things: Things, name: str) -> None:
    with visiting(app, session, connection, things, name) as visitor:
        before = changes(session)
        wrong = []
        for (endpoint, method), row, answer in knock_everywhere(app, session, connection, things, visitor, MATRIX):
            found = _wrong_with(answer, row, name, method)
            if row.action in ROLES and method != "GET" and not allowed(name, row) and changes(session) != before:
                found = "was refused and something changed"
            if found:
                wrong.append(f"{endpoint} {method}: {found}")
    assert not wrong, "\n".join(["", *wrong])


def _wrong_with(answer: TestResponse, row: Row, name: str, method: str) -> str:
    should = expected(name, row, method)
    if answer.status_code != should:
        told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:200]
        return f"{answer.status_code}, not {should}: {told}"
    signing_in = answer.status_code == 303 and row.ok != 303 and name not in row.but
    if signing_in and not answer.location.startswith("/sign-in"):
        return f"leads to {answer.location}"
    if row.action is not None and "no-store" not in answer.headers.get("Cache-Control", ""):
        return "somebody may keep it"
    return ""


def test_no_other_method_and_no_cookie_for_visitors(
    app: Flask, session: Session, connection: Connection, things: Things
) -> None:
    things.values["page"] = things.values[ACTORS["anonymous"].page]
    methods: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():  # two endpoints may share one address: GET here, POST there
        methods.setdefault(rule.rule, set()).update(rule.methods or ())
    taken: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        taken.setdefault(rule.endpoint, set()).update(methods[rule.rule])
    for (endpoint, method), row in MATRIX.items():
        session.close()
        connection.exec_driver_sql("SAVEPOINT knock")
        limits.init(app, app.extensions["mapapp_config"])
        client, address = app.test_client(), things.filled(row.address)
        with_keys(client, things)
        for unsafe in {"POST", "PUT", "PATCH", "DELETE"} - taken[endpoint]:
            assert client.open(address, method=unsafe).status_code == 405, (endpoint, unsafe)
        if row.action is None and method == "GET":
            assert ("Set-Cookie" in client.get(address).headers) == row.gives_key, endpoint
            assert client.head(address).status_code == client.get(address).status_code, endpoint
        session.close()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knock")
