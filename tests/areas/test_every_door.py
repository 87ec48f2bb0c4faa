"""One typed text means one tambon, whichever form, list or address it is typed into; or the door says why not.

The doors are the real ones, over the demo data of two provinces and two villages.
"""

from __future__ import annotations

import ast
import io
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp import database
from mapapp.accounts.models import Appointment
from mapapp.areas import queries, service
from mapapp.areas.models import PlaceName, Village
from mapapp.areas.names import village_spellings
from mapapp.core import config, geo
from mapapp.help_requests.models import HelpRequest
from mapapp.volunteers.models import Volunteer
from tests.conftest import migrated_database, test_database_url
from tests.help_requests.asking.conftest import SENT
from tests.people import Browser, appoint, browser
from tests.volunteers.comers import sign_up


@pytest.fixture(scope="module")
def engine(worker: str) -> Iterator[Engine]:
    name = f"mapapp_doors_{worker}"
    owned = migrated_database(name)
    with database.sessions(owned)() as made:
        service.seed(made)
        for code, names in (("50140804", ("บ้านแม่โจ้", "Ban Mae Cho")), ("45090407", ("บ้านหนองบัว", "Ban Nong Bua"))):
            made.add(
                Village(code=code, tambon_code=code[:6], name_th=names[0], name_en=names[1], point=None, source="test")
            )
            made.flush()
            spelled = village_spellings(names)
            made.add_all(PlaceName(name=one, area_code=code[:6], village_code=code) for one in sorted(spelled))
        made.commit()
    owned.dispose()
    made_engine = database.engine(test_database_url(name), role=config.APP_ROLE)
    yield made_engine
    made_engine.dispose()


# The doors: each answers with the tambon's code; “asks” where there is something to choose from, else “refuses” ----


def _told(answer: TestResponse, choice: str) -> str:
    assert answer.status_code == 400, answer.status
    return "asks" if re.search(choice, answer.text) else "refuses"


def request_form(app: Flask, session: Session, text: str) -> str:
    answer = app.test_client().post("/requests/new", data=SENT | {"point": "", "place": text})
    if answer.status_code == 303:
        return session.scalars(select(HelpRequest.tambon_code)).one()
    return _told(answer, r'name="area" value="\d|<select id="area"')


def volunteer_home(app: Flask, session: Session, text: str) -> str:
    answer = sign_up(app.test_client(), home=text)
    if answer.status_code == 303:
        return session.scalars(select(Volunteer.home_tambon)).one()
    return _told(answer, r'name="home_code" value="\d|<select id="home_code"')


def _officer(app: Flask, session: Session) -> Browser:
    return browser(app, session, appoint(session, "ministry", "TH"))


def _appointed(session: Session) -> str:
    newest = select(Appointment.area_code).where(Appointment.role == "tambon_officer").order_by(Appointment.id.desc())
    return session.scalars(newest.limit(1)).one()


def appointment_form(app: Flask, session: Session, text: str) -> str:
    sent = {"name": "สมหญิง มั่นคง", "phone": "081 234 5670", "role": "tambon_officer", "area": text}
    answer = _officer(app, session).post("/officer/people/new?lang=en", sent | {"once": str(uuid.uuid4())})
    if answer.status_code == 200:
        return _appointed(session)
    return _told(answer, "Several areas have this name|Is this the right place")


def _list(app: Flask, session: Session, columns: dict[str, str]) -> str:
    made = Workbook()
    sheet: Any = made.active
    sheet.append(["ชื่อ", "โทร", "บทบาท", *columns])
    sheet.append(["สมศรี มั่นคง", "0812345679", "เจ้าหน้าที่ตำบล", *columns.values()])
    packed = io.BytesIO()
    made.save(packed)
    officer = _officer(app, session)
    looked = officer.post("/officer/people/bulk?lang=en", {"file": (io.BytesIO(packed.getvalue()), "list.xlsx")})
    assert looked.status_code == 200, looked.text
    if "1 row can be appointed" not in looked.text:
        return "asks" if "Several areas have this name" in looked.text else "refuses"
    rows = re.search(r'name="rows" value="([^"]+)"', looked.text)
    assert rows is not None
    taken = officer.post("/officer/people/bulk", {"rows": rows[1], "take": "all", "once": str(uuid.uuid4())})
    assert taken.status_code == 200
    return _appointed(session)


def appointment_list(app: Flask, session: Session, text: str) -> str:
    return _list(app, session, {"พื้นที่": text})


def nearest(app: Flask, session: Session, text: str) -> str:
    page = app.test_client().get("/nearest", query_string={"place": text}).text
    found = [re.search(rf'name="{name}" value="([\d.]+)"', page) for name in ("lat", "lon")]
    lat, lon = (one[1] if one else "" for one in found)
    if lat and lon:
        at = queries.area_at(session, geo.point(lat=lat, lon=lon))
        return at.tambon.code if at else "refuses"
    return "asks" if "/nearest?place=" in page and "at=" in page else "refuses"


def area_search(app: Flask, _session: Session, text: str) -> str:
    page = app.test_client().get("/places", query_string={"q": text}).text
    found = re.search(r'href="/areas/(\d+)', page)
    return found[1] if found else "refuses"


def api(app: Flask, _session: Session, text: str) -> str:
    answer = app.test_client().get("/api/v1/areas", query_string={"q": text})
    found = (answer.json or {}).get("features", [])
    return str(found[0]["properties"]["code"]) if found else "refuses"


Door = Callable[[Flask, Session, str], str]

