"""What holds on every page of officers and accounts, in both languages, on a phone and at a desk: nothing sticks out,
targets fit thumbs, axe finds nothing, one language, no console error, no foreign request; after a wrong form too."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from mapapp.accounts import contacts
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import invitations
from mapapp.core.actors import command
from mapapp.core.config import Config
from mapapp.facilities.models import Facility
from mapapp.help_requests.models import HelpReport
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.survey.models import SurveyEnding
from tests.browser.conftest import axe
from tests.browser.frames import map_of
from tests.browser.officers import (
    AMPHOE,
    PHONE,
    PROVINCE,
    SCREENS,
    STICKS_OUT,
    TAMBON,
    At,
    Workshop,
    six_fridays,
    with_lang,
)
from tests.browser.pictures import picture
from tests.browser.test_every_page import LATIN, SIZES, foreign_words
from tests.facilities.imports.build import HEAD, xlsx
from tests.help_requests.build import add_request, add_words
from tests.people import appoint
from tests.people import person as somebody
from tests.survey.build import add_follow_up, add_import, add_round, assign, entry
from tests.survey.build import record as send
from tests.volunteers.build import profile

pytestmark = pytest.mark.browser

PAGES = {
    "/officer": "to-do",
    "/officer?area=5001": "to-do-amphoe",
    "/officer/facilities": "table",
    "/officer/facilities?kind=hospital&sort=-name&page=2": "table-2",
    "/officer/facilities?q=ไม่มีที่นี่": "table-empty",
    "/officer/facilities/stale": "queue",
    "/officer/facilities/reports": "reports",
    "/officer/facilities/new?kind=vaccination_site": "new",
    "/officer/facilities/{pin}/edit": "edit",
    "/officer/facilities/{closed}/edit": "edit-closed",
    "/officer/facilities/{pin}/close": "close",
    "/officer/facilities/{pin}/merge": "merge-with",
    "/officer/facilities/{pin}/merge?with={other}": "merge",
    "/officer/facilities/{pin}/history": "history",
    "/officer/facilities/import": "import",
    "/officer/facilities/import/{list}": "import-list",
    "/officer/people": "people",
    "/officer/people?area=5001": "people-amphoe",
    "/officer/people?area=500101": "people-tambon",
    "/officer/people?show=gaps": "people-gaps",
    "/officer/people?show=ending": "people-ending",
    "/officer/people/new": "appoint",
    "/officer/people/bulk": "appoint-list",
    "/officer/people/{person}": "person",
    "/officer/requests": "board",
    "/officer/requests?tab=open&sort=tambon": "board-open",
    "/officer/requests?tab=closed": "board-none",
    "/officer/requests?tab=reports": "board-reports",
    "/officer/requests/{request}": "request",
    "/officer/requests/measures": "measures",
    "/officer/volunteers": "volunteers",
    "/officer/volunteers?show=left": "volunteers-none",
    "/officer/volunteers/{comer}": "volunteer",
    "/officer/audit": "record",
    "/officer/survey?area=50&round={survey}": "survey",
    "/officer/survey?area=5001&round={survey}": "survey-amphoe",
    "/officer/survey/waiting": "survey-waiting",
    "/officer/survey/rounds": "surveys",
    "/officer/survey/rounds/{survey}": "one-survey",
    "/officer/survey/rounds/{survey}/villages?area=500101": "survey-villages",
    "/officer/survey/rounds/{survey}/sheets?area=5001": "survey-sheets",
    "/officer/survey/imports/{survey_import}": "survey-import",
    "/officer/survey/imports/{foreign_import}": "survey-import-columns",
    "/volunteer/survey": "survey-mine",
    "/volunteer/survey/{survey}/50010103?household=12": "survey-form",
    "/volunteer/survey/records/{record}": "survey-record",
    "/officer/survey/follow-ups": "survey-follow-ups",
    "/volunteer/survey/follow-ups": "survey-my-follow-ups",
    "/volunteer/survey/follow-ups/{follow_up}": "survey-follow-up",
    "/volunteer/survey/records/{record}/follow-up": "survey-follow-up-form",
    "/account": "account",
    "/account/contacts": "contacts",
    "/account/password": "password",
    "/officer/statistics": "figures-of-mine",
    "/officer/statistics/{province}": "figures-province",
    "/officer/statistics/{tambon}": "figures-tambon",
    "/officer/statistics/{province}/to-call": "figures-to-call",
    "/officer/statistics/endings": "figures-endings",
    "/officer/statistics/fridays": "fridays",
    "/officer/statistics/fridays/{friday}": "friday",
    "/officer/statistics/fridays/{friday}/to-call": "friday-to-call",
    "/officer/statistics/parallel": "old-forms",
    "/account/second-factor": "second-factor",
    "/account/delete": "delete",
    "/account/appointments/{appointment}/end": "give-up",
    "/account/tokens": "keys",
    "/sign-in": "sign-in-again",
    "/sign-in/confirm": "confirm",
}
"""Address, as the administrator of a province opens it → the name of its picture."""

WITHOUT_SIGN_IN = {
    "/sign-in": 200,
    "/volunteer/join": 200,
    "/join/{link}": 200,
    "/join/nothing": 404,
    "/facilities/{pin}/report": 200,
}

WRONG = {
    "/officer/facilities/new?kind=hospital": "form.editor",
    "/officer/facilities/{pin}/close": "form.card",
    "/officer/people/new": "form.card",
    "/officer/people/bulk": "form.card",
    "/officer/facilities/import": "form[enctype]",
    "/account/tokens": "form[aria-labelledby=new]",
    "/account/contacts": "form.card",
    "/account/password": "form.card",
    "/account/delete": "form.card",
    "/sign-in/confirm": "form.card",
    "/volunteer/join": "form.card",
}
"""Address → the form that is sent with nothing in it."""

NOT_PAGES = {
    "account.download", "audit.export", "console.export", "console.pins", "facility_editing.hours",
    "facility_editing.place", "facility_imports.problems", "facility_imports.progress", "facility_imports.template",
    "help_board.export", "help_board.figures_file", "people_bulk.template", "saved_maps.survey_figures",
    "saved_maps.table", "survey_overview.export", "survey_sheets.on_paper", "survey_sheets.template",
    "survey_sheets.other_tools", "statistics.export", "statistics_parallel.differences",
}  # fmt: skip
"""Files and parts of pages."""

ELSEWHERE = {
    "account.second_factor_page": "test_sign_in.py: somebody whose second factor is asked for",
    "account.join_page": "here: a link leads on to it",
    "account.renew_codes_page": "test_sign_in.py: somebody who has a second factor",
    "facility_reports.thanks": "test_reports.py: after a report",
    "facilities.page": "test_every_page.py",
    "help_asking.sheet": "help_requests/asking/test_take.py: a request that was just taken by telephone",
    "statistics_parallel.one": "test_friday.py: the export of an old form, compared",
    "volunteers.profile_page": "test_volunteers.py: a volunteer who waits, is approved, takes a break and leaves",
}

MAPS = ("new", "edit", "edit-closed", "table")


@pytest.fixture(scope="session")
def things(shop: Workshop) -> dict[str, object]:
    """What the addresses above speak of."""
    now = datetime.now(UTC)
    shop.token("province_admin", PROVINCE)
    with shop.factory() as session:
        mine = select(Appointment.id).where(Appointment.role == "province_admin", Appointment.area_code == PROVINCE)
        appointment = session.scalars(mine).one()
        inside = select(Facility.id).where(Facility.tambon_code.like(f"{AMPHOE}%"), Facility.kind == "hospital")
        pin, other = session.scalars(inside.order_by(Facility.id).limit(2)).all()
        person = session.scalars(select(Person.id).where(Person.name == "ธวัช มั่นคง")).one()
        vault = Config().vault()
        six_fridays(session, vault, now)
        friday = session.scalars(select(func.max(StatisticsSnapshot.friday))).one().isoformat()
        comer = Person(name="อาสา รออนุมัติ", organisation="อสม.", first_signed_in_at=now)
        session.add(comer)
        session.flush()
        session.add(profile(comer, home_tambon=TAMBON, state="waiting", state_at=now, joined_at=now, means=["pickup"]))
        contacts.give_phone(session, vault, session.get_one(Person, person), "+66812345690")
        session.flush()
        link = invitations.invite(session, vault, person_id=person, purpose="join", by=command(), now=now).token
        asked = add_request(session, vault=vault, lat=18.7903, lon=98.9872, needs=["medicine", "transport"], at=now)
        twin = add_request(session, vault=vault, lat=18.7904, lon=98.9873, linked_to=asked.id, at=now)
        note = add_words(session, twin.id, "หาบ้านไม่เจอ", at=now)
        said = {"tambon_code": TAMBON, "about": "request", "reason": "wrong_place", "note_text": note, "at": now}
        session.add(HelpReport(request_id=twin.id, **said))
        papers = {"confidentiality_on": now.date(), "training_expires_on": now.date() + timedelta(days=300)}
        recorders = [
            appoint(
                session,
                "data_volunteer",
                TAMBON,
                to=somebody(session, name),
                starts_at=now - timedelta(days=1),
                **papers,
            )
            for name in ("สำรวจ คนแรก", "สำรวจ คนที่สอง")
        ]
        survey = add_round(session, PROVINCE, opened_at=now - timedelta(days=3)).id
        for who in recorders:
            assign(session, survey, f"{TAMBON}03", who)
            record = send(session, who, entry(survey, "12", village=f"{TAMBON}03"), at=now).entry
        follow_up = add_follow_up(session, recorders[0], record, at=now, vault=vault).id
        wrong = f"{TAMBON}03,92,1,2", f"{TAMBON}03,๙๓,๒,๑", "รวม,,3,3"
        survey_import = add_import(session, survey, recorders[0], TAMBON, *wrong, at=now).id
        foreign = "บ้านอยู่หมู่ไหน,เลขที่บ้านของท่าน,คนแก่ฉีดครบกี่คน"
        foreign_import = add_import(session, survey, recorders[0], TAMBON, f"{TAMBON}03,94,1", head=foreign, at=now).id
        session.add(SurveyEnding(round_id=survey, area_code="5002", reason="ยุติตามประกาศ", at=now))
        session.commit()
    closed = shop.add(
        "hospital", "โรงพยาบาลปิดปรับปรุง", lat=18.779, lon=98.979, status="temporarily_closed", closed_reason="น้ำท่วม"
    )
    return {"pin": pin, "other": other, "friday": friday, "province": PROVINCE, "tambon": TAMBON, "person": person,
            "closed": closed, "link": link,
            "appointment": appointment,
            "comer": comer.id, "request": asked.id, "survey": survey, "record": record,
            "survey_import": survey_import, "foreign_import": foreign_import, "follow_up": follow_up}  # fmt: skip


def uploaded(page: Page, folder: Path) -> str:
    """Hands in a list with a good row, a bad one and one that lies elsewhere; the number of the import."""
    rows: list[list[Any]] = [
        ["1", "จุดฉีดวัดพระสิงห์", 18.7885, 98.982, "053920300", "เปิด"],
        ["2", None, 18.79, 98.98, "12", None],
    ]
    rows.append(["3", "จุดฉีดร้อยเอ็ด", 16.05, 103.65, None, None])
    file = folder / "จุดฉีด.xlsx"
    file.write_bytes(xlsx(HEAD, *rows))
    page.goto("/officer/facilities/import")
    page.set_input_files("#file", file)
    page.locator("#source").fill("จุดฉีดวัคซีน")
    page.locator("#kind").select_option("vaccination_site")
    page.locator("form[enctype] button").click()
    page.wait_for_selector("table.preview")
    return urlsplit(page.url).path.split("/")[-1]


ENGLISH = (".csv", "Nakornping Hospital", "Wing 41 Hospital", "Jan-Mar Mo-Fr 08:30-16:30; PH off")
"""English on Thai pages that is data: names in English and of files, and hours as they are written."""

NAMES = {
    "SMS", "opening", "hours", "Google", "Authenticator", "Microsoft", "Aegis", "key", "JSON", "XLSX", "Excel", "xlsx",
    "MB", "UTM", "IP", "Chrome", "Safari", "Android", "token", "ATK", "RT-PCR", "Pfizer", "AstraZeneca", "ODK", "Kobo",
    "XLSForm", "PDF", "XLS", "ODS", "instanceID",
}  # fmt: skip
"""Latin words of officers' Thai pages: names of programs, formats, tests and vaccines."""


