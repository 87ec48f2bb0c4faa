"""The officers' pages of the statistics: live, exact, from the country down to the village."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template

from mapapp.accounts import edge
from mapapp.accounts.contacts import place as sealed_place
from mapapp.accounts.labels import ROLES
from mapapp.accounts.people.view_helpers import area_words
from mapapp.areas import queries as areas
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.areas.models import COUNTRY
from mapapp.areas.results import AreaName
from mapapp.core import phones
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, Invalid, NotFound, invalid
from mapapp.core.fields import parse_area_code
from mapapp.statistics import exports, measures, queries, view_helpers
from mapapp.statistics.schemas import Contact, ExportQuery, FiguresQuery, Line
from mapapp.statistics.states import STATE_LABELS, STATE_MEANINGS
from mapapp.statistics.view_helpers import BELOW, LEVELS, VIEW, digits
from mapapp.survey.view_helpers import villages_named
from mapapp.web import page_freshness
from mapapp.web.i18n import here
from mapapp.web.params import asked, query
from mapapp.web.request import now, session

pages = Blueprint("statistics", __name__)

CONTACT: Final = "statistics.contact"

SILENT_ON_PAGE: Final = 12
"""How many areas without any entry a page names; all of them are on the list to call."""

MOST_IN_WORKBOOK: Final = 10_000


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page of this room; nothing of it is kept by a browser."""
    given = {
        "area_words": area_words, "state_labels": STATE_LABELS, "state_meanings": STATE_MEANINGS, "now": now(),
        "level_labels": LEVEL_LABELS,
        **values,
    }  # fmt: skip
    made = make_response(render_template(f"statistics/{name}.html", **given), status)
    made.headers["Cache-Control"] = "no-store"
    return made


@pages.get("/officer/statistics")
@edge.officer_page(VIEW)
def index() -> Response:
    """The figures of the officer's first area."""
    return _area(edge.my_area(VIEW))


@pages.get("/officer/statistics/<code>")
@edge.officer_page(VIEW)
def area(code: str) -> Response:
    """The figures of an area, of each area below it, and of the villages of a tambon."""
    known = _known(code)
    edge.demand(VIEW, known)
    return _area(known)


def _known(code: str) -> str:
    if code == COUNTRY:
        return code
    try:
        return parse_area_code(code)
    except (Invalid, ValueError):
        raise NotFound(N_("There is no area with this code.")) from None


def _area(code: str) -> Response:
    form = asked(FiguresQuery)
    wanted = form.value or FiguresQuery()
    length = BELOW[digits(code)]
    standing = queries.standing(session())
    whole, lines = queries.lines(session(), code, min(length, 6), measures.names())
    if whole.name_th is None and code != COUNTRY and not whole.cells:
        raise NotFound(N_("There is no area with this code."))
    current = view_helpers.current_round(code)
    closed = view_helpers.why_closed(code, current)
    same = page_freshness.unchanged(whole, lines, wanted, closed, standing.is_counting)
    if same is not None:
        return same
    measure, is_by_village = wanted.chosen, length == 8
    shown = view_helpers.villages(code, current, measure) if is_by_village else lines
    names = _names(code, [whole, *lines])
    # Below the province one sees the tambons themselves; above it only how many there are.
    silent = [] if code == COUNTRY or is_by_village else _silent(code, length, lines)
    return page(
        "area",
        form.status,
        form=form, wanted=wanted, area=code, whole=whole, current=current, closed=closed, standing=standing,
        measure=measure, measures=measures.all_measures(), figures=measure.of_group(wanted.part),
        rows=view_helpers.rows(shown, wanted), summary=_summary(whole), names=names | _names(code, silent),
        silent=silent[:SILENT_ON_PAGE], silent_count=len(silent), is_by_village=is_by_village,
        villages=villages_named([one.code for one in shown]) if is_by_village else {},
        level=None if is_by_village else LEVELS[length], crumbs=_crumbs(code),
        state=None if is_by_village else view_helpers.map_state(code, *_painted(code, length, lines, wanted), wanted),
        may_call=edge.may(CONTACT, code), levels=[name for size, name in LEVELS.items() if size >= min(length, 6)],
    )  # fmt: skip


def _painted(code: str, length: int, lines: list[Line], wanted: FiguresQuery) -> tuple[list[Line], str]:
    """The areas that the map paints, and their level: those of the table, or smaller ones."""
    finer = 0 if wanted.by is None else queries.LENGTHS[wanted.by]
    if finer <= length:
        return lines, LEVELS[length]
    needed = {wanted.measure, "vaccination", "completeness"}
    return queries.lines(session(), code, finer, needed)[1], LEVELS[finer]


