"""Addresses that only take forms: whoever is sent to one, or opens one, stands before the page with the button."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.app import create_app
from mapapp.core import config
from mapapp.web.page_routes import page_of
from tests.accounts.comers import PASSWORD, officer
from tests.conftest import KEYS

ELSEWHERE = {
    "/officer/facilities/7/confirm": "/officer/facilities/7/edit",
    "/officer/facilities/7/reopen": "/officer/facilities/7/edit",
    "/volunteer/offers/7": "/volunteer/tasks",
}
"""Whose button is not on the nearest page above."""


def form_addresses() -> list[str]:
    """Every page's address that takes forms and cannot be opened, as the application has them."""
    made = create_app(config.Config(tile_url="none", secret_keys=KEYS), object())  # type: ignore[arg-type]  # no session is opened
    methods: dict[str, set[str]] = {}
    for rule in made.url_map.iter_rules():
        methods.setdefault(rule.rule, set()).update(rule.methods or ())
    found = [rule for rule, taken in methods.items() if "GET" not in taken and not rule.startswith("/api/")]
    some_uuid = "8b5a0d1c-0000-4000-8000-000000000000"
    return sorted(re.sub(r"<(?:\w+:)?\w+>", "7", re.sub(r"<uuid:\w+>", some_uuid, rule)) for rule in found)


FORMS = form_addresses()


def test_there_are_such_addresses() -> None:
    assert "/volunteer/requests/7/claim" in FORMS
    assert set(ELSEWHERE) < set(FORMS)


@pytest.mark.parametrize("address", FORMS)
def test_it_has_a_page_with_its_button(app: Flask, address: str) -> None:
    with app.test_request_context("/"):
        page = page_of(address)
        assert page == ELSEWHERE.get(address, page)
        assert address in ELSEWHERE or page == "/" or address.startswith(page + "/")
        assert page_of(page) == page
        assert page_of(f"{address}?lang=en&x=1") == page, "a query belongs to the address it was sent to"


@pytest.mark.parametrize("address", FORMS)
def test_opened_it_leads_there(client: FlaskClient, app: Flask, address: str) -> None:
    with app.test_request_context("/"):
        page = page_of(address)
    for method in ("GET", "HEAD"):
        answer = client.open(address + "?lang=en", method=method)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}?lang=en")
    assert client.get(page).status_code != 405


@pytest.mark.parametrize("address", FORMS)
def test_a_tap_before_signing_in_comes_back_to_the_button(
    app: Flask, session: Session, client: FlaskClient, address: str
) -> None:
    officer(app, session, role="volunteer")
    with app.test_request_context("/"):
        page = page_of(address)
    answer = client.post(address)
    if address not in {"/sign-out", "/requests/new/place"}:  # they ask for nothing
        asked = urlsplit(answer.headers["Location"])
        assert (answer.status_code, asked.path) == (303, "/sign-in")
        assert parse_qs(asked.query)["next"] == [page]
    # An address that somebody kept, or made by hand, leads there too.
    signed = client.post("/sign-in", data={"name": "somchai", "password": PASSWORD, "next": address})
    assert (signed.status_code, signed.headers["Location"]) == (303, page)


def test_what_is_not_there_stays_what_it_is(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/"):
        assert page_of("/nowhere/at/all?x=1") == "/nowhere/at/all?x=1"
        assert page_of("/nearest?lat=14") == "/nearest?lat=14"
    answer = client.get("/api/v1/help-requests/7/claim")
    assert answer.status_code == 405, "programs are told"
