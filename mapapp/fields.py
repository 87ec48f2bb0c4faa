"""Field types for what comes in, shared by every room's ``schemas``: checked once here, trusted deeper down."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from mapapp import geo
from mapapp.errors import N_, refuse


def clean(value: object) -> object:
    """Text as typed, without what no keyboard types: composed (NFC), trimmed, no control characters."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value).strip()
    for character in text:
        category = unicodedata.category(character)
        # U+FFFD stands where bytes were no UTF-8: what was meant is lost.
        if category == "Cs" or character == "\ufffd" or (category == "Cc" and character not in "\n\r\t"):
            raise refuse(N_("This text has characters that cannot be stored. Type it again without them."))
    return text


PlainText = Annotated[str, BeforeValidator(clean)]
"""One or more lines of text, safe to store; lengths are set where it is used."""


def _blank(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return None if value is None or (isinstance(value, str) and not value.strip()) else handler(value)


BlankIsNone = WrapValidator(_blank)
"""An empty form field means “not given”: ``Annotated[int | None, BlankIsNone] = None``."""


def parse_area_code(value: object) -> str:
    """A DOPA code of 2, 4 or 6 digits, from “50”, “TH5001” or 500101.

    Raises:
        PydanticCustomError: it is none.
    """
    text = str(value).strip().upper().removeprefix("TH") if isinstance(value, (str, int)) else ""
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6)):
        raise refuse(N_("An area code has 2, 4 or 6 digits, for example 50, 5001 or 500101."))
    return text


AreaCode = Annotated[str, BeforeValidator(parse_area_code)]
"""A DOPA code; what it takes says ``parse_area_code``."""


class QueryModel(BaseModel):
    """Base of every query string: a misspelt parameter is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PointQuery(QueryModel):
    """``lat`` and ``lon``, both needed, in Thailand."""

    lat: float
    lon: float

    @field_validator("lat", mode="before")
    @classmethod
    def _lat(cls, value: object) -> float:
        return geo.degrees(value)

    @field_validator("lon", mode="before")
    @classmethod
    def _lon(cls, value: object, info: ValidationInfo) -> float:
        # Checked as a pair here, so that the message stands beside a field and not above the form.
        if "lat" in info.data:
            return geo.point(lat=info.data["lat"], lon=value).lon
        return geo.degrees(value)

    @property
    def point(self) -> geo.Point:
        """The place asked about."""
        return geo.Point(lat=self.lat, lon=self.lon)
