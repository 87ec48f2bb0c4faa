"""The real boundaries and hospitals of Chiang Mai against shapely and pyproj."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pyogrio
import pytest
import shapely
from geopy.distance import geodesic
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.coverage import service
from tests.conftest import NOON
from tests.coverage.drawing import pin, stored
from tests.coverage.test_service import disc, square_metres


@pytest.mark.national
def test_chiang_mai_equals_an_independent_computation(session: Session, shared_data: Path) -> None:
    meta, _, wkbs, columns = pyogrio.raw.read(shared_data / "areas" / "tha_adm3_detail_TH50.geojson")
    field = dict(zip(meta["fields"], columns, strict=True))
    tambons = {}
    for code, name, wkb in zip(field["ADM3_PCODE"], field["ADM3_TH"], wkbs, strict=True):
        boundary = shapely.from_wkb(wkb)
        tambons[code[2:]] = (boundary, shapely.point_on_surface(boundary))
        session.execute(
            text(
                "INSERT INTO areas (code, name_th, name_en, boundary, point, area_km2, approximate, source, population)"
                " SELECT :code, :name, :name, ST_Multi(b), ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography,"
                " ST_Area(b::geography) / 1e6, false, 'COD-AB', 1000"
                " FROM ST_GeomFromWKB(:wkb, 4326) AS b"
            ),
            {
                "code": code[2:],
                "name": name,
                "lon": tambons[code[2:]][1].x,
                "lat": tambons[code[2:]][1].y,
                "wkb": bytes(wkb),
            },
        )
    for code in {code[:length] for code in tambons for length in (2, 4)}:
        session.execute(
            text(
                "INSERT INTO areas (code, name_th, name_en, boundary, point, area_km2, approximate, source)"
                " SELECT :code, :code, :code, ST_Multi(ST_Envelope(ST_Collect(boundary))),"
                " ST_Centroid(ST_Collect(boundary))::geography, 1, false, 'box'"
                " FROM areas WHERE level = 'tambon' AND code LIKE :code || '%'"
            ),
            {"code": code},
        )
    places = []
    with (shared_data / "facilities" / "hospitals_hcode.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["prov_code"] == "50":
                places.append((float(row["lat"]), float(row["lon"])))
    for lat, lon in places:
        pin(session, lat=lat, lon=lon)
    service.refresh_all(session, ["hospital"], now=NOON)
    figures = stored(session)

    reached = {
        km: shapely.union_all([disc(lat=lat, lon=lon, metres=km * 1000) for lat, lon in places]) for km in (5, 10, 20)
    }
    for code in random.Random(50).sample(sorted(tambons), 25):
        boundary, point = tambons[code]
        mine = figures[code, "hospital"]
        nearest = min(geodesic((point.y, point.x), place).km for place in places)
        assert mine["nearest_km"] == pytest.approx(nearest, rel=1e-6)
        for km in (5, 10, 20):
            share = square_metres(boundary.intersection(reached[km])) / square_metres(boundary)
            assert mine[f"within_share_{km}"] == pytest.approx(share, abs=0.002)
