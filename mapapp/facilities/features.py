"""What goes out of the facilities room: GeoJSON features, and the models that describe them in the API's document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from mapapp.core import geo, phones
from mapapp.facilities import fields, hours
from mapapp.facilities.by_province import Counted
from mapapp.facilities.fields import with_fields
from mapapp.facilities.freshness import Lifetimes, confirmed_by
from mapapp.facilities.kinds import KindName
from mapapp.facilities.nearest import Found, Nearest
from mapapp.facilities.queries import Cluster, Pin
from mapapp.facilities.schemas import Status
from mapapp.lists.credits import Credit


class Open(BaseModel):
    """Whether it takes people now."""

    is_open: bool | None = Field(description="null if it is not known whether it is open now")
    until: datetime | None = Field(description="when it closes, if it is open now and closes within two weeks")
    opens_at: datetime | None = Field(
        description="when it opens, if it is not known to be open now and the time is known"
    )
    reason: Literal["hours", "hours_unknown", "full", "temporarily_closed", "closed"]


class PointGeometry(BaseModel):
    """A GeoJSON point."""

    type: Literal["Point"]
    coordinates: tuple[float, float] = Field(description="longitude, latitude")


class FurtherPhone(BaseModel):
    """A part of ``phone_more``."""

    text: str
    dial: str | None = Field(
        description="E.164 or a hotline, with an extension after a comma (a pause); null if the text is no number"
    )


def _told_fields() -> dict[str, tuple[Any, Any]]:
    told: dict[str, tuple[Any, Any]] = {}
    for row in fields.MADE:
        told[row.name] = ((int if row.value == "count" else str) | None, Field(description=row.about))
        if row.said is not None:
            told[row.said.at] = (datetime | None, Field(description=row.said.about))
    return told


@with_fields(_told_fields())
class FacilityProperties(BaseModel):
    """A facility's public facts."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName
    name_th: str
    name_en: str | None
    status: Status
    status_at: datetime | None = Field(description="when the status was last updated")
    open: Open
    closed_from: datetime | None = Field(
        description="when a planned closure begins; until then the opening hours apply"
    )
    closed_until: datetime | None
    closed_reason: str | None = Field(description="why it is or will be closed")
    opening_hours: str | None = Field(description="OSM opening_hours syntax, Asia/Bangkok, Thai public holidays")
    phone: str | None = Field(description="E.164, or a four-digit hotline")
    phone_more: str | None = Field(description="an extension and more numbers, as they were entered")
    further_phones: list[FurtherPhone] | None = Field(description="what stands in phone_more, number by number")
    address: str | None
    tambon_code: str | None
    confirmed_at: datetime | None = Field(
        description="the date of this information: when a person confirmed it, or the date of the imported list; "
        "null if unknown"
    )
    confirmed_by: Literal["person", "list"] | None = Field(
        description="who confirmed it: a person, or a dated list; null if unknown"
    )
    stale_at: datetime | None = Field(
        description="when it counts as out of date, unless it is confirmed again; null: it does already"
    )
    is_stale: bool = Field(description="not confirmed within the limit for its type")
    doubtful_at: datetime | None = Field(
        description="when several people had reported a problem; null: no such report is open"
    )
    verified_at: datetime | None = Field(description="when a person last confirmed it; an import does not count")
    is_example: bool = Field(description="not real: example data to show the service")
    source: str
    source_as_of: date | None = Field(description="date of the list it was imported from")
    version: int = Field(description="number of the current version; send it with your change")


class FacilityFeature(BaseModel):
    """A facility as a GeoJSON feature."""

    type: Literal["Feature"]
    id: int
    geometry: PointGeometry
    properties: FacilityProperties


class NearestProperties(FacilityProperties):
    """The public data of a facility, and its distance."""

    distance_m: float = Field(description="metres from the point of the request, as measure says")
    measure: Literal["straight_line"] = Field(description="the geodesic on WGS 84")


class NearestFeature(FacilityFeature):
    """One of the nearest facilities."""

    properties: NearestProperties


class NearestCollection(BaseModel):
    """The nearest facilities, nearest first."""

    type: Literal["FeatureCollection"]
    features: list[NearestFeature]
    left_out: int = Field(
        description="stale facilities that were left out although they are nearer than the last one in this answer "
        "(with fewer than limit results: all within max_km); stale=true includes them"
    )


class NearestFile(NearestCollection):
    """The same as a file."""

    credit: Credit
    origin: tuple[float, float] = Field(description="longitude, latitude of the point of the request")


class FacilitiesFile(BaseModel):
    """The facilities of an area that are not closed, as a file."""

    type: Literal["FeatureCollection"]
    credit: Credit
    features: list[FacilityFeature]


class FacilityCollection(BaseModel):
    """One page of facilities."""

    type: Literal["FeatureCollection"]
    features: list[FacilityFeature]
    next_cursor: str | None = Field(description="send it as cursor to get the next page; null on the last page")


class ClusterProperties(BaseModel):
    """A cluster: its count and, if it is one facility, the data of that facility; or the province whose facilities it
    counts."""

    model_config = ConfigDict(extra="allow")

    count: int
    kind: KindName | None = Field(description="the type, if all facilities of the cluster have the same")
    area_code: str | None = Field(
        default=None, description="of the province, below zoom 7", exclude_if=lambda code: code is None
    )


