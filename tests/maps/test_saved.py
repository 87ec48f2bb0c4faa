"""Maps that leave the service: what is in the file, what is not, and who may have it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyogrio
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.audit.models import AuditEntry
from mapapp.core.config import Config
from mapapp.core.errors import Conflict
from mapapp.core.languages import ENGLISH
from mapapp.coverage import service
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities.console import view_helpers
from mapapp.maps import cli, coverage_pictures, printing, saved_views
from mapapp.maps.labels import TEXTS
from mapapp.web import command_line
from tests import people
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.maps.test_documents import PAYLOADS
from tests.payloads import EVALUATED

COVERAGE = "/maps/saved/coverage?level=tambon&within=90&kind=hospital&stale=1"
NEAREST = "/maps/saved/nearest?lat=14.05&lon=100.05&stale=1"
CANARY = "canary-2171"


@pytest.fixture
def drawn(session: Session) -> Session:
    small_country(session)
    service.refresh_all(session, now=NOON)
    session.commit()
    return session


def data_of(page: str) -> dict[str, Any]:
    """What the layers of a file carry, all in one."""
    found = re.search(r'<script type="application/json" id="map-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return {name: value for layer in json.loads(found[1]).values() for name, value in layer.items()}


@pytest.mark.parametrize("address", [COVERAGE, NEAREST])
def test_a_file_loads_nothing_and_names_its_day(client: FlaskClient, drawn: Session, address: str) -> None:
    answer = client.get(f"{address}&lang=en")
    assert answer.status_code == 200
    told = answer.headers["Content-Disposition"]
    assert re.fullmatch(r"attachment; filename=\"map-[\w-]+-2026-11-20.html\"; filename\*=UTF-8''[\w%.-]+", told)
    assert "default-src 'none'" in answer.text
    assert not re.search(r"<(script|link|img|iframe)\b[^>]*\b(src|href)=", answer.text)
    assert any("Saved on 20 Nov 2026" in line for line in data_of(answer.text)["notes"]["lines"])


def test_it_has_the_figures_of_the_page_the_boundaries_and_the_pins(client: FlaskClient, drawn: Session) -> None:
    add_facility(drawn, "hospital", lat=14.15, lon=100.15, tambon_code="900202", name_th=CANARY, status="closed")
    drawn.commit()
    data = data_of(client.get(COVERAGE).text)
    figures = client.get("/api/v1/coverage/values?level=tambon&within=90&kind=hospital&stale=1").get_json()
    assert data["figures"]["values"] == figures["values"]
    assert data["figures"]["breaks"] == figures["breaks"]
    shapes = data["shapes"]["tambon"]["features"]
    assert [one["properties"]["code"] for one in shapes] == ["900101", "900102", "900201", "900202"]
    assert [one["properties"]["name_th"] for one in data["pins"]["features"]] == ["โรงพยาบาลทดสอบ"]
    assert CANARY not in json.dumps(data), "closed ones are on no map"
    assert "open" not in data["pins"]["features"][0]["properties"], "nobody knows what is open when a file is read"


def test_a_file_says_the_opening_hours_instead_of_open(client: FlaskClient, drawn: Session) -> None:
    add_facility(
        drawn,
        "vaccination_site",
        lat=14.05,
        lon=100.05,
        tambon_code="900101",
        opening_hours="Mo-Fr 08:30-16:30; PH off",
    )
    drawn.commit()
    for address in (NEAREST, COVERAGE.replace("hospital", "vaccination_site")):
        data = data_of(client.get(address).text)
        features = data["features"] if "features" in data else data["pins"]
        told = [one["properties"].get("hours") for one in features["features"]]
        assert "เวลาทำการ: จันทร์–ศุกร์ 08:30–16:30 น. หยุดวันหยุดราชการ" in told, address
    assert TEXTS["in_hours"] != TEXTS["open"], "a file does not say that a place is open at this moment"


def test_a_file_is_called_by_its_place_in_the_language_of_the_page(client: FlaskClient, drawn: Session) -> None:
    drawn.execute(text("UPDATE areas SET name_th = :name WHERE code = '90'"), {"name": 'น้ำปิ่น/../"\r\nX: y.exe'})
    drawn.commit()
    told = client.get(f"{COVERAGE}&lang=th").headers["Content-Disposition"]
    name = unquote(told.split("UTF-8''")[1])
    assert name == "แผนที่-น้ำปิ่น-X-y-exe-โรงพยาบาล-20-พ-ย-2569.html"
    assert "\n" not in told


@pytest.mark.parametrize("payload", [*PAYLOADS, "</script><script>window.PWN=1</script>", "\u2028x", "<!--", "=1+1"])
def test_names_in_a_file_are_data(app: Flask, client: FlaskClient, drawn: Session, payload: str) -> None:
    payload += CANARY  # what is looked for below stands in our own scripts, too
    drawn.execute(text("UPDATE areas SET name_th = :name, name_en = :name, source = :name"), {"name": payload})
    drawn.execute(text("UPDATE facilities SET name_th = :name"), {"name": payload})
    drawn.commit()
    plain = client.get(COVERAGE).text
    data = data_of(plain)
    assert {one["properties"]["name_th"] for one in data["shapes"]["tambon"]["features"]} == {payload}
    officer = people.browser(app, drawn, people.appoint(drawn, "province_admin", "90"))
    table = officer.get("/officer/facilities/map", query_string={"q": payload}).text
    for page in (plain, client.get(NEAREST).text, table):
        assert EVALUATED not in page
        assert json.dumps(payload, ensure_ascii=False)[1:-1].replace("<", "\\u003c") in page.replace(
            "\\u2028", "\u2028"
        )
        assert payload not in re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)


def test_the_officers_file_has_what_the_table_shows_and_is_on_record(app: Flask, drawn: Session) -> None:
    for code, lon, name in (("900101", 100.02, "in-1"), ("900201", 100.12, "out-1")):
        add_facility(drawn, "test_site", lat=14.02, lon=lon, tambon_code=code, name_th=name, phone="+66812345678")
    who = people.appoint(drawn, "tambon_officer", "900101")
    drawn.commit()
    officer = people.browser(app, drawn, who)
    answer = officer.get("/officer/facilities/map")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    names = {pin[6] for pin in data_of(answer.text)["dots"]["pins"]}
    assert "in-1" in names
    assert "out-1" not in names
    assert "812345678" not in answer.text
    entry = drawn.scalars(select(AuditEntry).where(AuditEntry.action == "facilities.export")).one()
    assert (entry.subject_id, entry.area_code) == ("html", "900101")


def test_the_officers_file_says_what_of_the_table_it_has(
    app: Flask, drawn: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, status in enumerate(("open", "full", "full", "full")):
        add_facility(
            drawn, "test_site", lat=14.02 + place / 100, lon=100.02, tambon_code="900101", status=status,
            name_th=f"จุด {place}",
        )  # fmt: skip
    who = people.appoint(drawn, "tambon_officer", "900101")
    drawn.commit()
    officer = people.browser(app, drawn, who)
    monkeypatch.setattr(view_helpers, "MOST_DOTS", 2)
    data = data_of(officer.get("/officer/facilities/map?kind=test_site&status=full&lang=en").text)
    assert [pin[6] for pin in data["dots"]["pins"]] == ["จุด 1", "จุด 2"]
    lines = data["notes"]["lines"]
    assert "Only with these filters: COVID test site · Full" in lines
    assert "1 more facility is not in this file." in lines
    assert any("only facilities that the person who saved it may see" in line for line in lines)


def test_an_ended_appointment_or_session_saves_nothing(app: Flask, drawn: Session) -> None:
    add_facility(drawn, "test_site", lat=14.02, lon=100.02, tambon_code="900101", name_th=CANARY)
    who = people.appoint(drawn, "tambon_officer", "900101")
    drawn.commit()
    officer = people.browser(app, drawn, who)
    assert CANARY in officer.get("/officer/facilities/map").text
    drawn.execute(text("UPDATE appointments SET ends_at = :now WHERE person_id = :who"), {"now": NOON, "who": who.id})
    drawn.commit()
    refused = officer.get("/officer/facilities/map")
    assert refused.status_code in (302, 303, 401, 403)
    assert CANARY not in refused.text
    drawn.execute(text("DELETE FROM login_sessions"))
    drawn.commit()
    refused = officer.get("/officer/facilities/map")
    assert refused.status_code in (302, 303, 401)
    assert CANARY not in refused.text


def test_whoever_saves_too_many_waits(client: FlaskClient, drawn: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "LIMIT", "2 per minute")
    assert [client.get(NEAREST).status_code for _ in range(3)] == [200, 200, 429]


def test_the_page_tells_the_size_beforehand(client: FlaskClient, drawn: Session) -> None:
    assert "at most 600 kB" in client.get("/areas/9001?lang=en").text
    assert "at most 1,500 kB" in client.get("/coverage?level=amphoe&lang=en").text
    assert "at most 700 kB" in client.get("/areas/9001?lang=my").text, "with the letters of Burmese"
    for lang in ("th", "my"):
        assert len(client.get(f"{COVERAGE}&lang={lang}").data) <= 500_000, "a file with hardly anything in it"


def test_nonsense_is_told(client: FlaskClient, drawn: Session) -> None:
    assert client.get("/maps/saved/coverage?level=village").status_code == 400
    assert client.get("/maps/saved/coverage?level=tambon&within=77").status_code == 404
    assert client.get("/maps/saved/nearest?lat=51&lon=7").status_code == 400
    assert client.get("/maps/saved/nearest").status_code == 400


def test_the_pages_offer_it(client: FlaskClient, drawn: Session) -> None:
    for page in ("/coverage?level=tambon", "/areas/9001", "/nearest?lat=14.05&lon=100.05"):
        found = re.search(r'href="(/maps/saved/[^"]+)"', client.get(page).text)
        assert found, page
        assert client.get(found[1].replace("&amp;", "&")).status_code == 200, page


def test_without_chromium_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Conflict, match="No Chromium"):
        printing.written("<p>x</p>", tmp_path / "map.pdf")
    assert not (tmp_path / "map.pdf").exists()


def test_with_chromium_there_is_a_sheet_and_a_picture(tmp_path: Path) -> None:
    for name, head in (("map.pdf", b"%PDF-"), ("map.png", b"\x89PNG")):
        printing.written("<!doctype html><title>x</title><p>x</p>", tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(head)


def test_the_map_is_drawn_for_the_sheet_it_is_printed_on(tmp_path: Path) -> None:
    told = "innerWidth === 1062 && innerHeight === 733 ? 3 : 0"
    sheets = f"<script>document.write(`<p style='break-after: page'>y</p>`.repeat({told}))</script><p>x</p>"
    printing.written(f"<!doctype html>{sheets}", tmp_path / "map.pdf")
    assert len(re.findall(rb"/Type /Page\b", (tmp_path / "map.pdf").read_bytes())) == 4


@pytest.mark.parametrize("suffix", ["html", "csv", "geojson", "gpkg"])
def test_the_command_writes_each_form(
    drawn: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(command_line, "session", lambda: _Kept(drawn))
    target = tmp_path / f"map.{suffix}"
    monkeypatch.setenv("LANG", "th_TH.UTF-8")
    drawn.execute(text("UPDATE facilities SET confirmed_at = '2020-01-01', verified_at = NULL"))
    service.refresh_all(drawn, now=NOON)
    wanted = ["export", "--coverage", "--area", "90", "--lang", "en", "-o", str(target)]
    done = CliRunner().invoke(cli.maps, wanted)
    assert done.exit_code == 0, done.output
    content = target.read_bytes()
    if suffix == "gpkg":
        assert len(pyogrio.raw.read(target, layer="areas")[2]) == 4
    elif suffix == "geojson":
        assert len(json.loads(content)["features"]) == 4
    else:
        assert "900101" in content.decode("utf-8-sig")
        assert "1 of 1 facilities of this type were not confirmed recently" in content.decode("utf-8-sig"), (
            "as asked for"
        )


@pytest.mark.parametrize("suffix", ["html", "csv", "geojson", "gpkg"])
def test_the_command_writes_the_nearest_in_each_form_with_its_owner(
    drawn: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(command_line, "session", lambda: _Kept(drawn))
    monkeypatch.setenv("LANG", "th_TH.UTF-8")
    monkeypatch.setattr(command_line, "settings", lambda: Config(service_owner=CANARY, service_contact="0 2000 0000"))
    drawn.execute(text("UPDATE facilities SET confirmed_at = '2020-01-01', verified_at = NULL"))
    target = tmp_path / f"map.{suffix}"
    done = CliRunner().invoke(cli.maps, ["export", "--nearest", "--at", "14.05,100.05", "-o", str(target)])
    assert done.exit_code == 0, done.output
    if suffix == "gpkg":
        assert pyogrio.read_info(target, layer="facilities")["dataset_metadata"]["owner"] == f"{CANARY} · 0 2000 0000"
    else:
        content = target.read_bytes().decode("utf-8-sig")
        assert "โรงพยาบาลทดสอบ" in content
        assert f"{CANARY} · 0 2000 0000" in content
        assert ("โทรถามก่อนไป" in content) == (suffix == "html"), "all are old: shown as on the page, and said to be"
    fresh = CliRunner().invoke(
        cli.maps, ["export", "--nearest", "--confirmed", "--at", "14.05,100.05", "-o", str(target)]
    )
    assert fresh.exit_code == 0
    assert "โรงพยาบาลทดสอบ".encode() not in target.read_bytes(), "as asked for"


def test_a_file_and_a_picture_name_owner_day_source_and_licence(
    client: FlaskClient, app: Flask, drawn: Session
) -> None:
    settings = app.extensions["mapapp_config"]
    app.extensions["mapapp_config"] = settings.model_copy(
        update={"service_owner": CANARY, "public_url": "https://m.th"}
    )
    drawn.execute(text("UPDATE areas SET source = 'COD-AB'"))
    drawn.execute(text("UPDATE areas SET source = 'RTSD, CC BY 4.0' WHERE code = '900202'"))
    drawn.commit()
    for address in (COVERAGE, NEAREST):
        lines = " ".join(data_of(client.get(f"{address}&lang=th").text)["notes"]["lines"])
        assert "20 พ.ย. 2569" in lines
        assert f"จัดทำโดย {CANARY} · m.th" in lines
        assert "COD-AB (CC BY 3.0 IGO)" in lines
    lines = " ".join(data_of(client.get(f"{COVERAGE}&lang=th").text)["notes"]["lines"])
    assert "RTSD, CC BY 4.0" in lines, "boundaries of several sources: all are named"
    query = FigureQuery(level="tambon", within="90", kind="hospital", metric="nearest_km")
    picture = coverage_pictures.coverage(drawn, query, ENGLISH, owner=CANARY)
    assert CANARY in picture.notes
    assert any("COD-AB (CC BY 3.0 IGO)" in note for note in picture.notes)
    for form, mark in (("csv", CANARY), ("geojson", "CC BY 3.0 IGO")):
        assert mark in client.get(f"/api/v1/coverage?level=tambon&within=90&format={form}").data.decode("utf-8-sig")


def test_the_command_asks_for_what_is_missing(tmp_path: Path) -> None:
    for words in (["-o", "x.html"], ["--coverage", "-o", "x.docx"]):
        done = CliRunner().invoke(cli.maps, ["export", *words])
        assert done.exit_code == 2, done.output


class _Kept:
    """The test's session as a command's."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        pass
