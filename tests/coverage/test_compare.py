"""Two kinds, or two days, side by side: what is kept of days, one set of classes, the difference."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.coverage import days, queries, service
from mapapp.coverage.compare import compare
from mapapp.coverage.schemas import FigureQuery
from tests.conftest import NOON
from tests.coverage.drawing import cells, pin, stored

TODAY = date(2026, 11, 20)
"""The day of NOON in Bangkok."""

METRICS = ("within_share", "beyond_people", "nearest_km", "per_10000")


def of(session: Session, metric: Any, day: date | None, *, stale: bool = False) -> dict[str, float | None]:
    found = queries.table(session, FigureQuery(level="tambon", metric=metric, day=day, stale=stale))
    return {row.code: row.value for row in found.rows}


def rows_kept(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM coverage_history")).scalar_one())


def build(session: Session, code: str, at: Any, kind: str = "hospital") -> None:
    lon, lat = cells()[code]
    pin(session, lat=lat, lon=lon, kind=kind, confirmed_at=at)
    service.update(session, now=at)


def test_a_day_stays_as_it_was_and_only_what_changes_is_kept(drawn: Session) -> None:
    before = {metric: of(drawn, metric, None) for metric in METRICS}
    assert days.keep(drawn, NOON, days=400) == rows_kept(drawn) == 2 * len(stored(drawn))
    assert days.keep(drawn, NOON + timedelta(hours=1), days=400) == 0

    tomorrow = NOON + timedelta(days=1)
    build(drawn, "500202", tomorrow)
    changed = days.keep(drawn, tomorrow + timedelta(minutes=1), days=400)
    assert 0 < changed < len(stored(drawn))
    after = {metric: of(drawn, metric, None) for metric in METRICS}
    for metric in METRICS:
        if metric != "per_10000":  # nobody has counted the people there
            assert after[metric] != before[metric]
        assert of(drawn, metric, TODAY) == before[metric]
        assert of(drawn, metric, TODAY + timedelta(days=1)) == after[metric]
        assert of(drawn, metric, TODAY + timedelta(days=9)) == after[metric]
        assert of(drawn, metric, TODAY, stale=True) == before[metric]
        assert set(of(drawn, metric, TODAY - timedelta(days=1)).values()) == {None}

    # A second look on that day replaces the first: a day is what it was at its end.
    build(drawn, "500102", tomorrow + timedelta(hours=1))
    days.keep(drawn, tomorrow + timedelta(hours=2), days=400)
    assert of(drawn, "nearest_km", TODAY + timedelta(days=1)) == of(drawn, "nearest_km", None) != after["nearest_km"]
    assert of(drawn, "nearest_km", TODAY) == before["nearest_km"]


def test_old_days_go_and_what_still_holds_stays(drawn: Session) -> None:
    days.keep(drawn, NOON, days=400)
    for later in (1, 2):
        build(drawn, ["500202", "500102"][later - 1], NOON + timedelta(days=later))
        days.keep(drawn, NOON + timedelta(days=later, minutes=1), days=400)
    second = of(drawn, "nearest_km", TODAY + timedelta(days=1))
    kept = rows_kept(drawn)
    service.refresh_all(drawn, now=NOON + timedelta(days=3))
    days.keep(drawn, NOON + timedelta(days=3, minutes=1), days=3)
    assert rows_kept(drawn) < kept
    assert of(drawn, "nearest_km", TODAY + timedelta(days=1)) == second
    assert of(drawn, "nearest_km", TODAY + timedelta(days=3)) == of(drawn, "nearest_km", None)
    assert None in of(drawn, "nearest_km", TODAY).values()
    found = drawn.scalars(text("SELECT day FROM coverage_days ORDER BY day")).all()
    assert found == [TODAY + timedelta(days=n) for n in (1, 2, 3)]


@pytest.mark.parametrize("metric", METRICS)
def test_two_kinds_have_one_set_of_classes_and_worse_comes_first(drawn: Session, metric: Any) -> None:
    build(drawn, "500202", NOON, kind="test_site")
    left, right = (FigureQuery(level="tambon", metric=metric, kind=kind) for kind in ("hospital", "test_site"))
    found = compare(drawn, left, right)
    assert queries.values(drawn, left, right).breaks == queries.values(drawn, right, left).breaks == found.breaks
    numbers = {code: (of_left, of_right) for code, of_left, of_right in ((r.code, r.left, r.right) for r in found.rows)}
    for query, place in ((left, 0), (right, 1)):
        assert {row.code: row.value for row in queries.table(drawn, query).rows} == {
            code: pair[place] for code, pair in numbers.items()
        }
    gaps = [row.difference for row in found.rows]
    known = [gap for gap in gaps if gap is not None]
    assert known == sorted(known, reverse=found.direction == "high")
    assert gaps[len(known) :] == [None] * (len(gaps) - len(known))
    assert all(
        row.difference == row.right - row.left for row in found.rows if row.left is not None and row.right is not None
    )
    assert any(known)


def test_the_page_and_the_file_of_two_days(client: FlaskClient, drawn: Session) -> None:
    empty = client.get("/coverage/compare?lang=en")
    assert "No figures of earlier days are kept yet" in empty.text
    days.keep(drawn, NOON, days=400)
    build(drawn, "500202", NOON + timedelta(days=1))
    drawn.commit()
    query = "level=tambon&metric=nearest_km&left=hospital&right=hospital&left_day=2026-11-20&stale=false"
    page = client.get(f"/coverage/compare?{query}&lang=en").text
    assert "Figures of earlier days are kept since 20 Nov 2026." in page
    assert "Hospital · 20 Nov 2026" in page
    assert "Hospital · now" in page
    assert "beside_day" in page
    told = client.get(f"/api/v1/coverage/compare?{query}").json or {}
    assert (told["days_from"], told["left"]["day"], told["right"]["day"]) == ("2026-11-20", "2026-11-20", None)
    by_code = {row["code"]: row for row in told["rows"]}
    assert by_code["500202"]["right"] == pytest.approx(0, abs=1e-6)
    assert by_code["500202"]["difference"] < -20
    answer = client.get(f"/api/v1/coverage/compare?{query}&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [row["code"] for row in told["rows"]]
    assert {(row["left_day"], row["right_day"], row["left_kind"]) for row in rows} == {("2026-11-20", "", "hospital")}
    assert float(rows[-1]["difference"]) == told["rows"][-1]["difference"]
    old = client.get("/coverage/compare?level=tambon&left_day=2020-01-01&lang=en").text
    assert "it is before the first day" in old


def test_the_way_to_the_comparison_leads_to_two_things_that_differ(client: FlaskClient, drawn: Session) -> None:
    """A type beside itself on one day says nothing; one above the other on a phone, nothing is left or right."""
    for kind, other in (("hospital", "vaccination_site"), ("test_site", "hospital")):
        page = unescape(client.get(f"/coverage?kind={kind}").text)
        led = re.findall(r'href="(/coverage/compare[^"]*)"', page)[0]
        assert f"left={kind}&right={other}" in led
        beside = client.get(led).text
        assert "แผนที่ 1: ประเภทจุดบริการ" in beside
        assert "ซ้าย" not in beside


def test_what_cannot_be_compared_is_said_beside_its_field(client: FlaskClient, drawn: Session) -> None:
    for query, field in (
        ("metric=beds_per_10000&left=hospital&right=test_site", "metric"),
        ("left=bakery", "left"),
        ("left_day=yesterday", "left_day"),
        ("within=99999", "within"),
    ):
        page = client.get(f"/coverage/compare?{query}&lang=en")
        assert page.status_code == 400
        assert f'id="{field}-error"' in page.text
        problem = client.get(f"/api/v1/coverage/compare?{query}")
        assert problem.status_code == 400
        assert [one["field"] for one in (problem.json or {})["errors"]] == [field]
    assert client.get("/api/v1/coverage/compare?level=amphoe&within=99").status_code == 404
    assert client.get("/api/v1/coverage/values?beside_kind=hospital&beside_day=x").status_code == 400
    down = client.get("/coverage/compare?level=province&within=45&left=hospital&right=test_site&lang=en")
    assert down.status_code == 200
    assert "T450101" not in down.text  # amphoe are listed


def test_the_file_of_a_page_has_the_figures_of_its_table(client: FlaskClient, drawn: Session) -> None:
    drawn.execute(text("UPDATE facilities SET confirmed_at = '2020-01-01'"))  # the only hospital: the page counts it
    build(drawn, "500202", NOON, kind="test_site")
    drawn.commit()
    page = client.get("/coverage/compare?level=tambon&metric=nearest_km&left=hospital&right=test_site&lang=en").text
    (link,) = re.findall(r'href="(/api/v1/coverage/compare[^"]*format=csv[^"]*)"', page)
    answer = client.get(unescape(link))
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {(row["left_stale_counted"], row["right_stale_counted"]) for row in rows} == {("yes", "no")}
    shown = re.findall(r'<tr><th scope="row"><a href="/areas/(\d+)', page)
    assert [row["code"] for row in rows] == shown
    assert all(row["difference"] for row in rows)
    said = client.get(
        "/coverage/compare?level=tambon&metric=nearest_km&left=hospital&right=test_site&left_stale=0"
    ).text
    assert "left_stale=0" in said
