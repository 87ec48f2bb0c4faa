"""Facilities as files: what stands in them, that nothing in them is run, and that none is left out in silence."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.facilities import api, files
from tests.data import add_facility, small_country

NEAREST = "/api/v1/facilities/nearest/file?lat=14.05&lon=100.05&lang=en"
AREA = "/api/v1/facilities/file?area=9001&lang=en"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")')
OWNER = "Province of Somewhere · 0 2000 0000"


@pytest.fixture
def owned(app: Flask, session: Session) -> Session:
    app.extensions["mapapp_config"] = app.extensions["mapapp_config"].model_copy(
        update={"service_owner": "Province of Somewhere", "service_contact": "0 2000 0000"}
    )
    small_country(session)
    for place, name in enumerate(FORMULAS):
        add_facility(
            session, "test_site", lat=14.05 + place / 1000, lon=100.05, name_th=name, address=name,
            tambon_code="900101", phone="+6653920300",
        )  # fmt: skip
    add_facility(session, "hospital", lat=14.06, lon=100.06, name_th="thirty", beds=30, tambon_code="900101")
    add_facility(session, "hospital", lat=14.051, lon=100.051, name_th="closed", status="closed", tambon_code="900101")
    session.commit()
    return session


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(f"{address}&format=csv")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith('-2026-11-20.csv"')
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_runs_nothing_of_the_nearest(client: FlaskClient, owned: Session) -> None:
    found = rows(client, NEAREST)
    shown = client.get("/api/v1/facilities/nearest?lat=14.05&lon=100.05").get_json(force=True)["features"]
    assert [int(row["id"]) for row in found] == [one["id"] for one in shown], "the order of the page"
    assert [row["number"] for row in found] == [str(place) for place in range(1, len(shown) + 1)]
    for row in found:
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))], row
    assert {f"'{name}" for name in FORMULAS} <= {row["name_th"] for row in found}
    assert {row["phone"] for row in found if row["name_th"].startswith("'")} == {"053 920 300"}
    assert {(row["owner"], row["as_of"][:10]) for row in found} == {(OWNER, "2026-11-20")}
    assert {row["kind_label"] for row in found if row["kind"] == "hospital"} == {"Hospital"}


def test_a_gis_reads_the_nearest_and_the_place(client: FlaskClient, owned: Session, tmp_path: Path) -> None:
    answer = client.get(f"{NEAREST}&format=gpkg")
    assert answer.headers["Cache-Control"] == "private, no-store"
    target = tmp_path / "nearest.gpkg"
    target.write_bytes(answer.data)
    assert {name for name, _kind in pyogrio.list_layers(target)} == {"facilities", "place"}
    told = pyogrio.read_info(target, layer="facilities")
    assert (told["geometry_type"], told["crs"]) == ("Point", "EPSG:4326")
    assert told["dataset_metadata"]["owner"] == OWNER
    assert OWNER in told["layer_metadata"]["DESCRIPTION"]
    assert dict(zip(told["fields"], told["dtypes"], strict=True))["beds"] == "int64", "whole, although some have none"
    with sqlite3.connect(target) as opened:
        assert opened.execute("SELECT beds FROM facilities ORDER BY beds DESC NULLS LAST").fetchmany(2) == [
            (30,),
            (None,),
        ]
    assert pyogrio.read_info(target, layer="place")["features"] == 1


def test_geojson_says_whose_it_is_and_has_the_api_s_features(client: FlaskClient, owned: Session) -> None:
    made: dict[str, Any] = json.loads(client.get(NEAREST).data)
    plain = client.get("/api/v1/facilities/nearest?lat=14.05&lon=100.05").get_json(force=True)
    assert made["features"] == plain["features"]
    assert made["origin"] == [100.05, 14.05]
    assert made["credit"]["owner"] == OWNER


def test_an_area_s_file_has_all_that_are_not_closed(
    client: FlaskClient, owned: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {row["name_th"] for row in rows(client, AREA)}
    assert {f"'{name}" for name in FORMULAS} <= shown
    assert "closed" not in shown
    monkeypatch.setattr(files, "MOST", 2)
    refused = client.get(f"{AREA}&format=geojson&kind=test_site")
    assert refused.status_code == 400, "not a file with two of them"
    assert client.get("/api/v1/facilities/file?area=77").status_code == 404
    assert client.get("/api/v1/facilities/file").status_code == 400


def test_whoever_asks_for_too_many_waits(client: FlaskClient, owned: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "FILES", "2 per minute")
    assert [client.get(NEAREST).status_code for _ in range(3)] == [200, 200, 429]


def test_the_pages_offer_the_files(client: FlaskClient, owned: Session) -> None:
    for page in ("/nearest?lat=14.05&lon=100.05&kind=test_site", "/areas/9001"):
        text = client.get(page).text
        for form in ("csv", "geojson", "gpkg"):
            found = [part.split('"')[0] for part in text.split('href="')[1:] if "file?" in part.split('"')[0]]
            address = next(one for one in found if f"format={form}" in one).replace("&amp;", "&")
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert "attachment" in answer.headers["Content-Disposition"]
