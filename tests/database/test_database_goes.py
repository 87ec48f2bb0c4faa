"""The database goes away in the middle of a request: 503 and nothing else, whenever it happens."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from tests.data import small_country
from tests.people import appoint, browser

GONE = Exception("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("commit", OperationalError("COMMIT", None, GONE)),
        ("commit", DatabaseError("COMMIT", None, GONE, connection_invalidated=True)),
        ("flush", DatabaseError("INSERT", None, GONE, connection_invalidated=True)),
        ("close", InterfaceError("ROLLBACK", None, GONE)),
    ],
    ids=["at the commit", "unnamed, at the commit", "unnamed, at a statement", "at the end"],
)
def test_the_answer_still_goes_out(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    small_country(session)
    visitor = browser(app, session, appoint(session, "tambon_officer", "900101"))

    def fails(_session: Session, *_more: object) -> None:
        raise error

    with monkeypatch.context() as gone:
        gone.setattr(Session, method, fails)
        answer = visitor.post("/account", {"name": "ชื่อใหม่", "language": "th"})
    assert answer.status_code == (303 if method == "close" else 503)
    assert "no-store" in answer.headers["Cache-Control"]
