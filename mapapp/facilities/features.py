"""What goes out of the facilities room: GeoJSON features, and the models that describe them in the API's document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from mapapp import geo
from mapapp.facilities import hours
from mapapp.facilities.queries import Cluster, Found, Pin
from mapapp.facilities.schemas import Kind, Status


class Open(BaseModel):
    """Whether it takes people now."""

    is_open: bool | None = Field(description="null where the hours are not known")
    until: datetime | None = Field(description="when an open place closes, within two weeks")
    opens_at: datetime | None = Field(description="when a closed place opens, where that is known")
    reason: Literal["hours", "hours_unknown", "full", "temporarily_closed", "closed"]


class PointGeometry(BaseModel):
    """A GeoJSON point."""

    type: Literal["Point"]
    coordinates: tuple[float, float] = Field(description="longitude, latitude")


class FacilityProperties(BaseModel):
    """A facility's public facts."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    name_th: str
    name_en: str | None
    status: Status
    open: Open
    closed_until: datetime | None
    opening_hours: str | None = Field(description="OSM opening_hours syntax, Asia/Bangkok, Thai public holidays")
    phone: str | None = Field(description="E.164, or a four-digit hotline")
    address: str | None
    tambon_code: str | None
    serves: str | None = Field(description="who is served")
    beds: int | None
    beds_free: int | None
    doses_per_day: int | None
    tests_per_day: int | None
    verified_at: datetime | None
    is_example: bool = Field(description="made up to show the service")
    source: str
    source_as_of: date | None
    version: int = Field(description="counts the changes; give it with a change of your own")


class FacilityFeature(BaseModel):
    """A facility as a GeoJSON feature."""

    type: Literal["Feature"]
    id: int
    geometry: PointGeometry
    properties: FacilityProperties


class NearestProperties(FacilityProperties):
    """A facility's public facts, and how far it is."""

    distance_m: float = Field(description="metres from the place asked about, along the measure")
    measure: Literal["straight_line"] = Field(description="the geodesic on WGS 84")


class NearestFeature(FacilityFeature):
    """One of the nearest facilities."""

    properties: NearestProperties


class NearestCollection(BaseModel):
    """The nearest facilities, nearest first."""

    type: Literal["FeatureCollection"]
    features: list[NearestFeature]


class FacilityCollection(BaseModel):
    """A page of facilities."""

    type: Literal["FeatureCollection"]
    features: list[FacilityFeature]
    next_cursor: str | None = Field(description="give it as cursor for the next page; null on the last")


class ClusterProperties(BaseModel):
    """A cluster: its count and, where it is one facility, that facility's facts."""

    model_config = ConfigDict(extra="allow")

    count: int
    kind: Kind | None = Field(description="the kind all of them share")


class ClusterFeature(BaseModel):
    """A point on the map that stands for one or more facilities."""

    type: Literal["Feature"]
    id: int | None = Field(
        default=None, description="of the facility, where it is one", exclude_if=lambda number: number is None
    )
    geometry: PointGeometry
    properties: ClusterProperties


class ClusterCollection(BaseModel):
    """What the map shows."""

    type: Literal["FeatureCollection"]
    features: list[ClusterFeature]
    truncated: bool = Field(description="there are more than were given: zoom in")


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")


def properties(pin: Pin, state: hours.OpenState) -> dict[str, Any]:
    """``FacilityProperties`` as plain values: built by hand, because a hundred of them are one answer."""
    return {
        "kind": pin.kind,
        "name_th": pin.name_th,
        "name_en": pin.name_en,
        "status": pin.status,
        "open": {
            "is_open": state.is_open,
            "until": _time(state.until),
            "opens_at": _time(state.opens_at),
            "reason": state.reason,
        },
        "closed_until": _time(pin.closed_until),
        "opening_hours": pin.opening_hours,
        "phone": pin.phone,
        "address": pin.address,
        "tambon_code": pin.tambon_code,
        "serves": pin.serves,
        "beds": pin.beds,
        "beds_free": pin.beds_free,
        "doses_per_day": pin.doses_per_day,
        "tests_per_day": pin.tests_per_day,
        "verified_at": _time(pin.verified_at),
        "is_example": pin.is_example,
        "source": pin.source,
        "source_as_of": None if pin.source_as_of is None else pin.source_as_of.isoformat(),
        "version": pin.version,
    }


def feature(pin: Pin, now: datetime) -> dict[str, Any]:
    """A ``FacilityFeature``."""
    return geo.feature(lat=pin.lat, lon=pin.lon, id=pin.id, properties=properties(pin, hours.state(pin, now)))


def near(found: Found) -> dict[str, Any]:
    """A ``NearestFeature``."""
    facts = properties(found.pin, found.state)
    facts["distance_m"] = round(found.distance_m, 1)
    facts["measure"] = found.measure
    return geo.feature(lat=found.pin.lat, lon=found.pin.lon, id=found.pin.id, properties=facts)


def nearest_collection(found: Sequence[Found]) -> dict[str, Any]:
    """A ``NearestCollection``."""
    return {"type": "FeatureCollection", "features": [near(one) for one in found]}


def collection(pins: Sequence[Pin], cursor: int | None, now: datetime) -> dict[str, Any]:
    """A ``FacilityCollection``."""
    return {
        "type": "FeatureCollection",
        "features": [feature(pin, now) for pin in pins],
        "next_cursor": None if cursor is None else str(cursor),
    }


def cluster_collection(clusters: Sequence[Cluster], truncated: bool, now: datetime) -> dict[str, Any]:
    """A ``ClusterCollection``."""
    made = []
    for one in clusters:
        facts: dict[str, Any] = {"count": one.pins, "kind": one.kind}
        if one.pin is not None:
            facts |= properties(one.pin, hours.state(one.pin, now))
        number = None if one.pin is None else one.pin.id
        made.append(geo.feature(lat=one.lat, lon=one.lon, id=number, properties=facts))
    return {"type": "FeatureCollection", "features": made, "truncated": truncated}


def dumped(value: dict[str, Any]) -> bytes:
    """JSON in UTF-8; text as it is, so that Thai takes three bytes a letter and not six."""
    return to_json(value)
