"""Requests that may be the same: what the poster is asked, what officers see, what a stranger learns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.errors import NotFound
from mapapp.help_requests.asking import duplicates
from mapapp.help_requests.asking.limits import AN_HOUR
from tests.conftest import NOON
from tests.help_requests.asking.conftest import posted
from tests.help_requests.build import VAULT, add_request

Ask = Callable[..., TestResponse]

TEXT = "น้ำท่วมบ้าน ออกไปไหนไม่ได้"


def ids(found: list[duplicates.Similar]) -> set[int]:
    return {one.request_id for one in found}


def test_the_same_number_is_asked_whether_it_is_theirs(ask: Ask, country: Session, clock: dict[str, datetime]) -> None:
    assert ask(needs=["transport"]).status_code == 303
    clock["now"] = NOON + timedelta(days=3, hours=2)
    page = ask()
    assert page.status_code == 409
    assert "/requests/find" in page.text
    assert 'name="another" value="1"' in page.text
    assert "บ้านรั้วเขียวหลังวัด" in page.text, "what was typed stays"
    assert len(posted(country)) == 1
    assert ask(another="1").status_code == 303
    assert len(posted(country)) == 2


def test_a_stranger_with_a_number_learns_nothing_elsewhere(ask: Ask, country: Session) -> None:
    ask()
    assert ask(point="14.15, 100.15").status_code == 303, "another tambon"


def test_who_tries_numbers_has_as_many_tries_as_posts(ask: Ask, country: Session) -> None:
    add_request(country, phone="+66812345678")
    country.commit()
    answers = [ask().status_code for _ in range(AN_HOUR + 1)]
    assert answers == [409] * AN_HOUR + [429]


def test_a_closed_request_is_asked_about_no_more(ask: Ask, country: Session) -> None:
    add_request(country, phone="+66812345678", closed_at=NOON, outcome="helped", free_from=None)
    country.commit()
    assert ask().status_code == 303


def test_others_are_a_count_on_the_page_after_it(ask: Ask, client: FlaskClient, country: Session) -> None:
    for phone in ("+66811111111", "+66822222222"):
        add_request(country, phone=phone, needs=["food"])
    add_request(country, phone="+66833333333", needs=["transport"])
    country.commit()
    page = client.get(ask(phone="084 444 4444").location + "&lang=en").text
    assert "2 other requests of this kind" in page


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, True),
        ({"description": "น้ำท่วมบ้านค่ะ ออกไปไม่ได้"}, True),
        ({"description": "ขอออกซิเจนให้คุณแม่"}, False),
        ({"description": ""}, False),
        ({"needs": ["transport"]}, False),
        ({"needs": ["transport", "food"]}, True),
        ({"lat": 14.0957}, False),
        ({"at": NOON - timedelta(hours=49)}, False),
        ({"at": NOON - timedelta(hours=47)}, True),
        ({"closed_at": NOON, "outcome": "helped"}, False),
        ({"phone": "+66899999999", "at": NOON - timedelta(days=9), "needs": ["transport"], "lat": 14.09}, True),
    ],
)
def test_what_counts_as_similar(country: Session, values: dict[str, object], found: bool) -> None:
    one = add_request(country, **{"phone": "+66811111111", **values})  # type: ignore[arg-type]  # by name
    cell = "4:1404:10000"
    alike = duplicates.similar(
        country, VAULT, phone="+66899999999", cell_key=cell, kinds=["food"], description=TEXT, now=NOON
    )
    assert ids(alike) == ({one.id} if found else set())


def test_officers_see_what_lies_in_their_area_and_not_the_request_itself(country: Session) -> None:
    one, two = (add_request(country, phone=f"+6681111111{n}", at=NOON - timedelta(hours=n)) for n in (0, 1))
    later = NOON + timedelta(days=30)
    assert ids(duplicates.similar_to(country, one.id, now=later)) == {two.id}
    assert ids(duplicates.similar_to(country, one.id, now=later, within="9001")) == {two.id}
    assert duplicates.similar_to(country, one.id, now=later, within="900201") == []
    with pytest.raises(NotFound):
        duplicates.similar_to(country, 99_999, now=NOON)


def test_without_a_phone_the_words_and_the_cell_speak(country: Session) -> None:
    one = add_request(country, phone=None, other="ลุงมีข้างบ้าน")
    alike = duplicates.similar(
        country, VAULT, phone=None, cell_key="4:1404:10000", kinds=["food"], description=TEXT, now=NOON
    )
    assert [(found.request_id, found.same_phone, found.same_cell) for found in alike] == [(one.id, False, True)]
