"""What is recorded: the only place where its numbers and house numbers are checked, for the form and for programs."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    WrapValidator,
    create_model,
    model_validator,
)

from mapapp.core.errors import N_, Invalid, refuse
from mapapp.core.fields import (
    BlankIsNone,
    FormModel,
    Id,
    arabic_digits,
    has_national_id,
    one_line,
    problems_of,
    whole_number,
)
from mapapp.survey.entering.house_words import names_someone
from mapapp.survey.groups import CODES, PARTS

MOST_IN_HOUSEHOLD: Final = 99
MOST_IN_VILLAGE: Final = 30_000
MAX_HOUSE_NUMBER: Final = 30

_HOUSE: Final = re.compile(r"[0-9a-zก-๙ ./-]*[0-9][0-9a-zก-๙ ./-]*")
_PHONE: Final = re.compile(r"(?:0|\+?66)(?:[ .-]?[0-9]){8,9}")
_LEAD: Final = re.compile(r"^(?:บ้านเลขที่|เลขที่|house number|house no\.?|no\.?)\s*")


def house_number(value: object) -> str:
    """A house number as it is compared: “บ้านเลขที่ ๑๒ / ๓” is “12/3”.

    Raises:
        PydanticCustomError: it is none. A number is needed, so that nobody writes a name; and none to call people by.
            A name with a digit behind it is none, either.
    """
    text = arabic_digits(str(one_line(value)) if isinstance(value, (str, int)) else "").casefold()
    text = _LEAD.sub("", unicodedata.normalize("NFC", text))
    text = re.sub(r"\s*([/.-])\s*", r"\1", text).strip()
    if has_national_id(text) or _PHONE.fullmatch(text) or len(text) > MAX_HOUSE_NUMBER or not _HOUSE.fullmatch(text):
        raise refuse(N_("Enter the house number, for example 12/3. If there is none, enter “camp 1”. No names."))
    if names_someone(text):
        raise refuse(N_("Enter only the house number, for example 12/3 or 99 ก. This looks like a name; no names."))
    return text


def village_code(value: object) -> str:
    """A village: 8 digits, those of its tambon and its number in it.

    Raises:
        PydanticCustomError: it is none.
    """
    text = str(value).strip() if isinstance(value, (str, int)) else ""
    if not (text.isascii() and text.isdigit() and len(text) == 8):
        raise refuse(N_("A village code has 8 digits."))
    return text


Count = Annotated[int, Field(ge=0, le=MOST_IN_VILLAGE), BeforeValidator(whole_number)]


class Figures(BaseModel):
    """The people of one target group. All zero: no one of this group lives here."""

    model_config = FormModel.model_config

    here: Annotated[Count, Field(description="People who live here now.")]
    none: Annotated[Count, Field(description="Of them, with no dose.")] = 0
    one: Annotated[Count, Field(description="With 1 dose.")] = 0
    two: Annotated[Count, Field(description="With 2 doses.")] = 0
    more: Annotated[Count, Field(description="With 3 doses or more.")] = 0
    unasked: Annotated[Count, Field(description="Could not be asked.")] = 0
    refusing: Annotated[Count, Field(description="Do not want a vaccine; some of those with 0, 1 or 2 doses.")] = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts = sum(getattr(self, name) for name in PARTS)
        if parts > self.here:
            raise refuse(
                N_("%(parts)s people are counted by dose, but only %(here)s live here. Check both."),
                parts=parts, here=self.here,
            )  # fmt: skip
        if parts < self.here:
            raise refuse(
                N_("%(missing)s of %(here)s people are missing. Enter their doses, or count them as not asked."),
                missing=self.here - parts, here=self.here,
            )  # fmt: skip
        if self.refusing > self.none + self.one + self.two:
            raise refuse(N_("More people refuse than have fewer than 3 doses. Check both."))
        return self

    def counts(self) -> dict[str, int]:
        """The numbers by name."""
        return {name: getattr(self, name) for name in ("here", *PARTS, "refusing")}


_GROUP: Final[Any] = (
    Annotated[Figures | None, Field(description="Leave it out (or null) if you did not ask about this group.")],
    None,
)
Answers: type[FormModel] = create_model("Answers", __base__=FormModel, **dict.fromkeys(CODES, _GROUP))
"""A group's figures by its code."""


def answered(answers: BaseModel) -> dict[str, Figures]:
    """The groups that were asked about."""
    return {code: found for code in CODES if (found := getattr(answers, code)) is not None}


