"""The officers' figures: beside what is registered, on the map, in files; the same in each of them."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.areas.models import Village
from mapapp.audit.models import AuditEntry
from mapapp.core.languages import THAI
from mapapp.survey.overview import painting, queries, service
from mapapp.survey.overview.schemas import by_area
from mapapp.survey.rounds import queries as rounds
from tests.data import small_country
from tests.maps.test_layers import data_of
from tests.people import Browser, appoint, browser
from tests.survey.build import add_round, entry, record


def people(here: int, none: int = 0, unasked: int = 0) -> dict[str, int]:
    return {"here": here, "none": none, "unasked": unasked, "more": here - none - unasked}


@pytest.fixture
def survey(session: Session) -> int:
    """Three villages of 900101 are known, two have records; 900102 has one by a record alone; 9002 has nothing."""
    small_country(session)
    number = add_round(session).id
    for village, point in (("90010101", "POINT(100.05 14.05)"), ("90010102", None), ("90010103", None)):
        session.add(Village(code=village, tambon_code="900101", name_th=f"บ้าน{village[-1]}", source="t", point=point))
    who = appoint(session, "ministry", "TH")
    record(session, who, entry(number, "1", village="90010101", groups={"adult": people(4, 1), "child": people(1)}))
    record(session, who, entry(number, "2", village="90010101", groups={"adult": people(2, 0, 1)}))
    record(session, who, entry(number, None, village="90010102", groups={"elderly": people(40, 10)}))
    record(session, who, entry(number, "1", village="90010209", groups={"adult": people(3)}))
    session.commit()
    return number


@pytest.fixture
def officer(app: Flask, session: Session, survey: int) -> Browser:
    return browser(app, session, appoint(session, "province_admin", "90"))


def state_of(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(html.unescape(re.findall(r'data-state="([^"]+)"', page)[0]))
    return found


def test_an_area_is_the_sum_of_its_parts_at_every_level(session: Session, survey: int) -> None:
    finest = queries.lines(session, survey, "TH", 8)
    for digits in (6, 4, 2):
        summed = by_area(finest.values(), digits)
        assert queries.lines(session, survey, "TH", digits) == summed
    whole = service.shown(session, rounds.get(session, survey), "TH").whole
    assert (whole.total.here, whole.total.unreached, whole.villages, whole.known) == (50, 12, 3, 4)
    assert whole.households == 3, "a record of a whole village is no household"


def test_a_survey_of_one_amphoe_is_measured_by_its_own_villages(session: Session, survey: int) -> None:
    session.add(Village(code="90020101", tambon_code="900201", name_th="บ้าน", source="t"))
    inner = add_round(session, "9001")
    session.flush()
    found = service.shown(session, rounds.get(session, inner.id), "90")
    assert [(one.code, one.known) for one in found.lines] == [("9001", 3)]


def test_what_is_recorded_stands_beside_what_is_registered_and_is_never_mixed(officer: Browser) -> None:
    page = officer.get("/officer/survey?area=90").text
    row = re.findall(r"<tr role=\"row\">(?:(?!</tr>).)*area=9001(?:(?!</tr>).)*</tr>", page, re.DOTALL)[0]
    cells = dict(re.findall(r'data-label="([^"]+)"[^>]*>(?:<span>)?(?:<strong>)?([^<]*)', row))
    assert cells["หมู่บ้านที่บันทึกแล้ว"] == "3 จาก 4"
    assert (cells["ครัวเรือนที่บันทึก"], cells["ครัวเรือนตามทะเบียน"]) == ("3", "800")
    assert cells["คนตามทะเบียน"] == "2,000"
    amphoe = officer.get("/officer/survey?area=9001").text
    assert "2 จาก 3" in amphoe
    assert "1 จาก 1" in amphoe


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ("figure=unreached", {"900101": 12, "900102": 0}),
        ("figure=share", {"900101": 0.7447, "900102": 1.0}),
        ("figure=complete", {"900101": 0.6667, "900102": 1.0}),
        ("figure=unreached&group=elderly", {"900101": 10}),
        ("figure=share&group=adult", {"900101": 0.6667, "900102": 1.0}),
    ],
)
def test_the_map_paints_the_tambons_of_the_area(officer: Browser, asked: str, values: dict[str, float]) -> None:
    for area in ("90", "9001"):
        state = state_of(officer.get(f"/officer/survey?area={area}&{asked}").text)
        assert (state["level"], state["within"]) == ("tambon", area)
        assert state["figures"]["values"] == values
    country = painting.values([], None, "unreached", "amphoe")
    assert country["values"] == {}


def test_villages_are_points_where_their_place_is_known(officer: Browser) -> None:
    assert state_of(officer.get("/officer/survey?area=90").text)["villages"] == []
    villages = state_of(officer.get("/officer/survey?area=9001&figure=unreached").text)["villages"]
    assert villages == [{"lat": 14.05, "lon": 100.05, "name": "หมู่ที่ 1 บ้าน1", "told": "ยังเข้าไม่ถึง 2 จาก 7 คน"}], (
        "of the others nobody knows where they are"
    )


def test_a_village_without_a_record_says_so_and_one_without_the_group_says_who_is_there(
    session: Session, survey: int
) -> None:
    lines = queries.lines(session, survey, "900101", 8)
    assert painting.told(lines["90010103"], None, "share", THAI) == ""
    assert painting.told(lines["90010102"], "adult", "share", THAI) == "อยู่จริง 0 คน"
    assert painting.told(lines["90010102"], None, "share", THAI) == "ฉีดแล้วอย่างน้อย 1 เข็ม 75.0 %"


def test_the_saved_map_holds_the_figures_of_the_page_and_is_on_record(session: Session, officer: Browser) -> None:
    address = "/officer/survey?area=9001&figure=share&group=adult"
    answer = officer.get(address.replace("survey?", "survey/map?"))
    assert answer.status_code == 200
    carried = [one for one in data_of(answer.text).values() if "figures" in one]
    assert carried[0]["figures"] == state_of(officer.get(address).text)["figures"]
    assert "สัดส่วนที่ฉีดแล้วอย่างน้อย 1 เข็ม: ประชาชนทั่วไป" in answer.text
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "survey.export")).one()


def test_files_hold_what_is_asked_for(session: Session, officer: Browser) -> None:
    answer = officer.get("/officer/survey/export?area=9001&group=elderly")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert {(row["รหัสหมู่บ้าน"], row["กลุ่มเป้าหมาย"], row["คนที่อยู่จริง"]) for row in rows} == {
        ("90010101", "ผู้สูงอายุ", ""), ("90010102", "ผู้สูงอายุ", "40"), ("90010103", "ผู้สูงอายุ", ""),
        ("90010209", "ผู้สูงอายุ", ""),
    }  # fmt: skip
    book = load_workbook(io.BytesIO(officer.get("/officer/survey/export?area=900101&format=xlsx").get_data()))
    sheet = book.worksheets[0]
    assert sheet.max_row == 1 + 3 * 6
    assert {row[3].value for row in sheet.iter_rows(min_row=2)} == {"90010101", "90010102", "90010103"}
    assert len(session.scalars(select(AuditEntry.action).where(AuditEntry.action == "survey.export")).all()) == 2
    wrong = officer.get("/officer/survey/export?area=9001&format=exe")
    assert wrong.status_code == 400


def test_the_map_file_has_boundaries_of_tambons_or_places_of_villages(officer: Browser) -> None:
    tambons = json.loads(officer.get("/officer/survey/export?area=90&format=geojson&by=tambon").get_data())
    found = {one["id"]: one for one in tambons["features"]}
    assert set(found) == {"900101", "900102"}
    assert found["900101"]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    told = found["900101"]["properties"]
    assert (told["villages"], told["villages_known"], told["elderly"]["none"], told["migrant"]) == (2, 3, 10, None)
    assert tambons["credit"]["boundary_source"] == "test grid"
    villages = json.loads(officer.get("/officer/survey/export?area=9001&format=geojson").get_data())
    places = {one["id"]: one["geometry"] for one in villages["features"]}
    assert places["90010101"] == {"type": "Point", "coordinates": [100.05, 14.05]}
    assert places["90010102"] is None


def test_figures_of_another_area_are_in_no_page_map_or_file(app: Flask, session: Session, survey: int) -> None:
    neighbour = browser(app, session, appoint(session, "amphoe_coordinator", "9002"))
    assert "บ้าน1" not in neighbour.get("/officer/survey").text
    assert neighbour.get("/officer/survey?area=9001").status_code == 403
    assert neighbour.get("/officer/survey/map?area=90").status_code == 403
    assert neighbour.get("/officer/survey/export?area=9001&format=geojson").status_code == 403
    assert state_of(neighbour.get("/officer/survey").text)["figures"]["values"] == {}
