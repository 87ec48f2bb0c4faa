"""What everyone may read of a Friday: the same figures and the same states on the page, in every file, on the map and
in the API; nothing that is live."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from mapapp.statistics import measures
from mapapp.statistics import service as live
from mapapp.statistics.fridays import published, queries
from mapapp.statistics.fridays.queries import Where
from mapapp.statistics.states import State
from tests.conftest import NOON
from tests.statistics.test_fridays import CONFIG, LAST, WEEK, Village

TOLD = "/api/v1/statistics?area=90&level=tambon"


@pytest.fixture
def village(session: Session) -> Village:
    """Two Fridays: few people in one tambon, many in another."""
    made = Village(session)
    made.records(1, 2, 5, "900102")
    made.records(1, 140, 260)
    made.freeze(NOON - WEEK)
    made.records(2, 60, 90)
    made.freeze()
    session.commit()
    return made


@pytest.fixture
def client(app: Flask, village: Village) -> FlaskClient:
    return app.test_client()


def _json(client: FlaskClient, address: str) -> Any:
    return client.get(address).json


def test_every_way_out_says_the_same(client: FlaskClient) -> None:
    """Page, JSON, CSV, XLSX, with HXL tags and without, and the numbers of the map."""
    found = _json(client, TOLD)
    assert found["friday"] == LAST.isoformat()
    areas: dict[str, dict[str, Any]] = {one["code"]: one["figures"] for one in found["areas"]}
    keys = list(found["figures"])
    states = {figure["state"] for one in areas.values() for figure in one.values()}
    assert states == {str(state) for state in (State.VALUE, State.NOT_ENTERED, State.WITHHELD)}
    for tagged in ("", "&hxl=true"):
        body = client.get(f"{TOLD}&format=csv{tagged}").data.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(body)))
        book = load_workbook(io.BytesIO(client.get(f"{TOLD}&format=xlsx{tagged}").data)).worksheets[0]
        sheet = [[cell.value for cell in row] for row in book.iter_rows()]
        if tagged:
            assert lines[1][0] == sheet[1][0] == "#adm+code+v_dopa"
        for rows in (lines[1 + bool(tagged) :], sheet[1 + bool(tagged) :]):
            assert {str(row[0]): _told(row[5:], keys) for row in rows} == {
                code: {key: (one[key]["value"], one[key].get("bound") or one[key]["state"]) for key in keys}
                for code, one in areas.items()
            }
    for key in ("here", "share", "adult.none"):
        painted = _json(client, f"/api/v1/statistics/values?area=90&level=tambon&figure={key}")
        assert painted["values"] == {code: one[key]["value"] for code, one in areas.items() if one[key]["value"]}
    page = client.get("/statistics/9001?group=adult&lang=en").text
    for code, one in areas.items():
        if code.startswith("9001"):
            row = page.split(f"/statistics/{code}?")[1].split("</tr>")[0]
            number, state = one["adult.here"]["value"], one["adult.here"]["state"]
            assert (f"{number:,.0f}" if number else f"figure--{state.replace('_', '-')}") in row


def _told(cells: list[Any], keys: list[str]) -> dict[str, tuple[float | None, str]]:
    pairs = zip(cells[::2], cells[1::2], strict=True)
    return {
        key: (None if value in ("", None) else float(value), flag)
        for key, (value, flag) in zip(keys, pairs, strict=True)
    }


def test_nothing_live_is_public(app: Flask, client: FlaskClient, session: Session, village: Village) -> None:
    """What is entered after the Friday changes no byte of any public answer, until it is in one."""
    addresses = [
        "/statistics", "/statistics/90", "/statistics/9001", "/statistics/900101", TOLD, f"{TOLD}&format=csv",
        "/api/v1/statistics", "/api/v1/statistics/fridays",
        "/api/v1/statistics/values?area=90&level=tambon&measure=completeness&figure=recorded",
    ]  # fmt: skip
    before = _answers(app, client, addresses)
    village.records(3, 777, 0)
    live.settle(session, CONFIG, NOON)
    session.commit()
    assert _answers(app, client, addresses) == before
    village.freeze(NOON + WEEK)
    session.commit()
    assert all(one != other for one, other in zip(_answers(app, client, addresses), before, strict=True))


def _answers(app: Flask, client: FlaskClient, addresses: list[str]) -> list[str]:
    app.extensions["mapapp_cache"].forget()
    found = [client.get(address) for address in addresses]
    assert {one.status_code for one in found} == {200}
    # A page's own script has a word of its own each time.
    return [re.sub(r'nonce="[^"]*"', "", one.text) for one in found]


def test_the_states_are_unmistakable_on_a_page(client: FlaskClient) -> None:
    """Few people are withheld, and where nobody entered anything the page says that, and no “0 %”."""
    few, none = (client.get(f"/statistics/{code}?lang=en").text for code in ("900102", "900201"))
    assert "figure--withheld" in few
    assert none.count("Not entered") > 5
    vaccination = none.split('id="about-vaccination"')[1].split("</section>")[0]
    assert "figure--not-entered" in vaccination
    assert "0 %" not in vaccination


def test_an_earlier_friday_stays_readable_and_changes_are_told(client: FlaskClient) -> None:
    """Week on week, both in the words of the page; a Friday or an area that is not there is told."""
    page = client.get("/statistics/900101?lang=en").text
    earlier = client.get(f"/statistics/900101?lang=en&friday={(LAST - WEEK).isoformat()}").text
    now, before = (
        _json(client, f"/api/v1/statistics?area=900101&friday={day.isoformat()}")["areas"][0]["figures"]["here"][
            "value"
        ]
        for day in (LAST, LAST - WEEK)
    )
    assert abs(now - before - 150) <= 16
    assert f"(+{now - before:g})" in page
    assert f"{before:g}" in earlier
    assert f"(+{now - before:g})" not in earlier
    assert client.get("/statistics?friday=2020-01-03").status_code == 404
    assert client.get("/statistics/abc").status_code == 404
    assert client.get("/statistics/99").status_code == 404
    assert client.get("/statistics?friday=yesterday").status_code == 400
    listed = _json(client, "/api/v1/statistics/fridays")["fridays"]
    assert [one["friday"] for one in listed] == [LAST.isoformat(), (LAST - WEEK).isoformat()]
    assert listed[0]["previous"] == listed[1]["digest"]


def test_no_one_can_try_out_figures_against_the_check_code(client: FlaskClient, session: Session) -> None:
    """The digest is made of the exact figures: it is told nowhere, only a keyed hash of it."""
    kept = [one.digest.hex() for one in queries.fridays(session)]
    page, told = client.get("/statistics?lang=en").text, client.get("/api/v1/statistics/fridays").text
    codes = [one["digest"] for one in _json(client, "/api/v1/statistics/fridays")["fridays"]]
    assert len(set(codes)) == len(kept) == 2
    assert codes[0] in page
    assert not any(digest[:12] in page + told for digest in kept)


def test_before_the_first_friday_pages_say_so(app: Flask, session: Session) -> None:
    """No error, and no figure."""
    client = app.test_client()
    assert "every Friday" in client.get("/statistics?lang=en").text
    assert _json(client, "/api/v1/statistics")["areas"] == []
    assert client.get("/api/v1/statistics?format=csv").status_code == 200


def test_completeness_is_made_of_what_is_told_of_people(session: Session, village: Village) -> None:
    """People recorded, of those registered: withheld where the people are."""
    one = queries.find(session)
    assert one is not None
    found = queries.public(session, one, measures.get("completeness"), Where("90", "tambon"))
    assert found["900102"]["recorded"].state is not State.VALUE
    assert found["900102"]["entered"].value == 1
    people = queries.public(session, one, measures.get("vaccination"), Where("90", "tambon"))
    assert people["900102"]["here"].state is State.WITHHELD


def test_the_page_of_the_vaccinated_tells_the_same(client: FlaskClient, session: Session) -> None:
    """Its share and its people of an amphoe are those of the Friday."""
    figures = _json(client, "/api/v1/statistics?area=9001")["areas"][0]["figures"]
    (row,) = [one for one in _json(client, "/api/v1/survey/vaccinated")["amphoe"] if one["code"] == "9001"]
    assert (row["people_at_least"], row["day"]) == (figures["here"]["value"], LAST.isoformat())
    assert row["share_percent"] == round(figures["share"]["value"] * 100)


def test_what_is_kept_is_what_was_told() -> None:
    """Letters and numbers give the figures back, shares and bounds, too."""
    measure = measures.get("vaccination")
    keys = published.figures(measure)
    assert {"share", "elderly.share", "here"} <= set(keys)
    letters = "".join("vbaznw"[number % 6] for number in range(len(keys)))
    numbers = [7 if letter in "vba" else 0 for letter in letters]
    told = published.told(measure, keys, letters, numbers)
    row = published.kept("90", [told[key] for key in keys])
    assert (row.states, row.numbers) == (letters, numbers)
