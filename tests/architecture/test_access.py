"""Who may do what: every route × method has a row here, and every row holds for every actor.

A new route without a row fails; so does a row whose route is gone. What is expected of an actor is written down here
once more, by hand, so that a slip in the policy is told: these tables are the specification, not a copy of the code.

The thing acted upon lies in tambon 900101 (amphoe 9001, province 90) of the small country.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.coverage import service as coverage
from tests.architecture.things import Things, make_things
from tests.conftest import NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, token_for

SAFE = {"HEAD", "OPTIONS"}
"""Answered by the framework wherever GET is."""

# Actors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Actor:
    """Somebody who knocks at every door."""

    role: str | None = None
    area: str = ""
    scopes: tuple[str, ...] = ()
    """Of a token of theirs; empty: a browser."""
    appointment: dict[str, Any] = field(default_factory=dict)
    suspended: bool = False
    second_factor: bool = True

    @property
    def is_token(self) -> bool:
        return bool(self.scopes)


ENDED = {"ended_at": NOON - timedelta(minutes=1)}
ACTORS = {
    "anonymous": Actor(),
    "ministry": Actor("ministry", "TH"),
    "province administrator": Actor("province_admin", "90"),
    "administrator of another province": Actor("province_admin", "91"),
    "amphoe coordinator": Actor("amphoe_coordinator", "9001"),
    "coordinator of another amphoe": Actor("amphoe_coordinator", "9002"),
    "officer of the tambon": Actor("tambon_officer", "900101"),
    "officer of another tambon": Actor("tambon_officer", "900102"),
    "data volunteer": Actor("data_volunteer", "900101"),
    "volunteer in the area": Actor("volunteer", "900101"),
    "volunteer elsewhere": Actor("volunteer", "9002"),
    "auditor of the country": Actor("auditor", "TH"),
    "auditor of another amphoe": Actor("auditor", "9002"),
    "suspended": Actor("amphoe_coordinator", "9001", suspended=True),
    "appointment ended": Actor("amphoe_coordinator", "9001", appointment=ENDED),
    "appointment to come": Actor("amphoe_coordinator", "9001", appointment={"starts_at": NOON + timedelta(days=1)}),
    "without second factor": Actor("amphoe_coordinator", "9001", second_factor=False),
    "without confidentiality agreement": Actor("amphoe_coordinator", "9001", appointment={"confidentiality_on": None}),
    "training run out": Actor(
        "amphoe_coordinator", "9001", appointment={"training_expires_on": (NOON - timedelta(days=1)).date()}
    ),
    "program of the tambon, for free beds": Actor("tambon_officer", "900101", scopes=("facilities.capacity",)),
    "program of the tambon, for pins": Actor("tambon_officer", "900101", scopes=("facilities.edit",)),
    "program of another tambon": Actor("tambon_officer", "900102", scopes=("facilities.edit", "facilities.capacity")),
}

OFFICERS = {"ministry", "province_admin", "amphoe_coordinator", "tambon_officer"}
ROLES = {
    "facilities.view": OFFICERS | {"auditor"},
    "facilities.export": OFFICERS | {"auditor"},
    "facilities.edit": OFFICERS,
    "facilities.import": OFFICERS,
    "facilities.reports": OFFICERS,
    "facilities.capacity": OFFICERS,
    "people.view": OFFICERS | {"auditor"},
    "people.appoint": OFFICERS,
    "tokens.manage": OFFICERS,
    "audit.read": {"ministry", "province_admin", "auditor"},
    "audit.export": {"ministry", "province_admin", "auditor"},
}
PERSONAL = {"people.view", "people.appoint"}

# Rows -----------------------------------------------------------------------------------------------------------

SOMEWHERE = "somewhere"
"""The page is about the actor's own area, not about a thing in tambon 900101."""

SELF = "self"
"""Everybody who has signed in in a browser may; it is about themselves."""


@dataclass(frozen=True)
class Row:
    """One route × method: an address that exists, what it asks of the policy, and the answer for those who may."""

    address: str
    action: str | None = None
    """None: anybody."""
    where: str = "900101"
    ok: int = 200
    form: dict[str, Any] | None = None
    json: dict[str, Any] | None = None
    refused: int = 403
    """404 where those out of scope are not even told that the thing exists."""
    why: str = ""
    cached: bool = False
    but: dict[str, int] = field(default_factory=dict)
    """Actor → another answer than the rule gives, with the reason in ``why``."""


