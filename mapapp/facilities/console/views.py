"""Pages of the officers' console."""

from __future__ import annotations

import math
from typing import Any, Final

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, Invalid, invalid
from mapapp.facilities import features
from mapapp.facilities.by_province import by_province
from mapapp.facilities.console import exports, queries, service, view_helpers
from mapapp.facilities.console.query_params import BulkForm, ConsoleQuery, ExportQuery, Filters, StaleQuery, UndoForm
from mapapp.facilities.console.view_helpers import EDIT, VIEW, address, lifetimes
from mapapp.web import forms, page_freshness
from mapapp.web.params import Asked, asked, query
from mapapp.web.request import now, session

pages = Blueprint("console", __name__)

ON_PAGE: Final = 50
IN_QUEUE: Final = 10


def _is_fragment() -> bool:
    wanted = request.headers.get("HX-Request") == "true"
    return wanted and request.headers.get("HX-History-Restore-Request") != "true"


def _shown(template: str, fragment: str, form_status: int, **values: Any) -> Response:
    """The page, or the part of it that htmx swaps in."""
    part = _is_fragment()
    made = render_template(fragment if part else template, fragment=part, now=now(), **view_helpers.WORDS, **values)
    response = make_response(made, form_status)
    response.vary.add("HX-Request")
    return response


# Home -----------------------------------------------------------------------------------------------------------


@pages.get("/officer")
@edge.officer_page(VIEW)
def home() -> ResponseReturnValue:
    """Where officers land: what waits in their area."""
    area = edge.my_area(VIEW)
    todo = queries.to_do(session(), area, edge.actor().person_id, lifetimes(), now())
    same = page_freshness.unchanged(todo, page_freshness.waiting(area))
    if same is not None:
        return same
    choices, names = view_helpers.areas_shown(area, VIEW, set())
    own = {code: names.get(code) for code in edge.my_areas(VIEW)}
    return render_template("facilities/console/home.html", area=area, todo=todo, own=own, choices=choices, names=names)


# The table ------------------------------------------------------------------------------------------------------


@pages.get("/officer/facilities")
@edge.officer_page(VIEW)
def table() -> ResponseReturnValue:
    """The pins of an area, filtered, sorted, page by page; with HX-Request only the table."""
    return _table(edge.my_area(VIEW), asked(ConsoleQuery), Asked(None, {}))


def _table(area: str, form: Asked[ConsoleQuery], bulk: Asked[BulkForm]) -> Response:
    wanted = form.value or ConsoleQuery()
    conditions = queries.matching(wanted, area, lifetimes(), now())
    total = queries.total(session(), conditions)
    last = max(math.ceil(total / ON_PAGE), 1)
    page = min(wanted.page, last)
    by = queries.order(wanted.sort)
    lines = queries.lines(session(), conditions, by, limit=ON_PAGE, offset=(page - 1) * ON_PAGE)
    where = {"sort": wanted.sort, "page": page if page > 1 else None, "area": area}
    same = page_freshness.unchanged(lines, total, at=address("console.table", wanted.params(), where))
    if same is not None:
        return same
    choices, names = view_helpers.areas_shown(area, VIEW, view_helpers.tambons_of(lines))
    rows = view_helpers.rows(lines, names)
    kept = wanted.params() | {"area": area}
    return _shown(
        "facilities/console/table.html",
        "facilities/console/_table.html",
        max(form.status, bulk.status),
        area=area,
        form=form,
        wanted=wanted,
        bulk=bulk,
        picked=set(bulk.typed.get("pick", "").split("\n")),
        rows=rows,
        total=total,
        first=(page - 1) * ON_PAGE + 1,
        page=page,
        last=last,
        kept=kept,
        to=lambda **changes: address("console.table", kept, {"sort": wanted.sort, **changes}),
        pager_to=lambda number: address("console.table", kept, {"sort": wanted.sort, "page": number}),
        address=address,
        choices=choices,
        did=view_helpers.did(area),
        can_edit=any(row.may_edit for row in rows),
        most_dots=view_helpers.MOST_DOTS,
        seen=now().isoformat(),
        most=service.MOST,
    )


@pages.get("/officer/facilities/pins")
@edge.officer_page(VIEW)
def pins() -> ResponseReturnValue:
    """The same pins as small arrays, for the page to hand to its map: id, lon, lat, kind, status, stale, name; and all
    of them counted by province."""
    area = edge.my_area(VIEW)
    conditions = queries.matching(query(Filters), area, lifetimes(), now())
    found = queries.dots(session(), conditions, lifetimes(), now(), limit=view_helpers.MOST_DOTS)
    provinces = [features.province(one) for one in by_province(session(), conditions)]
    return jsonify({**view_helpers.dots(found), "provinces": provinces})


