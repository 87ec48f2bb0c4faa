"""The officers' pages of the survey: the figures of an area, worst first, what waits for a decision, and the file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, g

from mapapp.accounts import edge
from mapapp.areas import origins
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.areas.outlines import outlines
from mapapp.areas.results import AreaName, AreaRow
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, NotFound, invalid
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.deciding import queries as deciding
from mapapp.survey.overview import exports, painting, queries
from mapapp.survey.overview.schemas import ExportQuery, Line, OverviewQuery
from mapapp.survey.overview.view_helpers import VIEW, map_state, reading, round_of, villages_of
from mapapp.survey.reference import contradictions
from mapapp.survey.reference import queries as reference
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.view_helpers import household_words, page, villages_named
from mapapp.web import page_freshness
from mapapp.web.i18n import here
from mapapp.web.params import asked, query
from mapapp.web.request import config, now, session

pages = Blueprint("survey_overview", __name__)

MANAGE: Final = "survey.manage"

SILENT: Final = timedelta(days=7)
"""Who has sent nothing for so long is named."""

ON_PAGE: Final = 50

MOST_IN_WORKBOOK: Final = 10_000
"""Villages in an Excel file, six rows each: no more, because a workbook is written in memory and takes its time."""

MAP_BYTES: Final = 20_000_000
"""For the boundaries in a GeoJSON file: those of the whole country are no finer than this allows."""


def waiting(area: str | None = None) -> int:
    """How many records wait for the one who asks, in all their areas or in one."""
    return sum(_waiting(area))


def twice(area: str | None = None) -> int:
    """How many of them were recorded twice."""
    return _waiting(area)[0]


def late(area: str | None = None) -> int:
    """How many of them came late or from elsewhere."""
    return _waiting(area)[1]


def untouched(area: str | None = None) -> int:
    """In how many villages of an area nothing was recorded yet, in the surveys that are open; 0 without an area, and
    for the country, where nobody goes to a village."""
    if area in (None, COUNTRY) or not edge.may(MANAGE, area):
        return 0
    assert area is not None
    known: dict[str, int] = g.setdefault("survey_untouched", {})
    if area not in known:
        known[area] = queries.untouched(session(), area)
    return known[area]


def _waiting(area: str | None) -> tuple[int, int]:
    """One statement, once for a page."""
    mine = edge.my_areas(MANAGE)
    if not mine or (area is not None and not edge.may(MANAGE, area)):
        return 0, 0
    known: dict[tuple[str, ...], tuple[int, int]] = g.setdefault("survey_waiting", {})
    wanted = tuple(mine) if area is None else (area,)
    if wanted not in known:
        known[wanted] = deciding.waiting(session(), wanted)
    return known[wanted]


@pages.get("/officer/survey")
@edge.officer_page(VIEW)
def index() -> Response:
    """The figures of an area: its villages, or the areas below it, with the worst first; its tambons on a map."""
    read = reading()
    area, chosen, lines = read.area, read.round, read.shown.lines
    senders = [] if chosen is None else assigning.senders(session(), chosen.id, area)
    official = reference.newest(session(), area)
    same = page_freshness.unchanged(read.rounds, chosen, lines, senders, official, read.wanted)
    if same is not None:
        return same
    choices, _names = areas_shown(area, VIEW, set())
    registered = _registered(area, is_by_village=read.shown.is_by_village)
    endings = [] if chosen is None else [one for one in rounds.endings(session(), chosen.id) if one.covers(area)]
    villages = villages_of(lines)
    return page(
        "overview",
        read.form.status,
        form=read.form, wanted=read.wanted, area=area, choices=choices, rounds=read.rounds, round=chosen,
        endings=endings, lines=sorted(lines, key=lambda line: queries.worst_first(line, read.wanted.group)),
        whole=read.shown.whole, by_village=read.shown.is_by_village, registered=registered,
        names=_names_of(area, [*lines, *registered, *official]), villages=villages, official=official,
        tambons=sorted(read.shown.painted, key=lambda line: line.code) if read.shown.is_by_village else [],
        silent=[one for one in senders if _is_silent(one.last_at)], senders=senders, figures=painting.FIGURES,
        contradictions=contradictions.KINDS, state=None if chosen is None else map_state(read, villages),
    )  # fmt: skip


def _is_silent(last_at: Any) -> bool:
    return last_at is None or now() - last_at > SILENT


def _registered(area: str, *, is_by_village: bool) -> dict[str, AreaRow]:
    """The registered population of the area, of the areas below, or of the tambons of its villages."""
    level = "tambon" if is_by_village else "province" if area == COUNTRY else "amphoe"
    rows = areas.listed(session(), level=level, within=None if area == COUNTRY else area, limit=400)
    found = {row.code: row for row in rows}
    if area != COUNTRY and area not in found:
        found[area] = areas.get(session(), area)
    return found


def _names_of(area: str, of: Iterable[Line | str]) -> dict[str, AreaName]:
    codes = {one if isinstance(one, str) else one.code for one in of}
    return areas.with_parents(session(), {area, *(code[:6] for code in codes)})


@pages.get("/officer/survey/waiting")
@edge.officer_page(MANAGE)
def undecided() -> Response:
    """Records that do not count yet: recorded twice, or come late, with what can be decided. Those of every survey, as
    the menu counts them, unless one is asked for."""
    form = asked(OverviewQuery)
    wanted = form.value or OverviewQuery()
    area = edge.my_area(MANAGE)
    found = [one for one in view_helpers.rounds_of(MANAGE) if one.opened_at is not None]
    chosen = None if wanted.round is None else round_of(wanted.round, found, area)
    only = None if chosen is None else chosen.id
    rows = deciding.listed(session(), area, round_id=only, after=wanted.after or 0, limit=ON_PAGE + 1)
    same = page_freshness.unchanged(found, chosen, rows)
    if same is not None:
        return same
    choices, _names = areas_shown(area, MANAGE, set())
    codes = {row.entry.village_code for row in rows}
    return page(
        "undecided",
        form.status,
        form=form, area=area, choices=choices, rounds={one.id: one for one in found}, round=chosen, rows=rows[:ON_PAGE],
        next=rows[ON_PAGE - 1].entry.id if len(rows) > ON_PAGE else None, villages=villages_named(codes),
        names=view_helpers.tambons_of(codes) | areas.with_parents(session(), {area}), households=household_words,
    )  # fmt: skip


@pages.get("/officer/survey/export")
@edge.officer_page(VIEW)
def export() -> Response:
    """The sums by village or tambon and target group, as CSV, for a spreadsheet, or as GeoJSON; recorded in the audit
    log."""
    wanted = query(ExportQuery)
    area = edge.my_area(VIEW)
    acting = edge.demand(VIEW, area)
    found = [one for one in view_helpers.rounds_of(VIEW) if one.opened_at is not None]
    chosen = round_of(wanted.round, found, area)
    if chosen is None:
        raise NotFound(N_("This survey was not found."))
    lines = list(queries.lines(session(), chosen.id, area, 8 if wanted.by == "village" else 6).values())
    if wanted.format == "xlsx" and len(lines) > MOST_IN_WORKBOOK:
        raise invalid("format", N_("This is too much for an Excel file. Choose a smaller area, or CSV."))
    about = exports.About(
        assigning.named(session(), [line.code for line in lines if len(line.code) == 8]), _names_of(area, lines),
        chosen, wanted.group, now(),
        origins.credit(session(), None if area == COUNTRY else area, here(), as_of=now(), owner=config().signature),
    )  # fmt: skip
    body, mimetype = exports.made(wanted.format, lines, about, lambda: _shapes(wanted, area))
    edge.on_record("survey.export", "survey", chosen.id, by=acting, area_code=area)
    response = Response(body, mimetype=mimetype)
    name = f"survey-{chosen.id}-{area}-{now().astimezone(BANGKOK):%Y-%m-%d}.{wanted.format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shapes(wanted: ExportQuery, area: str) -> dict[str, str]:
    """Geometries by code: of tambons their boundaries, of villages their places, where they are known."""
    if wanted.by == "tambon":
        within = None if area == COUNTRY else area
        return outlines(session(), level="tambon", within=within, most_bytes=MAP_BYTES)
    places = queries.points(session(), area)
    return {code: f'{{"type":"Point","coordinates":[{one.lon:.6f},{one.lat:.6f}]}}' for code, one in places.items()}
