"""The access matrix: rows that every room brings for its routes, and the actors who knock at every door.

A room's rows stand in ``tests/<room>/access.py``, what else the tests of the whole house are told of it in
``tests/<room>/cases.py``. What is expected of an actor is written down here and there once more, by hand, so that a
slip
in the policy is told: these tables are the specification, not a copy of the code.

The thing acted upon lies in tambon 900101 (amphoe 9001, province 90) of the small country.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle
from typing import Any, Literal, get_args

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.audit.models import AuditEntry
from mapapp.core import actors, config
from mapapp.facilities.models import Facility, FacilityImport
from mapapp.help_requests.models import HelpEvent, HelpLease
from mapapp.help_requests.working import service as working
from mapapp.help_requests.working.lease_terms import Terms
from mapapp.rooms import ROOMS
from mapapp.survey.followups.models import FollowUp, FollowUpView
from mapapp.survey.models import SurveyAssignment, SurveyRevision
from mapapp.volunteers.models import Volunteer
from mapapp.web import limits
from tests.architecture.things import Things
from tests.conftest import KEYS, NOON
from tests.people import Browser, appoint, browser, person, token_for
from tests.volunteers.build import profile

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
    page: str = "no_page"
    """The resident's page this actor has the link of, by its name in ``Things``."""
    volunteer: bool = False
    """Has signed up as a volunteer and waits for an officer."""
    lease: str = ""
    """``live`` or ``over``: has claimed the request of tambon 900101 and still holds it, or does not any more."""

    @property
    def is_signed_in(self) -> bool:
        return self.role is not None or self.volunteer

    @property
    def is_token(self) -> bool:
        return bool(self.scopes)


ENDED = {"ended_at": NOON - timedelta(minutes=1)}
ACTORS = {
    "anonymous": Actor(),
    "resident with the right link": Actor(page="right_page"),
    "resident with another's link": Actor(page="other_page"),
    "unvetted volunteer": Actor(volunteer=True),
    "lease holder": Actor("volunteer", "900101", lease="live"),
    "former holder": Actor("volunteer", "900101", lease="over"),
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
    "role ended": Actor("amphoe_coordinator", "9001", appointment=ENDED),
    "appointment to come": Actor("amphoe_coordinator", "9001", appointment={"starts_at": NOON + timedelta(days=1)}),
    "without second factor": Actor("amphoe_coordinator", "9001", second_factor=False),
    "without confidentiality agreement": Actor("amphoe_coordinator", "9001", appointment={"confidentiality_on": None}),
    "training run out": Actor(
        "amphoe_coordinator", "9001", appointment={"training_expires_on": (NOON - timedelta(days=1)).date()}
    ),
    "program of the tambon, for free beds": Actor("tambon_officer", "900101", scopes=("facilities.capacity",)),
    "program of the tambon, for pins": Actor("tambon_officer", "900101", scopes=("facilities.edit",)),
    "program of another tambon": Actor("tambon_officer", "900102", scopes=("facilities.edit", "facilities.capacity")),
    "program of the tambon, for the survey": Actor("tambon_officer", "900101", scopes=("survey.enter",)),
    "program of the tambon, for its own follow-ups": Actor("tambon_officer", "900101", scopes=("survey.follow_up",)),
}

# Rows -----------------------------------------------------------------------------------------------------------

SOMEWHERE = "somewhere"
"""The page is about the actor's own area, not about a thing in tambon 900101."""

SELF = "self"
"""Everybody who has wholly signed in in a browser may; it is about themselves."""

STEP = "step"
"""The same, while the second factor is still to come."""

LINK = "link"
"""A resident's page: who has its link may, whoever they are; ``{page}`` in the address is each actor's own link."""


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
    held: int = 0
    """Only the lease's holder may: what others get who might hold it. 0: holding it makes no difference."""
    another: int = 200
    """With another's link: they see and do what is theirs."""
    key: bool = False
    """Each actor's own link goes along in the header ``Authorization``, in place of any other."""
    gives_key: bool = False
    """Its address is a key, which the browser keeps from then on."""
    cached: bool = False
    but: dict[str, int] = field(default_factory=dict)
    """Actor → another answer than the rule gives, with the reason in ``why``."""


