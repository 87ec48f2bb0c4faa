"""What one more facility would change, before it is built: for whom it would be the nearest, and who would come within
reach.

The promise is kept to the person: tambons are computed as ``tambons.sql`` computes them once the place stands
(``one_more.sql``), and areas above are weighed as ``parents.sql`` weighs them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.coverage.one_more_schemas import AreaChange, OneMore, OneMoreQuery, TambonChange
from mapapp.coverage.sql import statement

MOST = 200
"""Tambons in an answer; the sums are over all."""


def one_more(session: Session, query: OneMoreQuery, field_name: str = "lat") -> OneMore:
    """The effect of one more facility at a place.

    Raises:
        Invalid: the place is outside the area of this service; beside ``field_name``.
    """
    around = areas.area_at(session, query.point)
    if around is None:
        raise areas.outside_problem(session, field_name)
    given: dict[str, Any] = {"kind": query.kind, "radius_km": query.radius_km}
    place = {"lon": query.point.lon, "lat": query.point.lat}
    rows = session.execute(statement("one_more", stale=query.stale), {**given, **place}).all()
    codes = [around.amphoe.code, around.province.code]
    above = session.execute(statement("one_more_above", stale=query.stale), {**given, "codes": codes}).all()
    nearest = [row for row in rows if _is_nearest(row)]
    return OneMore(
        kind=query.kind,
        radius_km=query.radius_km,
        stale=query.stale,
        lat=query.point.lat,
        lon=query.point.lon,
        tambon=around.tambon.code,
        people_within=sum(_gained(row) or 0 for row in rows),
        people_nearest=sum(row.population or 0 for row in nearest),
        tambons_nearest=len(nearest),
        unpeopled=sum(row.population is None for row in rows),
        areas=[_area(row, rows) for row in above],
        tambons_changed=len(rows),
        tambons=[_tambon(row) for row in heapq.nsmallest(MOST, rows, key=_most_gained)],
    )


def _is_nearest(row: Row[Any]) -> bool:
    return row.nearest_before is None or bool(row.nearest_after < row.nearest_before)


def _gained(row: Row[Any]) -> float | None:
    """People who come within reach; None where nobody has counted them."""
    return None if row.population is None else row.population * (row.share_after - row.share_before)


def _most_gained(row: Row[Any]) -> tuple[float, int, str]:
    return -(_gained(row) or 0), -(row.population or 0) * _is_nearest(row), row.code


def _tambon(row: Row[Any]) -> TambonChange:
    known = {name: value for name, value in row._mapping.items() if name in TambonChange.model_fields}
    return TambonChange(**known, is_nearest=_is_nearest(row), people_within=_gained(row))


def _area(row: Row[Any], changed: Iterable[Row[Any]]) -> AreaChange:
    """An amphoe or province as it is and as it would be."""
    inside = [one for one in changed if one.code.startswith(row.code)]

    def weight(one: Row[Any]) -> float:
        return float(one.population if row.peopled else one.area_km2)

    def moved(name: str, start: float) -> float:
        """The mean with what changes in it."""
        more = sum(
            (one._mapping[f"{name}_after"] - (one._mapping[f"{name}_before"] or 0)) * weight(one) for one in inside
        )
        return start + (more / row.weight if row.weight else 0)

    share = moved("share", row.share)
    beyond = None
    if row.peopled and row.beyond_people is not None:
        beyond = max(0.0, row.beyond_people - sum(_gained(one) or 0 for one in inside))
    elif row.population is not None:
        beyond = row.population * (1 - share)
    return AreaChange(
        code=row.code,
        level=row.level,
        name_th=row.name_th,
        name_en=row.name_en,
        population=row.population,
        share_before=row.share,
        share_after=share,
        beyond_before=row.beyond_people,
        beyond_after=beyond,
        nearest_before=row.nearest_km,
        nearest_after=moved("nearest", row.nearest_km or 0),
        facilities_before=row.facilities,
        facilities_after=row.facilities + 1,
    )
