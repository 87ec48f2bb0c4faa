"""A small country, its volunteers, and the terms they help on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor
from mapapp.help_requests.working.lease_terms import Terms
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person

TERMS = Terms({"life": 2, "urgent": 6, "normal": 24}, per_volunteer=3, renewals=2)


@pytest.fixture
def country(session: Session) -> Session:
    """The session of a small country."""
    small_country(session)
    return session


def actor_of(session: Session, who: Person, action: str = "requests.claim", area: str = "900101") -> Actor:
    """This person as the edge would hand them to a service, once the policy has said yes."""
    found = Actor("person", person_id=who.id, name=who.name, standings=sessions.standings(session, who.id, NOON),
                  second_factor=True)  # fmt: skip
    return policy.demand(found, action, area, NOON)


@pytest.fixture
def volunteer(country: Session) -> Callable[..., Actor]:
    """Makes a volunteer of tambon 900101."""

    def make(name: str = "น้องฟ้า", role: str = "volunteer", area: str = "900101") -> Actor:
        return actor_of(country, appoint(country, role, area, to=person(country, name)))

    return make
