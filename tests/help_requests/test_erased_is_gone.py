"""“All has been erased” is said when nothing that anybody wrote stands anywhere in the database any more.

The fields are those of the forms and bodies themselves: a new one has to be written into here, or the first test fails.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from pydantic import BaseModel
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mapapp.core.clock import BANGKOK
from mapapp.help_requests import retention
from mapapp.help_requests.asking.api import HelpRequestPost
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.forms import AskForm
from mapapp.help_requests.asking.schemas import HelpRequestIn, NeedIn
from mapapp.help_requests.board import schemas as board
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident import links
from mapapp.help_requests.resident.changes import ChangeForm
from mapapp.help_requests.resident.schemas import CodeIn, DoIn
from mapapp.help_requests.working import schemas as working
from tests.architecture.test_api_inputs import WRITES
from tests.architecture.test_form_inputs import MODELS
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT
from tests.help_requests.writing import Step, Writers, database, free_fields, stands_in
from tests.people import appoint, browser, person, token_for
from tests.volunteers.build import profile

PHONE, POINT = "0891237761", "14.05737, 100.03129"
ASKED: dict[str, Any] = {
    "urgency": "urgent", "point": POINT, "who": "me", "phone": PHONE, "consent": CONSENT_VERSION, "people": "3",
    "elderly": "1", "needs": ["medical", "transport", "food", "medicine", "equipment", "home_visit", "other"],
}  # fmt: skip
BODY: dict[str, Any] = {
    "urgency": "urgent", "lat": 14.05737, "lon": 100.03129, "phone": PHONE, "consent": CONSENT_VERSION,
}  # fmt: skip
KINDS: tuple[str, ...] = tuple(ASKED["needs"])
NEEDS = [{"kind": kind} for kind in KINDS]

PAGE, TASK, DESK = "/requests/mine/{id}", "/volunteer/requests/{id}", "/officer/requests/{id}"
API, RESIDENT = "/api/v1/help-requests/{id}", "/api/v1/help-requests/resident/{page}"


def officer(model: type[Any], do: str, **sent: Any) -> Step:
    return Step("officer", DESK, model, {"do": do, **sent})


STEPS = [
    Step("resident", PAGE, ChangeForm, {"do": "change", **ASKED}),
    Step("ally", f"{TASK}/report", working.ReportIn, {"reason": "other"}),
    officer(board.AssignForm, "assign", person="{ally_id}"),
    officer(board.TeamForm, "team"),
    officer(board.TakeBackForm, "take_back"),
    Step("helper", f"{TASK}/claim", working.ClaimForm),
    Step("helper", f"{TASK}/hand-over", working.HandOverIn, {"to_person": "{mate_id}"}),
    Step("helper", f"{TASK}/release", working.ReleaseIn, {"reason": "other"}),
    Step("helper", f"{TASK}/claim", working.ClaimForm),
    Step("helper", f"{TASK}/progress", working.ProgressForm, {"step": "done"}),
    officer(board.ContestForm, "contest"),
    officer(board.UrgencyForm, "urgency", urgency="normal", was="urgent"),
    officer(board.BlockForm, "block", days="30"),
    officer(board.CalledForm, "called", outcome="answered"),
    Step("resident", PAGE, DoIn, {"do": "report", "reason": "rude"}),
    officer(board.CloseForm, "close", outcome="not_genuine"),
    officer(board.ReopenForm, "reopen"),
    Step("program", RESIDENT, DoIn, {"do": "change", "note": "", "request": {**BODY, "needs": NEEDS}}),
    Step("program", f"{API}/claim", working.ClaimIn),
    Step("program", f"{API}/hand-over", working.HandOverIn, {"to_person": "{mate_id}"}),
    Step("program", f"{API}/release", working.ReleaseIn, {"reason": "cannot_go"}),
    Step("program", f"{API}/claim", working.ClaimIn),
    Step("program", f"{API}/progress", working.ProgressIn, {"step": "done"}),
]
"""All that can be written about one request, in an order in which it may be."""

FIRST = Step("resident", "/requests/new", AskForm, ASKED)
BY_PROGRAM = Step("program", "/api/v1/help-requests", HelpRequestPost, {**BODY, "needs": NEEDS, "another": True})
BY_TELEPHONE = Step("officer", "/officer/requests/new", AskForm, {**ASKED, "another": "1"})

KEEP_NOTHING = {
    (CodeIn, "code"): "the code of a page is looked for, and only what is found leaves a trace",
}
"""Fields that take any words and keep none."""


@pytest.fixture
def writers(app: Flask, session: Session) -> Writers:
    small_country(session)
    desk = appoint(session, "amphoe_coordinator", "9001", to=person(session, "ปลัด"))
    made: dict[str, Any] = {"officer": desk}
    for name in ("helper", "ally", "mate", "program"):
        made[name] = appoint(session, "volunteer", "900101", to=person(session, name))
        session.add(profile(made[name]))
    session.commit()
    values = {"ally_id": str(made["ally"].id), "mate_id": str(made["mate"].id)}
    browsers = {name: browser(app, session, made[name]) for name in ("officer", "helper", "ally")}
    return Writers(app, browsers, token_for(session, made["program"], ["requests.claim"]), values=values)


def post(writers: Writers, session: Session, first: Step = FIRST) -> set[str]:
    """Somebody asks for help; answers the words they wrote."""
    answer, words = writers.send(first)
    assert answer.status_code in (201, 303), answer.text
    newest = session.execute(text("SELECT id FROM help_requests ORDER BY id DESC LIMIT 1")).scalar_one()
    writers.values["page"] = links.make(session, VAULT, newest, made_by="post", now=NOON).token
    session.commit()  # an open savepoint of the test would take back what the application does from here on
    writers.values["id"] = str(newest)
    return words


def write_all(writers: Writers, session: Session, connection: Connection) -> set[str]:
    """Everything is written, and each word is seen in the database, or where it is sealed, in the resident's copy."""
    there = post(writers, session)
    _seen(writers, connection, there)
    for step in STEPS:
        answer, words = writers.send(step)
        assert answer.status_code in (200, 303), (step, answer.status_code, answer.text[-1500:])
        _seen(writers, connection, words)
        there |= words
    return there


