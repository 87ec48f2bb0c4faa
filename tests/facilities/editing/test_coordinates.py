"""Every form of coordinates people have is read as the place they mean."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from pyproj import Transformer

from mapapp.core import geo
from mapapp.lists import coordinates

LAT, LON = 18.7883, 98.9853

places = st.builds(
    geo.Point,
    lat=st.floats(geo.SOUTH + 0.01, geo.NORTH - 0.01).map(lambda value: round(value, 6)),
    lon=st.floats(geo.WEST + 0.01, geo.EAST - 0.01).map(lambda value: round(value, 6)),
)
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def near(found: geo.Point, meant: geo.Point, degrees: float = 2e-6) -> bool:
    return abs(found.lat - meant.lat) <= degrees and abs(found.lon - meant.lon) <= degrees


def dms(value: float, signs: tuple[str, str, str], digits: int = 2) -> str:
    """Degrees, minutes and seconds; rounding never makes sixty of them."""
    whole = round(value * 3600 * 10**digits)
    minutes, seconds = divmod(whole, 60 * 10**digits)
    degrees, minutes = divmod(minutes, 60)
    return f"{degrees}{signs[0]}{minutes}{signs[1]}{seconds / 10**digits:.{digits}f}{signs[2]}"


@given(places, st.sampled_from([", ", " ", ",", ";", " ; ", "\n", " / ", "\t"]), st.booleans(), st.booleans())
def test_decimal_degrees_in_either_order(place: geo.Point, between: str, swapped: bool, thai: bool) -> None:
    one, other = (f"{place.lon:.6f}", f"{place.lat:.6f}") if swapped else (f"{place.lat:.6f}", f"{place.lon:.6f}")
    text = one + between + other
    assert near(coordinates.read(text.translate(THAI_DIGITS) if thai else text), place)


@given(
    places,
    st.sampled_from(
        [
            ("{lat:.6f}° N, {lon:.6f}° E"),
            ("N{lat:.6f} E{lon:.6f}"),
            ("{lat:.6f}N {lon:.6f}E"),
            ("{lon:.6f}°E {lat:.6f}°N"),
            ("ละติจูด {lat:.6f} ลองจิจูด {lon:.6f}"),
            ("lat: {lat:.6f}, lon: {lon:.6f}"),
            ("Latitude={lat:.6f} Longitude={lon:.6f}"),
            ("({lat:.6f}, {lon:.6f})"),
            ("[{lon:.6f}, {lat:.6f}]"),
            ("POINT({lon:.6f} {lat:.6f})"),
            ("{lat:.6f} เหนือ {lon:.6f} ตะวันออก"),
            ("พิกัด {lat:.6f} องศาเหนือ {lon:.6f} องศาตะวันออก"),
            ("{lat:.6f} น. {lon:.6f} อ."),
        ]
    ),
)
def test_decimal_degrees_with_words(place: geo.Point, form: str) -> None:
    assert near(coordinates.read(form.format(lat=place.lat, lon=place.lon)), place)


SIGNS = [
    ("°", "'", '"'),
    ("° ", "′ ", "″"),
    ("º", "’", "”"),
    ("° ", "' ", "''"),
    (" องศา ", " ลิปดา ", " ฟิลิปดา"),
    ("องศา", "ลิปดา", "พิลิปดา"),
    (" องศา ", " ด. ", ""),
    (" deg ", " min ", " sec "),
    (" ", " ", ""),
    ("-", "-", ""),
    (":", ":", ""),
]


@given(places, st.sampled_from(SIGNS), st.sampled_from([("N", "E"), (" เหนือ", " ตะวันออก"), (" น.", " อ."), ("", "")]))
@example(geo.Point(lat=18.999999, lon=99.999999), SIGNS[0], ("N", "E"))
def test_degrees_minutes_seconds(place: geo.Point, signs: tuple[str, str, str], sides: tuple[str, str]) -> None:
    text = f"{dms(place.lat, signs)}{sides[0]} {dms(place.lon, signs)}{sides[1]}"
    assert near(coordinates.read(text), place, 3e-6)
    assert near(coordinates.read(text.translate(THAI_DIGITS)), place, 3e-6)


@given(places)
def test_seconds_with_dots_between_and_longitude_first(place: geo.Point) -> None:
    text = f"E{dms(place.lon, ('.', '.', ''))} N{dms(place.lat, ('.', '.', ''))}"
    assert near(coordinates.read(text), place, 3e-6)


@given(places, st.sampled_from([("°", "'"), (" ", ""), ("° ", "′"), (" องศา ", " ลิปดา")]))
def test_degrees_and_decimal_minutes(place: geo.Point, signs: tuple[str, str]) -> None:
    def angle(value: float) -> str:
        whole = round(value * 600_000)
        return f"{whole // 600_000}{signs[0]}{whole % 600_000 / 10_000:.4f}{signs[1]}"

    assert near(coordinates.read(f"{angle(place.lat)}N {angle(place.lon)}E"), place, 3e-6)


@given(
    places,
    st.sampled_from(
        [
            "{zone}N {e:.1f} {n:.1f}",
            "{zone}N 0{e:.0f} {n:.0f}",
            "{zone}Q {e:.0f} {n:.0f}",
            "{zone} {e:.0f} {n:.0f}",
            "{zone} Q {e:.0f}, {n:.0f}",
            "{e:.0f} {n:.0f} {zone}N",
            "UTM Zone {zone}N E {e:.0f} N {n:.0f}",
            "UTM {zone}N {e:.0f}E {n:.0f}N",
            "โซน {zone} {e:.0f} mE {n:.0f} mN",
            "{zone}N X: {e:.0f} Y: {n:.0f}",
            "{zone}P N{n:.0f} E{e:.0f}",
            "{zone}N Y={n:.0f} X={e:.0f}",
            "{zone}N {n:.0f}N {e:.0f}E",
            "{zone}N {e:,.0f} {n:,.0f}",
        ]
    ),
    st.booleans(),
)
def test_utm_with_a_zone(place: geo.Point, form: str, thai: bool) -> None:
    zone = 47 if place.lon < 102 else 48
    east, north = Transformer.from_crs(4326, 32600 + zone, always_xy=True).transform(place.lon, place.lat)
    text = form.format(zone=zone, e=east, n=north)
    assert near(coordinates.read(text.translate(THAI_DIGITS) if thai else text), place, 1e-5)


def test_utm_without_a_zone_is_read_where_only_one_zone_fits() -> None:
    # 497,000 m east in zone 47 is the middle of the north; in zone 48 the same numbers lie in Laos or Vietnam.
    def in_the_north(found: geo.Point) -> bool:
        return found.lon < 102

    assert near(coordinates.read("498449 2077381", in_the_north), geo.Point(lat=18.7881, lon=98.9853), 1e-4)
    assert coordinates.read("800000 1500000").lon == pytest.approx(101.77, abs=0.01)  # zone 48: 107.8, in Vietnam


def test_utm_without_a_zone_names_both_where_two_fit() -> None:
    with pytest.raises(PydanticCustomError, match=r"47N this is 18\.78.*48N it is 18\.78\d\d, 104\.98"):
        coordinates.read("498449 2077381")


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/@18.7883,98.9853,15z",
        "https://www.google.com/maps/place/Wat/@18.1,98.1,15z/data=!3m1!4b1!4m6!3m5!1s0x30:0x7!8m2!3d18.7883!4d98.9853",
        "https://www.google.com/maps?q=18.7883,98.9853",
        "https://www.google.co.th/maps?ll=18.7883,98.9853&z=12",
        "https://maps.google.com/?q=loc:18.7883,98.9853",
        "https://www.google.com/maps/search/?api=1&query=18.7883%2C98.9853",
        "https://www.google.com/maps/search/18.7883,+98.9853?entry=tts",
        "https://www.google.com/maps/dir//18.7883,98.9853/@18.1,98.1,12z",
        "https://www.google.com/maps/dir/?api=1&destination=18.7883,98.9853",
        "https://www.google.com/maps/place/18%C2%B047'17.9%22N+98%C2%B059'07.1%22E/@18.1,98.1,17z",
        "geo:18.7883,98.9853",
        "geo:18.7883,98.9853;u=35",
        "geo:0,0?q=18.7883,98.9853(วัดพระสิงห์)",
        "https://maps.apple.com/?ll=18.7883,98.9853&q=Wat",
        "https://maps.apple.com/place?coordinate=18.7883,98.9853&name=Wat",
        "https://www.openstreetmap.org/?mlat=18.7883&mlon=98.9853#map=15/18.1/98.1",
        "https://www.openstreetmap.org/#map=15/18.7883/98.9853",
        "https://www.openstreetmap.org/directions?to=18.7883%2C98.9853",
        "https://map.longdo.com/?lat=18.7883&long=98.9853&zoom=15&locale=th",
        "https://www.bing.com/maps?cp=18.7883~98.9853&lvl=15",
        "https://waze.com/ul?ll=18.7883,98.9853&navigate=yes",
        "maps.google.com/maps?q=18.7883,98.9853",
        "จุดตรวจหน้าวัด https://maps.google.com/?q=18.7883,98.9853 โทร 053",
        "https://maps.google.com/?q=98.9853,18.7883",
    ],
)
def test_map_links(link: str) -> None:
    assert near(coordinates.read(link), geo.Point(lat=LAT, lon=LON), 1e-5)


@given(places)
def test_links_round_trip(place: geo.Point) -> None:
    where = f"{place.lat:.6f},{place.lon:.6f}"
    for link in (
        f"geo:{where}",
        f"https://www.google.com/maps?q={where}",
        f"https://www.google.com/maps/place/x/@1.5,99.5,9z/data=!3d{place.lat:.6f}!4d{place.lon:.6f}",
        f"https://www.openstreetmap.org/#map=17/{place.lat:.6f}/{place.lon:.6f}",
        f"https://map.longdo.com/?lat={place.lat:.6f}&long={place.lon:.6f}",
    ):
        assert near(coordinates.read(link), place)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Enter latitude and longitude"),
        ("   ", "Enter latitude and longitude"),
        ("เชียงใหม่", "Enter latitude and longitude"),
        ("18.7883", "Enter latitude and longitude"),
        ("18°75'00\" 98°00'00\"", "Enter latitude and longitude"),
        ("https://maps.app.goo.gl/abcDEF123", "short link does not contain"),
        ("https://goo.gl/maps/abcDEF123", "short link does not contain"),
        ("https://www.google.com/maps/place/Wat+Phra+Singh", "contains no coordinates"),
        ("https://[", "contains no coordinates"),
        ("51.5074, -0.1278", "outside Thailand"),
        ("-18.7883, 98.9853", "outside Thailand"),
        ("18.7883 S 98.9853 E", "outside Thailand"),
        ("48.85, 2.35", "outside Thailand"),
        ("https://www.google.com/maps?q=48.85,2.35", "outside Thailand"),
        ("46N 498449 2077381", "zones 47N and 48N"),
        ("47S 498449 2077381", "zones 47N and 48N"),
        ("47N 49844 2077381", "Enter UTM as zone"),
        ("47N 498449 20773811", "Enter UTM as zone"),
        ("47N 498449 2077381 vertical", "Enter UTM as zone"),
        ("47QMA 98449 77381", "MGRS"),
        ("47QMA9844977381", "MGRS"),
        ("7P52QXQP+89", "Plus codes"),
        ("QXQP+89 เชียงใหม่", "Plus codes"),
        ("1" * 3000, "too long"),
    ],
)
def test_refusals_say_what_to_do(text: str, part: str) -> None:
    with pytest.raises(PydanticCustomError, match=part):
        coordinates.read(text)


@pytest.mark.parametrize("text", ["18,7883 98,9853", "18,7883; 98,9853", "18,7883, 98,9853"])
def test_decimal_commas(text: str) -> None:
    assert near(coordinates.read(text), geo.Point(lat=LAT, lon=LON))


@given(st.text(max_size=60) | st.text("0123456789.,°'\" NSEWนอ-+/:@!?=&#%", max_size=60))
def test_any_text_is_a_place_in_thailand_or_a_sentence(text: str) -> None:
    for given_text in (text, f"https://www.google.com/maps{text}", f"geo:{text}"):
        try:
            found = coordinates.read(given_text)
        except PydanticCustomError:
            continue
        assert geo.in_thailand(lat=found.lat, lon=found.lon)
