"""The facilities room's part of the API."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from mapapp.areas import queries as areas_queries
from mapapp.core import geo
from mapapp.core import problem_types as types
from mapapp.core.addresses import network
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, NotFound, TooMany, invalid
from mapapp.facilities import features, files, queries
from mapapp.facilities import nearest as near
from mapapp.facilities.editing import queries as merged
from mapapp.facilities.editing.redirects import moved_to
from mapapp.facilities.freshness import Lifetimes, lifetimes
from mapapp.facilities.query_params import (
    AreaFileQuery,
    ClusterQuery,
    FileForm,
    ListQuery,
    NearestFileQuery,
    NearestQuery,
)
from mapapp.lists import geopackages, sheets
from mapapp.web import limits
from mapapp.web.i18n import here
from mapapp.web.openapi import GEOJSON, Api
from mapapp.web.request import config, now, session

api = Api("facilities", __name__)

OPEN_NOW_EVERY = 60
"""Seconds: an answer that says “open now” is made anew each minute, as opening hours are to the minute."""


def _lifetimes() -> Lifetimes:
    return lifetimes(config())


def _answer(value: dict[str, Any]) -> Response:
    return Response(features.dumped(value), mimetype=GEOJSON)


@api.get(
    "/facilities",
    query=ListQuery,
    response=features.FacilityCollection,
    media_type=GEOJSON,
    summary="List facilities by bbox, type and area",
    data=("areas", "facilities"),
    every=OPEN_NOW_EVERY,
)
def facilities(query: ListQuery) -> Response:
    """Ordered by id, in pages: send ``next_cursor`` as ``cursor`` until it is null. Includes facilities of every
    status."""
    if query.area is not None:
        areas_queries.get(session(), query.area)  # an unknown code is told, not an empty list
    pins, cursor = queries.in_bbox(
        session(), bbox=query.bbox, kind=query.kind, area=query.area, limit=query.limit, cursor=query.cursor
    )
    return _answer(features.collection(pins, cursor, _lifetimes(), now()))


@api.get(
    "/facilities/nearest",
    query=NearestQuery,
    response=features.NearestCollection,
    media_type=GEOJSON,
    summary="The nearest facilities to a point",
    problems=(types.OUTSIDE_AREA,),
)
def nearest(query: NearestQuery) -> Response:
    """Ordered by straight-line distance (the geodesic on WGS 84), not by road.

    Facilities that are closed, temporarily or permanently, are left out; full ones are included and marked. Those not
    confirmed within the limit for their type are left out and counted in `left_out`; `stale=true` includes them. A
    point outside the area of this service is refused (400).
    """
    wanted = near.Wanted.of(query)
    known = _lifetimes()
    found = near.nearest(session(), query.point, wanted, limit=query.limit, lifetimes=known, now=now())
    near.refuse_outside(session(), query.point, found)
    response = _answer(features.nearest_collection(found, known, now()))
    # Not kept on the server: hardly two people stand on the same spot.
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@api.get(
    "/facilities/nearest/file",
    query=NearestFileQuery,
    response=features.NearestFile,
    media_type=GEOJSON,
    summary="The nearest facilities to a point, as a file",
    also={sheets.CSV: None, geopackages.MIME: None},
    is_limited=True,
    problems=(types.OUTSIDE_AREA,),
)
def nearest_file(query: NearestFileQuery) -> Response:
    """The answer of `/facilities/nearest` as CSV for a spreadsheet, as GeoJSON, or as a GeoPackage for GIS programs,
    with its date and the owner of the service. In a GeoPackage the point is a layer of its own.
    """
    _counted()
    wanted, about = near.Wanted.of(query), _about()
    found = near.nearest(session(), query.point, wanted, limit=query.limit, lifetimes=about.lifetimes, now=about.now)
    near.refuse_outside(session(), query.point, found)
    origin = geo.Point(lat=round(query.point.lat, 6), lon=round(query.point.lon, 6))
    response = _download(files.nearest(found, origin, query.format, about), query.format, "nearest")
    response.headers["Cache-Control"] = "private, no-store"  # it says where somebody is
    return response


@api.get(
    "/facilities/file",
    query=AreaFileQuery,
    response=features.FacilitiesFile,
    media_type=GEOJSON,
    summary="All facilities of an area, as a file",
    also={sheets.CSV: None, geopackages.MIME: None},
    data=("areas", "facilities"),
    every=OPEN_NOW_EVERY,
    is_limited=True,
)
def area_file(query: AreaFileQuery) -> Response:
    """Those that are not closed, as CSV for a spreadsheet, as GeoJSON, or as a GeoPackage for GIS programs, with its
    date and the owner of the service. An area with more than 20,000 is refused (400): choose a smaller one, or a type.
    """
    areas_queries.get(session(), query.area)
    _counted()
    pins, missing = queries.inside(session(), query.area, kind=query.kind, most=files.MOST)
    if missing:
        raise invalid("area", N_("This area has too many facilities for one file. Choose a smaller area or one type."))
    name = "-".join(filter(None, ("facilities", query.area, query.kind)))
    return _download(files.area(pins, query.format, _about()), query.format, name)


FILES = "30 per minute"
"""Files made for one address; those that are kept cost nothing and are not counted."""


def _counted() -> None:
    wait = limits.wait_s("facilities file", FILES, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many files were downloaded from your network. Try again later."))


def _about() -> files.About:
    return files.About(now(), _lifetimes(), here(), config().signature)


def _download(body: bytes, form: FileForm, name: str) -> Response:
    response = Response(body, content_type=files.MEDIA_TYPES[form])
    day = f"{now().astimezone(BANGKOK):%Y-%m-%d}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{day}.{form}"'
    return response


@api.get(
    "/facilities/clusters",
    query=ClusterQuery,
    response=features.ClusterCollection,
    media_type=GEOJSON,
    summary="Facilities as the map shows them at a zoom level",
    data=("areas", "facilities"),
    every=OPEN_NOW_EVERY,
)
def clusters(query: ClusterQuery) -> Response:
    """Below zoom 7 counts by province (of each whose point lies in the bbox, all of it), below zoom 13 clusters of 60
    pixels, from zoom 13 on single facilities (at most 500). Facilities outside every tambon are clusters below zoom 7,
    too. Closed facilities are left out."""
    found, truncated = queries.clusters(session(), zoom=query.zoom, bbox=query.bbox, kind=query.kind)
    return _answer(features.cluster_collection(found, truncated, _lifetimes(), now()))


@api.get(
    "/facilities/<int:facility_id>",
    response=features.FacilityFeature,
    media_type=GEOJSON,
    summary="One facility",
    data=("facilities",),
    every=OPEN_NOW_EVERY,
)
def facility(facility_id: int) -> Response:
    """Its public data, whatever its status. A facility that was merged answers 301 to the one that was kept."""
    pin = queries.get(session(), facility_id)
    if pin is None:
        raise NotFound(N_("Facility not found."))
    if pin.status == "closed" and (successor := merged.successor(session(), facility_id)) is not None:
        return moved_to(url_for("facilities_api.facility", facility_id=successor))
    return _answer(features.feature(pin, _lifetimes(), now()))