EXACT: Final[tuple[Door, ...]] = (appointment_form, appointment_list)
"""Who is appointed where is no matter for guessing."""

PLACES: Final[tuple[Door, ...]] = (request_form, volunteer_home)
LISTS: Final[tuple[Door, ...]] = (area_search, api)
"""They show what was found; the first of it is what the other doors take."""

DOORS: Final = (*PLACES, nearest, *LISTS, *EXACT)


def expect(code: str, **others: str) -> dict[str, str]:
    """That code at every door, but at those named what stands there; ``exact`` names both that may not guess."""
    told = {door.__name__: code for door in DOORS}
    if "exact" in others:
        told |= dict.fromkeys((door.__name__ for door in EXACT), others.pop("exact"))
    return told | others


TYPED: Final[Sequence[tuple[str, dict[str, str]]]] = [
    # Everybody understands the same.
    ("ต.ศรีภูมิ อ.เมืองเชียงใหม่ จ.เชียงใหม่", expect("500101")),
    ("ต.ศรีภูมิอ.เมืองเชียงใหม่จ.เชียงใหม่50200", expect("500101")),
    ("ศรีภูมิ เมืองเชียงใหม่", expect("500101")),
    ("เชียงใหม่ เมือง ศรีภูมิ", expect("500101")),
    ("ศรีภูมิเมืองเชียงใหม่", expect("500101")),
    ("Si Phum, Mueang Chiang Mai", expect("500101")),
    ("T.Suthep A.Muang Chiang Mai", expect("500108")),
    ("Suthep Subdistrict, Chiang Mai Province", expect("500108")),
    ("นิมมาน", expect("500108")),
    ("500101", expect("500101")),
    ("TH500101", expect("500101")),
    ("๕๐๐๑๐๑", expect("500101")),
    ("99/1 หมู่ 3 ต.หนองหาร อ.สันทราย จ.เชียงใหม่ 50290", expect("501408")),
    ("หนองหาร สันทราย", expect("501408")),
    # Letters left out or wrong, a shop, a village, coordinates: understood, but nobody is appointed by them.
    ("ร้านป้าคำ ต.หนองหาร อ.สันทราย จ.เชียงใหม่", expect("501408", exact="refuses")),
    ("บ้านแม่โจ้ หนองหาร สันทราย", expect("501408", exact="refuses")),
    ("50140804", expect("501408", exact="refuses")),
    ("18.7953, 98.9620", expect("500108", exact="refuses")),
    ("https://www.google.com/maps?q=18.7953,98.9620", expect("500108", exact="refuses")),
    # What may be several is asked by all that take one.
    ("ช้างเผือก", expect("asks", area_search="500107", api="500107")),
    # The middle of an amphoe will do to look for what is near; somebody in need is not found there.
    ("อ.แม่ริม", expect("asks", exact="refuses", nearest="500707", area_search="5007", api="5007")),
    ("หนองพอก ร้อยเอ็ด", expect("asks", area_search="4509", api="4509")),
    ("เชียงใหม่", expect("asks", area_search="50", api="50")),
    # Places outside the two provinces, and none at all.
    ("พัทยา", expect("refuses")),
    ("ต.ไม่มีที่นี่แน่นอน", expect("refuses")),
    ("99.99, 200.0", expect("refuses")),
    ("9.5, 100.06", expect("refuses")),
]


@pytest.mark.parametrize(("text", "told"), TYPED)
def test_one_text_means_one_tambon_at_every_door(app: Flask, session: Session, text: str, told: dict[str, str]) -> None:
    found = {}
    for door in DOORS:
        found[door.__name__] = door(app, session, text)
    assert found == told


@pytest.mark.parametrize(
    "cells",
    [
        {"ตำบล": "ศรีภูมิ", "อำเภอ": "เมืองเชียงใหม่", "จังหวัด": "เชียงใหม่"},
        {"จังหวัด": "จ.เชียงใหม่", "อำเภอ": "เมือง", "ตำบล": "ตำบลศรีภูมิ"},
        {"แขวง": "แขวง ศรีภูมิ", "เขต": "อ. เมืองเชียงใหม่"},
        {"พื้นที่": "", "ตำบล": "Si Phum", "อำเภอ": "Mueang Chiang Mai"},
        {"พื้นที่": "500101", "ตำบล": "สุเทพ"},
    ],
)
def test_columns_of_a_list_mean_what_one_line_means(app: Flask, session: Session, cells: dict[str, str]) -> None:
    assert _list(app, session, cells) == "500101"


def test_a_column_says_the_level_of_its_cell(app: Flask, session: Session) -> None:
    """The tambon that bears the name of a province elsewhere: in a column of tambons there is no doubt of it."""
    assert appointment_list(app, session, "เชียงใหม่") == "asks"
    assert _list(app, session, {"ตำบล": "เชียงใหม่"}) == "450802"


def test_nothing_but_the_resolver_looks_for_what_was_typed() -> None:
    """So that a form that is new cannot have an idea of its own of what a name means."""
    own = {("mapapp.areas.search", "search"), ("mapapp.areas.names", "parse")} | {
        ("mapapp.areas.resolving.outside_places", name) for name in ("elsewhere", "told_apart")
    }
    root = config.ROOT / "mapapp"
    found = {
        str(file.relative_to(root))
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and any((node.module, name.name) in own for name in node.names)
    }
    assert found == {
        "areas/search.py",
        *(f"areas/resolving/{name}.py" for name in ("resolver", "register", "outside_places")),
    }
