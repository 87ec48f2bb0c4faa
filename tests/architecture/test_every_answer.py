"""Every route, knocked at once more: no answer depends on a host that somebody made up, and what depends on who asks
says so to whoever keeps answers."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.core import config
from mapapp.coverage import service as coverage
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.web import proxies
from tests.architecture.matrix import MATRIX, knock_everywhere, visiting
from tests.architecture.things import Things, make_things
from tests.conftest import KEYS
from tests.data import small_country

EVIL = "evil.example"
MADE_UP = [
    {"Host": EVIL},
    {"Host": f"{EVIL}:8000", "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Host": EVIL, "X-Original-Host": EVIL},
]
WHO = ("anonymous", "resident with the right link", "ministry", "officer of the tambon", "volunteer in the area")


ONCE = re.compile(rb'name="once" value="[^"]+"')
"""The key of a form, which is another each time it is shown."""


@pytest.fixture
def things(app: Flask, session: Session) -> Things:
    app.extensions["mapapp_background"] = lambda _work: None
    small_country(session)
    coverage.refresh_all(session)
    return make_things(session)


def body(answer: TestResponse) -> bytes:
    """What it says; a line that stays open says nothing here."""
    return b"" if answer.mimetype == "text/event-stream" else answer.data


def test_no_answer_names_a_host_that_was_made_up(
    app: Flask, session: Session, connection: Connection, things: Things
) -> None:
    wrong, asked = [], 0
    for number, name in enumerate(WHO):
        headers = [MADE_UP[(number + turn) % len(MADE_UP)] for turn in range(len(MADE_UP))]
        with visiting(app, session, connection, things, name) as who:
            for (_, method), row, answer in knock_everywhere(app, session, connection, things, who, MATRIX, headers):
                asked += 1
                if EVIL.encode() in body(answer) or EVIL in str(answer.headers):
                    wrong.append(f"{method} {row.address} as {name}")
    assert asked > 700
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("headers", MADE_UP)
@pytest.mark.parametrize(
    "address", ["//places", "/nowhere", "/nearest/", "//evil.example/places", "///x", "/%2F/places"]
)
def test_no_redirect_leads_to_a_host_that_was_made_up(app: Flask, address: str, headers: dict[str, str]) -> None:
    answer = app.test_client().get("/", environ_overrides={"PATH_INFO": address}, headers=headers)
    where = answer.headers.get("Location", "/")
    assert where.startswith("/")
    assert not where.startswith("//")
    assert EVIL not in answer.text.replace(f"/{EVIL}/places", "")


def page_made(app: Flask, host: str, peer: str = "127.0.0.1", forwarded: str = "") -> str:
    """The absolute link that an answer has, for a request that came to this host."""
    asked = {
        "needs": [{"kind": "food"}], "urgency": "normal", "tambon": "900101", "phone": "0812340001",
        "consent": CONSENT_VERSION,
    }  # fmt: skip
    headers = {"Host": host} | ({"X-Forwarded-Host": forwarded} if forwarded else {})
    answer = app.test_client().post(
        "/api/v1/help-requests", json=asked, headers=headers, environ_base={"REMOTE_ADDR": peer}
    )
    assert answer.status_code == 201
    page: str = json.loads(answer.data)["properties"]["page"]
    return page.partition("/requests/")[0]


@pytest.mark.parametrize(
    ("settings", "host", "peer", "forwarded", "made"),
    [
        ({}, "localhost", "127.0.0.1", "", "http://localhost"),
        ({}, "127.0.0.1:8143", "127.0.0.1", "", "http://127.0.0.1:8143"),
        ({}, "[::1]:8143", "::1", "", "http://[::1]:8143"),
        ({}, "192.168.1.20:8000", "192.168.1.33", "", "http://192.168.1.20:8000"),
        ({}, EVIL, "127.0.0.1", "", "http://127.0.0.1:8000"),
        ({}, "8.8.8.8", "127.0.0.1", "", "http://127.0.0.1:8000"),
        ({}, "localhost", "127.0.0.1", EVIL, "http://localhost"),
        ({"public_url": "https://map.example"}, EVIL, "127.0.0.1", "", "https://map.example"),
        ({"public_url": "https://map.example"}, "localhost", "127.0.0.1", "", "https://map.example"),
        ({"trusted_proxies": ("10.0.0.0/8",)}, "backend:8000", "10.1.2.3", "map.example", "http://map.example"),
        ({"trusted_proxies": ("10.0.0.0/8",)}, EVIL, "203.0.113.9", EVIL, "http://127.0.0.1:8000"),
    ],
)
def test_links_are_made_under_an_address_that_is_believed(
    app: Flask, things: Things, settings: dict[str, object], host: str, peer: str, forwarded: str, made: str
) -> None:
    own = config.Config(**{"tile_url": "none", "secret_keys": KEYS, **settings})
    app.extensions["mapapp_config"] = own
    proxies.init(app, own)
    assert page_made(app, host, peer, forwarded) == made


def test_what_depends_on_who_asks_says_so(app: Flask, session: Session, connection: Connection, things: Things) -> None:
    wrong, differing = [], 0
    gets = {key: row for key, row in MATRIX.items() if key[1] == "GET"}
    answered: dict[str, dict[str, TestResponse]] = {endpoint: {} for endpoint, _ in gets}
    for name in (*WHO, "unvetted volunteer", "program of the tambon, for pins", "suspended"):
        with visiting(app, session, connection, things, name) as who:
            for (endpoint, _), _row, answer in knock_everywhere(app, session, connection, things, who, gets):
                body(answer)  # read before the next one
                answered[endpoint][name] = answer
    for endpoint, answers in answered.items():
        bare = {(one.status_code, ONCE.sub(b"", body(one))) for one in answers.values()}
        if len(bare) == 1:
            continue
        differing += 1
        for name, answer in answers.items():
            kept = "no-store" not in answer.headers.get("Cache-Control", "")
            by = {part.strip().lower() for part in answer.headers.get("Vary", "").split(",")}
            if kept and not {"authorization", "cookie"} <= by:
                wrong.append(f"{endpoint} for {name}: Vary: {answer.headers.get('Vary')}")
    assert differing > 20
    assert not wrong, "\n".join(["", *wrong])


def test_kept_answers_say_what_they_differ_by(app: Flask, things: Things) -> None:
    client = app.test_client()
    for _ in range(2):  # made, and kept
        answer = client.get("/api/v1/help-requests")
        vary = {part.strip() for part in answer.headers["Vary"].split(",")}
        assert vary >= {"Accept-Encoding", "Accept-Language", "Authorization", "Cookie"}
        again = client.get("/api/v1/help-requests", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert {part.strip() for part in again.headers["Vary"].split(",")} >= vary - {"Accept-Encoding"}
    assert "Cookie" not in client.get("/").headers["Vary"], "the first page is the same for everybody"
    assert (
        client.get("/api/v1/help-requests", headers={"Authorization": "Bearer x"}).headers["Cache-Control"]
        == "no-store"
    )
    assert "Accept-Language" in client.get("/api/v1/nothing").headers["Vary"]
