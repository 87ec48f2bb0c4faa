"""A person's name and phone number are put into one follow-up; the survey is read as everybody, and what comes out is
searched. Who may see which is written down here once more, by hand."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from mapapp.coverage import service as coverage
from mapapp.help_requests import contacts
from mapapp.survey.followups.models import FollowUp
from tests.architecture.matrix import MATRIX, Row, knock_everywhere, visiting
from tests.architecture.test_canaries import Canary, said
from tests.architecture.things import Things, make_things
from tests.data import small_country
from tests.help_requests.build import VAULT

BUA = Canary("บัวหลวง คานารีห้า", "+66891237771", "line: bua.five", "bua.five")
SECRETS = BUA.contacts | {BUA.name}

IN_SCOPE = {"ministry", "province administrator", "amphoe coordinator", "officer of the tambon"}
"""Officers of tambon 900101 with their papers in order."""

SEES = {("survey_followups.act", "POST"): IN_SCOPE, ("survey_followups_api.contact", "POST"): IN_SCOPE}
"""Route → who is shown the person there, for a reason. What is not here shows nobody."""

AROUND = ("survey_", "help_board", "audit_pages")
ROWS: dict[tuple[str, str], Row] = {key: row for key, row in MATRIX.items() if key[0].startswith(AROUND)}

WHO = sorted(
    {
        "anonymous", "unvetted volunteer", "volunteer in the area", "data volunteer", "ministry",
        "province administrator", "administrator of another province", "amphoe coordinator",
        "coordinator of another amphoe", "officer of the tambon", "officer of another tambon",
        "auditor of the country", "suspended", "role ended", "without confidentiality agreement", "training run out",
        "without second factor", "program of the tambon, for the survey",
        "program of the tambon, for its own follow-ups",
    }
)  # fmt: skip


@pytest.fixture
def things(app: Flask, session: Session) -> Things:
    app.extensions["mapapp_background"] = lambda job: None
    small_country(session)
    coverage.refresh_all(session)
    made = make_things(session)
    row = session.scalars(select(FollowUp)).one()
    contact = contacts.Contact(name=BUA.name, phone=BUA.phone, other=BUA.email)
    row.contact_sealed = contacts.seal(VAULT, contact, table="survey_follow_ups", record=row.id)
    session.commit()
    return made


@pytest.mark.parametrize("name", WHO)
def test_who_sees_the_person_of_a_follow_up(
    app: Flask, session: Session, connection: Connection, things: Things, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    found: list[str] = []
    with visiting(app, session, connection, things, name) as visitor:
        for (endpoint, method), _row, answer in knock_everywhere(app, session, connection, things, visitor, ROWS):
            told = said(answer)
            assert answer.status_code < 500, (endpoint, answer.text[:300])
            shown = {one for one in SECRETS if one in told}
            if name in SEES.get((endpoint, method), ()):
                assert {BUA.name, BUA.email} <= shown, (endpoint, "shows it to those who may see it")
                assert "no-store" in answer.headers["Cache-Control"]
            elif shown:
                found.append(f"{endpoint} {method}: {shown}")
    assert not found
    assert [one for one in SECRETS if one in caplog.text] == []


def test_the_tables_hold_the_person_sealed(session: Session, things: Things) -> None:
    names = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 's%'"))
    for table in [*names, "audit_log"]:
        kept = "\n".join(str(row) for row in session.execute(text(f"SELECT to_jsonb(t) FROM {table} AS t")))
        assert [one for one in SECRETS if one in kept] == [], table
