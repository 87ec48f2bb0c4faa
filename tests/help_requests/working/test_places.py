"""True places are shown to one volunteer as seldom as contacts: whoever takes on to look and gives back is stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import TooMany
from mapapp.help_requests.models import HelpReport
from mapapp.help_requests.working import place_quota, service
from mapapp.help_requests.working.reveal import A_DAY, AN_HOUR
from tests.conftest import NOON
from tests.help_requests.build import add_request, events_of
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import appoint, browser, person, token_for

Make = Callable[..., Actor]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def take(session: Session, who: Actor, request_id: int, now: datetime = NOON) -> service.Held:
    return service.claim(session, who, request_id, terms=TERMS, now=now)


def give_back(session: Session, who: Actor, request_id: int, now: datetime = NOON) -> None:
    service.release(session, who, request_id, reason="cannot_go", now=now)


def finish(session: Session, who: Actor, request_id: int, now: datetime = NOON) -> None:
    service.progress(session, who, request_id, step="done", now=now)


def test_taking_looking_and_giving_back_shows_few_places(app: Flask, country: Session) -> None:
    """Through the door: thirty requests, one volunteer, as fast as their program can."""
    asked = [add_request(country).id for _ in range(30)]
    me = appoint(country, "volunteer", "900101", to=person(country, "น้องฟ้า"))
    headers = token_for(country, me, ["requests.claim"])
    country.commit()
    client = app.test_client()
    seen, last = 0, None
    for number in asked:
        at = f"/api/v1/help-requests/{number}"
        last = client.post(f"{at}/claim", json={}, headers=headers)
        if last.status_code == 200:
            seen += 1
            client.post(f"{at}/release", json={"reason": "cannot_go"}, headers=headers)
    assert seen == place_quota.GIVEN_FREE
    assert last is not None
    assert (last.status_code, last.mimetype) == (429, "application/problem+json")
    assert int(last.headers["Retry-After"]) > 0


def test_ten_places_an_hour_and_thirty_a_day(country: Session, volunteer: Make) -> None:
    me, now, shown, said = volunteer(), NOON, [], set[str]()
    for _ in range(200):
        one = add_request(country)
        try:
            take(country, me, one.id, now)
        except TooMany as error:
            said.add(error.message.text)
            now += timedelta(seconds=error.seconds)
            take(country, me, one.id, now)
        finish(country, me, one.id, now)
        shown.append(now)
        now += MINUTE
        if now > NOON + timedelta(days=2):
            break
    assert said == {place_quota.FULL}
    for at in shown:
        assert sum(at - HOUR < one <= at for one in shown) <= AN_HOUR
        assert sum(at - timedelta(days=1) < one <= at for one in shown) <= A_DAY
    assert len(shown) > 2 * A_DAY - AN_HOUR, "who helps is not locked out for longer than that"


def test_opening_what_one_holds_again_does_not_count(country: Session, volunteer: Make) -> None:
    me = volunteer()
    asked = add_request(country, needs=("food", "medicine"))
    for _ in range(2 * A_DAY):
        assert take(country, me, asked.id).needs
    for _ in range(2 * A_DAY):
        give_back(country, me, asked.id)
        take(country, me, asked.id)
    assert take(country, me, add_request(country).id).is_new, "it was one place"


def test_what_is_handed_over_counts_for_who_takes_it(country: Session, volunteer: Make) -> None:
    me = volunteer("มานะ")
    assert me.person_id is not None
    for _ in range(AN_HOUR):
        one = add_request(country)
        take(country, me, one.id)
        finish(country, me, one.id)
    giver, asked = volunteer("สุดา"), add_request(country)
    take(country, giver, asked.id)
    offered = service.offer(country, giver, asked.id, me.person_id, kind="hand_over", now=NOON)
    with pytest.raises(TooMany):
        service.answer_offer(country, me, offered.offer_id, accept=True, terms=TERMS, now=NOON)
    officer = actor_of(country, appoint(country, "tambon_officer", "900101"), "requests.handle")
    other = add_request(country)
    given = service.offer(country, officer, other.id, me.person_id, kind="assign", now=NOON)
    with pytest.raises(TooMany):
        service.answer_offer(country, me, given.offer_id, accept=True, terms=TERMS, now=NOON)
    assert "place_shown" not in events_of(country, other.id)


def test_each_that_is_given_back_makes_the_next_wait_longer(country: Session, volunteer: Make) -> None:
    me, now, waits, said = volunteer(), NOON, [], set[str]()
    for _ in range(place_quota.GIVEN_FREE + 3):
        one = add_request(country)
        try:
            take(country, me, one.id, now)
        except TooMany as error:
            said.add(error.message.text)
            waits.append(error.seconds)
            now += timedelta(seconds=error.seconds)
            take(country, me, one.id, now)
        give_back(country, me, one.id, now)
    assert (waits, said) == ([900, 1800, 3600], {place_quota.SLOWLY})
    assert take(country, me, add_request(country).id, now + timedelta(days=1)).is_new, "a day later all is as before"


def test_officers_are_told_once_of_who_takes_and_gives_back(app: Flask, country: Session, volunteer: Make) -> None:
    me, now = volunteer("สมชาย ใจดี"), NOON
    for number in range(place_quota.GIVEN_FREE + 1):
        one = add_request(country)
        take(country, me, one.id, now)
        give_back(country, me, one.id, now)
        told = list(country.scalars(select(HelpReport).where(HelpReport.about == "given_back")))
        assert len(told) == (number + 1 >= place_quota.GIVEN_FREE)
        now += HOUR
    country.commit()
    officer = browser(app, country, appoint(country, "tambon_officer", "900101"))
    for address in ("/officer/requests?tab=reports&lang=en", f"/officer/requests/{told[0].request_id}?lang=en"):
        page = officer.get(address).get_data(as_text=True)
        assert "สมชาย ใจดี accepted and returned several requests" in page


def test_the_page_says_it_and_keeps_the_request(app: Flask, country: Session) -> None:
    me = browser(app, country, appoint(country, "volunteer", "900101", to=person(country, "น้องฟ้า")))
    for _ in range(place_quota.GIVEN_FREE):
        one = add_request(country)
        me.post(f"/volunteer/requests/{one.id}/claim", {})
        assert me.post(f"/volunteer/requests/{one.id}/release", {"reason": "cannot_go"}).status_code == 303
    one = add_request(country, landmark="หลังวัดใหม่")
    answer = me.post(f"/volunteer/requests/{one.id}/claim?lang=en", {})
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert place_quota.SLOWLY in answer.text
    assert "หลังวัดใหม่" not in answer.text
    assert events_of(country, one.id) == []


def test_officers_of_the_area_are_not_counted(country: Session) -> None:
    officer = actor_of(country, appoint(country, "tambon_officer", "900101"), "requests.handle")
    for _ in range(AN_HOUR + 2):
        one = add_request(country)
        service.claim(country, officer, one.id, team="ทีมตำบล", terms=TERMS, now=NOON)
    assert place_quota.is_volunteer(officer) is False
