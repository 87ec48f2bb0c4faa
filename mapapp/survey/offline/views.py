"""What a phone needs to record without a connection: a page, the worker that opens it, and the data with their key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from flask import Blueprint, Response, current_app, make_response, render_template, url_for

from mapapp.accounts import edge
from mapapp.accounts.people.view_helpers import area_words
from mapapp.accounts.signing_in.sessions import IDLE
from mapapp.areas.results import AreaName
from mapapp.core.errors import N_, NotAllowed
from mapapp.core.languages import DEFAULT, LANGUAGES, STAFF
from mapapp.core.problem_types import WRONG_TOKEN
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.assigning.rules import ENTER
from mapapp.survey.entering import queries as entries
from mapapp.survey.entering.schemas import Recorded
from mapapp.survey.groups import FIELDS, GROUPS
from mapapp.survey.labels import MARK_LABELS
from mapapp.survey.offline import queries
from mapapp.survey.offline.schemas import PhoneOut, PhoneRecord, PhoneRound, PhoneTambon, PhoneVillage
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.view_helpers import WORDS, villages_named
from mapapp.web.assets import STATIC
from mapapp.web.i18n import day, gettext, name_of, ngettext
from mapapp.web.params import Asked
from mapapp.web.request import config, session

pages = Blueprint("survey_offline", __name__)

SCRIPTS: Final = ("js/outbox", "js/survey")
"""Folders of scripts that the page needs without a connection."""

FILES: Final = (
    "css/site.css", "css/officer.css", "img/icon.svg", "vendor/htmx/htmx.min.js", "js/site.js", "js/drafts.js",
    "js/fresh.js", "js/language.js", "js/map-host.js", "js/map-large.js", "js/map-print.js", "js/saving.js",
    "js/survey-sent.js",
)  # fmt: skip
"""And the other files below ``static/``; ``tests/survey/test_offline.py`` follows their imports."""

SHELLS: Final = tuple(STAFF)
"""The languages of the page; a browser keeps it in each."""


@cache
def kept_files() -> list[str]:
    """Every file that the page loads, below ``static/``."""
    scripts = [str(one.relative_to(STATIC)) for folder in SCRIPTS for one in sorted((STATIC / folder).glob("*.js"))]
    fonts = {one.font for one in LANGUAGES if one.code in SHELLS}
    sheets = {one.stylesheet for one in LANGUAGES if one.code in SHELLS and one.stylesheet}
    return [*FILES, *scripts, *sorted(fonts), *sorted(sheets)]


@pages.get("/volunteer/survey/offline")
def shell() -> Response:
    """The page that opens without a connection. Nothing of anybody is in it: its script shows what the phone keeps, to
    the person whose key is there."""
    told = {
        "told_marks": {code: gettext(text) for code, text in MARK_LABELS.items()},
        "told_groups": {one.code: gettext(one.name) for one in GROUPS},
        "told_fields": {name: gettext(text) for name, text in FIELDS.items()},
    }
    made = make_response(render_template("survey/offline.html", form=Asked(None, {}), **WORDS, **told))
    made.headers["Cache-Control"] = "no-cache"
    return made


@pages.get("/volunteer/survey/worker.js")
def worker() -> Response:
    """The worker that opens the page where there is no connection. Its text changes with the version of the service;
    switched off (``MAPAPP_SURVEY_OFFLINE``), it takes itself and what it kept away."""
    prefix: str = current_app.extensions["mapapp_assets"]
    shell_at = url_for("survey_offline.shell")
    shells = {one: shell_at if one == DEFAULT.code else f"{shell_at}?lang={one}" for one in SHELLS}
    facts = {
        "on": config().survey_offline == "on", "prefix": prefix, "files": kept_files(), "shells": shells,
        "root": url_for("survey_entering.mine"), "shell": shell_at,
    }  # fmt: skip
    text = (STATIC / "js" / "survey-worker.js").read_text("utf-8")
    made = Response(f"const FACTS = {json.dumps(facts)};\n{text}", mimetype="text/javascript")
    made.headers["Cache-Control"] = "no-cache"
    made.headers["Service-Worker-Allowed"] = url_for("survey_entering.mine")
    return made


@pages.get("/volunteer/survey/phone")
@edge.officer_page(ENTER)
def phone() -> Response:
    """What the phone of the person who is signed in keeps, and the key that opens it: only a session gives it."""
    who = edge.actor()
    if who.session_id is None or who.person_id is None:
        raise NotAllowed(N_("Sign in with a browser. An API key does not open what a phone keeps."), kind=WRONG_TOKEN)
    open_ones = [one for one in view_helpers.rounds_of(ENTER, begun=True) if one.state == "open"]
    codes = {one.id: assigning.of_person(session(), one.id, who.person_id) for one in open_ones}
    every = {code for some in codes.values() for code in some}
    named, places = villages_named(every), view_helpers.tambons_of(every)
    given = PhoneOut(
        who=view_helpers.on_phone(),
        name=who.name or "",
        csrf=edge.csrf_token(),
        keys=edge.vault().pairs(who.person_id, "outbox"),
        keeps_s=int(IDLE.total_seconds()),
        rounds=[
            _round(one, codes[one.id], named, places, entries.progress(session(), one.id, codes[one.id]))
            for one in open_ones
        ],
        tambons=[PhoneTambon(code=one.code, name=name_of(one)) for one in view_helpers.my_tambons(ENTER)],
        records=[_record(one) for one in queries.recorded_by(session(), who.person_id, every)],
    )
    made = Response(given.model_dump_json(), mimetype="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def _round(
    one: Any, codes: list[str], named: dict[str, str], places: dict[str, AreaName],
    done: Mapping[str, tuple[str, int]],
) -> PhoneRound:  # fmt: skip
    ended = [ending.area_code for ending in rounds.endings(session(), one.id)]
    villages = [
        PhoneVillage(
            code=code, name=named[code], place=area_words(code[:6], places, alone=True),
            ended=any(area == "TH" or code.startswith(area) for area in ended),
            told=_told(*done.get(code, ("", 0))),
        )
        for code in codes
    ]  # fmt: skip
    return PhoneRound(id=one.id, name=one.name, version=one.version, example=one.is_example, villages=villages)


def _told(unit: str, count: int) -> str:
    if not count:
        return gettext("nothing recorded yet")
    if unit == "village":
        return gettext("whole village recorded")
    return ngettext("%(num)s household recorded", "%(num)s households recorded", count)


def _record(one: Recorded) -> PhoneRecord:
    return PhoneRecord(
        round=one.round_id, village=one.village_code, household=one.household, entry=one.id, revision=one.revision,
        state=one.state, day=day(one.observed_at),
        groups={code: [numbers[name] for name in FIELDS] for code, numbers in one.figures.items()},
    )  # fmt: skip
