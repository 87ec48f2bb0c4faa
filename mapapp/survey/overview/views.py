"""The officers' pages of the survey: the figures of an area, worst first, what waits for a decision, and the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, g

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName, AreaRow
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, NotFound
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.lists import sheets
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.deciding import queries as deciding
from mapapp.survey.overview import exports, queries
from mapapp.survey.overview.schemas import Line, Numbers, OverviewQuery
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.view_helpers import household_words, page, village_words, villages_named
from mapapp.web import page_freshness
from mapapp.web.params import asked
from mapapp.web.request import now, session

pages = Blueprint("survey_overview", __name__)

VIEW: Final = "survey.view"
MANAGE: Final = "survey.manage"

SILENT: Final = timedelta(days=7)
"""Who has sent nothing for so long is named."""

ON_PAGE: Final = 50


def waiting(area: str | None = None) -> int:
    """How many records wait for the one who asks, in all their areas or in one; one statement, once for a page."""
    mine = edge.my_areas(MANAGE)
    if not mine or (area is not None and not edge.may(MANAGE, area)):
        return 0
    known: dict[tuple[str, ...], int] = g.setdefault("survey_waiting", {})
    wanted = tuple(mine) if area is None else (area,)
    if wanted not in known:
        known[wanted] = deciding.waiting(session(), wanted)
    return known[wanted]


def _round(wanted: int | None, found: list[Round], area: str) -> Round | None:
    """The round that is asked for; else the first that is open in the area."""
    if wanted is not None:
        chosen = next((one for one in found if one.id == wanted), None)
        if chosen is None:
            raise NotFound(N_("This survey was not found."))
        return chosen
    here = [one for one in found if one.covers(area) or area == "TH" or one.area_code.startswith(area)]
    return next(iter(here), None)


@pages.get("/officer/survey")
@edge.officer_page(VIEW)
def index() -> Response:
    """The figures of an area: its villages, or the areas below it, with the worst first."""
    form = asked(OverviewQuery)
    wanted = form.value or OverviewQuery()
    area = edge.my_area(VIEW)
    found = [one for one in view_helpers.rounds_of(VIEW) if one.opened_at is not None]
    chosen = _round(wanted.round, found, area)
    lines = _lines(chosen, area)
    senders = [] if chosen is None else assigning.senders(session(), chosen.id, area)
    same = page_freshness.unchanged(found, chosen, lines, senders)
    if same is not None:
        return same
    choices, _names = areas_shown(area, VIEW, set())
    total = sum((line.total for line in lines), Numbers())
    registered = _registered(area)
    endings = [] if chosen is None else [one for one in rounds.endings(session(), chosen.id) if one.covers(area)]
    return page(
        "overview",
        form.status,
        form=form, wanted=wanted, area=area, choices=choices, rounds=found, round=chosen, endings=endings,
        lines=sorted(lines, key=lambda line: queries.worst_first(line, wanted.group)), total=total,
        by_village=queries.digits(area) == 8, registered=registered, names=_names_of(area, [*lines, *registered]),
        villages=_villages_of(lines), silent=[one for one in senders if _is_silent(one.last_at)], senders=senders,
        sums=Numbers,
    )  # fmt: skip


def _lines(chosen: Round | None, area: str) -> list[Line]:
    """The rows, with villages and areas of which nothing was recorded."""
    if chosen is None:
        return []
    there = queries.lines(session(), chosen.id, area)
    if queries.digits(area) == 8:
        codes = [one.code for one in assigning.villages(session(), chosen.id, area)]
    else:
        codes = [one.code for one in areas.children(session(), area)]
    empty = Line("", 0, 0, 0, None, 0, Numbers(), {})
    made = [there.pop(code, replace(empty, code=code)) for code in codes if _belongs(chosen, code)]
    return [*made, *there.values()]


def _belongs(chosen: Round, code: str) -> bool:
    return chosen.covers(code) or chosen.area_code.startswith(code)


def _is_silent(last_at: Any) -> bool:
    return last_at is None or now() - last_at > SILENT


def _registered(area: str) -> dict[str, AreaRow]:
    """The registered population of the area, of the areas below, or of the tambons of its villages."""
    level = {2: "province", 4: "amphoe", 8: "tambon"}[queries.digits(area)]
    rows = areas.listed(session(), level=level, within=None if area == "TH" else area, limit=400)
    found = {row.code: row for row in rows}
    if area != "TH" and area not in found:
        found[area] = areas.get(session(), area)
    return found


def _names_of(area: str, of: Iterable[Line | str]) -> dict[str, AreaName]:
    codes = {one if isinstance(one, str) else one.code for one in of}
    return areas.with_parents(session(), {area, *(code[:6] for code in codes)})


def _villages_of(lines: list[Line]) -> dict[str, str]:
    codes = [line.code for line in lines if len(line.code) == 8]
    return {code: village_words(one) for code, one in assigning.named(session(), codes).items()}


@pages.get("/officer/survey/waiting")
@edge.officer_page(MANAGE)
def undecided() -> Response:
    """Records that do not count yet: recorded twice, or come late, with what can be decided. Those of every survey, as
    the menu counts them, unless one is asked for."""
    form = asked(OverviewQuery)
    wanted = form.value or OverviewQuery()
    area = edge.my_area(MANAGE)
    found = [one for one in view_helpers.rounds_of(MANAGE) if one.opened_at is not None]
    chosen = None if wanted.round is None else _round(wanted.round, found, area)
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
    """The sums by village and target group as CSV; recorded in the audit log."""
    form = asked(OverviewQuery)
    wanted = form.value or OverviewQuery()
    area = edge.my_area(VIEW)
    acting = edge.demand(VIEW, area)
    found = [one for one in view_helpers.rounds_of(VIEW) if one.opened_at is not None]
    chosen = _round(wanted.round, found, area)
    if chosen is None:
        raise NotFound(N_("This survey was not found."))
    lines = list(queries.by_village(session(), chosen.id, area).values())
    villages = assigning.named(session(), [line.code for line in lines])
    made = exports.file_of(lines, villages, _names_of(area, lines), is_example=chosen.is_example)
    edge.on_record("survey.export", "survey", chosen.id, by=acting, area_code=area)
    response = Response(made, mimetype=sheets.CSV)
    name = f"survey-{chosen.id}-{area}-{now().astimezone(BANGKOK):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
