"""What every answer carries, and what the edge refuses before a room sees it."""

from __future__ import annotations

import json

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from mapapp.core import config
from mapapp.core import problem_types as types
from mapapp.core.errors import Conflict, NotAllowed
from mapapp.web import proxies
from tests.problems import slug_of


def test_headers_on_pages_and_errors(client: FlaskClient) -> None:
    for address in ("/healthz", "/nothing-here", "/api/v1/nothing"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "geolocation=(self)" in headers["Permissions-Policy"]
        assert headers["Referrer-Policy"]
        assert "Set-Cookie" not in headers
        assert "Strict-Transport-Security" not in headers, "plain http on loopback"
    assert "Strict-Transport-Security" in client.get("/healthz", base_url="https://map.example").headers


def test_public_data_may_be_read_from_anywhere_pages_may_not(client: FlaskClient) -> None:
    assert client.get("/api/v1/nothing").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/nothing").headers


def test_an_unknown_address_is_told_in_both_languages(client: FlaskClient) -> None:
    thai, english = client.get("/nothing"), client.get("/nothing?lang=en")
    assert (thai.status_code, english.status_code) == (404, 404)
    assert "ไม่พบหน้าที่ต้องการ" in thai.text
    assert "Page not found" in english.text
    assert thai.headers["Cache-Control"] == "no-store"


def test_programs_get_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": "en"})
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.data) == {
        "type": "/problems/no-such-address", "title": "Page not found", "status": 404,
        "detail": "Check the address, or start from the home page.",
    }  # fmt: skip


def test_too_long_and_too_large(client: FlaskClient) -> None:
    assert client.get("/?q=" + "a" * 1_000_000).status_code == 414
    assert client.get("/" + "a" * 2_000).status_code == 414
    assert slug_of(client.get("/api/v1/areas?q=" + "a" * 1_000_000)) == "address-too-long"
    large = client.post("/api/v1/help-requests", data=b"{" + b" " * 100_000, content_type="application/json")
    assert (large.status_code, slug_of(large)) == (413, "too-large")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert slug_of(answer) == "method-not-allowed"


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (Conflict("It has changed."), 409, "conflict"),
        (Conflict("It was quick.", kind=types.TAKEN), 409, "taken"),
        (NotAllowed("Not here."), 403, "forbidden"),
        (OperationalError("SELECT 1", {}, Exception("secret host")), 503, "unavailable"),
        (ZeroDivisionError("secret value"), 500, "internal-error"),
    ],
)
def test_the_table_of_errors(app: Flask, error: Exception, status: int, slug: str) -> None:
    @app.get("/api/raise")
    def fails() -> str:
        raise error

    answer = app.test_client().get("/api/raise")
    assert (answer.status_code, slug_of(answer)) == (status, slug)
    assert "secret" not in answer.text


def test_forwarded_addresses_count_only_from_known_proxies(app: Flask) -> None:
    @app.get("/api/who")
    def who() -> str:
        return f"{request.remote_addr} {request.scheme}"

    proxies.init(app, config.Config(trusted_proxies=("10.0.0.0/8",)))
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    client = app.test_client()
    stranger = client.get("/api/who", headers=forwarded, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    proxy = client.get("/api/who", headers=forwarded, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert (stranger.text, proxy.text) == ("192.0.2.1 http", "203.0.113.9 https")


def test_static_files_are_kept_for_ever_and_readable_by_the_map_frame(app: Flask) -> None:
    prefix = app.extensions["mapapp_assets"]
    with app.test_client().get(prefix + "css/site.css") as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert app.test_client().get("/static/0000000000/css/site.css").status_code == 404


@pytest.mark.parametrize("name", ["endpoint", "_external", "_scheme", "_anchor", "_method", "values"])
@pytest.mark.parametrize("page", ["/", "/nearest", "/places", "/coverage", "/api/v1/docs"])
def test_no_parameter_reaches_the_making_of_addresses(client: FlaskClient, page: str, name: str) -> None:
    answer = client.get(f"{page}?{name}=javascript")
    assert answer.status_code == 200
    assert 'href="javascript' not in answer.text


def test_the_other_language_keeps_what_was_asked(client: FlaskClient) -> None:
    asked = "place=%E0%B9%81%E0%B8%A1%E0%B9%88+%26+x"
    english = client.get(f"/nearest?{asked}&lang=en").text
    assert f'href="/nearest?{asked}"' in english
    assert f'href="/nearest?{asked}&amp;lang=en"' in client.get(f"/nearest?{asked}").text


@pytest.mark.parametrize("host", ["evil..com", "a" * 300, "a b", "x;script-src *"])
def test_a_host_that_is_none_breaks_nothing(client: FlaskClient, host: str) -> None:
    for address in ("/", "/nowhere", "/maps/home", "/api/v1/nothing"):
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code < 500
        assert "script-src *" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/places?q=", "/nearest?place=", "/api/v1/areas?q="])
@pytest.mark.parametrize("raw", ["%00", "%ED%A0%80", "%FF", "a%C3"])
def test_text_that_is_none_is_told(client: FlaskClient, address: str, raw: str) -> None:
    assert client.get(address + raw).status_code == 400
