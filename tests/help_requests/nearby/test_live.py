"""Open pages are woken by what happens in their areas, by nothing else, and cost no more than they may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from mapapp.accounts.models import ApiToken, Appointment, LoginSession
from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor
from mapapp.help_requests import events
from mapapp.help_requests.nearby.live_feed import FEED
from mapapp.web.live import (
    HEARTBEAT_S,
    LASTS_S,
    LATE_S,
    OF_ONE,
    OF_PERSON,
    Full,
    Hub,
    Stream,
    Tail,
    Watcher,
)
from tests.conftest import NOON
from tests.help_requests.build import add_request
from tests.people import Browser, appoint, browser, token_for


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def hub(factory: sessionmaker[Session], time: Clock) -> Hub:
    made = Hub(factory, FEED, threaded=False, most=4, clock=time)
    made.look()  # from now on
    return made


def watch(hub: Hub, *cells: str, who: str = "somebody", places: tuple[str, ...] = ()) -> Watcher:
    return hub.watch(who, cells=cells, places=places)


def happen(session: Session, request_id: int) -> None:
    events.record(session, Actor("system"), request_id, "claimed", now=NOON)
    session.commit()


def test_only_those_whose_area_it_is_in_are_woken(country: Session, hub: Hub) -> None:
    made = add_request(country, lat=14.05, lon=100.05)
    tambon, amphoe, other, everywhere = (
        watch(hub, code, who=code) for code in ("900101", "9001", "9002", "TH")
    )  # fmt: skip
    happen(country, made.id)
    assert hub.look() == 3
    assert [hub.wait(one, 0) for one in (tambon, amphoe, other, everywhere)] == [["900101"], ["900101"], [], ["900101"]]
    assert hub.wait(tambon, 0) == [], "told once"


def test_volunteers_are_woken_by_the_cell_officers_by_the_place_too(country: Session, hub: Hub) -> None:
    # In the south of 900102; the middle of its cell lies in 900101, as the smallest cell here has 0.04°.
    made = add_request(country, lat=14.101, lon=100.05)
    made.cell_tambon_code = "900101"
    country.flush()
    assert made.tambon_code == "900102"
    volunteer_there, volunteer_here = watch(hub, "900102", who="1"), watch(hub, "900101", who="2")
    officer = watch(hub, "900102", who="3", places=("900102",))
    happen(country, made.id)
    hub.look()
    assert hub.wait(volunteer_there, 0) == [], "the true tambon is nothing a volunteer may know"
    assert hub.wait(volunteer_here, 0) == ["900101"]
    assert hub.wait(officer, 0) == ["900102"]


@pytest.mark.parametrize(
    "what", ["sign out", "role ended", "another appointment", "suspended", "papers run out", "token revoked"]
)
def test_a_line_ends_with_the_right_it_was_opened_by(
    app: Flask, country: Session, factory: sessionmaker[Session], time: Clock, what: str
) -> None:
    """By the database alone: whatever ended it may have been done in another process."""
    who = appoint(country, "volunteer", "900101")
    key: dict[str, Any] = {"headers": token_for(country, who, ["requests:read"])} if what == "token revoked" else {}
    browser(app, country, who, second_factor=False)
    held = sessions.standings(country, who.id, NOON)
    table: Any = ApiToken if key else LoginSession
    own = country.scalars(select(table).where(table.person_id == who.id)).one()
    moment = {"now": NOON}
    hub = Hub(factory, FEED, threaded=False, clock=time, now=lambda: moment["now"])
    line = hub.watch("somebody", cells=("900101",), places=(), key=own.id, rights=frozenset(held))
    other = hub.watch("nobody", cells=("900101",), places=())
    assert hub.check_rights() == 0
    assert hub.wait(line, 0) == []
    row = country.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    if what in ("sign out", "token revoked"):
        own.revoked_at = NOON
    elif what == "role ended":
        row.ended_at = NOON
    elif what == "another appointment":
        appoint(country, "volunteer", "900102", to=who)
    elif what == "suspended":
        who.suspended_at = NOON
    else:
        own.expires_at = own.last_seen_at = NOON + timedelta(days=400)
        moment["now"] = NOON + timedelta(days=100)
    country.commit()
    assert hub.check_rights() == 1
    assert hub.wait(line, 0) is None
    assert hub.wait(other, 0) == [], "the others go on"


def test_what_was_before_is_no_news(country: Session, hub: Hub) -> None:
    made = add_request(country)
    happen(country, made.id)
    hub.look()
    late = watch(hub, "TH")
    hub.look()
    assert hub.wait(late, 0) == []


def test_ids_that_commit_out_of_order_are_not_missed(country: Session, time: Clock) -> None:
    def event(number: int) -> None:
        country.execute(
            text(
                "INSERT INTO help_events (id, request_id, cell_tambon_code, tambon_code, at, action, actor_kind)"
                " OVERRIDING SYSTEM VALUE VALUES (:id, 1, '900101', '900101', now(), 'posted', 'public')"
            ),
            {"id": number},
        )

    event(10)
    tail = Tail.begin(FEED, country, time())
    event(14)
    assert [one.id for one in tail.advance(country, time())] == [14]
    event(12)
    assert [one.id for one in tail.advance(country, time())] == [12]
    event(11)
    event(9)  # began before we did, and was running then
    assert [one.id for one in tail.advance(country, time())] == [9, 11]
    assert tail.advance(country, time()) == []
    time.now += LATE_S + 1
    tail.advance(country, time())
    assert tail.missing == {}, "what was rolled back is not waited for for ever"


def test_no_more_than_there_is_room_for(hub: Hub, time: Clock) -> None:
    made = [watch(hub, "TH", who=str(number)) for number in range(4)]
    with pytest.raises(Full):
        watch(hub, "TH", who="one more")
    hub.leave(made[0])
    hub.leave(made[0])
    watch(hub, "TH", who="one more")
    assert hub.count == 4
    time.now += LASTS_S + HEARTBEAT_S + 1
    watch(hub, "TH", who="after all had been forgotten by the server")
    assert hub.count == 1


def test_one_person_with_many_sessions_leaves_room(factory: sessionmaker[Session]) -> None:
    hub = Hub(factory, FEED, threaded=False, most=2 * OF_PERSON)
    made = [watch(hub, "TH", who=f"one/{number}") for number in range(OF_PERSON)]
    watch(hub, "TH", who="one/more")
    assert [one.has_to_give_way for one in made] == [True] + [False] * (OF_PERSON - 1)


def test_one_persons_oldest_page_gives_way(hub: Hub) -> None:
    own = [watch(hub, "TH") for _ in range(OF_ONE)]
    newest = watch(hub, "TH")
    assert hub.wait(own[0], 0) is None
    assert own[0].has_to_give_way
    assert [hub.wait(one, 0) for one in (*own[1:], newest)] == [[], [], []]


def test_a_stream_from_its_beginning_to_its_end(country: Session, hub: Hub, time: Clock) -> None:
    made = add_request(country)
    watcher = watch(hub, "TH")
    stream = Stream(hub, watcher)
    assert next(stream) == b": watching\n\n"
    happen(country, made.id)
    hub.look()
    assert next(stream) == b"event: changed\ndata: 900101\n\n"
    time.now += LASTS_S
    assert next(stream) == b"event: again\ndata: -\n\n"
    assert list(stream) == []
    assert hub.count == 0


def test_a_stream_that_was_never_begun_holds_no_place(hub: Hub) -> None:
    stream = Stream(hub, watch(hub, "TH"))
    stream.close()
    assert hub.count == 0
    assert list(stream) == []


def test_stopping_ends_all_and_takes_none(hub: Hub) -> None:
    watchers = [watch(hub, "TH", who=str(number)) for number in range(3)]
    ended: list[Any] = []
    threads = [threading.Thread(target=lambda one=one: ended.append(hub.wait(one))) for one in watchers]
    for thread in threads:
        thread.start()
    hub.stop()
    for thread in threads:
        thread.join(5)
    assert ended == [None, None, None]
    with pytest.raises(Full):
        watch(hub, "TH")


# Over the edge --------------------------------------------------------------------------------------------------


def lines(answer: Any) -> Iterator[bytes]:
    """The parts of a streamed answer, as they come."""
    return iter(answer.response)


def test_the_line_names_areas_and_no_request(app: Flask, country: Session, me: Browser) -> None:
    made = add_request(country)
    country.commit()
    hub: Hub = app.extensions["mapapp_live"]
    hub.look()
    answer = me.get("/live/requests")
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers
    parts = lines(answer)
    assert next(parts) == b": watching\n\n"
    happen(country, made.id)
    hub.look()
    assert next(parts) == b"event: changed\ndata: 900101\n\n"
    answer.close()
    assert hub.count == 0


def test_a_volunteers_line_knows_no_places(app: Flask, country: Session, me: Browser) -> None:
    hub: Hub = app.extensions["mapapp_live"]
    answer = me.get("/live/requests")
    assert [(one.cells, one.places) for one in hub._watchers] == [(("9001",), ())]
    answer.close()
    officer = browser(app, country, appoint(country, "amphoe_coordinator", "9001"))
    answer = officer.get("/live/requests?area=900101")
    assert [(one.cells, one.places) for one in hub._watchers] == [(("900101",), ("900101",))]
    answer.close()


def test_another_area_is_refused(me: Browser) -> None:
    assert me.get("/live/requests?area=9002").status_code == 403
    assert me.get("/live/requests?area=TH").status_code == 403


def test_head_holds_no_place(app: Flask, me: Browser) -> None:
    assert me.open("/live/requests", "HEAD").status_code == 200
    assert app.extensions["mapapp_live"].count == 0


def test_full_is_told_and_the_page_polls(app: Flask, me: Browser, factory: sessionmaker[Session]) -> None:
    app.extensions["mapapp_live"] = Hub(factory, FEED, threaded=False, most=0)
    answer = me.get("/live/requests")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_lines_are_counted(me: Browser) -> None:
    for _ in range(30):
        me.get("/live/requests").close()
    assert me.get("/live/requests").status_code == 429
