"""The board's lists: what stands in each, order, pages, search, scope, files, and the number on every page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.help_requests.board import queries, views
from mapapp.help_requests.board.conditions import Times, matching
from mapapp.help_requests.board.schemas import BoardQuery
from mapapp.help_requests.labels import TABS
from mapapp.help_requests.models import HelpLease, HelpReport, HelpRequest
from mapapp.help_requests.working.lease_terms import Terms
from tests.conftest import NOON
from tests.help_requests.board.conftest import ELSEWHERE, INSIDE, NEXT_DOOR, Signed
from tests.help_requests.build import add_request, add_words, needs_of
from tests.people import Browser, appoint

BOARD = "/officer/requests"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TIMES = Times(NOON, 14, Terms({"life": 2, "urgent": 6, "normal": 24}, 3, 2))


def shown(page: TestResponse) -> list[int]:
    """The requests on a page, in order."""
    assert page.status_code == 200
    return [int(number) for number in re.findall(r'<tr role="row" id="request-(\d+)"', page.text)]


def tab(officer: Browser, name: str, **more: str) -> list[int]:
    return shown(officer.get(BOARD, query_string={"tab": name, **more}))


def leased(session: Session, *, begun: datetime, ends: datetime, **values: Any) -> HelpRequest:
    """A request somebody holds for a time."""
    need = {"kind": "food", "state": "claimed", "lease_ends_at": ends}
    made = add_request(session, needs=[need], free_from=ends, first_claimed_at=begun, **values)
    only = needs_of(session, made.id)[0]
    session.add(HelpLease(need_id=only.id, request_id=made.id, begun_at=begun, ends_at=ends))
    session.flush()
    return made


def closed(session: Session, at: datetime, outcome: str = "helped", **values: Any) -> HelpRequest:
    need = {"kind": "food", "state": "helped"}
    return add_request(session, needs=[need], closed_at=at, outcome=outcome, free_from=None, **values)


# Lists ----------------------------------------------------------------------------------------------------------


def test_unclaimed_by_urgency_then_age(country: Session, officer: Browser) -> None:
    new_urgent = add_request(country, urgency="urgent", at=NOON - HOUR)
    old_normal = add_request(country, urgency="normal", at=NOON - 3 * DAY, phone="+66811111111")
    old_urgent = add_request(country, urgency="urgent", at=NOON - DAY, phone="+66811111112")
    life = add_request(country, urgency="life", at=NOON, phone="+66811111113")
    leased(country, begun=NOON - HOUR, ends=NOON + HOUR)
    over = leased(country, begun=NOON - 3 * HOUR, ends=NOON - HOUR, urgency="normal", at=NOON - 3 * HOUR)
    closed(country, NOON)
    country.commit()
    wanted = [life.id, old_urgent.id, new_urgent.id, old_normal.id, over.id]
    assert shown(officer.get(BOARD)) == wanted
    assert tab(officer, "unclaimed", sort="oldest")[0] == old_normal.id
    assert tab(officer, "unclaimed", sort="newest")[-1] == old_normal.id


def test_many_from_one_network_stand_below_single_ones_of_the_same_urgency(
    country: Session, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    urgent = add_request(country, urgency="urgent", at=NOON - 3 * DAY)
    many = [
        add_request(country, urgency="life", at=NOON - DAY, look="network", phone=f"+6681111112{n}") for n in (0, 1)
    ]
    number = add_request(country, urgency="life", at=NOON - HOUR, look="number", phone="+66811111131")
    single = add_request(country, urgency="life", at=NOON, phone="+66811111141")
    again = add_request(country, urgency="life", at=NOON, look="again", phone="+66811111142")
    country.commit()
    wanted = [single.id, again.id, *(one.id for one in many), number.id, urgent.id]
    page = officer.get(BOARD, query_string={"lang": "en"})
    assert shown(page) == wanted
    assert page.text.count("Many from one number or network; single requests are above") == 1
    assert page.text.index(f'id="request-{again.id}"') < page.text.index("single requests are above")
    assert page.text.index("single requests are above") < page.text.index(f'id="request-{many[0].id}"')
    monkeypatch.setattr(views, "ON_PAGE", 2)
    paged, address = [], f"{BOARD}?tab=unclaimed"
    while address:
        page = officer.get(address)
        paged += shown(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert paged == wanted


def test_a_linked_one_stands_behind_its_lead(country: Session, officer: Browser) -> None:
    lead = add_request(country)
    follower = add_request(country, linked_to=lead.id)
    country.commit()
    assert tab(officer, "unclaimed") == [lead.id]
    assert tab(officer, "open") == [lead.id, follower.id]


@pytest.mark.parametrize(
    ("urgency", "left", "late"),
    [("life", 29, True), ("life", 31, False), ("urgent", 89, True), ("urgent", 91, False), ("normal", 359, True)],
)
def test_the_last_quarter_of_a_lease(country: Session, officer: Browser, urgency: str, left: int, late: bool) -> None:
    ends = NOON + timedelta(minutes=left)
    made = leased(country, begun=NOON - 20 * HOUR, ends=ends, urgency=urgency)
    country.commit()
    assert tab(officer, "expiring") == ([made.id] if late else [])


Make = Callable[[Session], HelpRequest]

LISTED: dict[str, tuple[Make, Make]] = {
    "dropped": (
        lambda session: add_request(session, needs=[{"kind": "food", "drops": 2}]),
        lambda session: add_request(session, needs=[{"kind": "food", "drops": 1}]),
    ),
    "contested": (
        lambda session: add_request(session, needs=[{"kind": "food", "contested": 1}]),
        lambda session: add_request(session, needs=[{"kind": "food", "contested": 1, "state": "helped"}, "medicine"]),
    ),
    "no_contact": (
        lambda session: add_request(session, phone=None, name=None),
        lambda session: add_request(session),
    ),
    "old": (
        lambda session: add_request(session, at=NOON - 15 * DAY),
        lambda session: add_request(session, at=NOON - 15 * DAY, confirmed_at=NOON - 13 * DAY),
    ),
    "border": (
        lambda session: add_request(session, cell_tambon_code="900102"),
        lambda session: add_request(session),
    ),
    "closed": (
        lambda session: closed(session, NOON - HOUR),
        lambda session: add_request(session),
    ),
}


@pytest.mark.parametrize("name", LISTED)
def test_what_stands_in_a_list(country: Session, officer: Browser, name: str) -> None:
    inside, outside = LISTED[name]
    mine, other = inside(country).id, outside(country).id
    country.commit()
    assert mine != other
    assert tab(officer, name) == [mine]


def test_sharing_stopped_and_asked_ones_are_found(country: Session, officer: Browser) -> None:
    stopped = add_request(country, phone_shared=False)
    asked = add_request(country, asked_at=NOON - HOUR, phone="+66811111111")
    country.commit()
    assert tab(officer, "no_contact") == [stopped.id]
    assert tab(officer, "old") == [asked.id]


def test_perhaps_posted_twice(country: Session, officer: Browser) -> None:
    phone = add_request(country, needs=["medical"])
    same_phone = add_request(country, needs=["food"], at=NOON - 47 * HOUR, **NEXT_DOOR)
    add_request(country, needs=["other"], at=NOON - 97 * HOUR, **NEXT_DOOR)  # the number, but long before
    nearby = add_request(country, needs=["food"], phone=None, at=NOON - 2 * DAY)
    again = add_request(country, needs=["food", "medicine"], phone="+66899999999", at=NOON - HOUR)
    country.commit()
    add_request(country, needs=["equipment"], phone="+66877777777")  # the cell, but another need
    country.commit()
    found = set(tab(officer, "duplicates"))
    assert {phone.id, same_phone.id, nearby.id, again.id} == found


def test_a_tambon_without_an_officer(country: Session, officer: Browser) -> None:
    made = add_request(country)
    country.commit()
    assert tab(officer, "nobodys") == [made.id]
    appoint(country, "tambon_officer", "900101", ended_at=NOON - HOUR)
    country.commit()
    assert tab(officer, "nobodys") == [made.id]
    appoint(country, "tambon_officer", "900101")
    country.commit()
    assert tab(officer, "nobodys") == []


def test_reports_stand_in_a_list_of_their_own(country: Session, officer: Browser) -> None:
    made = add_request(country)
    values = {"request_id": made.id, "tambon_code": "900101", "about": "request", "at": NOON, "reason": "unsafe"}
    country.add(HelpReport(**values, note_text=add_words(country, made.id, "สุนัขดุ")))
    country.commit()
    page = officer.get(BOARD, query_string={"tab": "reports", "lang": "en"})
    assert "สุนัขดุ" in page.text
    assert "It is not safe to go there" in page.text
    assert f"/officer/requests/{made.id}" in page.text


def test_every_list_can_be_counted_and_shown(country: Session, officer: Browser) -> None:
    add_request(country)
    country.commit()
    counts = queries.counts(country, "9001", TIMES)
    assert list(counts) == list(TABS)
    assert {name: count for name, count in counts.items() if count} == {"unclaimed": 1, "nobodys": 1, "open": 1}
    for name in TABS:
        assert officer.get(BOARD, query_string={"tab": name}).status_code == 200


# Scope ----------------------------------------------------------------------------------------------------------


def test_only_ones_own_area(country: Session, signed: Signed) -> None:
    here, there = add_request(country, **INSIDE), add_request(country, **ELSEWHERE)
    country.commit()
    assert tab(signed("tambon_officer", "900101"), "open") == [here.id]
    assert tab(signed("tambon_officer", "900102"), "open") == []
    province = signed("province_admin", "90")
    assert tab(province, "open") == [here.id, there.id]
    assert tab(province, "open", area="9002") == [there.id]
    assert signed().get(BOARD, query_string={"area": "9002"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "area", "values"),
    [
        ("auditor", "TH", {}),
        ("volunteer", "900101", {}),
        ("tambon_officer", "900101", {"confidentiality_on": None}),
    ],
)
def test_who_may_not_see_the_board(signed: Signed, role: str, area: str, values: dict[str, Any]) -> None:
    somebody = signed(role, area, **values)
    assert somebody.get(BOARD).status_code == 403
    assert somebody.get(f"{BOARD}/export").status_code == 403


# Search, filters, pages -----------------------------------------------------------------------------------------


def test_search_by_number_or_tambon(country: Session, officer: Browser) -> None:
    one, over, far = add_request(country), closed(country, NOON), add_request(country, **NEXT_DOOR)
    other = add_request(country, **ELSEWHERE)
    country.commit()
    assert tab(officer, "old", q=f"#{over.id}") == [over.id]
    assert set(tab(officer, "unclaimed", q="900101")) == {one.id, over.id}
    assert tab(officer, "unclaimed", q="๙๐๐๑๐๒") == [far.id]
    assert tab(officer, "unclaimed", q=str(other.id)) == []
    assert officer.get(BOARD, query_string={"q": "ป้าคำ"}).status_code == 400


def test_filters_narrow(country: Session, officer: Browser) -> None:
    food = add_request(country, urgency="life")
    ride = add_request(country, needs=["transport", "food"], phone=None, urgency="normal")
    country.commit()
    assert tab(officer, "open", kind="transport") == [ride.id]
    assert tab(officer, "open", urgency="life") == [food.id]
    assert tab(officer, "open", urgency="life", kind="transport") == []


@pytest.mark.parametrize("query", [{"tab": "nonsense"}, {"sort": "x"}, {"after": "x"}, {"after": "9" * 30}])
def test_what_cannot_be_used_is_told(country: Session, officer: Browser, query: dict[str, str]) -> None:
    page = officer.get(BOARD, query_string=query)
    assert page.status_code == 400
    assert 'class="problem"' in page.text


@pytest.mark.parametrize("sort", ["urgency", "oldest", "newest", "tambon"])
def test_pages_follow_on_without_gaps(
    country: Session, officer: Browser, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ON_PAGE", 2)
    for number in range(5):
        where = (INSIDE, NEXT_DOOR)[number % 2]
        urgency = ("life", "normal")[number % 2]
        add_request(country, urgency=urgency, at=NOON - (number // 2) * HOUR, phone=None, **where)
    country.commit()
    seen, after = [], None
    for _ in range(4):
        query = {"tab": "open", "sort": sort} | ({"after": after} if after else {})
        page = officer.get(BOARD, query_string=query)
        seen += shown(page)
        match = re.search(r'rel="next" href="[^"]*after=(\d+)"', page.text)
        if match is None:
            break
        after = match[1]
    mine = matching(BoardQuery(tab="open"), "9001", TIMES)
    whole = queries.lines(country, mine, sort, NOON, limit=10, after=None)
    assert seen == [line.id for line in whole]
    assert len(set(seen)) == 5


def test_a_page_asks_the_database_a_bounded_number_of_times(country: Session, officer: Browser, engine: Any) -> None:
    def asked() -> int:
        found: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("SELECT"):
                found.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        officer.get(BOARD)
        event.remove(engine, "before_cursor_execute", note)
        return len(found)

    add_request(country, phone=None)
    country.commit()
    one = asked()
    for number in range(10):
        add_request(country, phone=f"+6681111111{number}", needs=["food", "medicine"])
    country.commit()
    assert one == asked() <= 12


# Files ----------------------------------------------------------------------------------------------------------


def test_the_file_has_the_rows_and_nothing_of_anybody(country: Session, officer: Browser) -> None:
    made = add_request(country, needs=[{"kind": "food", "quantity": 3, "detail": "=1+1"}], description="=HYPERLINK(1)")
    country.commit()
    answer = officer.get(f"{BOARD}/export", query_string={"format": "xlsx", "tab": "open"})
    assert answer.headers["Cache-Control"] == "no-store"
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][0] == made.id
    assert rows[1][4] == "900101"
    text = officer.get(f"{BOARD}/export", query_string={"format": "csv", "tab": "open"}).text
    for secret in ("ป้าคำ", "812345678", "081", "บ้านรั้วเขียว", "14.057", "HYPERLINK"):
        assert secret not in text
    assert "อาหาร" in text or "Food" in text


# The number on every page ---------------------------------------------------------------------------------------


def test_the_number_on_every_page(country: Session, officer: Browser, signed: Signed) -> None:
    for urgency in ("life", "urgent", "normal"):
        add_request(country, urgency=urgency, phone=None)
    add_request(country, **ELSEWHERE)
    leased(country, begun=NOON, ends=NOON + HOUR)
    country.commit()
    said = "2 urgent requests not accepted"
    assert said in officer.get("/officer/facilities?lang=en").text
    assert said in officer.get("/officer?lang=en").text
    assert "1 urgent request not accepted" in signed("tambon_officer", "900201").get("/officer?lang=en").text
    assert "nobody has taken)" not in signed("auditor", "TH").get("/officer?lang=en").text


def test_the_number_stops_counting(country: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        add_request(country, phone=None)
    country.commit()
    assert queries.waiting(country, ["9001"], NOON) == 3
    assert queries.waiting(country, [], NOON) == 0
    monkeypatch.setattr(queries, "MOST_WAITING", 2)
    assert queries.waiting(country, ["TH"], NOON) == 2


def test_the_list_asks_for_itself_again(country: Session, officer: Browser) -> None:
    add_request(country)
    country.commit()
    assert 'data-live="/live/requests?area=9001"' in officer.get(BOARD).text
    headers = {"HX-Request": "true"}
    part = officer.get(BOARD, headers=headers)
    assert "<html" not in part.text
    assert 'id="requests-waiting" hx-swap-oob="true"' in part.text
    same = officer.get(BOARD, headers=headers | {"If-None-Match": part.headers["ETag"]})
    assert same.status_code == 304
    add_request(country, phone=None)
    country.commit()
    changed = officer.get(BOARD, headers=headers | {"If-None-Match": part.headers["ETag"]})
    assert len(shown(changed)) == 2
