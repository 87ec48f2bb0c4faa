"""Telephone numbers: read in any spelling people use, kept as E.164, shown as they are written here."""

from __future__ import annotations

import re

import phonenumbers

from mapapp.fields import arabic_digits


def parse(value: object, *, hotlines: bool = False) -> str | None:
    """A number as E.164, from “081 234 5678”, “๐๘๑-๒๓๔-๕๖๗๘” or “+66 81 234 5678”; None where it is none.

    A spreadsheet that took the number for a count has eaten its leading zero and may have added “.0”.

    Args:
        value: as typed, or as a cell holds it.
        hotlines: four-digit ones (1669) are taken too, and stay as they are.
    """
    text = arabic_digits(str(value)).strip() if isinstance(value, (str, int, float)) and value is not True else ""
    try:
        number = phonenumbers.parse(re.sub(r"^(\d{8,9})\.0+$", r"\1", text[:40]), "TH")
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if hotlines and phonenumbers.is_valid_short_number_for_region(number, "TH"):
        return str(number.national_number)
    return None


def spoken(number: str) -> str:
    """As people here write it: +6653920300 → 053 920 300; one from abroad with its country; a hotline as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    shapes = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, shapes.NATIONAL if parsed.country_code == 66 else shapes.INTERNATIONAL)


def stands_in(text: str) -> bool:
    """Whether a Thai or international telephone number stands in a text; hotlines of four digits are none."""
    matcher = phonenumbers.PhoneNumberMatcher(arabic_digits(text), "TH", leniency=phonenumbers.Leniency.VALID)
    return matcher.has_next()
