"""The pages: nearest (whole and as a fragment) and one facility, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.areas.geocoder import Geocoded
from mapapp.areas.resolving import resolver, with_geocoder
from mapapp.core import geo
from tests import data as tests_data
from tests.conftest import NOON
from tests.facilities.build import PAYLOADS, add
from tests.payloads import EVALUATED

HX = {"HX-Request": "true"}


@dataclass
class Spot:
    """A place as search by name finds it."""

    name_th: str
    name_en: str | None
    lat: float
    lon: float
    level: str = "tambon"
    score: float = 1.0
    code: str = "500101"
    own_point: bool = True
    path: list[Any] = field(default_factory=list)
    village_code: str | None = None
    certain: bool = True
    rest: bool = False
    named: frozenset[int] = frozenset({4, 6})

    @property
    def point(self) -> geo.Point:
        return geo.Point(lat=self.lat, lon=self.lon)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[Spot]:
    """What the next search by name finds."""
    found: list[Spot] = []

    def search(_session: Session, _text: str, _limit: int) -> Sequence[Spot]:
        return found

    monkeypatch.setattr(resolver, "search", search)
    return found


def test_the_empty_form(client: FlaskClient) -> None:
    page = client.get("/nearest")
    assert page.status_code == 200
    assert '<html lang="th" ' in page.text
    for kind in ("test_site", "vaccination_site", "hospital", "field_hospital", "waiting_centre"):
        assert f'<option value="{kind}">' in page.text
    assert "data-locate hidden" in page.text.replace("\n", " ")
    assert page.headers["Cache-Control"] == "private, no-cache"


def test_a_full_place_is_told_to_be_full_also_while_it_is_closed(client: FlaskClient, session: Session) -> None:
    """Who reads it in the evening comes when it opens."""
    made = add(session, lat=18.8, lon=99, status="full", opening_hours="Mo-Su 01:00-01:05")
    add(session, lat=18.81, lon=99, opening_hours="Mo-Su 01:00-01:05")
    for address in ("/nearest?lat=18.8&lon=99&lang=en", f"/facilities/{made}?lang=en"):
        page = client.get(address).text
        assert "Closed, opens tomorrow" in page, address
        assert page.count('<span class="badge full">Full</span>') == 1, address


def test_by_point(client: FlaskClient, session: Session, query_count: Callable[[], int]) -> None:
    near = add(
        session, lat=18.81, lon=99, name_th="จุดตรวจ ก", name_en="Site A", kind="test_site", phone="+6653140774",
        opening_hours="Mo-Fr 08:30-16:30; PH off", verified_at=NOON, is_example=True,
    )  # fmt: skip
    add(session, lat=18.9, lon=99, name_th="รพ. ข")
    session.commit()
    before = query_count()
    page = client.get("/nearest?lat=18.8&lon=99&lang=en").text
    assert query_count() - before == 1
    assert page.index("Site A") < page.index("รพ. ข")
    expected = [
        "1.1 km", "Open until 16:30", 'href="tel:+6653140774"', "053 140 774", f'href="/facilities/{near}?lang=en"',
        "Confirmed just now", "Example, not a real place", "Not checked yet", "Opening hours unknown",
        'href="geo:18.810000,99.000000?q=18.810000,99.000000(Site%20A)"',
        "https://www.openstreetmap.org/directions?to=18.810000%2C99.000000",
    ]  # fmt: skip
    for told in expected:
        assert told in unescape(page), told
    assert "18.8" not in page.split("openstreetmap.org")[1].split('"')[0].replace("18.81", "")


def test_filters_keep_what_was_chosen(client: FlaskClient, session: Session) -> None:
    add(session, lat=18.9, lon=99)
    page = client.get("/nearest?lat=18.8&lon=99&kind=hospital&max_km=5&verified=1&lang=en").text
    assert '<option value="hospital" selected>' in page
    assert '<option value="5" selected>' in page
    assert 'name="verified" value="1" checked' in page
    assert "Try a greater distance" in page


def test_a_fragment_for_htmx(client: FlaskClient, session: Session) -> None:
    add(session, lat=18.81, lon=99, name_th='ก" onload="x')
    answer = client.get("/nearest?lat=18.8&lon=99", headers=HX)
    assert answer.headers["Vary"].startswith("HX-Request")
    assert "<html" not in answer.text
    assert 'id="map-state"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert 'onload="x' not in answer.text
    restored = client.get("/nearest?lat=18.8&lon=99", headers=HX | {"HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_one_place_by_name(client: FlaskClient, session: Session, places: list[Spot]) -> None:
    add(session, lat=18.81, lon=99, name_th="รพ. ก")
    places.append(Spot("ศรีภูมิ", "Si Phum", 18.8, 99.0))
    page = client.get("/nearest?place=ศรีภูมิ").text
    assert "รพ. ก" in page
    assert 'name="at" value="ศรีภูมิ"' in page
    assert 'name="lat" value="18.8"' in page


def test_several_places_are_offered(client: FlaskClient, places: list[Spot]) -> None:
    places += [
        Spot("หนองพอก", None, 16.3, 104.2, "amphoe", path=[Spot("ร้อยเอ็ด", "Roi Et", 0, 0)]),
        Spot("หนองพอก", "Nong Phok", 16.31, 104.21),
    ]
    page = unescape(client.get("/nearest?place=หนองพอก&kind=hospital&lang=en").text)
    assert page.count("at=%E0%B8%AB") == 2
    assert "lat=16.31" in page
    assert "kind=hospital" in page
    assert "Roi Et" in page


def test_another_name_is_another_search(client: FlaskClient, session: Session, places: list[Spot]) -> None:
    add(session, lat=18.81, lon=99, name_th="รพ. ก")
    places.append(Spot("ข", None, 16.0, 104.0))
    assert 'name="lat" value="16.0"' in client.get("/nearest?place=ข&at=ก&lat=18.8&lon=99").text
    assert 'name="lat" value="18.8"' in client.get("/nearest?place=ก&at=ก&lat=18.8&lon=99").text
    assert 'name="lat" value="18.8"' in client.get("/nearest?place=&at=ก&lat=18.8&lon=99").text


class Geocoder:
    """A geocoder that answers with what the test says, and notes what it was asked."""

    def __init__(self, *places: Geocoded, answers: bool = True) -> None:
        self.places, self.answers = places, answers
        self.asked: list[str] = []

    def find(self, text: str, _language: str) -> tuple[Geocoded, ...] | None:
        self.asked.append(text)
        return self.places if self.answers else None


def geocoder(app: Flask, *places: Geocoded, answers: bool = True) -> Geocoder:
    """Switches it on."""
    settings = app.extensions["mapapp_config"]
    app.extensions["mapapp_config"] = settings.model_copy(update={"geocoder_url": "http://127.0.0.1:9"})
    made = app.extensions["mapapp_geocoder"] = Geocoder(*places, answers=answers)
    return made


TEMPLE = Geocoded("วัดเจดีย์หลวง {{98765*54321}}", geo.Point(lat=18.787, lon=98.9866))


def test_a_name_only_the_geocoder_knows(app: Flask, client: FlaskClient, session: Session, places: list[Spot]) -> None:
    add(session, lat=18.81, lon=99, name_th="รพ. ก")
    asked = geocoder(app, TEMPLE).asked
    page = client.get("/nearest?place=วัดเจดีย์หลวง").text
    assert "รพ. ก" in page
    assert 'name="lat" value="18.787"' in page
    places.append(Spot("เจดีย์", "Chedi", 18.5, 99.1, score=0.6, certain=False))
    both = unescape(client.get("/nearest?place=วัดเจดีย์&kind=hospital&lang=en").text)
    assert "Chedi" in both
    assert TEMPLE.name in both
    assert "lat=18.787&lon=98.9866&kind=hospital" in both
    places[0].certain = True
    client.get("/nearest?place=เจดีย์")
    client.get("/nearest?place=ข&at=ข&lat=18.8&lon=99")
    assert asked == ["วัดเจดีย์หลวง", "วัดเจดีย์"]  # not for a name that is ours, nor for a point


def test_a_geocoder_that_fails_takes_nothing_away(app: Flask, client: FlaskClient, places: list[Spot]) -> None:
    geocoder(app, answers=False)
    page = client.get("/nearest?place=ไม่มีที่นี่&lang=en")
    assert "No place of this name was found" in page.text
    assert "cannot search for shops, temples or streets" in page.text
    places += [Spot("ก", "A", 18.8, 99, score=0.8, certain=False), Spot("ข", "B", 18.9, 99, score=0.8, certain=False)]
    listed = client.get("/nearest?place=กข&lang=en")
    assert listed.status_code == 200
    assert ">B</a>" in listed.text
    assert "cannot search for shops, temples or streets" in listed.text


def test_the_geocoder_is_asked_so_often_by_one_address(
    app: Flask, client: FlaskClient, session: Session, places: list[Spot]
) -> None:
    asked = geocoder(app).asked
    places.append(Spot("ก", "A", 18.8, 99, score=0.5, certain=False))
    most = int(with_geocoder.GEOCODER_LIMIT.split()[0])
    for number in range(most):
        page = client.get(("/places?q=", "/nearest?place=")[number % 2] + f"x{number}&lang=en")
        assert "cannot search for shops, temples or streets" not in page.text
    over = client.get("/places?q=xx&lang=en")
    assert over.status_code == 200
    assert "cannot search for shops, temples or streets" in over.text
    assert ">A</strong>" in over.text  # our own names go on answering
    assert len(asked) == most
    client.get("/places?q=xx", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert len(asked) == most + 1


def test_no_such_place(client: FlaskClient, places: list[Spot]) -> None:
    page = client.get("/nearest?place=ไม่มีที่นี่&lang=en")
    assert page.status_code == 400
    assert "No place of this name was found" in page.text
    assert 'aria-describedby="place-problem"' in page.text
    assert 'value="ไม่มีที่นี่"' in page.text


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("lat=99&lon=18.8", "lon"),
        ("lat=18.8", "place"),
        ("lat=13,7&lon=100", "lat"),
        ("max_km=-1", "max_km"),
        ("kind=x", "kind"),
    ],
)
def test_problems_stand_beside_their_field(client: FlaskClient, query: str, problem: str) -> None:
    page = client.get(f"/nearest?{query}&lang=en")
    assert page.status_code == 400
    assert f'id="{problem}-problem"' in page.text


def test_a_facility(client: FlaskClient, session: Session, query_count: Callable[[], int]) -> None:
    number = add(
        session, lat=18.81, lon=99, name_th="รพ. ก", name_en="A", beds=30, beds_free=4, doses_per_day=1200,
        opening_hours='Mo-Fr 08:30-16:30; PH off "ก"', address="1 ถ.ข\nต.ค", verified_by="สมชาย", status="full",
    )  # fmt: skip
    session.commit()
    before = query_count()
    page = unescape(client.get(f"/facilities/{number}?lang=en").text)
    assert query_count() - before == 1
    for told in ("<h1>A</h1>", "รพ. ก", "Full", "30 (4 free)", "1,200", "08:30–16:30",
                 "Friday 20 Nov 2026", "closed", '"ก"', "1 ถ.ข<br>ต.ค"):  # fmt: skip
        assert told in page, told
    assert "สมชาย" not in page
    thai = client.get(f"/facilities/{number}").text
    assert "<h1>รพ. ก</h1>" in thai
    assert "20 พ.ย. 2569" in thai


def test_no_such_facility(client: FlaskClient) -> None:
    assert client.get("/facilities/999999").status_code == 404
    assert client.get(f"/facilities/{'9' * 40}").status_code == 404


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_shown_as_typed_and_never_run(
    client: FlaskClient, session: Session, payload: str, places: list[Spot]
) -> None:
    number = add(
        session, lat=18.81, lon=99, name_th=payload, name_en=payload, address=payload, serves=payload, source=payload,
        opening_hours=f'Mo-Fr 08:00-16:00 "{payload.replace(chr(34), "")}"',
    )  # fmt: skip
    places += [Spot(payload, payload, 18.8, 99.0), Spot("ข", None, 18.8, 99.0)]
    for address in (f"/facilities/{number}", "/nearest?lat=18.8&lon=99", "/nearest?place=x"):
        for headers in ({}, HX):
            page = client.get(address, headers=headers)
            assert page.status_code == 200
            assert EVALUATED not in page.text
            assert "<img" not in page.text.split("<main")[-1]
            assert "<script>window" not in page.text
            assert payload in unescape(page.text)
    typed = client.get("/nearest", query_string={"place": payload, "kind": payload, "max_km": payload})
    assert typed.status_code == 400
    assert payload in unescape(typed.text)
    assert EVALUATED not in typed.text


def test_the_answer_says_which_place_the_words_were_taken_for(
    client: FlaskClient, session: Session, places: list[Spot]
) -> None:
    add(session, lat=18.81, lon=99, name_th="รพ. ก")
    above = [
        Spot("เชียงใหม่", None, 18.8, 99, "province", code="50"),
        Spot("พร้าว", None, 18.8, 99, "amphoe", code="5011"),
    ]
    places.append(Spot("เวียง", None, 18.8, 99, path=above, code="501101"))
    for asked in ("/nearest?place=เวียง", "/nearest?place=เวียง&at=เวียง&lat=18.8&lon=99"):
        page = client.get(asked).text
        assert "ใกล้กับ:" in page, asked
        assert "ต.เวียง อ.พร้าว จ.เชียงใหม่" in page, asked
        assert 'href="#place">ไม่ใช่ที่นี่' in page, asked
    assert "ใกล้กับ:" not in client.get("/nearest?lat=18.8&lon=99").text, "a point of one's own has no name"


def test_a_place_that_is_only_somewhat_alike_is_asked_about(
    client: FlaskClient, session: Session, places: list[Spot]
) -> None:
    add(session, lat=18.81, lon=99, name_th="รพ. ก")
    places.append(Spot("พร้าว", None, 18.8, 99, "amphoe", 0.46, code="5011", certain=False))
    page = client.get("/nearest?place=ลาดพรอง").text
    assert "หมายถึงที่ไหน" in page
    assert "รพ. ก" not in page


@pytest.mark.parametrize("address", ["/nearest?place=พัทยา", "/places?q=พัทยา"])
def test_a_place_outside_the_service_is_told_with_who_helps_there(
    client: FlaskClient, session: Session, address: str
) -> None:
    tests_data.small_country(session)
    session.commit()
    page = client.get(address).text
    assert "“พัทยา” อยู่นอกพื้นที่ให้บริการ" in page
    assert "อ.บางละมุง จ.ชลบุรี" in page
    assert 'href="tel:1669"' in page
    assert 'href="tel:1300"' in page


def test_further_numbers_and_extensions_are_shown_and_can_be_called(client: FlaskClient, session: Session) -> None:
    pin = add(session, lat=18.81, lon=99, phone="+6621234567", phone_more="ต่อ 12, 081-234-5678")
    session.commit()
    for address in (f"/facilities/{pin}", "/nearest?lat=18.8&lon=99"):
        page = client.get(address).text
        assert 'href="tel:+6621234567,12">ต่อ 12</a>' in page, address
        assert 'href="tel:+66812345678">081-234-5678</a>' in page, address
    shown = client.get(f"/api/v1/facilities/{pin}").get_json()["properties"]
    assert (shown["phone"], shown["phone_more"]) == ("+6621234567", "ต่อ 12, 081-234-5678")