def foreign(page: Page) -> list[str]:
    """English left on a Thai page. (On English ones Thai is what people typed: names of places, lists and people.)"""
    texts = [re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text) for text in foreign_words(page, "th")]
    for one in ENGLISH:
        texts = [text.replace(one, "") for text in texts]
    return [text for text in texts if set(re.findall(r"[A-Za-z][A-Za-z-]+", text)) - NAMES - LATIN]


def wrong_with(page: Page, lang: str, *, seen_by_axe: bool = True) -> dict[str, object]:
    """What should not be on the page that is shown, at its end: there the button at the bottom edge covers nothing."""
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    found = {
        "words of the other language": foreign(page) if lang == "th" else [],
        "wider than the screen by": max(0, page.evaluate(STICKS_OUT)),
        "too small": page.evaluate(SIZES),
        "axe": axe(page, inside_frames=False, small_links=True) if seen_by_axe else [],
    }
    return {what: where for what, where in found.items() if where}


def as_wide_as(page: Page, size: tuple[int, int]) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})


def on_each_screen(page: Page, name: str, lang: str) -> dict[str, object]:
    """What is wrong on the page that is shown, on a phone and, wider, at a desk; opened once for both, as a phone. axe
    looks at the phone's page in Thai and at the desk's in English."""
    found: dict[str, object] = {}
    for screen, size in SCREENS.items():
        as_wide_as(page, size)
        picture(page, f"{name}-{screen}-{lang}")
        looked_at = wrong_with(page, lang, seen_by_axe=(screen == "phone") == (lang == "th"))
        found |= {f"{screen}: {what}": where for what, where in looked_at.items()}
    return found


