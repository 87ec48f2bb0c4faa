"""Requests that may be the same: what the poster is asked, what officers see, what a stranger learns."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.core import phones
from mapapp.core.actors import system
from mapapp.core.errors import NotFound
from mapapp.help_requests.asking import duplicates
from mapapp.help_requests.board import service as board
from tests.conftest import NOON
from tests.help_requests.asking.conftest import posted
from tests.help_requests.build import VAULT, add_request

Ask = Callable[..., TestResponse]

TEXT = "น้ำท่วมบ้าน ออกไปไหนไม่ได้"


def ids(found: list[duplicates.Similar]) -> set[int]:
    return {one.request_id for one in found}


def plain(page: str) -> str:
    """A page without what is each post's own: its code and its link."""
    return re.sub(r"\d{4} \d{4} \d{4}|/requests/(?:mine|posted)/[\w?=&;-]+", "…", page)


def everything_of(client: FlaskClient, request_id: int, phone: str) -> list[str]:
    """The resident's page, its answer to programs and the copy of what is kept, without numbers of rows and phones."""
    link = client.get_cookie("mine", path=f"/requests/mine/{request_id}")
    assert link is not None
    headers = {"Authorization": f"Bearer {link.value}"}
    answers = [
        client.get(f"/requests/mine/{request_id}?lang=en"),
        client.get("/api/v1/help-requests/resident", headers=headers),
        client.get(f"/requests/mine/{request_id}/data.json"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    made = []
    for answer in answers:
        text = plain(answer.text).replace(phones.spoken(phone), "…").replace(phone, "…")
        text = re.sub(r'("(?:need_)?id": ?)(?:\d+|"[\w-]+")', r"\1…", text)
        made.append(re.sub(r'data-fresh="\w+"|need[-\w]*\d+|value="[\w-]+"', "…", text))
    return made


def test_whether_a_number_has_asked_is_told_to_nobody(
    ask: Ask, client: FlaskClient, country: Session, clock: dict[str, datetime]
) -> None:
    """A stranger with a number in hand used to be told what its owner had asked for, and when."""
    assert ask(needs=["transport"], address="198.51.100.1").status_code == 303
    clock["now"] = NOON + timedelta(days=3, hours=2)
    known, unknown = ask(), ask(phone="089 999 9999")
    assert (known.status_code, unknown.status_code) == (303, 303)
    pages = [client.get(answer.location + "?lang=en").text for answer in (known, unknown)]
    assert plain(pages[0]) == plain(pages[1])
    assert "There may already be a request with this phone number" in pages[0]
    assert "/requests/find" in client.get("/requests/new").text

    two, other = posted(country)[1:]
    assert (two.look, other.look) == ("again", None)  # without this the test would show nothing

    def alike() -> None:
        country.expire_all()
        numbers = [(two.id, "+66812345678"), (other.id, "+66899999999")]
        first, second = [everything_of(client, number, phone) for number, phone in numbers]
        for one, another in zip(first, second, strict=True):
            assert one == another

    alike()
    clock["now"] += timedelta(hours=1)
    board.has_looked(country, system(), two, clock["now"])
    country.commit()
    alike()


@pytest.mark.parametrize(("point", "says"), [("14.0573, 100.0312", "square of about "), (None, "no exact location")])
def test_the_page_after_it_says_what_others_see_of_the_place(
    ask: Ask, client: FlaskClient, country: Session, point: str | None, says: str
) -> None:
    answer = ask(point=point, **({} if point else {"area": "900101", "place": "ป่าแดด"}))
    page = client.get(answer.location + "?lang=en").text
    row = posted(country)[-1]
    assert says in page
    assert (f"square of about {row.cell_size} km" in page) == (row.cell_size > 0) == (point is not None)


def test_what_a_number_asks_again_is_marked_for_an_officer_who_links_it(ask: Ask, country: Session) -> None:
    for values in ({}, {}, {"point": "14.15, 100.15"}, {"phone": "089 999 9999"}):
        assert ask(**values).status_code == 303
    assert [(row.look, row.held) for row in posted(country)] == [
        (None, False), ("again", False), (None, False), (None, False),
    ]  # fmt: skip


def test_a_closed_request_marks_nothing(ask: Ask, country: Session) -> None:
    add_request(country, phone="+66812345678", closed_at=NOON, outcome="helped", free_from=None)
    country.commit()
    assert ask().status_code == 303
    assert posted(country)[-1].look is None


def test_others_are_a_count_on_the_page_after_it(ask: Ask, client: FlaskClient, country: Session) -> None:
    for phone in ("+66811111111", "+66822222222"):
        add_request(country, phone=phone, needs=["food"])
    add_request(country, phone="+66833333333", needs=["transport"])
    country.commit()
    page = client.get(ask(phone="084 444 4444").location + "?lang=en").text
    assert "2 similar requests" in page


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
