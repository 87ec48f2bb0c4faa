"""Vector tiles of boundaries and facilities, for our maps and for other programs (QGIS, MapLibre)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from mapapp.areas import queries as areas
from mapapp.core.errors import N_, NotFound
from mapapp.maps import queries, tilesets
from mapapp.maps.schemas import TileQuery
from mapapp.web.cache import cached
from mapapp.web.hosts import whole_address
from mapapp.web.params import query
from mapapp.web.request import session

tiles = Blueprint("tiles", __name__, url_prefix="/tiles")

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@tiles.get("/<layer>/<z>/<x>/<y>.mvt")
def tile(layer: str, z: str, x: str, y: str) -> Response:
    """One tile of ``province``, ``amphoe``, ``tambon``, ``areas`` (all three) or ``facilities``; empty is 200.

    With ``?kind=`` the polygons carry names and the figures of that kind of facility, as ``/tiles/<layer>.json`` says.
    """
    _known(layer)
    column, row, zoom = _whole(x), _whole(y), _whole(z)
    if zoom > queries.MAX_ZOOM:
        raise NotFound(N_("Tiles have zooms from 0 to %(max)s, as whole numbers."), max=queries.MAX_ZOOM)
    if max(column, row) >= 1 << zoom:
        raise NotFound(N_("At zoom %(zoom)s, x and y go from 0 to %(max)s."), zoom=zoom, max=(1 << zoom) - 1)
    if layer == "facilities":
        return _facilities(layer, zoom, column, row)
    return _told(layer, zoom, column, row) if query(TileQuery).kind else _areas(layer, zoom, column, row)


@tiles.get("/<layer>.json")
def tilejson(layer: str) -> Response:
    """A layer as TileJSON 3.0, by which QGIS, MapLibre and others find its tiles and what its polygons carry."""
    return _described(layer, tilesets.tilejson)


@tiles.get("/<layer>/metadata.json")
def metadata(layer: str) -> Response:
    """The same as GDAL and MBTiles write it down."""
    return _described(layer, tilesets.metadata)


def _described(layer: str, describe: Any) -> Response:
    _known(layer)
    asked = query(TileQuery)
    address = url_for("tiles.tilejson", layer=layer, lang=None).removesuffix(".json")
    told = f"?kind={asked.figures}" if layer in queries.AREA_LAYERS else ""
    template = whole_address(f"{address}/{{z}}/{{x}}/{{y}}.mvt{told}")
    response = jsonify(describe(layer, template, areas.bounds(session()), asked.figures))
    response.headers["Cache-Control"] = "public, max-age=300"
    response.vary.add("Host")
    return response


def _known(layer: str) -> None:
    if layer not in queries.LAYERS:
        raise NotFound(N_("Unknown tile layer. Available layers: %(layers)s."), layers=", ".join(queries.LAYERS))


def _whole(value: str) -> int:
    # 007 would be the same tile made and kept once more.
    if not (value.isascii() and value.isdigit() and len(value) <= 6 and (value == "0" or value[0] != "0")):
        raise NotFound(N_("A tile's address is /tiles/layer/z/x/y.mvt, with whole numbers."))
    return int(value)


def _answer(layer: str, z: int, x: int, y: int) -> Response:
    return Response(queries.tile(session(), layer, z=z, x=x, y=y), mimetype=MEDIA_TYPE)


def _answer_told(layer: str, z: int, x: int, y: int) -> Response:
    made = queries.tile(session(), layer, z=z, x=x, y=y, kind=query(TileQuery).kind)
    return Response(made, mimetype=MEDIA_TYPE)


_areas = cached("areas", max_age=300, takes=())(_answer)
_facilities = cached("facilities", every=300, takes=())(_answer)
_told = cached("areas", "facilities", "coverage", max_age=300, takes=TileQuery.model_fields)(_answer_told)