@pages.post("/officer/facilities/bulk")
@edge.officer_page(EDIT)
def bulk() -> ResponseReturnValue:
    """Does the same to all chosen rows, each asked for by its own tambon."""
    area, wanted, form = edge.my_area(VIEW), asked(ConsoleQuery), forms.posted(BulkForm)
    filters = wanted.value
    done = None if filters is None else _done(form, queries.matching(filters, area, lifetimes(), now()))
    if filters is None or done is None:
        return _table(area, wanted, form)
    where = {"sort": filters.sort, "page": filters.page, "area": area}
    return forms.done(address("console.table", filters.params(), where, view_helpers.after(done)))


def _done(form: Asked[BulkForm], conditions: queries.Conditions) -> service.Done | None:
    """Runs the form's action; returns None if the form has errors, which are then in ``form``."""
    order = form.value
    if order is None:
        return None
    forms.once()
    try:
        picked, changed = service.rows(session(), order, conditions)
        done = service.bulk(session(), edge.actor(), picked, order, now())
    except Invalid as error:
        forms.problem(form, error)
        return None
    done.changed += changed
    return done


@pages.post("/officer/facilities/undo")
@edge.officer_page(EDIT)
def undo() -> ResponseReturnValue:
    """Takes an action back as a whole, and returns to the page it was done on (``?next=``)."""
    form = forms.posted(UndoForm)
    if form.value is None:
        raise invalid("", N_("This form is too old. Reload the page and send it again."))
    forms.once()
    done = service.undo(session(), edge.actor(), form.value.first, form.value.last, now())
    back = forms.own_path(request.args.get("next"), address("console.table"))
    return forms.done(view_helpers.added(back, view_helpers.after(done)))


# To check -------------------------------------------------------------------------------------------------------


@pages.get("/officer/facilities/stale")
@edge.officer_page(EDIT)
def stale() -> ResponseReturnValue:
    """What to check first, one tap each; with HX-Request only the queue."""
    return _stale(edge.my_area(EDIT), asked(StaleQuery), Asked(None, {}))


@pages.post("/officer/facilities/stale")
@edge.officer_page(EDIT)
def check() -> ResponseReturnValue:
    """“Still right”, or closed, from the queue; stays on the page."""
    area, wanted, form = edge.my_area(EDIT), asked(StaleQuery), forms.posted(BulkForm)
    done = _done(form, queries.to_check(area, lifetimes(), now()))
    if done is None:
        return _stale(area, wanted, form)
    page = wanted.value.page if wanted.value and wanted.value.page > 1 else None
    return forms.done(address("console.stale", {"area": area, "page": page}, view_helpers.after(done)))


def _stale(area: str, form: Asked[StaleQuery], bulk: Asked[BulkForm]) -> Response:
    conditions = queries.to_check(area, lifetimes(), now())
    total = queries.total(session(), conditions)
    last = max(math.ceil(total / IN_QUEUE), 1)
    page = min(form.value.page if form.value else 1, last)
    offset = (page - 1) * IN_QUEUE
    lines = queries.stale_queue(session(), area, lifetimes(), now(), limit=IN_QUEUE, offset=offset)
    here = address("console.stale", {"area": area, "page": page if page > 1 else None})
    same = page_freshness.unchanged(lines, total, at=here)
    if same is not None:
        return same
    choices, names = view_helpers.areas_shown(area, EDIT, view_helpers.tambons_of(lines))
    return _shown(
        "facilities/console/stale.html",
        "facilities/console/_stale.html",
        max(form.status, bulk.status),
        area=area,
        form=form,
        bulk=bulk,
        picked=set(bulk.typed.get("pick", "").split("\n")),
        rows=view_helpers.rows(lines, names),
        total=total,
        page=page,
        last=last,
        choices=choices,
        did=view_helpers.did(area),
        address=address,
        pager_to=lambda number: address("console.stale", {"area": area, "page": number}),
    )


# Files ----------------------------------------------------------------------------------------------------------


@pages.get("/officer/facilities/export")
@edge.officer_page("facilities.export")
def export() -> ResponseReturnValue:
    """Exports the current view as a file; recorded in the audit log."""
    area = edge.my_area("facilities.export")
    acting = edge.demand("facilities.export", area)
    wanted = query(ExportQuery)
    conditions = queries.matching(wanted, area, lifetimes(), now())
    ids = queries.ids(session(), conditions, queries.order(wanted.sort), limit=exports.MOST + 1)
    if len(ids) > exports.MOST:
        text = N_("More than %(most)s facilities match. Choose a smaller area or narrow the filters.")
        raise invalid("", text, most=f"{exports.MOST:,}")
    edge.on_record("facilities.export", "facilities", wanted.format, by=acting, area_code=area)
    made = exports.write(session(), ids, wanted.format, lifetimes(), now())
    name = f"facilities-{area}-{now().astimezone(BANGKOK):%Y-%m-%d}.{wanted.format}"
    response = Response(exports.chunks(made), mimetype=exports.MIMETYPES[wanted.format])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
