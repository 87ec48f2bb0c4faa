"""The attack from outside on a real service, as far as there is time for; ``script/drill attack`` goes on for longer.

``MAPAPP_TEST_STORM`` is how many requests are sent; the time grows with it.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from mapapp import database as db
from mapapp.app import create_app
from mapapp.core.config import Config
from mapapp.coverage import service as coverage
from mapapp.help_requests import contacts
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from tests.attack.storm import Storm, posting, spellings
from tests.conftest import KEYS, migrated_database, test_database_url
from tests.data import small_country
from tests.help_requests.build import VAULT, add_request
from tests.serving import answers, serving

NAME = "mapapp_storm_{}"
REQUESTS = int(os.environ.get("MAPAPP_TEST_STORM", "400"))
PHONE, NAMED, LANDMARK = "+66891237769", "บัวลอย พายุสาม", "บ้านหลังคาแดงพายุสี่"
POINT = ("14.05737", "100.03129")


@pytest.fixture(scope="module")
def attacked(worker: str) -> Iterator[Engine]:
    made = migrated_database(NAME.format(worker))
    with db.sessions(made)() as session:
        small_country(session)
        coverage.refresh_all(session)
        planted = add_request(session, lat=float(POINT[0]), lon=float(POINT[1]), at=datetime.now(UTC))
        contacts.keep(VAULT, planted, contacts.Contact(name=NAMED, phone=PHONE, other=None))
        contacts.keep_landmark(VAULT, planted, LANDMARK)
        session.commit()
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def port(attacked: Engine, worker: str) -> Iterator[int]:
    with serving(NAME.format(worker)) as (found, _process):
        yield found


@pytest.fixture
def storm(attacked: Engine, port: int, worker: str) -> Storm:
    database = test_database_url(NAME.format(worker))
    routes = create_app(Config(database_url=database, tile_url="none", secret_keys=KEYS)).url_map
    return Storm(port, routes, [*spellings(PHONE), NAMED, LANDMARK, *POINT])


def test_rubbish_at_every_route_breaks_and_tells_nothing(storm: Storm, port: int) -> None:
    report = storm.blow(REQUESTS, seconds=30 + REQUESTS / 20)
    assert not report.found, "\n".join(sorted(set(report.found))[:40])
    assert report.sent > REQUESTS / 4, "too little was sent to say anything"
    assert report.lost < report.sent / 5
    assert {200, 404, 405} <= set(report.statuses)
    assert answers(port)


def test_one_post_sent_many_times_at_once_is_one_request(storm: Storm, attacked: Engine) -> None:
    count = "SELECT count(*) FROM help_requests"
    rounds = max(2, REQUESTS // 200)
    with attacked.connect() as connection:
        before = connection.execute(text(count)).scalar_one()
    for number in range(rounds):
        key = str(uuid.uuid4())
        body = {
            "needs": [{"kind": "food"}], "urgency": "life", "phone": f"08912{number:05}", "lat": 14.02, "lon": 100.02,
            "consent": CONSENT_VERSION,
        }  # fmt: skip
        told = storm.at_once(lambda _, body=body, key=key: posting(body, key))  # type: ignore[misc]
        assert {status for status, _headers, _body in told} <= {201, 503}
        ids = {json.loads(content)["id"] for status, _headers, content in told if status == 201}
        assert len(ids) == 1
    assert not storm.report.found
    with attacked.connect() as connection:
        assert connection.execute(text(count)).scalar_one() == before + rounds
