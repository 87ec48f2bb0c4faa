"""Limits that people read of are those that hold: no text has a figure of its own where the code has a constant."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, render_template_string
from sqlalchemy.orm import sessionmaker

from mapapp.accounts.signing_in import invitations, mail, passwords
from mapapp.app import create_app
from mapapp.core.config import ROOT, Config
from mapapp.core.errors import Invalid
from mapapp.web.i18n import tell, translate
from mapapp.web.params import Asked
from tests.conftest import KEYS

LIMIT = re.compile(r"\b\d[\d,]*(?: of)? (?:seconds?|minutes?|hours?|days?|weeks?|characters?|MB|GB)\b")
UNITS = re.compile(r"\d[\d,]* ?(?:วินาที|นาที|ชั่วโมง|วัน|ตัวอักษร|MB)")

NO_LIMITS = {
    "24 hours": "opening hours",
    "Open 24 hours every day": "opening hours",
    "The closing time must differ from the opening time; for all day choose “open 24 hours”.": "opening hours",
    "Enter opening hours like this: Mon-Fri 08:30-16:30, or: every day, 24 hours.": "opening hours",
    "1–3 days": "an age that people are shown in",
    "4–7 days": "as above",
    "Older": "as above, the oldest",
    "The service is not available now; try again in one minute": "a minute in words",
    "Not accepted after 24 hours": "what the measure is called",
    (
        "Not accepted after 24 hours: one day after it was sent, the request was open and no volunteer had accepted it."
    ): "as above",
    "Your answers are saved only on this phone, for one day.": "a day in words, KEPT of drafts.js",
    "Your earlier answers are still here. They are saved only on this phone, for one day.": "as above",
    "Dismissed. You can reopen it below for one day.": "a day in words, UNDO_FOR",
    "Nothing sent for a week": "a week in words, SILENT of the survey's overview",
    "Everyone with villages here has sent something in the last 7 days.": "as above",
    "The list updates every 15 seconds. Last update: %(time)s.": "POLL_MS of live.js, below",
    "Sent in 7 days": "a week in figures, WINDOW of the requests' statistics",
    "Ended in 7 days": "as above",
    "Helped within 24 hours": "what the figure is called",
    "Share helped within 24 hours": "as above",
    "Accepted within 4 hours": "as above",
    "Share accepted within 4 hours": "as above",
    "Waiting for more than a day": "as above, in words",
    (
        "Requests sent in the last 7 days and how soon a volunteer accepted them; requests that are open now; requests "
        "that ended in the last 7 days. Duplicates and requests that were not genuine are not counted."
    ): "a week in figures, WINDOW of the requests' statistics",
}


def messages() -> dict[str, tuple[str, ...]]:
    """Every English text and what it is in Thai."""
    made: dict[str, tuple[str, ...]] = {}
    for path in sorted((ROOT / "mapapp" / "translations" / "th").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                ids, texts = (one if isinstance(one, (list, tuple)) else [one] for one in (message.id, message.string))
                made |= {english: tuple(map(str, texts)) for english in ids if english}
    return made


def test_no_text_names_a_limit_in_figures_of_its_own() -> None:
    found = messages()
    assert len(found) > 1000
    figures = {english for english, thai in found.items() if LIMIT.search(english) or any(map(UNITS.search, thai))}
    assert figures == NO_LIMITS.keys()


def test_the_list_is_looked_up_as_often_as_it_says() -> None:
    script = (ROOT / "static" / "js" / "live.js").read_text("utf-8")
    assert "POLL_MS = 15000" in script


def test_a_longer_shortest_password_is_told_wherever_one_is_chosen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "SHORTEST", 14)
    with pytest.raises(Invalid) as refused:
        passwords.demand_strong("short of it")
    with app.test_request_context():
        assert "14" in tell(refused.value.problems[0].message)
        assert create_app(Config(secret_keys=KEYS), sessionmaker()).jinja_env.globals["password_shortest"] == 14


def test_manuals_and_papers_name_the_shortest_password_that_holds() -> None:
    for name in ("th/officer.md", "th/volunteer.md"):
        text = Path(ROOT, "docs", name).read_text("utf-8")
        assert f"อย่างน้อย {passwords.SHORTEST} ตัวอักษร" in text, name
    assert f"at least {passwords.SHORTEST} |" in Path(ROOT, "docs", "security-asvs.md").read_text("utf-8")


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_link_that_lasts_longer_is_told_so(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    monkeypatch.setattr(invitations, "LASTS", timedelta(days=11))
    last = mail.link_text("join", "https://map.example/join/x")[1][-1]
    assert "11" in translate(last.text, lang, **last.values)


def test_the_password_form_says_what_is_demanded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "password_shortest", 17)
    form = "{% from 'accounts/_parts.html' import new_password %}{{ new_password(form, 'x') }}"
    with app.test_request_context():
        assert "17" in render_template_string(form, form=Asked(None, {}))