Rows = dict[tuple[str, str], Row]
"""Endpoint and method → row."""

Post = tuple[str, dict[str, Any], int]
"""Address, form, and the status it is answered with."""

Freshness = Literal["watched", "on return", "live", "age only", "part"]
WATCHED: Freshness = "watched"
"""The page says within five seconds that it has changed."""
ON_RETURN: Freshness = "on return"
"""Thousands read it: it asks when somebody comes back to it (the coverage's always while figures come)."""
LIVE: Freshness = "live"
"""A list that keeps itself up to date (``live.js``)."""
AGE_ONLY: Freshness = "age only"
"""A form, a search, figures by week, or what changes with the data that are loaded: it says of when it is."""
PARTS: Freshness = "part"
"""Part of a page, or a document in a frame."""

OFFICERS = frozenset({"ministry", "province_admin", "amphoe_coordinator", "tambon_officer"})

# What the rooms bring --------------------------------------------------------------------------------------------


def gathered(module: str, name: str) -> list[Any]:
    """This of every room that has it, in the order of the rooms."""
    names = [f"tests.{room.name}.{module}" for room in ROOMS]
    found = (getattr(import_module(one), name, None) for one in names if find_spec(one))
    return [one for one in found if one is not None]


def merged(module: str, name: str) -> dict[Any, Any]:
    """The same as one table; two rooms that say something of the same thing fail."""
    parts = gathered(module, name)
    made = {key: value for part in parts for key, value in part.items()}
    assert len(made) == sum(map(len, parts)), name
    return made


MATRIX: Rows = merged("access", "ROWS")

ROLES: dict[str, frozenset[str]] = merged("access", "ROLES")
"""Action → who may do it in their area."""

PERSONAL: set[str] = set().union(*gathered("access", "PERSONAL"))
"""Actions that show personal data."""

FRESHNESS: dict[str, Freshness] = merged("cases", "FRESHNESS")
assert set(FRESHNESS.values()) <= set(get_args(Freshness))

# Knocking --------------------------------------------------------------------------------------------------------


def expected(name: str, row: Row, method: str) -> int:
    """What this actor gets at this row, by the tables above."""
    actor = ACTORS[name]
    if name in row.but:
        return row.but[name]
    program = row.address.startswith("/api/")
    if row.action is None:
        return row.ok
    if row.action == LINK:
        return row.ok if actor.page == "right_page" else row.another if actor.page == "other_page" else 404
    if not actor.is_signed_in:
        return 401 if program else 303
    if row.action in {SELF, STEP}:
        if actor.suspended:
            return 403
        half = not actor.second_factor and row.action == SELF
        return 303 if actor.is_token or half else row.ok
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
    return row.held if row.held and actor.lease != "live" else row.ok


def allowed(name: str, row: Row) -> bool:
    """Whether the tables above let this actor do it."""
    return expected(name, replace(row, ok=-1, refused=-2, but={}), "") == -1


def changes(session: Session) -> tuple[Any, ...]:
    """What any privileged change moves: the record, the pins, the appointments."""
    answer = (
        session.scalar(select(func.count()).where(AuditEntry.action.not_like("person.%"))),
        session.scalar(select(func.sum(Facility.version))),
        session.scalar(select(func.count()).where(Appointment.ended_at.is_(None))),
        session.scalar(select(func.count()).select_from(FacilityImport)),
        session.scalar(select(func.count()).select_from(HelpEvent)),
        session.scalar(select(func.count()).select_from(HelpLease)),
        session.scalar(select(func.count()).select_from(Volunteer).where(Volunteer.state == "waiting")),
        session.scalar(select(func.count()).select_from(SurveyRevision)),
        session.scalar(select(func.count()).select_from(SurveyAssignment).where(SurveyAssignment.ended_at.is_(None))),
        session.scalar(select(func.count()).select_from(FollowUp).where(FollowUp.state == "open")),
        session.scalar(select(func.count()).select_from(FollowUpView)),
    )
    session.rollback()
    return answer


