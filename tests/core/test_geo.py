"""Coordinates and boxes as people and programs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from mapapp.core import geo


def _why(call: object) -> str:
    assert callable(call)
    with pytest.raises(PydanticCustomError) as caught:
        call()
    return str(caught.value.message())


def test_a_point_in_thailand() -> None:
    assert geo.point(lat="18.7883", lon=" 98.9853 ") == geo.Point(lat=18.7883, lon=98.9853)
    assert geo.point(lat=13, lon=100).ewkt == "SRID=4326;POINT(100.0 13.0)"


@pytest.mark.parametrize(
    ("lat", "lon", "why"),
    [
        ("100.5", "13.7", "swapped"),
        ("48.85", "2.35", "outside Thailand"),
        ("13,7", "100", "not a comma: 13.7"),
        ("nan", "100", "as a number"),
        ("inf", "100", "as a number"),
        ("-Infinity", "100", "as a number"),
        ("1e400", "100", "as a number"),
        ("", "100", "as a number"),
        (None, "100", "as a number"),
        (True, "100", "as a number"),
        ("๑๓", "100", "as a number"),
        ("1_3", "100", "as a number"),
        ("13\x00", "100", "as a number"),
        ([13], "100", "as a number"),
    ],
)
def test_what_is_no_point_says_why(lat: object, lon: object, why: str) -> None:
    assert why in _why(lambda: geo.point(lat=lat, lon=lon))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,2,3", "four numbers"),
        ("1,2,3,4,5", "four numbers"),
        ("", "four numbers"),
        ("100,14,99,15", "upside down"),
        ("100,15,101,14", "upside down"),
        ("-200,5,101,14", "is out of range"),
        ("0,40,1,41", "is outside Thailand"),
        ("nan,5,101,14", "as a number"),
    ],
)
def test_what_is_no_box_says_why(text: str, why: str) -> None:
    assert why in _why(lambda: geo.bbox(text))


def test_a_box_across_the_world_is_cut_to_thailand() -> None:
    assert geo.bbox("-180,-90,180,90") == geo.Bbox(west=geo.WEST, south=geo.SOUTH, east=geo.EAST, north=geo.NORTH)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.binary(), st.lists(st.integers())))
def test_nothing_that_is_sent_breaks_the_parser(value: object) -> None:
    for call in (
        lambda: geo.point(lat=value, lon=100.5),
        lambda: geo.point(lat=13.7, lon=value),
        lambda: geo.bbox(value),
    ):
        try:
            made = call()
        except PydanticCustomError:
            continue
        assert isinstance(made, (geo.Point, geo.Bbox))
