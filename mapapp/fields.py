"""Field types for what comes in, shared by every room's ``schemas``: checked once here, trusted deeper down."""

from __future__ import annotations

import re
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
    """Text as typed, without what no keyboard types: composed (NFC), trimmed, no control characters, none of the
    numbers that Unicode keeps free (a workbook with one of them does not open)."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value).strip()
    for character in text:
        category = unicodedata.category(character)
        # U+FFFD stands where bytes were no UTF-8: what was meant is lost.
        damaged = category == "Cs" or character == "\ufffd" or is_noncharacter(character)
        if damaged or (category == "Cc" and character not in "\n\r\t"):
            raise refuse(N_("This text has characters that cannot be stored. Type it again without them."))
    return text


def is_noncharacter(sign: str) -> bool:
    """Whether it is one of the 66 code points that never stand for a letter (Unicode 23.7)."""
    return ord(sign) & 0xFFFE == 0xFFFE or "\ufdd0" <= sign <= "\ufdef"


_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def arabic_digits(text: str) -> str:
    """The text with Thai digits written as 0–9."""
    return text.translate(_THAI_DIGITS)


_NATIONAL_ID = re.compile(r"(?<!\d)\d(?:[ -]?\d){12}(?!\d)")


def has_national_id(text: str) -> bool:
    """Whether 13 digits with a right check digit stand in the text (Thai digits, blanks and hyphens too)."""
    for match in _NATIONAL_ID.finditer(arabic_digits(text)):
        digits = [int(sign) for sign in match.group() if sign.isdigit()]
        weighted = sum(digit * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False))
        if (11 - weighted % 11) % 10 == digits[12]:
            return True
    return False


def no_national_id(value: str) -> str:
    """A text without an identity number in it.

    Raises:
        PydanticCustomError: it holds one.
    """
    if has_national_id(value):
        raise refuse(N_("This looks like a national ID number. Leave it out: it is not needed here."))
    return value


PlainText = Annotated[str, BeforeValidator(clean)]
"""One or more lines of text, safe to store; lengths are set where it is used."""


def _blank(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return None if _is_blank(value) else handler(value)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


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


class MaybePointQuery(QueryModel):
    """``lat`` and ``lon`` in Thailand, where they are given."""

    lat: float | None = None
    lon: float | None = None

    @field_validator("lat", mode="before")
    @classmethod
    def _lat(cls, value: object) -> float | None:
        return None if _is_blank(value) else geo.degrees(value)

    @field_validator("lon", mode="before")
    @classmethod
    def _lon(cls, value: object, info: ValidationInfo) -> float | None:
        if _is_blank(value):
            return None
        # Checked as a pair here, so that the message stands beside a field and not above the form.
        if info.data.get("lat") is not None:
            return geo.point(lat=info.data["lat"], lon=value).lon
        return geo.degrees(value)

    @property
    def point(self) -> geo.Point | None:
        """The place asked about, where one was."""
        return None if self.lat is None or self.lon is None else geo.Point(lat=self.lat, lon=self.lon)


class PointQuery(MaybePointQuery):
    """``lat`` and ``lon``, both needed, in Thailand."""

    lat: float
    lon: float

    @property
    def point(self) -> geo.Point:
        """The place asked about."""
        return geo.Point(lat=self.lat, lon=self.lon)
