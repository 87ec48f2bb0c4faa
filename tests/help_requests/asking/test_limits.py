"""How much one phone and one address may post, with a clock that is moved; numbers that are paused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.contacts import phone_index
from mapapp.help_requests.asking.limits import A_DAY, AN_HOUR
from mapapp.help_requests.models import HelpBlock, HelpCount
from tests.conftest import NOON
from tests.help_requests.asking.conftest import posted, vault_of

Ask = Callable[..., TestResponse]


def test_a_phone_posts_so_often_in_a_day_from_wherever(ask: Ask, country: Session, clock: dict[str, datetime]) -> None:
    for number in range(A_DAY):
        assert ask(address=f"203.0.113.{number}", another="1").status_code == 303
    refused = ask(address="203.0.113.99", another="1", phone="๐๘๑-๒๓๔-๕๖๗๘", description="ของใหม่")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "86400"
    assert "ของใหม่" in refused.text
    assert "1669" in refused.text
    assert ask(phone="082 222 2222").status_code == 303, "another number is not held to it"
    clock["now"] = NOON + timedelta(hours=24, seconds=1)
    assert ask(another="1").status_code == 303


def test_an_address_posts_so_often_in_an_hour(ask: Ask, country: Session, clock: dict[str, datetime]) -> None:
    for number in range(AN_HOUR):
        assert ask(phone=f"08100000{number:02}", address="2001:db8:1:2::1").status_code == 303
    assert ask(phone="0822222222", address="2001:db8:1:2:3::9").status_code == 429, "one network of a subscriber"
    assert ask(phone="0822222222", address="2001:db8:1:3::1").status_code == 303
    clock["now"] = NOON + timedelta(hours=1, seconds=1)
    assert ask(phone="0833333333", address="2001:db8:1:2::1").status_code == 303


def test_what_was_refused_is_not_counted(ask: Ask, country: Session) -> None:
    for _ in range(A_DAY + 1):
        assert ask(consent=None).status_code == 400
    assert country.scalars(select(HelpCount.id)).all() == []
    assert ask().status_code == 303


def test_neither_phone_nor_address_lies_in_the_counts(ask: Ask, country: Session) -> None:
    ask()
    keys = country.scalars(select(HelpCount.key)).all()
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)


def test_a_blocked_number_gets_a_calm_answer_until_it_is_lifted(
    ask: Ask, country: Session, app: Flask, clock: dict[str, datetime]
) -> None:
    block = HelpBlock(
        phone_index=phone_index(vault_of(app), "+66812345678"), area_code="900101", at=NOON,
        until=NOON + timedelta(days=7),
    )  # fmt: skip
    country.add(block)
    country.commit()
    page = ask()
    assert page.status_code == 403
    assert "1669" in page.text
    assert "บ้านรั้วเขียวหลังวัด" in page.text
    assert posted(country) == []
    assert ask(phone="082 222 2222").status_code == 303
    clock["now"] = NOON + timedelta(days=7)
    assert ask().status_code == 303
    clock["now"] = NOON
    block.lifted_at = NOON
    country.commit()
    assert ask(another="1").status_code == 303
