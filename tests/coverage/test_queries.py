"""Tables, values, classes, and where one more site helps most, against trying every place."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core.errors import NotFound
from mapapp.coverage import metrics, queries, service
from mapapp.coverage.schemas import BestSiteQuery, FigureQuery
from mapapp.coverage.sql import statement
from tests.conftest import NOON
from tests.coverage.drawing import cells, pin, stored


@pytest.mark.parametrize("metric", metrics.METRICS)
@pytest.mark.parametrize("level", ["province", "amphoe", "tambon"])
def test_worst_first_and_unknown_last(drawn: Session, metric: Any, level: Any) -> None:
    found = queries.table(drawn, FigureQuery(level=level, metric=metric))
    known = [row.value for row in found.rows if row.value is not None]
    assert known == sorted(known, reverse=found.direction == "high")
    assert all(row.value is None for row in found.rows[len(known) :])
    assert len(found.rows) == {"province": 2, "amphoe": 3, "tambon": 9}[level]
    same = queries.values(drawn, FigureQuery(level=level, metric=metric))
    assert same.breaks == found.breaks
    assert set(same.values) == {row.code for row in found.rows if row.value is not None}


def test_within_an_area(drawn: Session) -> None:
    found = queries.table(drawn, FigureQuery(level="tambon", within="5001"))
    assert sorted(row.code for row in found.rows) == ["500101", "500102", "500103", "500104"]
    with pytest.raises(NotFound):
        queries.values(drawn, FigureQuery(level="tambon", within="9901"))


def test_values_have_three_digits(drawn: Session) -> None:
    drawn.execute(text("UPDATE coverage SET beyond_people_10 = 1234.5, nearest_km = 0.0123456"))
    assert set(queries.values(drawn, FigureQuery(level="tambon", metric="beyond_people")).values.values()) == {1230}
    assert set(queries.values(drawn, FigureQuery(level="tambon", metric="nearest_km")).values.values()) == {0.0123}


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e7), st.just(0.0)), max_size=200),
    st.sampled_from(list(metrics.METRICS)),
)
def test_breaks_rise(values: list[float | None], name: str) -> None:
    bounds = metrics.breaks(metrics.METRICS[name], values)
    assert len(bounds) == 5
    assert all(low < high for low, high in pairwise(bounds))
    assert bounds[0] > 0


def test_breaks_split_the_values_about_evenly() -> None:
    chance = random.Random(3)
    values = [chance.lognormvariate(6, 1) for _ in range(3000)]
    bounds = [0.0, *metrics.breaks(metrics.METRICS["beyond_people"], values), float("inf")]
    sizes = [sum(low <= value < high for value in values) for low, high in pairwise(bounds)]
    assert min(sizes) > 200


def tried(session: Session, code: str, radius: int) -> tuple[float, float]:
    """The gain of a site by really putting one there."""
    before = stored(session)
    savepoint = session.begin_nested()
    lon, lat = cells()[code]
    pin(session, lat=lat, lon=lon)
    service.refresh_all(session, ["hospital"], now=NOON)
    after = stored(session)
    savepoint.rollback()
    name = f"beyond_people_{radius}"
    gains = {
        area: before[area, kind][name] - after[area, kind][name]
        for area, kind in before
        if kind == "hospital" and len(area) == 6 and before[area, kind][name] is not None
    }
    return sum(gains.values()), gains.get(code, 0.0)


@pytest.mark.parametrize("radius", [5, 10, 20])
def test_best_site_is_the_best_of_all_tried(drawn: Session, radius: Any) -> None:
    truth = {code: tried(drawn, code, radius) for code in cells()}
    best = sorted((code for code in truth if truth[code][0] >= 1), key=lambda code: (-truth[code][0], code))[:4]
    found = queries.best_new_site(drawn, BestSiteQuery(radius_km=radius, limit=4))
    assert [gain.code for gain in found] == best
    for gain in found:
        # 1e-4: where a circle cuts a long edge in two, the edge's geodesic moves by a hair, and the area with it.
        assert gain.people == pytest.approx(truth[gain.code][0], rel=1e-4)
        assert gain.own_people == pytest.approx(truth[gain.code][1], rel=1e-4)


def test_no_bound_is_below_its_gain(drawn: Session) -> None:
    for radius in (5, 10, 20):
        parameters = {"kind": "hospital", "radius_km": radius}
        bound = drawn.execute(statement("best_bound"), {**parameters, "codes": list(cells())})
        bounds = {row.code: row.people for row in bound}
        for row in drawn.execute(statement("best_gain"), {**parameters, "codes": list(cells())}):
            assert bounds[row.code] >= row.people - 1e-6


def test_few_places_are_computed(drawn: Session, monkeypatch: pytest.MonkeyPatch, query_count: Any) -> None:
    monkeypatch.setattr(queries, "_BATCH", 1)
    before = query_count()
    queries.best_new_site(drawn, BestSiteQuery(radius_km=5, limit=1))
    assert query_count() - before < 2 + len(cells())


def test_best_site_within_an_area_only(drawn: Session) -> None:
    found = queries.best_new_site(drawn, BestSiteQuery(within="4501", radius_km=5))
    assert found
    assert all(gain.code.startswith("4501") for gain in found)


def test_best_site_where_nobody_is_left(drawn: Session) -> None:
    drawn.execute(text("UPDATE coverage SET beyond_people_5 = 0, within_share_5 = 1"))
    assert queries.best_new_site(drawn, BestSiteQuery(radius_km=5)) == []
