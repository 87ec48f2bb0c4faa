"""The computation: against shapely and pyproj, whole against piecemeal, and every cause of a change."""

from __future__ import annotations

import math
import random
import threading
from datetime import timedelta
from itertools import pairwise
from typing import Any, cast

import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.coverage import changes, pending, service
from mapapp.facilities.freshness import DEFAULT, Lifetimes
from mapapp.facilities.kinds import KINDS
from tests.conftest import NOON
from tests.coverage.drawing import cells, draw, move, pin, stored

GEOD = Geod(ellps="WGS84")


def refreshed(session: Session) -> dict[tuple[str, str], dict[str, Any]]:
    service.refresh_all(session, now=NOON)
    return stored(session)


def assert_same(one: dict[Any, dict[str, Any]], other: dict[Any, dict[str, Any]]) -> None:
    assert one.keys() == other.keys()
    for key, figures in one.items():
        for name, value in figures.items():
            again = other[key][name]
            if isinstance(value, float) and again is not None:
                assert math.isclose(value, again, rel_tol=1e-9, abs_tol=1e-9), (key, name, value, again)
            else:
                assert value == again, (key, name)


def disc(*, lat: float, lon: float, metres: float) -> Any:
    """All places within a distance, by PROJ's azimuthal equidistant projection around the very point."""
    local = CRS.from_proj4(f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=WGS84")
    back = Transformer.from_crs(local, CRS.from_epsg(4326), always_xy=True)
    around = shapely.Point(0, 0).buffer(metres, quad_segs=200)
    return shapely.Polygon(zip(*back.transform(*around.exterior.xy), strict=True))


def square_metres(shape: Any) -> float:
    return abs(GEOD.geometry_area_perimeter(shape)[0])


@pytest.mark.parametrize("metres", [5_000, 10_000, 20_000])
@pytest.mark.parametrize(("lat", "lon"), [(5.7, 101.1), (13.75, 100.5), (15.0, 102.0), (20.4, 99.9)])
def test_the_circle_has_the_area_of_the_geodesic_circle(session: Session, lat: float, lon: float, metres: int) -> None:
    wkb = session.scalar(
        text("SELECT ST_AsBinary(coverage_circle(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, :metres))"),
        {"lat": lat, "lon": lon, "metres": metres},
    )
    circle = cast(shapely.Polygon, shapely.from_wkb(bytes(wkb)))
    azimuths = range(720)
    edge = [GEOD.fwd(lon, lat, azimuth / 2, metres)[:2] for azimuth in azimuths]
    true = square_metres(shapely.Polygon(edge))
    assert square_metres(circle) == pytest.approx(true, rel=0.002)
    distances = [geodesic((lat, lon), (y, x)).m for x, y in circle.exterior.coords]
    assert max(distances) < metres * 1.0015
    middles = [((a[1] + b[1]) / 2, (a[0] + b[0]) / 2) for a, b in pairwise(circle.exterior.coords)]
    assert min(geodesic((lat, lon), middle).m for middle in middles) > metres * 0.999


def test_figures_equal_an_independent_computation(session: Session) -> None:
    draw(session)
    chance = random.Random(7)
    pins = [(chance.uniform(14.68, 15.02), chance.uniform(99.98, 100.32)) for _ in range(4)]
    for lat, lon in pins:
        pin(session, lat=lat, lon=lon, beds=30)
    figures = refreshed(session)
    for code, (lon, lat) in cells().items():
        mine = figures[code, "hospital"]
        nearest = min(geodesic((lat, lon), place).km for place in pins)
        assert mine["nearest_km"] == pytest.approx(nearest, rel=1e-6)
        cell = shapely.box(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)
        for km in (5, 10, 20):
            reached = shapely.union_all([disc(lat=y, lon=x, metres=km * 1000) for y, x in pins])
            share = square_metres(cell.intersection(reached)) / square_metres(cell)
            assert mine[f"within_share_{km}"] == pytest.approx(share, abs=0.002)


def test_people_counts_and_beds(session: Session) -> None:
    draw(session)
    lon, lat = cells()["500104"]
    pin(session, lat=lat, lon=lon, beds=20)
    pin(session, lat=lat, lon=lon + 0.001, beds=None)
    figures = refreshed(session)
    tambon = figures["500104", "hospital"]
    assert (tambon["facilities"], tambon["beds"]) == (2, 20)
    assert tambon["per_10000"] == pytest.approx(5.0)
    assert tambon["beds_per_10000"] == pytest.approx(50.0)
    assert tambon["beyond_people_5"] == pytest.approx(4000 * (1 - tambon["within_share_5"]))
    assert figures["450101", "hospital"]["beds"] == 0
    amphoe, province = figures["5001", "hospital"], figures["50", "hospital"]
    assert (amphoe["facilities"], amphoe["population"]) == (2, 7000)
    tambons = [figures[code, "hospital"] for code in ("500101", "500102", "500103", "500104")]
    assert amphoe["beyond_people_10"] == pytest.approx(sum(row["beyond_people_10"] for row in tambons))
    weighed = sum(row["nearest_km"] * row["population"] for row in tambons) / 7000
    assert amphoe["nearest_km"] == pytest.approx(weighed)
    # Nobody has counted the people of amphoe 5002, so nobody knows how many the province has, or how many are beyond.
    assert (province["facilities"], province["population"]) == (2, None)
    assert (province["beyond_people_10"], province["per_10000"]) == (None, None)
    assert 0 < province["within_share_5"] < 1
    assert figures["500103", "hospital"]["per_10000"] is None  # nobody registered there


def test_beds_that_nobody_knows_are_no_nought(session: Session) -> None:
    draw(session)
    lon, lat = cells()["500101"]
    pin(session, lat=lat, lon=lon, beds=None)
    figures = refreshed(session)
    assert [figures[code, "hospital"]["beds"] for code in ("500101", "5001", "50", "500102")] == [None, None, None, 0]


def test_without_population_parents_weigh_by_area(session: Session) -> None:
    draw(session)
    lon, lat = cells()["500201"]
    pin(session, lat=lat, lon=lon)
    figures = refreshed(session)
    amphoe, one, other = (figures[code, "hospital"] for code in ("5002", "500201", "500202"))
    assert amphoe["population"] is None
    assert amphoe["beyond_people_5"] is None
    assert amphoe["within_share_5"] == pytest.approx((one["within_share_5"] + other["within_share_5"]) / 2, rel=1e-3)


def test_a_kind_without_any_facility_has_rows(session: Session) -> None:
    draw(session)
    figures = refreshed(session)
    assert len(figures) == (9 + 3 + 2) * len(KINDS)
    row = figures["500101", "test_site"]
    assert (row["nearest_km"], row["nearest_facility_id"], row["within_share_20"]) == (None, None, 0)
    assert row["beyond_people_20"] == 1000
    assert figures["50", "test_site"]["nearest_km"] is None


def test_only_operating_facilities_count(session: Session) -> None:
    draw(session)
    lon, lat = cells()["500101"]
    for status in ("full", "closed", "temporarily_closed"):
        pin(session, lat=lat, lon=lon, status=status)
    pin(session, lat=lat, lon=lon, status="temporarily_closed", closed_until=NOON + timedelta(hours=1))
    assert refreshed(session)["500101", "hospital"]["facilities"] == 0
    report = service.update(session, now=NOON + timedelta(hours=1))
    assert report.pins == {"hospital": 1}
    assert stored(session)["500101", "hospital"]["facilities"] == 1


def test_a_planned_closure_counts_until_it_begins(session: Session) -> None:
    draw(session)
    lon, lat = cells()["500101"]
    later, end = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
    pin(session, lat=lat, lon=lon, status="temporarily_closed", closed_from=later, closed_until=end)
    counted = []
    service.refresh_all(session, now=NOON)
    for moment in (NOON, later, end):
        service.update(session, now=moment)
        counted.append(stored(session)["500101", "hospital"]["facilities"])
        assert not service.stale(session, now=moment)
    assert counted == [1, 0, 1]


def test_time_passing_takes_a_pin_out_of_the_figures(session: Session) -> None:
    draw(session)
    lon, lat = cells()["500101"]
    kept = pin(session, lat=lat, lon=lon + 0.2, kind="test_site", confirmed_at=NOON)
    old = pin(session, lat=lat, lon=lon, kind="test_site", confirmed_at=NOON - timedelta(days=6))
    service.refresh_all(session, now=NOON)
    assert stored(session)["500101", "test_site"]["nearest_facility_id"] == old
    assert stored(session, "coverage_with_stale") == {}
    later = NOON + timedelta(days=2)
    assert service.stale(session, now=later).pins == 1
    assert service.update(session, now=later).pins == {"test_site": 1}
    assert stored(session)["500101", "test_site"]["nearest_facility_id"] == kept
    assert stored(session)["50", "test_site"]["facilities"] == 1
    assert stored(session, "coverage_counting_stale")["500101", "test_site"]["nearest_facility_id"] == old
    assert stored(session, "coverage_counting_stale")["50", "test_site"]["facilities"] == 2
    longer = Lifetimes.of({**dict(DEFAULT.days), "test_site": 30})
    assert service.update(session, now=later, lifetimes=longer).pins == {"test_site": 1}
    assert stored(session)["50", "test_site"]["facilities"] == 2


def test_more_stale_pins_than_are_looked_into_one_by_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MANY_PINS", 2)
    draw(session)
    for lon, lat in list(cells().values())[:4]:
        pin(session, lat=lat, lon=lon, beds=10, confirmed_at=NOON - timedelta(days=400))
    pin(session, lat=14.95, lon=100.05)
    service.refresh_all(session, now=NOON)
    with_stale = stored(session, "coverage_counting_stale")
    assert with_stale["50", "hospital"]["facilities"] == 5
    session.execute(text("UPDATE facilities SET confirmed_at = :now"), {"now": NOON})
    assert_same(with_stale, refreshed(session))


def assert_adds_up(session: Session) -> None:
    """Whoever looks now sees amphoe and provinces that are the sums of the tambons they see."""
    figures = stored(session)
    for (code, kind), figure in figures.items():
        parts = [part for (below, same), part in figures.items() if same == kind and len(below) == 6]
        parts = [part for part in parts if part["area_code"].startswith(code)]
        assert figure["facilities"] == sum(part["facilities"] for part in parts)
        people = [part["beyond_people_10"] for part in parts]
        if len(code) < 6 and None not in people:
            assert figure["beyond_people_10"] == pytest.approx(sum(people))


places = st.tuples(st.floats(14.5, 15.2), st.floats(99.8, 100.5))
kinds = st.sampled_from(["hospital", "test_site"])
edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), places, kinds),
        st.tuples(st.just("move"), places, st.integers(0, 9)),
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.just("close"), st.integers(0, 9)),
        st.tuples(st.just("kind"), st.integers(0, 9), kinds),
        st.tuples(st.just("beds"), st.integers(0, 9), st.integers(0, 500)),
        st.tuples(st.just("forget"), st.integers(0, 9)),
        st.tuples(st.just("confirm"), st.integers(0, 9)),
        st.tuples(st.just("people"), st.integers(0, 9), st.integers(0, 9000)),
    ),
    min_size=1,
    max_size=5,
)


