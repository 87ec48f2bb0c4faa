"""What people type, on the demo data: two provinces as ``mapapp prepare`` loads them, without villages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete, text
from sqlalchemy.orm import Session

from mapapp import db, migrate
from mapapp.areas import queries, service
from mapapp.areas.choosing import choose
from mapapp.areas.models import PlaceName
from tests.areas.typed import TYPED
from tests.conftest import make_database

HERE = [line for line in TYPED if line[1][:2] in ("45", "50")]


@pytest.fixture(scope="module")
def demo(worker: str) -> Iterator[Engine]:
    engine = make_database(f"mapapp_typed_{worker}")
    migrate.upgrade(engine)
    with db.sessions(engine)() as session:
        service.seed(session)
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def two(demo: Engine) -> Iterator[Session]:
    with db.sessions(demo)() as session:
        yield session
        session.rollback()


@pytest.mark.parametrize(("typed", "code", "name"), HERE)
def test_what_people_type_finds_what_they_mean(two: Session, typed: str, code: str, name: str) -> None:
    first = queries.search(two, typed)[0]
    assert (first.code, first.name_th) == (code, name)


def test_the_word_for_a_level_binds(two: Session) -> None:
    for typed, level in [
        ("ต.หนองพอก", "tambon"),
        ("อ.หนองพอก", "amphoe"),
        ("จ.เชียงใหม่", "province"),
        ("ต.เชียงใหม่", "tambon"),
    ]:
        assert {place.level for place in queries.search(two, typed)} == {level}
    assert queries.search(two, "จ.จอมทอง")[0].code == "5002", "no province is so called"


def test_a_tambon_with_its_amphoe_comes_alone(two: Session) -> None:
    for typed in ("ศรีภูมิ เมืองเชียงใหม่", "ต.หนองพอก อ.หนองพอก จ.ร้อยเอ็ด", "Si Phum, Mueang Chiang Mai"):
        assert len(queries.search(two, typed)) == 1, typed


def test_a_postcode_finds_its_amphoe_and_its_tambons(two: Session) -> None:
    found = queries.search(two, "50200")
    assert [place.code for place in found][:1] == ["5001"]
    assert {place.code for place in found[1:]} == {"500101", "500102", "500108"}
    assert queries.search(two, "99999") == []


def test_a_wrong_postcode_does_not_hide_a_name(two: Session) -> None:
    assert queries.search(two, "แม่ริม 99999")[0].code == "5007"


def test_what_a_full_address_says_beyond_its_tambon_is_noticed(two: Session) -> None:
    chosen = choose(two, "99/1 ร้านป้าคำ ต.หนองหาร อ.สันทราย จ.เชียงใหม่ 50290")
    assert chosen.place is not None
    assert (chosen.place.code, chosen.more) == ("501408", True)
    plain = choose(two, "ต.หนองหาร อ.สันทราย จ.เชียงใหม่")
    assert plain.place is not None
    assert (plain.place.code, plain.more) == ("501408", False)


def test_a_province_is_not_taken_for_a_tambon_of_its_name(two: Session) -> None:
    chosen = choose(two, "เชียงใหม่")
    assert chosen.place is None
    assert chosen.wide is not None
    assert chosen.wide.code == "50"
    assert [place.code for place in chosen.choices] == ["450802"]
    assert sum(len(inside) for _, inside in chosen.inside) == 204


def test_names_are_renewed_where_an_older_version_loaded_them(two: Session) -> None:
    assert not service.renew_names(two), "as they were loaded"
    two.execute(delete(PlaceName).where(PlaceName.name.in_(["ชม", "50200"])))
    two.execute(text("UPDATE place_names SET sound = NULL"))
    assert queries.search(two, "50200") == []
    assert service.renew_names(two)
    assert queries.search(two, "ชม.")[0].code == "50"
    assert queries.search(two, "50200")[0].code == "5001"
    assert queries.search(two, "Chiengmai")[0].code == "50"
    assert not service.renew_names(two)
