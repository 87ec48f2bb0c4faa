"""``mapapp areas import`` on drawn areas: formats, levels, repeats, what vanishes, what is refused."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import queries, service
from mapapp.areas.models import BANDS, Area, AreaShape, PlaceName
from mapapp.areas.search import search
from mapapp.areas.service import ImportOptions, import_boundaries
from mapapp.core import geo
from mapapp.core.errors import Invalid
from tests.areas.drawing import CODES, NAMES, drawn, features, write, write_with_gdal

PLAIN = ImportOptions()
ALL = ["50", "5001", "500101", "500102", "5002", "500203"]


def codes(session: Session) -> list[str]:
    return list(session.scalars(select(Area.code).order_by(Area.code)))


def boundary(session: Session, code: str) -> Any:
    return shapely.from_wkt(session.scalar(select(func.ST_AsText(Area.boundary)).where(Area.code == code)))


def snapshot(session: Session) -> list[Any]:
    """Everything that an import writes, to compare."""
    areas = session.execute(text("SELECT a.*, ST_AsText(boundary), ST_AsText(point) FROM areas a ORDER BY code")).all()
    shapes = session.execute(text("SELECT code, band, ST_AsText(shape) FROM area_shapes ORDER BY 1, 2")).all()
    names = session.execute(text("SELECT name, area_code FROM place_names ORDER BY 1, 2")).all()
    return [areas, shapes, names]


def refusal(session: Session, *paths: Path, options: ImportOptions = PLAIN) -> str:
    """The text of the refusal; checks that nothing was changed."""
    before = snapshot(session)
    with pytest.raises(Invalid) as caught:
        import_boundaries(session, paths, options)
    assert snapshot(session) == before
    return str(caught.value)


def test_tambons_alone_make_all_three_levels(loaded: Session) -> None:
    assert codes(loaded) == ALL
    assert boundary(loaded, "5001").equals(shapely.union_all([drawn()["500101"], drawn()["500102"]]))
    assert boundary(loaded, "50").equals(shapely.union_all(list(drawn().values())))
    assert [(a.name_th, a.name_en) for a in queries.path_of(loaded, "500102")] == [
        NAMES[code] for code in ("50", "5001", "500102")
    ]
    tambon = queries.get(loaded, "500101")
    assert tambon.parent_code == "5001"
    assert tambon.level == "tambon"
    assert not tambon.approximate
    size = abs(Geod(ellps="WGS84").geometry_area_perimeter(drawn()["500101"])[0]) / 1e6
    assert tambon.area_km2 == pytest.approx(size, rel=1e-9)
    assert shapely.contains_xy(drawn()["500101"], tambon.point.lon, tambon.point.lat)


def test_given_levels_are_used_as_they_are(session: Session, tmp_path: Path) -> None:
    tambons = drawn()
    amphoe = {"5001": shapely.union_all([tambons["500101"], tambons["500102"]]), "5002": tambons["500203"]}
    files = [write(tmp_path / "a3.geojson", tambons), write(tmp_path / "a2.geojson", amphoe)]
    report = import_boundaries(session, files, ImportOptions(source="RTSD", as_of=date(2022, 1, 22)))
    assert codes(session) == ALL
    assert report.counts == {"province": 1, "amphoe": 2, "tambon": 3}
    assert report.dissolved == {"province": 1}
    assert (report.new, report.replaced, report.vanished) == (6, 0, [])
    found = queries.get(session, "5002")
    assert (found.source, found.source_as_of) == ("RTSD", date(2022, 1, 22))


def test_every_band_has_every_area_and_neighbours_stay_edge_to_edge(loaded: Session) -> None:
    rows = loaded.execute(
        select(AreaShape.code, AreaShape.band, AreaShape.level, func.ST_AsText(AreaShape.shape))
    ).all()
    assert {(row.code, row.band) for row in rows} == {(code, band) for code in ALL for band in BANDS}
    for band in BANDS:
        shapes = shapely.from_wkt([row[3] for row in rows if row.band == band and row.level == "tambon"])
        assert shapely.coverage_is_valid(shapes)
        assert (shapely.area(shapes) > 0).all()


def test_a_tiny_area_does_not_vanish_from_the_smallest_map(session: Session, tmp_path: Path) -> None:
    speck = {"500301": shapely.Point(98.5, 18.5).buffer(0.0005, quad_segs=16)}
    import_boundaries(session, [write(tmp_path / "speck.geojson", speck)], PLAIN)
    smallest = session.scalar(
        select(func.min(func.ST_Area(AreaShape.shape))).where(AreaShape.band == BANDS[0], AreaShape.code == "500301")
    )
    assert smallest is not None
    assert smallest > 0


def test_repeating_an_import_changes_nothing(loaded: Session, tmp_path: Path) -> None:
    before = snapshot(loaded)
    report = import_boundaries(loaded, [write(tmp_path / "again.geojson", drawn())], PLAIN)
    assert (report.new, report.replaced) == (0, 6)
    assert snapshot(loaded) == before


def test_a_repeat_keeps_population(loaded: Session, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("code,total,households\n500101,10,4\n500102,20,5\n500203,30,6\n")
    service.import_population(loaded, table, as_of=date(2021, 12, 31))
    import_boundaries(loaded, [write(tmp_path / "again.geojson", drawn())], PLAIN)
    assert queries.get(loaded, "500102").population == 20
    assert queries.get(loaded, "50").population == 60
    assert queries.get(loaded, "50").population_as_of == date(2021, 12, 31)


def test_a_dry_run_says_what_would_change_and_leaves_nothing(loaded: Session, tmp_path: Path) -> None:
    before = snapshot(loaded)
    versions = database.data_versions(loaded)
    moved = drawn("AAB AAB CCD", {**CODES, "D": "500204"})
    report = import_boundaries(loaded, [write(tmp_path / "new.geojson", moved)], ImportOptions(dry_run=True))
    assert report.new == 1
    assert snapshot(loaded) == before
    loaded.commit()
    assert database.data_versions(loaded) == versions


def test_an_import_counts_up_the_data_version(loaded: Session, tmp_path: Path) -> None:
    loaded.info.pop("changed", None)
    import_boundaries(loaded, [write(tmp_path / "again.geojson", drawn())], PLAIN)
    assert loaded.info["changed"] == {"areas", "coverage"}


def test_listeners_are_told_inside_the_transaction(session: Session, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def hear(_sender: object, *, session: Session) -> None:
        seen.append(codes(session))

    with service.boundaries_changed.connected_to(hear):
        import_boundaries(session, [write(tmp_path / "a.geojson", drawn())], PLAIN)
        import_boundaries(session, [tmp_path / "a.geojson"], ImportOptions(dry_run=True))
    assert seen == [ALL]


def test_a_listener_that_fails_undoes_the_import(session: Session, tmp_path: Path) -> None:
    def fail(_sender: object, *, session: Session) -> None:
        raise RuntimeError("no")

    path = write(tmp_path / "a.geojson", drawn())
    with service.boundaries_changed.connected_to(fail), pytest.raises(RuntimeError):
        import_boundaries(session, [path], PLAIN)
    assert codes(session) == []


def test_areas_that_are_no_longer_there_go_and_other_provinces_stay(loaded: Session, tmp_path: Path) -> None:
    other = drawn("...E", {"E": "450101"})
    import_boundaries(loaded, [write(tmp_path / "other.geojson", other)], PLAIN)
    merged = drawn("AAA AAA CCC")
    report = import_boundaries(loaded, [write(tmp_path / "merged.geojson", merged)], PLAIN)
    assert report.vanished == ["500102"]
    assert codes(loaded) == ["45", "4501", "450101", "50", "5001", "500101", "5002", "500203"]
    left = loaded.scalar(select(func.count()).select_from(PlaceName).where(PlaceName.area_code == "500102"))
    assert left == 0


def pin(session: Session, code: str, lat: float, lon: float) -> int:
    statement = text(
        "INSERT INTO facilities (kind, name_th, point, tambon_code, source, source_ref) VALUES "
        "('hospital', 'ทดสอบ', ST_MakePoint(:lon, :lat)::geography, :code, 'test', :code) RETURNING id"
    )
    made: int = session.execute(statement, {"lat": lat, "lon": lon, "code": code}).scalar_one()
    return made


def test_what_is_referred_to_does_not_vanish_silently(loaded: Session, tmp_path: Path) -> None:
    made = pin(loaded, "500102", 18.95, 98.25)
    path = write(tmp_path / "merged.geojson", drawn("AAA AAA CCC"))
    told = refusal(loaded, path)
    assert "500102" in told
    assert "facilities" in told
    report = import_boundaries(loaded, [path], ImportOptions(drop_vanished=True))
    assert report.let_go == ["facilities.tambon_code 500102: 1"]
    now = loaded.execute(text("SELECT tambon_code FROM facilities WHERE id = :id"), {"id": made}).scalar_one()
    assert now == "500101"


def test_a_pin_outside_the_new_boundaries_loses_its_area(loaded: Session, tmp_path: Path) -> None:
    made = pin(loaded, "500102", 18.95, 98.25)
    path = write(tmp_path / "less.geojson", drawn("AA. AA. CCC"))
    import_boundaries(loaded, [path], ImportOptions(drop_vanished=True))
    assert loaded.execute(text("SELECT tambon_code FROM facilities WHERE id = :id"), {"id": made}).scalar() is None


def test_villages_of_a_vanished_tambon_are_told_and_go_with_it(loaded: Session, tmp_path: Path) -> None:
    table = tmp_path / "villages.csv"
    table.write_text("code8,name_th,name_en,tambon_code\n50010201,บ้านทดสอบ,Ban Test,500102\n", encoding="utf-8")
    service.import_villages(loaded, table)
    path = write(tmp_path / "merged.geojson", drawn("AAA AAA CCC"))
    assert "villages" in refusal(loaded, path)
    report = import_boundaries(loaded, [path], ImportOptions(drop_vanished=True))
    assert report.let_go == ["villages.tambon_code 500102: 1"]
    loaded.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert search(loaded, "บ้านทดสอบ") == []


def test_tables_of_later_rooms_are_found_too(loaded: Session, tmp_path: Path) -> None:
    loaded.execute(text("SET LOCAL ROLE NONE"))  # as the owner: the service may not make tables
    loaded.execute(text("CREATE TABLE later (area text NOT NULL REFERENCES areas (code))"))
    loaded.execute(text("INSERT INTO later VALUES ('500102')"))
    path = write(tmp_path / "merged.geojson", drawn("AAA AAA CCC"))
    assert "later" in refusal(loaded, path)
    assert "later" in refusal(loaded, path, options=ImportOptions(drop_vanished=True))


def test_geopackage_in_another_coordinate_system(session: Session, tmp_path: Path) -> None:
    change = Transformer.from_crs(4326, 32647, always_xy=True)
    there = {
        code: shapely.transform(g, lambda xy: np.column_stack(change.transform(*xy.T))) for code, g in drawn().items()
    }
    path = write_with_gdal(tmp_path / "utm.gpkg", there, driver="GPKG", crs="EPSG:32647")
    import_boundaries(session, [path], PLAIN)
    assert shapely.hausdorff_distance(boundary(session, "500101"), drawn()["500101"]) < 1e-7


def zipped(folder: Path, target: Path, *, without: tuple[str, ...] = ()) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in sorted(folder.iterdir()):
            if part.suffix not in without:
                packed.write(part, f"some folder/{part.name}")
    return target


def shapefile(tmp_path: Path, encoding: str, crs: str | None = "EPSG:4326") -> Path:
    folder = tmp_path / "shp"
    folder.mkdir()
    write_with_gdal(folder / "ตำบล.shp", drawn(), driver="ESRI Shapefile", encoding=encoding, crs=crs)
    return folder


@pytest.mark.parametrize("encoding", ["CP874", "UTF-8"])
@pytest.mark.parametrize("without", [(), (".cpg",)])
def test_zipped_shapefiles_in_both_encodings_with_and_without_cpg(
    session: Session, tmp_path: Path, encoding: str, without: tuple[str, ...]
) -> None:
    path = zipped(shapefile(tmp_path, encoding), tmp_path / "a.zip", without=without)
    import_boundaries(session, [path], PLAIN)
    assert [(a.name_th, a.name_en) for a in queries.children(session, "5001")] == [NAMES["500101"], NAMES["500102"]]


def test_a_shapefile_without_prj_needs_its_coordinate_system_named(session: Session, tmp_path: Path) -> None:
    path = zipped(shapefile(tmp_path, "UTF-8"), tmp_path / "a.zip", without=(".prj",))
    assert "--crs" in refusal(session, path)
    assert "EPSG:999999" in refusal(session, path, options=ImportOptions(crs="EPSG:999999"))
    import_boundaries(session, [path], ImportOptions(crs="EPSG:4326"))
    assert codes(session) == ALL


def test_the_encoding_can_be_named(session: Session, tmp_path: Path) -> None:
    path = zipped(shapefile(tmp_path, "CP874"), tmp_path / "a.zip", without=(".cpg",))
    assert "--encoding" in refusal(session, path, options=ImportOptions(encoding="ISO-8859-1"))
    import_boundaries(session, [path], ImportOptions(encoding="CP874"))
    assert queries.get(session, "500101").name_th == NAMES["500101"][0]


def test_other_columns_are_named(session: Session, tmp_path: Path) -> None:
    path = write_with_gdal(tmp_path / "x.gpkg", drawn(), ("รหัส", "t_name", "e_name"), driver="GPKG")
    told = refusal(session, path)
    assert "--map" in told
    assert "t_name" in told
    columns = {"code": "รหัส", "name_th": "T_NAME", "name_en": "e_name"}
    import_boundaries(session, [path], ImportOptions(columns=columns))
    assert codes(session) == ALL
    assert "nowhere" in refusal(session, path, options=ImportOptions(columns={"code": "nowhere"}))


def test_names_that_are_missing_come_from_geothai(session: Session, tmp_path: Path) -> None:
    path = write_with_gdal(tmp_path / "x.gpkg", drawn(), ("code", "th", "en"), driver="GPKG")
    import_boundaries(session, [path], ImportOptions(columns={"code": "code"}))
    assert queries.get(session, "500101").name_th == "ศรีภูมิ"


def test_a_spike_is_mended_and_told(session: Session, tmp_path: Path) -> None:
    shapes = drawn()
    ring = list(shapely.get_parts(shapes["500203"])[0].exterior.coords)
    spike = [ring[0], (ring[0][0] + 0.05, ring[0][1] + 0.05), *ring]
    shapes["500203"] = shapely.Polygon(spike)
    assert not shapes["500203"].is_valid
    report = import_boundaries(session, [write(tmp_path / "a.geojson", shapes)], PLAIN)
    assert report.repaired == ["500203"]
    assert boundary(session, "500203").equals(drawn()["500203"])


def test_neighbours_that_overlap_are_told(session: Session, tmp_path: Path) -> None:
    shapes = drawn()
    shapes["500203"] = shapes["500203"].buffer(0.01, join_style="mitre")
    report = import_boundaries(session, [write(tmp_path / "a.geojson", shapes)], PLAIN)
    assert "500203" in report.overlapping
    assert codes(session) == ALL


def test_orphans_duplicates_and_lines_are_refused_together(session: Session, tmp_path: Path) -> None:
    amphoe = {"5001": shapely.union_all([drawn()["500101"], drawn()["500102"]])}
    files = [write(tmp_path / "a3.geojson", drawn()), write(tmp_path / "a2.geojson", amphoe)]
    assert "500203 is in 5002" in refusal(session, *files)

    twice = features(drawn()) * 2
    path = tmp_path / "twice.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": twice}))
    told = refusal(session, path)
    assert told.count("occurs twice") == 3
    assert "twice.geojson, row 4" in told

    line = {"500101": shapely.LineString([(98, 18), (99, 18)])}
    assert "500101 is not a polygon" in refusal(session, write(tmp_path / "line.geojson", line))


def test_areas_outside_thailand_and_swapped_ones_are_refused(session: Session, tmp_path: Path) -> None:
    away = {code: shapely.transform(g, lambda xy: np.add(xy, (50, 0))) for code, g in drawn().items()}
    assert "outside Thailand" in refusal(session, write(tmp_path / "away.geojson", away))
    swapped = {code: shapely.transform(g, lambda xy: xy[:, ::-1]) for code, g in drawn().items()}
    assert "swapped" in refusal(session, write(tmp_path / "swapped.geojson", swapped))


def test_codes_that_are_none_are_named_with_their_row(session: Session, tmp_path: Path) -> None:
    rows = features(drawn())
    rows[1]["properties"]["ADM3_PCODE"] = "TH5001O2"
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    assert "a.geojson, row 2" in refusal(session, path)


def test_a_point_finds_its_tambon_after_a_change(loaded: Session, tmp_path: Path) -> None:
    here = geo.Point(lat=18.95, lon=98.15)
    found = queries.area_at(loaded, here)
    assert found is not None
    assert found.tambon.code == "500101"
    import_boundaries(loaded, [write(tmp_path / "b.geojson", drawn("ABB ABB CCC"))], PLAIN)
    found = queries.area_at(loaded, here)
    assert found is not None
    assert found.tambon.code == "500102"


def test_amphoe_alone_leave_the_tambons_below_them(loaded: Session, tmp_path: Path) -> None:
    amphoe = drawn("YYY YYY XXX", {"Y": "5001", "X": "5002"})
    report = import_boundaries(loaded, [write(tmp_path / "a2.geojson", amphoe)], PLAIN)
    assert report.counts == {"province": 1, "amphoe": 2}
    assert codes(loaded) == ALL
    report = import_boundaries(loaded, [write(tmp_path / "a2.geojson", {"5001": amphoe["5001"]})], PLAIN)
    assert report.vanished == ["5002", "500203"]