@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_page_of_officers(at: At, things: dict[str, object], tmp_path: Path, lang: str) -> None:
    page = at("province_admin", PROVINCE, PHONE)
    names = things | {"list": uploaded(page, tmp_path)}
    found: dict[str, dict[str, object]] = {}
    for path, name in PAGES.items():
        as_wide_as(page, PHONE)
        answer = page.goto(with_lang(path.format(**names), lang))
        assert answer is not None
        assert answer.status == 200, path
        assert urlsplit(page.url).path == urlsplit(path.format(**names)).path, "led elsewhere"
        if name in MAPS:
            map_of(page)
        for summary in page.locator("main summary").all():
            summary.click()
        found[path] = on_each_screen(page, name, lang)
    found = {path: what for path, what in found.items() if what}
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_page_before_signing_in(at: At, things: dict[str, object], lang: str) -> None:
    page = at("", "", PHONE)
    page.watch.allow("404")  # type: ignore[attr-defined]  # the console tells of the status
    found: dict[str, dict[str, object]] = {}
    for path, status in WITHOUT_SIGN_IN.items():
        as_wide_as(page, PHONE)
        answer = page.goto(with_lang(path.format(**things), lang))
        assert answer is not None
        assert answer.status == status, path
        found[path] = on_each_screen(page, f"{path.split('/')[1]}-{status}", lang)
    found = {path: what for path, what in found.items() if what}
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)


