"""What programs send: bodies of the API's write operations. A pin's own rules are ``FacilityFacts``'."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, clean
from mapapp.facilities.fields import CAPACITY, with_fields
from mapapp.facilities.kinds import KindName
from mapapp.facilities.schemas import Count, FacilityFacts, Short, Status, public_text

Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version that the change was made from.")]


class FacilityNew(FacilityFacts):
    """A new facility. Where it comes from, who verified it and its tambon are the server's to say."""

    ref: Annotated[
        Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(clean)] | None,
        BlankIsNone,
        Field(description="Your own key of the place: sent again, it is the same facility and not a second one."),
    ] = None


class FacilityEdit(FacilityFacts):
    """A change: what is named is changed, what is not stays. The whole is checked when it has been put together."""

    version: Version
    kind: KindName | None = None  # type: ignore[assignment]  # here “not named” is possible
    name_th: Short | None = None  # type: ignore[assignment]  # as above
    lat: float | None = None  # type: ignore[assignment]  # as above
    lon: float | None = None  # type: ignore[assignment]  # as above
    status: Status | None = None  # type: ignore[assignment]  # as above

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if ("lat" in self.model_fields_set) != ("lon" in self.model_fields_set):
            raise refuse(N_("Give both lat and lon."))
        return self

    @property
    def given(self) -> dict[str, Any]:
        """The facts that are named."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "version"}


class FacilityClose(FormModel):
    """Closing a facility for good. It stays on record and can be reopened."""

    reason: Annotated[
        str, Field(min_length=1, max_length=500, description="Why, for the public to read."), BeforeValidator(clean)
    ]
    version: Version | None = None

    @field_validator("reason")
    @classmethod
    def _public(cls, value: str) -> str:
        return public_text(value)


@with_fields(dict.fromkeys(CAPACITY, (Count, None)))
class Capacity(FormModel):
    """What is free now. What is not named stays as it is; null says that it is not known any more."""

    status: Annotated[Literal["open", "full"] | None, Field(description="open or full; closing is another step.")] = (
        None
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.given:
            raise refuse(N_("Give at least one of: %(names)s."), names=", ".join((*CAPACITY, "status")))
        return self

    @property
    def given(self) -> dict[str, Any]:
        """What is named; a status of null names nothing."""
        return {
            name: getattr(self, name)
            for name in self.model_fields_set
            if not (name == "status" and self.status is None)
        }


class ReportTaken(BaseModel):
    """What became of a report."""

    facility_id: int
    is_new: bool = Field(description="false: a report from you about this facility is open already; it counts once")
