"""The languages of the service, one row each. All differences between languages are here or in the catalogues."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from mapapp.core.errors import N_, refuse


@dataclass(frozen=True)
class Language:
    """One language of the service.

    Attributes:
        code: as in ``lang="…"`` and ``?lang=``; also the name of its folder in ``mapapp/translations``.
        name: what it calls itself.
        english: what it is called in English, for operators and translators.
        locale: its locale in Babel, which knows months, numbers and units.
        browser: the same for ``Intl`` in scripts: always with Latin digits, as phone numbers are written.
        font: the file with the letters of its script, below ``static/``; loaded before anything is drawn.
        stylesheet: what brings that font, below ``static/``; empty where every page has it.
        has_catalogue: false for the language in which the messages stand in the code.
        is_complete: whether every message has to be translated; else what is missing is said in English.
        for_staff: whether the pages of officers and volunteers are in it, too.
        direction: of writing, ``ltr`` or ``rtl``.
        day: Babel's pattern for a day; ``y`` is the year of its calendar.
        typed_day: the same as it is typed into a field.
        year_offset: years between its calendar and the common era.
        clock: a time of day, where ``%s`` is ``14:05``.
        separator: between the parts of an address and of a list.
        marks_levels: whether the name of an area in an address begins with the word for its level: “ต.ศรีภูมิ”.
        names: the languages of names of places that it shows, the first that there is.
        digits: its own, from nought to nine, as people type them into any field.
    """

    code: str
    name: str
    english: str
    locale: str
    browser: str
    font: str = "vendor/sarabun/sarabun-thai-400-normal.woff2"
    stylesheet: str = ""
    has_catalogue: bool = True
    is_complete: bool = False
    for_staff: bool = False
    direction: str = "ltr"
    day: str = "d MMM y"
    typed_day: str = "y-MM-dd"
    year_offset: int = 0
    clock: str = "%s"
    separator: str = ", "
    marks_levels: bool = False
    names: tuple[str, ...] = ("en", "th")
    digits: str = "0123456789"


THAI: Final = Language(
    code="th", name="ไทย", english="Thai", locale="th", browser="th-TH-u-nu-latn-ca-buddhist", is_complete=True,
    for_staff=True, typed_day="d/M/y", year_offset=543, clock="%s น.", separator=" ", marks_levels=True, names=("th",),
    digits="๐๑๒๓๔๕๖๗๘๙",
)  # fmt: skip
ENGLISH: Final = Language(
    code="en", name="English", english="English", locale="en", browser="en", has_catalogue=False, is_complete=True,
    for_staff=True,
)  # fmt: skip

BURMESE: Final = Language(
    code="my", name="မြန်မာ", english="Burmese", locale="my", browser="my-u-nu-latn", day="y၊ MMMM d",
    font="vendor/noto/noto-sans-myanmar-myanmar-400-normal.woff2", stylesheet="css/fonts/my.css",
    digits="၀၁၂၃၄၅၆၇၈၉",
)  # fmt: skip
KHMER: Final = Language(
    code="km", name="ខ្មែរ", english="Khmer", locale="km", browser="km-u-nu-latn",
    font="vendor/noto/noto-sans-khmer-khmer-400-normal.woff2", stylesheet="css/fonts/km.css",
    digits="០១២៣៤៥៦៧៨៩",
)  # fmt: skip
LAO: Final = Language(
    code="lo", name="ລາວ", english="Lao", locale="lo", browser="lo-u-nu-latn",
    font="vendor/noto/noto-sans-lao-lao-400-normal.woff2", stylesheet="css/fonts/lo.css",
    digits="໐໑໒໓໔໕໖໗໘໙",
)  # fmt: skip

LANGUAGES: Final = (THAI, ENGLISH, BURMESE, KHMER, LAO)
DEFAULT: Final = LANGUAGES[0]
"""The language of an address without ``lang``."""
WRITTEN: Final = next(one for one in LANGUAGES if not one.has_catalogue)
"""The language of the messages in the code; texts without a translation are shown in it."""

BY_CODE: Final = {one.code: one for one in LANGUAGES}
CODES: Final = tuple(BY_CODE)
NAMES: Final = {one.code: one.name for one in LANGUAGES}
"""The languages that a person can choose: code → its own name. Pages of officers and volunteers that do not exist in it
are shown in ``WRITTEN``."""
STAFF: Final = {one.code: one.name for one in LANGUAGES if one.for_staff}
"""The languages of the pages of officers and volunteers."""


def _one_of(codes: Collection[str]) -> tuple[AfterValidator, WithJsonSchema]:
    expected = ", ".join(codes)

    def known(code: str) -> str:
        if code not in codes:
            raise refuse(N_("Choose one of: %(expected)s."), expected=expected)
        return code

    return AfterValidator(known), WithJsonSchema({"type": "string", "enum": list(codes)})


AnyCode = Annotated[str, *_one_of(CODES)]
"""The code of a language, for schemas."""
