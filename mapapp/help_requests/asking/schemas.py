"""Input of a help request: its limits, numbers and texts are checked only here."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mapapp.core import geo, phones
from mapapp.core.contact_fields import Phone
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import (
    BlankIsNone,
    FormModel,
    clean,
    one_line,
    parse_area_code,
    whole_number,
    without_national_id,
)
from mapapp.core.languages import DEFAULT, AnyCode
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.text_rules import phones_in, without
from mapapp.help_requests.contacts import Contact
from mapapp.help_requests.labels import KINDS

Kind = Literal["medical", "transport", "food", "medicine", "equipment", "home_visit", "other"]
Urgency = Literal["life", "urgent", "normal"]

MAX_DETAIL, MAX_TEXT, MAX_LANDMARK, MAX_NAME, MAX_OTHER = 200, 1000, 500, 100, 200
MAX_WORDS: Final = 2_000
"""Maximum length of a location in words, in characters."""
MAX_FOUND: Final = MAX_WORDS + 3 + MAX_LANDMARK
"""Maximum length of the landmark, in characters: what is typed there, and the words of the location that are more than
its name."""
MAX_QUANTITY, MAX_PEOPLE = 9_999, 999

ITEMS: Final = ("food", "medicine", "equipment", "other")
"""Needs that are objects, so they have a quantity."""

_PUBLIC_PHONE = N_(
    "Do not include phone numbers here: volunteers read this before they accept the request. Enter the "
    "number under “Phone”."
)
NO_PLACE = N_(
    "Show where help is needed: use your location, choose a point on the map, or enter the tambon and village."
)
NO_CONTACT = N_("Enter a phone number, or another way to contact you.")


EXACT_M: Final = 500
"""If a device knows the location less exactly than this, in metres, it is not accepted as a point: help would go to the
wrong place. The scripts of the pages do not send it (``static/js/map-host.js``)."""


def _without_phone(value: str) -> str:
    if phones_in(value):
        raise refuse(_PUBLIC_PHONE)
    return value


def _list_once(value: object) -> object:
    """A need that is given twice is an error."""
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        kinds = [one.get("kind") for one in value if isinstance(one.get("kind"), str)]
        if len(set(kinds)) < len(kinds):
            raise refuse(N_("Give each type of need only once."))
    return value


def _village(value: object) -> str:
    text = str(value).strip() if isinstance(value, (str, int)) else ""
    if not (text.isascii() and text.isdigit() and len(text) == 8):
        raise refuse(N_("A village code has 8 digits."))
    return text


def _tambon(value: object) -> str:
    code = parse_area_code(value)
    if len(code) != 6:
        raise refuse(N_("Give the tambon: a code of 6 digits."))
    return code


class NeedIn(FormModel):
    """One need of a request."""

    kind: Kind
    detail: Annotated[
        Annotated[str, Field(max_length=MAX_DETAIL), BeforeValidator(one_line)] | None,
        BlankIsNone,
        Field(description="Which items, which medicine; without names and phone numbers."),
    ] = None
    quantity: Annotated[
        Annotated[int, Field(ge=1, le=MAX_QUANTITY), BeforeValidator(whole_number)] | None,
        BlankIsNone,
        Field(description="Number of items."),
    ] = None

    @field_validator("detail")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        return None if value is None else _without_phone(without_national_id(value))


class HelpRequestIn(FormModel):
    """A help request. It needs a location (a point, a tambon or a village) and contact details."""

    needs: Annotated[
        list[NeedIn], BeforeValidator(_list_once), Field(max_length=len(KINDS), description="What is needed.")
    ]
    urgency: Annotated[Urgency, Field(description="life: also call 1669, this request does not replace the call.")]
    people: Annotated[Annotated[int, Field(ge=1, le=MAX_PEOPLE), BeforeValidator(whole_number)] | None, BlankIsNone] = (
        None
    )
    bedridden: bool = False
    elderly: bool = False
    small_children: bool = False
    pregnant: bool = False
    on_behalf: Annotated[bool, Field(description="The sender is not the person who needs help.")] = False
    language: AnyCode = DEFAULT.code
    lat: Annotated[
        float | None,
        Field(
            description="Of the exact location; only officers, the resident and "
            "the volunteer who accepted the request see it."
        ),
    ] = None
    lon: float | None = None
    accuracy_m: Annotated[
        Annotated[float, Field(ge=0, allow_inf_nan=False)] | None,
        BlankIsNone,
        Field(description="Accuracy of the device's location, in metres; above 500 the point is refused."),
    ] = None
    tambon: Annotated[
        Annotated[str, BeforeValidator(_tambon)] | None,
        BlankIsNone,
        Field(description=("6 digits, if there is no point.")),
    ] = None
    village: Annotated[
        Annotated[str, BeforeValidator(_village)] | None,
        BlankIsNone,
        Field(description=("8 digits, if there is no point.")),
    ] = None
    landmark: Annotated[Annotated[str, Field(max_length=MAX_FOUND), BeforeValidator(clean)] | None, BlankIsNone] = None
    phone: Annotated[Phone | None, BlankIsNone] = None
    other: Annotated[
        Annotated[str, Field(max_length=MAX_OTHER), BeforeValidator(one_line)] | None,
        BlankIsNone,
        Field(description="Another way to contact the person, in words."),
    ] = None
    name: Annotated[Annotated[str, Field(max_length=MAX_NAME), BeforeValidator(one_line)] | None, BlankIsNone] = None
    description: Annotated[
        str,
        Field(
            max_length=MAX_TEXT,
            description="Approved volunteers read it before they accept; one phone number "
            "in it is moved to the contact details.",
        ),
        BeforeValidator(clean),
    ] = ""
    consent: Annotated[str, Field(description="The version of the consent text; see /requests/new.")]

    @model_validator(mode="before")
    @classmethod
    def _first_number(cls, values: object) -> object:
        """“053-920300 ต่อ 12 หรือ 081-2345678”: the first number is the phone, the rest is kept as another way."""
        phone = values.get("phone") if isinstance(values, dict) else None
        read = phones.read(phone) if isinstance(phone, str) else None
        if read is None or not read.rest or not isinstance(values, dict):
            return values
        other = values.get("other")
        more = f"{other.strip()} · {read.rest}" if isinstance(other, str) and other.strip() else read.rest
        return {**values, "phone": read.number, "other": more if other is None or isinstance(other, str) else other}

    @field_validator("needs")
    @classmethod
    def _something(cls, value: list[NeedIn]) -> list[NeedIn]:
        if not value:
            raise refuse(N_("Choose what is needed: at least one."))
        return value

    @field_validator("lat", mode="before")
    @classmethod
    def _lat(cls, value: object) -> float | None:
        return None if value in (None, "") else geo.degrees(value)

    @field_validator("lon", mode="before")
    @classmethod
    def _lon(cls, value: object, info: ValidationInfo) -> float | None:
        if value in (None, ""):
            return None
        lat = info.data.get("lat")
        return geo.degrees(value) if lat is None else geo.point(lat=lat, lon=value).lon

    @field_validator("accuracy_m")
    @classmethod
    def _exact(cls, value: float | None) -> float | None:
        if value is not None and value > EXACT_M:
            raise refuse(
                N_(
                    "This location is known only to about ± %(km)s km. That is not exact enough. Send the "
                    "tambon and the village, or a point chosen on a map."
                ),
                km=f"{value / 1000:.1f}",
            )
        return value

    @field_validator("landmark", "other", "name", "description")
    @classmethod
    def _no_id(cls, value: str | None) -> str | None:
        return None if value is None else without_national_id(value)

    @field_validator("consent")
    @classmethod
    def _agreed(cls, value: str) -> str:
        if not value:
            raise refuse(N_("Tick this box to send the request."))
        if value != CONSENT_VERSION:
            raise refuse(N_("This text has changed. Read it again and tick the box."))
        return value

    @field_validator("description")
    @classmethod
    def _phone_out_of(cls, value: str, info: ValidationInfo) -> str:
        """A phone number in the description is moved to the contact details, or refused if there is another one
        already.

        ``phone`` was read before; ``_whole`` moves the number that is found here.
        """
        found = phones_in(value)
        given = info.data.get("phone")
        others = {number for number, _start, _end in found} - {given}
        if "phone" not in info.data and others:
            raise refuse(_PUBLIC_PHONE)  # the phone field has no number, so it is unclear which one is meant
        if len(others) > (1 if given is None else 0):
            raise refuse(_PUBLIC_PHONE)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        found = phones_in(self.description)
        if found:
            phone = self.phone or found[0][0]
            text = without(self.description, [(start, end) for _number, start, end in found])
            self.__dict__.update(
                phone=phone, description=text
            )  # the model is frozen; this is the last step of its creation
        if (self.lat is None) != (self.lon is None):
            raise refuse(N_("Give both lat and lon."))
        if self.point is None and self.tambon is None and self.village is None:
            raise refuse(NO_PLACE)
        if self.contact.is_empty:
            raise refuse(NO_CONTACT)
        return self

    @property
    def point(self) -> geo.Point | None:
        """The location, if a point was given."""
        return None if self.lat is None or self.lon is None else geo.Point(lat=self.lat, lon=self.lon)

    @property
    def contact(self) -> Contact:
        """The contact details."""
        return Contact(name=self.name, phone=self.phone, other=self.other)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of needs, in the order of ``labels.KINDS``."""
        named = {need.kind for need in self.needs}
        return tuple(kind for kind in KINDS if kind in named)


class AskedNeed(BaseModel):
    """One need of the new request."""

    kind: Kind
    detail: str | None
    quantity: int | None
    state: str = "open"


class AskedProperties(BaseModel):
    """The new request, as its resident sees it."""

    status: Literal["open"] = "open"
    urgency: Urgency
    people: int
    needs: list[AskedNeed]
    posted_at: str
    tambon_code: str
    page: str = Field(description="Link to the resident's page. Anyone who has it can read and change the request.")
    code: str = Field(description="12 digits that also open the page; to write down or to read out over the phone.")


class AskedFeature(BaseModel):
    """A request as its resident sees it (GeoJSON). The geometry is the exact point, or null."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: dict[str, Any] | None
    properties: AskedProperties
