"""The database session of a request, its time, and the commit."""

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
    """Stores the settings and the session factories in the application; GET uses the ``reading`` one, in autocommit."""
    app.extensions["mapapp_config"] = config
    app.extensions["mapapp_writing"] = writing
    app.extensions["mapapp_reading"] = reading
    app.extensions["mapapp_clock"] = Clock(reading)
    app.teardown_request(_close)


def commit_first(app: Flask) -> None:
    """Commits before other functions change the answer: if the commit fails, its error page gets their headers, too.

    Call it after all other registrations of ``after_request``: Flask calls the last one first.
    """
    app.after_request(_commit)


def config() -> Config:
    """The settings of the running application."""
    made: Config = current_app.extensions["mapapp_config"]
    return made


def session() -> Session:
    """The session of this request, opened at the first call.

    A read needs no transaction, so GET runs in autocommit.
    """
    made: Session | None = g.get("session")
    if made is None:
        name = "mapapp_reading" if request.method in SAFE_METHODS else "mapapp_writing"
        factory: sessionmaker[Session] = current_app.extensions[name]
        made = g.session = factory()
        made.info["tambon_reach_m"] = config().tambon_reach_m
        made.info["reads"] = request.method in SAFE_METHODS  # never committed, so callers must not write
    return made


def now() -> datetime:
    """The time of this request by the database's clock, the same for all calls.

    Tests set ``app.extensions["mapapp_clock"]``.
    """
    moment: datetime | None = g.get("now")
    if moment is None:
        moment = g.now = clock()()
    return moment


def clock() -> Callable[[], datetime]:
    """Returns the current time, for work that continues after the request."""
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
            # The database became unavailable at this moment. Flask would answer 500 to any error here; this is 503, and
            # a client that repeats the request with the same key gets its result.
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
            made.invalidate()  # there is nothing to roll back, and the answer must still be sent
