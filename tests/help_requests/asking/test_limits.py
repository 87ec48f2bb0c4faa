"""Nobody in need is refused: what happens beyond a share, with a clock that is moved; numbers that are paused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.core.contact_fields import phone_index
from mapapp.database.counters import Count
from mapapp.help_requests.asking.limits import (
    A_DAY,
    A_DAY_ANYWHERE,
    ADDRESS_WAITS_FROM,
    AN_HOUR,
    LIVES_AN_HOUR,
    PAIR_WAITS_FROM,
)
from mapapp.help_requests.models import HelpBlock, HelpRequest
from tests.conftest import NOON
from tests.help_requests.asking.conftest import SENT, posted, vault_of
from tests.people import appoint, browser

Ask = Callable[..., TestResponse]
ELSEWHERE = {"point": "14.05, 100.15"}
"""In tambon 900201, of the other amphoe."""


@pytest.fixture
def block(app: Flask, country: Session) -> Callable[[str], HelpBlock]:
    """Blocks the number of ``SENT`` in an area for a week."""

    def make(area: str) -> HelpBlock:
        made = HelpBlock(
            phone_index=phone_index(vault_of(app), "+66812345678"), area_code=area, at=NOON,
            until=NOON + timedelta(days=7),
        )  # fmt: skip
        country.add(made)
        country.commit()
        return made

    return make


def test_beyond_the_share_of_a_number_a_request_is_taken_and_an_officer_looks_first(
    ask: Ask, country: Session, client: FlaskClient
) -> None:
    for _ in range(A_DAY):
        assert ask().status_code == 303
    beyond = ask(phone="๐๘๑-๒๓๔-๕๖๗๘", description="ของใหม่")
    assert beyond.status_code == 303
    assert [(row.look, row.held) for row in posted(country)][-1] == ("number", True)
    assert [row.held for row in posted(country)][:-1] == [False] * A_DAY
    page = client.get(beyond.location + "?lang=en").text
    assert "An officer in your area checks it first" in page


def test_what_strangers_post_under_a_number_takes_nothing_from_its_owner(ask: Ask, country: Session) -> None:
    """Five posts by anybody used to silence a number for a day."""
    for number in range(A_DAY_ANYWHERE + 1):
        assert ask(address=f"198.51.100.{number // A_DAY}").status_code == 303
    assert ask(address="203.0.113.99").status_code == 303
    assert [(row.look, row.held) for row in posted(country)][-1] == ("number", False), "an officer looks; nobody waits"


def test_beyond_the_share_of_a_network_people_are_still_taken(ask: Ask, country: Session) -> None:
    """Twenty posts used to silence a mobile network's address."""
    for number in range(AN_HOUR):
        assert ask(phone=f"08100000{number:02}", address="2001:db8:1:2::1").status_code == 303
    assert ask(phone="0822222222", address="2001:db8:1:2:3::9").status_code == 303, "one network of a subscriber"
    assert [(row.look, row.held) for row in posted(country)][-1] == ("network", True)
    assert ask(phone="0822222222", address="2001:db8:1:3::1").status_code == 303
    assert not posted(country)[-1].held


def test_many_lives_in_danger_from_one_network_are_all_taken_at_once_and_marked_together(
    app: Flask, ask: Ask, country: Session, clock: dict[str, datetime]
) -> None:
    def post(**sent: str) -> None:
        clock["now"] += timedelta(seconds=1)
        assert ask(**sent).status_code == 303

    for number in range(LIVES_AN_HOUR):
        post(phone=f"08100000{number:02}", urgency="life")
    post(phone="0822222220", urgency="life", address="203.0.113.99")
    assert {row.look for row in posted(country)} == {None}
    officer = browser(app, country, appoint(country, "tambon_officer", "900101"))
    first = posted(country)[0].id
    country.execute(update(HelpRequest).where(HelpRequest.id == first).values(look="again"))
    country.commit()
    assert officer.post(f"/officer/requests/{first}", {"do": "looked"}).status_code == 303
    post(phone="0822222222")
    for number in range(2):
        post(phone=f"08333333{number:02}", urgency="life")
    found = [(row.look, row.held) for row in posted(country)]
    alone, less = found.pop(LIVES_AN_HOUR), found.pop(LIVES_AN_HOUR)
    assert alone == less == (None, False)
    assert found.pop(0) == (None, False), "an officer has looked at it"
    assert found == [("network", False)] * (LIVES_AN_HOUR + 1), "the earlier ones too; nobody waits for a look"


