"""Requests in every state, with leases as a claim would have left them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.models import Person
from mapapp.help_requests import states
from mapapp.help_requests.labels import LEASED
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.resident import links
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT, add_request, needs_of
from tests.people import person

HOUR = timedelta(hours=1)


def hold(
    session: Session, need: HelpNeed, who: Person, *, state: str = "claimed", at: datetime = NOON, ends: datetime
) -> None:
    """A live lease of this person on a need."""
    need.state, need.holder_id, need.lease_ends_at = state, who.id, ends
    session.add(HelpLease(need_id=need.id, request_id=need.request_id, holder_id=who.id, begun_at=at, ends_at=ends))
    session.flush()


def finish(
    session: Session, need: HelpNeed, who: Person, *, at: datetime = NOON, given: str | None = "ข้าวสาร 5 กก."
) -> None:
    """This person has done it."""
    need.state, need.holder_id, need.lease_ends_at, need.done_at, need.given = "done", who.id, None, at, given
    session.add(
        HelpLease(
            need_id=need.id, request_id=need.request_id, holder_id=who.id, begun_at=at - HOUR, ends_at=at + HOUR,
            ended_at=at, how_ended="done",
        )
    )  # fmt: skip
    session.flush()


@pytest.fixture
def helper(session: Session) -> Person:
    """A volunteer whose whole name nobody needs to know."""
    small_country(session)
    return person(session, "นางสาว มาลี วงศ์งาม", organisation="อสม. บ้านเหนือ")


@pytest.fixture
def in_state(session: Session, helper: Person) -> Callable[..., HelpRequest]:
    """Makes a request of one need in this state (``expired``: the time of a claim has run out an hour ago)."""

    def make(state: str, **values: Any) -> HelpRequest:
        made = add_request(session, **values)
        for need in needs_of(session, made.id):
            put(session, need, helper, state)
        session.flush()
        states.settle(session, [made.id], NOON)
        session.expire_all()
        return made

    return make


def put(session: Session, need: HelpNeed, who: Person, state: str) -> None:
    """Brings a need into a state."""
    if state == "expired":
        hold(session, need, who, at=NOON - 7 * HOUR, ends=NOON - HOUR)
    elif state in LEASED:
        hold(session, need, who, state=state, at=NOON - HOUR, ends=NOON + 5 * HOUR)
    elif state in ("done", "helped"):
        finish(session, need, who, at=NOON - HOUR)
        need.state = state
    else:
        need.state = state


class Resident:
    """A resident with their page open, without a browser: the link has been opened, and the client has its key."""

    def __init__(self, client: FlaskClient, link: links.Link) -> None:
        self.client, self.link = client, link
        self.address = client.get(f"/requests/mine/{link.token}").headers["Location"]

    def get(self, query: str = "") -> TestResponse:
        return self.client.get(self.address + query)

    def post(self, do: str, **values: Any) -> TestResponse:
        return self.client.post(self.address, data={"do": do, **values})

    def text(self, query: str = "") -> str:
        return self.get(query).get_data(as_text=True)


@pytest.fixture
def resident(session: Session, client: FlaskClient) -> Callable[[HelpRequest], Resident]:
    """The page of a request."""

    def make(request: HelpRequest) -> Resident:
        link = links.make(session, VAULT, request.id, made_by="post", now=NOON)
        session.commit()
        return Resident(client, link)

    return make
