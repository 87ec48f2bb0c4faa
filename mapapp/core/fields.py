"""Field types for input, shared by the ``schemas`` of all rooms: checked once, and not again in services."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from mapapp.core import geo, thai_text
from mapapp.core.errors import N_, FieldProblem, Message, refuse
from mapapp.core.languages import LANGUAGES


def clean(value: object) -> object:
    """Text as it was meant (``thai_text.normal``), trimmed, without characters that no keyboard types: no control
    characters, no code points that Unicode leaves unassigned forever (a workbook with one cannot be opened)."""
    if not isinstance(value, str):
        return value
    text = thai_text.normal(value).strip()
    for character in text:
        category = unicodedata.category(character)
        # U+FFFD replaces bytes that were not UTF-8: the original text is lost.
        damaged = category == "Cs" or character == "\ufffd" or is_noncharacter(character)
        if damaged or (category == "Cc" and character not in "\n\r\t"):
            raise refuse(N_("This text contains characters that cannot be stored. Remove them."))
    return text


def one_line(value: object) -> object:
    """``clean`` text with every run of blanks and line breaks replaced by one blank."""
    text = clean(value)
    return re.sub(r"\s+", " ", text) if isinstance(text, str) else text


def is_noncharacter(sign: str) -> bool:
    """Whether it is one of the 66 code points that are never a character (Unicode 23.7)."""
    return ord(sign) & 0xFFFE == 0xFFFE or "\ufdd0" <= sign <= "\ufdef"


_DIGITS = str.maketrans({sign: str(value) for language in LANGUAGES for value, sign in enumerate(language.digits)})


def arabic_digits(text: str) -> str:
    """The text with digits of all the service's languages replaced by 0–9, one for one."""
    return text.translate(_DIGITS)


def whole_number(value: object) -> object:
    """A whole number with digits of any of the service's languages: “๓” is 3. For a ``BeforeValidator``."""
    return arabic_digits(value).strip() if isinstance(value, str) else value


_GAP = "[ .\u00a0\u2010-\u2015-]"
_NATIONAL_ID = re.compile(rf"(?<!\d)\d(?:{_GAP}?\d){{12}}(?!\d)")
_ITS_SHAPE = re.compile(rf"\d{{13}}|\d{_GAP}\d{{4}}{_GAP}\d{{5}}{_GAP}\d\d{_GAP}\d")


def has_national_id(text: str) -> bool:
    """Whether the text contains something like a national ID number (Thai digits too).

    13 digits in a row, or grouped as on the card (1-2345-67890-12-3), count whatever their check digit is: a number
    with a typing error still identifies a person. In other groupings they may be two phone numbers, so there the check
    digit decides.
    """
    for match in _NATIONAL_ID.finditer(arabic_digits(text)):
        if _ITS_SHAPE.fullmatch(match.group()):
            return True
        digits = [int(sign) for sign in match.group() if sign.isdigit()]
        weighted = sum(digit * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False))
        if (11 - weighted % 11) % 10 == digits[12]:
            return True
    return False


def without_national_id(value: str) -> str:
    """Returns the text unchanged.

    Raises:
        PydanticCustomError: it contains a national ID number.
    """
    if has_national_id(value):
        raise refuse(
            N_(
                "This looks like a national ID number. Remove it: we do not need it. If it is another "
                "13-digit number, enter only the last 4 digits."
            )
        )
    return value


PlainText = Annotated[str, BeforeValidator(clean)]
"""One or more lines of text, safe to store; the length is limited where it is used."""


def _blank(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return None if _is_blank(value) else handler(value)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


BlankIsNone = WrapValidator(_blank)
"""An empty form field means “not given”: ``Annotated[int | None, BlankIsNone] = None``."""


def parse_area_code(value: object) -> str:
    """A DOPA code of 2, 4 or 6 digits, from “50”, “TH5001” or 500101.

    Raises:
        PydanticCustomError: it is not such a code.
    """
    text = str(value).strip().upper().removeprefix("TH") if isinstance(value, (str, int)) else ""
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6)):
        raise refuse(N_("An area code has 2, 4 or 6 digits, for example 50, 5001 or 500101."))
    return text


