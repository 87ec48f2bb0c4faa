"""Published figures for programs, and as files."""

from __future__ import annotations

from flask import Response

from mapapp.accounts import edge
from mapapp.core.errors import N_, invalid
from mapapp.lists import sheets
from mapapp.statistics import exports, formatting
from mapapp.statistics.fridays import published, queries
from mapapp.statistics.fridays import view_helpers as public
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.queries import Figures, Where
from mapapp.statistics.fridays.schemas import (
    FridayOut,
    FridaysOut,
    PaintQuery,
    PublishedArea,
    PublishedFigure,
    PublishedQuery,
    PublishedTable,
    PublishedValues,
)
from mapapp.statistics.fridays.service import check_code
from mapapp.statistics.fridays.view_helpers import DATA
from mapapp.statistics.measures import Figure, Measure, get
from mapapp.statistics.schemas import FigureAbout
from mapapp.statistics.states import NOT_ENTERED
from mapapp.web.i18n import gettext, here
from mapapp.web.openapi import Api
from mapapp.web.request import session

api = Api("statistics_published", __name__)


@api.get(
    "/statistics",
    query=PublishedQuery,
    response=PublishedTable,
    summary="Published figures of the last Friday, or an earlier one",
    also={sheets.CSV: None, sheets.MIME: None},
    data=DATA,
)
def table(query: PublishedQuery) -> PublishedTable | Response:
    """The figures of a measure in an area, or in the areas of a level in it, as they were published on a Friday.

    `state` keeps four things apart: a value, a true zero, not entered, and withheld. Figures that count people are
    rounded, and withheld where they are of fewer than 10 people, so that they tell nothing about single people. In
    files a figure that is withheld or was not entered is an empty cell; the cell beside it says which."""
    one = public.snapshot(query.friday)
    measure = get(query.measure)
    found = {} if one is None else queries.public(session(), one, measure, Where(query.area, query.level))
    if query.format == "json":
        return _table(one, measure, found)
    told = set(published.figures(measure))
    return _file(query, one, measure, [figure for figure in measure.figures.values() if figure.key in told], found)


def _table(one: StatisticsSnapshot | None, measure: Measure, found: dict[str, Figures]) -> PublishedTable:
    names, told = public.names(set(found)), set(published.figures(measure))
    return PublishedTable(
        measure=measure.key, label=gettext(measure.label), definition=gettext(measure.definition),
        source=gettext(measure.source), friday=one and one.friday, frozen_at=one and one.frozen_at,
        is_example=one is not None and one.is_example,
        figures={
            figure.key: FigureAbout(label=gettext(figure.label), unit=figure.unit, group=figure.group)
            for figure in measure.figures.values() if figure.key in told
        },
        areas=[
            PublishedArea(
                code=code, pcode=exports.pcode(code), name_th=names[code].name_th if code in names else None,
                name_en=names[code].name_en if code in names else None,
                figures={key: PublishedFigure(**formatting.as_json(figure)) for key, figure in found[code].items()},
            )
            for code in sorted(found)
        ],
    )  # fmt: skip


def _file(
    query: PublishedQuery, one: StatisticsSnapshot | None, measure: Measure, figures: list[Figure],
    found: dict[str, Figures],
) -> Response:  # fmt: skip
    names = public.names(set(found))
    rows = [
        exports.row(code, names, [found[code].get(figure.key, NOT_ENTERED) for figure in figures])
        for code in sorted(found)
    ]
    tops = exports.heads(measure, figures, here(), hxl=query.hxl)
    body, mimetype = exports.made(query.format, tops, rows, measure, one.frozen_at if one else None, here())
    response = Response(body, content_type=f"{mimetype}; charset=utf-8" if query.format == "csv" else mimetype)
    parts = ["statistics", measure.key, query.area, query.level or "area", str(one.friday) if one else "none"]
    name = "-".join([*parts, *(["hxl"] if query.hxl else [])])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{query.format}"'
    return response


@api.get(
    "/statistics/values",
    query=PaintQuery,
    response=PublishedValues,
    summary="One published figure by area code, to colour a map",
    data=DATA,
)
def values(query: PaintQuery) -> PublishedValues:
    """Only the numbers, with the bounds of the classes: value v is in class i if breaks[i-1] <= v < breaks[i]. Areas
    whose figure is withheld or was not entered are left out."""
    measure = get(query.measure)
    figure = measure.figures.get(query.figure)
    if figure is None or figure.key not in published.figures(measure):
        raise invalid("figure", N_("Choose one from the list."))
    one = public.snapshot(query.friday)
    found = {} if one is None else queries.public(session(), one, measure, Where(query.area, query.level))
    return PublishedValues(level=query.level, **public.values(measure, figure, found))


@api.get("/statistics/fridays", response=FridaysOut, summary="The Fridays that were saved", data=DATA)
def fridays() -> FridaysOut:
    """Each with the hash of its figures and of the Friday before it: so everyone who notes a hash can check later
    that neither that Friday nor an earlier one was changed."""
    vault = edge.vault()
    return FridaysOut(
        fridays=[
            FridayOut(
                friday=one.friday, frozen_at=one.frozen_at, is_example=one.is_example,
                digest=check_code(vault, one.digest), previous=check_code(vault, one.previous),
            )
            for one in queries.fridays(session())
        ]
    )  # fmt: skip
