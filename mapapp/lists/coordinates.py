"""Coordinates in any form people have: decimal, degrees-minutes-seconds, UTM, pasted map links. Nothing is fetched.

Thai latitudes (5–21) and longitudes (97–106) do not overlap, so the order is told by the numbers, not by the writer.
Everything is WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from pyproj import Transformer

from mapapp.core import geo, thai_text
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import arabic_digits
from mapapp.lists import map_links

MAX_LENGTH = 2_000
"""Characters; the longest map links have about a thousand."""

Inside = Callable[[geo.Point], bool]

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("º˚∘⁰", "°"),
        **dict.fromkeys("′’‘‛ʼʹ´`＇", "'"),
        **dict.fromkeys("″“”‟ʺ¨＂", '"'),
        **dict.fromkeys("−–—‐‑", "-"),
        **dict.fromkeys("，、", ","),
        **dict.fromkeys("；", ";"),
    }
)
# The longer word before the one it contains.
_WORDS = (
    (r"องศา|\bdeg(?:rees?|\.)?(?![a-z])", "°"),
    (r"[ฟพ]ิลิปดา|วินาที|\bsec(?:onds?|\.)?(?![a-z])", '"'),
    (r"ลิปดา|นาที|\bmin(?:utes?|\.)?(?![a-z])", "'"),
    (r"ตะวันออก|\bต\.\s?อ\.|(?<![ก-๙])อ\.|\beast(?![a-z])", " E "),
    (r"ตะวันตก|\bต\.\s?ต\.|\bwest(?![a-z])", " W "),
    (r"เหนือ|(?<![ก-๙])น\.|\bnorth(?![a-z])", " N "),
    (r"(?:ทิศ)?ใต้|\bsouth(?![a-z])", " S "),
    (r"ละติจูด|ลองจิจูด|ลองติจูด|พิกัด|ทิศ|(?<![ก-๙])ด\.", " "),
    (r"\b(?:latitude|longitude|lat|long|lng|lon|gps|wgs ?84|point|coordinates?)\b[:.=]?", " "),
)
_DOTTED = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:\.\d+)?)(?![\d.])")
_DECIMAL_COMMAS = re.compile(r"\s*(\d{1,3}),(\d{3,})\s*[;,/\s]\s*(\d{1,3}),(\d{3,})\s*")
_TOKEN = re.compile(r"""(?P<number>\d+(?:\.\d+)?)|(?P<mark>[°'"]+)|(?P<side>[NSEW])|(?P<cut>[,;/\n|]+)|(?P<sign>-)""")
_MGRS = re.compile(r"\s*4[6-8]\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?\d{2,5}\s?\d{2,5}\s*")
_PLUS_CODE = re.compile(r"(?<![A-Z0-9])[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?![A-Z0-9])")

_HOW = N_("Enter latitude and longitude, for example 18.7883, 98.9853, or paste a map link that contains them.")


def read(text: str, inside: Inside | None = None) -> geo.Point:
    """The coordinates that a text contains.

    Args:
        text: as a person typed or pasted it.
        inside: tells whether a point lies in Thailand, for a UTM reference without a zone; by default a box around
            Thailand.

    Raises:
        PydanticCustomError: with a sentence that says what to do.
    """
    if len(text) > MAX_LENGTH:
        raise refuse(N_("This text is too long to be coordinates."))
    plain = tidied(thai_text.normal(text).translate(_SIGNS)).strip()
    if not plain:
        raise refuse(_HOW)
    link = map_links.find(plain)
    if link is not None:
        return _linked(link)
    upper = plain.upper()
    if _MGRS.fullmatch(upper):
        raise refuse(N_("MGRS references are not supported. Enter UTM (47N 498000 2077000) or latitude and longitude."))
    if _PLUS_CODE.search(upper):
        raise refuse(
            N_("Plus codes are not supported. Press and hold the location on the map and copy the two numbers shown.")
        )
    metres = _utm(upper, inside or _in_box)
    if metres is not None:
        return metres
    return _of_programs(upper) or _geographic(plain)


_SPLIT = re.compile(r"(?<=\d)(?:\s+\.\s*|\.\s+)(?=\d{3,}(?![\d.]))")


def tidied(text: str) -> str:
    """Numbers without what slipped in while they were typed: blanks beside the decimal point, a full stop behind."""
    return _SPLIT.sub(".", re.sub(r"(\.\d+)\.(?!\d)", r"\1", arabic_digits(text)))


_NUMBER = r"(-?\d{1,3}(?:\.\d+)?)"
_WKT = re.compile(rf"\s*(?:SRID=\d+;)?\s*POINT\s*Z?M?\s*\(\s*{_NUMBER}\s+{_NUMBER}(?:\s+-?\d+(?:\.\d+)?)*\s*\)\s*")
_GEOPOINT = re.compile(r"\s*(\d{1,3}\.\d+)[\s,]+(\d{1,3}\.\d+)[\s,]+-?\d+(?:\.\d+)?(?:[\s,]+\d+(?:\.\d+)?)?\s*")
_ZOOMED = re.compile(r"\s*@?(\d{1,3}\.\d+)\s*,\s*(\d{1,3}\.\d+)\s*,\s*\d+(?:\.\d+)?[ZM]\s*")
_WORDS_BEHIND = re.compile(r"\s*(\d{1,3}\.\d{3,})[\s,;/]+(\d{1,3}\.\d{3,})[\s,;(\[]+[^\d°'\"NSEW][^\d°'\"]*")


def _of_programs(upper: str) -> geo.Point | None:
    """Two numbers as programs write them, or with words behind: WKT, a geopoint of ODK (with altitude and accuracy),
    the middle of a map with its zoom. None where it is none of them."""
    for pattern in (_WKT, _GEOPOINT, _ZOOMED, _WORDS_BEHIND):
        found = pattern.fullmatch(upper)
        if found and _fits(float(found[1]), float(found[2])):
            return _ordered(float(found[1]), float(found[2]))
    return None


def _linked(link: str) -> geo.Point:
    """The place of a map link."""
    for part in map_links.parts(link):
        if isinstance(part, tuple):
            return _ordered(*part)
        try:
            return _geographic(part.translate(_SIGNS))
        except ValueError:
            continue  # a name, not coordinates
    if map_links.is_short(link):
        raise refuse(
            N_(
                "A short link does not contain the location. Open it, press and hold the location on the "
                "map, and copy the two numbers shown."
            )
        )
    raise refuse(
        N_("This link contains no coordinates. Press and hold the location on the map and copy the two numbers shown.")
    )


def _in_box(place: geo.Point) -> bool:
    return geo.in_thailand(lat=place.lat, lon=place.lon)


def _ordered(one: float, other: float) -> geo.Point:
    """The two numbers as the place in Thailand they can be, whichever comes first."""
    if geo.looks_swapped(lat=one, lon=other):
        one, other = other, one
    return geo.point(lat=one, lon=other)


# Degrees --------------------------------------------------------------------------------------------------------


@dataclass
class _Number:
    """A number and what stands behind it."""

    text: str
    mark: str = ""
    negative: bool = False
    cut: bool = False
    """A comma, semicolon, slash or line end follows."""
    before: str = ""
    after: str = ""
    """N, S, E or W before and behind."""

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass
class _Reading:
    numbers: list[_Number] = field(default_factory=list)
    side: str = ""
    cut: bool = False


def _geographic(text: str) -> geo.Point:
    """Decimal degrees, degrees and minutes, or degrees, minutes and seconds, in either order."""
    commas = _DECIMAL_COMMAS.fullmatch(text)
    if commas:
        return _ordered(float(f"{commas[1]}.{commas[2]}"), float(f"{commas[3]}.{commas[4]}"))
    for pattern, sign in _WORDS:
        text = re.sub(pattern, sign, text, flags=re.IGNORECASE)
    text = _DOTTED.sub(r"\1 \2 \3", text).replace("''", '"')
    numbers = _numbers(text)
    if any(one.negative or "S" in (one.before, one.after) or "W" in (one.before, one.after) for one in numbers):
        raise refuse(N_("This place is outside Thailand, which lies north of the equator and east of Greenwich."))
    cuts = [place for place, one in enumerate(numbers[:-1], 1) if one.cut]
    places = cuts if len(cuts) == 1 else range(1, len(numbers))
    pairs = []
    for place in places:
        one, other = _angle(numbers[:place]), _angle(numbers[place:])
        if one is not None and other is not None:
            pairs.append((one, other))
    fitting = [pair for pair in pairs if _fits(*pair)]
    if len(fitting) == 1:
        return _ordered(*fitting[0])
    if len(pairs) == 1 and not fitting:
        return _ordered(*pairs[0])  # which says why it cannot be
    raise refuse(_HOW)


def _fits(one: float, other: float) -> bool:
    return geo.in_thailand(lat=one, lon=other) or geo.in_thailand(lat=other, lon=one)


def _numbers(text: str) -> list[_Number]:
    """The numbers with their marks.

    Raises:
        PydanticCustomError: something else stands between them.
    """
    reading, place = _Reading(), 0
    upper = text.upper()
    while place < len(upper):
        found = _TOKEN.match(upper, place)
        if found is None:
            if upper[place] not in " \t()[]{}:=_":
                raise refuse(_HOW)
            place += 1
            continue
        _take(reading, found, glued=place > 0 and (upper[place - 1].isdigit() or upper[place - 1] in "°'\""))
        place = found.end()
    if len(reading.numbers) > 6:
        raise refuse(_HOW)
    return reading.numbers


def _take(reading: _Reading, found: re.Match[str], *, glued: bool) -> None:
    sort, token = found.lastgroup, found.group()
    last = reading.numbers[-1] if reading.numbers else None
    if sort == "number":
        made = _Number(token, negative=reading.side == "-", before=reading.side.strip("-"))
        reading.numbers.append(made)
        reading.side = ""
    elif sort == "side":
        # Behind the number it belongs to, unless numbers come with their letters in front.
        if last is None or last.after or last.cut or any(one.before for one in reading.numbers):
            reading.side = token
        else:
            last.after = token
    elif sort == "mark" and last is not None:
        last.mark = token
    elif sort == "cut" and last is not None:
        last.cut = True
    elif sort == "sign" and not glued:
        reading.side = "-"


def _angle(parts: list[_Number]) -> float | None:
    """Degrees out of one, two or three numbers; None where they are no angle."""
    if not 1 <= len(parts) <= 3:
        return None
    for part, mark in zip(parts, "°'\"", strict=False):
        if part.mark and part.mark != mark:
            return None
    if any("." in part.text for part in parts[:-1]) or any(part.after or part.cut for part in parts[:-1]):
        return None
    if any(part.before for part in parts[1:]) or any(part.value >= 60 for part in parts[1:]):
        return None
    return sum(part.value / scale for part, scale in zip(parts, (1, 60, 3600), strict=False))


# UTM ------------------------------------------------------------------------------------------------------------

_METRES = re.compile(r"(?<![\d.])\d{5,8}(?:\.\d+)?(?![\d.])")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_ZONE = re.compile(r"(?<![\d.])(\d{1,2})(?![\d.])\s?([C-DF-HJ-NP-X](?![A-Z]))?")
_NOISE = re.compile(
    r"UTM|ZONE|โซน|พิกัด|ค่า|ระบบ|WGS ?84|ตะวันออก|เหนือ|METERS?|METRES?|เมตร|ม\.|[\s:=,;/()\[\].°-]|M(?=[EN])|M$"
)
_EAST = (100_000, 900_000)
_FAR_EAST = 1_200_000
"""With the zone named: maps of the north-east are drawn in zone 47 to the Mekong, far beyond its edge."""
_NORTH = (500_000, 2_400_000)


def _utm(upper: str, inside: Inside) -> geo.Point | None:
    """A place in metres of UTM zone 47 or 48 north; None where the text is none."""
    upper = _THOUSANDS.sub(lambda found: found.group().replace(",", ""), upper)
    metres = _METRES.findall(upper)
    if len(metres) != 2:
        return None
    rest = _METRES.sub(" # ", upper)
    found = _ZONE.search(rest)
    zone, band = (int(found[1]), found[2] or "") if found else (None, "")
    letters = _NOISE.sub("", rest[: found.start()] + " " + rest[found.end() :] if found else rest)
    if not re.fullmatch(r"[ENXY]?#[ENXY]?#[ENXY]?", letters):
        raise refuse(_UTM_HOW)
    east, north = float(metres[0]), float(metres[1])
    far = zone is not None and _beyond_its_edge(letters, zone, east, north)
    if not far and _north_first(letters, east):
        east, north = north, east
    if not far and not (_EAST[0] <= east <= _EAST[1] and _NORTH[0] <= north <= _NORTH[1]):
        raise refuse(_UTM_HOW)
    if zone not in (47, 48, None) or band not in ("", "N", "P", "Q"):
        raise refuse(N_("Thailand lies in the UTM zones 47N and 48N. Check the zone."))
    if zone is not None:
        return _from_utm(zone, east, north)
    return _without_zone(_from_utm_raw(47, east, north), _from_utm_raw(48, east, north), inside)


_UTM_HOW = N_("Enter UTM as zone, 6-digit easting and northing, for example 47N 498000 2077000.")


def _beyond_its_edge(letters: str, zone: int, east: float, north: float) -> bool:
    """Whether these are an easting beyond the zone's own and a northing, in this order, and a place in Thailand."""
    if zone != 47 or not (_EAST[1] < east <= _FAR_EAST and _NORTH[0] <= north <= _NORTH[1]):
        return False
    swapped = _EAST[0] <= north <= _EAST[1]  # then it is a northing and an easting as they are usual
    lat, lon = _from_utm_raw(47, east, north)
    return not swapped and letters.split("#")[0] not in ("N", "Y") and geo.in_thailand(lat=lat, lon=lon)


def _north_first(letters: str, first: float) -> bool:
    """Whether the northing stands first: by the letters beside the numbers, or because it cannot be an easting."""
    if first > _EAST[1]:
        return True
    before, between, _after = letters.split("#")
    if before:
        return before in "NY"
    if between and letters.endswith("#"):
        return between in "EX"  # it stands before the second number
    return bool(between) and between in "NY"


def _without_zone(west: tuple[float, float], east: tuple[float, float], inside: Inside) -> geo.Point:
    fitting = []
    for lat, lon in (west, east):
        if geo.in_thailand(lat=lat, lon=lon) and inside(geo.Point(lat=lat, lon=lon)):
            fitting.append(geo.Point(lat=lat, lon=lon))
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise refuse(
            N_("Enter the zone first: with 47N this is %(west)s, with 48N it is %(east)s."),
            west=f"{west[0]:.4f}, {west[1]:.4f}",
            east=f"{east[0]:.4f}, {east[1]:.4f}",
        )
    raise refuse(N_("This place is outside Thailand. Check the numbers and the zone."))


def _from_utm(zone: int, east: float, north: float) -> geo.Point:
    lat, lon = _from_utm_raw(zone, east, north)
    return geo.point(lat=lat, lon=lon)


def _from_utm_raw(zone: int, east: float, north: float) -> tuple[float, float]:
    lon, lat = _projection(zone).transform(east, north)
    return round(lat, 7), round(lon, 7)


@lru_cache(maxsize=2)
def _projection(zone: int) -> Transformer:
    return Transformer.from_crs(f"EPSG:326{zone}", "EPSG:4326", always_xy=True)