def edit(session: Session, pins: list[int], step: tuple[Any, ...]) -> None:
    what = step[0]
    if what == "add":
        pins.append(pin(session, lat=step[1][0], lon=step[1][1], kind=step[2]))
        return
    if not pins:
        return
    id = pins[step[-1] % len(pins)] if what == "move" else pins[step[1] % len(pins)]
    if what == "move":
        move(session, id, lat=step[1][0], lon=step[1][1])
    elif what == "remove":
        session.execute(text("DELETE FROM facilities WHERE id = :id"), {"id": id})
        pins.remove(id)
    elif what == "close":
        session.execute(text("UPDATE facilities SET status = 'full' WHERE id = :id"), {"id": id})
    elif what == "kind":
        session.execute(text("UPDATE facilities SET kind = :kind WHERE id = :id"), {"id": id, "kind": step[2]})
    elif what in ("forget", "confirm"):
        moment = NOON - timedelta(days=400) if what == "forget" else NOON
        session.execute(text("UPDATE facilities SET confirmed_at = :at WHERE id = :id"), {"id": id, "at": moment})
    elif what == "people":
        code = sorted(cells())[step[1] % len(cells())]
        session.execute(text("UPDATE areas SET population = :n WHERE code = :code"), {"n": step[2], "code": code})
        service.update_population(session, now=NOON)
    else:
        session.execute(text("UPDATE facilities SET beds = :beds WHERE id = :id"), {"id": id, "beds": step[2]})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(st.tuples(places, kinds), max_size=5),
    rounds=st.lists(st.tuples(edits, st.sampled_from(["all", "begun", "one step"])), min_size=1, max_size=4),
)
def test_piecemeal_equals_whole(
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    first: list[Any],
    rounds: list[tuple[list[Any], str]],
) -> None:
    # In so small a country one pin touches most tambons; here it must not take the short way out.
    monkeypatch.setattr(service, "_MOST", 1.0)
    monkeypatch.setattr(pending, "FEW", 1)  # and a step is a province
    savepoint = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        draw(session)
        pins = [pin(session, lat=lat, lon=lon, kind=kind) for (lat, lon), kind in first]
        service.refresh_all(session, now=NOON)
        for steps, how_far in [*rounds, ([], "all")]:
            for step in steps:
                edit(session, pins, step)
            assert service.begin(session, now=NOON).whole == ()
            if how_far == "one step":
                service.advance(session, now=NOON)
            elif how_far == "all":
                service.update(session, now=NOON)
                assert not service.stale(session, now=NOON)
            assert_adds_up(session)
        piecemeal, with_stale = stored(session), stored(session, "coverage_counting_stale")
        beside = stored(session, "coverage_with_stale")
        assert all(figures != piecemeal[key] for key, figures in beside.items())  # kept only where they differ
        for table in ("coverage", "coverage_with_stale", "coverage_sites"):
            session.execute(text(f"DELETE FROM {table}"))
        assert_same(piecemeal, refreshed(session))
        assert_same(with_stale, stored(session, "coverage_counting_stale"))
        # And the truth of it: nobody stale at all gives the same.
        session.execute(text("UPDATE facilities SET confirmed_at = :now"), {"now": NOON})
        assert_same(with_stale, refreshed(session))
        assert stored(session, "coverage_with_stale") == {}
    savepoint.rollback()


