"""Map documents: the same bytes whatever the data says, nothing foreign in them, and a policy that holds them in."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import folium
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.app import create_app
from mapapp.core import config
from mapapp.core.errors import plain
from mapapp.core.languages import ENGLISH, THAI
from mapapp.core.map_addresses import Address
from mapapp.maps import documents as made_documents
from mapapp.maps import making
from mapapp.maps.labels import TEXTS
from tests.maps import grid
from tests.payloads import EVALUATED

PAYLOADS = [
    "{{98765*54321}}",
    "{%",
    "{#",
    "{{",
    "${window.PWN=1}",
    "`)[0];window.PWN=1;//",
    "\\`)[0];window.PWN=1;//",
    "<img src=x onerror=window.PWN=1>",
    '"><script>window.PWN=1</script>',
]
LANGS = ("th", "en")


def documents(client: FlaskClient) -> dict[tuple[str, str], bytes]:
    """Every document in every language."""
    found = {}
    for view in making.VIEWS:
        for lang in LANGS:
            answer = client.get(f"/maps/{view}?lang={lang}")
            assert answer.status_code == 200
            found[view, lang] = answer.data
    return found


def settings_of(page: str) -> dict[str, object]:
    match = re.search(r'<script type="application/json" id="map-config">(.*?)</script>', page, re.DOTALL)
    assert match
    found: dict[str, object] = json.loads(match[1])
    return found


def test_no_name_in_the_data_changes_a_document(client: FlaskClient, session: Session, app: Flask) -> None:
    before = documents(client)
    text = " ".join(PAYLOADS)
    grid.draw_areas(session, name_th=text + "{code}", name_en=text + "{code}")
    for i, payload in enumerate(PAYLOADS):
        grid.add_facility(session, lat=18.7, lon=99.0, ref=payload + str(i), name_th=payload, name_en=payload)
    session.commit()
    app.extensions.pop("mapapp_maps")  # so that they are rendered anew
    after = documents(client)
    assert after == before
    assert not any(EVALUATED.encode() in page or b"PWN" in page for page in after.values())


@pytest.mark.parametrize("payload", [*PAYLOADS, "</script><script>window.PWN=1</script>", "<!--", "\u2028\u2029"])
def test_settings_are_data_even_where_they_look_like_code(payload: str) -> None:
    made = making.framed("home", lang=ENGLISH, raster=Address("/{z}/{x}/{y}.png"), credit=payload)
    page = made.linked("/static/x/", "home").body.decode()
    assert settings_of(page)["credit"] == payload
    assert EVALUATED not in page
    assert page.count("<script") == page.count("</script>") == SCRIPTS
    assert not set(page) & {"\u2028", "\u2029"}


SCRIPTS = 11
"""Leaflet, protomaps, full screen, places for layers, two layers, the page, folium's two own, and the settings."""


def test_a_second_rendering_is_the_same_and_leaves_folium_as_it_was() -> None:
    scripts, styles = list(folium.Map.default_js), list(folium.Map.default_css)
    pages = {making.framed("nearest", lang=THAI).linked("/static/x/", "nearest").body for _ in range(3)}
    twice = making.framed("nearest", lang=THAI)
    assert twice.linked("/static/x/", "nearest") == twice.linked("/static/x/", "nearest")
    assert len(pages) == 1
    assert (folium.Map.default_js, folium.Map.default_css) == (scripts, styles)


@pytest.mark.parametrize("view", making.VIEWS)
def test_no_foreign_address_but_the_tile_host(view: str, app: Flask) -> None:
    tiles = "https://tiles.example.org/{z}/{x}/{y}.png"
    served = create_app(config.Config(tile_url=tiles), app.extensions["mapapp_reading"]).test_client()
    page = served.get(f"/maps/{view}").text
    assert set(re.findall(r"[a-z]+://[^\s\"'<>]+|\"//[^\"]+", page)) == {tiles}
    policy = served.get(f"/maps/{view}").headers["Content-Security-Policy"]
    assert set(re.findall(r"https?://[^\s;]+", policy)) == {"http://localhost", "https://tiles.example.org"}


def test_without_a_raster_map_no_foreign_address_at_all(client: FlaskClient) -> None:
    for page in documents(client).values():
        assert not re.search(rb"://|\"//", page)


def test_its_files_are_there(client: FlaskClient) -> None:
    page = client.get("/maps/home").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 11
    for address in addresses:
        with client.get(address) as answer:
            assert answer.status_code == 200


def policy_of(client: FlaskClient, **headers: str) -> dict[str, list[str]]:
    header = client.get("/maps/coverage", headers=headers).headers["Content-Security-Policy"]
    return {name: values for name, *values in (part.split() for part in header.split(";"))}


def test_the_policy_names_exactly_the_inline_parts(client: FlaskClient) -> None:
    page = client.get("/maps/coverage").text
    policy = policy_of(client)
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        inline = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline}
        assert len(inline) >= 2
        assert set(policy[rule]) == hashes | {"http://localhost"}
    assert policy["default-src"] == policy["base-uri"] == ["'none'"]
    assert policy["sandbox"] == ["allow-scripts"]
    assert policy["connect-src"] == policy["frame-ancestors"] == ["http://localhost"]
    assert "'unsafe-inline'" not in str(policy)
    assert "'unsafe-eval'" not in str(policy)


def test_a_host_name_cannot_add_to_the_policy(client: FlaskClient) -> None:
    for host in ("a;script-src *", "a b", "a'b", "a,b"):
        answer = client.get("/maps/home", headers={"Host": host})
        assert answer.status_code == 400 or host not in answer.headers["Content-Security-Policy"]


def test_it_says_its_language_and_lets_people_zoom(client: FlaskClient) -> None:
    thai, english = client.get("/maps/home").text, client.get("/maps/home?lang=en").text
    assert '<html lang="th"' in thai
    assert '<html lang="en"' in english
    assert "<title>" in thai
    assert "user-scalable" not in thai
    assert settings_of(english)["texts"] == {name: plain(text) for name, text in TEXTS.items()}


def test_it_is_kept_and_asked_about_by_its_tag(client: FlaskClient) -> None:
    first = client.get("/maps/home")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/maps/home", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/maps/home?lang=en").headers["ETag"] != first.headers["ETag"]


def test_an_unknown_view_is_not_found(client: FlaskClient, app: Flask) -> None:
    app.url_build_error_handlers.append(lambda _error, _endpoint, _values: "/")  # links of the error page's frame
    for view in ("x", "Home", "home.html", "%7B%7B98765*54321%7D%7D"):
        answer = client.get(f"/maps/{view}")
        assert answer.status_code == 404
        assert EVALUATED not in answer.text


def test_another_folium_would_be_noticed() -> None:
    with pytest.raises(RuntimeError, match="expects one"):
        made_documents._put("<html><html>", "<html>", "x")
