"""Repairs what spreadsheets do to a row: lost zeros, swapped columns, other formats of coordinates.

Repairs by rule are noted on the row, so that a person can check them; ambiguous values are left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mapapp.core import geo
from mapapp.core.dates import from_cell
from mapapp.core.errors import N_, Message, message_of
from mapapp.core.fields import arabic_digits
from mapapp.facilities import hours
from mapapp.facilities.fields import TEXTS
from mapapp.facilities.kinds import USUAL, TakenAs
from mapapp.facilities.list_words import kind_words
from mapapp.lists import coordinates
from mapapp.lists.tables import NoPoint, Unusable

Said = list[tuple[str, Message]]
"""Field and sentence."""

_TEXTS = ("name_th", "name_en", "address", "opening_hours", *TEXTS, "closed_reason", "verified_by", "kind", "status")
_CODES = ("hcode", "source_ref")
_DAYS = ("closed_from", "closed_until", "verified_at")
_MARKS = re.compile(r"[°º'′\"″]|องศา|ลิปดา|เหนือ|ตะวันออก|\d \d|\d ?[NSEW](?!\w)|(?<!\w)[NSEW] ?\d", re.IGNORECASE)
_NOTHING = re.compile(r"[-‐‑‒–—−_.]+|ไม่มี(?:ข้อมูล)?|ไม่ทราบ|ไม่ระบุ|n/?a|none|null|nil", re.IGNORECASE)
"""What people write into a cell that stays empty."""
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d*)?")


def written(value: Any) -> str:
    """A cell as text; a number as a spreadsheet shows it."""
    return "" if value is None or isinstance(value, (dict, list, Unusable, NoPoint)) else str(value).strip()


def code_of(value: Any) -> str:
    """A code as it is kept: in Arabic digits, and whole where a spreadsheet made 1001.0 of 1001."""
    return re.sub(r"^(\d+)\.0+$", r"\1", arabic_digits(written(value)))


def unusable(values: Mapping[str, Any]) -> Said:
    """Cells that hold a formula or an error: their value is not in the file, or not to be relied on."""
    said = []
    for name, value in values.items():
        if isinstance(value, Unusable):
            text = (
                N_("Cell %(cell)s is a formula. Copy the column, paste it as values, and save again.")
                if value.what == "formula"
                else N_("Cell %(cell)s contains the error %(error)s. Correct it in the spreadsheet.")
            )
            shown = {"cell": value.cell} if value.what == "formula" else {"cell": value.cell, "error": value.text[:40]}
            said.append((name, Message(text, shown)))
    return said


def mend(values: dict[str, Any]) -> tuple[Said, Said]:
    """Corrects the cells of a row in place: Thai digits, numbers stored as text, codes, coordinates.

    Returns:
        corrections that a person should check; values that cannot be used.
    """
    notes: Said = []
    for name, value in values.items():
        if isinstance(value, str) and _NOTHING.fullmatch(value.strip()):
            values[name] = None
    if not written(values.get("phone")) and written(values.get("phone_more")):
        values["phone"], values["phone_more"] = values["phone_more"], None
    for name in _TEXTS:
        if isinstance(values.get(name), (int, float)) and not isinstance(values[name], bool):
            values[name] = str(values[name])
    notes += _hours(values)
    for name in _DAYS:
        if values.get(name) is not None:
            values[name] = from_cell(values[name])
    if values.get("kind") in (None, "", USUAL, kind_words()[USUAL][0]):
        notes += _short_code(values)
    for name in _CODES:
        if values.get(name) is not None:
            values[name] = code_of(values[name])
    found, problems = _place(values)
    return notes + found, problems


def meant_fields(values: dict[str, Any], taken: TakenAs) -> Said:
    """What stands in a column that the kind does not have: a waiting centre's places, counted as a hospital's beds.

    Mends in place, and tells.
    """
    said: Said = []
    for given, meant in taken.fields.items():
        found = values.get(given)
        if written(found) and not written(values.get(meant)):
            values[meant], values[given] = found, None
            said.append((given, Message(taken.said)))
    return said


def _hours(values: dict[str, Any]) -> Said:
    """Opening hours in words; told, because words can mean more than a syntax."""
    typed = values.get("opening_hours")
    if not isinstance(typed, str) or not typed.strip() or len(typed) > hours.MAX_LENGTH:
        return []
    read = values["opening_hours"] = hours.plain(typed.strip())
    if read == typed.strip() or not re.search(r"[^\W\d_]", re.sub(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|off)\b", "", typed)):
        return []
    return [("opening_hours", Message(N_("The opening hours were read as: %(hours)s."), {"hours": read}))]


def _short_code(values: dict[str, Any]) -> Said:
    """A hospital's code that a spreadsheet took for a number. In a CSV it is unknown whether a digit is missing."""
    code = values.get("hcode")
    if isinstance(code, bool) or not isinstance(code, int) or not 0 < code < 10_000:
        return []
    values["hcode"] = f"{code:05}"
    return [
        ("hcode", Message(N_("Leading zeros were missing. The code is read as %(code)s."), {"code": values["hcode"]}))
    ]