@pytest.mark.parametrize(("lang", "screen"), [("th", "phone"), ("en", "desk")])
def test_every_form_that_came_empty(at: At, things: dict[str, object], lang: str, screen: str) -> None:
    """400, what is wrong beside its field, and still a page that can be used."""
    page = at("province_admin", PROVINCE, SCREENS[screen])
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the status
    found: dict[str, dict[str, object]] = {}
    for path, form in WRONG.items():
        page.goto(with_lang(path.format(**things), lang))
        sent = page.locator(f"main {form}")
        sent.evaluate("form => { form.noValidate = true; }")
        with page.expect_navigation() as waiting:
            sent.locator("button:not([type=button])").last.click()
        assert waiting.value is not None
        assert waiting.value.status == 400, path
        expect(page.locator(".problem, .problems").first).to_be_visible()
        picture(page, f"empty-{urlsplit(path).path.split('/')[-1]}-{screen}-{lang}")
        found[path] = wrong_with(page, lang)
    found = {path: what for path, what in found.items() if what}
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)


def test_no_page_is_missing_above(app: Flask) -> None:
    looked_at = {urlsplit(path).path for path in [*PAGES, *WITHOUT_SIGN_IN]}
    patterns = [re.sub(r"{\w+}", "[^/]+", path) for path in looked_at]
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_PAGES | ELSEWHERE.keys():
            continue
        if rule.rule.startswith(("/officer", "/account", "/sign-in", "/join", "/facilities/")):
            address = re.sub(r"<[^<>]+>", "{x}", rule.rule)
            assert any(re.fullmatch(pattern, address) for pattern in patterns), f"nobody looks at {rule.rule}"