class ClusterFeature(BaseModel):
    """A point on the map that stands for one or more facilities."""

    type: Literal["Feature"]
    id: int | None = Field(
        default=None, description="of the facility, if it is only one", exclude_if=lambda number: number is None
    )
    geometry: PointGeometry
    properties: ClusterProperties
    bbox: tuple[float, float, float, float] | None = Field(
        default=None, description="of the province, below zoom 7", exclude_if=lambda box: box is None
    )


class ClusterCollection(BaseModel):
    """The clusters of a map view."""

    type: Literal["FeatureCollection"]
    features: list[ClusterFeature]
    truncated: bool = Field(description="there are more facilities than this answer has: zoom in")


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")


_FIRST = Pin._fields.index(fields.STORED[0])
_TIMES = [row.said.at for row in fields.MADE if row.said is not None]


def _stored(pin: Pin) -> dict[str, Any]:
    """The columns of the table of fields, which stand at the end of a pin."""
    facts = dict(zip(fields.STORED, tuple(pin)[_FIRST:], strict=True))
    for at in _TIMES:
        if facts[at] is not None:
            facts[at] = _time(facts[at])
    return facts


def _further(pin: Pin) -> list[dict[str, str | None]]:
    dialled = phones.dialled(pin.phone or "", pin.phone_more or "")
    return [{"text": text, "dial": dial} for text, dial in dialled]


def properties(pin: Pin, state: hours.OpenState, lifetimes: Lifetimes, now: datetime) -> dict[str, Any]:
    """``FacilityProperties`` as plain values: built by hand, because a hundred of them are one answer."""
    stale_at = lifetimes.stale_at(pin.kind, pin.confirmed_at)
    return {
        "kind": pin.kind,
        "name_th": pin.name_th,
        "name_en": pin.name_en,
        "status": pin.status,
        "status_at": _time(pin.status_at),
        "open": {
            "is_open": state.is_open,
            "until": _time(state.until),
            "opens_at": _time(state.opens_at),
            "reason": state.reason,
        },
        "closed_from": _time(pin.closed_from),
        "closed_until": _time(pin.closed_until),
        "closed_reason": pin.closed_reason,
        "opening_hours": pin.opening_hours,
        "phone": pin.phone,
        "phone_more": pin.phone_more,
        "further_phones": _further(pin) if pin.phone_more else None,
        "address": pin.address,
        "tambon_code": pin.tambon_code,
        **_stored(pin),
        "confirmed_at": _time(pin.confirmed_at),
        "confirmed_by": confirmed_by(pin.confirmed_at, pin.verified_at),
        "stale_at": _time(stale_at),
        "is_stale": stale_at is None or stale_at < now,
        "doubtful_at": _time(pin.doubtful_at),
        "verified_at": _time(pin.verified_at),
        "is_example": pin.is_example,
        "source": pin.source,
        "source_as_of": None if pin.source_as_of is None else pin.source_as_of.isoformat(),
        "version": pin.version,
    }


def feature(pin: Pin, lifetimes: Lifetimes, now: datetime) -> dict[str, Any]:
    """A ``FacilityFeature``."""
    facts = properties(pin, hours.state(pin, now), lifetimes, now)
    return geo.feature(lat=pin.lat, lon=pin.lon, id=pin.id, properties=facts)


def near(found: Found, lifetimes: Lifetimes, now: datetime) -> dict[str, Any]:
    """A ``NearestFeature``."""
    facts = properties(found.pin, found.state, lifetimes, now)
    facts["distance_m"] = round(found.distance_m, 1)
    facts["measure"] = found.measure
    return geo.feature(lat=found.pin.lat, lon=found.pin.lon, id=found.pin.id, properties=facts)


def nearest_collection(answer: Nearest, lifetimes: Lifetimes, now: datetime) -> dict[str, Any]:
    """A ``NearestCollection``."""
    features = [near(one, lifetimes, now) for one in answer.found]
    return {"type": "FeatureCollection", "features": features, "left_out": answer.left_out}


def collection(pins: Sequence[Pin], cursor: int | None, lifetimes: Lifetimes, now: datetime) -> dict[str, Any]:
    """A ``FacilityCollection``."""
    return {
        "type": "FeatureCollection",
        "features": [feature(pin, lifetimes, now) for pin in pins],
        "next_cursor": None if cursor is None else str(cursor),
    }


def cluster_collection(
    clusters: Sequence[Cluster], truncated: bool, lifetimes: Lifetimes, now: datetime
) -> dict[str, Any]:
    """A ``ClusterCollection``."""
    made = []
    for one in clusters:
        if one.province is not None:
            made.append(province(one.province))
            continue
        facts: dict[str, Any] = {"count": one.pins, "kind": one.kind}
        if one.pin is not None:
            facts |= properties(one.pin, hours.state(one.pin, now), lifetimes, now)
        number = None if one.pin is None else one.pin.id
        made.append(geo.feature(lat=one.lat, lon=one.lon, id=number, properties=facts))
    return {"type": "FeatureCollection", "features": made, "truncated": truncated}


def province(one: Counted) -> dict[str, Any]:
    """A ``ClusterFeature`` of a whole province."""
    facts = {"count": one.pins, "kind": one.kind, "area_code": one.code, "name_th": one.name_th, "name_en": one.name_en}
    made = geo.feature(lat=one.lat, lon=one.lon, properties=facts)
    return {**made, "bbox": [round(edge, 4) for edge in one.box]}


def dumped(value: dict[str, Any]) -> bytes:
    """JSON in UTF-8; text as it is, so that Thai takes three bytes a letter and not six."""
    return to_json(value)
