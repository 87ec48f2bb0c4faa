"""The table: which pins, in which order, for whom, and at what cost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.facilities.console import queries
from mapapp.facilities.console.query_params import Filters
from mapapp.facilities.freshness import DEFAULT
from mapapp.facilities.models import Facility
from tests.conftest import NOON
from tests.data import add_facility
from tests.facilities.build import PAYLOADS
from tests.facilities.console.conftest import Signed
from tests.facilities.console.reading import picks, shown, text_of
from tests.payloads import EVALUATED
from tests.people import Browser

TABLE = "/officer/facilities"
Pins = dict[str, int]


def names(pins: Pins, ids: list[int], session: Session) -> list[str]:
    known = {number: name for name, number in pins.items()}
    return [known.get(one, "hospital") for one in ids]


def test_an_officer_sees_what_lies_in_the_area(officer: Browser, pins: Pins, session: Session) -> None:
    found = names(pins, shown(officer.get(TABLE)), session)
    # oldest confirmation first; closed for good, other amphoe and pins that lie nowhere are not among them
    assert found == ["stale", "doubtful", *sorted(["fresh", "planned", "hospital"], key=found.index)]
    assert set(found) == {"stale", "doubtful", "fresh", "planned", "hospital"}


@pytest.mark.parametrize(
    ("role", "area", "seen"),
    [
        ("tambon_officer", "900102", {"planned"}),
        ("province_admin", "90", {"stale", "doubtful", "fresh", "planned", "hospital", "east"}),
        ("ministry", "TH", {"stale", "doubtful", "fresh", "planned", "hospital", "east", "nowhere"}),
        ("auditor", "9002", {"east"}),
    ],
)
def test_each_sees_their_own(
    signed: Signed, pins: Pins, session: Session, role: str, area: str, seen: set[str]
) -> None:
    assert set(names(pins, shown(signed(role, area).get(TABLE)), session)) == seen


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ("kind=test_site", {"stale"}),
        ("status=full", {"stale"}),
        ("status=closed", {"closed"}),
        ("status=temporarily_closed", {"planned"}),
        ("freshness=stale", {"stale"}),
        ("freshness=doubtful", {"doubtful"}),
        ("freshness=planned", {"planned"}),
        ("freshness=fresh", {"fresh", "planned", "hospital"}),
        ("reports=1", {"doubtful"}),
        ("area=900102", {"planned"}),
        ("q=ตลาด", {"stale"}),
        ("q=NORTH", {"fresh"}),
        ("q=ริมน้ำ", {"doubtful"}),
        ("q=จุดตรวจตลาสด", {"stale"}),  # a slip of one letter
        ("q=%25", set()),
        ("q=_", set()),
        ("q=ไม่มีที่นี่", set()),
        ("kind=&status=&freshness=&q=&sort=&reports=&area=", {"stale", "doubtful", "fresh", "planned", "hospital"}),
    ],
)
def test_filters(officer: Browser, pins: Pins, session: Session, asked: str, seen: set[str]) -> None:
    page = officer.get(f"{TABLE}?{asked}")
    assert page.status_code == 200
    assert set(names(pins, shown(page), session)) == seen


SORTED: dict[str, Callable[[Facility], Any]] = {
    "name": lambda pin: pin.name_th,
    "kind": lambda pin: pin.kind,
    "tambon": lambda pin: pin.tambon_code,
    "confirmed": lambda pin: pin.confirmed_at,
    "status": lambda pin: ["open", "full", "temporarily_closed"].index(pin.status),
}


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("column", sorted(SORTED))
def test_sorting(officer: Browser, pins: Pins, session: Session, column: str, sign: str) -> None:
    ids = shown(officer.get(f"{TABLE}?sort={sign}{column}"))
    known = {pin.id: pin for pin in session.scalars(select(Facility).where(Facility.id.in_(ids)))}
    values = [SORTED[column](known[one]) for one in ids]
    if column == "name":  # by the database's own rules; here only that the other way round is the other way round
        assert ids == shown(officer.get(f"{TABLE}?sort={'' if sign else '-'}name"))[::-1]
    else:
        assert values == sorted(values, reverse=bool(sign))
    assert len(ids) == 5


def test_most_reports_and_most_free_first(officer: Browser, pins: Pins) -> None:
    assert shown(officer.get(f"{TABLE}?sort=-reports"))[0] == pins["doubtful"]
    by_free = shown(officer.get(f"{TABLE}?sort=-free"))
    assert by_free[:4] == [pins["doubtful"], pins["stale"], pins["planned"], pins["fresh"]]  # 500, 200, 30, 12


def test_rows_say_what_there_is_to_know(officer: Browser, pins: Pins) -> None:
    page = text_of(officer.get(f"{TABLE}?lang=en"))
    assert "North temple" in page
    assert "12/40 spaces free, 3 hours ago" in page
    assert "May be out of date" in page
    assert "Problem reported" in page
    assert "Will close on 22 Nov 2026" in page
    assert "5 facilities" in page


def test_an_auditor_reads_and_is_offered_nothing_to_change(signed: Signed, pins: Pins) -> None:
    page = signed("auditor", "9001").get(TABLE)
    assert len(shown(page)) == 5
    assert picks(page) == {}
    assert "/edit" not in page.text


def test_a_viewer_here_and_officer_there_may_change_only_there(
    app: Any, session: Session, pins: Pins, signed: Signed
) -> None:
    from tests.people import appoint, browser

    who = appoint(session, "auditor", "9001")
    appoint(session, "tambon_officer", "900102", to=who)
    page = browser(app, session, who).get(f"{TABLE}?area=9001")
    assert set(picks(page)) == {pins["planned"]}


@pytest.mark.parametrize("asked", ["area=9002", "area=90", "area=TH", "area=900201"])
def test_another_area_is_refused(officer: Browser, asked: str) -> None:
    for path in ("", "/pins", "/export", "/stale"):
        assert officer.get(f"{TABLE}{path}?{asked}").status_code == 403


def test_nobody_without_signing_in(client: FlaskClient, pins: Pins) -> None:
    for path in ("/officer", TABLE, f"{TABLE}/pins", f"{TABLE}/stale", f"{TABLE}/export"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in?")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("kind=x", "kind"),
        ("status=x", "status"),
        ("freshness=x", "freshness"),
        ("sort=x", "sort"),
        ("q=" + "ก" * 201, "q"),
        ("reports=x", "reports"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(officer: Browser, asked: str, field: str) -> None:
    page = officer.get(f"{TABLE}?{asked}")
    assert page.status_code == 400
    assert f'id="{field}-problem"' in page.text
    assert f'aria-describedby="{field}-problem"' in page.text


@pytest.mark.parametrize("page", ["0", "x", "1.5", "999999999999999999999"])
def test_a_page_that_is_none_is_no_server_error(officer: Browser, page: str) -> None:
    assert officer.get(f"{TABLE}?page={page}").status_code == 400


def test_pages_hold_every_pin_once(officer: Browser, pins: Pins, session: Session) -> None:
    for number in range(120):
        add_facility(
            session, "test_site", lat=14.01, lon=100.01 + number / 10_000, tambon_code="900101", name_th="ชื่อซ้ำ",
            confirmed_at=NOON,
        )  # fmt: skip
    session.commit()
    seen = [shown(officer.get(f"{TABLE}?sort=name&page={page}")) for page in (1, 2, 3)]
    assert [len(one) for one in seen] == [50, 50, 25]
    assert len({one for page in seen for one in page}) == 125
    assert shown(officer.get(f"{TABLE}?sort=name&page=99")) == seen[2]  # beyond the end: the last one


def test_only_the_part_for_htmx(officer: Browser) -> None:
    part = officer.get(TABLE, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert part.headers["Vary"].startswith("HX-Request") or "HX-Request" in part.headers["Vary"]
    assert len(shown(part)) == 5
    whole = officer.get(TABLE, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.text


def test_the_pages_own_links_are_good_addresses(officer: Browser, pins: Pins) -> None:
    page = officer.get(f"{TABLE}?sort=-name&page=1&freshness=stale&reports=&kind=test_site&lang=en")
    links = {
        unescape(one)
        for one in re.findall(
            r'(?:href|data-pins)="(/officer/facilities\?[^"]*|[^"]*/pins[^"]*|[^"]*/export[^"]*)"', page.text
        )
    }
    assert len(links) > 10
    for link in links:
        assert officer.get(link).status_code == 200, link


def test_nothing_is_kept_by_caches(officer: Browser) -> None:
    for path in ("", "/pins", "/stale", "/export"):
        assert officer.get(TABLE + path).headers["Cache-Control"] == "no-store"


def test_the_map_gets_the_same_pins(officer: Browser, pins: Pins) -> None:
    found = json.loads(officer.get(f"{TABLE}/pins").text)
    by_id = {one[0]: one for one in found["pins"]}
    assert set(by_id) == set(shown(officer.get(TABLE)))
    stale, planned = by_id[pins["stale"]], by_id[pins["planned"]]
    assert stale[1:3] == [100.03, 14.03]
    assert (found["kinds"][stale[3]], found["statuses"][stale[4]], stale[5]) == ("test_site", "full", 1)
    assert stale[6] == "จุดตรวจตลาดสด"
    assert found["statuses"][planned[4]] == "open"  # its closure has not begun
    assert len(json.loads(officer.get(f"{TABLE}/pins?kind=test_site").text)["pins"]) == 1
    assert officer.get(f"{TABLE}/pins?kind=x").status_code == 400


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_that_looks_like_code_is_text(officer: Browser, session: Session, pins: Pins, payload: str) -> None:
    add_facility(session, "hospital", lat=14.01, lon=100.01, tambon_code="900101", name_th=payload, confirmed_at=NOON)
    session.commit()
    from markupsafe import escape

    for path in (TABLE, f"{TABLE}?sort=name", f"{TABLE}?area=900101"):
        page = officer.get(path)
        assert page.status_code == 200
        assert str(escape(payload)) in page.text
        assert EVALUATED not in page.text
        assert payload.startswith("<") is False or payload not in page.text
    searched = officer.get(TABLE, query_string={"q": payload})
    assert len(shown(searched)) == 1


def test_statements_do_not_grow_with_rows(
    officer: Browser, pins: Pins, session: Session, query_count: Callable[[], int]
) -> None:
    def cost(path: str) -> int:
        before = query_count()
        assert officer.get(path).status_code == 200
        return query_count() - before

    few = {path: cost(path) for path in (TABLE, f"{TABLE}/stale", f"{TABLE}/pins", "/officer")}
    for number in range(60):
        made = add_facility(
            session, "test_site", lat=14.01, lon=100.01 + number / 10_000,
            tambon_code=["900101", "900102"][number % 2], confirmed_at=NOON - timedelta(days=20),
        )  # fmt: skip
        made.updated_at = NOON
    session.commit()
    for path, before in few.items():
        assert cost(path) == before, path
    # Session, appointments, count, rows, names, areas below, and what waits, for the menu: volunteers, and the survey.
    assert few[TABLE] <= 9
    assert few["/officer"] <= 10  # follow-ups of the survey and its villages without a record, too


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=40), kind=st.sampled_from(["", "hospital"]), sort=st.sampled_from(["name", "-free"]))
def test_no_search_is_a_server_error(officer: Browser, query: str, kind: str, sort: str) -> None:
    answer = officer.get(TABLE, query_string={"q": query.encode("utf-8", "surrogatepass"), "kind": kind, "sort": sort})
    assert answer.status_code in (200, 400)


def test_an_area_of_5000_among_100000_is_found_by_its_index(session: Session, pins: Pins) -> None:
    """The planner reads the area's pins by their code and not the whole table."""
    session.execute(
        text(
            "INSERT INTO facilities (kind, name_th, point, tambon_code, source, source_ref, confirmed_at)"
            " SELECT 'test_site', 'จุด ' || n, ST_SetSRID(ST_MakePoint(100.05, 14.05), 4326)::geography,"
            " CASE WHEN n % 20 = 0 THEN '900102' ELSE '900201' END, 'many', n::text,"
            " timestamptz '2026-11-20' - n % 100 * interval '1 day' FROM generate_series(1, 100000) AS n"
        )
    )
    # ANALYZE is the owner's; the planner learns the shares of the codes by sampling where it may.
    conditions = queries.matching(Filters(freshness="stale"), "900102", DEFAULT, NOON)
    statement = queries.statement(conditions, queries.order("confirmed"), limit=50)
    compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": False})
    plan = "\n".join(session.connection().exec_driver_sql("EXPLAIN " + str(compiled), dict(compiled.params)).scalars())
    assert "ix_facilities_tambon_code" in plan, plan
    assert queries.total(session, conditions) == 4000  # a fifth of the 5,000 was confirmed within the week