class EntryIn(FormModel):
    """A household, or a whole village, as it was recorded."""

    round: Annotated[Id, Field(description="The survey (round).")]
    village: Annotated[str, BeforeValidator(village_code), Field(description="8 digits: tambon and village number.")]
    household: Annotated[
        Annotated[str, BeforeValidator(house_number)] | None,
        BlankIsNone,
        Field(description="House number. Leave it out for one record of the whole village."),
    ] = None
    groups: Annotated[Answers, Field(description="Figures by target group.")]
    version: Annotated[int, Field(ge=1, le=1000, description="Version of the questions, from the survey.")] = 1
    observed_at: Annotated[AwareDatetime | None, Field(description="Time of the visit, by the clock of the phone.")] = (
        None
    )
    sent_at: Annotated[
        AwareDatetime | None, Field(description="The phone's clock when it sends: tells whether it is wrong.")
    ] = None
    entry: Annotated[Id | None, Field(description="The record that this one corrects or repeats.")] = None
    revision: Annotated[Id | None, Field(description="The revision of it that was seen.")] = None
    another: Annotated[bool, Field(description="Another household with the same house number.")] = False

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        found = answered(self.groups)
        if not found:
            raise refuse(N_("Enter at least one group. If no one lives here, enter 0."))
        if (self.entry is None) != (self.revision is None):
            raise refuse(N_("Send entry and revision together."))
        most = MOST_IN_VILLAGE if self.household is None else MOST_IN_HOUSEHOLD
        if sum(figures.here for figures in found.values()) > most:
            raise refuse(N_("This is more than %(most)s people. Check the numbers."), most=most)
        return self


class SentIn(EntryIn):
    """One of many records."""

    key: Annotated[uuid.UUID, Field(description="A random UUID that the phone makes once for each record.")]

    def entry_in(self) -> EntryIn:
        """The record without its key, as it is kept under it."""
        return EntryIn.model_construct(**{name: getattr(self, name) for name in EntryIn.model_fields})


MOST_AT_ONCE: Final = 50


def _unread(value: object, _handler: object) -> object:
    """Each record is read by itself, so that one that is wrong does not spoil the others."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_AT_ONCE:
        raise refuse(N_("Send 1 to %(most)s records at once."), most=MOST_AT_ONCE)
    return value


class BatchIn(FormModel):
    """Records that a phone has kept."""

    entries: Annotated[
        list[SentIn], WrapValidator(_unread), Field(description=f"1 to {MOST_AT_ONCE} records, oldest first.")
    ]

    def each(self) -> list[SentIn | Invalid]:
        """The records, each as it is, or what is wrong with it."""
        return [_one(raw) for raw in self.entries]


def _one(raw: object) -> SentIn | Invalid:
    try:
        return SentIn.model_validate(raw)
    except ValidationError as error:
        return Invalid(problems_of(error))


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as pages show it."""

    id: int
    round_id: int
    village_code: str
    unit: str
    household: str | None
    twin: int
    revision: int
    state: str
    marks: list[str]
    rival: int | None
    observed_at: datetime
    received_at: datetime
    changed_at: datetime
    by_person: uuid.UUID | None
    by: str | None
    """The writer's name."""
    figures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Group → its numbers by name; a group that is not there was not asked about."""

    @property
    def people(self) -> int:
        """How many live there, as far as was asked."""
        return sum(one["here"] for one in self.figures.values())


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an entry's history."""

    revision: int
    step: str
    at: datetime
    observed_at: datetime
    by: str | None
    figures: Mapping[str, Mapping[str, int]]


class EntryOut(BaseModel):
    """The receipt: what became of a record. Keep the record on the phone until this is there."""

    key: uuid.UUID
    entry: int
    revision: int
    state: str = Field(
        description="counted; conflict: recorded twice, someone has to choose; waiting: an officer has to check it"
    )
    marks: list[str] = Field(description="Why an officer looks at it; clock: ask the person for the date")
    rival: int | None = Field(description="conflict: the record that counts for this household now")
    received_at: datetime


class AgainOut(EntryOut):
    """The receipt of what was taken in before, given once more."""


class RoundOut(BaseModel):
    """A survey that can be recorded."""

    id: int
    name: str
    area: str
    starts_on: str
    ends_on: str
    state: str
    version: int
    groups: list[str] = Field(description="Codes of the target groups, in the order in which a person's is found")
    ended_in: list[str] = Field(description="Areas in which it has ended by an announcement")


class RoundsOut(BaseModel):
    """Surveys of the areas of the API key."""

    rounds: list[RoundOut]


class VillageOut(BaseModel):
    """A village to record."""

    code: str
    number: int
    name_th: str | None
    name_en: str | None
    unit: str | None = Field(description="household or village, once something was recorded")
    records: int = Field(description="records that count")


class VillagesOut(BaseModel):
    """The villages assigned to the owner of the API key."""

    villages: list[VillageOut]


class HouseholdOut(BaseModel):
    """A household (or a whole village) as it was last recorded."""

    entry: int
    revision: int
    household: str | None
    state: str
    observed_at: datetime
    groups: dict[str, dict[str, int]]


class HouseholdsOut(BaseModel):
    """What a village has, to start a revisit from."""

    records: list[HouseholdOut]
    next: int | None = Field(description="send it as `after` to read on; null: that was all")
