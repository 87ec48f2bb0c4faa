"""What somebody hostile, hasty or unlucky once could do. Each test is a way in that was found, and is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.schemas import HelpRequestIn
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident.changes import change
from mapapp.help_requests.working import service as working
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.board.conftest import ELSEWHERE, INSIDE
from tests.help_requests.build import VAULT, add_request, events_of, leases_of, needs_of
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import Browser, appoint, browser, person

HOUR = timedelta(hours=1)
Sign = Callable[[Person], Browser]


@pytest.fixture
def country(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def signed(app: Flask, country: Session) -> Sign:
    return lambda who: browser(app, country, who)


def volunteer(session: Session, area: str = "900101", name: str = "น้องฟ้า") -> Person:
    return appoint(session, "volunteer", area, to=person(session, name))


def claimed(session: Session, who: Person, **values: Any) -> HelpRequest:
    """A request in tambon 900101 that this volunteer holds."""
    asked = add_request(session, **values)
    working.claim(session, actor_of(session, who), asked.id, terms=TERMS, now=NOON)
    session.commit()
    return asked


# A right that is left behind ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("area", "stays"), [("900101", False), ("90", True)])
def test_a_place_that_moves_away_does_not_lock_the_request_up(country: Session, area: str, stays: bool) -> None:
    """The resident mends the point while somebody is on the way: who may not go there holds it no longer."""
    asked = claimed(country, volunteer(country, area))
    sent = HelpRequestIn.model_validate(
        {"needs": [{"kind": "food"}], "urgency": "urgent", "phone": "0812345678", "name": "ป้าคำ",
         "consent": CONSENT_VERSION, **ELSEWHERE}
    )  # fmt: skip
    assert change(country, VAULT, None, asked.id, sent, NOON + HOUR)
    (need,) = needs_of(country, asked.id)
    country.refresh(asked)
    assert (need.state == "claimed", asked.cell_tambon_code[:4]) == (stays, "9002")
    assert (asked.free_from is not None and asked.free_from <= NOON + HOUR) is not stays
    assert ("taken_back" in events_of(country, asked.id)) is not stays
    assert [lease.how_ended for lease in leases_of(country, asked.id)] == [None if stays else "taken_back"]


def test_a_link_to_another_area_does_not_lock_the_request_up(country: Session, signed: Sign) -> None:
    older = add_request(country, at=NOON - HOUR, **ELSEWHERE)
    asked = claimed(country, volunteer(country), **INSIDE)
    officer = signed(appoint(country, "province_admin", "90"))
    assert officer.post(f"/officer/requests/{asked.id}", {"do": "link", "other": str(older.id)}).status_code == 303
    there = actor_of(country, volunteer(country, "9002", "คนที่นั่น"), area="900201")
    got = working.claim(country, there, older.id, terms=TERMS, now=NOON)
    assert len(got.needs) == 2


def test_new_boundaries_leave_a_held_request_with_its_holder(country: Session, signed: Sign) -> None:
    """They do not see the import; the resident waits for them. When the lease is over it is the other area's."""
    who = volunteer(country)
    asked, me = claimed(country, who), signed(who)
    other = signed(volunteer(country, name="มานะ"))
    # As the import of boundaries does it (places.reassign).
    asked.tambon_code = asked.cell_tambon_code = "900201"
    country.commit()
    at = f"/volunteer/requests/{asked.id}"
    page = me.get(at)
    assert (page.status_code, "บ้านรั้วเขียวหลังวัด" in page.text) == (200, True)
    assert other.get(at).status_code == 404
    for step, sent in (("contact", {"reason": "find"}), ("progress", {"step": "on_the_way"})):
        assert me.post(f"{at}/{step}", sent).status_code in (200, 303)
    assert me.post(f"{at}/release", {"reason": "cannot_go"}).status_code == 303
    assert me.get(at).status_code == 404, "it is the other area's now"


# Words that nobody needs any more -------------------------------------------------------------------------------


def test_a_closed_request_keeps_its_words_from_who_types_its_number(country: Session, signed: Sign) -> None:
    words = "แม่ป่วยติดเตียงอยู่คนเดียว"
    detail = "ยากันชัก"
    done = [{"kind": "medicine", "detail": detail, "state": "helped", "given": "ให้ไว้แล้ว"}]
    asked = add_request(country, description=words, needs=done, closed_at=NOON, outcome="helped", free_from=None)
    page = signed(volunteer(country)).get(f"/volunteer/requests/{asked.id}").text
    assert "ยา" in page
    assert not [one for one in (words, detail, "ให้ไว้แล้ว") if one in page]
