"""The areas room's part of the API."""

from __future__ import annotations

from mapapp.areas import queries, schemas
from mapapp.areas.resolving.resolver import resolve
from mapapp.areas.resolving.results import ANYWHERE, Wanted
from mapapp.core import geo
from mapapp.core.errors import N_, FieldProblem, Invalid, invalid, message_of
from mapapp.core.fields import parse_area_code
from mapapp.web.openapi import GEOJSON, Api
from mapapp.web.request import session

api = Api("areas", __name__)

MOST_FOUND = 50


@api.get(
    "/areas",
    query=schemas.AreasQuery,
    response=schemas.AreaCollection,
    summary="Find areas by point or by name, or list them",
    media_type=GEOJSON,
    data=("areas",),
    max_age=300,
)
def areas(query: schemas.AreasQuery) -> schemas.AreaCollection:
    """`lat` and `lon`: the tambon of a point, with its amphoe and province. `q`: by name, code, postcode or
    coordinates. Otherwise a list by `level` and `within`.

    The geometry of every feature is the reference point of the area; `/areas/{code}` returns boundaries.
    """
    if query.lat is not None and query.lon is not None:
        return _at(geo.Point(lat=query.lat, lon=query.lon))
    if query.q is not None:
        return _called(query.q, min(query.limit, MOST_FOUND))
    return _listed(query)


def _called(text: str, limit: int) -> schemas.AreaCollection:
    try:
        found = resolve(session(), text, Wanted(ANYWHERE, most=limit)).found
    except ValueError as error:
        raise Invalid([FieldProblem("q", message_of(error))]) from None
    return schemas.AreaCollection(features=[schemas.place_feature(place) for place in found[:limit]])


def _at(point: geo.Point) -> schemas.AreaCollection:
    path = queries.area_at(session(), point)
    if path is None:
        return schemas.AreaCollection(features=[])
    area = queries.get(session(), path.tambon.code)
    feature = schemas.area_feature(
        area, [path.province, path.amphoe], schemas.point_geometry(area.point), exact=path.exact
    )
    return schemas.AreaCollection(features=[feature])


def _listed(query: schemas.AreasQuery) -> schemas.AreaCollection:
    if query.within is not None:
        queries.get(session(), query.within)  # an unknown code is told, not an empty list
    found = queries.listed(session(), level=query.level, within=query.within, limit=query.limit + 1, after=query.cursor)
    page = found[: query.limit]
    names = queries.names(session(), {area.code[:n] for area in page for n in (2, 4) if n < len(area.code)})
    features = [
        schemas.area_feature(
            area,
            [names[area.code[:n]] for n in (2, 4) if n < len(area.code) and area.code[:n] in names],
            schemas.point_geometry(area.point),
        )
        for area in page
    ]
    more = page[-1].code if len(found) > len(page) else None
    return schemas.AreaCollection(features=features, next_cursor=more)


@api.get(
    "/areas/<code>",
    query=schemas.AreaQuery,
    response=schemas.AreaFeature,
    summary="One area with its boundary",
    media_type=GEOJSON,
    data=("areas",),
    max_age=300,
)
def area(code: str, query: schemas.AreaQuery) -> schemas.AreaFeature:
    """A province (50), amphoe (5001) or tambon (500101), by DOPA code or P-code (TH500101)."""
    plain = _plain(code)
    found = queries.get(session(), plain)
    geometry = None
    if query.geometry == "point":
        geometry = schemas.point_geometry(found.point)
    elif query.geometry != "none":
        geometry = queries.geojson(session(), plain, query.geometry)
    above = queries.path_of(session(), plain)[:-1]
    return schemas.area_feature(found, above, geometry, bounds=queries.bounds(session(), plain))


def _plain(code: str) -> str:
    try:
        return parse_area_code(code)
    except ValueError:
        text = N_("An area code has 2, 4 or 6 digits, for example 50, 5001 or 500101.")
        raise invalid("code", text) from None
