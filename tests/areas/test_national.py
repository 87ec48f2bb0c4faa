"""The whole country by the real files: counts, coverage, prefixes, people, points, names. Skips without the data."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
import shapely
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import candidates, queries, service
from mapapp.areas.models import BANDS, Area, AreaShape, Village
from mapapp.areas.nicknames import PROVINCE_LETTERS
from mapapp.areas.search import search
from mapapp.areas.seed import SEED
from mapapp.core import geo
from mapapp.core.errors import Invalid
from tests.areas.typed import TYPED, meant
from tests.conftest import migrated_database

pytestmark = pytest.mark.national


def files(data: Path) -> list[Path]:
    return [data / "areas" / f"tha_adm{n}.geojson" for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def country(shared_data: Path, worker: str) -> Iterator[Engine]:
    """A database of its own, loaded once: seeded first, the country over it, people, villages."""
    engine = migrated_database(f"mapapp_national_{worker}")
    with database.sessions(engine)() as session:
        service.seed(session)
        report = service.import_boundaries(session, files(shared_data), service.ImportOptions())
        assert report.counts == {"province": 77, "amphoe": 928, "tambon": 7425}
        assert (report.vanished, report.repaired, report.overlapping, report.childless) == ([], [], [], [])
        kept = queries.get(session, "500101").population
        figures = shared_data / "population"
        people = service.import_population(
            session, figures / "dopa_2021.csv", figures / "dopa2021_to_cod_crosswalk.csv"
        )
        assert kept == queries.get(session, "500101").population
        assert people.people == 66_171_439
        assert (people.without, len(people.joined)) == ([], 14)
        assert [d.code for d in people.differences] == ["5303", "5304"]
        villages = service.import_villages(session, shared_data / "villages" / "villages.csv", valid_only=True)
        assert len(villages.problems) == 21
        session.commit()
    # What autovacuum does some minutes after an import; until then searches read what indexes have not sorted in yet.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) areas, area_shapes, place_names, villages"))
    yield engine
    engine.dispose()


@pytest.fixture
def nation(country: Engine) -> Iterator[Session]:
    """A session on the country that is rolled back."""
    with database.sessions(country)() as session:
        yield session
        session.rollback()


def test_the_country_adds_up(nation: Session) -> None:
    for level, count in (("province", 77), ("amphoe", 928), ("tambon", 7425)):
        found = nation.execute(
            select(func.count(), func.sum(Area.population)).where(Area.level == level, ~Area.approximate)
        ).one()
        assert tuple(found) == (count, 66_171_439)
    assert nation.scalar(select(func.count()).select_from(Village)) == 75_185
    assert nation.scalar(select(func.count()).select_from(AreaShape)) == 8430 * len(BANDS)


def test_prefixes_lead_to_the_areas_that_lie_around(nation: Session) -> None:
    astray = text("""
        SELECT c.code FROM areas c JOIN areas p ON p.code = c.parent_code
        WHERE NOT ST_Covers(ST_Buffer(p.boundary, 0.0005), c.boundary)
    """)
    assert nation.execute(astray).all() == []
    orphans = text("SELECT count(*) FROM areas WHERE level <> 'province' AND parent_code IS NULL")
    assert nation.scalar(orphans) == 0
    outside = text("SELECT code FROM areas WHERE NOT ST_Covers(boundary, point::geometry)")
    assert nation.execute(outside).all() == []


@pytest.mark.parametrize("band", BANDS)
def test_neighbours_stay_edge_to_edge_at_every_zoom(nation: Session, band: int) -> None:
    for level in ("province", "amphoe", "tambon"):
        rows = nation.scalars(
            select(func.ST_AsText(AreaShape.shape)).where(AreaShape.band == band, AreaShape.level == level)
        )
        shapes = shapely.from_wkt(list(rows))
        assert shapely.coverage_is_valid(shapes)
        assert not shapely.is_empty(shapes).any()


def test_points_find_the_tambon_that_brute_force_finds(nation: Session, shared_data: Path) -> None:
    _, _, wkb, (codes,) = pyogrio.raw.read(files(shared_data)[2], columns=["ADM3_PCODE"])
    boundaries = shapely.from_wkb(wkb)
    dice = random.Random(7)
    inside = 0
    for _ in range(300):
        here = geo.Point(lat=dice.uniform(6, 20), lon=dice.uniform(98, 105))
        holders = {codes[i][2:] for i in shapely.covers(boundaries, shapely.Point(here.lon, here.lat)).nonzero()[0]}
        found = queries.area_at(nation, here)
        if holders:
            inside += 1
            assert found is not None
            assert found.exact
            assert found.tambon.code in holders
        else:
            assert found is None or not found.exact
    assert inside > 100


@pytest.mark.parametrize(
    ("lat", "lon", "tambon"),
    [
        (18.7953, 98.9620, "500108"),  # เชียงใหม่ สุเทพ: Chiang Mai University
        (13.7515, 100.4927, "100101"),  # กรุงเทพ พระบรมมหาราชวัง: the Grand Palace
        (16.0540, 103.6520, "450101"),  # ร้อยเอ็ด ในเมือง: Bueng Phalan Chai
    ],
)
def test_places_everybody_knows(nation: Session, lat: float, lon: float, tambon: str) -> None:
    found = queries.area_at(nation, geo.Point(lat=lat, lon=lon))
    assert found is not None
    assert found.tambon.code == tambon


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ต.ช้างเผือก อ.เมือง จ.เชียงใหม่", "500107"),
        ("ช้างเผือก เมือง เชียงใหม่", "500107"),
        ("เชียงใหม่ เมือง ช้างเผือก", "500107"),
        ("ต.ช้างเผือกอ.เมืองเชียงใหม่จ.เชียงใหม่50300", "500107"),
        ("Chang Phueak, Mueang Chiang Mai", "500107"),
        ("แม่ริม", "5007"),
        ("แม่รม", "5007"),
        ("เเม่ริม", "5007"),
        ("mae rim chiang mai", "5007"),
        ("Mae Rim District, Chiang Mai Province", "5007"),
        ("chaing mai", "50"),
        ("เชียงใหม", "50"),
        ("chiangmai", "50"),
        ("แขวงลาดยาว เขตจตุจักร กทม", "103001"),
        ("กรุงเทพฯ", "10"),
        ("bkk", "10"),
        ("โคราช", "30"),
        ("ko phangan", "8405"),
        ("เกาะพงัน", "8405"),
        ("พะงัน", "8405"),
        ("ในเมือง อ.เมือง ขอนแก่น", "400101"),
        ("หนองพอก ร้อยเอ็ด", "4509"),
        ("ตำบลสามตำบล", "801906"),
        ("๕๐๐๑๐๑", "500101"),
        ("ฟาง", "5009"),
        ("พระนครศรีอยุธยา", "14"),
        ("ayutthaya", "14"),
        ("อยุธยา", "14"),
    ],
)
def test_names_as_people_type_them(nation: Session, typed: str, code: str) -> None:
    assert search(nation, typed)[0].code == code


@pytest.mark.parametrize(("typed", "code", "name"), TYPED)
def test_what_people_type_finds_what_they_mean(nation: Session, typed: str, code: str, name: str) -> None:
    first = search(nation, typed)[0]
    assert (first.village_code or first.code, first.name_th) == (code, name)


def test_each_province_is_found_by_its_letters_its_names_and_their_sound(nation: Session) -> None:
    provinces = nation.execute(select(Area.code, Area.name_th, Area.name_en).where(Area.level == "province")).all()
    assert len(provinces) == len(PROVINCE_LETTERS) == 77
    astray = []
    for code, name_th, name_en in provinces:
        letters = PROVINCE_LETTERS[code]
        typed = [name_th, f"จ.{name_th}", f"จังหวัด {name_th}", f"{letters}.", f"จ.{letters}.", name_en,
                 f"{name_en} Province", name_en.replace(" ", ""), name_en.upper().replace("H", "")]  # fmt: skip
        astray += [(one, code) for one in typed[:-1] if search(nation, one, 1)[0].code != code]
        astray += [(typed[-1], code)] if code not in [p.code for p in search(nation, typed[-1], 3)] else []
    assert astray == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ต.หนองพอก อ.หนองพอก จ.ร้อยเอ็ด", "450901"),
        ("บ้านแม่โจ้ หนองหาร สันทราย", "50140804"),
        ("Ban Mae Cho, Nong Han, San Sai", "50140804"),
        ("ศรีภูมิ เมืองเชียงใหม่", "500101"),
        ("ช้างเผือก เมืองเชียงใหม่ เชียงใหม่", "500107"),
        ("123/4 หมู่บ้านสุขใจ ต.ในเมือง อ.เมือง จ.ขอนแก่น 40000", "400101"),
        ("แขวงลาดยาว เขตจตุจักร กทม. 10900", "103001"),
        ("Suthep, Mueang Chiang Mai, Chiang Mai", "500108"),
        ("หมู่ 3 ต.ดอนแก้ว อ.แม่ริม", "50071003"),
        ("หนองหาร สันทราย", "501408"),
    ],
)
def test_a_complete_address_needs_no_question(nation: Session, typed: str, code: str) -> None:
    place = meant(nation, typed).place
    assert place is not None
    assert (place.village_code or place.code) == code


def test_every_tambon_by_its_full_address_needs_no_question(nation: Session) -> None:
    """One in a hundred, as an identity card writes it. Two of one name in an amphoe would be a fair question."""
    names = {row.code: row.name_th for row in nation.execute(select(Area.code, Area.name_th))}
    asked = []
    for code in sorted(code for code in names if len(code) == 6)[::100]:
        marks = ("แขวง", "เขต", "") if code.startswith("10") else ("ต.", "อ.", "จ.")
        parts = zip(marks, (code, code[:4], code[:2]), strict=True)
        place = meant(nation, " ".join(f"{mark}{names[one]}" for mark, one in parts)).place
        if place is None or place.code != code:
            asked.append(code)
    assert asked == []


@pytest.mark.parametrize(
    ("typed", "wide"), [("เชียงใหม่", "50"), ("จ.เชียงใหม่", "50"), ("อ.แม่ริม", "5007"), ("สมุย", "8404")]
)
def test_a_wide_area_offers_its_tambons_and_takes_none_for_granted(nation: Session, typed: str, wide: str) -> None:
    chosen = meant(nation, typed)
    assert chosen.place is None
    assert chosen.wide is not None
    assert chosen.wide.code == wide
    offered = {tambon.code for _, inside in chosen.inside for tambon in inside}
    assert offered == {area.code for area in queries.listed(nation, level="tambon", within=wide, limit=1000)}


@pytest.mark.parametrize(
    ("typed", "village"),
    [
        ("บ้านหนองบัว อ.หนองพอก ร้อยเอ็ด", "45090407"),
        ("บ้านใหม่ แม่แตง", "50060405"),
        ("หมู่ 3 ต.ดอนแก้ว อ.แม่ริม", "50071003"),
        ("ม.๓ ดอนแก้ว แม่ริม", "50071003"),
        ("50071003", "50071003"),
    ],
)
def test_villages_as_people_type_them(nation: Session, typed: str, village: str) -> None:
    assert search(nation, typed)[0].village_code == village


def test_most_names_misspelt_by_a_letter_are_found(nation: Session) -> None:
    """A letter left out of every province's and every tenth amphoe's Thai name, among the first five answers."""
    dice = random.Random(11)
    names = nation.execute(select(Area.code, Area.name_th).where(Area.level != "tambon").order_by(Area.code)).all()
    chosen = [row for row in names if len(row.code) == 2] + list(names[::10])
    tried = found = 0
    for code, name in chosen:
        if len(name) < 4:
            continue
        place = dice.randrange(1, len(name))
        tried += 1
        found += code in [p.code for p in search(nation, name[:place] + name[place + 1 :], 5)]
    assert found >= 0.93 * tried


def test_search_uses_the_trigram_indexes(nation: Session) -> None:
    sent = {"probes": ["แม่ริม"], "patterns": ["%แม่ริม%"], "sounds": ["แมริม"]}
    areas, villages = (
        "\n".join(nation.execute(text("EXPLAIN " + statement.text), sent).scalars())
        for statement in (candidates.AREAS_SQL, candidates.VILLAGES_SQL)
    )
    assert "ix_place_names_area_trgm" in areas
    assert "ix_place_names_sound" in areas
    assert "ix_place_names_village_trgm" in villages
    assert "Seq Scan" not in areas + villages


def test_a_lookup_by_point_uses_the_spatial_index(nation: Session) -> None:
    statement = "EXPLAIN " + queries.AT_SQL.text
    plan = "\n".join(
        nation.execute(text(statement), {"lat": 18.8, "lon": 98.9, "reach": queries.REACH_METRES}).scalars()
    )
    assert "ix_areas_boundary" in plan
    assert "Seq Scan on areas" not in plan


def test_importing_again_keeps_everything(nation: Session, shared_data: Path) -> None:
    look = text("""SELECT md5(string_agg(a::text, '|' ORDER BY code)) FROM areas a""")
    before = nation.scalar(look)
    report = service.import_boundaries(nation, files(shared_data), service.ImportOptions())
    assert (report.new, report.replaced, report.vanished) == (0, 8430, [])
    assert nation.scalar(look) == before


def test_a_failed_import_leaves_what_was_there(nation: Session, shared_data: Path, tmp_path: Path) -> None:
    look = text("""SELECT md5(string_agg(a::text, '|' ORDER BY code)) FROM areas a""")
    before = nation.scalar(look)
    broken = tmp_path / "tha_adm3.geojson"
    content = files(shared_data)[2].read_text(encoding="utf-8")
    broken.write_text(content.replace('"ADM3_PCODE":"TH960502"', '"ADM3_PCODE":"TH960501"'), encoding="utf-8")
    with pytest.raises(Invalid, match="960501"):
        service.import_boundaries(nation, [*files(shared_data)[:2], broken], service.ImportOptions())
    less = tmp_path / "less.geojson"
    less.write_text("\n".join(line for line in content.splitlines() if "TH450904" not in line), encoding="utf-8")
    with pytest.raises(Invalid, match=r"450904.*villages"):
        service.import_boundaries(nation, [less], service.ImportOptions())
    assert nation.scalar(look) == before


def test_detailed_boundaries_of_one_province_replace_it_alone(nation: Session, shared_data: Path) -> None:
    report = service.import_boundaries(
        nation, [shared_data / "areas" / "tha_adm3_detail_TH45.geojson"], service.ImportOptions()
    )
    assert report.counts == {"province": 1, "amphoe": 20, "tambon": 193}
    assert report.dissolved == {"province": 1, "amphoe": 20}
    assert nation.scalar(select(func.count()).select_from(Area)) == 8430
    assert nation.scalar(select(func.sum(Area.population)).where(Area.level == "province")) == 66_171_439


def test_the_first_data_is_true(shared_data: Path) -> None:
    """Every reference point lies in its real tambon, and the figures are DOPA's."""
    with (shared_data / "population" / "dopa_2021.csv").open(encoding="utf-8-sig", newline="") as opened:
        people = {row["code"]: row for row in csv.DictReader(opened)}
    real = {}
    for province in ("45", "50"):
        path = shared_data / "areas" / f"tha_adm3_detail_TH{province}.geojson"
        _, _, wkb, (codes,) = pyogrio.raw.read(path, columns=["ADM3_PCODE"])
        real.update({code[2:]: boundary for code, boundary in zip(codes, shapely.from_wkb(wkb), strict=True)})
    with SEED.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert {row["code"] for row in rows} == set(real)
    for row in rows:
        assert shapely.contains_xy(real[row["code"]], float(row["lon"]), float(row["lat"]))
        assert (row["population"], row["households"]) == (
            people[row["code"]]["total"],
            people[row["code"]]["households"],
        )
