"""Open requests and counts as GeoJSON: the only place that defines what programs get."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from mapapp.help_requests.nearby.cell_counts import Counted
from mapapp.help_requests.nearby.queries import Near
from mapapp.help_requests.nearby.schemas import (
    CellProperties,
    Collection,
    Feature,
    Level,
    NeedProperties,
    RequestProperties,
)


def point(*, lat: float, lon: float) -> dict[str, Any]:
    """A GeoJSON point with three decimals, which is the centre of a cell."""
    return {"type": "Point", "coordinates": [round(lon, 3), round(lat, 3)]}


def cells(found: Iterable[Counted], level: Level, *, truncated: bool) -> Collection:
    """Cells or areas with their counts."""
    made = [
        Feature(
            id=one.key,
            geometry=point(lat=one.lat, lon=one.lon),
            properties=CellProperties(
                precision=level, key=one.key, size=one.size, area_code=one.area_code, requests=one.requests,
                waiting=one.waiting, needs=one.needs, urgencies=one.urgencies, ages=one.ages,
            ),
        )
        for one in found
    ]  # fmt: skip
    return Collection(features=made, truncated=truncated)


def request(one: Near, day: date) -> Feature:
    """A request by its cell. A closed request has no description: no one needs it any longer."""
    return Feature(
        id=one.id,
        geometry=point(lat=one.lat, lon=one.lon),
        properties=RequestProperties(
            service_codes=list(dict.fromkeys(need.kind for need in one.needs)),
            status="closed" if one.is_closed else "open", is_free=one.is_free and not one.is_closed,
            urgency=one.word,
            needs=[
                NeedProperties(
                    kind=need.kind,
                    detail=None if one.is_closed else need.detail, quantity=need.quantity, status=need.state,
                )
                for need in one.needs
            ],
            description="" if one.is_closed else one.description, people=one.people, bedridden=one.bedridden,
            elderly=one.elderly, small_children=one.small_children, pregnant=one.pregnant, cell=one.cell_key,
            cell_size=one.cell_size, tambon_code=one.cell_tambon_code, requested_on=day - timedelta(days=one.days),
            distance_m=None if one.distance_m is None else round(one.distance_m), is_example=one.is_example,
        ),
    )  # fmt: skip


def requests(found: Iterable[Near], day: date, following: str | None) -> Collection:
    """One page of requests."""
    return Collection(features=[request(one, day) for one in found], next=following, truncated=following is not None)
