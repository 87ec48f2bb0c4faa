"""The end of reporting: announced with a reason, said on the pages, taken back, never twice."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.core.errors import Conflict, Invalid, NotAllowed
from mapapp.statistics.ending import queries, service
from mapapp.statistics.ending.schemas import EndIn
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, browser
from tests.survey.build import actor

PAGE = "/officer/statistics/endings"


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


def announced(area: str, reason: str = "ประกาศจังหวัด") -> EndIn:
    return EndIn(do="end", area=area, reason=reason)


def test_an_announcement_covers_the_areas_inside_until_it_is_lifted(here: Session) -> None:
    admin = actor(here, appoint(here, "province_admin", "90"))
    service.end(here, admin, announced("9001"), NOON)
    assert queries.of(here, "900101").reason == "ประกาศจังหวัด"  # type: ignore[union-attr]
    assert queries.of(here, "9002") is None
    assert queries.of(here, "90") is None
    assert [one.area_code for one in queries.touching(here, ["TH"])] == ["9001"]
    with pytest.raises(Conflict):
        service.end(here, admin, announced("9001", "อีกครั้ง"), NOON)
    found = queries.touching(here, ["90"])[0]
    service.lift(here, admin, found.id, NOON)
    service.lift(here, admin, found.id, NOON)
    assert queries.of(here, "900101") is None
    service.end(here, admin, announced("90"), NOON)
    assert queries.of(here, "900202") is not None


def test_only_those_above_announce_and_only_for_areas_that_there_are(here: Session) -> None:
    with pytest.raises(NotAllowed):
        service.end(here, actor(here, appoint(here, "tambon_officer", "900101")), announced("900101"), NOON)
    with pytest.raises(NotAllowed):
        service.end(here, actor(here, appoint(here, "province_admin", "90")), announced("TH"), NOON)
    with pytest.raises(Invalid):
        service.end(here, actor(here, appoint(here, "ministry", "TH")), announced("99"), NOON)


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong_beside_it(app: Flask, here: Session) -> None:
    admin = browser(app, here, appoint(here, "province_admin", "90"))
    page = admin.get(PAGE).text
    once = re.findall(r'name="once" value="([^"]+)"', page)[0]
    wrong = admin.post(PAGE, {"do": "end", "area": "9001", "reason": "เลข 1101700230705", "once": once})
    assert wrong.status_code == 400
    assert 'id="reason-problem"' in wrong.text
    assert "<details open" in wrong.text
    done = admin.post(PAGE, {"do": "end", "area": "9001", "reason": "ยุติ <b>แล้ว</b>\nขอบคุณ", "once": once})
    assert done.status_code == 303
    shown = admin.get(done.location).text
    assert "ยุติ &lt;b&gt;แล้ว&lt;/b&gt;" in shown
    twice = admin.post(PAGE, {"do": "end", "area": "9001", "reason": "ยุติ"})
    assert twice.status_code == 409
    assert admin.post(PAGE, {"do": "nothing"}).status_code == 400
