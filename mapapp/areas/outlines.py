"""Boundaries of many areas at once, as detailed as a number of bytes allows: for maps that leave the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas.models import BANDS, AreaShape
from mapapp.areas.queries import names, scope
from mapapp.core import geo

Level = Literal["province", "amphoe", "tambon"]

DIGITS: Final = 4
"""Decimals of a degree: 11 metres, a quarter of what the finest band here leaves out. Rounding moves a vertex that two
areas share to the same place in both, so neighbours stay edge to edge."""

POINT_BYTES, AREA_BYTES = 19, 60
"""What a vertex takes in GeoJSON with so many decimals, and what an area takes beside its vertices."""

FINEST: Final = BANDS[-2]
"""The finest band that is handed out; the last one is not simplified at all."""


def outlines(session: Session, *, level: Level, within: str | None = None, most_bytes: int) -> dict[str, str]:
    """The boundaries of a level inside an area, as GeoJSON geometries in degrees by code.

    They come from the shapes that were simplified together for the map, so neighbours share one line. Of those bands
    the most detailed is taken whose boundaries fit into ``most_bytes`` together; the coarsest, where none does.

    Args:
        within: an area's code; None for the whole country.
        most_bytes: of all geometries together, about.
    """
    return _drawn(session, level, within, _band(session, level, within, most_bytes))


def nested(session: Session, *, level: Level, within: str | None, most_bytes: int) -> dict[Level, dict[str, str]]:
    """The boundaries of a level inside an area, of the levels above it, and of the area itself, from small to large.

    All are of one band: those of the larger ones lie on those of the smaller ones. Of the whole country there are no
    levels between the one that is asked for and provinces.

    Args:
        level, within, most_bytes: as for ``outlines``; the levels above come on top, about two fifths more.
    """
    band = _band(session, level, within, most_bytes)
    above = [one for one in UPWARDS[UPWARDS.index(level) :] if within is not None or one in (level, "province")]
    made = {one: _drawn(session, one, _own(one, within), band) for one in above}
    return {one: shapes for one, shapes in made.items() if shapes}


UPWARDS: Final[tuple[Level, ...]] = ("tambon", "amphoe", "province")


def _own(level: Level, within: str | None) -> str | None:
    """What the codes of a level begin with that lie in an area, or have it inside."""
    return within and within[: {"province": 2, "amphoe": 4, "tambon": 6}[level]]


def _drawn(session: Session, level: Level, within: str | None, band: int) -> dict[str, str]:
    shape = func.ST_AsGeoJSON(func.ST_Transform(AreaShape.shape, geo.SRID), DIGITS)
    found = session.execute(
        select(AreaShape.code, shape)
        .where(AreaShape.band == band, AreaShape.level == level, scope(AreaShape.code, within))
        .order_by(AreaShape.code)
    )
    return {code: geometry for code, geometry in found if geometry}


def collection(session: Session, drawn: Mapping[str, str]) -> dict[str, Any]:
    """Such boundaries with their code and names, as a GeoJSON ``FeatureCollection`` by code."""
    named = names(session, set(drawn))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": json.loads(geometry),
                "properties": {"code": code, "name_th": named[code].name_th, "name_en": named[code].name_en},
            }
            for code, geometry in sorted(drawn.items())
        ],
    }


def _band(session: Session, level: str, within: str | None, most_bytes: int) -> int:
    size = func.sum(func.ST_NPoints(AreaShape.shape)) * POINT_BYTES + func.count() * AREA_BYTES
    found = session.execute(
        select(AreaShape.band, size)
        .where(AreaShape.level == level, scope(AreaShape.code, within))
        .group_by(AreaShape.band)
    )
    sizes: Mapping[int, int] = {band: total for band, total in found if band <= FINEST}
    fitting = [band for band, total in sizes.items() if total <= most_bytes]
    return max(fitting, default=min(sizes, default=FINEST))