def test_after_its_time_a_share_is_full_again(ask: Ask, country: Session, clock: dict[str, datetime]) -> None:
    for number in range(AN_HOUR + 1):
        ask(phone=f"08100000{number:02}")
    clock["now"] = NOON + timedelta(hours=1, seconds=1)
    assert ask(phone="0833333333").status_code == 303
    assert (posted(country)[-1].look, posted(country)[-1].held) == (None, False)


def test_far_beyond_a_post_waits_longer_each_time_and_keeps_what_was_typed(
    ask: Ask, country: Session, clock: dict[str, datetime]
) -> None:
    for _ in range(PAIR_WAITS_FROM):
        assert ask().status_code == 303
    waits = []
    for _ in range(3):
        refused = ask(to="/requests/new?lang=en", description="ของใหม่")
        assert refused.status_code == 429
        assert "ของใหม่" in refused.text
        assert "1669" in refused.text
        assert "Your answers are still here" in refused.text
        waits.append(int(refused.headers["Retry-After"]))
        clock["now"] += timedelta(seconds=waits[-1])
        assert ask().status_code == 303
    assert waits == [60, 120, 240]
    assert ask(phone="082 222 2222").status_code == 303, "another number does not wait with it"


def test_one_network_that_posts_without_end_waits_a_minute_at_most(
    ask: Ask, app: Flask, country: Session, clock: dict[str, datetime]
) -> None:
    ask()
    key = country.scalars(select(Count.key)).all()
    country.add_all(Count(key=one, at=NOON) for one in key for _ in range(2 * ADDRESS_WAITS_FROM))
    country.commit()
    refused = ask(phone="082 222 2222")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert ask(phone="082 222 2222", urgency="life").status_code == 303


def test_what_is_life_threatening_is_never_refused_and_never_held(
    ask: Ask, country: Session, block: Callable[[str], HelpBlock]
) -> None:
    for _ in range(PAIR_WAITS_FROM + 5):
        assert ask(urgency="life").status_code == 303
    assert ask(urgency="normal").status_code == 429
    assert {(row.look, row.held) for row in posted(country)[A_DAY:]} == {("number", False)}
    block("TH")
    assert ask(urgency="life").status_code == 303
    assert (posted(country)[-1].look, posted(country)[-1].held) == ("blocked", False)


def test_what_an_officer_takes_is_never_refused_and_is_marked(
    app: Flask, ask: Ask, country: Session, block: Callable[[str], HelpBlock]
) -> None:
    officer = browser(app, country, appoint(country, "tambon_officer", "900101"))
    for number in range(A_DAY_ANYWHERE):
        assert ask(address=f"198.51.100.{number}").status_code == 303
    sent = {**SENT, "urgency": "normal", "another": "1"}
    assert officer.post("/officer/requests/new", sent).status_code == 303
    assert (posted(country)[-1].look, posted(country)[-1].held) == ("number", False)
    block("90")
    assert officer.post("/officer/requests/new", sent).status_code == 303
    assert (posted(country)[-1].look, posted(country)[-1].held) == ("blocked", False)


def test_what_was_refused_is_not_counted(ask: Ask, country: Session) -> None:
    for _ in range(A_DAY + 1):
        assert ask(consent=None).status_code == 400
    assert country.scalars(select(Count.id)).all() == []
    assert ask().status_code == 303


def test_neither_phone_nor_address_lies_in_the_counts(ask: Ask, country: Session) -> None:
    ask()
    keys = country.scalars(select(Count.key)).all()
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)


def test_a_blocked_number_gets_a_calm_answer_until_it_is_lifted(
    ask: Ask, country: Session, block: Callable[[str], HelpBlock], clock: dict[str, datetime]
) -> None:
    made = block("900101")
    page = ask()
    assert page.status_code == 403
    assert 'id="phone-problem"' in page.text
    assert "1669" in page.text
    assert "บ้านรั้วเขียวหลังวัด" in page.text
    assert posted(country) == []
    assert ask(phone="082 222 2222").status_code == 303
    clock["now"] = NOON + timedelta(days=7)
    assert ask().status_code == 303
    clock["now"] = NOON
    made.lifted_at = NOON
    country.commit()
    assert ask().status_code == 303


@pytest.mark.parametrize(("area", "here", "next_door"), [("900101", 403, 303), ("9001", 403, 303), ("9002", 303, 403)])
def test_a_block_holds_in_the_officers_area_and_nowhere_else(
    ask: Ask, country: Session, block: Callable[[str], HelpBlock], area: str, here: int, next_door: int
) -> None:
    block(area)
    assert ask().status_code == here
    assert ask(**ELSEWHERE).status_code == next_door


def test_a_block_of_the_country_holds_everywhere(ask: Ask, block: Callable[[str], HelpBlock]) -> None:
    block("TH")
    assert (ask().status_code, ask(**ELSEWHERE).status_code) == (403, 403)
