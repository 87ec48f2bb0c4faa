"""What somebody agrees to is what is done: the days in the text, on the resident's page and in the code are the
settings', in both languages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.core.config import ERASE_AFTER_DAYS, Config
from mapapp.help_requests import cells, retention
from mapapp.help_requests.asking.consent import CONSENT, days
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident import links
from mapapp.web.i18n import translate
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.asking.conftest import SENT
from tests.help_requests.build import VAULT, add_request

SETTINGS = {"ask_after_days": 11, "close_after_days": 44, "erase_after_days": 23, "backup_days": 77}


@pytest.fixture
def otherwise(app: Flask, session: Session) -> Flask:
    """A service with days of its own."""
    small_country(session)
    session.commit()
    app.extensions["mapapp_config"] = app.extensions["mapapp_config"].model_copy(update=SETTINGS)
    return app


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_text_names_the_days_of_the_settings(otherwise: Flask, lang: str) -> None:
    page = otherwise.test_client().get(f"/requests/new?lang={lang}").text
    text = translate(CONSENT[-1][1], lang, **days(otherwise.extensions["mapapp_config"]))
    assert {int(number) for number in re.findall(r"\d+", text)} == {11, 23, 77}
    assert re.sub(r"\s+", " ", text) in re.sub(r"\s+", " ", page)


def test_the_days_that_are_told_are_kept_with_the_request(otherwise: Flask, session: Session) -> None:
    answer = otherwise.test_client().post("/requests/new", data=SENT)
    assert answer.status_code == 303
    row = session.scalars(select(HelpRequest)).one()
    assert row.kept_days == 23


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_page_names_the_day_on_which_it_is_done(otherwise: Flask, session: Session, lang: str) -> None:
    open_one = add_request(session)
    closed = add_request(session, needs=[{"kind": "food", "state": "helped"}], closed_at=NOON, outcome="helped")
    pages = [links.make(session, VAULT, one.id, made_by="post", now=NOON).token for one in (open_one, closed)]
    session.commit()
    browser = otherwise.test_client()
    addresses = [browser.get(f"/requests/mine/{token}").location for token in pages]
    shown = [browser.get(f"{address}?lang={lang}").text for address in addresses]
    assert re.search(r"\b23 (days after the request is closed|วัน)", shown[0])
    last = NOON + timedelta(days=23)
    assert {"th": "13 ธ.ค. 2569", "en": "13 Dec 2026"}[lang] in shown[1]
    assert retention.erase_closed(session, last - timedelta(seconds=1), after_days=23) == 0
    assert retention.erase_closed(session, last, after_days=23) == 1


def test_where_nothing_is_set_it_is_a_month() -> None:
    assert Config().erase_after_days == ERASE_AFTER_DAYS == 30


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_text_and_the_addresses_go_by_the_size_of_the_grid(
    otherwise: Flask, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = geo.Point(lat=14.0573, lon=100.0312)
    assert cells.coarse(exact) == geo.Point(lat=14.055, lon=100.035)
    monkeypatch.setattr(cells, "HUNDREDTHS", 20)
    text = translate(CONSENT[1][1], lang, **days(otherwise.extensions["mapapp_config"]))
    assert re.findall(r"\d+", text)[0] == "6"
    assert re.sub(r"\s+", " ", text) in re.sub(
        r"\s+", " ", otherwise.test_client().get(f"/requests/new?lang={lang}").text
    )
    assert cells.coarse(exact) == geo.Point(lat=14.075, lon=100.025)
    assert cells.box("1:281:2000") == (100.0, 14.05, 100.05, 14.1)
