"""Under a master key that is not this database's nothing at all is written, whoever asks for whatever, by any route."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.coverage import service as coverage
from tests.architecture.matrix import ACTORS, MATRIX, knock, visitor_of
from tests.architecture.things import make_things
from tests.data import small_country
from tests.database.test_keyring import kept, lose_keys

WHO = (
    "resident with the right link",
    "officer of the tambon",
    "lease holder",
    "unvetted volunteer",
    "program of the tambon, for pins",
)


@pytest.mark.parametrize("name", WHO)
def test_nobody_leaves_anything_behind_under_a_wrong_key(
    app: Flask, session: Session, clock: dict[str, datetime], name: str
) -> None:
    small_country(session)
    coverage.refresh_all(session)
    things = make_things(session)
    visitor = visitor_of(app, session, ACTORS[name], things)
    things.values["page"] = things.values[ACTORS[name].page]
    lose_keys(app, session)
    before = kept(session)
    session.rollback()
    for (endpoint, method), row in sorted(MATRIX.items()):
        clock["now"] += timedelta(seconds=10)  # long enough, all together, for “last used” to be due
        app.extensions["mapapp_keys"].until = float("-inf")
        if row.gives_key or method not in {"GET", "POST"}:
            continue
        answer = knock(app, visitor, method, row, things)
        assert answer.status_code < 500 or answer.status_code == 503, endpoint
    after = kept(session)
    assert [table for table in before if before[table] != after[table]] == []
