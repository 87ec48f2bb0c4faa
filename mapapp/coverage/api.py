"""The coverage room's part of the API."""

from __future__ import annotations

from flask import Response
from pydantic import TypeAdapter, ValidationError

from mapapp.areas import origins
from mapapp.core.errors import Invalid
from mapapp.core.fields import AreaCode, problems_of
from mapapp.core.problem_types import OUTSIDE_AREA
from mapapp.coverage import compare as comparing
from mapapp.coverage import files, labels, queries, unconfirmed, view_helpers
from mapapp.coverage import one_more as one_more_site
from mapapp.coverage.one_more_schemas import OneMore, OneMoreQuery
from mapapp.coverage.schemas import (
    AreaFigures,
    AreaFiguresQuery,
    BestSiteQuery,
    BestSites,
    CompareFileQuery,
    Comparison,
    CoverageCollection,
    CoverageQuery,
    CoverageTable,
    CoverageValues,
    ValuesQuery,
)
from mapapp.lists import geopackages, sheets
from mapapp.web.i18n import here
from mapapp.web.openapi import GEOJSON, JSON, Api
from mapapp.web.request import config, session

api = Api("coverage", __name__)

_code = TypeAdapter(AreaCode)
_DATA = ("areas", "facilities", "coverage")


@api.get(
    "/coverage",
    query=CoverageQuery,
    response=CoverageTable,
    summary="Coverage figures by area, largest gaps first",
    also={sheets.CSV: None, GEOJSON: CoverageCollection, geopackages.MIME: None},
    data=_DATA,
)
def table(query: CoverageQuery) -> CoverageTable | Response:
    """The coverage of one type of facility in all areas of a level: as JSON, as CSV for a spreadsheet, as GeoJSON, or
    as a GeoPackage for GIS programs.

    Shares are 0–1, distances are kilometres in a straight line; `value` is the figure named by `metric`. Facilities
    that were not confirmed within the limit for their type are not counted; with `stale=true` they are. Each row of a
    CSV says which figure it has (`stale_counted`) and how many facilities this concerns (`note`, a sentence in the
    language of the answer).
    """
    found = queries.table(session(), query)
    if query.format == "json":
        return Response(found.model_dump_json(), mimetype=JSON)
    name = "_".join(["coverage", query.level, query.kind, f"{query.radius_km}km", *filter(None, [query.within])])
    name += "_with_stale" if query.stale else ""
    credit = origins.credit(session(), query.within, here(), as_of=found.computed_at, owner=config().signature)
    if query.format == "csv":
        left = unconfirmed.by_kind(session(), [query.kind])[query.kind]
        body = files.as_csv(found, labels.of_unconfirmed(left, here(), counted=query.stale), credit)
        return _download(body, f"{sheets.CSV}; charset=utf-8", f"{name}.csv")
    if query.format == "geojson":
        return _download(files.as_geojson(found, queries.shapes(session(), query), credit), GEOJSON, f"{name}.geojson")
    made = geopackages.written([files.layer(found, queries.shapes(session(), query))], credit)
    return _download(made, geopackages.MIME, f"{name}.gpkg")


@api.get(
    "/coverage/values",
    query=ValuesQuery,
    response=CoverageValues,
    summary="One figure by area code, to colour a map",
    data=_DATA,
)
def values(query: ValuesQuery) -> CoverageValues:
    """Only the numbers, with the bounds of the classes: value v is in class i if breaks[i-1] <= v < breaks[i]."""
    return queries.values(session(), query, query.beside())


@api.get(
    "/coverage/compare",
    query=CompareFileQuery,
    response=Comparison,
    summary="Two types of facility, or two days, side by side",
    also={sheets.CSV: None},
    data=_DATA,
)
def compare(query: CompareFileQuery) -> Response:
    """The same figure of the same areas twice, with the difference (right minus left); areas where the right is worse
    than the left come first. One set of classes fits both. `days_from` is the first day whose figures are kept."""
    found = comparing.compare(session(), *query.sides())
    if query.format == "csv":
        name = "_".join(["coverage", query.level, query.left, query.right, *filter(None, [query.within])])
        moments = [one.computed_at for one in (found.left, found.right) if one.computed_at]
        as_of = min(moments, default=None)
        credit = origins.credit(session(), query.within, here(), as_of=as_of, owner=config().signature)
        return _download(comparing.as_csv(found, credit), f"{sheets.CSV}; charset=utf-8", f"{name}.csv")
    return Response(found.model_dump_json(), mimetype=JSON)


@api.get(
    "/coverage/areas/<code>",
    query=AreaFiguresQuery,
    response=AreaFigures,
    summary="One area's figures, with the nearest facility of a tambon",
    data=_DATA,
)
def one_area(code: str, query: AreaFiguresQuery) -> AreaFigures:
    """All figures of one area for one type of facility. For a tambon also the facility that its distance leads to:
    the line from the reference point to it is `nearest_km` long."""
    return queries.one(session(), _plain(code), query)


@api.get(
    "/coverage/best-site",
    query=BestSiteQuery,
    response=BestSites,
    summary="Where one more facility would help most",
    data=_DATA,
)
def best_site(query: BestSiteQuery) -> BestSites:
    """The tambons where one more facility at the reference point would bring the most people within the distance, best
    first."""
    places = queries.best_new_site(session(), query)
    return BestSites(kind=query.kind, radius_km=query.radius_km, within=query.within, stale=query.stale, places=places)


@api.get(
    "/coverage/one-more",
    query=OneMoreQuery,
    response=OneMore,
    summary="What one more facility at a place would change",
    is_limited=True,
    problems=(OUTSIDE_AREA,),
)
def one_more(query: OneMoreQuery) -> Response:
    """Before it is built: how many people would newly have a facility of this type within the distance, for how many it
    would be the nearest, and the figures of the tambons, the amphoe and the province before and after.

    Straight-line distances; people are assumed to live evenly spread over their tambon. A tambon's nearest facility is
    that of its reference point."""
    view_helpers.limited()
    response = Response(one_more_site.one_more(session(), query).model_dump_json(), mimetype=JSON)
    response.headers["Cache-Control"] = "private, no-store"  # the place may be somebody's
    return response


def _plain(code: str) -> str:
    try:
        return _code.validate_python(code)
    except ValidationError as error:
        raise Invalid(problems_of(error)) from None


def _download(body: str | bytes, content_type: str, name: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
