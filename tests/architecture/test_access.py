"""Who may do what: every route × method has a row here, and every row holds.

A new route without a row fails; so does a row whose route is gone. Until people can sign in there is one actor,
anonymous, and everything is a public read.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.coverage import service as coverage
from mapapp.facilities.models import Facility
from tests.data import small_country

SAFE = {"HEAD", "OPTIONS"}
"""Answered by the framework wherever GET is."""


@dataclass(frozen=True)
class Row:
    """One route × method: an address that exists in the test's country, and what each actor gets."""

    address: str
    anonymous: int = 200


PUBLIC_READS: dict[str, Row] = {
    "home.index": Row("/"),
    "home.data": Row("/about/data"),
    "home.api_docs": Row("/api/v1/docs"),
    "home.openapi_document": Row("/api/v1/openapi.json"),
    "home.healthz": Row("/healthz"),
    "home.readyz": Row("/readyz"),
    "areas.places": Row("/places?q=ตะวันตก"),
    "areas_api.areas": Row("/api/v1/areas?lat=14.05&lon=100.05"),
    "areas_api.area": Row("/api/v1/areas/9001"),
    "facilities.nearest": Row("/nearest?lat=14.05&lon=100.05"),
    "facilities.page": Row("/facilities/{hospital}"),
    "facilities_api.facilities": Row("/api/v1/facilities?area=90"),
    "facilities_api.facility": Row("/api/v1/facilities/{hospital}"),
    "facilities_api.nearest": Row("/api/v1/facilities/nearest?lat=14.05&lon=100.05"),
    "facilities_api.clusters": Row("/api/v1/facilities/clusters?bbox=100,14,101,15&zoom=8"),
    "coverage.index": Row("/coverage?level=tambon&kind=hospital"),
    "coverage.area": Row("/areas/9001"),
    "coverage.best_site": Row("/coverage/best-site?kind=hospital&radius_km=10"),
    "coverage_api.table": Row("/api/v1/coverage?level=tambon&metric=nearest_km&kind=hospital"),
    "coverage_api.values": Row("/api/v1/coverage/values?level=tambon&metric=nearest_km&kind=hospital"),
    "coverage_api.best_site": Row("/api/v1/coverage/best-site?kind=hospital"),
    "maps.document": Row("/maps/home"),
    "tiles.tile": Row("/tiles/areas/6/49/29.mvt"),
}

MATRIX: dict[tuple[str, str], Row] = {(endpoint, "GET"): row for endpoint, row in PUBLIC_READS.items()}


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - SAFE}


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    assert _routes(app) - set(MATRIX) == set(), "routes without an access rule"
    assert set(MATRIX) - _routes(app) == set(), "rules for routes that are gone"
    print(f"access matrix: {len(MATRIX)} routes × 1 actor")


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_anonymous(client: FlaskClient, session: Session, endpoint: str, method: str) -> None:
    small_country(session)
    coverage.refresh_all(session)
    hospital = session.scalars(select(Facility.id)).one()
    row = MATRIX[endpoint, method]
    address = row.address.replace("{hospital}", str(hospital))
    answer = client.open(address, method=method)
    assert answer.status_code == row.anonymous, answer.text[:500]
    assert client.open(address, method="HEAD").status_code == row.anonymous
    assert "Set-Cookie" not in answer.headers
    for unsafe in ("POST", "PUT", "PATCH", "DELETE"):
        if (endpoint, unsafe) not in MATRIX:
            assert client.open(address, method=unsafe).status_code == 405
