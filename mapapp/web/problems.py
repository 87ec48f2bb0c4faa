"""The one table that turns errors into answers: RFC 9457 problems for programs, a page in their language for people."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, render_template, request
from flask.globals import request_ctx
from markupsafe import escape
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import HTTPException

from mapapp.core import errors
from mapapp.core import problem_types as types
from mapapp.core.errors import N_
from mapapp.core.problem_types import ProblemType
from mapapp.core.vault import CannotOpen
from mapapp.database import migrate
from mapapp.database.connection_errors import is_away, is_not_there
from mapapp.database.keyring import WrongKeys
from mapapp.lists.tables import MAX_BYTES
from mapapp.web import locked_tables
from mapapp.web.forms import with_language
from mapapp.web.i18n import asked_in, gettext, is_for_programs, language, tell
from mapapp.web.openapi import PROBLEM
from mapapp.web.page_routes import page_of
from mapapp.web.request import config

log = logging.getLogger(__name__)

AGAIN_S = 30
"""Seconds to wait, if it is unknown when the database is back."""

NOTHING: Final[Mapping[str, Any]] = {}

_ADVICE = {
    404: N_("Check the address, or start from the home page."),
    408: N_("Nothing was saved. Send it again where the signal is stronger."),
    413: N_("Make it smaller or split it, and send it again. The limit for a spreadsheet is %(mb)s MB."),
    405: N_("Go back and use the buttons on the page."),
    414: N_("Enter a shorter text, or start from the home page."),
    429: N_("You can continue in about one minute."),
    500: N_("The error was recorded. Try again. If you go back, your answers are still there."),
    503: N_("Your saved data is safe. In an emergency, call 1669."),
}


def _advice(status: int) -> str:
    """What to do about it, in the page's language; empty where there is nothing."""
    advice = _ADVICE.get(status)
    return gettext(advice, mb=MAX_BYTES // 1_000_000) if advice else ""


def init(app: Flask) -> None:
    """Registers the table."""
    app.register_error_handler(errors.DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: errors.DomainError) -> Response:
    fields = error.problems if isinstance(error, errors.Invalid) else []
    if not is_for_programs(request.path):
        step = STEPS.get(error.step if isinstance(error, errors.StepNeeded) else type(error).__name__)
        if step is not None:
            return _first(step)
    wait = error.seconds if isinstance(error, errors.TooMany) else AGAIN_S if error.kind.status == 503 else None
    response = answer(error.kind, tell(error.message), fields, members=error.members, retry_after_s=wait)
    if isinstance(error, errors.NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


STEPS = {"NotSignedIn": "/sign-in", "second_factor": "/sign-in/second-factor", "confirm": "/sign-in/confirm"}
"""Where a person goes first, and comes back from."""


def _first(step: str) -> Response:
    """Leads a person to what is missing; a form that was sent cannot be sent again for them, so they come back to the
    page it is on."""
    back = page_of(request.path)
    if request.method in {"GET", "HEAD"}:
        asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
        back += f"?{urlencode(asked)}" if asked else ""
    asked = [("next", back), *asked_in()]
    return Response(status=303, headers={"Location": f"{step}?{urlencode(asked)}", "Cache-Control": "no-store"})


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect of the router's own
        # It names the host it was asked under, and that is whatever the asker likes.
        there = urlsplit(str(getattr(error, "new_url", "/")))
        path = "/" + there.path.lstrip("/")
        return Response(status=status, headers={"Location": path + (f"?{there.query}" if there.query else "")})
    if status == 405 and request.method in {"GET", "HEAD"} and not is_for_programs(request.path):
        # What a form was sent to, opened: reloaded after an answer, or by the link to the other language.
        return Response(
            status=303, headers={"Location": with_language(page_of(request.path)), "Cache-Control": "no-store"}
        )
    response = plain(status)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    """What no room has a word for: the database that cannot answer, a key that is not here, or a bug of ours."""
    if isinstance(error, CannotOpen):
        log.error("something is sealed with a key that is not here; run mapapp check")
        return _domain(WrongKeys())
    if is_away(error) or (is_not_there(error) and not _is_our_database()):
        return _database(error)
    return _bug(error)


def _is_our_database() -> bool:
    """Whether its tables are those this code works on. While a new version comes in they may be another's for some
    minutes, and what fails then goes well again later."""
    reading: sessionmaker[Session] = current_app.extensions["mapapp_reading"]
    with contextlib.suppress(SQLAlchemyError), reading() as own:
        return migrate.standing(own.connection()).serves
    return True


def _database(error: Exception) -> Response:
    cause = getattr(error, "orig", None) or error
    log.error("database does not answer: %s %s", type(cause).__name__, getattr(cause, "pgcode", None) or "")
    locked_tables.notice(getattr(cause, "pgcode", None))
    return plain(503, AGAIN_S)


def _bug(error: Exception) -> Response:
    # The rule, not the path: an invitation's address is its secret.
    where = request.url_rule or request.path
    log.exception("unexpected error at %s %s", request.method, where, exc_info=error)
    return plain(500)


def refusal(
    app: Flask, status: int, retry_after_s: int | None = None
) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A WSGI answer with this status for a request that is not entered: no view, no database."""

    def refused(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with app.request_context(environ):
            made = app.process_response(plain(status, retry_after_s))
            if status in {400, 408}:  # the rest of its body may still be on its way
                made.headers["Connection"] = "close"
            return made(environ, start_response)

    return refused


def _page(detail: str, fields: Sequence[errors.FieldProblem], status: int) -> str:
    title = gettext(types.of_status(status).title)
    if request_ctx.url_adapter is not None:
        return render_template("error.html", title=title, detail=detail, fields=fields, status=status)
    # The Host header is no host name, so no address can be made, and the page with its links cannot either.
    return f'<!doctype html><html lang="{language()}"><title>{escape(title)}</title><h1>{escape(title)}</h1></html>'


def plain(status: int, retry_after_s: int | None = None) -> Response:
    """The answer where nothing is known but its HTTP status."""
    return answer(
        types.of_status(status), _advice(status), status=status,
        retry_after_s=retry_after_s,
    )  # fmt: skip


def answer(
    kind: ProblemType, detail: str, fields: Sequence[errors.FieldProblem] = (), *, members: Mapping[str, Any] = NOTHING,
    retry_after_s: int | None = None, status: int | None = None,
) -> Response:  # fmt: skip
    """A problem document or an error page, never cached.

    Args:
        kind: its row; a page has the heading that every page of this status has.
        detail: what is to be said of this one time, in the asker's language.
        fields: what is wrong with which field.
        members: what a program is told besides.
        retry_after_s: after how many seconds to come again.
        status: another one than the row's, for those that have no row.
    """
    status = status or kind.status
    if is_for_programs(request.path):
        body: dict[str, Any] = {"type": address(kind), "title": gettext(kind.title), "status": status, **members}
        if detail:
            body["detail"] = detail
        if fields:
            body["errors"] = [{"field": item.field, "detail": tell(item.message)} for item in fields]
        if retry_after_s is not None:
            body["retry_after"] = retry_after_s
        response = Response(json.dumps(body, ensure_ascii=False), status, mimetype=PROBLEM)
    else:
        response = Response(_page(detail, fields, status), status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def address(kind: ProblemType) -> str:
    """The ``type`` of a row's documents: under ``MAPAPP_PUBLIC_URL`` where that is set, else the path alone, which
    whoever gets it resolves against the address they asked (RFC 9457, 3.1.1). Never made from the Host header: it is
    compared, so it must not depend on who asks."""
    return config().public_url + kind.path
