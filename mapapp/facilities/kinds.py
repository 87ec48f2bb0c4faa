"""The kinds of facilities: one row each. Whatever speaks of a kind takes it from here.

Schemas, forms, lists in and out, filters, the map's pins and coverage are made from these rows. A kind more is a row
here, a migration (the check constraints and indexes of its points), ``static/icons/<name>.svg`` and its words in Thai.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from mapapp.core.errors import N_

Corner = tuple[float, float]


@dataclass(frozen=True)
class ByName:
    """What the name of a place says of its kind, and the sentence that tells it (``%(name)s``: the name)."""

    pattern: re.Pattern[str]
    said: str


@dataclass(frozen=True)
class TakenAs:
    """Columns of lists that this kind does not have and what they are meant for: field → field, and what is told."""

    fields: Mapping[str, str]
    said: str


@dataclass(frozen=True)
class Kind:
    """A kind of facility."""

    name: str
    """As it is stored and as the API says it."""
    label: str
    """English key for gettext."""
    body: str
    sign: str
    """Silhouette and sign of its pin as SVG paths on 32 × 32, so that kinds are told apart without their colour; its
    icon shows the same."""
    corners: tuple[Corner, ...]
    """The silhouette on a circle of radius 1, for maps of thousands; none: it is that circle."""
    fields: tuple[str, ...]
    """What is asked of it and not of every kind, by the names in ``fields.py``; in the order of the form."""
    measure: str
    """Which of them an officer's table shows and sorts by."""
    fresh_days: int
    """Days until it counts as out of date, unless ``MAPAPP_FRESH_DAYS`` says otherwise."""
    words: tuple[str, ...]
    """How lists of others write it; ours write what the Thai pages call it (``list_words.py``)."""
    examples: tuple[str, str]
    """Two names, in Thai, for the list to fill in."""
    has_beds: bool = False
    """Whether coverage counts its beds."""
    code: re.Pattern[str] | None = None
    """What the health ministry's code of such a place looks like; None: it has none, so anything will do."""
    by_name: ByName | None = None
    """Names of places that are of this kind though a list says ``USUAL``."""
    not_by_name: ByName | None = None
    """Names of places that are not of this kind, whatever a list says."""
    taken_as: TakenAs | None = field(default=None)


