"""Languages are rows: nothing asks for one by its code, and what differs is written as people of the language do."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pytest
from babel import Locale
from pydantic import TypeAdapter, ValidationError

from mapapp.core import fields, formats, languages, phones
from mapapp.core.config import ROOT
from mapapp.core.languages import ENGLISH, LANGUAGES, THAI, Language
from mapapp.help_requests.resident import links
from mapapp.lists import coordinates

CODE = "|".join(languages.CODES)
COMPARED = re.compile(rf"""[!=]==?\s*["'](?:{CODE})["']|["'](?:{CODE})["']\s*[!=]==?[^=]""")


def test_nothing_is_compared_with_the_code_of_a_language() -> None:
    places = chain(
        (ROOT / "mapapp").rglob("*.py"), (ROOT / "templates").rglob("*.html"), (ROOT / "static" / "js").rglob("*.js")
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in places
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if COMPARED.search(line)
    ]
    assert found == [], "ask mapapp/core/languages.py for what differs"


@pytest.mark.parametrize("row", LANGUAGES, ids=lambda row: row.code)
def test_numbers_are_read_in_the_digits_of_each_language(row: Language) -> None:
    """Whoever reads a page in a language has its keyboard, and copies the code of a request as it stands on paper."""
    assert [unicodedata.decimal(sign) for sign in row.digits] == list(range(10))
    assert (row.digits == "0123456789") == (row is ENGLISH)
    typed = str.maketrans("0123456789", row.digits)
    assert fields.whole_number(" 120 ".translate(typed)) == "120"
    assert links.read_code("5241 5291 2680".translate(typed)) == "524152912680"
    assert phones.parse("081 234 5678".translate(typed)) == "+66812345678"
    assert coordinates.read("18.79, 98.98".translate(typed)) == coordinates.read("18.79, 98.98")
    assert fields.has_national_id("1-1018-00001-23-9".translate(typed))


@pytest.mark.parametrize("row", LANGUAGES, ids=lambda row: row.code)
def test_every_row_is_whole(row: Language) -> None:
    assert Locale.parse(row.locale).text_direction == row.direction
    assert row.clock.count("%s") == 1
    assert (ROOT / "static" / row.font).is_file()
    assert not row.stylesheet or (ROOT / "static" / row.stylesheet).is_file()
    assert set(row.names) <= {"th", "en"}
    assert row.is_complete or not row.for_staff, "officers' pages have no gaps"


def test_the_first_is_thai_and_one_is_the_language_of_the_code() -> None:
    assert languages.DEFAULT is THAI
    assert [one for one in LANGUAGES if not one.has_catalogue] == [languages.WRITTEN] == [ENGLISH]


def test_a_day_that_the_buddhist_year_would_not_have_is_written() -> None:
    leap = date(2024, 2, 29)  # 2567 is no leap year of the common era
    assert formats.day(leap, THAI) == "29 ก.พ. 2567"
    assert formats.typed_day(leap, THAI) == "29/2/2567"
    assert formats.typed_day(leap, ENGLISH) == "2024-02-29"


def test_a_time_of_day_is_bangkoks_and_said_as_such() -> None:
    late = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert [formats.clock(late, row) for row in (THAI, ENGLISH)] == ["03:30 น.", "03:30"]


@pytest.mark.parametrize(
    ("since", "thai", "english"),
    [
        (timedelta(minutes=1, seconds=59), "1 นาที", "1 minute"), (timedelta(minutes=59), "59 นาที", "59 minutes"),
        (timedelta(hours=1), "1 ชั่วโมง", "1 hour"), (timedelta(hours=23, minutes=59), "23 ชั่วโมง", "23 hours"),
        (timedelta(days=1), "1 วัน", "1 day"), (timedelta(days=6, hours=23), "6 วัน", "6 days"),
        (timedelta(days=400), "400 วัน", "400 days"),
    ],
)  # fmt: skip
def test_what_is_past_is_never_said_longer_than_it_is(since: timedelta, thai: str, english: str) -> None:
    assert [formats.past(since, row) for row in (THAI, ENGLISH)] == [thai, english]


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0, 0, "0"), (1234567.891, 1, "1,234,567.9"), (2.675, 2, "2.67"), (0.25, 1, "0.2"), (-1234, 0, "-1,234")],
)
def test_numbers_have_just_their_digits(value: float, digits: int, shown: str) -> None:
    assert [formats.number(value, digits, row) for row in (THAI, ENGLISH)] == [shown] * 2


def test_only_known_languages_are_stored() -> None:
    anybody = TypeAdapter(languages.AnyCode)
    assert [anybody.validate_python(code) for code in languages.CODES] == list(languages.CODES)
    for code in ("xx", "EN", "", "th-TH"):
        with pytest.raises(ValidationError):
            anybody.validate_python(code)
    assert anybody.json_schema()["enum"] == list(languages.CODES)
