"""Files that are not boundaries: each is refused with a sentence, never a traceback, and nothing is changed."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas import boundary_files
from mapapp.areas.models import Area
from mapapp.areas.service import ImportOptions, import_boundaries
from mapapp.core.errors import Invalid
from tests.areas.drawing import drawn, features, write, write_with_gdal


def refusal(session: Session, path: Path) -> str:
    with pytest.raises(Invalid) as caught:
        import_boundaries(session, [path], ImportOptions())
    assert session.scalar(select(func.count()).select_from(Area)) == 0
    return str(caught.value)


def geojson(path: Path, geometry: object) -> Path:
    row = features({"500101": shapely.box(98, 18, 99, 19)})[0]
    row["geometry"] = geometry
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}))
    return path


def test_no_file_and_an_empty_one(session: Session, tmp_path: Path) -> None:
    assert "not found" in refusal(session, tmp_path / "missing.geojson")
    assert "not found" in refusal(session, tmp_path)
    empty = tmp_path / "empty.geojson"
    empty.touch()
    assert "empty" in refusal(session, empty)


def test_no_areas_in_it(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    refusal(session, path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b"SQLite format 3\x00" + b"\0" * 100),
        ("a.geojson", b"<html>"),
        ("a.gpkg", b'{"type": "FeatureCollection", "features": []}'),
        ("a.gpkg", b"SQLite format 3\x00" + b"\0" * 2000),
        ("a.zip", b"not a zip"),
        ("a.zip", b"PK\x03\x04 but broken"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{'),
        ("a.geojson", b'{"type": "Topology", "objects": {}, "arcs": []}'),
        ("a.geojson", b'{"hello": "world"}'),
        ("a.shp", b"\x00\x00\x27\x0a"),
        ("a.txt", b"hello"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(session: Session, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert name in refusal(session, path)


def test_a_bow_tie(session: Session, tmp_path: Path) -> None:
    ring = [[98.0, 18.0], [98.1, 18.1], [98.1, 18.0], [98.0, 18.1], [98.0, 18.0]]
    assert "crosses itself" in refusal(
        session, geojson(tmp_path / "a.geojson", {"type": "Polygon", "coordinates": [ring]})
    )


def test_a_million_corners(session: Session, tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_001)
    ring = np.round(np.column_stack((99 + np.cos(angle), 18 + np.sin(angle))), 7)
    ring[-1] = ring[0]
    geometry = {"type": "Polygon", "coordinates": [ring.tolist()]}
    told = refusal(session, geojson(tmp_path / "a.geojson", geometry))
    assert "1,000,001" in told


def test_a_depth_bomb(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text('{"type": "FeatureCollection", "features": ' + "[" * 200_000 + "]" * 200_000 + "}")
    assert "nested too deep" in refusal(session, path)


def test_brackets_inside_names_are_no_depth(session: Session, tmp_path: Path) -> None:
    rows = features(drawn())
    rows[0]["properties"]["note"] = '[[[[[[[[[[[[[[[[[[[[[{{{{ "\\'
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    assert import_boundaries(session, [path], ImportOptions()).counts["tambon"] == 3


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": [98.5, 18.5]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[98.0, 18.0], [98.1, 18.1]]]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Polygon", "coordinates": [[[98.0, 18.0], [1e308, 18.1], [98.1, 18.0], [98.0, 18.0]]]},
        {"type": "Polygon", "coordinates": [[[98.0, 18.0], [98.1, 18.0], [98.2, 18.0], [98.0, 18.0]]]},
        {"type": "Polygon", "coordinates": "98,18"},
        {"type": "Sausage", "coordinates": [1, 2]},
    ],
)
def test_geometries_that_are_no_polygon(session: Session, tmp_path: Path, geometry: object) -> None:
    refusal(session, geojson(tmp_path / "a.geojson", geometry))


@pytest.mark.parametrize("name", ["", "  ", "\x00", "\ud800", "ก" * 201, 7, None, {"a": 1}])
def test_names_that_cannot_be_stored(session: Session, tmp_path: Path, name: object) -> None:
    """A name that is missing is completed from geothai where it knows the code, and refused where it does not."""
    row = features({"509901": shapely.box(98, 18, 99, 19)})[0]
    row["properties"]["ADM3_TH"] = name
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}))
    refusal(session, path)


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def test_odd_zip_files(session: Session, tmp_path: Path) -> None:
    assert "no Shapefile" in refusal(session, packed(tmp_path / "a.zip", {"readme.txt": b"x"}))
    assert ".shx" in refusal(session, packed(tmp_path / "b.zip", {"a.shp": b"x"}))
    many = {f"{number}.shp": b"x" for number in range(boundary_files.MAX_MEMBERS + 1)}
    assert str(boundary_files.MAX_MEMBERS) in refusal(session, packed(tmp_path / "c.zip", many))
    refusal(session, packed(tmp_path / "d.zip", {"a.shp": b"x", "a.shx": b"x", "a.dbf": b"x"}))


def test_a_zip_bomb_is_not_unpacked(session: Session, tmp_path: Path) -> None:
    bomb = {"a.shp": b"\0" * 50_000_000, "a.shx": b"x", "a.dbf": b"x"}
    assert "too large when unpacked" in refusal(session, packed(tmp_path / "bomb.zip", bomb))


def test_members_are_not_written_outside_the_temporary_folder(session: Session, tmp_path: Path) -> None:
    inside = tmp_path / "shp"
    inside.mkdir()
    write_with_gdal(inside / "a.shp", drawn(), driver="ESRI Shapefile", encoding="UTF-8")
    evil = {f"../../../../{tmp_path.name}-evil/../../evil{part.suffix}": part.read_bytes() for part in inside.iterdir()}
    import_boundaries(session, [packed(tmp_path / "evil.zip", evil)], ImportOptions())
    assert not list(tmp_path.parent.glob("*evil*"))
    assert not list(tmp_path.rglob("evil.shp"))


def test_a_locked_zip(session: Session, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.shp": b"x" * 50})
    content = bytearray(path.read_bytes())
    for sign in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.find(sign)
        content[at + (6 if sign[2] == 3 else 8)] |= 1
    path.write_bytes(bytes(content))
    assert "password" in refusal(session, path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_with_flipped_bytes_is_read_or_refused(session: Session, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(write(tmp_path / "whole.geojson", drawn()).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "flipped.geojson"
    path.write_bytes(bytes(content))
    with suppress(Invalid):
        import_boundaries(session, [path], ImportOptions(dry_run=True))
    assert session.scalar(select(func.count()).select_from(Area)) == 0


def test_a_layer_that_is_a_view_is_not_run(session: Session, tmp_path: Path) -> None:
    """Its statement may have no end: counting its rows would hang the import."""
    path = tmp_path / "a.gpkg"
    write_with_gdal(path, drawn(), driver="GPKG")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(
            "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid FROM c"
        )
        opened.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('v', 'features', 'v')")
        opened.commit()
    assert "views" in refusal(session, path)


@pytest.mark.parametrize("end", ['"', ""])
def test_a_text_of_megabytes_is_counted_in_little_memory(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"x":"' + 'a\\"' * 3_000_000 + end)
    tracemalloc.start()
    boundary_files._check_depth(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 60_000_000


def test_brackets_are_not_hidden_in_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"a":"\\\\","b":' + "[" * 50 + "]" * 50 + "}")
    with pytest.raises(Invalid, match="too deep"):
        boundary_files._check_depth(path)


def test_a_geojson_of_an_unknown_coordinate_system(session: Session, tmp_path: Path) -> None:
    """GDAL would silently take its numbers for degrees."""
    path = tmp_path / "a.geojson"
    rows = features({"500101": shapely.box(98, 18, 99, 19)})
    named = {"type": "name", "properties": {"name": "EPSG:999999"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows, "crs": named}))
    assert "--crs" in refusal(session, path)
    import_boundaries(session, [path], ImportOptions(crs="EPSG:4326", dry_run=True))


def test_what_gdal_does_not_know_is_told_in_our_words(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"a": 1}')
    assert "does not match its name" in refusal(session, path)