# The place -----------------------------------------------------------------------------------------------------------


def _place(values: dict[str, Any]) -> tuple[Said, Said]:
    """``lat`` and ``lon`` as numbers, from whatever the list has: two columns, or one with both."""
    joined = written(values.pop("coordinates", None))
    if isinstance(values.get("lat"), NoPoint):
        found = values["lat"]
        values["lat"] = values["lon"] = None
        return [], [("lat", _no_point(found))]
    lat, lon = (coordinates.tidied(written(values.get(name))) for name in ("lat", "lon"))
    if not lat and not lon:
        if not joined:
            return [], []
        return _read(values, "coordinates", joined)
    if not lat or not lon:
        # Both numbers in one column, the other empty; or the other column of the list has them.
        column = "lat" if lat else "lon"
        both = next((text for text in (lat or lon, joined) if text and not _PLAIN_NUMBER.fullmatch(text)), "")
        return _read(values, column, both) if both else ([], [])
    if _PLAIN_NUMBER.fullmatch(lat) and _PLAIN_NUMBER.fullmatch(lon):
        y, x = float(lat), float(lon)
        values["lat"], values["lon"] = y, x
        if geo.looks_swapped(lat=y, lon=x):
            values["lat"], values["lon"] = x, y
            return [("lat", Message(N_("Latitude and longitude were in the wrong columns. They were swapped.")))], []
        return [], []
    if not lat or not lon or not (_has_marks(lat + lon) or _is_metres(lat, lon)):
        return [], []  # the check of each says what is wrong
    # Northings stand in the column of latitudes; a reference in metres is written easting first.
    return _read(values, "lat", f"{lon} {lat}" if _is_metres(lat, lon) else f"{lat} {lon}")


_SHAPES = {
    "area": N_("This is an area; a point is needed."),
    "line": N_("This is a line; a point is needed."),
    "points": N_("These are several points; one is needed."),
}


def _no_point(found: NoPoint) -> Message:
    if found.lat is None:
        return Message(_SHAPES[found.what])
    text = N_("This is an area; a point is needed. A point inside it is %(lat)s, %(lon)s.")
    return Message(text, {"lat": f"{found.lat:.6f}", "lon": f"{found.lon:.6f}"})


def _has_marks(text: str) -> bool:
    return _MARKS.search(text) is not None


def _is_metres(lat: str, lon: str) -> bool:
    return all(re.search(r"(?<![\d.])\d{6,7}(\.\d+)?(?!\d)|\d,\d{3},?\d{3}", text) for text in (lat, lon))


def _read(values: dict[str, Any], column: str, text: str) -> tuple[Said, Said]:
    try:
        place = coordinates.read(text)
    except ValueError as error:  # pydantic's are ValueErrors too; a row must never break a list
        # The point is missing, which is told here and not once more for each of its two numbers.
        values["lat"] = values["lon"] = None
        return [], [(column, message_of(error, N_("These are not valid coordinates.")))]
    values["lat"], values["lon"] = place.lat, place.lon
    if column == "coordinates":
        return [], []
    shown = {"lat": f"{place.lat:.6f}", "lon": f"{place.lon:.6f}"}
    return [(column, Message(N_("The coordinates were read as %(lat)s, %(lon)s."), shown))], []
