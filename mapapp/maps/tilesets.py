"""The tiles as other programs are told of them: TileJSON 3.0, and the metadata of MBTiles 1.3 as GDAL reads it."""

from __future__ import annotations

import json
from typing import Any, Final

from mapapp.areas.models import LEVELS
from mapapp.core import geo
from mapapp.maps.queries import AREA_LAYERS, DRAWN_FROM, FIGURES, LABELLED_FROM, MAX_ZOOM

_NAMES: Final = {"code": "String", "name_th": "String", "name_en": "String"}
_FACILITY: Final = {
    "count": "Number", "kind": "String", "name_th": "String", "name_en": "String", "status": "String",
}  # fmt: skip


def layers(layer: str) -> list[dict[str, Any]]:
    """The layers inside the tiles of a layer: their names, zooms, and the fields of their features."""
    if layer == "facilities":
        return [{"id": "facilities", "minzoom": 0, "maxzoom": MAX_ZOOM, "fields": _FACILITY}]
    polygons = {**_NAMES, "population": "Number", **dict.fromkeys(FIGURES, "Number")}
    found = []
    for level in LEVELS if layer == "areas" else (layer,):
        drawn = DRAWN_FROM[level] if layer == "areas" else 0
        found.append({"id": level, "minzoom": drawn, "maxzoom": MAX_ZOOM, "fields": polygons})
        labelled = {"minzoom": max(drawn, LABELLED_FROM[level]), "maxzoom": MAX_ZOOM}
        found.append({"id": f"{level}_label", **labelled, "fields": _NAMES})
    return found


def tilejson(layer: str, template: str, box: geo.Bbox, kind: str) -> dict[str, Any]:
    """A TileJSON 3.0 document.

    Args:
        layer: one of ``queries.LAYERS``.
        template: the whole address of a tile, with ``{z}``, ``{x}`` and ``{y}``.
        box: around everything in the tiles, in degrees.
        kind: of facility, whose figures the polygons carry.
    """
    return {
        "tilejson": "3.0.0",
        "name": _name(layer, kind),
        "tiles": [template],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "bounds": box.edges,
        "vector_layers": layers(layer),
    }


def metadata(layer: str, template: str, box: geo.Bbox, kind: str) -> dict[str, Any]:
    """The rows of MBTiles' ``metadata`` as one JSON object: what GDAL looks for beside a folder of tiles. Arguments as
    for ``tilejson``; ``tiles`` is what it adds."""
    return {
        "name": _name(layer, kind),
        "format": "pbf",
        "type": "overlay",
        "version": "2",
        "scheme": "xyz",
        "minzoom": "0",
        "maxzoom": str(MAX_ZOOM),
        "bounds": ",".join(map(str, box.edges)),
        "tiles": [template],
        "json": json.dumps({"vector_layers": layers(layer)}),
    }


def _name(layer: str, kind: str) -> str:
    return f"{layer} ({kind})" if layer in AREA_LAYERS else layer
