"""What readers ask of the facilities room: the query strings of its API and its page."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mapapp.core import geo
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import AreaCode, BlankIsNone, MaybePointQuery, PointQuery, QueryModel, clean
from mapapp.facilities.kinds import KindName


def _whole(value: object) -> object:
    """Digits only: pydantic would take “1_0”, “1.0” and Thai digits too, and ten ways to write one number are nine
    entries too many in a cache."""
    if isinstance(value, str) and not (value.strip().isascii() and value.strip().lstrip("+-").isdigit()):
        raise refuse(N_("Enter a whole number."))
    if isinstance(value, str) and len(value) > 18:
        raise refuse(N_("This number is too large."))
    return value


Text = Annotated[str, Field(max_length=200), BeforeValidator(clean)]
Kilometres = Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]
Digits = BeforeValidator(_whole)
"""Stands behind a whole number's ``Field``: bounds that come after a validator are not told in the API's document."""
Cursor = Annotated[int, Field(ge=0, le=2**63 - 1), Digits]


class NearestQuery(PointQuery):
    """``/api/v1/facilities/nearest``."""

    kind: Annotated[KindName | None, BlankIsNone, Field(description="Only this type of facility. Default: all.")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Number of results, 1–100."), Digits] = 10
    open_now: Annotated[
        bool,
        Field(
            description="Only facilities known to be open now and not full; with unknown hours they do not "
            "count as open."
        ),
    ] = False
    verified: Annotated[bool, Field(description="Only facilities that a person has checked.")] = False
    stale: Annotated[bool, Field(description="Include facilities that were not confirmed recently.")] = False
    max_km: Annotated[Kilometres | None, BlankIsNone, Field(description="Maximum distance in kilometres.")] = None


FileForm = Literal["csv", "geojson", "gpkg"]


class NearestFileQuery(NearestQuery):
    """``/api/v1/facilities/nearest/file``."""

    format: FileForm = Field("geojson", description="Format of the file.")


class AreaFileQuery(QueryModel):
    """``/api/v1/facilities/file``."""

    area: Annotated[AreaCode, Field(description="Inside this area (2, 4 or 6 digits).")]
    kind: Annotated[KindName | None, BlankIsNone, Field(description="Only this type of facility. Default: all.")] = None
    format: FileForm = Field("geojson", description="Format of the file.")


class BboxQuery(QueryModel):
    """A part of the map."""

    bbox: Annotated[
        geo.Bbox | None,
        BeforeValidator(geo.bbox),
        BlankIsNone,
        WithJsonSchema({"type": "string"}),
        Field(description="west,south,east,north in degrees."),
    ] = None
    kind: Annotated[KindName | None, BlankIsNone, Field(description="Only this type of facility. Default: all.")] = None


class ListQuery(BboxQuery):
    """``/api/v1/facilities``."""

    area: Annotated[AreaCode | None, BlankIsNone, Field(description="Only inside this area (2, 4 or 6 digits).")] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="Results per page, 1–1000."), Digits] = 100
    cursor: Annotated[
        Cursor | None,
        BlankIsNone,
        Field(description="``next_cursor`` of the previous page."),
    ] = None


class ClusterQuery(BboxQuery):
    """``/api/v1/facilities/clusters``."""

    zoom: Annotated[int, Field(ge=0, le=22, description="Zoom level of the map, 0–22."), Digits]

    @model_validator(mode="after")
    def _needs_bbox(self) -> ClusterQuery:
        if self.bbox is None and self.zoom > 8:
            raise refuse(N_("Give the bbox of the map from zoom 9 on."))
        return self


class NearestForm(MaybePointQuery):
    """The form of ``/nearest``. ``at`` says which place name the point was found for: another name, another search."""

    place: Text = ""
    at: Text = ""
    kind: Annotated[KindName | None, BlankIsNone] = None
    open_now: Annotated[bool | None, BlankIsNone] = None
    verified: Annotated[bool | None, BlankIsNone] = None
    stale: Annotated[bool | None, BlankIsNone] = None
    max_km: Annotated[Kilometres | None, BlankIsNone] = None
