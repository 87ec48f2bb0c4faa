"""Figures by area and week: what counts, in which week, and who may see it."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.help_requests.board.measures import measures, monday
from mapapp.help_requests.board.schemas import Measure
from mapapp.help_requests.resident import steps
from tests.conftest import NOON
from tests.help_requests.board.conftest import ELSEWHERE, NEXT_DOOR, Signed
from tests.help_requests.build import add_request

PAGE = "/officer/requests/measures"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def one(session: Session, area: str = "90") -> Measure:
    found = measures(session, area, NOON, weeks=8, total=True)
    assert len(found) == 1
    return found[0]


def add(session: Session, **values: Any) -> None:
    add_request(session, phone=None, name=None, landmark=None, **values)


def test_monday_is_bangkoks() -> None:
    assert monday(NOON, 1) == datetime(2026, 11, 15, 17, 0, tzinfo=UTC)
    sunday_night = datetime(2026, 11, 15, 16, 59, tzinfo=UTC)
    assert monday(sunday_night, 2) == datetime(2026, 11, 1, 17, 0, tzinfo=UTC)


def test_each_figure(country: Session) -> None:
    at = NOON - 3 * DAY
    for hours in (1, 2, 3, 4, 30):
        add(country, at=at, first_claimed_at=at + hours * HOUR)
    done = {"closed_at": at + 12 * HOUR, "done_at": at + 10 * HOUR, "free_from": None}
    add(country, at=at, first_claimed_at=at + 5 * HOUR, outcome="helped", **done)
    add(country, at=at)  # nobody, still open
    add(country, at=at, outcome="cancelled", **done)  # nobody, but gone within the day
    add(country, at=NOON - HOUR)  # too new to say
    add(country, at=at, outcome="duplicate", **done)
    add(country, at=at, outcome="not_genuine", **done)
    country.commit()
    found = one(country)
    assert (found.area, found.week) == ("90", "2026-W47")
    assert (found.posted, found.claimed, found.helped) == (9, 6, 1)
    assert found.unserved_24h == 2  # the one nobody took, and the one taken after 30 hours
    assert (found.claim_p50_h, found.claim_p90_h) == (3.5, 17.5)
    assert (found.done_p50_h, found.done_p90_h) == (10.0, 10.0)


def test_what_is_reported_done_is_not_called_helped_until_it_closes(country: Session, signed: Signed) -> None:
    at = NOON - 3 * DAY
    reported = {"kind": "food", "state": "done", "done_at": at + 6 * HOUR}
    add(country, at=at, first_claimed_at=at + HOUR, done_at=at + 6 * HOUR, free_from=None, needs=(reported,))
    country.commit()
    found = one(country)
    assert (found.helped, found.done_p50_h) == (0, 6.0)
    auditor = signed("auditor", "90")
    page = auditor.get(f"{PAGE}?lang=en&area=90").text
    cells = dict(re.findall(r'class="n" data-label="([^"]+)">([^<]*)</td>', page))
    assert cells["Closed: help received"] == "0"
    assert cells["Median time until marked as done (hours)"] == "6.0"
    assert "Requests marked as done but not confirmed yet are not counted." in page
    row = next(csv.DictReader(io.StringIO(auditor.get(f"{PAGE}.csv").data.decode("utf-8-sig"))))
    assert row["ปิดคำขอว่าได้รับความช่วยเหลือแล้ว"] == "0"
    assert row["ชม. ถึงแจ้งว่าช่วยเสร็จ มัธยฐาน"] == "6.0"


@pytest.mark.parametrize(("reported", "claimed"), [(False, 0), (True, 1)])
def test_who_was_helped_otherwise_was_taken_on_by_nobody(country: Session, reported: bool, claimed: int) -> None:
    at = NOON - 3 * DAY
    done = {"kind": "food", "state": "done", "done_at": at + HOUR}
    asked = add_request(country, phone=None, name=None, landmark=None, at=at, needs=(done if reported else "food",))
    steps.take(country, None, asked.id, "helped_already", now=at + 5 * HOUR)
    country.commit()
    found = one(country)
    assert (found.claimed, found.helped) == (claimed, 1)
    assert (found.claim_p50_h is None) == (not claimed)


def test_the_week_is_that_of_the_post(country: Session) -> None:
    edge = datetime(2026, 11, 15, 17, 0, tzinfo=UTC)  # Monday 00:00 in Bangkok
    add(country, at=edge)
    add(country, at=edge - timedelta(seconds=1), first_claimed_at=NOON)
    country.commit()
    weeks = {row.week: row for row in measures(country, "90", NOON, weeks=8, total=True)}
    assert set(weeks) == {"2026-W46", "2026-W47"}
    assert weeks["2026-W46"].claimed == 1
    assert [row.week for row in measures(country, "90", NOON, weeks=1, total=True)] == ["2026-W47"]


def test_by_the_areas_below(country: Session) -> None:
    add(country)
    add(country, **NEXT_DOOR)
    add(country, **ELSEWHERE)
    country.commit()

    def posted(area: str) -> dict[str, int]:
        return {row.area: row.posted for row in measures(country, area, NOON, weeks=1, total=False)}

    assert posted("TH") == {"90": 3}
    assert posted("90") == {"9001": 2, "9002": 1}
    assert posted("9001") == {"900101": 1, "900102": 1}
    assert posted("900101") == {"900101": 1}
    assert one(country, "TH").area == "TH"


def test_the_page_the_file_and_the_api_say_the_same(country: Session, app: Flask, signed: Signed) -> None:
    add(country)
    add(country, **ELSEWHERE)
    country.commit()
    auditor = signed("auditor", "90")
    page = auditor.get(f"{PAGE}?lang=en&area=90")
    assert page.status_code == 200
    assert "16 Nov 2026" in page.text, "the Monday of 2026-W47"
    rows = list(csv.DictReader(io.StringIO(auditor.get(f"{PAGE}.csv").data.decode("utf-8-sig"))))
    body = auditor.get("/api/v1/help-requests/measures").get_json()
    assert [row["รหัสพื้นที่"] for row in rows] == [one["area"] for one in body["measures"]] == ["90", "9001", "9002"]
    assert [int(row["แจ้ง"]) for row in rows] == [one["posted"] for one in body["measures"]] == [2, 1, 1]
    assert body["measures"][0]["claim_p50_h"] is None


def test_only_ones_own_area(country: Session, signed: Signed) -> None:
    add(country)
    country.commit()
    officer = signed("tambon_officer", "900102")
    assert "2026-W" not in officer.get(PAGE).text
    for path in (PAGE, f"{PAGE}.csv", "/api/v1/help-requests/measures"):
        assert officer.get(f"{path}?area=900101").status_code == 403
        assert signed("volunteer", "900101").get(path).status_code == 403


@pytest.mark.parametrize(("path", "status"), [(PAGE, 400), (f"{PAGE}.csv", 400)])
def test_wrong_questions(signed: Signed, path: str, status: int) -> None:
    assert signed().get(f"{path}?weeks=999").status_code == status


def test_nobody_signed_in(app: Flask, country: Session) -> None:
    assert app.test_client().get(PAGE).status_code == 303
    assert app.test_client().get("/api/v1/help-requests/measures").status_code == 401
