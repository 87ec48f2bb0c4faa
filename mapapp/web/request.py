"""One database session for each request, the clock, and where the edge commits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session, sessionmaker

from mapapp.core.config import Config
from mapapp.database.connection_errors import is_away
from mapapp.database.server_time import Clock

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init(app: Flask, config: Config, writing: sessionmaker[Session], reading: sessionmaker[Session]) -> None:
    """Gives the application its settings and its sessions: ``reading`` ones for GET, in autocommit."""
    app.extensions["mapapp_config"] = config
    app.extensions["mapapp_writing"] = writing
    app.extensions["mapapp_reading"] = reading
    app.extensions["mapapp_clock"] = Clock(reading)
    app.teardown_request(_close)


def commit_first(app: Flask) -> None:
    """Commits before anything else is done to an answer: whatever is put in its place gets its headers, too.

    To be called after everybody who looks at answers: Flask asks the last one first.
    """
    app.after_request(_commit)


def config() -> Config:
    """The settings of the running application."""
    made: Config = current_app.extensions["mapapp_config"]
    return made


def session() -> Session:
    """The request's session, opened at the first call.

    A read needs no transaction around it, so GET runs in autocommit.
    """
    made: Session | None = g.get("session")
    if made is None:
        name = "mapapp_reading" if request.method in SAFE_METHODS else "mapapp_writing"
        factory: sessionmaker[Session] = current_app.extensions[name]
        made = g.session = factory()
        made.info["tambon_reach_m"] = config().tambon_reach_m
        made.info["reads"] = request.method in SAFE_METHODS  # it is not committed, so callers must not rely on it
    return made


def now() -> datetime:
    """The time of this request by the database's clock, the same wherever it is asked.

    Tests set ``app.extensions["mapapp_clock"]``.
    """
    moment: datetime | None = g.get("now")
    if moment is None:
        moment = g.now = clock()()
    return moment


def clock() -> Callable[[], datetime]:
    """The time, for what outlives the request."""
    made: Callable[[], datetime] = current_app.extensions["mapapp_clock"]
    return made


def _commit(response: Response) -> Response:
    made: Session | None = g.get("session")
    if made is not None and request.method not in SAFE_METHODS and response.status_code < 400:
        try:
            made.commit()
        except Exception as error:
            if not is_away(error):
                raise
            # The database went away in this very moment. Flask would answer 500 to whatever fails here; this is 503,
            # and whoever sends it again under the same key is told what became of it.
            return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _close(_error: BaseException | None) -> None:
    made: Session | None = g.pop("session", None)
    if made is not None:
        try:
            made.close()
        except Exception as error:
            if not is_away(error):
                raise
            made.invalidate()  # nothing is left to be undone, and the answer must still go out