AreaCode = Annotated[str, BeforeValidator(parse_area_code)]
"""A DOPA code; ``parse_area_code`` lists the accepted notations."""


def parse_area_or_country(value: object) -> str:
    """The same, or ``TH`` for the whole country.

    Raises:
        PydanticCustomError: it is neither.
    """
    return "TH" if isinstance(value, str) and value.strip().upper() == "TH" else parse_area_code(value)


AreaOrCountry = Annotated[str, BeforeValidator(parse_area_or_country)]
"""A DOPA code, or ``TH``."""

Id = Annotated[int, Field(ge=1, lt=2**63)]
"""The id of a row."""


class FormModel(BaseModel):
    """Base class of forms and bodies: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QueryModel(BaseModel):
    """Base class of query strings: an unknown parameter is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MaybePointQuery(QueryModel):
    """``lat`` and ``lon`` in Thailand, if they are given."""

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
        # Checked as a pair here, so that the message is shown beside a field and not above the form.
        if info.data.get("lat") is not None:
            return geo.point(lat=info.data["lat"], lon=value).lon
        return geo.degrees(value)

    @property
    def point(self) -> geo.Point | None:
        """The given point, or None."""
        return None if self.lat is None or self.lon is None else geo.Point(lat=self.lat, lon=self.lon)


class PointQuery(MaybePointQuery):
    """``lat`` and ``lon``, both required, in Thailand."""

    lat: float
    lon: float

    @property
    def point(self) -> geo.Point:
        """The given point."""
        return geo.Point(lat=self.lat, lon=self.lon)


# Messages ---------------------------------------------------------------------------------------------------------

MESSAGES = {
    "missing": N_("Fill in this field."),
    "unchosen": N_("Choose an answer."),
    "extra_forbidden": N_("Unknown parameter. See the API documentation."),
    "int_parsing": N_("Enter a whole number."),
    "int_from_float": N_("Enter a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "float_parsing": N_("Enter a number."),
    "finite_number": N_("Enter a number."),
    "bool_parsing": N_("Use true or false."),
    "greater_than": N_("Enter a number greater than %(gt)s."),
    "greater_than_equal": N_("Enter %(ge)s or more."),
    "less_than_equal": N_("Enter %(le)s or less."),
    "less_than": N_("Enter a number less than %(lt)s."),
    "literal_error": N_("Choose one of: %(expected)s."),
    "enum": N_("Choose one of: %(expected)s."),
    "string_too_long": N_("Enter at most %(max_length)s characters."),
    "string_too_short": N_("Enter at least %(min_length)s characters."),
    "too_long": N_("Enter at most %(max_length)s characters."),
    "too_short": N_("Enter at least %(min_length)s characters."),
    "string_type": N_("Enter text."),
    "string_unicode": N_("This text contains characters that cannot be stored. Remove them."),
    "repeated": N_("This was given more than once. Give it only once."),
}
_OTHER = N_("This value is not valid.")


def problems_of(error: ValidationError) -> list[FieldProblem]:
    """Pydantic's errors as translatable messages, without the submitted values."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        context: Mapping[str, Any] = item.get("ctx", {})
        name = ".".join(str(part) for part in item["loc"])
        if item["type"] == "mapapp":
            found.append(FieldProblem(name, Message(context["text"], dict(context["values"]))))
        else:
            values = {key: context[key] for key in context if key != "error"}
            empty = item["type"] == "string_too_short" and context.get("min_length") == 1
            text = MESSAGES["missing" if empty else item["type"]] if item["type"] in MESSAGES else _OTHER
            found.append(FieldProblem(name, Message(text, values if "%(" in text else {})))
    return found
