"""Phone numbers: read in any common spelling, stored as E.164, shown as they are written in Thailand."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

from mapapp.core.fields import arabic_digits


def parse(value: object, *, hotlines: bool = False) -> str | None:
    """A number as E.164, from “081 234 5678”, “๐๘๑-๒๓๔-๕๖๗๘” or “+66 81 234 5678”; None if it is not a number.

    A spreadsheet that stored the number as an integer has removed its leading zero and may have added “.0”.

    Args:
        value: as typed, or as a cell contains it.
        hotlines: 4-digit numbers (1669) are accepted too, unchanged.
    """
    text = arabic_digits(str(value)).strip() if isinstance(value, (str, int, float)) and value is not True else ""
    try:
        number = phonenumbers.parse(re.sub(r"^(\d{8,9})\.0+$", r"\1", text[:40]), "TH")
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # The library does not know all of them: 1422 is that of the Department of Disease Control.
    if hotlines and re.fullmatch(r"1\d{2,3}", text):
        return text
    return None


@dataclass(frozen=True, slots=True)
class Read:
    """The content of a phone field: the first number, and the rest of the text."""

    number: str
    """E.164; a hotline as it is."""
    rest: str
    """An extension, more numbers, a fax, as it was entered; empty if there is nothing else."""


_LABEL = re.compile(r"^(?:โทร(?!สาร)(?:ศัพท์)?|มือถือ|เบอร์|tel|phone|mobile)\s*[.:]*\s*", re.IGNORECASE)
_ENDS = re.compile(r"(?:[,;/|\n#(]|หรือ|และ|โทรสาร|แฟกซ์|แฟ็กซ์|fax|ต่อ|ext|\bor\b|\band\b)", re.IGNORECASE)
_RANGE = re.compile(r"(.*\d)(\s*(?:[-–~]|ถึง|to)\s*\d{1,4})\s*", re.IGNORECASE)
"""053-920300-4: five lines from 053 920 300 on."""


def read(value: object, *, hotlines: bool = False) -> Read | None:
    """The first number of a field, and the rest as text; None if the field does not begin with a number.

    Args:
        value: as typed, or as a cell contains it.
        hotlines: as in ``parse``.
    """
    text = _LABEL.sub("", str(value).strip()) if isinstance(value, str) else value
    if not isinstance(text, str):
        number = parse(text, hotlines=hotlines)
        return None if number is None else Read(number, "")
    end = _ENDS.search(text, 1)
    head, rest = (text[: end.start()].rstrip(), text[end.start() :]) if end else (text, "")
    lines = _RANGE.fullmatch(arabic_digits(head))
    for first, more in ((head, ""), (head[: lines.end(1)], head[lines.end(1) :]) if lines else (head, "")):
        number = parse(first, hotlines=hotlines)
        if number is not None:
            # In a range of numbers, the end of the range is not a separate number.
            return Read(number, text.strip() if more else rest.strip(" ,;/|\n"))
    return None


def spoken(number: str) -> str:
    """As written in Thailand: +6653920300 → 053 920 300; a foreign number with its country code; a hotline
    unchanged."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    shapes = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, shapes.NATIONAL if parsed.country_code == 66 else shapes.INTERNATIONAL)


_EXTENSION = re.compile(r"^\s*(?:ต่อ|ext(?:ension|\.)?|#|x)\s*[.:]?\s*(\d{1,6})(?!\d)", re.IGNORECASE)


def dialled(number: str, more: str) -> list[tuple[str, str | None]]:
    """The text after a number, split into parts that can be called and parts that cannot: each with its text, and the
    value for ``tel:`` or None.

    An extension is dialled after a pause, which phones write as a comma.

    Args:
        number: the first one, E.164 or a hotline.
        more: an extension and further numbers, as written.
    """
    plain = arabic_digits(more)  # one for one, so positions stay the same
    made: list[tuple[str, str | None]] = []
    end = 0
    if extension := _EXTENSION.match(plain):
        end = extension.end()
        made.append((more[:end].strip(), f"{number},{extension[1]}"))
    for found in phonenumbers.PhoneNumberMatcher(plain, "TH", leniency=phonenumbers.Leniency.VALID):
        if found.start < end:
            continue
        if more[end : found.start].strip():
            made.append((more[end : found.start].strip(), None))
        shapes = phonenumbers.PhoneNumberFormat
        called = phonenumbers.format_number(found.number, shapes.E164)
        end = found.end
        extra = _EXTENSION.match(plain[end:])
        inner = found.number.extension or (extra[1] if extra else "")
        end += extra.end() if extra else 0
        made.append((more[found.start : end].strip(), f"{called},{inner}" if inner else called))
    if more[end:].strip():
        made.append((more[end:].strip(), None))
    return made


def stands_in(text: str) -> bool:
    """Whether a text contains a Thai or international phone number; four-digit hotlines do not count."""
    matcher = phonenumbers.PhoneNumberMatcher(arabic_digits(text), "TH", leniency=phonenumbers.Leniency.VALID)
    return matcher.has_next()