def _names(code: str, lines: list[Line]) -> dict[str, AreaName]:
    own = {
        line.code: AreaName(line.code, LEVELS[len(line.code)], line.name_th, line.name_en or line.name_th)
        for line in lines
        if line.name_th is not None and line.code != COUNTRY
    }
    return areas.with_parents(session(), {code} - {COUNTRY}) | own


def _silent(code: str, length: int, lines: list[Line]) -> list[Line]:
    """The tambons in an area in which nothing was entered at all."""
    tambons = lines if length == 6 else queries.lines(session(), code, 6, ["completeness"])[1]
    measure = measures.get("completeness")
    return [line for line in tambons if view_helpers.is_silent(line, measure) and line.name_th is not None]


def _summary(whole: Line) -> list[dict[str, Any]]:
    """Each measure's own figures of the area, with what they are and where the rows behind them are."""
    made = []
    for measure in measures.all_measures():
        part = FiguresQuery(measure=measure.key).part
        figures = [
            {"label": one.label, "cell": view_helpers.cell_of(whole, measure, one)} for one in measure.of_group(part)
        ]
        made.append({"measure": measure, "part": part, "figures": figures, "rows": measure.rows(whole.code)})
    return made


def _crumbs(code: str) -> list[str]:
    """The areas above one that the reader may see, the widest first."""
    above = [COUNTRY, *(code[:length] for length in (2, 4) if length < digits(code))] if code != COUNTRY else []
    return [one for one in above if edge.may(VIEW, one)]


@pages.get("/officer/statistics/<code>/to-call")
@edge.officer_page(CONTACT)
def to_call(code: str) -> Response:
    """Where nothing was entered, with the people who answer for it and their numbers. The view is recorded in the audit
    log before it is shown."""
    known = _known(code)
    acting = edge.demand(CONTACT, known)
    length = BELOW[digits(known)]
    whole, lines = queries.lines(session(), known, min(length, 6), ["completeness"])
    silent = _silent(known, length, lines) if length < 8 else [whole]
    codes = {line.code[:size] for line in silent for size in (2, 4, 6)}
    found = queries.contacts(session(), codes, now())
    same = page_freshness.unchanged(silent, found)
    if same is not None:
        return same
    edge.on_record("statistics.contact", "area", known, by=acting, area_code=known)
    people = [(one, _phone(one)) for one in found]
    return page(
        "to_call",
        area=known, silent=silent, names=areas.with_parents(session(), codes | ({known} - {COUNTRY})), roles=ROLES,
        people={code: [one for one in people if one[0].area_code == code] for code in codes}, spoken=phones.spoken,
    )  # fmt: skip


def _phone(one: Contact) -> str | None:
    if one.phone_sealed is None:
        return None
    return edge.vault().open(one.phone_sealed, **sealed_place("phone_sealed", one.person_id))


@pages.get("/officer/statistics/<code>/export")
@edge.officer_page(VIEW)
def export(code: str) -> Response:
    """A measure as CSV or for a spreadsheet, with or without HXL tags; recorded in the audit log."""
    known = _known(code)
    acting = edge.demand(VIEW, known)
    wanted = query(ExportQuery)
    level = wanted.level or LEVELS[min(BELOW[digits(known)], 6)]
    measure = wanted.chosen
    figures = [one for one in measure.figures.values() if one.is_shown and wanted.group in (None, one.group)]
    needed = {measure.key, "vaccination", "completeness"}
    whole, lines = queries.lines(session(), known, queries.LENGTHS[level], needed)
    if wanted.format == "xlsx" and len(lines) > MOST_IN_WORKBOOK:
        raise invalid("format", N_("This is too much for an Excel file. Choose a smaller area, or CSV."))
    names = _names(known, [whole, *lines]) | areas.with_parents(session(), {line.code[:4] for line in lines})
    rows = [
        exports.row(line.code, names, [measure.shown(one.key, line.of(measure.key), line.of) for one in figures])
        for line in [*lines, whole]
    ]
    as_of = queries.standing(session()).as_of
    tops = exports.heads(measure, figures, here(), hxl=wanted.hxl)
    body, mimetype = exports.made(wanted.format, tops, rows, measure, as_of, here())
    edge.on_record("statistics.export", "area", known, by=acting, area_code=known)
    response = Response(body, mimetype=mimetype)
    tagged = "-hxl" if wanted.hxl else ""
    name = f"statistics-{measure.key}-{known}-{level}-{now().astimezone(BANGKOK):%Y-%m-%d}{tagged}.{wanted.format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
