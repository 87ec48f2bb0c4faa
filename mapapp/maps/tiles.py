"""Vector tiles of boundaries and facilities, for our maps and for other programs (QGIS, MapLibre)."""

from __future__ import annotations

from flask import Blueprint, Response

from mapapp.core.errors import N_, NotFound
from mapapp.maps import queries
from mapapp.web.cache import cached
from mapapp.web.request import session

tiles = Blueprint("tiles", __name__, url_prefix="/tiles")

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@tiles.get("/<layer>/<z>/<x>/<y>.mvt")
def tile(layer: str, z: str, x: str, y: str) -> Response:
    """One tile of ``province``, ``amphoe``, ``tambon``, ``areas`` (all three) or ``facilities``; empty is 200."""
    if layer not in queries.LAYERS:
        raise NotFound(N_("Unknown tile layer. Available layers: %(layers)s."), layers=", ".join(queries.LAYERS))
    column, row, zoom = _whole(x), _whole(y), _whole(z)
    if zoom > queries.MAX_ZOOM:
        raise NotFound(N_("Tiles have zooms from 0 to %(max)s, as whole numbers."), max=queries.MAX_ZOOM)
    if max(column, row) >= 1 << zoom:
        raise NotFound(N_("At zoom %(zoom)s, x and y go from 0 to %(max)s."), zoom=zoom, max=(1 << zoom) - 1)
    make = _facilities if layer == "facilities" else _areas
    return make(layer, zoom, column, row)


def _whole(value: str) -> int:
    # 007 would be the same tile made and kept once more.
    if not (value.isascii() and value.isdigit() and len(value) <= 6 and (value == "0" or value[0] != "0")):
        raise NotFound(N_("A tile's address is /tiles/layer/z/x/y.mvt, with whole numbers."))
    return int(value)


def _answer(layer: str, z: int, x: int, y: int) -> Response:
    return Response(queries.tile(session(), layer, z=z, x=x, y=y), mimetype=MEDIA_TYPE)


_areas = cached("areas", max_age=300, takes=())(_answer)
_facilities = cached("facilities", every=300, takes=())(_answer)
