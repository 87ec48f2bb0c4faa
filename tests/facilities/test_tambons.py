"""Which tambon a facility lies in."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.facilities import service
from mapapp.facilities.models import Facility
from tests.facilities.build import add

# Two tambons of a tenth of a degree side by side, 102.9 km a degree of longitude at this latitude:
#
#   16.1 ┌────────┬────────┐
#        │ 450101 │ 450102 │
#   16.0 └────────┴────────┘
#       104.0   104.1    104.2


@pytest.fixture(autouse=True)
def grid(session: Session) -> None:
    squares = {"45": (104.0, 104.2), "4501": (104.0, 104.2), "450101": (104.0, 104.1), "450102": (104.1, 104.2)}
    for code, (west, east) in squares.items():
        ring = f"{west} 16.0, {east} 16.0, {east} 16.1, {west} 16.1, {west} 16.0"
        session.add(
            Area(
                code=code,
                name_th=code,
                name_en=code,
                boundary=f"SRID=4326;MULTIPOLYGON((({ring})))",
                point=f"SRID=4326;POINT({(west + east) / 2} 16.05)",
                area_km2=1.0,
                approximate=False,
                source="test",
            )
        )
    session.flush()


def tambons(session: Session) -> dict[int, str | None]:
    return {row.id: row.tambon_code for row in session.execute(select(Facility.id, Facility.tambon_code))}


def test_inside_beside_and_away(session: Session) -> None:
    inside = add(session, lat=16.05, lon=104.05)
    other = add(session, lat=16.05, lon=104.15)
    border = add(session, lat=16.05, lon=104.1)
    beside = add(session, lat=16.05, lon=104.2 + 4.9 / 107)  # some 4.9 km east
    away = add(session, lat=16.05, lon=104.2 + 5.1 / 107, tambon_code="450102")
    assert service.reassign_tambons(session) == 5
    found = {inside: "450101", other: "450102", border: "450101", beside: "450102", away: None}
    assert tambons(session) == found
    assert service.reassign_tambons(session) == 0


def test_who_listens_hears_what_moved(session: Session) -> None:
    moved = add(session, lat=16.05, lon=104.05, tambon_code="450102")
    add(session, lat=16.05, lon=104.15, tambon_code="450102")
    heard: list[set[int]] = []

    def listen(_sender: object, *, session: Session, ids: set[int]) -> None:
        heard.append(ids)

    with service.facilities_changed.connected_to(listen):
        assert service.reassign_tambons(session) == 1
    assert heard == [{moved}]
    assert "facilities" in session.info["changed"]


def test_only_those_named(session: Session) -> None:
    one = add(session, lat=16.05, lon=104.05)
    add(session, lat=16.05, lon=104.15)
    assert service.reassign_tambons(session, [one]) == 1
    assert sorted(tambons(session).values(), key=str) == ["450101", None]
