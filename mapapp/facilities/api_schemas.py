"""What programs send: bodies of the API's write operations. A pin's own rules are ``FacilityFacts``'."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, clean
from mapapp.facilities.fields import CAPACITY, with_fields
from mapapp.facilities.kinds import KindName
from mapapp.facilities.schemas import Count, FacilityFacts, Short, Status, public_text

Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version that your change is based on.")]


class FacilityNew(FacilityFacts):
    """A new facility. The server sets its source, its tambon and who checked it."""

    ref: Annotated[
        Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(clean)] | None,
        BlankIsNone,
        Field(
            description="Your own identifier: if you send it again, you get the same facility and no second one "
            "is added."
        ),
    ] = None


class FacilityEdit(FacilityFacts):
    """A change: named fields change, the others stay. The result is validated as a whole."""

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
    """Closes a facility permanently. The record is kept, and the facility can be reopened."""

    reason: Annotated[
        str, Field(min_length=1, max_length=500, description="The reason, shown to the public."), BeforeValidator(clean)
    ]
    version: Version | None = None

    @field_validator("reason")
    @classmethod
    def _public(cls, value: str) -> str:
        return public_text(value)


@with_fields(dict.fromkeys(CAPACITY, (Count, None)))
class Capacity(FormModel):
    """What is free now. A field that is not sent stays as it is; null means that the number is no longer known."""

    status: Annotated[
        Literal["open", "full"] | None, Field(description=("open or full; closing is a separate operation."))
    ] = None

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
    """The result of a report."""

    facility_id: int
    is_new: bool = Field(description="false: your earlier report about this facility is still open; it counts once")
