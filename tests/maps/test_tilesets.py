"""What other programs are told of the tiles, and that what they are told is in them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.coverage import service
from mapapp.maps import queries
from tests.data import small_country
from tests.maps import mvt
from tests.maps.test_tiles import tile_of


@pytest.fixture
def drawn(session: Session) -> Session:
    small_country(session)
    service.refresh_all(session)
    session.commit()
    return session


@pytest.mark.parametrize("layer", queries.LAYERS)
def test_tilejson_leads_to_tiles_with_the_layers_and_fields_it_names(
    client: FlaskClient, drawn: Session, layer: str
) -> None:
    told = client.get(f"/tiles/{layer}.json?kind=hospital").get_json()
    assert told["tilejson"] == "3.0.0"
    assert told["bounds"] == [100.0, 14.0, 100.2, 14.2]
    z = 12
    x, y = tile_of(14.05, 100.05, z)
    address = told["tiles"][0].replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    assert address.startswith("http://localhost/tiles/")
    found = mvt.read(client.get(address.removeprefix("http://localhost")).data)
    named = {one["id"]: set(one["fields"]) for one in told["vector_layers"] if one["minzoom"] <= z <= one["maxzoom"]}
    assert set(found) <= set(named)
    for name, content in found.items():
        for feature in content.features:
            assert set(feature.properties) <= named[name]
    assert any(content.features for content in found.values())


def test_polygons_carry_names_and_figures(client: FlaskClient, drawn: Session) -> None:
    x, y = tile_of(14.05, 100.05, 8)
    layer = mvt.read(client.get(f"/tiles/tambon/8/{x}/{y}.mvt?kind=hospital").data)["tambon"]
    facts = {feature.properties["code"]: feature.properties for feature in layer.features}["900101"]
    assert (facts["name_th"], facts["name_en"], facts["population"]) == ("ตำบล01", "Tambon 01", 1000)
    assert set(queries.FIGURES) <= set(facts)


def test_tiles_with_figures_follow_the_figures(client: FlaskClient, drawn: Session) -> None:
    x, y = tile_of(14.05, 100.05, 8)
    address = f"/tiles/tambon/8/{x}/{y}.mvt?kind=test_site"
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(f"/tiles/tambon/8/{x}/{y}.mvt?kind=castle").status_code == 400
    assert client.get("/tiles/castle.json").status_code == 404
    assert client.get("/tiles/castle/metadata.json").status_code == 404


def test_gdal_opens_a_tile_by_its_metadata(client: FlaskClient, drawn: Session, tmp_path: Path) -> None:
    """GDAL is what QGIS reads tiles with."""
    z = 10
    x, y = tile_of(14.05, 100.05, z)
    described = client.get("/tiles/tambon/metadata.json?kind=hospital").get_json()
    assert json.loads(described["json"])["vector_layers"]
    tile = tmp_path / str(z) / str(x) / f"{y}.pbf"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(client.get(f"/tiles/tambon/{z}/{x}/{y}.mvt?kind=hospital").data)
    (tmp_path / "metadata.json").write_text(json.dumps(described))
    meta, _, geometry, fields = pyogrio.raw.read(f"MVT:{tmp_path / str(z)}", layer="tambon")
    facts = dict(zip(meta["fields"], fields, strict=True))
    assert {"name_th", "nearest_km", "population"} <= set(facts)
    assert "ตำบล01" in set(facts["name_th"])
    assert np.isfinite(facts["nearest_km"].astype(float)).all()
    assert len(geometry) >= 4
