"""What stands before the application: how much each route takes, whom files are taken from, and how it says no."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import create_environ, run_wsgi_app

from mapapp.accounts import edge
from mapapp.facilities.imports.views import MAX_UPLOAD
from mapapp.web import gateway, problems, security
from mapapp.web.request_bodies import Pace
from tests.people import appoint, browser

IMPORT = "/officer/facilities/import"


def test_each_route_takes_what_it_says_and_every_other_address_a_form(app: Flask) -> None:
    largest = security.largest(app)
    assert largest(create_environ(IMPORT, method="POST")) == MAX_UPLOAD
    for path, method in [
        ("/requests/new", "POST"), (IMPORT, "PUT"), ("/nothing-here", "POST"), (IMPORT + "/", "POST"), ("//", "POST"),
        ("/ภาษาไทย", "POST"), ("/api/v1/help-requests", "POST"),
    ]:  # fmt: skip
        assert largest(create_environ(path, method=method)) == security.MAX_BODY


def test_a_route_that_takes_files_asks_who_it_is(app: Flask) -> None:
    takes = {name: view for name, view in app.view_functions.items() if hasattr(view, "max_bytes")}
    assert len(takes) >= 2
    for name, view in takes.items():
        assert hasattr(view, "action"), f"{name}: whoever is not signed in would send their file for nothing"


@pytest.mark.parametrize(("status", "close"), [(400, "close"), (408, "close"), (503, None)])
def test_a_refusal_is_in_the_language_and_form_of_its_address(app: Flask, status: int, close: str | None) -> None:
    for path in ("/requests/new", "/requests/new?lang=en", "/api/v1/help-requests", "/nothing-here"):
        refused = problems.refusal(app, status, 5 if status == 503 else None)
        body, line, headers = run_wsgi_app(refused, create_environ(path, "http://map.example", method="POST"))
        text = b"".join(body).decode()
        assert line.startswith(str(status))
        assert headers.get("Connection") == close
        assert headers.get("Retry-After") == ("5" if status == 503 else None)
        assert headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in headers
        if path.startswith("/api/"):
            assert json.loads(text)["status"] == status
            slug = {400: "bad-request", 408: "too-slow", 503: "unavailable"}[status]
            assert json.loads(text)["type"] == f"/problems/{slug}"
        else:
            assert f'<html lang="{"en" if "lang=en" in path else "th"}"' in text


def test_a_host_that_is_none_is_refused_like_any_other(app: Flask) -> None:
    environ = create_environ("/requests/new", method="POST") | {"HTTP_HOST": "a b/\\c"}
    _body, line, _headers = run_wsgi_app(problems.refusal(app, 408), environ)
    assert line.startswith(("408", "400"))


class Watched(io.BytesIO):
    """A body that tells whether anybody read it."""

    was_read = False

    def read(self, *size: Any) -> bytes:
        self.was_read = True
        return super().read(*size)


def test_a_strangers_file_is_not_taken_in_and_an_officers_is(app: Flask, session: Session) -> None:
    gateway.init(app, edge.may_send_files, pace=Pace(5, 1_000, 60))
    signed_in = browser(app, session, appoint(session, "province_admin", "90"))
    session.commit()
    cookie = signed_in.client.get_cookie(edge.PLAIN_COOKIE, domain="localhost")
    assert cookie is not None

    def send(cookies: str) -> tuple[bool, str]:
        sent = Watched(b"x" * (security.MAX_BODY + 1))
        environ = create_environ(IMPORT, "http://localhost", method="POST", headers={"Cookie": cookies})
        environ |= {"wsgi.input": sent, "CONTENT_LENGTH": str(security.MAX_BODY + 1), "REMOTE_ADDR": "127.0.0.1"}
        body, line, _headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
        body.close() if hasattr(body, "close") else None
        return sent.was_read, line[:3]

    assert send("") == (False, "303"), "to sign in first"
    assert send(f"{edge.PLAIN_COOKIE}=no-such-session") == (False, "303")
    was_read, _status = send(f"{edge.PLAIN_COOKIE}={cookie.value}")
    assert was_read