PUBLIC: dict[str, Row] = {
    "home.index": Row("/"),
    "home.data": Row("/about/data"),
    "home.api_docs": Row("/api/v1/docs"),
    "home.openapi_document": Row("/api/v1/openapi.json"),
    "home.healthz": Row("/healthz"),
    "home.readyz": Row("/readyz"),
    "areas.places": Row("/places?q=ตะวันตก"),
    "areas_api.areas": Row("/api/v1/areas?lat=14.05&lon=100.05"),
    "areas_api.area": Row("/api/v1/areas/9001"),
    "facilities.nearest": Row("/nearest?lat=14.05&lon=100.05"),
    "facilities.page": Row("/facilities/{hospital}"),
    "facilities_api.facilities": Row("/api/v1/facilities?area=90"),
    "facilities_api.facility": Row("/api/v1/facilities/{hospital}"),
    "facilities_api.nearest": Row("/api/v1/facilities/nearest?lat=14.05&lon=100.05"),
    "facilities_api.clusters": Row("/api/v1/facilities/clusters?bbox=100,14,101,15&zoom=8"),
    "coverage.index": Row("/coverage?level=tambon&kind=hospital"),
    "coverage.area": Row("/areas/9001"),
    "coverage.best_site": Row("/coverage/best-site?kind=hospital&radius_km=10"),
    "coverage_api.table": Row("/api/v1/coverage?level=tambon&metric=nearest_km&kind=hospital"),
    "coverage_api.values": Row("/api/v1/coverage/values?level=tambon&metric=nearest_km&kind=hospital"),
    "coverage_api.best_site": Row("/api/v1/coverage/best-site?kind=hospital"),
    "maps.document": Row("/maps/home"),
    "tiles.tile": Row("/tiles/areas/6/49/29.mvt"),
}

MATRIX: dict[tuple[str, str], Row] = {
    **{(endpoint, "GET"): row for endpoint, row in PUBLIC.items()},
}


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


def expected(name: str, row: Row, method: str) -> int:
    """What this actor gets at this row, by the tables above."""
    actor = ACTORS[name]
    if name in row.but:
        return row.but[name]
    program = row.address.startswith("/api/")
    if row.action is None:
        return row.ok
    if actor.role is None:
        return 401 if program else 303
    if row.action == SELF:
        return 403 if actor.is_token else row.ok
    if actor.is_token and row.action not in actor.scopes:
        return 403
    in_force = actor.appointment.keys() <= {"confidentiality_on", "training_expires_on"}
    inside = row.where == SOMEWHERE or actor.area == "TH" or row.where.startswith(actor.area)
    may_here = actor.role in ROLES[row.action] and inside and in_force and not actor.suspended
    if row.action in PERSONAL and set(actor.appointment) & {"confidentiality_on", "training_expires_on"}:
        return 403
    if not may_here:
        somewhere = actor.role in ROLES[row.action] and in_force and not actor.suspended
        return row.refused if somewhere else 403
    if not actor.second_factor:
        return 403 if program else 303
    return row.ok


Knock = Callable[[str, str, Row], TestResponse]


def _visitor(app: Flask, session: Session, actor: Actor) -> tuple[Browser | None, dict[str, str]]:
    if actor.role is None:
        return None, {}
    who = appoint(session, actor.role, actor.area, **actor.appointment)
    if actor.is_token:
        return None, token_for(session, who, list(actor.scopes))
    made = browser(app, session, who, second_factor=actor.second_factor)
    if actor.suspended:
        who.suspended_at = NOON
        session.commit()
    return made, {}


def _knock(app: Flask, session: Session, actor: Actor, method: str, row: Row, things: Things) -> TestResponse:
    visitor, headers = _visitor(app, session, actor)
    address = things.filled(row.address)
    sent: dict[str, Any] = {}
    if row.json is not None:
        sent["json"] = things.filled_values(row.json)
    if row.form is not None:
        sent["data"] = things.filled_values(row.form)
    if visitor is not None:
        if method == "POST" and row.json is None:
            return visitor.post(address, sent.get("data"))
        return visitor.open(address, method, **sent)
    return app.test_client().open(address, method=method, headers=headers, **sent)


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_the_matrix(app: Flask, session: Session, connection: Connection, endpoint: str, method: str) -> None:
    small_country(session)
    coverage.refresh_all(session)
    things = make_things(session)
    row = MATRIX[endpoint, method]
    wrong = []
    for name, actor in ACTORS.items():
        session.close()
        connection.exec_driver_sql("SAVEPOINT knock")  # each finds the country as it was
        answer = _knock(app, session, actor, method, row, things)
        if answer.status_code != expected(name, row, method):
            told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:200]
            wrong.append(f"{name}: {answer.status_code}, not {expected(name, row, method)}: {told}")
        elif answer.status_code == 303 and row.ok != 303:
            assert answer.location.startswith("/sign-in"), (name, answer.location)
        if row.action is not None:
            assert "no-store" in answer.headers.get("Cache-Control", ""), name
        session.close()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knock")
    assert wrong == []


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_no_other_method_and_no_cookie_for_visitors(app: Flask, session: Session, endpoint: str, method: str) -> None:
    small_country(session)
    row = MATRIX[endpoint, method]
    address = make_things(session).filled(row.address)
    taken = {rule_method for rule, rule_method in MATRIX if rule == endpoint}
    taken |= {m for rule in app.url_map.iter_rules() for m in (rule.methods or ()) if _same_rule(app, rule, endpoint)}
    client = app.test_client()
    for unsafe in {"POST", "PUT", "PATCH", "DELETE"} - taken:
        assert client.open(address, method=unsafe).status_code == 405, unsafe
    if row.action is None and method == "GET":
        assert "Set-Cookie" not in client.get(address).headers
        assert client.head(address).status_code == client.get(address).status_code


def _same_rule(app: Flask, rule: Any, endpoint: str) -> bool:
    """Whether two endpoints share one address (GET here, POST there)."""
    mine = {other.rule for other in app.url_map.iter_rules() if other.endpoint == endpoint}
    return rule.rule in mine
