"""Fridays beside each other: as frozen, the week before, as now known; who has confirmed; what is passed on."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.audit.models import AuditEntry
from mapapp.core.config import Config
from mapapp.core.errors import Conflict, NotAllowed, NotFound
from mapapp.statistics import service as figures
from mapapp.statistics.confirming import queries as confirmations
from mapapp.statistics.confirming import service as confirming
from mapapp.statistics.confirming.schemas import ConfirmIn
from mapapp.statistics.ending import service as ending
from mapapp.statistics.ending.schemas import EndIn
from mapapp.statistics.fridays import service as fridays
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT
from tests.maps import png
from tests.people import Browser, appoint, browser, person
from tests.survey.build import actor, add_round, entry, record

FIRST, SECOND = date(2026, 11, 13), date(2026, 11, 20)
PAGE = "/officer/statistics/fridays"


def freeze(session: Session, friday: date, *, is_example: bool = False) -> None:
    """The figures as they are, as those of this Friday."""
    figures.settle(session, Config(), NOON)
    found: fridays.Figures = {}
    for measure, area, values in session.execute(text("SELECT measure, area_code, values FROM statistics_figures")):
        found.setdefault(measure, {})[area] = values
    fridays.keep(session, VAULT, friday, NOON, found, is_example=is_example)
    session.flush()


@pytest.fixture
def here(session: Session) -> Session:
    """Tambon 900101 recorded before the first Friday, then more before the second, and more after it."""
    small_country(session)
    volunteer = appoint(session, "data_volunteer", "90", to=person(session, "สมชาย"))
    number = add_round(session).id
    figures.rebuild(session, Config(), NOON)

    def recorded(village: str, people: int, none: int) -> None:
        groups = {"adult": {"here": people, "none": none, "more": people - none}}
        record(session, volunteer, entry(number, None, village, groups=groups))

    recorded("90010101", 400, 100)
    freeze(session, FIRST)
    recorded("90010102", 200, 50)
    freeze(session, SECOND)
    recorded("90010201", 30, 30)
    figures.settle(session, Config(), NOON)
    return session


def table(page: str, number: int) -> dict[str, list[str]]:
    """First cell → the others, of the n-th table of a page."""
    body = page.split("<tbody")[number + 1].partition("</tbody>")[0]
    made: dict[str, list[str]] = {}
    for row in re.findall(r"<tr.*?</tr>", body, re.S):
        cells = [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        made.setdefault(cells[0], cells[1:])
    return made


def test_a_friday_stands_beside_the_one_before_and_beside_today(app: Flask, here: Session) -> None:
    officer = browser(app, here, appoint(here, "province_admin", "90"))
    page = officer.get(f"{PAGE}/{SECOND}?area=90").text
    lines = {name.split(" ", 1)[-1]: cells for name, cells in table(page, 0).items()}
    assert lines["ยังเข้าไม่ถึง"] == ["100", "150", "+50", "180", "+30"]
    areas = table(officer.get(f"{PAGE}/{SECOND}?area=9001&figure=vaccination:here").text, 1)
    assert [(name, cells) for name, cells in areas.items()] == [
        ("ต.ตำบล02", ["ยังไม่บันทึก", "ยังไม่บันทึก", "–", "30", "–"]),  # nothing entered comes first, and is no zero
        ("ต.ตำบล01", ["400", "600", "+200", "600", "±0"]),
    ]
    first = officer.get(f"{PAGE}/{FIRST}?area=90").text
    assert next(cells[0] for cells in table(first, 0).values()) == "ยังไม่บันทึก"  # no Friday before it
    beside = officer.get(f"{PAGE}/{FIRST}?area=90&beside={SECOND}&figure=nonsense:x").text
    assert "150" in {cells[0] for cells in table(beside, 0).values()}
    assert officer.get(f"{PAGE}/2026-11-14").status_code == 404
    assert officer.get(f"{PAGE}/yesterday").status_code == 404
    assert officer.get(f"{PAGE}/{SECOND}?area=91").status_code == 403


def test_a_province_confirms_its_friday_and_the_ministry_sees_who_has_not(app: Flask, here: Session) -> None:
    admin = browser(app, here, appoint(here, "province_admin", "90", to=person(here, "ผู้ดูแล จังหวัด")))
    ministry = browser(app, here, appoint(here, "ministry", "TH"))
    address = f"{PAGE}/{SECOND}?area=90"
    before = ministry.get(f"{PAGE}/{SECOND}?area=TH").text
    assert "ยืนยันแล้ว 0 จาก 1 จังหวัด" in before
    once = re.findall(r'name="once" value="([^"]+)"', admin.get(address).text)[0]
    wrong = admin.post(address, {"province": "90", "note": "เลข 1101700230705", "once": once})
    assert (wrong.status_code, 'id="note-problem"' in wrong.text) == (400, True)
    done = admin.post(address, {"province": "90", "note": "อ.ตะวันออก\nจะบันทึกสัปดาห์หน้า", "once": once})
    assert done.status_code == 303
    assert "ผู้ดูแล จังหวัด" in admin.get(done.location).text
    after = ministry.get(f"{PAGE}/{SECOND}?area=TH").text
    assert "ยืนยันแล้ว 1 จาก 1 จังหวัด" in after
    assert "จะบันทึกสัปดาห์หน้า" in after
    assert "ยืนยันแล้ว 1 จาก 1 จังหวัด" in ministry.get(f"{PAGE}?area=TH").text
    assert "<textarea" not in ministry.get(address).text
    again = admin.post(address, {"province": "90", "note": ""})
    assert again.status_code == 303
    assert confirmations.of_friday(here, SECOND)["90"].note == ""
    said = here.scalars(select(AuditEntry.action).where(AuditEntry.action == "statistics.confirm")).all()
    assert len(said) == 2


def test_only_the_provinces_own_administrator_confirms_and_only_what_was_frozen(here: Session) -> None:
    admin = actor(here, appoint(here, "province_admin", "90"))
    for role, area in (("amphoe_coordinator", "9001"), ("ministry", "TH")):
        with pytest.raises(NotAllowed):
            confirming.confirm(here, actor(here, appoint(here, role, area)), SECOND, ConfirmIn(province="90"), NOON)
    with pytest.raises(NotAllowed):
        confirming.confirm(here, admin, SECOND, ConfirmIn(province="91"), NOON)
    with pytest.raises(NotFound):
        confirming.confirm(here, admin, SECOND + timedelta(days=7), ConfirmIn(province="90"), NOON)
    ending.end(here, admin, EndIn(do="end", area="90", reason="ประกาศ"), NOON)
    with pytest.raises(Conflict):
        confirming.confirm(here, admin, SECOND, ConfirmIn(province="90"), NOON)


def test_the_page_to_pass_on_tells_only_what_is_public(client: FlaskClient, here: Session) -> None:
    page = client.get("/statistics/90/friday")
    assert page.status_code == 200
    lines = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.S)[0].strip().split("\n")
    assert len(lines) == 10
    assert "จ.จังหวัดทดสอบ" in lines[0] or "จังหวัดทดสอบ" in lines[0]
    assert lines[9] == "http://127.0.0.1:8000/statistics/90/friday" or lines[9].endswith("/statistics/90/friday")
    small = client.get("/statistics/900102/friday").text
    assert "ยังไม่บันทึก" in small
    picture = png.read(client.get("/statistics/90/friday.png").data)
    assert (picture.width, picture.height) == (1200, 630)
    english = client.get("/statistics/TH/friday?lang=en")
    assert "Friday statistics" in english.text
    assert not re.search("[ก-๙]", re.findall(r"<textarea[^>]*>(.*?)</textarea>", english.text, re.S)[0])
    for wrong in ("/statistics/99/friday", "/statistics/abc/friday", "/statistics/99/friday.png"):
        assert client.get(wrong).status_code == 404


def test_the_end_of_reporting_is_said_to_everyone(client: FlaskClient, here: Session) -> None:
    assert client.get("/statistics/9001/friday").status_code == 200
    ending.end(
        here,
        actor(here, appoint(here, "province_admin", "90")),
        EndIn(do="end", area="90", reason="สิ้นสุดโครงการ <b>"),
        NOON,
    )
    here.commit()
    page = client.get("/statistics/9001/friday").text
    assert "สิ้นสุดโครงการ &lt;b&gt;" in page


def test_where_there_is_no_friday_yet_pages_say_so(app: Flask, client: FlaskClient, session: Session) -> None:
    small_country(session)
    assert client.get("/statistics/90/friday").status_code == 404
    officer: Browser = browser(app, session, appoint(session, "province_admin", "90"))
    assert "ยังไม่มีวันศุกร์ที่บันทึกไว้" in officer.get(PAGE).text


def test_figures_that_are_made_up_say_so_wherever_they_go(client: FlaskClient, here: Session) -> None:
    def day() -> str:
        page = client.get("/statistics/90/friday").text
        return str(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[0].strip().split("\n")[1])

    assert "ตัวอย่าง" not in day()
    freeze(here, SECOND + timedelta(days=7), is_example=True)
    here.commit()
    assert day().endswith("· ตัวอย่าง")
