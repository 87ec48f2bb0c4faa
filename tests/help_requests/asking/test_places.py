"""The place of a request in words: what needs no question, what is asked, and that nothing written is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.areas.models import PlaceName
from mapapp.help_requests import contacts
from mapapp.help_requests.asking.schemas import MAX_LANDMARK
from tests.help_requests.asking.conftest import SENT, posted, vault_of

Ask = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def wide(country: Session) -> None:
    """The amphoe around “ป่าแดด” and one “ห้วยทราย” has a name, which a tambon of the other amphoe bears too."""
    for code in ("9001", "900202"):
        country.add(PlaceName(name="ตะวันตก", area_code=code))
    country.commit()


def landmark_of(app: Flask, session: Session) -> str | None:
    row = posted(session)[-1]
    return contacts.landmark_of(vault_of(app), row.id, row.landmark_sealed)


def offered(page: str) -> list[str]:
    return re.findall(r'name="area" value="(\d+)"', page)


def test_an_amphoe_is_no_place_to_find_somebody_and_offers_its_tambons(ask: Ask, country: Session) -> None:
    page = ask(point=None, place="ตะวันตก")
    assert page.status_code == 400
    assert 'id="place-problem"' in page.text
    assert offered(page.text) == ["900202", "900101", "900102"], "those of the name first, then those inside"
    assert not re.search(r'name="area" value="\d+" checked', page.text), "none is taken"
    assert posted(country) == []
    assert ask(point=None, place="ตะวันตก", area="900102", area_for="ตะวันตก").status_code == 303
    assert posted(country)[0].tambon_code == "900102"


def test_the_word_for_its_level_leaves_the_tambon_of_that_name_out(ask: Ask) -> None:
    assert offered(ask(point=None, place="อ.ตะวันตก").text) == ["900101", "900102"]


def test_the_list_that_is_left_alone_takes_nothing(ask: Ask, country: Session) -> None:
    assert ask(point=None, place="ตะวันตก", area="", area_for="ตะวันตก").status_code == 400
    assert posted(country) == []


def test_a_point_inside_the_amphoe_that_was_written_is_no_contradiction(ask: Ask, country: Session) -> None:
    assert ask(place="อ.ตะวันตก").status_code == 303
    assert posted(country)[0].point is not None


def test_the_amphoe_makes_a_name_clear(ask: Ask, country: Session) -> None:
    assert ask(point=None, place="ห้วยทราย อ.ตะวันตก").status_code == 303
    assert posted(country)[0].tambon_code == "900102"


def test_house_and_shop_go_to_how_to_find_it(ask: Ask, app: Flask, country: Session) -> None:
    written = "99/1 ร้านป้าคำ ต.ป่าแดด อ.ตะวันตก"
    assert ask(point=None, place=written, landmark="").status_code == 303
    assert posted(country)[0].tambon_code == "900101"
    assert landmark_of(app, country) == written


def test_a_landmark_stays_beside_them(ask: Ask, app: Flask, country: Session) -> None:
    ask(point=None, place="99/1 ต.ป่าแดด อ.ตะวันตก")
    assert landmark_of(app, country) == f"99/1 ต.ป่าแดด อ.ตะวันตก · {SENT['landmark']}"


def test_the_number_of_a_village_we_do_not_know_is_kept(ask: Ask, app: Flask, country: Session) -> None:
    ask(point=None, place="หมู่ 7 ต.ป่าแดด อ.ตะวันตก", landmark="")
    assert posted(country)[0].tambon_code == "900101"
    assert landmark_of(app, country) == "หมู่ 7 ต.ป่าแดด อ.ตะวันตก"


def test_a_place_that_says_no_more_than_its_name_is_not_repeated(ask: Ask, app: Flask, country: Session) -> None:
    ask(point=None, place="ต.ป่าแดด อ.ตะวันตก")
    assert landmark_of(app, country) == SENT["landmark"]


def test_a_landmark_as_long_as_it_may_be_is_no_reason_to_refuse(ask: Ask, app: Flask, country: Session) -> None:
    full = "ก" * MAX_LANDMARK
    assert ask(point=None, place="99/1 ต.ป่าแดด อ.ตะวันตก", landmark=full).status_code == 303
    assert landmark_of(app, country) == f"99/1 ต.ป่าแดด อ.ตะวันตก · {full}", "nor for leaving the house out"


def test_a_long_story_in_place_of_a_place_is_kept(ask: Ask, app: Flask, country: Session) -> None:
    written = "99/1 ต.ป่าแดด อ.ตะวันตก " + "ทางเข้าอยู่หลังวัด " * 40
    assert ask(point=None, place=written, area="900101", area_for=written, landmark="").status_code == 303
    assert landmark_of(app, country) == written.strip()


def test_a_national_id_among_the_words_is_refused_beside_a_field(ask: Ask, country: Session) -> None:
    page = ask(point=None, place="1-1018-00001-23-9 ต.ป่าแดด อ.ตะวันตก", landmark="")
    assert page.status_code == 400
    assert posted(country) == []
    assert "1-1018-00001-23-9" in page.text, "what was typed stays"


def test_the_fragment_asks_the_same(client: FlaskClient) -> None:
    page = client.post("/requests/new/place", data={"place": "ตะวันตก"}).text
    assert offered(page) == ["900202", "900101", "900102"]
    assert 'class="problem"' not in page, "the question is enough while one is typing"
    assert client.post("/requests/new/place", data={"place": "ต.ป่าแดด อ.ตะวันตก"}).text.count("✓") == 1


def test_a_place_outside_the_service_is_told_beside_its_field_with_who_helps_there(
    ask: Ask, client: FlaskClient, country: Session
) -> None:
    sent = ask(point=None, place="พัทยา")
    assert sent.status_code == 400
    looked = client.post("/requests/new/place", data={"place": "พัทยา"}, headers={"Sec-Fetch-Site": "same-origin"})
    for page in (sent.text, looked.text):
        assert re.search(r'id="place-problem">“พัทยา” อยู่นอกพื้นที่ให้บริการ', page)
        assert 'href="tel:1300"' in page
        assert "อ.บางละมุง จ.ชลบุรี" in page
    assert posted(country) == []