KIND_ROWS: Final = (
    Kind(
        name="test_site",
        label=N_("COVID test site"),
        body="M16 1.5 30.5 16 16 30.5 1.5 16z",
        sign="M13 8h6v1.8h-1v4.4l3.9 6.3A2.3 2.3 0 0 1 20 24h-8a2.3 2.3 0 0 1-1.9-3.5l3.9-6.3V9.8h-1z",
        corners=((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)),
        fields=("test_types", "tests_per_day"),
        measure="tests_per_day",
        fresh_days=7,
        words=("จุดตรวจโควิด", "จุดตรวจ", "หน่วยตรวจ", "จุดตรวจคัดกรอง", "test site", "testing", "test"),
        examples=("จุดตรวจ หน้าที่ว่าการอำเภอแม่ริม", "จุดตรวจ ตลาดสันทราย"),
    ),
    Kind(
        name="vaccination_site",
        label=N_("Vaccination site"),
        body="M16 2a14 14 0 1 1 0 28 14 14 0 0 1 0-28z",
        sign="M20.6 6.8l4.6 4.6-1.5 1.5-1.5-1.5-1.9 1.9 1.2 1.2-1.5 1.5-.7-.7-6.6 6.6-2.9.5-2.3 2.3-1.4-1.4 2.3-2.3.5"
        "-2.9 6.6-6.6-.7-.7 1.5-1.5 1.2 1.2 1.9-1.9-1.5-1.5z",
        corners=(),
        fields=("vaccines", "doses_per_day"),
        measure="doses_per_day",
        fresh_days=7,
        words=("จุดฉีดวัคซีน", "จุดฉีด", "หน่วยฉีดวัคซีน", "vaccination site", "vaccination", "vaccine"),
        examples=("จุดฉีดวัคซีน หอประชุมอำเภอแม่ริม", "จุดฉีดวัคซีน โรงเรียนสันทราย"),
    ),
    Kind(
        name="hospital",
        label=N_("Hospital"),
        body="M6 3h20a3 3 0 0 1 3 3v20a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z",
        sign="M13.5 8h5v5.5H24v5h-5.5V24h-5v-5.5H8v-5h5.5z",
        corners=((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
        fields=("beds", "beds_free"),
        measure="beds_free",
        fresh_days=90,
        words=("โรงพยาบาล", "รพ", "รพ.", "hospital"),
        examples=("โรงพยาบาลแม่ริม", "โรงพยาบาลสันทราย"),
        has_beds=True,
        code=re.compile(r"\d{5}|[A-Z]{2}\d{7}"),
        not_by_name=ByName(
            re.compile(r"hospitel|ฮอสพิเทล|ฮอสปิเทล", re.IGNORECASE),
            N_("The name contains “hospitel”, which is not a hospital. Give its type in a column."),
        ),
    ),
    Kind(
        name="field_hospital",
        label=N_("Field hospital"),
        body="M16 2 31 28.5H1z",
        sign="M14.4 13h3.2v3.9h3.9v3.2h-3.9V24h-3.2v-3.9h-3.9v-3.2h3.9z",
        corners=((0, -1), (1.1, 0.85), (-1.1, 0.85)),
        fields=("beds", "beds_free"),
        measure="beds_free",
        fresh_days=3,
        words=("โรงพยาบาลสนาม", "รพ.สนาม", "รพสนาม", "field hospital"),
        examples=("โรงพยาบาลสนาม หอประชุมอำเภอแม่ริม", "โรงพยาบาลสนาม โรงยิมสันทราย"),
        has_beds=True,
        by_name=ByName(
            # “สนามชัยเขต” and “แก้งสนามนาง” are districts, so a Thai letter after สนาม is none.
            re.compile(
                r"^(?:โรงพยาบาล|รพ\.?)\s*สนาม(?:$|[^ก-๙]|แห่ง|จังหวัด|อำเภอ|ตำบล|เทศบาล|อบต|ประจำ|มหาวิทยาลัย|วัด|โรงเรียน|กองทัพ|เฉพาะกิจ)"
                r"|^field hospital\b",
                re.IGNORECASE,
            ),
            N_("The name says which type it is: %(name)s."),
        ),
    ),
    Kind(
        name="waiting_centre",
        label=N_("Community isolation centre"),
        body="M9 3.5h14L30 16l-7 12.5H9L2 16z",
        sign="M8 10h2v6h4.2v-3.5H20a4 4 0 0 1 4 4V22h-2v-2.5H10V22H8z",
        corners=((-0.55, -0.95), (0.55, -0.95), (1.1, 0), (0.55, 0.95), (-0.55, 0.95), (-1.1, 0)),
        fields=("places", "places_free"),
        measure="places_free",
        fresh_days=3,
        words=("จุดพักคอย", "ศูนย์พักคอย", "waiting centre", "waiting center", "community isolation"),
        examples=("ศูนย์พักคอย วัดในแม่ริม", "ศูนย์พักคอย โรงเรียนสันทราย"),
        has_beds=True,
        taken_as=TakenAs(
            {"beds": "places", "beds_free": "places_free"},
            N_("This type of facility has spaces. These beds are counted as spaces."),
        ),
    ),
)
"""Every kind, in the order in which people ask for them."""

BY_NAME: Final = {row.name: row for row in KIND_ROWS}

KINDS: Final = tuple(BY_NAME)
"""Their names, in that order."""

USUAL: Final = "hospital"
"""The default kind: what coverage shows first, and the kind of an empty list."""

if TYPE_CHECKING:
    KindName = str
else:
    # A Literal made from the rows: what is none is refused, and the API's document lists them.
    KindName = Literal[KINDS]


def plain(word: str) -> str:
    """A list's word as words are compared: in small letters, one space between."""
    return re.sub(r"[\s_-]+", " ", word.strip().casefold())


def of_name(name: str, kind: str | None) -> Kind | None:
    """The kind that a place is by its name, where a list says ``USUAL`` of it; None: the list is right."""
    if kind != USUAL:
        return None
    return next((row for row in KIND_ROWS if row.by_name is not None and row.by_name.pattern.search(name)), None)
