"""A resident's phone, name, landmark and place are put into one request; everything is read as everybody, and what
comes out is searched. Who may see which is written down here once more, by hand.
"""

from __future__ import annotations

import logging
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from mapapp.coverage import service as coverage
from mapapp.help_requests import contacts
from mapapp.help_requests.models import HelpRequest
from tests.architecture.matrix import ACTORS, MATRIX, Row, knock, knock_everywhere, visiting, visitor_of
from tests.architecture.test_canaries import Canary, said
from tests.architecture.things import Things, make_things
from tests.data import small_country
from tests.help_requests.build import VAULT

BUA = Canary("บัวลอย คานารีสาม", "+66891237761", "line: bua.canary", "bua.canary")
"""The one who asks; ``email`` is the other way to reach her, ``user_name`` a part of it."""

LANDMARK = "บ้านไม้สองชั้นหลังคานารีสี่"
PLACE = {"14.05737", "100.03129", "14.0574", "100.0313"}
"""Of her house, as written and rounded to four decimals (11 m)."""

CONTACT = BUA.contacts | {BUA.name}
WHERE = PLACE | {LANDMARK}

IN_SCOPE = {"ministry", "province administrator", "amphoe coordinator", "officer of the tambon"}
"""Officers of tambon 900101 with their papers in order."""

RESIDENT = {"resident with the right link"}
SEES: dict[str, dict[str, set[str]]] = {
    # endpoint → who sees the place, who sees the contact there
    "help_working.page": {"place": {"lease holder"}},
    "help_working.contact": {"place": {"lease holder"}, "contact": {"lease holder"}},
    "help_working.progress": {"place": {"lease holder"}},
    "help_working.claim": {"place": {"lease holder"}},
    "help_working_api.contact": {"place": {"lease holder"}, "contact": {"lease holder"}},
    "help_board.one": {"place": IN_SCOPE},
    "help_resident.mine": {"place": RESIDENT, "contact": RESIDENT},
    "help_resident.data": {"place": RESIDENT, "contact": RESIDENT},
}
"""What is not here shows neither to anybody."""

ROWS: dict[tuple[str, str], Row] = {
    key: row for key, row in MATRIX.items()
    if key[0] != "help_live.stream"  # it never ends
    and (key[1] == "GET" or any(word in row.address + str(row.form) for word in ("{asked}", "{page}")) or row.key)
}  # fmt: skip

WHO = sorted(
    {
        "anonymous", "resident with another's link", "resident with the right link", "unvetted volunteer",
        "volunteer in the area", "volunteer elsewhere", "lease holder", "former holder", "officer of the tambon",
        "officer of another tambon", "coordinator of another amphoe", "province administrator",
        "auditor of the country", "suspended", "role ended", "training run out",
    }
)  # fmt: skip


@pytest.fixture
def things(app: Flask, session: Session) -> Things:
    app.extensions["mapapp_background"] = lambda job: None
    small_country(session)
    coverage.refresh_all(session)
    made = make_things(session)
    bua = session.get_one(HelpRequest, made.values["asked"])
    contacts.keep(VAULT, bua, contacts.Contact(name=BUA.name, phone=BUA.phone, other=BUA.email))
    contacts.keep_landmark(VAULT, bua, LANDMARK)
    bua.point = "SRID=4326;POINT(100.03129 14.05737)"
    session.commit()
    return made


@pytest.mark.parametrize("name", WHO)
def test_who_sees_a_resident(
    app: Flask, session: Session, connection: Connection, things: Things, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    found: list[tuple[str, str]] = []
    with visiting(app, session, connection, things, name) as visitor:
        for (endpoint, method), _row, answer in knock_everywhere(app, session, connection, things, visitor, ROWS):
            at, may, told = f"{endpoint} {method}", SEES.get(endpoint, {}), said(answer)
            assert answer.status_code < 500, (at, answer.text[:300])
            hidden = (set() if name in may.get("place", ()) else WHERE) | (
                set() if name in may.get("contact", ()) else CONTACT
            )
            found += [(at, one) for one in hidden if one in told]
            kept = "no-store" not in answer.headers.get("Cache-Control", "")
            if kept and any(one in told for one in WHERE | CONTACT):
                found.append((at, "is kept in caches"))
    assert not found
    for one in (WHERE | CONTACT) - PLACE | {things.values["page"]}:
        assert one not in caplog.text
        assert quote(one) not in caplog.text


def test_who_may_see_does(app: Flask, session: Session, connection: Connection, things: Things) -> None:
    """Otherwise the search above would find nothing whatever happened."""
    for endpoint, may in SEES.items():
        for method in ("GET", "POST"):
            row = ROWS.get((endpoint, method))
            for name in may.get("place", may.get("contact", set())) if row and row.ok == 200 else ():
                assert row
                session.close()
                connection.exec_driver_sql("SAVEPOINT knock")
                answer = knock(app, visitor_of(app, session, ACTORS[name], things), method, row, things)
                told = said(answer)
                if "place" in may:
                    assert LANDMARK in told, (endpoint, name)
                if "contact" in may:
                    assert any(one in told for one in BUA.contacts), (endpoint, name)
                session.close()
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knock")


def test_the_tables_hold_them_sealed(session: Session, things: Things) -> None:
    tables = ("help_requests", "help_needs", "help_leases", "help_events", "help_links", "audit_log", "submissions")
    kept = "\n".join(
        str(row) for table in tables for row in session.execute(text(f"SELECT to_jsonb(t) FROM {table} AS t"))
    )
    for one in CONTACT | {LANDMARK, things.values["page"]}:
        assert one not in kept, one
