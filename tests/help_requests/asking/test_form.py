"""The page on which somebody asks for help, without scripts: what becomes of what is sent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.database.submissions import Submission
from mapapp.help_requests import contacts
from mapapp.help_requests.models import HelpEvent, HelpLink
from mapapp.help_requests.resident import links
from tests.conftest import NOON
from tests.help_requests.asking.conftest import SENT, posted, vault_of
from tests.help_requests.build import events_of, needs_of
from tests.people import appoint, browser

Ask = Callable[..., TestResponse]

UNTICKED = r'id="consent"[^>]*checked'


def code_in(page: str) -> str:
    found = re.search(r"<strong>(\d{4} \d{4} \d{4})</strong>", page)
    assert found
    return found[1]


def test_a_post_leads_to_its_code_and_the_residents_page(
    ask: Ask, client: FlaskClient, country: Session, app: Flask
) -> None:
    answer = ask()
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert code_in(page.text)
    (row,) = posted(country)
    assert answer.location == f"/requests/posted/{row.id}"
    assert f'href="/requests/mine/{row.id}"' in page.text
    assert client.get(f"/requests/mine/{row.id}").status_code == 200
    assert (row.source, row.urgency, row.people, row.elderly, row.pregnant, row.on_behalf) == (
        "web",
        2,
        2,
        True,
        False,
        False,
    )
    assert (row.tambon_code, row.cell_key, row.language) == ("900101", "4:1404:10000", "th")
    assert [(one.kind, one.detail, one.quantity) for one in needs_of(country, row.id)] == [
        ("food", None, 3), ("medicine", "ยาความดัน", None),
    ]  # fmt: skip
    contact = contacts.of(vault_of(app), row.id, row.contact_sealed)
    assert (contact.name, contact.phone) == ("ป้าคำ", "+66812345678")
    assert contacts.landmark_of(vault_of(app), row.id, row.landmark_sealed) == "บ้านรั้วเขียวหลังวัด"
    assert events_of(country, row.id) == ["posted"]
    assert country.scalars(select(HelpEvent.actor_kind)).one() == "public"


def test_the_code_is_not_shown_later(ask: Ask, client: FlaskClient, clock: dict[str, datetime]) -> None:
    where = ask().location
    clock["now"] = NOON + timedelta(minutes=31)
    later = client.get(where)
    assert later.status_code == 303
    assert later.location.startswith("/requests/mine/")
    clock["now"] = NOON
    other = ask(phone="082 222 2222").location
    code = client.get_cookie("posted", path=other)
    assert code is not None
    client.set_cookie("posted", code.value, domain="localhost", path=where)
    assert client.get(where).status_code == 303, "the code of another page does not open here"
    assert client.get("/requests/posted/nobody-has-this").status_code == 404


def test_the_code_is_shown_to_the_browser_that_asked_alone(ask: Ask, client: FlaskClient, app: Flask) -> None:
    where = ask().location
    assert client.get(where).status_code == client.get(where).status_code == 200, "a reload shows it again"
    stranger = app.test_client().get(where)
    assert (stranger.status_code, stranger.location) == (303, where.replace("posted", "mine"))
    assert app.test_client().get(stranger.location).status_code == 404


def test_no_secret_stands_in_an_address(ask: Ask, client: FlaskClient) -> None:
    answer = ask()
    page = client.get(answer.location)
    keys = [cookie.split(";")[0].split("=", 1)[1] for cookie in answer.headers.getlist("Set-Cookie")]
    assert len(keys) == 2
    for key in keys:
        assert key not in answer.location
        assert key not in page.text
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/requests/" in cookie


def test_no_secret_lies_in_the_database(ask: Ask, country: Session, client: FlaskClient) -> None:
    key = uuid.uuid4()
    answer = ask(once=str(key))
    kept = client.get_cookie("mine", path=answer.location.replace("posted", "mine"))
    assert kept is not None
    token = kept.value
    code = code_in(client.get(answer.location).text).replace(" ", "")
    tables = ("submissions", "help_requests", "help_needs", "help_events", "help_links", "limit_counts")
    for table in tables:
        for row in country.execute(text(f"SELECT t::text FROM {table} t")).scalars():
            for secret in (token, code, str(key), key.hex, "812345678", "ป้าคำ", "รั้วเขียว", "203.0.113.7"):
                assert secret not in row, table


def test_everything_that_is_wrong_is_told_at_once_and_kept(ask: Ask, country: Session) -> None:
    page = ask(
        needs=["transport"], urgency=None, point=None, phone="12", landmark="1-1018-00001-23-9 หลังวัด",
        description="โทร 089 999 9999 ได้เลย", consent=None, people="0", detail_transport="ไป รพ. โทร 0899999999",
        name="ป้าคำ", pregnant="1", who="other",
    )  # fmt: skip
    assert page.status_code == 400
    for name in ("urgency", "place", "phone", "landmark", "description", "consent", "people", "detail_transport"):
        assert f'id="{name}-problem"' in page.text or f'href="#{name}"' in page.text, name
    for kept in ('value="12"', "หลังวัด", "089 999 9999", 'value="0"', 'value="ป้าคำ"'):
        assert kept in page.text
    for ticked in (r'id="need-transport"[^>]*checked', r'name="pregnant"[^>]*checked', r'value="other" checked'):
        assert re.search(ticked, page.text), ticked
    assert not re.search(UNTICKED, page.text)
    assert posted(country) == []


def test_needs_place_and_a_way_to_be_reached_are_mandatory(ask: Ask) -> None:
    page = ask(needs=None, point=None, phone=None, urgency=None, consent=None).text
    for name in ("needs", "urgency", "place", "phone", "consent"):
        assert f'id="{name}-problem"' in page, name
    assert ask(phone=None, other="บ้านข้าง ๆ ลุงมี").status_code == 303


def test_the_key_of_a_form_that_has_to_be_mended_stays(ask: Ask) -> None:
    key = str(uuid.uuid4())
    assert f'name="once" value="{key}"' in ask(once=key, needs=None).text


@pytest.mark.parametrize(
    ("phone", "text", "stored", "said"),
    [
        (None, "โทรหาลูก ๐๘๙-๙๙๙-๙๙๙๙ นะ", "+66899999999", "โทรหาลูก นะ"),
        ("089 999 9999", "โทร 0899999999", "+66899999999", "โทร"),
        (None, "+66 89 999 9999", "+66899999999", ""),
    ],
)
def test_a_number_in_the_text_goes_where_it_belongs(
    ask: Ask, country: Session, app: Flask, phone: str | None, text: str, stored: str, said: str
) -> None:
    assert ask(phone=phone, description=text).status_code == 303
    (row,) = posted(country)
    assert row.description == said
    assert contacts.of(vault_of(app), row.id, row.contact_sealed).phone == stored


@pytest.mark.parametrize("text", ["โทร 089 999 9999", "ลูก 089 999 9999 หลาน 02 123 4567"])
def test_another_number_in_the_text_is_refused(ask: Ask, country: Session, text: str) -> None:
    page = ask(description=text)
    assert page.status_code == 400
    assert 'id="description-problem"' in page.text
    assert posted(country) == []


def test_two_numbers_in_the_text_are_refused(ask: Ask) -> None:
    assert ask(phone=None, description="089 999 9999 หรือ 081 111 1111").status_code == 400


@pytest.mark.parametrize("field", ["description", "landmark", "other", "name", "detail_food"])
def test_a_national_id_is_refused_everywhere(ask: Ask, country: Session, field: str) -> None:
    page = ask(**{field: "1-1018-00001-23-9"})
    assert page.status_code == 400
    assert f'id="{field}-problem"' in page.text
    assert posted(country) == []


@pytest.mark.parametrize("field", ["lat", "cell_key", "tambon_code", "source", "posted_by", "is_example"])
def test_fields_of_the_server_are_refused(ask: Ask, country: Session, field: str) -> None:
    assert ask(**{field: "1"}).status_code == 400
    assert posted(country) == []


# The place ------------------------------------------------------------------------------------------------------


def test_a_tambon_in_words_is_enough(ask: Ask, country: Session) -> None:
    assert ask(point=None, place="ตำบลป่าแดด").status_code == 303
    (row,) = posted(country)
    assert (row.tambon_code, row.point, row.cell_key, row.cell_size) == ("900101", None, "t:900101", 0)


def test_a_village_in_words(ask: Ask, country: Session) -> None:
    assert ask(point=None, place="บ้านปง").status_code == 303
    (row,) = posted(country)
    assert (row.village_code, row.tambon_code) == ("90010103", "900101")


def test_of_several_places_one_is_chosen(ask: Ask, country: Session) -> None:
    page = ask(point=None, place="ห้วยทราย")
    assert page.status_code == 400
    assert 'name="area" value="900102"' in page.text
    assert 'name="area" value="900201"' in page.text
    assert ask(point=None, place="ห้วยทราย", area="900201", area_for="ห้วยทราย").status_code == 303
    assert posted(country)[0].tambon_code == "900201"


def test_a_place_that_was_not_quite_named_is_offered(ask: Ask) -> None:
    page = ask(point=None, place="ป่าแดดด")
    assert page.status_code == 400
    assert 'type="radio" name="area" value="900101"' in page.text


def test_a_choice_belongs_to_the_words_it_was_made_for(ask: Ask, country: Session) -> None:
    assert ask(point=None, place="บ้านปง", area="900201", area_for="ห้วยทราย").status_code == 303
    assert posted(country)[0].tambon_code == "900101"


@pytest.mark.parametrize("place", ["ไม่มีที่นี่แน่นอน", "https://maps.app.goo.gl/x", "48.2, 16.4"])
def test_a_place_that_is_none_is_told_beside_it(ask: Ask, place: str) -> None:
    page = ask(point=None, place=place)
    assert page.status_code == 400
    assert 'id="place-problem"' in page.text
    assert place in page.text


def test_a_map_link_is_a_point(ask: Ask, country: Session) -> None:
    assert ask(point=None, place="https://maps.google.com/?q=14.0573,100.0312").status_code == 303
    assert posted(country)[0].cell_key == "4:1404:10000"


def test_a_point_and_words_that_contradict_each_other_are_not_guessed_at(ask: Ask, country: Session) -> None:
    page = ask(place="ห้วยทราย")  # the point lies in 900101
    assert page.status_code == 400
    assert 'id="point" name="point" value=""' in page.text
    assert posted(country) == []
    assert ask(place="บ้านปง").status_code == 303, "they agree"


@pytest.mark.parametrize("point", ["x", "14", "100.03, 14.05", "nan, 100", "14.0573, 100.0312, 3", "1e400, 1"])
def test_a_bad_point_is_told(ask: Ask, point: str) -> None:
    page = ask(point=point)
    assert page.status_code == 400
    assert 'id="place-problem"' in page.text


def test_the_fragment_says_where_it_lies(client: FlaskClient, country: Session) -> None:
    assert "ตำบล01" in client.post("/requests/new/place", data={"point": "14.0573,100.0312"}).text
    assert 'value="900102"' in client.post("/requests/new/place", data={"place": "ห้วยทราย"}).text
    assert client.post("/requests/new/place", data={"point": "a\0b", "place": "\0"}).status_code in (200, 400)


# Sent again -----------------------------------------------------------------------------------------------------


def test_sent_again_from_another_address_it_is_one_request_with_a_fresh_link(
    ask: Ask, country: Session, client: FlaskClient
) -> None:
    key = str(uuid.uuid4())
    first = ask(once=key)
    second = ask(once=key, address="198.51.100.9")
    assert first.status_code == second.status_code == 303
    assert len(posted(country)) == 1
    assert first.location == second.location
    keys = [answer.headers.getlist("Set-Cookie") for answer in (first, second)]
    assert not set(keys[0]) & set(keys[1])
    assert code_in(client.get(second.location).text)


def test_the_same_form_sent_from_its_page_in_another_language_is_one_request(
    country: Session, client: FlaskClient
) -> None:
    sent = SENT | {"once": str(uuid.uuid4())}
    first, again = (client.post(f"/requests/new?lang={lang}", data=sent) for lang in ("th", "my"))
    assert (first.status_code, again.status_code) == (303, 303), again.text
    assert [row.language for row in posted(country)] == ["th"]


def test_the_same_key_with_something_else_is_asked_about(ask: Ask, country: Session) -> None:
    key = str(uuid.uuid4())
    ask(once=key)
    page = ask(once=key, needs=["transport"], phone="082 222 2222")
    assert page.status_code == 409
    fresh = re.search(r'name="once" value="([0-9a-f-]{36})"', page.text)
    assert fresh
    assert fresh[1] != key
    assert len(posted(country)) == 1
    assert ask(once=fresh[1], needs=["transport"], phone="082 222 2222").status_code == 303
    assert len(posted(country)) == 2


def test_what_the_database_has_of_a_key_opens_nothing(ask: Ask, country: Session) -> None:
    ask(once=str(uuid.uuid4()))
    stored = str(country.scalars(select(Submission.key)).one())
    answer = ask(once=stored, phone="082 222 2222")
    assert answer.status_code == 303
    assert len(posted(country)) == 2, "a key of its own, and another request"


def test_once_an_officer_has_ended_the_links_the_key_gives_none(ask: Ask, country: Session) -> None:
    key = str(uuid.uuid4())
    ask(once=key)
    links.revoke_all(country, posted(country)[0].id, NOON)
    country.commit()
    assert ask(once=key).status_code == 410
    assert country.scalars(select(HelpLink.id).where(HelpLink.revoked_at.is_(None))).all() == []


def test_a_guessable_key_is_none(ask: Ask, country: Session) -> None:
    for phone in ("081 111 1111", "082 222 2222"):
        assert ask(once=str(uuid.uuid1()), phone=phone).status_code == 303
    assert country.scalars(select(Submission.key)).all() == []


def test_the_form_stands_on_the_first_page_and_in_the_menu(client: FlaskClient, country: Session) -> None:
    home = client.get("/?lang=en").text
    assert re.search(r'<nav[^>]*>\s*<a href="/requests/new\?lang=en">Ask for help</a>', home)
    assert 'class="button ask" href="/requests/new?lang=en"' in home
    page = client.get("/requests/new")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "tel:1669" in page.text
    assert SENT["consent"] in page.text


def test_a_patients_number_stays_in_the_text_and_is_no_way_to_reach_anybody(
    ask: Ask, country: Session, app: Flask
) -> None:
    text = "HN 053123456 นัดล้างไต"
    assert ask(phone=None, other="ลุงมีข้างบ้าน", description=text).status_code == 303
    (row,) = posted(country)
    assert row.description == text
    assert contacts.of(vault_of(app), row.id, row.contact_sealed).phone is None
    page = ask(phone=None, description=text)
    assert page.status_code == 400
    assert 'id="phone-problem"' in page.text


@pytest.mark.parametrize(
    ("phone", "other", "kept"),
    [
        ("053-920300 ต่อ 12", None, "ต่อ 12"),
        ("053-920300-4", None, "053-920300-4"),
        ("053-920300 หรือ 081-2345678", "ลุงมี", "ลุงมี · หรือ 081-2345678"),
        ("053-920300 โทรสาร 053-920301", None, "โทรสาร 053-920301"),
    ],
)
def test_of_several_numbers_the_first_is_called_and_the_rest_is_kept(
    ask: Ask, country: Session, app: Flask, phone: str, other: str | None, kept: str
) -> None:
    assert ask(phone=phone, other=other).status_code == 303
    (row,) = posted(country)
    contact = contacts.of(vault_of(app), row.id, row.contact_sealed)
    assert (contact.phone, contact.other) == ("+6653920300", kept)


def test_thai_digits_count_people_and_things(ask: Ask, country: Session) -> None:
    assert ask(people="๓", quantity_food="๒").status_code == 303
    (row,) = posted(country)
    assert row.people == 3
    assert [need.quantity for need in needs_of(country, row.id) if need.kind == "food"] == [2]


def test_the_village_that_was_recognised_is_shown_to_the_resident_and_to_officers(
    ask: Ask, client: FlaskClient, app: Flask, country: Session
) -> None:
    answer = ask(point=None, area="90010103", area_for="บ้านปง", place="บ้านปง")
    assert answer.status_code == 303
    (row,) = posted(country)
    assert row.village_code == "90010103"
    link = re.search(r'href="(/requests/mine/[^"]+)"', client.get(answer.location).text)
    assert link is not None
    mine = client.get(link[1], follow_redirects=True).text
    officer = browser(app, country, appoint(country, "tambon_officer", "900101"))
    for shown in (mine, officer.get(f"/officer/requests/{row.id}").text):
        assert re.search("<dd>(<span>)?บ้านปง", shown)


def test_a_place_stands_in_no_address_while_the_form_is_filled_in(client: FlaskClient, country: Session) -> None:
    """A proxy's access log keeps addresses, for longer than anybody thinks of it."""
    opened = client.get("/requests/new/place?point=14.0573,100.0312")
    assert (opened.status_code, opened.headers["Location"]) == (303, "/requests/new")
    page = client.get("/requests/new").text
    assert page.count('hx-post="/requests/new/place') == 2
    assert "hx-get" not in page
    assert 'method="get"' not in page.partition("<main")[2].partition("</main>")[0]


def test_what_is_to_be_mended_is_told_in_the_order_of_the_form_with_the_fields_name(ask: Ask) -> None:
    page = ask(needs=[], urgency=None, point=None, place="", phone="12", people="0", consent=None).text
    told = re.findall(r'<li><a href="#([\w-]+)">([^<:]+):', page[page.index('id="problems"') : page.index("<fieldset")])
    assert [field for field, _name in told] == ["need-medical", "urgency-life", "place", "phone", "people", "consent"]
    assert [name for _field, name in told][3:] == ["เบอร์โทร", "จำนวน (คน)", "ความยินยอม"]


def test_how_many_people_is_left_to_say_and_what_nothing_means_is_told(ask: Ask, client: FlaskClient) -> None:
    page = client.get("/requests/new").text
    assert 'name="people" inputmode="numeric" maxlength="5" value=""' in page
    assert "ถ้าไม่กรอก นับเป็น 1 คน" in page
