"""What a phone is given, to record without a connection."""

from __future__ import annotations

from pydantic import BaseModel, Field


class PhoneVillage(BaseModel):
    """A village to record."""

    code: str
    name: str = Field(description="in the language of the page")
    place: str = Field(description="its tambon, in words")
    ended: bool = Field(description="the survey has ended there")
    told: str = Field(description="how far it is recorded, in words, when the phone last asked")


class PhoneRound(BaseModel):
    """An open survey with the villages of somebody in it."""

    id: int
    name: str
    version: int
    example: bool
    villages: list[PhoneVillage]


class PhoneRecord(BaseModel):
    """What somebody recorded of a household, as short as it can be: there are hundreds of them."""

    round: int
    village: str
    household: str | None
    entry: int
    revision: int
    state: str
    day: str = Field(description="of the visit, in words")
    groups: dict[str, list[int]] = Field(description="figures in the order of ``groups.FIELDS``")


class PhoneTambon(BaseModel):
    """A tambon in which one may record any village."""

    code: str
    name: str


class PhoneOut(BaseModel):
    """All that a phone keeps of a person; the key opens it."""

    who: str = Field(description="tells people apart, and says nothing about them")
    name: str
    csrf: str
    keys: list[dict[str, str]] = Field(description="key pairs to encrypt with, the newest first")
    keeps_s: int = Field(description="for so many seconds without a connection the phone can read what it keeps")
    rounds: list[PhoneRound]
    tambons: list[PhoneTambon]
    records: list[PhoneRecord]
