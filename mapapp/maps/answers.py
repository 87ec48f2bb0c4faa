"""Maps of answers: made from Python, for a notebook, a file or a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import folium
from sqlalchemy.orm import Session

from mapapp.areas.outlines import collection, nested
from mapapp.core import geo
from mapapp.core.languages import THAI, Language
from mapapp.core.map_addresses import Address
from mapapp.coverage import labels, queries
from mapapp.coverage.schemas import FigureQuery
from mapapp.database.server_time import database_time
from mapapp.facilities import features
from mapapp.facilities.freshness import DEFAULT
from mapapp.facilities.nearest import Nearest
from mapapp.maps.area_map import AreaMap
from mapapp.maps.layers import AreaChoropleth, AreaTiles, FacilityPins, MapNotes, NearestResult
from mapapp.maps.making import PINS_FROM
from mapapp.maps.map_pair import MapPair

PART_BYTES, WHOLE_BYTES = 300_000, 1_000_000
"""What the boundaries in a document may take: of the areas in one, or of a level of the whole country."""


def coverage_map(
    query: FigureQuery, *, session: Session | None = None, server: str = "", lang: Language = THAI
) -> AreaMap:
    """A figure by area, in colours, with its legend.

    Args:
        query: which figure of which areas.
        session: a database to read; figures and boundaries are then in the document, which asks nobody.
        server: without a session, the address of a running service (``https://…``) that the document asks.
        lang: of its texts.
    """
    made = AreaMap(lang=lang)
    asked = {
        "level": query.level,
        "within": query.within,
        "metric_label": labels.heading(query, lang),
        "counted": labels.counted(query, lang),
    }
    base = Address(server.rstrip("/"))
    tiles = Address(f"{base}/tiles") if session is None else None
    land = _land(base, tiles)
    painted = AreaChoropleth(tiles=tiles, server=base if server else None)
    land.add_to(made)
    painted.add_to(made)
    if session is None:
        values = urlencode(query.model_dump(mode="json", exclude_none=True))
        painted.data = {**asked, "values_url": f"/api/v1/coverage/values?{values}"}
        pins = FacilityPins(clusters=Address(f"{base}/api/v1/facilities/clusters"), from_zoom=PINS_FROM)
        pins.data = {"kind": query.kind}
        pins.add_to(made)
    else:
        land.data = ground(session, query)
        painted.data = {**asked, "figures": queries.values(session, query).model_dump(mode="json")}
    folium.LayerControl().add_to(made)
    return made


def compare_map(
    left: FigureQuery, right: FigureQuery, *, session: Session | None = None, server: str = "", lang: Language = THAI
) -> MapPair:
    """Two figures of the same areas side by side, of two kinds or two days: two maps that move together, in one set of
    classes, with one legend.

    Args:
        left: which figure of which areas.
        right: the same figure of the same areas for another kind or day.
        session: a database to read; figures and boundaries are then in the document, which asks nobody.
        server: without a session, the address of a running service (``https://…``) that the document asks.
        lang: of its texts.

    Raises:
        ValueError: the two are not about the same figure, areas and distance: then their colours could not be compared.
    """
    for name in ("level", "metric", "radius_km", "within"):
        if getattr(left, name) != getattr(right, name):
            raise ValueError(f"two maps side by side need the same {name}")
    sides = [_side(one, other, session, server, lang) for one, other in ((left, right), (right, left))]
    sides[0].painted.data = {**(sides[0].painted.data or {}), "legend": False}
    return MapPair(sides[0].made, sides[1].made)


@dataclass(frozen=True)
class _Side:
    made: AreaMap
    painted: AreaChoropleth


def _side(query: FigureQuery, beside: FigureQuery, session: Session | None, server: str, lang: Language) -> _Side:
    made = AreaMap(lang=lang)
    base = Address(server.rstrip("/"))
    tiles = Address(f"{base}/tiles") if session is None else None
    land, painted, name = _land(base, tiles), AreaChoropleth(tiles=tiles, server=base if server else None), MapNotes()
    name.data = {"notes": {"title": labels.side(query, lang), "lines": []}}
    painted.data = {
        "level": query.level,
        "within": query.within,
        "metric_label": labels.figure(query, lang),
        "counted": labels.counted(query, lang),
    }
    if session is None:
        other = {"beside_kind": beside.kind, "beside_day": beside.day, "beside_stale": beside.stale}
        asked = query.model_dump(mode="json", exclude_none=True) | {k: v for k, v in other.items() if v is not None}
        painted.data |= {"values_url": f"/api/v1/coverage/values?{urlencode(asked)}"}
    else:
        land.data = ground(session, query)
        painted.data |= {"figures": queries.values(session, query, beside).model_dump(mode="json")}
    for layer in (land, painted, name):
        layer.add_to(made)
    folium.LayerControl().add_to(made)
    return _Side(made, painted)


def nearest_map(
    result: Nearest | Mapping[str, Any],
    *,
    origin: geo.Point | None = None,
    rings_km: tuple[float, ...] = (),
    session: Session | None = None,
    server: str = "",
    lang: Language = THAI,
) -> AreaMap:
    """The facilities found, numbered, and the place that was asked about.

    Args:
        result: what ``facilities.nearest.nearest`` found, or the answer of ``/api/v1/facilities/nearest``.
        origin: the place.
        rings_km: radii of rings around it, in km.
        session: a database to read the provinces' boundaries from; they are then in the document, which asks nobody.
        server: without a session, the address of a running service (``https://…``) whose tiles lie below.
        lang: of its texts.

    Raises:
        TypeError: what ``nearest`` found, without its session.
    """
    made = AreaMap(lang=lang)
    base = Address(server.rstrip("/"))
    land = _land(base, Address(f"{base}/tiles") if session is None else None)
    if session is not None:
        land.data = ground(session, FigureQuery(level="province"))
    found = NearestResult(rings_km=tuple(float(km) for km in rings_km))
    if isinstance(result, Nearest):
        if session is None:
            raise TypeError("what nearest() found is told as of the database's time: give the session too")
        result = features.nearest_collection(result, DEFAULT, database_time(session))
    found.data = {
        "features": {"type": "FeatureCollection", "features": list(result["features"])},
        "origin": None if origin is None else [origin.lon, origin.lat],
    }
    land.add_to(made)
    found.add_to(made)
    folium.LayerControl().add_to(made)
    return made


def ground(session: Session, query: FigureQuery) -> dict[str, Any]:
    """The boundaries of a query's areas and of the larger ones, with their names, as ``AreaTiles`` takes them. The
    outline of the area that it looks into is marked."""
    most = PART_BYTES if query.within else WHOLE_BYTES
    drawn = nested(session, level=query.level, within=query.within, most_bytes=most)
    shapes = {level: collection(session, found) for level, found in drawn.items()}
    return {"shapes": shapes, "chosen": query.within}


def _land(base: Address, tiles: Address | None) -> AreaTiles:
    return AreaTiles(tiles=tiles, areas=None if tiles is None else Address(f"{base}/api/v1/areas"))
