"""Twenty retries at once under one key, and twenty posts at once of one phone: real threads, real commits."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text

from mapapp import database
from mapapp.app import create_app
from mapapp.core import config
from mapapp.help_requests.asking.limits import A_DAY
from mapapp.help_requests.models import HelpNeed, HelpRequest
from tests.at_once import own_database, together
from tests.conftest import KEYS, NOON
from tests.help_requests.asking.conftest import SENT

AT_ONCE = 20


@pytest.fixture(scope="module")
def real(worker: str) -> Iterator[Engine]:
    """A database of its own with the small country."""
    with own_database(f"mapapp_test_asking_{worker}", connections=AT_ONCE) as made:
        yield made


@pytest.fixture
def served(real: Engine) -> Iterator[Flask]:
    """The application over real connections, its requests forgotten afterwards."""
    app = create_app(config.Config(tile_url="none", secret_keys=KEYS), database.sessions(real))
    app.extensions["mapapp_clock"] = lambda: NOON
    yield app
    with database.engine(str(real.url.render_as_string(hide_password=False))).begin() as connection:
        connection.execute(text("DELETE FROM help_requests"))
        connection.execute(text("DELETE FROM limit_counts"))


def sent_at_once(app: Flask, forms: list[dict[str, object]], *, address: str = "") -> list[int]:
    """The statuses of these forms, sent at the same moment from one address, or from as many addresses."""

    def send(place: int) -> int:
        address_of = {"REMOTE_ADDR": address or f"203.0.113.{place}"}
        return app.test_client().post("/requests/new", data=forms[place], environ_base=address_of).status_code

    return together([partial(send, place) for place in range(len(forms))])


def test_twenty_retries_are_one_request(served: Flask, real: Engine) -> None:
    form = {**SENT, "once": str(uuid.uuid4())}
    assert sent_at_once(served, [form] * AT_ONCE) == [303] * AT_ONCE
    with database.sessions(real)() as session:
        assert session.scalar(select(func.count()).select_from(HelpRequest)) == 1
        assert session.scalar(select(func.count()).select_from(HelpNeed)) == len(SENT["needs"])


def test_of_twenty_posts_of_one_phone_an_officer_looks_at_all_but_five(served: Flask, real: Engine) -> None:
    forms = [{**SENT, "once": str(uuid.uuid4())} for _ in range(AT_ONCE)]
    assert sent_at_once(served, forms, address="203.0.113.7") == [303] * AT_ONCE
    with database.sessions(real)() as session:
        held = session.scalar(select(func.count()).select_from(HelpRequest).where(HelpRequest.held))
        assert held == AT_ONCE - A_DAY
