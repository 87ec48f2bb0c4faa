"""Lists that would keep a process busy for minutes or hours: endless cells, thousands of rows of one name, areas that
cross themselves."""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from mapapp.core import geo, phones
from mapapp.facilities import grid, list_rows
from mapapp.facilities.grid import Nearby
from mapapp.facilities.list_rows import Checked
from mapapp.lists import coordinates, tables
from mapapp.lists.tables import Table

BLANKS = "1" + " " * 60_000 + "x"


@pytest.fixture(autouse=True)
def _comes_to_an_end() -> Iterator[None]:
    """What takes less than a second here would take many minutes."""

    def stop(*_signal: Any) -> None:
        raise AssertionError("This does not come to an end.")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 20)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def checked(rows: list[dict[str, Any]]) -> Checked:
    return list_rows.check(Table(list(rows[0]), list(enumerate(rows, 2))), source="s", kind="hospital")


@pytest.mark.parametrize("field", ["โทรศัพท์", "เตียง", "เวลาทำการ", "ที่อยู่", "สถานะ"])
def test_a_cell_full_of_blanks_is_read(field: str) -> None:
    found = checked([{"ชื่อ": "รพ.หนองพอก", "ละติจูด": "16.31085", "ลองจิจูด": "104.2014", field: BLANKS}])
    assert len(found.valid) == 1


def test_coordinates_of_endless_digits_are_read() -> None:
    endless = "1 ." + "1" * 100_000 + ".1"
    assert len(coordinates.tidied(endless)) == len(endless)
    assert coordinates.tidied("18 .7883, 98. 9853") == "18.7883, 98.9853"


def test_a_number_ends_where_its_words_begin() -> None:
    assert phones.read("053 920 300  ต่อ 12") == phones.Read("+6653920300", "ต่อ 12")
    assert phones.read(BLANKS) is None


def test_rows_of_one_name_are_measured_against_those_nearby_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[float] = []
    real = grid._metres

    def noted(one: geo.Point, other: geo.Point) -> float:
        measured.append(real(one, other))
        return measured[-1]

    monkeypatch.setattr(grid, "_metres", noted)
    places = [(16 + number // 60 / 100, 104 + number % 60 / 100) for number in range(3_000)]
    found = checked([{"ชื่อ": "จุดฉีดวัคซีน", "ละติจูด": lat, "ลองจิจูด": lon} for lat, lon in places])
    assert len(found.valid) == len(places)
    assert len(measured) < 10 * len(places)


@pytest.mark.parametrize("bearing", range(0, 360, 15))
def test_what_lies_near_is_found_in_every_direction(bearing: int) -> None:
    for start in (geo.point(lat=5.7, lon=101.1), geo.point(lat=20.3, lon=99.9)):
        near: Nearby[int] = Nearby(200)
        for metres in (1, 150, 199, 201, 260):
            north, east = metres * math.cos(math.radians(bearing)), metres * math.sin(math.radians(bearing))
            lon = start.lon + east / 111_195 / math.cos(math.radians(start.lat))
            near.add(geo.point(lat=start.lat + north / 111_195, lon=lon), metres)
        assert sorted(metres for _away, metres in near.around(start)) == [1, 150, 199]


def test_an_area_that_crosses_itself_many_times_is_told() -> None:
    corners = [[100 + math.cos(7 * at * at) / 10, 15 + math.sin(5 * at * at) / 10] for at in range(2_000)]
    shape = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    feature = {"type": "Feature", "properties": {"ชื่อ": "ก"}, "geometry": shape}
    table = tables.read_bytes(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    told = table.rows[0][1]["lat"]
    assert isinstance(told, tables.NoPoint)
    assert told.lat is not None
    assert 14.9 < told.lat < 15.1
