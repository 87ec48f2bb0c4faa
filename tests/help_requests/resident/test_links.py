"""The ways to a resident's page: links and codes that only hashes are kept of, and that cannot be guessed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor, command
from mapapp.core.errors import NotFound, TooMany
from mapapp.database.counters import Count
from mapapp.help_requests.models import HelpLink
from mapapp.help_requests.resident import links
from mapapp.help_requests.resident.erasure import erase
from mapapp.help_requests.resident.links import WRONG_AN_HOUR, WrongCode
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT, add_request, events_of
from tests.people import appoint

HERE = "192.0.2.7"


@pytest.fixture
def request_id(session: Session) -> int:
    small_country(session)
    return add_request(session).id


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**12:012}"


def test_a_link_and_its_code_open_the_page(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    assert links.find(session, link.token, NOON) == request_id
    found, token = links.by_code(session, VAULT, link.code, address=HERE, now=NOON)
    assert (found, token == link.token) == (request_id, False)
    assert links.find(session, token, NOON) == request_id
    assert links.find(session, link.token, NOON) == request_id


def test_a_strange_link_opens_nothing(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    for token in ("", "x", link.token[:-1], link.token.lower(), "\x00", "ก" * 900, "\ud800"):
        assert links.find(session, token, NOON) is None


def test_only_hashes_lie_in_the_table(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    rows = str(session.execute(text("SELECT row_to_json(l)::text FROM help_links AS l")).all())
    assert link.token not in rows
    assert link.code not in rows
    assert link.token not in repr(link)
    assert link.code not in repr(link)


def test_many_wrong_codes_and_then_not_even_the_right_one_for_a_while(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    for _ in range(WRONG_AN_HOUR):
        with pytest.raises(WrongCode):
            links.by_code(session, VAULT, wrong(link.code), address=HERE, now=NOON)
    with pytest.raises(TooMany) as refused:
        links.by_code(session, VAULT, link.code, address=HERE, now=NOON + timedelta(seconds=5))
    assert refused.value.seconds == 10
    assert links.by_code(session, VAULT, link.code, address="198.51.100.9", now=NOON)
    assert links.by_code(session, VAULT, link.code, address=HERE, now=NOON + timedelta(seconds=15))


def test_beyond_the_wide_limit_each_wrong_code_makes_the_next_wait_longer(session: Session, request_id: int) -> None:
    now, waits = NOON, []
    for number in range(WRONG_AN_HOUR + 6):
        try:
            links.by_code(session, VAULT, "0" * 12, address=HERE, now=now)
        except TooMany as refused:
            waits.append(refused.seconds)
            now += timedelta(seconds=refused.seconds)
            with pytest.raises(WrongCode):
                links.by_code(session, VAULT, "0" * 12, address=HERE, now=now)
        except WrongCode:
            assert number < WRONG_AN_HOUR
    assert waits == [15, 30, 60, 120, 240, 240], "never an hour for what a stranger typed"


def test_a_few_who_mistype_behind_one_address_keep_nobody_out(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    for _ in range(30):
        with pytest.raises(WrongCode):
            links.by_code(session, VAULT, wrong(link.code), address=HERE, now=NOON)
    assert links.by_code(session, VAULT, link.code, address=HERE, now=NOON)


def test_guessing_from_everywhere_is_met_with_fewer_tries(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)

    def tries(network: int, most: int) -> int:
        for number in range(most):
            try:
                links.by_code(session, VAULT, wrong(link.code), address=f"198.51.100.{network}", now=NOON)
            except TooMany:
                return number
            except WrongCode:
                pass
        return most

    networks = links.WRONG_EVERYWHERE // links.WRONG_AN_HOUR
    assert [tries(network, links.WRONG_AN_HOUR) for network in range(networks)] == [links.WRONG_AN_HOUR] * networks
    assert tries(100, links.WRONG_AN_HOUR) == links.WRONG_THEN
    assert links.by_code(session, VAULT, link.code, address=HERE, now=NOON), "who types the right one is not kept out"


def test_an_ipv6_network_counts_as_one(session: Session, request_id: int) -> None:
    for last in range(WRONG_AN_HOUR):
        with pytest.raises(WrongCode):
            links.by_code(session, VAULT, "000000000000", address=f"2001:db8::{last}", now=NOON)
    with pytest.raises(TooMany):
        links.by_code(session, VAULT, "000000000000", address="2001:db8::ffff", now=NOON)


def test_right_codes_are_not_counted(session: Session, request_id: int) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    for _ in range(WRONG_AN_HOUR + 2):
        links.by_code(session, VAULT, link.code, address=HERE, now=NOON)
    assert session.scalar(select(func.count()).select_from(Count)) == 0


def test_a_right_and_a_wrong_code_cost_as_many_statements(
    session: Session, request_id: int, query_count: Callable[[], int]
) -> None:
    link = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    before = query_count()
    links.by_code(session, VAULT, link.code, address=HERE, now=NOON)
    right = query_count() - before
    with pytest.raises(WrongCode):
        links.by_code(session, VAULT, wrong(link.code), address=HERE, now=NOON)
    assert query_count() - before == 2 * right


def test_a_new_link_ends_the_old_ones(session: Session, request_id: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    officer = appoint(session, "tambon_officer", "900101")
    actor = Actor("person", person_id=officer.id, standings=sessions.standings(session, officer.id, NOON))
    old = links.make(session, VAULT, request_id, made_by="post", now=NOON)
    _, typed = links.by_code(session, VAULT, old.code, address=HERE, now=NOON)
    new = links.reissue(session, VAULT, actor, request_id, NOON)
    assert [links.find(session, token, NOON) for token in (old.token, typed, new.token)] == [None, None, request_id]
    with pytest.raises(WrongCode):
        links.by_code(session, VAULT, old.code, address=HERE, now=NOON)
    assert links.by_code(session, VAULT, new.code, address=HERE, now=NOON)
    assert events_of(session, request_id) == ["link_reissued"]
    assert not [secret for secret in (old.token, old.code, new.token, new.code) if secret in caplog.text]


def test_what_was_erased_has_no_new_link(session: Session, request_id: int) -> None:
    erase(session, None, request_id, NOON)
    with pytest.raises(NotFound):
        links.reissue(session, VAULT, command(), request_id, NOON)
    with pytest.raises(NotFound):
        links.reissue(session, VAULT, command(), request_id + 1, NOON)
    assert session.scalar(select(func.count()).select_from(HelpLink)) == 0


THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@given(
    st.text("0123456789", min_size=12, max_size=12),
    st.lists(st.sampled_from([" ", "-", ".", "\u00a0", "\u200b", " – ", ""]), min_size=13, max_size=13),
    st.booleans(),
)
def test_a_code_is_read_in_any_spelling(code: str, between: list[str], thai: bool) -> None:
    typed = "".join(gap + digit for gap, digit in zip(between, code + " ", strict=True))
    assert links.read_code(typed.translate(THAI) if thai else typed) == code
    assert links.read_code(links.spoken(code)) == code


@given(st.text(max_size=300))
def test_anything_else_is_no_code(typed: str) -> None:
    found = links.read_code(typed)
    assert found is None or (len(found) == 12 and found.isascii() and found.isdigit())
