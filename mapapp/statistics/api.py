"""Live figures for programs of officers."""

from __future__ import annotations

from mapapp.accounts import edge
from mapapp.areas.models import COUNTRY
from mapapp.core.errors import N_, NotFound
from mapapp.statistics import exports, formatting, queries
from mapapp.statistics.measures import Measure, get
from mapapp.statistics.schemas import AreaOut, FigureAbout, FigureOut, Line, LiveOut, LiveQuery
from mapapp.web.i18n import gettext
from mapapp.web.openapi import Api
from mapapp.web.request import session

api = Api("statistics", __name__)

VIEW = "statistics.view"


@api.private(
    "/statistics/live",
    response=LiveOut,
    action=VIEW,
    query=LiveQuery,
    summary="Live figures of an area",
)
def live(query: LiveQuery) -> LiveOut:
    """Exact figures of an area, or of the areas in it, as they stand now: only in the areas of the key.

    `state` keeps four things apart: a value, a true zero, not entered, and withheld. Not entered is no zero."""
    edge.demand(VIEW, query.area)
    measure = get(query.measure)
    length = 0 if query.level is None else queries.LENGTHS[query.level]
    whole, lines = queries.lines(session(), query.area, length, {measure.key, "vaccination", "completeness"})
    if query.area != COUNTRY and whole.name_th is None and not whole.cells:
        raise NotFound(N_("There is no area with this code."))
    return LiveOut(
        measure=measure.key, label=gettext(measure.label), definition=gettext(measure.definition),
        source=gettext(measure.source), as_of=queries.standing(session()).as_of,
        figures={
            one.key: FigureAbout(label=gettext(one.label), unit=one.unit, group=one.group)
            for one in measure.figures.values()
        },
        areas=[_area(line, measure) for line in (lines if length else [whole])],
    )  # fmt: skip


def _area(line: Line, measure: Measure) -> AreaOut:
    figures = {
        key: FigureOut(**formatting.as_json(measure.shown(key, line.of(measure.key), line.of)))
        for key in measure.figures
    }
    return AreaOut(
        code=line.code, pcode=exports.pcode(line.code), name_th=line.name_th, name_en=line.name_en, figures=figures
    )