def _seen(writers: Writers, connection: Connection, words: set[str]) -> None:
    kept = database(connection)
    hidden = {word for word in words if not stands_in(word, kept)}
    if hidden:
        own = writers.resident.get(f"{PAGE}/data.json".format(**writers.values)).text
        lost = {writers.planted[word] for word in hidden if word not in own}
        assert not lost, "written and kept nowhere: is the field read?"


def test_every_field_that_takes_words_is_written_here(app: Flask) -> None:
    forms: set[type[BaseModel]] = {
        model for endpoint, models in MODELS.items() if endpoint.startswith("help_") for model in models
    }
    bodies: set[type[BaseModel]] = {
        one.body for one in WRITES if one.rule.startswith("/help-requests") and one.body is not None
    }
    known: list[type[BaseModel]] = [*forms, *bodies, NeedIn, HelpRequestIn]
    there = {(model, name) for model in known for name in free_fields(model)}
    used: list[type[BaseModel]] = [NeedIn, HelpRequestIn]
    used += [step.model for step in (*STEPS, FIRST, BY_PROGRAM, BY_TELEPHONE)]
    written = {(model, name) for model in used for name in free_fields(model)}
    assert there - written == KEEP_NOTHING.keys()
    assert {(board.CalledForm, "note"), (board.TeamForm, "team"), (AskForm, "landmark")} <= written


# Erased in each way -------------------------------------------------------------------------------------------------


def by_resident(writers: Writers, session: Session) -> None:
    answer, _ = writers.send(Step("resident", PAGE, DoIn, {"do": "erase", "sure": "yes"}, words=False))
    assert answer.status_code == 303


def by_program(writers: Writers, session: Session) -> None:
    answer, _ = writers.send(Step("program", RESIDENT, DoIn, {"do": "erase", "sure": "yes"}, words=False))
    assert answer.get_json() == {"changed": True, "request": None}


def by_officer(writers: Writers, session: Session) -> None:
    answer, _ = writers.send(officer(board.EraseForm, "erase", sure="yes"))
    assert answer.status_code == 303, answer.text


def by_time(writers: Writers, session: Session) -> None:
    answer, _ = writers.send(Step("resident", PAGE, DoIn, {"do": "confirm"}, words=False))
    assert answer.status_code == 303
    assert retention.erase_closed(session, NOON + timedelta(days=30), after_days=30) == 1
    session.commit()