Visitor = tuple[Browser | None, dict[str, str]]


def visitor_of(app: Flask, session: Session, actor: Actor, things: Things) -> Visitor:
    things.values["page"] = things.values[actor.page]
    if not actor.is_signed_in:
        return None, {}
    if actor.role is None:
        who = person(session, "ผู้สมัคร")
        session.add(profile(who, state="waiting"))
        return browser(app, session, who), {}
    who = appoint(session, actor.role, actor.area, **actor.appointment)
    if actor.lease:
        _claim(session, who, things, over=actor.lease == "over")
    if actor.is_token:
        return None, token_for(session, who, list(actor.scopes))
    made = browser(app, session, who, second_factor=actor.second_factor)
    if actor.suspended:
        who.suspended_at = NOON
        session.commit()
    return made, {}


def _claim(session: Session, who: Person, things: Things, *, over: bool) -> None:
    """The request of tambon 900101 is theirs, or was until an hour ago."""
    terms = Terms.of(config.Config(secret_keys=KEYS))
    at = NOON - timedelta(hours=terms.hours["urgent"] + 1) if over else NOON - timedelta(minutes=10)
    standing = sessions.standings(session, who.id, NOON)[0]
    them = actors.Actor("person", person_id=who.id, standings=(standing,), by=standing)
    working.claim(session, them, things.values["asked"], terms=terms, now=at)
    session.commit()


def knock(
    app: Flask, who: Visitor, method: str, row: Row, things: Things, headers: dict[str, str] | None = None
) -> TestResponse:
    visitor, own = who
    address = things.filled(row.address)
    key = {"Authorization": f"Bearer {things.values['page']}"} if row.key else {}
    sent: dict[str, Any] = {"headers": {**own, **key, **(headers or {})}}
    if row.json is not None:
        sent["json"] = things.filled_values(row.json)
    if row.form is not None:
        sent["data"] = things.filled_values(row.form)
    client = app.test_client() if visitor is None else visitor.client
    with_keys(client, things)
    if visitor is not None:
        if method == "POST" and row.json is None:
            return visitor.post(address, sent.get("data"), headers=sent["headers"])
        return visitor.open(address, method, **sent)
    return client.open(address, method=method, **sent)


@contextmanager
def visiting(app: Flask, session: Session, connection: Connection, things: Things, name: str) -> Iterator[Visitor]:
    """This actor, in the country as it is; gone afterwards, with all they did."""
    session.close()
    connection.exec_driver_sql("SAVEPOINT visit")
    yield visitor_of(app, session, ACTORS[name], things)
    session.close()
    connection.exec_driver_sql("ROLLBACK TO SAVEPOINT visit")


def knock_everywhere(
    app: Flask, session: Session, connection: Connection, things: Things, who: Visitor, rows: Rows,
    headers: Sequence[dict[str, str]] = ({},),
) -> Iterator[tuple[tuple[str, str], Row, TestResponse]]:  # fmt: skip
    """The answers they get, row by row, with these headers in turn. Each row finds the country, the visitor and the
    application as they were; until the next one is asked for, what the answer changed can be looked at."""
    visitor, own = who
    for (key, row), more in zip(rows.items(), cycle(headers), strict=False):
        session.close()
        connection.exec_driver_sql("SAVEPOINT knock")
        limits.init(app, app.extensions["mapapp_config"])
        app.extensions["mapapp_cache"].forget()
        fresh = visitor and visitor.as_it_was()
        yield key, row, knock(app, (fresh, own), key[1], row, things, more)
        session.close()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knock")


def with_keys(client: FlaskClient, things: Things) -> None:
    """As if each had opened their link, right or wrong, and everybody the invitation."""
    for name, key, path in (
        ("mine", "page", "/requests/mine/{asked}"),
        ("invited", "invitation", "/join/for/{invitation_id}"),
    ):
        client.set_cookie(name, things.values[key], domain="localhost", path=things.filled(path))
