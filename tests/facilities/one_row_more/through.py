"""Run in the copy that ``test_one_row_more.py`` makes: its kind and fields, from the form to coverage."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mapapp.coverage import service as coverage
from mapapp.database import migrate
from mapapp.facilities import list_rows, service
from mapapp.facilities.imports.templates import columns
from mapapp.facilities.models import Facility
from mapapp.lists import tables
from tests.conftest import NOON
from tests.data import small_country
from tests.facilities.editing.conftest import NEW, pin_form
from tests.people import appoint, browser, token_for

KIND = "oxygen_point"


def test_a_kind_and_fields_of_a_row_each_go_all_the_way(
    app: Flask, session: Session, owner: Engine, tmp_path: Any
) -> None:
    migrate.differences(owner)
    small_country(session)
    session.commit()
    who = appoint(session, "amphoe_coordinator", "9001")
    officer, anybody = browser(app, session, who), app.test_client()

    # The form asks for both, and takes them.
    page = officer.get(f"{NEW}?kind={KIND}&lang=en").text
    assert f'<option value="{KIND}" selected>Oxygen point' in page
    assert f'data-kinds="{KIND}"' in page
    assert "for example: ramp at the back" in page
    sent = pin_form(kind=KIND, name_th="จุดออกซิเจนวัดเหนือ", cylinders="๑๒", step_free="ทางลาดด้านหลัง")
    assert officer.post(NEW, sent).status_code == 303
    made = session.scalars(select(Facility).where(Facility.kind == KIND)).one()
    facts: Any = made
    assert (facts.cylinders, facts.cylinders_at, facts.step_free) == (12, NOON, "ทางลาดด้านหลัง")
    refused = officer.post(NEW, pin_form(kind=KIND, name_th="อื่น", place="14.05,100.05", cylinders="หลาย", lang="en"))
    assert refused.status_code == 400
    assert 'id="cylinders-problem"' in refused.text
    history = officer.get(f"/officer/facilities/{made.id}/history?lang=en").text
    assert "Cylinders to give out" in history
    assert "Without steps" in history

    # The public reads them, in Thai too; the console shows the measure.
    shown = anybody.get(f"/facilities/{made.id}?lang=th").text
    assert "จุดออกซิเจน" in shown
    assert re.search(r"ถังออกซิเจนที่แจกได้</dt><dd>\s*12", shown)
    assert "ทางที่ไม่มีบันได" in shown
    assert "cylinders" in officer.get("/officer/facilities?lang=en&sort=-free").text

    # Out as a list and in again: the same; with another count: changed.
    out = officer.get(f"/officer/facilities/export?format=csv&kind={KIND}").data.decode("utf-8-sig")
    (row,) = [row for row in csv.DictReader(io.StringIO(out)) if row["ชื่อ"] == made.name_th]
    assert (row["ประเภท"], row["ถังออกซิเจน"], row["ทางลาด"]) == ("จุดออกซิเจน", "12", "ทางลาดด้านหลัง")
    path = tmp_path / "back.csv"
    path.write_text(out.replace(",12,", ",7,"), "utf-8")
    checked = list_rows.check(tables.read(path), source="officer", as_of=NOON.date())
    assert not checked.problems
    session.expire_all()
    done = service.import_facilities(session, checked.valid, columns=checked.columns, now=NOON)
    session.commit()
    session.expire_all()
    assert (done.new, facts.cylinders) == (0, 7)
    assert {"cylinders", "step_free"} <= set(columns(KIND))
    assert officer.get(f"/officer/facilities/import/template?kind={KIND}").status_code == 200

    # Programs: read, document, say what is there.
    found = anybody.get(f"/api/v1/facilities/nearest?lat=14.02&lon=100.02&stale=true&kind={KIND}").get_json()
    (one,) = found["features"]
    assert (one["properties"]["cylinders"], one["properties"]["step_free"]) == (7, "ทางลาดด้านหลัง")
    document = json.dumps(anybody.get("/api/v1/openapi.json").get_json())
    assert f'"{KIND}"' in document
    assert "cylinders that can be given out" in document
    token = token_for(session, who, ["facilities.capacity"])
    said = anybody.patch(f"/api/v1/facilities/{made.id}/capacity", json={"cylinders": 3}, headers=token)
    assert said.get_json()["properties"]["cylinders"] == 3
    assert anybody.get("/api/v1/facilities/nearest?lat=14&lon=100&kind=clinic").status_code == 400

    # The map, the first page, and coverage.
    config = re.search(r'id="map-config">(.*?)</script>', anybody.get("/maps/home?lang=en").text)
    assert config
    known = json.loads(config[1])
    assert known["kinds"][KIND]["label"] == "Oxygen point"
    assert known["counts"]["cylinders"] == "cylinders_at"
    assert known["texts"]["cylinders"]
    icon = re.search(rf'src="([^"]*icons/{KIND}[^"]*)"', anybody.get("/").text)
    assert icon
    with anybody.get(icon[1]) as sent_icon:
        assert sent_icon.status_code == 200
    coverage.refresh_all(session, now=NOON)
    session.commit()
    figures = anybody.get(f"/api/v1/coverage?level=tambon&metric=nearest_km&stale=true&kind={KIND}")
    assert figures.status_code == 200, figures.text
    assert any(area["nearest_km"] is not None for area in figures.get_json()["rows"])
    assert anybody.get(f"/coverage?level=tambon&kind={KIND}").status_code == 200
    assert anybody.get(f"/coverage?metric=beds_per_10000&kind={KIND}").status_code == 400
