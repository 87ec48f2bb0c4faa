"""Official figures: taken in as they are, once; what they say against each other is told; never mixed with our own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.cli import main
from mapapp.core.errors import Invalid
from mapapp.survey.models import SurveySum
from mapapp.survey.reference import contradictions, queries, schemas, service
from mapapp.survey.reference.models import SurveyReference
from tests.conftest import NOON
from tests.data import add_area, small_country
from tests.people import appoint, browser
from tests.survey.build import add_round, entry, record

HEAD = "date,province_en,measure,value\n"
FILE = (
    HEAD
    + """2022-07-03,Buriram,Vac Population,1000
2022-07-03,Buriram,Vac Given 1 Cum,800.0
2022-07-03,Buriram,Vac Given 2 Cum,810
2022-07-03,Buriram,Vac Given 1 %,80.0
2022-07-17,buri ram,Vac Given 1 Cum,790
2022-07-17,Buri Ram,Vac Given 1 %,79
2022-07-17,Buri Ram,Vac Population,990
2022-07-17,Buri Ram,Vac Group Over 60 1 Cum,900
2022-07-17,Phang Nga,Vac Given 1 Cum,5
"""
)


def loaded(session: Session, text: str = FILE) -> schemas.Loaded:
    return service.load(session, schemas.read(text), "กรมควบคุมโรค", NOON)


def test_a_file_is_loaded_once_however_often_it_is_given(session: Session) -> None:
    first, second = loaded(session), loaded(session)
    assert (first.new, first.changed, first.unchanged) == (9, 0, 0)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 9)
    third = loaded(session, FILE.replace(",5\n", ",6\n"))
    assert (third.new, third.changed, third.unchanged) == (0, 1, 8)
    codes = set(session.scalars(select(SurveyReference.province_code)))
    assert codes == {"31", "82"}, "names as the source and as the registry write them"


def test_contradictions_are_named_and_nothing_is_left_out(session: Session) -> None:
    found = loaded(session).contradictions["31"]
    assert {(one.kind, one.day.day, one.measure) for one in found} == {
        ("order", 3, "Vac Given 2 Cum"), ("falls", 17, "Vac Given 1 Cum"), ("base", 17, "Vac Population"),
        ("part", 17, "Vac Group Over 60 1 Cum"),
    }  # fmt: skip
    assert {one.kind for one in found} <= contradictions.KINDS.keys()
    assert session.scalar(select(func.count()).select_from(SurveyReference)) == 9


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        ({"Vac Population": 100, "Vac Given 1 Cum": 101}, "population"),
        ({"Vac Population": 100, "Vac Given 1 Cum": 50, "Vac Given 1 %": 52}, "share"),
        ({"Vac Given 3 Cum": 5, "Vac Given 2 Cum": 4}, "order"),
        ({"Vac Given 1 Cum": 50, "Vac Group Medical Staff 1 Cum": 51}, "part"),
        ({"Vac Group Medical Staff 2 Cum": 5, "Vac Group Medical Staff 1 Cum": 4}, "order"),
        ({"Vac Population": 100, "Vac Given 1 Cum": 50, "Vac Given 1 %": 50.9}, None),
    ],
)
def test_each_kind_of_contradiction_is_seen(figures: dict[str, float], kind: str | None) -> None:
    day = date(2022, 7, 3)
    found = contradictions.found({(day, name): float(value) for name, value in figures.items()})
    assert [one.kind for one in found] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2022-13-03,Buriram,Vac Population,1", "date"), ("2022-07-03,Atlantis,Vac Population,1", "province_en"),
        ("2022-07-03,Buriram,,1", "measure"), ("2022-07-03,Buriram,Vac Population,-1", "value"),
        ("2022-07-03,Buriram,Vac Population,nan", "value"), ("2022-07-03,Buriram,Vac Population,1e13", "value"),
        ("2022-07-03,Buriram,Vac Population,๕๐ คน", "value"), ("2022-07-03,Buriram,Vac Population", "value"),
        ("2022-07-03,Buriram,Vac Given 1 Cum,7", "value"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_loaded(row: str, column: str) -> None:
    with pytest.raises(Invalid) as refused:
        schemas.read(f"{FILE}{row}\n")
    assert [(one.row, one.field) for one in refused.value.problems] == [(11, column)]
    with pytest.raises(Invalid):
        schemas.read("date,province,value\n")


def test_the_command_tells_what_came_of_a_file(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "official.csv"
    path.write_text(FILE, "utf-8")
    monkeypatch.setenv("MAPAPP_DATABASE_URL", session.get_bind().engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("LANGUAGE", "en")
    done = CliRunner().invoke(main, ["survey", "reference", str(path), "--source", "DDC", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "9 figures are new" in done.output
    assert "Fewer people than on an earlier day" in done.output
    assert "Vac Given 1 Cum: 790, not 800" in done.output
    path.write_text(FILE.replace("Buriram", "Atlantis"), "utf-8")
    refused = CliRunner().invoke(main, ["survey", "reference", str(path), "--source", "DDC"])
    assert refused.exit_code == 1


def test_officers_see_them_beside_the_survey_with_source_day_and_contradictions(app: Flask, session: Session) -> None:
    add_area(session, "31", (102, 14, 103, 15), name_th="บุรีรัมย์", name_en="Buri Ram")
    small_country(session)
    loaded(session)
    number = add_round(session).id
    who = appoint(session, "ministry", "TH")
    record(session, who, entry(number))
    sums = session.scalars(select(SurveySum.here)).all()
    session.commit()
    page = browser(app, session, who).get(f"/officer/survey?area=TH&round={number}").text
    official = page.split("ตัวเลขทางการ", 1)[1]
    assert "กรมควบคุมโรค" in official
    assert "17 ก.ค. 2565" in official
    assert "790" in official
    assert "จำนวนคนน้อยกว่าวันก่อนหน้า" in official
    assert session.scalars(select(SurveySum.here)).all() == sums, "the survey's own stay what was recorded"
    newest = queries.newest(session, "31")["31"]
    assert (newest.population, newest.given) == (990, {1: 790})


def test_a_program_of_an_officer_gets_the_figures_and_their_contradictions(app: Flask, session: Session) -> None:
    small_country(session)
    loaded(session)
    officer = browser(app, session, appoint(session, "amphoe_coordinator", "9001"))
    answer = officer.get("/api/v1/survey/reference?province=31&since=2022-07-10")
    assert answer.json is not None
    assert [one["measure"] for one in answer.json["figures"]] == [
        "Vac Given 1 %", "Vac Given 1 Cum", "Vac Group Over 60 1 Cum", "Vac Population",
    ]  # fmt: skip
    assert {one["kind"] for one in answer.json["contradictions"]} == {"falls", "base", "part"}
    assert officer.get("/api/v1/survey/reference?province=9001").status_code == 400
    assert app.test_client().get("/api/v1/survey/reference?province=31").status_code == 401
