"""Run in the copy that ``test_one_term_changed.py`` makes: every page, map, file and answer, read for the old words."""

from __future__ import annotations

import html
import io
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.facilities.models import Facility
from mapapp.maps.making import VIEWS
from tests.architecture.matrix import MATRIX, Row, knock_everywhere, visiting
from tests.architecture.one_term_changed.terms import TERMS
from tests.architecture.things import make_things
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.help_requests.build import add_request, publish

PUBLIC, OFFICER = "anonymous", "amphoe coordinator"
KIND, STATUS, NEED = TERMS.values()


def _rows(lang: str) -> dict[tuple[str, str], Row]:
    """Every address that is read, and every map, in a language."""
    read = {key: row for key, row in MATRIX.items() if key[1] == "GET"}
    read |= {(f"map of {view}", "GET"): Row(f"/maps/{view}") for view in VIEWS}
    read[("board of rides", "GET")] = Row("/officer/requests?tab=open")
    read[("the closed place", "GET")] = Row("/facilities/{shut}")
    read[("officers' list", "GET")] = Row("/officer/facilities?status=temporarily_closed")
    read[("list of one's own", "GET")] = Row("/officer/facilities/export?format=csv&kind=waiting_centre")
    found = {}
    for key, row in read.items():
        mark = "&" if "?" in row.address else "?"
        found[key] = replace(row, address=f"{row.address}{mark}lang={lang}")
    return found


def _said(answer: TestResponse) -> str:
    if (answer.mimetype or "").endswith("spreadsheetml.sheet"):
        book = load_workbook(io.BytesIO(answer.data))
        return "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    return html.unescape(answer.data.decode("utf-8", "replace"))


def test_no_old_word_is_left(app: Flask, session: Session, connection: Connection) -> None:
    small_country(session)
    shut = {"status": "temporarily_closed", "closed_until": NOON + timedelta(days=3), "tambon_code": "900101"}
    things = make_things(session)
    place: Facility = add_facility(session, "waiting_centre", lat=14.02, lon=100.02, **shut)
    things.values["shut"] = place.id
    for urgency in ("life", "urgent", "normal"):
        add_request(session, needs=["transport"], urgency=urgency)
    publish(session)
    session.commit()
    seen: dict[tuple[str, str], str] = {}
    for lang in ("en", "th"):
        for name in (PUBLIC, OFFICER):
            with visiting(app, session, connection, things, name) as visitor:
                rows = _rows(lang)
                for (endpoint, _method), _row, answer in knock_everywhere(
                    app, session, connection, things, visitor, rows
                ):
                    if answer.status_code == 200 and answer.mimetype != "text/event-stream":
                        seen[f"{endpoint} as {name}", lang] = _said(answer)
    left = [
        (where, lang, old)
        for (where, lang), told in seen.items()
        for term in TERMS.values()
        for old in ((term.english,) if term is STATUS else (term.english, term.thai))
        if old.casefold() in told.casefold()
    ]
    assert left == []
    for where, term in (
        ("the closed place as anonymous", KIND),
        ("the closed place as anonymous", STATUS),
        ("map of home as anonymous", KIND),
        ("map of home as anonymous", STATUS),
        ("map of requests as anonymous", NEED),
        ("board of rides as amphoe coordinator", NEED),
        ("officers' list as amphoe coordinator", STATUS),
    ):
        assert term.new_english in seen[where, "en"], (where, term)
        assert term.new_thai in seen[where, "th"], (where, term)
    assert KIND.new_thai in seen["list of one's own as amphoe coordinator", "en"]
    assert STATUS.new_thai in seen["list of one's own as amphoe coordinator", "en"]
    assert NEED.new_thai in seen["help_board.export as amphoe coordinator", "en"]
    assert len(seen) > 150
