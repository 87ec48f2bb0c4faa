"""Who may do what: every route × method has a row, and every row holds for every actor.

A new route without a row fails; so does a row whose route is gone. Each room brings its rows
(``tests/<room>/access.py``).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.coverage import service as coverage
from tests.architecture.matrix import (
    ACTORS,
    MATRIX,
    PERSONAL,
    ROLES,
    allowed,
    changes,
    expected,
    knock,
    visitor_of,
    with_keys,
)
from tests.architecture.things import make_things
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


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_the_matrix(app: Flask, session: Session, connection: Connection, endpoint: str, method: str) -> None:
    app.extensions["mapapp_background"] = lambda _work: None  # an import is claimed, its thread has no part in this
    small_country(session)
    coverage.refresh_all(session)
    things = make_things(session)
    row = MATRIX[endpoint, method]
    wrong = []
    for name, actor in ACTORS.items():
        session.close()
        connection.exec_driver_sql("SAVEPOINT knock")  # each finds the country as it was
        visitor = visitor_of(app, session, actor, things)
        before = changes(session)
        answer = knock(app, visitor, method, row, things)
        if answer.status_code != expected(name, row, method):
            told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:200]
            wrong.append(f"{name}: {answer.status_code}, not {expected(name, row, method)}: {told}")
        elif answer.status_code == 303 and row.ok != 303 and name not in row.but:
            assert answer.location.startswith("/sign-in"), (name, answer.location)
        if row.action is not None:
            assert "no-store" in answer.headers.get("Cache-Control", ""), name
        if row.action in ROLES and method != "GET" and not allowed(name, row):
            assert changes(session) == before, f"{name} was refused and something changed"
        session.close()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knock")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_no_other_method_and_no_cookie_for_visitors(app: Flask, session: Session, endpoint: str, method: str) -> None:
    small_country(session)
    row = MATRIX[endpoint, method]
    things = make_things(session)
    address = things.filled(row.address)
    taken = {rule_method for rule, rule_method in MATRIX if rule == endpoint}
    taken |= {m for rule in app.url_map.iter_rules() for m in (rule.methods or ()) if _same_rule(app, rule, endpoint)}
    client = app.test_client()
    with_keys(client, things)
    for unsafe in {"POST", "PUT", "PATCH", "DELETE"} - taken:
        assert client.open(address, method=unsafe).status_code == 405, unsafe
    if row.action is None and method == "GET":
        assert ("Set-Cookie" in client.get(address).headers) == row.gives_key
        assert client.head(address).status_code == client.get(address).status_code


def _same_rule(app: Flask, rule: Any, endpoint: str) -> bool:
    """Whether two endpoints share one address (GET here, POST there)."""
    mine = {other.rule for other in app.url_map.iter_rules() if other.endpoint == endpoint}
    return rule.rule in mine
