"""The officers' board of requests: its lists, their files, and the number on every officers' page."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, invalid
from mapapp.facilities.console.view_helpers import address, areas_shown
from mapapp.help_requests import labels
from mapapp.help_requests.board import exports, queries
from mapapp.help_requests.board.conditions import Times, matching, order_of
from mapapp.help_requests.board.schemas import BoardQuery, ExportQuery
from mapapp.help_requests.models import HelpReport
from mapapp.help_requests.working import schemas as working_words
from mapapp.help_requests.working.lease_terms import Terms
from mapapp.web.params import Asked, asked, query
from mapapp.web.request import config, now, session

pages = Blueprint("help_board", __name__)

VIEW: Final = "requests.view"
HANDLE: Final = "requests.handle"

ON_PAGE: Final = 50


def waiting(area: str | None = None) -> int:
    """Number of urgent requests without a claim, in all areas of the actor or in one; one statement, once per page."""
    mine = edge.my_areas(VIEW)
    if not mine or (area is not None and not edge.may(VIEW, area)):
        return 0
    known: dict[tuple[str, ...], int] = g.setdefault("requests_waiting", {})
    wanted = mine if area is None else (area,)
    if wanted not in known:
        known[wanted] = queries.waiting(session(), wanted, now())
    return known[wanted]


@pages.get("/officer/requests")
@edge.officer_page(VIEW)
def board() -> ResponseReturnValue:
    """A list of an area's requests; with HX-Request only the list."""
    area, form = edge.my_area(VIEW), asked(BoardQuery)
    wanted = form.value or BoardQuery()
    shows_reports = wanted.tab == "reports" and not wanted.q
    lines = [] if shows_reports else _lines(wanted, area, limit=ON_PAGE + 1)
    more = len(lines) > ON_PAGE
    lines = lines[:ON_PAGE]
    reports = _reports(area) if shows_reports else []
    codes = {line.tambon_code for line in lines} | {report.tambon_code for report in reports}
    choices, names = areas_shown(area, VIEW, codes)
    kept = {"area": area, **wanted.params()}
    last = lines[-1].id if lines else None
    part = _is_fragment()
    made = render_template(
        "help_requests/board/_list.html" if part else "help_requests/board/board.html",
        fragment=part,
        area=area,
        form=form,
        wanted=wanted,
        order=order_of(wanted),
        lines=lines,
        reports=reports,
        counts=queries.counts(session(), area, times()),
        most=queries.MOST_COUNTED,
        next_page=address("help_board.board", kept, {"after": last}) if more else None,
        to=lambda **changes: address("help_board.board", kept, changes),
        old_days=config().ask_after_days,
        choices=choices,
        names=names,
        now=now(),
        **WORDS,
    )
    response = make_response(made, form.status)
    response.vary.add("HX-Request")
    if part:  # requested again after each change in the area
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def times() -> Times:
    """The current moment and the settings of the running service."""
    return Times(now(), config().ask_after_days, Terms.of(config()))


def _is_fragment() -> bool:
    restores = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not restores


def _lines(wanted: BoardQuery, area: str, *, limit: int) -> list[queries.Line]:
    conditions = matching(wanted, area, times())
    return queries.lines(session(), conditions, order_of(wanted), now(), limit=limit, after=wanted.after)


def _reports(area: str) -> list[queries.Report]:
    open_ones = HelpReport.handled_at.is_(None), areas.scope(HelpReport.tambon_code, area)
    return queries.reports(session(), *open_ones, limit=ON_PAGE)


@pages.get("/officer/requests/export")
@edge.officer_page(VIEW)
def export() -> ResponseReturnValue:
    """Exports the list without contact details, as a file; recorded in the audit log."""
    area = edge.my_area(VIEW)
    acting = edge.demand(VIEW, area)
    wanted = query(ExportQuery)
    lines = _lines(wanted.model_copy(update={"after": None}), area, limit=exports.MOST + 1)
    if len(lines) > exports.MOST:
        text = N_("More than %(most)s requests match. Choose a smaller area or narrow the filters.")
        raise invalid("", text, most=f"{exports.MOST:,}")
    codes = {line.tambon_code[:length] for line in lines for length in (2, 4, 6)}
    made = exports.file_of(lines, areas.names(session(), codes), wanted.format)
    edge.on_record("requests.export", "requests", wanted.format, by=acting, area_code=area)
    response = Response(made, mimetype=exports.MIMES[wanted.format])
    name = f"requests-{area}-{now().astimezone(BANGKOK):%Y-%m-%d}.{wanted.format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


WORDS: Final[dict[str, Any]] = {"words": labels, "working_words": working_words}
"""For all templates of the board."""

NOTHING: Final[Asked[Any]] = Asked(None, {})
