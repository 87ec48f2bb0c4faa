"""The database goes away in the middle of a request: 503 and nothing else, whenever it happens."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from tests.data import small_country
from tests.people import appoint, browser

GONE = Exception("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("method", "error"),
    [("commit", OperationalError("COMMIT", None, GONE)), ("close", InterfaceError("ROLLBACK", None, GONE))],
    ids=["at the commit", "at the end"],
)
def test_the_answer_still_goes_out(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    small_country(session)
    visitor = browser(app, session, appoint(session, "tambon_officer", "900101"))

    def fails(_session: Session) -> None:
        raise error

    with monkeypatch.context() as gone:
        gone.setattr(Session, method, fails)
        answer = visitor.post("/account", {"name": "ชื่อใหม่", "language": "th"})
    assert answer.status_code == (503 if method == "commit" else 303)
    assert "no-store" in answer.headers["Cache-Control"]
