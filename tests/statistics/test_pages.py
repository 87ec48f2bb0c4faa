"""The officers' pages, files and API: nothing entered first and unmistakable, then the worst, only in one's area."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import uuid
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.areas.models import Village
from mapapp.audit.models import AuditEntry
from mapapp.core.config import Config
from mapapp.statistics import measures, service
from mapapp.survey.entering import service as entering
from mapapp.survey.models import SurveyEnding, SurveyRound
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT
from tests.people import Browser, appoint
from tests.people import browser as browser_of
from tests.survey.build import actor, add_round, entry

CONFIG = Config()
FIVE = {"adult": {"here": 5, "none": 2, "one": 3}, "child": {"here": 0}}


@pytest.fixture
def counted(session: Session) -> Session:
    """One household of tambon 900101 is recorded, and one of 900102 with nobody in it; amphoe 9002 is silent."""
    small_country(session)
    made = add_round(session)
    officer = actor(session, appoint(session, "province_admin", "90"))
    for number, name in ((3, "บ้านดัง"), (4, "บ้านเงียบ")):
        session.add(Village(code=f"9001010{number}", tambon_code="900101", name_th=name, source="test"))
    session.flush()
    entering.submit(session, officer, uuid.uuid4(), entry(made.id, "1", "90010103", groups=FIVE), NOON)
    nobody = {"adult": {"here": 0}}
    entering.submit(session, officer, uuid.uuid4(), entry(made.id, "1", "90010203", groups=nobody), NOON)
    service.settle(session, CONFIG, NOON)
    session.commit()
    return session


def browser(app: Flask, session: Session, role: str = "province_admin", area: str = "90") -> Browser:
    made = browser_of(app, session, appoint(session, role, area))
    session.commit()
    return made


def test_a_province_sees_first_who_has_entered_nothing(app: Flask, counted: Session) -> None:
    page = browser(app, counted).get("/officer/statistics?lang=en&measure=vaccination").text
    silent = page.index("2 tambons have not entered anything")
    assert silent < page.index("This area") < page.index("Areas, worst first")
    assert page.count('class="is-silent"') == 1  # amphoe 9002
    table = page[page.index("<tbody") : page.index("</tbody>")]
    assert table.index("East") < table.index("West"), "who is silent comes first"
    east = table[: table.index("West")]
    assert "figure--not-entered" in east
    assert not {"figure--value", "figure--zero"} & set(east.replace('"', " ").split())
    assert "0 %" not in east


def test_an_amphoe_leads_to_its_tambons_and_a_tambon_to_its_villages(app: Flask, counted: Session) -> None:
    officer = browser(app, counted, "amphoe_coordinator", "9001")
    amphoe = officer.get("/officer/statistics?lang=en&measure=vaccination&group=adult").text
    assert "/officer/statistics/900101?" in amphoe
    assert "have not entered anything" not in amphoe
    assert "figure--zero" in amphoe  # nobody lives in the household of 900102: a true zero
    tambon = officer.get("/officer/statistics/900101?lang=en&measure=vaccination&group=adult").text
    table = tambon[tambon.index("<tbody") : tambon.index("</tbody>")]
    assert table.index("บ้านเงียบ") < table.index("Village 3")
    assert table.count("is-silent") == 1
    child = officer.get("/officer/statistics/900102?lang=en&measure=vaccination&group=child").text
    assert "figure--not-entered" in child, "a group that nobody was asked about is no zero"
    assert officer.get("/officer/statistics/9002").status_code == 403
    assert officer.get("/officer/statistics/TH").status_code == 403
    assert officer.get("/officer/statistics/900199").status_code == 404
    assert officer.get("/officer/statistics/nonsense").status_code == 404


@pytest.mark.parametrize("measure", ["completeness", "vaccination", "requests", "facilities", "reach", "volunteers"])
def test_every_measure_has_a_page_at_every_level(app: Flask, counted: Session, measure: str) -> None:
    ministry = browser(app, counted, "ministry", "TH")
    for code in ("TH", "90", "9001", "900101"):
        answer = ministry.get(f"/officer/statistics/{code}?measure={measure}&group=hospital&figure=nonsense")
        assert answer.status_code == 200, code
        assert "ยังไม่บันทึก" in answer.text
    for wrong in ("measure=nonsense", "group=" + "x" * 41):
        assert ministry.get(f"/officer/statistics/TH?{wrong}").status_code == 400


def test_every_figure_leads_to_the_records_behind_it(app: Flask, counted: Session) -> None:
    ministry = browser(app, counted, "ministry", "TH")
    for code in ("TH", "90", "9001", "900101"):
        for measure in measures.all_measures():
            address = measure.rows(code)
            assert address is not None
            assert ministry.get(address).status_code == 200, address


def test_the_map_paints_the_level_that_is_asked_for(app: Flask, counted: Session) -> None:
    ministry = browser(app, counted, "ministry", "TH")
    for by, codes in (("", {"90"}), ("amphoe", {"9001"}), ("tambon", {"900101", "900102"})):
        page = ministry.get(f"/officer/statistics?measure=vaccination&group=adult&figure=here&by={by}").text
        state = json.loads(html.unescape(re.findall(r'data-state="([^"]*)"', page)[0]))
        # Where nothing was entered there is no value; the map hatches such areas.
        assert set(state["figures"]["values"]) == codes
    assert ministry.get("/officer/statistics?by=village").status_code == 400


def test_why_entry_is_closed_is_said(app: Flask, counted: Session) -> None:
    officer = browser(app, counted)
    assert "closed on" not in officer.get("/officer/statistics?lang=en").text
    number = counted.scalars(select(SurveyRound.id)).one()
    counted.add(SurveyEnding(round_id=number, area_code="9001", reason="ประกาศจังหวัด 12/2569", at=NOON))
    counted.commit()
    assert "ประกาศจังหวัด 12/2569" in officer.get("/officer/statistics/900101?lang=en").text
    assert "ประกาศจังหวัด 12/2569" not in officer.get("/officer/statistics/9002?lang=en").text
    counted.execute(update(SurveyRound).values(ends_on=(NOON - timedelta(days=2)).date()))
    counted.commit()
    assert "The period of the survey was over on 18 Nov 2026" in officer.get("/officer/statistics/9002?lang=en").text
    counted.execute(update(SurveyRound).values(closed_at=NOON))
    counted.commit()
    assert "The survey was closed on 20 Nov 2026" in officer.get("/officer/statistics/9002?lang=en").text
    counted.execute(update(SurveyRound).values(opened_at=None, closed_at=None))
    counted.commit()
    assert "No survey was opened here" in officer.get("/officer/statistics/9002?lang=en").text


def test_numbers_to_call_are_recorded_before_they_are_shown(app: Flask, counted: Session) -> None:
    who = appoint(counted, "tambon_officer", "900201")
    contacts.give_phone(counted, VAULT, who, "+66812345678")
    who.name = "ผู้ใหญ่แดง"
    counted.commit()
    officer = browser(app, counted)

    def recorded() -> int:
        asked = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "statistics.contact")
        return counted.scalars(asked).one()

    plain = officer.get("/officer/statistics?lang=en").text
    assert "081 234 5678" not in plain
    assert recorded() == 0
    page = officer.get("/officer/statistics/90/to-call?lang=en").text
    assert "ผู้ใหญ่แดง" in page
    assert "tel:+66812345678" in page
    assert "No one is appointed for this tambon." in page  # 900202
    assert "Tambon 01, West" not in page
    assert recorded() == 1
    other = browser(app, counted, "amphoe_coordinator", "9001")
    assert other.get("/officer/statistics/90/to-call").status_code == 403
    assert "ผู้ใหญ่แดง" not in other.get("/officer/statistics/9001/to-call").text


def test_files_keep_the_four_states_apart(app: Flask, counted: Session) -> None:
    officer = browser(app, counted)
    address = "/officer/statistics/90/export?measure=vaccination&group=adult&level=tambon&lang=en"
    answer = officer.get(address)
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    head, by_code = rows[0], {row[0]: row for row in rows[1:]}
    assert set(by_code) == {"900101", "900102", "900201", "900202", "90"}
    assert by_code["900101"][1] == "TH900101"
    at = head.index("General public · Living here now")
    told = {code: (row[at], row[at + 1]) for code, row in by_code.items()}
    assert told == {
        "900101": ("5", "value"), "900102": ("0", "zero"), "900201": ("", "not_entered"),
        "900202": ("", "not_entered"), "90": ("5", "value"),
    }  # fmt: skip
    tagged = officer.get(address + "&hxl=true")
    both = list(csv.reader(io.StringIO(tagged.get_data().decode("utf-8-sig"))))
    assert both[0] == head
    assert both[2:] == rows[1:]
    assert both[1][:2] == ["#adm+code+v_dopa", "#adm+code+v_pcode"]
    assert all(tag.startswith("#") for tag in both[1])
    assert "-hxl.csv" in tagged.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(officer.get(address + "&format=xlsx").data)).worksheets[0]
    cells = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert (cells["900102"][at], cells["900102"][at + 1]) == (0, "zero")
    assert (cells["900201"][at], cells["900201"][at + 1]) == (None, "not_entered")
    assert officer.get("/officer/statistics/TH/export").status_code == 403


def test_the_api_gives_what_the_page_shows(app: Flask, counted: Session) -> None:
    officer = browser(app, counted)
    found = officer.get("/api/v1/statistics/live?area=90&measure=vaccination&level=tambon").get_json()
    areas = {one["code"]: one["figures"] for one in found["areas"]}
    assert areas["900101"]["adult.here"] == {"state": "value", "value": 5}
    assert areas["900102"]["adult.here"] == {"state": "zero", "value": 0}
    assert areas["900201"]["adult.here"] == {"state": "not_entered", "value": None}
    assert found["as_of"] is not None
    whole = officer.get("/api/v1/statistics/live?area=90&measure=completeness").get_json()["areas"][0]
    assert (whole["pcode"], whole["figures"]["tambons_entered"]["value"]) == ("TH90", 2)
    assert whole["figures"]["recorded"]["value"] == pytest.approx(5 / 4000, abs=1e-4)
    assert officer.get("/api/v1/statistics/live?area=TH").status_code == 403
    assert officer.get("/api/v1/statistics/live?area=90&measure=x").status_code == 400


def test_figures_that_were_never_counted_are_no_zeros(app: Flask, session: Session) -> None:
    small_country(session)
    page = browser(app, session).get("/officer/statistics?lang=en").text
    assert "being counted for the first time" in page
    shown = page.split("Four kinds of figures")[0]
    assert not {"figure--value", "figure--zero"} & set(shown.replace('"', " ").split())