@pytest.mark.parametrize("erase", [by_resident, by_program, by_officer, by_time])
def test_what_was_written_stands_nowhere_once_it_is_erased(
    app: Flask, session: Session, connection: Connection, writers: Writers, erase: Callable[[Writers, Session], None]
) -> None:
    words = write_all(writers, session, connection)
    assert "100.03129" in database(connection)
    erase(writers, session)
    kept = database(connection)
    assert {writers.planted[word] for word in words if stands_in(word, kept)} == set()
    for one in (PHONE[1:], "100.0312", "14.0573", writers.values["page"]):
        assert one not in kept, one
    gone = session.execute(
        text("SELECT contact_sealed, landmark_sealed, phone_index, point, erased_at FROM help_requests WHERE id = :id"),
        {"id": int(writers.values["id"])},
    ).one()
    assert gone[:4] == (None, None, None, None)
    assert gone.erased_at is not None
    boss = browser(app, session, appoint(session, "ministry", "TH"))
    for address in (DESK, "/officer/audit", "/officer/audit.csv", "/officer/requests?tab=closed"):
        answer = boss.get(address.format(**writers.values))
        assert answer.status_code == 200, address
        assert "canary" not in answer.text, address


def test_nothing_can_be_added_to_what_is_erased(
    app: Flask, session: Session, connection: Connection, writers: Writers
) -> None:
    post(writers, session)
    writers.send(officer(board.CalledForm, "called", outcome="answered"))
    by_officer(writers, session)
    tables = ("help_events", "help_leases", "help_reports", "help_offers", "help_blocks", "written_texts")
    before = [_length(connection, table) for table in tables]
    for step in [*STEPS, officer(board.EraseForm, "erase", sure="yes")]:
        answer, words = writers.send(step)
        assert 400 <= answer.status_code < 500, step
        after = database(connection)
        assert not [word for word in words if stands_in(word, after)], step
    assert [_length(connection, table) for table in tables] == before


