"""The table that turns errors into answers: RFC 9457 problems for programs, a page in their language for people."""

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
"""Retry-After in seconds, if it is unknown when the database will be available."""

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
    """What the person can do, in the page's language; empty if there is nothing."""
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
"""Steps of sign-in → the page on which the person completes the step and from which they return."""


def _first(step: str) -> Response:
    """Redirects to the missing step of sign-in. A form cannot be sent again automatically, so the person returns to its
    page."""
    back = page_of(request.path)
    if request.method in {"GET", "HEAD"}:
        asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
        back += f"?{urlencode(asked)}" if asked else ""
    asked = [("next", back), *asked_in()]
    return Response(status=303, headers={"Location": f"{step}?{urlencode(asked)}", "Cache-Control": "no-store"})


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect of the router
        # The text contains the requested host, which the client can choose.
        there = urlsplit(str(getattr(error, "new_url", "/")))
        path = "/" + there.path.lstrip("/")
        return Response(status=status, headers={"Location": path + (f"?{there.query}" if there.query else "")})
    if status == 405 and request.method in {"GET", "HEAD"} and not is_for_programs(request.path):
        # An address that only receives forms was opened: by a reload, or by the link to the other language.
        return Response(
            status=303, headers={"Location": with_language(page_of(request.path)), "Cache-Control": "no-store"}
        )
    response = plain(status)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    """Errors that no room handles: the database cannot answer, a key is missing, or an error in the code."""
    if isinstance(error, CannotOpen):
        log.error("something is sealed with a key that is not here; run mapapp check")
        return _domain(WrongKeys())
    if is_away(error) or (is_not_there(error) and not _is_our_database()):
        return _database(error)
    return _bug(error)


def _is_our_database() -> bool:
    """Whether the database has the tables of this code. During an upgrade they can differ for some minutes, and errors
    then are temporary."""
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
    # The rule, not the path: the path of an invitation is its secret.
    where = request.url_rule or request.path
    log.exception("unexpected error at %s %s", request.method, where, exc_info=error)
    return plain(500)


def refusal(
    app: Flask, status: int, retry_after_s: int | None = None
) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A WSGI answer with this status, without calling a view or the database."""

    def refused(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with app.request_context(environ):
            made = app.process_response(plain(status, retry_after_s))
            if status in {400, 408}:  # the rest of its body may still be coming
                made.headers["Connection"] = "close"
            return made(environ, start_response)

    return refused


def _page(detail: str, fields: Sequence[errors.FieldProblem], status: int) -> str:
    title = gettext(types.of_status(status).title)
    if request_ctx.url_adapter is not None:
        return render_template("error.html", title=title, detail=detail, fields=fields, status=status)
    # The Host header is not a host name, so no address can be made, and no page with links.
    return f'<!doctype html><html lang="{language()}"><title>{escape(title)}</title><h1>{escape(title)}</h1></html>'


def plain(status: int, retry_after_s: int | None = None) -> Response:
    """The answer if nothing but the HTTP status is known."""
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
        kind: its row; a page has the heading of its status.
        detail: the text about this occurrence, in the language of the request.
        fields: the problems of fields.
        members: additional members for programs.
        retry_after_s: seconds after which to try again.
        status: another status than the row's, for those that have no row.
    """
    status = status or kind.status
    if is_for_programs(request.path):
        body = _document(kind, detail, fields, members, status)
        if retry_after_s is not None:
            body["retry_after"] = retry_after_s
        response = Response(json.dumps(body, ensure_ascii=False), status, mimetype=PROBLEM)
    else:
        response = Response(_page(detail, fields, status), status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _document(
    kind: ProblemType, detail: str, fields: Sequence[errors.FieldProblem], members: Mapping[str, Any], status: int
) -> dict[str, Any]:
    body: dict[str, Any] = {"type": address(kind), "title": gettext(kind.title), "status": status, **members}
    if detail:
        body["detail"] = detail
    if fields:
        body["errors"] = [{"field": item.field, "detail": tell(item.message)} for item in fields]
    return body


def document(error: errors.DomainError) -> dict[str, Any]:
    """The problem document of one part of a request whose other parts succeeded."""
    fields = error.problems if isinstance(error, errors.Invalid) else ()
    return _document(error.kind, tell(error.message), fields, error.members, error.kind.status)


def address(kind: ProblemType) -> str:
    """The ``type`` of problem documents: under ``MAPAPP_PUBLIC_URL`` if that is set, otherwise only the path, which is
    relative to the requested address (RFC 9457, 3.1.1). It never depends on the Host header: programs compare it."""
    return config().public_url + kind.path
