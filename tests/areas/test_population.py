"""``mapapp areas population`` and ``mapapp areas villages`` on drawn areas."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas import queries, service
from mapapp.areas.models import Village
from mapapp.areas.search import search
from mapapp.core.errors import Invalid

DAY = date(2021, 12, 31)


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_amphoe_and_province_add_up(loaded: Session, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", 'code,total,households\n500101,"1,000",300\n500102,๕๐,20\n500203,7,3\n')
    report = service.import_population(loaded, path, source="DOPA", as_of=DAY)
    assert (report.tambons, report.people, report.households) == (3, 1057, 323)
    assert [queries.get(loaded, code).population for code in ("50", "5001", "5002")] == [1057, 1050, 7]
    assert [queries.get(loaded, code).households for code in ("50", "5001", "5002")] == [323, 320, 3]
    found = queries.get(loaded, "5001")
    assert (found.population_source, found.population_as_of) == ("DOPA", DAY)


def test_what_is_missing_and_what_differs_is_told(loaded: Session, tmp_path: Path) -> None:
    text = "code,total\n0,99\n50,70\n5001,60\n500101,10\n500102,50\n100101,5\n"
    report = service.import_population(loaded, table(tmp_path / "p.csv", text))
    assert report.without == ["500203"]
    assert report.elsewhere == 1
    assert [(d.code, d.added_up, d.in_file) for d in report.differences] == []
    assert queries.get(loaded, "500203").population is None


def test_a_partial_file_changes_what_it_names_and_sums_stay_sums(loaded: Session, tmp_path: Path) -> None:
    whole = table(tmp_path / "p.csv", "code,total,households\n500101,10,1\n500102,20,2\n500203,30,3\n")
    service.import_population(loaded, whole, source="DOPA", as_of=DAY)
    report = service.import_population(
        loaded,
        table(tmp_path / "c.csv", "code,total,households\n500102,25,4\n"),
        source="อำเภอ",
        as_of=date(2022, 6, 1),
    )
    assert report.without == []
    found = {code: queries.get(loaded, code) for code in ("50", "5001", "5002", "500101", "500102", "500203")}
    assert {code: area.population for code, area in found.items()} == {
        "50": 65, "5001": 35, "5002": 30, "500101": 10, "500102": 25, "500203": 30,
    }  # fmt: skip
    assert found["5001"].households == 5
    assert (found["5001"].population_source, found["5001"].population_as_of) == ("DOPA; อำเภอ", DAY)
    assert (found["5002"].population_source, found["500102"].population_source) == ("DOPA", "อำเภอ")


def test_a_sum_with_an_unknown_part_is_unknown(loaded: Session, tmp_path: Path) -> None:
    report = service.import_population(loaded, table(tmp_path / "p.csv", "code,total\n500101,10\n500203,30\n"))
    assert report.without == ["500102"]
    found = {code: queries.get(loaded, code).population for code in ("50", "5001", "5002")}
    assert found == {"50": None, "5001": None, "5002": 30}
    service.import_population(loaded, table(tmp_path / "q.csv", "code,total\n500102,20\n"))
    assert queries.get(loaded, "50").population == 60


def test_newer_codes_are_added_to_the_boundary_they_lie_in(loaded: Session, tmp_path: Path) -> None:
    people = table(tmp_path / "p.csv", "code,total\n500101,10\n500102,20\n500203,30\n500299,5\n")
    with pytest.raises(Invalid, match="crosswalk"):
        service.import_population(loaded, people)
    assert queries.get(loaded, "500101").population is None
    wrong = table(tmp_path / "w.csv", "dopa_code,cod_code\n500299,509999\n")
    with pytest.raises(Invalid, match="509999"):
        service.import_population(loaded, people, wrong)
    good = table(tmp_path / "c.csv", "dopa_code,dopa_name_th,cod_code\n500299,ใหม่,500203\n")
    report = service.import_population(loaded, people, good)
    assert report.joined == ["500299 → 500203"]
    assert queries.get(loaded, "500203").population == 35


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("code,total\n", "no rows"),
        ("code,people_count\n500101,1\n", "total|population"),
        ("code,total\n500101,-1\n", "row 2.*whole number"),
        ("code,total\n500101,1.5\n", "row 2.*whole number"),
        ("code,total\n500101,NaN\n", "row 2.*whole number"),
        ("code,total,households\n500101,1,many\n", "households"),
        ("code,total\n500101,1\n500101,2\n", "twice"),
        ("code,total\n5001O1,1\n", "not an area code"),
        ("code,total\n100101,1\n", "No tambon"),
        ("code,total\n500101,1,2,3\n", "more cells"),
        ('code,total\n500101,"1\n', "CSV"),
        ("PK\x03\x04\0\0", "CSV"),
    ],
)
def test_bad_tables_change_nothing(loaded: Session, tmp_path: Path, text: str, told: str) -> None:
    before = service.import_population(
        loaded, table(tmp_path / "good.csv", "code,total\n500101,10\n500102,20\n500203,30\n")
    )
    assert before.people == 60
    with pytest.raises(Invalid, match=told):
        service.import_population(loaded, table(tmp_path / "bad.csv", text))
    assert queries.get(loaded, "50").population == 60


def test_a_dry_run_of_figures_leaves_nothing(loaded: Session, tmp_path: Path) -> None:
    heard: list[object] = []

    def hear(_sender: object, *, session: Session) -> None:
        heard.append(session)

    path = table(tmp_path / "p.csv", "code,total\n500101,10\n500102,20\n500203,30\n")
    with service.population_changed.connected_to(hear):
        assert service.import_population(loaded, path, dry_run=True).people == 60
        assert queries.get(loaded, "50").population is None
        service.import_population(loaded, path)
    assert heard == [loaded]


VILLAGES = (
    "code8,name_th,name_en,tambon_code,lat,lon\n"
    "50010101,บ้านดอนจั่น,Ban Don Chan,500101,,\n"
    '50010102,"บ้านบน, บ้านล่าง",,500101,18.95,98.05\n'
    "10010101,บ้านไกล,,100101,,\n"
)


def test_villages_are_found_by_name_and_replaced_by_the_next_list(loaded: Session, tmp_path: Path) -> None:
    report = service.import_villages(loaded, table(tmp_path / "v.csv", VILLAGES))
    assert (report.villages, report.elsewhere) == (2, 1)
    found = search(loaded, "บ้านล่าง")[0]
    assert (found.level, found.village_code, found.code, found.own_point) == ("village", "50010102", "500101", True)
    assert (found.lat, found.lon) == (18.95, 98.05)
    assert [area.code for area in found.path] == ["50", "5001", "500101"]
    other = search(loaded, "Don Chan")[0]
    assert not other.own_point
    tambon = queries.get(loaded, "500101")
    assert other.point == tambon.point
    service.import_villages(loaded, table(tmp_path / "v.csv", VILLAGES.replace("ดอนจั่น", "ใหม่เอี่ยม")))
    assert loaded.scalar(select(func.count()).select_from(Village)) == 2
    assert search(loaded, "ดอนจั่น") == []


def test_bad_villages_are_told_by_row_and_column(loaded: Session, tmp_path: Path) -> None:
    bad = VILLAGES + "50010103,,,500101,,\n50010104,บ้าน,,509999,,\n5001010,บ้าน,,500101,,\n50010105,บ้าน,,500101,98,18\n"
    path = table(tmp_path / "v.csv", bad)
    with pytest.raises(Invalid) as caught:
        service.import_villages(loaded, path)
    told = str(caught.value)
    for part in ("row 5, name", "row 6, tambon", "row 7, code", "row 8, lat/lon", "swapped"):
        assert part in told
    assert loaded.scalar(select(func.count()).select_from(Village)) == 0
    report = service.import_villages(loaded, path, valid_only=True)
    assert report.villages == 2
    assert len(report.problems) == 4