def _length(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.mark.parametrize("first", [BY_PROGRAM, BY_TELEPHONE], ids=["program", "telephone"])
def test_however_it_came_it_goes(session: Session, connection: Connection, writers: Writers, first: Step) -> None:
    words = post(writers, session, first)
    kept = database(connection)
    assert any(stands_in(word, kept) for word in words)
    session.execute(text("UPDATE help_needs SET state = 'cancelled'"))
    session.execute(text("UPDATE help_requests SET closed_at = :now, outcome = 'cancelled'"), {"now": NOON})
    session.commit()
    assert retention.erase_closed(session, NOON + timedelta(days=31), after_days=30) == 1
    session.commit()
    kept = database(connection)
    assert not [word for word in words if stands_in(word, kept)]


@pytest.mark.parametrize("name", sorted(set(AskForm.model_fields) - free_fields(AskForm) - {"needs"}))
def test_what_is_no_text_keeps_no_words(session: Session, connection: Connection, writers: Writers, name: str) -> None:
    word = next(writers.words)
    writers.send(Step("resident", "/requests/new", AskForm, {**ASKED, name: word}))
    assert not stands_in(word, database(connection))


def test_a_block_goes_on_and_says_nothing_of_the_request_that_is_erased(
    session: Session, connection: Connection, writers: Writers
) -> None:
    post(writers, session)
    answer, words = writers.send(officer(board.BlockForm, "block", days=3))
    assert answer.status_code == 303
    request_id = int(writers.values["id"])
    number = session.get_one(HelpRequest, request_id).phone_index
    (made,) = connection.execute(text("SELECT at, until FROM help_blocks WHERE request_id = :id"), {"id": request_id})
    writers.send(officer(board.CalledForm, "called", outcome="answered"))
    by_officer(writers, session)
    (block,) = connection.execute(text("SELECT * FROM help_blocks")).mappings()
    assert bytes(block["phone_index"]) == number, "the number is blocked, as it was decided"
    assert block["lifted_at"] is None
    assert made.until <= block["until"] <= made.until + timedelta(days=1)
    assert (block["request_id"], block["reason_text"], block["by_person"]) == (None, None, None)
    for moment in ("at", "until"):
        assert block[moment].astimezone(BANGKOK).time() == time(), "the moment would lead to the event"
    moments = connection.execute(text("SELECT at FROM help_events WHERE request_id = :id"), {"id": request_id})
    assert block["at"] not in set(moments.scalars())
    assert not [word for word in words if stands_in(word, database(connection))]
    ends = block["until"]
    for now, left in ((ends - timedelta(seconds=1), 1), (ends, 0)):
        retention.forget_links(session, now)
        session.commit()
        assert _length(connection, "help_blocks") == left, "its number is kept no longer than it is needed"


def test_a_block_that_was_lifted_goes_with_its_request(
    session: Session, connection: Connection, writers: Writers
) -> None:
    post(writers, session)
    assert writers.send(officer(board.BlockForm, "block", days=3))[0].status_code == 303
    assert writers.send(officer(board.Step, "unblock"))[0].status_code == 303
    writers.send(officer(board.CalledForm, "called", outcome="answered"))
    by_officer(writers, session)
    assert _length(connection, "help_blocks") == 0


def test_a_report_on_what_is_erased_is_told_so_the_second_time_too(session: Session, writers: Writers) -> None:
    post(writers, session)
    again = Step("ally", f"{TASK}/report", working.ReportIn, {"reason": "other"})
    assert writers.send(again)[0].status_code == 303
    writers.send(officer(board.CalledForm, "called", outcome="answered"))
    by_officer(writers, session)
    for _ in range(2):
        answer, _words = writers.send(again)
        assert answer.status_code == 409
        assert "ลบ" in answer.text
        assert session.execute(text("SELECT count(*) FROM help_reports")).scalar_one() == 1


# By time alone ------------------------------------------------------------------------------------------------------


def closed(session: Session, writers: Writers, at: datetime, **values: Any) -> HelpRequest:
    post(writers, session)
    row = session.get_one(HelpRequest, int(writers.values["id"]))
    session.execute(text("UPDATE help_needs SET state = 'helped'"))
    for name, value in {"closed_at": at, "outcome": "helped", **values}.items():
        setattr(row, name, value)
    session.commit()
    return row


@pytest.mark.parametrize(
    ("days", "agreed", "setting", "erased"),
    [
        (30, 30, 30, 1),
        (29, 30, 30, 0),
        (200, 30, 30, 1),
        (30, 30, 90, 1),
        (10, 30, 7, 1),
        (6, 30, 7, 0),
        (59, 60, 90, 0),
    ],
)
def test_a_closed_request_ends_after_the_days_that_were_agreed_to(
    session: Session, writers: Writers, days: int, agreed: int, setting: int, erased: int
) -> None:
    row = closed(session, writers, NOON, kept_days=agreed)
    assert retention.erase_closed(session, NOON + timedelta(days=days), after_days=setting) == erased
    session.commit()
    session.refresh(row)
    assert (row.erased_at is not None, row.outcome) == (bool(erased), "helped")


def test_the_link_lives_as_long_as_what_it_leads_to(session: Session, writers: Writers) -> None:
    closed(session, writers, NOON)
    page = PAGE.format(**writers.values)
    retention.forget_links(session, NOON + timedelta(days=29, hours=23))
    retention.erase_closed(session, NOON + timedelta(days=29, hours=23), after_days=30)
    session.commit()
    assert writers.resident.get(page).status_code == 200
    retention.erase_closed(session, NOON + timedelta(days=30), after_days=30)
    session.commit()
    assert writers.resident.get(page).status_code == 404
    assert session.execute(text("SELECT count(*) FROM help_links")).scalar_one() == 0


def test_what_was_opened_again_is_not_erased(session: Session, writers: Writers) -> None:
    row = closed(session, writers, NOON)
    answer, _ = writers.send(officer(board.ReopenForm, "reopen"))
    assert answer.status_code == 303
    assert retention.erase_closed(session, NOON + timedelta(days=99), after_days=30) == 0
    session.refresh(row)
    assert row.phone_index is not None


def test_one_that_cannot_be_erased_keeps_no_other(
    session: Session, writers: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = closed(session, writers, NOON).id
    closed(session, writers, NOON + timedelta(hours=1))
    session.execute(text("UPDATE help_requests SET cell_tambon_code = '999999' WHERE id = :id"), {"id": stuck})
    session.commit()
    assert retention.erase_closed(session, NOON + timedelta(days=31), after_days=30) == 1


def test_the_database_itself_refuses_to_put_anything_back(session: Session, writers: Writers) -> None:
    row = closed(session, writers, NOON)
    retention.erase_closed(session, NOON + timedelta(days=30), after_days=30)
    session.commit()
    for change in ("description = 'x'", "phone_index = 'x'", "point = ST_MakePoint(100, 14)", "village_code = '1'",
                   "landmark_sealed = 'x'", "elderly = true", "closed_at = NULL, outcome = NULL"):  # fmt: skip
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE help_requests SET {change} WHERE id = :id"), {"id": row.id})
