"""What comes in and what goes out of the facilities room. Every check of an incoming facility is in ``FacilityIn``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mapapp.core import geo, messages, phones
from mapapp.core.dates import parse_moment
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, arabic_digits, clean, has_national_id, one_line
from mapapp.facilities import fields, hours
from mapapp.facilities.fields import with_fields
from mapapp.facilities.kinds import BY_NAME, KindName
from mapapp.facilities.labels import KIND_LABELS, STATUS_LABELS
from mapapp.facilities.list_words import kind_words, meant, status_words

Status = Literal["open", "full", "temporarily_closed", "closed"]

_TEST_ROW = re.compile(
    r"^(?:โรงพยาบาลสนาม|โรงพยาบาล|รพ\.?|จุดตรวจโควิด|จุดฉีดวัคซีน|จุดตรวจ|จุดฉีด|จุดพักคอย|ศูนย์พักคอย|หน่วยงาน)?\s*(?:ตัวอย่าง|ทดสอบ)"
    r"|^(?:test|dummy|sample|example|xxx+|asdf\w*)(?:[\s\d_-]|$)|\bdummy\b",
    re.IGNORECASE,
)
_DAMAGED = re.compile(r"\ufffd|[ก-๙]\?[ก-๙]")


def public_text(value: str) -> str:
    """A text that everybody may read.

    Raises:
        PydanticCustomError: it holds a national ID number, or its letters are damaged.
    """
    if has_national_id(value):
        raise refuse(
            N_(
                "This looks like a national ID number. Remove it: this text is public. If it is another "
                "13-digit number, enter only the last 4 digits."
            )
        )
    if _DAMAGED.search(value):
        raise refuse(
            N_("Some characters of this text are damaged. Correct them in the list, or choose the correct encoding.")
        )
    return value


def _ascii_digits(value: object) -> object:
    return arabic_digits(value).strip() if isinstance(value, str) else value


_UNIT = re.compile(
    r"\s*(?:เตียง|คน|ราย|ที่นั่ง|ที่|โดส|ชุด|ครั้ง|ตัวอย่าง|beds?|places?|people|doses?|tests?)?"
    r"\s*(?:(?:ต่อ|/|a |per )\s*(?:วัน|day))?\.?$",
    re.IGNORECASE,
)
"""“40 เตียง”, “๑๒๐ โดส/วัน”: what is counted, written behind the number."""

_ABOUT = re.compile(
    r"^(?:ประมาณ|โดยประมาณ|ราว ?ๆ?|ไม่เกิน|สูงสุด|จำนวน|รวม|มี|about|approx\.?|ca\.?|up to|max\.?|[~≈≤<±])\s*"
    r"|\s*(?:\+|กว่า|โดยประมาณ)$",
    re.IGNORECASE,
)
"""“ประมาณ 50”: how sure it is, written beside the number."""

_LONGEST_COUNT = 100
"""Signs of a count with all that stands beside it; the patterns above are slow with long runs of blanks."""

_NONE_LEFT = frozenset({"เต็ม", "เต็มแล้ว", "ไม่ว่าง", "ไม่มีเตียงว่าง", "ไม่มีที่ว่าง", "full"})


def _count(value: object) -> object:
    """A count as lists write it: “๓๐”, “1,200”, 30.0, “40 เตียง”."""
    if isinstance(value, str):
        value = _ascii_digits(value)
        assert isinstance(value, str)
        if len(value) > _LONGEST_COUNT:
            raise refuse(N_("Enter a whole number, or leave it empty."))
        value = _ABOUT.sub("", _UNIT.sub("", _ABOUT.sub("", value)))
        if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.0+)?", value):
            value = value.replace(",", "")
        if not re.fullmatch(r"[+-]?\d{1,15}(\.0+)?", value):
            raise refuse(N_("Enter a whole number, or leave it empty."))
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value % 1:
        raise refuse(N_("Enter a whole number, or leave it empty."))
    if value < 0:
        raise refuse(N_("A count cannot be negative."))
    if value > 1_000_000:
        raise refuse(N_("This number is too large."))
    return int(value)


def _free(value: object) -> object:
    """What is free, as lists write it: a count, or “เต็ม”."""
    return 0 if isinstance(value, str) and value.strip().casefold() in _NONE_LEFT else _count(value)


def _choice(value: object, words: dict[str, tuple[str, ...]], labels: dict[str, str], text: str) -> object:
    if isinstance(value, str) and (code := meant(value, words)) is not None:
        return code
    raise refuse(text, choices=messages.Words(tuple(labels.values())))


def _phone(value: object) -> object:
    """The first number of a field as E.164; four-digit hotlines (1669) stay as they are."""
    found = phones.read(value, hotlines=True)
    if found is not None:
        return found.number
    raise refuse(N_("Enter a Thai phone number, for example 053 920 300, or leave it empty."))


def _yes(value: object) -> object:
    if isinstance(value, str):
        return value.strip().casefold() in {"1", "true", "yes", "y", "ใช่"}
    return bool(value)


def _in_utc(value: object) -> object:
    return parse_moment(value).astimezone(UTC)


Count = Annotated[int | None, BeforeValidator(_count), BlankIsNone]
Free = Annotated[int | None, BeforeValidator(_free), BlankIsNone]
Moment = Annotated[datetime | None, BeforeValidator(_in_utc), BlankIsNone]


def _name(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refuse(N_("Enter a name."))
    return value


# The length stands before the cleaning, so that it is the string's own check with its own message.
Short = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(one_line)]
Long = Annotated[str, Field(max_length=500), BeforeValidator(clean)]
Further = Annotated[str, Field(max_length=200), BeforeValidator(clean)]


Words = Annotated[Long, AfterValidator(public_text)]

_READ: dict[str, Any] = {"count": Count, "text": Annotated[Words | None, BlankIsNone]}
"""How a field of the table is read, by what it holds."""


def read_fields(names: Iterable[str]) -> dict[str, tuple[Any, None]]:
    """These fields as a model reads them. What is free may be “full”."""
    rows = (fields.BY_NAME[name] for name in names)
    return {row.name: (Free if row.of else _READ[row.value or ""], None) for row in rows}


@with_fields(read_fields(row.name for row in fields.MADE))
class FacilityFacts(BaseModel):
    """What a person or a program may say of a facility, and every check of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: KindName
    name_th: Annotated[Short, BeforeValidator(_name)]
    name_en: Annotated[Short | None, BlankIsNone] = None
    lat: float
    lon: float
    address: Annotated[Long | None, BlankIsNone] = None
    phone: Annotated[str | None, BeforeValidator(_phone), BlankIsNone] = None
    phone_more: Annotated[
        Further | None, BlankIsNone, Field(description="an extension and more numbers, for people to read and call")
    ] = None
    opening_hours: Annotated[Long | None, BlankIsNone] = None
    status: Status = "open"
    closed_from: Moment = None
    closed_until: Moment = None
    closed_reason: Annotated[Long | None, BlankIsNone] = None

    @model_validator(mode="before")
    @classmethod
    def _further(cls, values: Any) -> Any:
        """“02-123-4567 ต่อ 12, 081-234-5678”: what stands behind the first number is kept beside it."""
        if not isinstance(values, dict) or "phone" not in values:
            return values
        read = phones.read(values["phone"], hotlines=True)
        rest, more = (read.rest if read else ""), values.get("phone_more")
        if isinstance(more, (int, float)) and not isinstance(more, bool):
            more = phones.spoken(phones.parse(more, hotlines=True) or str(more))
        if isinstance(more, str) and rest and rest not in more:
            more = f"{rest}, {more}" if more.strip() else rest
        return {**values, "phone_more": more if isinstance(more, str) else rest or None}

    @field_validator("kind", mode="before")
    @classmethod
    def _kind(cls, value: object) -> object:
        return _choice(value, kind_words(), KIND_LABELS, N_("Unknown type. Use one of: %(choices)s."))

    @field_validator("status", mode="before")
    @classmethod
    def _status(cls, value: object) -> object:
        return _choice(value, status_words(), STATUS_LABELS, N_("Unknown status. Use one of: %(choices)s."))

    @field_validator("name_th", "name_en", "address", "phone_more", "opening_hours", "closed_reason")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        return None if value is None else public_text(value)

    @field_validator("name_th")
    @classmethod
    def _no_other_kind(cls, value: str | None, info: ValidationInfo) -> str | None:
        # None in a change that names other fields only.
        kind = BY_NAME.get(info.data.get("kind") or "")
        if value is not None and kind and kind.not_by_name and kind.not_by_name.pattern.search(value):
            raise refuse(kind.not_by_name.said)
        return value

    @field_validator("opening_hours")
    @classmethod
    def _hours(cls, value: str | None) -> str | None:
        return None if value is None else hours.check(value)

    @field_validator("lat", mode="before")
    @classmethod
    def _lat(cls, value: object) -> float:
        return geo.degrees(_ascii_digits(value))

    @field_validator("lon", mode="before")
    @classmethod
    def _lon(cls, value: object, info: ValidationInfo) -> float:
        if "lat" not in info.data:
            return geo.degrees(_ascii_digits(value))
        return geo.point(lat=info.data["lat"], lon=_ascii_digits(value)).lon

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.closed_until is not None and self.status != "temporarily_closed":
            raise refuse(N_("“Closed until” goes with the status temporarily_closed only."))
        if self.closed_from is not None and self.status != "temporarily_closed":
            raise refuse(N_("“Closed from” goes with the status temporarily_closed only."))
        if self.closed_from is not None and self.closed_until is not None and self.closed_until <= self.closed_from:
            raise refuse(N_("The reopening day must be after the closing day."))
        for free, of in fields.OF_HOW_MANY.items():
            count, there = getattr(self, free), getattr(self, of.field)
            if count is not None and there is not None and count > there:
                raise refuse(of.too_many)
        return self

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A field of the table."""

    @property
    def point(self) -> geo.Point:
        """Where it is."""
        return geo.Point(lat=self.lat, lon=self.lon)


class FacilityIn(FacilityFacts):
    """A facility as a list or a form gives it. What passes here can be stored; nothing deeper down checks again.

    ``hcode`` is the health ministry's code of a place: hospitals have one of five digits (or nine characters since
    2023). A field hospital has none of its own, so anything that names it will do.
    """

    verified_at: Moment = None
    verified_by: Annotated[Short | None, BlankIsNone] = None
    is_example: Annotated[bool, BeforeValidator(_yes)] = False
    source: Short
    source_ref: Short
    source_as_of: date | None = None
    hcode: Annotated[Long | None, BlankIsNone] = None
    pin: Annotated[int | None, BeforeValidator(_count), BlankIsNone] = None
    """The number of a pin of this service, in a list that was exported from it: whoever brings that, and under whatever
    name, it speaks of this pin."""
    left_out: Annotated[frozenset[str], Field(exclude=True)] = frozenset()
    """Fields that its row has, in words that could not be used: of a pin we have they stay as they are."""

    @field_validator("verified_by")
    @classmethod
    def _verifier(cls, value: str | None) -> str | None:
        return None if value is None else public_text(value)

    @field_validator("hcode")
    @classmethod
    def _code(cls, value: str | None, info: ValidationInfo) -> str | None:
        kind = BY_NAME.get(info.data.get("kind") or "")
        if value is not None and kind and kind.code and kind.code.fullmatch(value) is None:
            raise refuse(
                N_("“%(code)s” is no hospital code: it has five digits. Were leading zeros lost?"), code=value[:40]
            )
        return value


def looks_like_test_row(name: str, hcode: str | None) -> bool:
    """Whether a row was put into a list to try it out: “โรงพยาบาลตัวอย่าง”, “dummy”, code 0 or 99999."""
    return _TEST_ROW.search(name.strip()) is not None or (hcode or "").strip() in {"0", "00000", "99999"}