def test_a_pin_replaced_on_the_spot(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MOST", 1.0)
    draw(session)
    old = pin(session, lat=14.95, lon=100.05)
    service.refresh_all(session, now=NOON)
    session.execute(text("DELETE FROM facilities WHERE id = :id"), {"id": old})
    new = pin(session, lat=14.95, lon=100.05)
    assert service.update(session, now=NOON).whole == ()
    assert stored(session)["500202", "hospital"]["nearest_facility_id"] == new
    assert_same(stored(session), refreshed(session))


def test_one_pin_touches_only_what_it_reaches(session: Session) -> None:
    grid = (
        "\n"
        + "\n".join(" ".join(f"{50 + row // 5}{row % 5 + 1:02d}{c + 1:02d}" for c in range(10)) for row in range(10))
        + "\n"
    )
    draw(session, grid, dict.fromkeys(cells(grid), 100))
    for row in range(10):
        for column in range(10):
            pin(session, lat=14.95 - row / 10, lon=100.05 + column / 10)
    service.refresh_all(session, now=NOON)
    session.execute(text("UPDATE coverage SET computed_at = '2020-01-01'"))
    pin(session, lat=14.95, lon=100.05)
    report = service.update(session, now=NOON)
    assert report.whole == ()
    touched = set(session.scalars(text("SELECT area_code FROM coverage WHERE computed_at > '2020-01-01'")))
    reached = {code for code in touched if len(code) == 6}
    assert report.tambons == {"hospital": len(reached)}
    assert "500101" in reached
    for code, (lon, lat) in cells(grid).items():
        if code in reached:
            # No corner of a touched cell is further away than its half diagonal beyond the radius.
            assert geodesic((lat, lon), (14.95, 100.05)).km < 20 + 8
    assert touched - reached == {code[:length] for code in reached for length in (2, 4)}


def test_a_change_that_touches_most_computes_the_kind_as_a_whole(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(session)
    service.refresh_all(session, now=NOON)
    pin(session, lat=14.85, lon=100.15)  # the middle of the drawn country
    assert service.update(session, now=NOON).whole == ("hospital",)
    monkeypatch.setattr(changes, "MANY_PINS", 1)
    for lat in (10.0, 10.1):  # so far off that nothing is touched, but more than is looked into one by one
        pin(session, lat=lat, lon=99.0, kind="test_site")
    assert service.update(session, now=NOON).whole == ("test_site",)
    assert_same(stored(session), refreshed(session))


def test_an_update_knows_when_there_are_no_figures_yet(session: Session) -> None:
    draw(session)
    pin(session, lat=14.95, lon=100.05)
    assert set(service.update(session, now=NOON).whole) == set(KINDS)
    assert not service.stale(session, now=NOON)


def test_a_new_tambon_gets_all_its_figures_with_a_pin(session: Session) -> None:
    draw(session)
    service.refresh_all(session, now=NOON)
    session.execute(text("DELETE FROM coverage WHERE area_code = '500101'"))
    pin(session, lat=14.95, lon=100.05)
    service.update(session, now=NOON)
    assert stored(session)["500101", "hospital"]["facilities"] == 1


def test_ids_limit_what_is_compared(session: Session) -> None:
    draw(session)
    service.refresh_all(session, now=NOON)
    one = pin(session, lat=14.95, lon=100.05)
    pin(session, lat=14.75, lon=100.25)
    assert service.update(session, [one], now=NOON).pins == {"hospital": 1}
    assert service.stale(session, now=NOON).pins == 1


def test_population_follows_without_geometry(session: Session) -> None:
    draw(session)
    pin(session, lat=14.95, lon=100.05)
    service.refresh_all(session, now=NOON)
    session.execute(text("UPDATE areas SET population = 5000 WHERE code = '500101'"))
    session.execute(text("UPDATE areas SET population = 10000 WHERE code = '50'"))
    session.execute(text("UPDATE areas SET population = 11000 WHERE code = '5001'"))
    session.execute(text("UPDATE areas SET population = 300 WHERE code = '500201'"))
    session.execute(text("UPDATE areas SET population = 0 WHERE code = '500202'"))
    assert service.stale(session, now=NOON).population == 3 * len(KINDS)
    assert service.update_population(session, now=NOON) == 3
    assert not service.stale(session, now=NOON)
    after = stored(session)
    assert after["500101", "test_site"]["beyond_people_5"] == 5000
    assert after["5002", "test_site"]["beyond_people_5"] == 300
    assert_same(after, refreshed(session))


def test_changed_boundaries_are_told_and_mended(session: Session) -> None:
    draw(session)
    pin(session, lat=14.95, lon=100.05)
    service.refresh_all(session, now=NOON)
    session.execute(
        text(
            "UPDATE areas SET boundary = ST_Multi(ST_Scale(boundary, 'POINT(0.5 0.5)', ST_Centroid(boundary)))"
            " WHERE code = '500101'"
        )
    )
    assert service.stale(session, now=NOON) == service.Staleness(0, 0, 0, len(KINDS))
    pin(session, lat=14.75, lon=100.25, kind="test_site")  # reaches it for some radii only
    service.update(session, now=NOON)
    assert service.stale(session, now=NOON).boundaries > 0
    service.refresh_all(session, ["hospital"], now=NOON)
    assert not service.stale(session, ["hospital"], now=NOON)
    service.refresh_all(session, now=NOON)
    assert not service.stale(session, now=NOON)


def test_missing_figures_are_told(session: Session) -> None:
    draw(session)
    assert service.stale(session, now=NOON).missing == 9 * len(KINDS)


def test_a_pin_of_another_kind_now_is_updated_in_both(session: Session) -> None:
    draw(session)
    id = pin(session, lat=14.95, lon=100.05)
    service.refresh_all(session, now=NOON)
    session.execute(text("UPDATE facilities SET kind = 'test_site' WHERE id = :id"), {"id": id})
    service.refresh_all(session, ["test_site"], now=NOON)
    assert not service.stale(session, now=NOON)
    assert stored(session)["500101", "hospital"]["nearest_km"] is None


def test_progress_is_told_province_by_province(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "FEW", 1)
    draw(session)
    seen: list[tuple[int, int]] = []
    service.refresh_all(session, ["hospital"], lambda *step: seen.append(step), now=NOON)
    assert seen == [(3, 9), (9, 9)]


def test_changes_count_up_the_data_version(session: Session) -> None:
    draw(session)
    service.refresh_all(session, now=NOON)
    session.commit()
    before = database.data_versions(session)["coverage"]
    service.update(session, now=NOON)
    session.commit()
    assert database.data_versions(session)["coverage"] == before  # nothing had changed
    pin(session, lat=14.95, lon=100.05)
    service.on_facilities_changed(session)
    session.commit()
    assert database.data_versions(session)["coverage"] == before + 1


def test_the_last_figures_stay_until_the_new_ones_are_there(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "FEW", 1)
    draw(session)
    service.refresh_all(session, now=NOON)
    before = stored(session)
    pin(session, lat=14.85, lon=100.15)  # 500104, reaching into both provinces
    later = NOON + timedelta(hours=1)
    service.begin(session, now=later)
    assert stored(session) == before
    assert service.stale(session, now=later).pending > 0
    service.advance(session, now=later)
    half = stored(session)
    changed = {code[:2] for (code, kind), figure in half.items() if figure != before[code, kind]}
    assert len(changed) == 1, "one province is new, the other as it was"
    times = session.execute(
        text("SELECT DISTINCT left(area_code, 2), computed_at FROM coverage WHERE kind = 'hospital'")
    )
    assert {(code, at) for code, at in times if at == later} == {(changed.pop(), later)}
    service.update(session, now=later)
    assert not service.stale(session, now=later)
    assert_same(stored(session), refreshed(session))


def test_a_step_that_is_killed_is_done_again(engine: Engine, owner: Engine) -> None:
    """Real transactions: what is to be done outlives the process that was doing it."""
    factory = database.sessions(engine)
    try:
        with factory() as session:
            draw(session)
            service.refresh_all(session, now=NOON)
            session.commit()
            pin(session, lat=14.95, lon=100.05)
            service.begin(session, now=NOON)
            session.commit()
            before = stored(session)
        with factory() as killed:
            assert service.advance(killed, now=NOON)
            killed.rollback()
        with factory() as session:
            assert stored(session) == before
            assert service.stale(session, now=NOON).pending
        told: list[int] = []
        service.catch_up(factory, told.append)
        assert told[-1] == 0
        with factory() as session:
            assert stored(session)["500101", "hospital"]["facilities"] == 1
            assert_same(stored(session), refreshed(session))
    finally:
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE areas, facilities, coverage, coverage_sites, data_versions CASCADE"))


def test_two_updates_at_once_lose_nothing(engine: Engine, owner: Engine) -> None:
    """Real transactions: the second waits for the first, then sees what it left."""
    factory = database.sessions(engine)
    waiting = threading.Event()
    try:
        with factory() as session:
            draw(session)
            service.refresh_all(session, now=NOON)
            session.commit()
        with factory() as first:
            pin(first, lat=14.95, lon=100.05)
            service.update(first, now=NOON)

            def other() -> None:
                with factory() as second:
                    pin(second, lat=14.95, lon=100.06)
                    waiting.set()
                    service.update(second, now=NOON)
                    second.commit()

            thread = threading.Thread(target=other)
            thread.start()
            waiting.wait(10)
            thread.join(0.3)
            assert thread.is_alive(), "the second update did not wait for the first"
            first.commit()
            thread.join(30)
        with factory() as session:
            assert stored(session)["500101", "hospital"]["facilities"] == 2
            assert not service.stale(session, now=NOON)
            assert_same(stored(session), refreshed(session))
    finally:
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE areas, facilities, coverage, coverage_sites, data_versions CASCADE"))
