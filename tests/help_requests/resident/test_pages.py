"""The resident's page without scripts: what it says in every state, what each tap does, and what it keeps to itself."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.actors import Actor, system
from mapapp.database.counters import Count
from mapapp.database.submissions import Submission
from mapapp.help_requests import events
from mapapp.help_requests.models import HelpEvent, HelpLink, HelpReport, HelpRequest
from mapapp.help_requests.resident import links
from mapapp.help_requests.resident.links import WRONG_AN_HOUR
from mapapp.help_requests.resident.queries import first_name
from tests.conftest import NOON
from tests.help_requests.build import VAULT, add_request, add_words, events_of, leases_of, needs_of
from tests.help_requests.resident.conftest import Resident, put
from tests.payloads import EVALUATED
from tests.people import browser, person
from tests.problems import slug_of

InState = Callable[..., HelpRequest]
Open = Callable[[HelpRequest], Resident]

PHONE, NAME, LANDMARK, WORDS = "+66812345678", "ป้าคำ", "บ้านรั้วเขียวหลังวัด", "น้ำท่วมบ้าน ออกไปไหนไม่ได้"


@pytest.mark.parametrize("lang", ["", "?lang=en"])
@pytest.mark.parametrize("state", ["open", "claimed", "on_the_way", "there", "expired", "done", "helped", "cancelled"])
def test_the_page_in_every_state(in_state: InState, resident: Open, state: str, lang: str) -> None:
    page = resident(in_state(state, needs=("food", {"kind": "medicine", "quantity": 3, "detail": "ยาความดัน"})))
    answer = page.get(lang)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for part in ("081 234 5678", NAME, LANDMARK, WORDS, "ยาความดัน", "14.05730, 100.03120"):
        assert part in shown
    is_named = state in ("claimed", "on_the_way", "there", "done", "helped")
    assert ("มาลี" in re.sub(r"<ol.*</ol>", "", shown, flags=re.S)) == is_named
    assert ("อสม. บ้านเหนือ" in shown) == is_named
    assert "วงศ์งาม" not in shown


def test_the_place_is_written_as_the_language_writes_addresses(in_state: InState, resident: Open) -> None:
    page = resident(in_state("open", people=3, elderly=True, small_children=True))
    written = {
        "": ("ต.ตำบล01 อ.ตะวันตก จ.จังหวัดทดสอบ", "3 (ผู้สูงอายุ เด็กเล็ก)"),
        "?lang=en": ("Tambon 01, West, Test Province", "3 (Elderly people, Small children)"),
    }
    for lang, texts in written.items():
        shown = page.get(lang).get_data(as_text=True)
        facts = re.sub(r"<[^>]+>", "", shown[shown.index('class="facts"') :])
        assert [text for text in texts if text not in facts] == [], facts[:600]


def test_headers_keep_the_page_to_itself(in_state: InState, resident: Open) -> None:
    page = resident(in_state("open"))
    for answer in (page.get(), page.post("extend"), page.get("/data.json"), page.client.get(page.address + "0")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "<iframe" not in page.text()


# The key --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["http://localhost", "https://map.example"])
def test_the_key_leaves_the_address_at_the_first_visit(
    session: Session, app: Flask, in_state: InState, base: str
) -> None:
    made = in_state("open")
    link = links.make(session, VAULT, made.id, made_by="post", now=NOON)
    session.commit()
    client = app.test_client()
    first = client.get(f"/requests/mine/{link.token}?lang=en", base_url=base)
    assert (first.status_code, first.location) == (303, f"/requests/mine/{made.id}?lang=en")
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["Cache-Control"] == "no-store"
    assert link.token not in first.text
    name, *rest = first.headers["Set-Cookie"].split("; ")
    secure = base.startswith("https")
    assert name == f"{'__Secure-' if secure else ''}mine={link.token}"
    assert {"HttpOnly", "SameSite=Lax", f"Path=/requests/mine/{made.id}"} <= set(rest)
    assert ("Secure" in rest) == secure
    assert "Domain" not in first.headers["Set-Cookie"]
    shown = client.get(first.location, base_url=base)
    assert shown.status_code == 200
    assert link.token not in shown.text
    assert client.get(f"/requests/mine/{made.id}/data.json", base_url=base).status_code == 200


def test_an_address_that_was_copied_asks_for_the_code(app: Flask, in_state: InState, resident: Open) -> None:
    page = resident(in_state("open"))
    other = app.test_client()
    for address in (page.address, page.address + "?do=erase&notice=mine_so", page.address + "/data.json"):
        answer = other.get(address)
        assert answer.status_code == 404
        assert 'name="code"' in answer.text
        nobodys = other.get(re.sub(r"/mine/\d+", "/mine/999999999999999999999999", address))
        assert nobodys.status_code == 404
        nothing = nobodys.text.replace("/mine/" + "9" * 24, "/mine/")
        assert nothing == re.sub(r"/mine/\d+", "/mine/", answer.text), "it tells nothing"
    refused = other.post(page.address, data={"do": "cancel"})
    assert (refused.status_code, 'name="code"' in refused.text) == (404, True)
    typed = other.post("/requests/find", data={"code": page.link.code})
    assert (typed.status_code, typed.location) == (303, page.address)
    assert other.get(page.address).status_code == 200


def test_a_key_opens_its_own_page_alone(
    session: Session, in_state: InState, resident: Open, client: FlaskClient
) -> None:
    mine, theirs = resident(in_state("open")), resident(in_state("claimed", name="ลุงมา"))
    assert "ลุงมา" in theirs.text()
    assert "ลุงมา" not in mine.text()
    assert mine.post("stop_sharing").status_code == theirs.post("stop_sharing").status_code == 303
    client.set_cookie("mine", mine.link.token, domain="localhost", path=theirs.address)
    assert theirs.get().status_code == 404, "the number in the address is not what opens it"
    assert theirs.post("cancel").status_code == 404
    assert mine.get().status_code == 200


def test_a_link_that_was_taken_back_opens_no_page_that_is_open(
    session: Session, in_state: InState, resident: Open
) -> None:
    made = in_state("open")
    page = resident(made)
    links.revoke_all(session, made.id, NOON)
    session.commit()
    answer = page.get()
    assert (answer.status_code, 'name="code"' in answer.text) == (404, True)


def test_the_key_stays_while_the_page_is_opened_and_ends_with_it(in_state: InState, resident: Open) -> None:
    page = resident(in_state("open"))
    assert "Max-Age=15552000" in page.get().headers["Set-Cookie"]
    gone = page.post("erase", sure="yes").headers["Set-Cookie"]
    assert gone.startswith("mine=;")
    assert f"Path={page.address}" in gone


def test_no_key_stands_in_an_address_after_the_first(session: Session, in_state: InState, resident: Open) -> None:
    page = resident(in_state("done"))
    for answer in (page.get(), page.get("?do=change"), page.get("?do=report"), page.get("?do=erase"), page.post("x"),
                   page.post("contest"), page.post("cancel")):  # fmt: skip
        assert page.link.token not in answer.text
        assert page.link.token not in answer.headers.get("Location", "")


def test_a_form_of_another_site_is_refused(in_state: InState, resident: Open, client: FlaskClient) -> None:
    page = resident(in_state("open"))
    same = {"Origin": "http://localhost"}
    assert client.post(page.address, data={"do": "stop_sharing"}, headers=same).status_code == 303
    for other in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(page.address, data={"do": "cancel"}, headers=other).status_code == 403
        assert client.post("/requests/find", data={"code": "1"}, headers=other).status_code == 403


def test_a_strange_link_says_what_to_do(client: FlaskClient, helper: Person) -> None:
    for token in ("x", "a" * 43, "ก" * 40):
        answer = client.get(f"/requests/mine/{token}")
        assert answer.status_code == 404
        assert "/requests/find" in answer.get_data(as_text=True)
        assert "Set-Cookie" not in answer.headers


# Taps -----------------------------------------------------------------------------------------------------------

TAPS = [
    ("confirm", "done", "helped", "confirmed"),
    ("contest", "done", "open", "contested"),
    ("contest", "helped", "open", "contested"),
    ("helped_already", "open", "helped", "helped_already"),
    ("helped_already", "claimed", "helped", "helped_already"),
    ("cancel", "on_the_way", "cancelled", "cancelled"),
    ("cancel", "expired", "cancelled", "cancelled"),
    ("reopen", "cancelled", "open", "reopened"),
]


@pytest.mark.parametrize(("do", "state", "to", "event"), TAPS)
def test_a_tap_and_a_second_one(
    session: Session, in_state: InState, resident: Open, do: str, state: str, to: str, event: str
) -> None:
    made = in_state(state)
    page = resident(made)
    need = needs_of(session, made.id)[0].id
    first = page.post(do, need=need)
    assert (first.status_code, first.location) == (303, f"{page.address}?notice=mine_{do}")
    again = page.post(do, need=need)
    assert (again.status_code, again.location) == (303, f"{page.address}?notice=mine_so")
    assert needs_of(session, made.id)[0].state == to
    assert events_of(session, made.id).count(event) == 1
    assert page.get("?notice=mine_so").status_code == 200


@pytest.mark.parametrize(
    ("do", "state"),
    [("confirm", "open"), ("contest", "claimed"), ("cancel", "helped"), ("helped_already", "cancelled")],
)
def test_a_step_that_does_not_follow_is_refused_kindly(
    session: Session, in_state: InState, resident: Open, do: str, state: str
) -> None:
    made = in_state(state)
    answer = resident(made).post(do)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert needs_of(session, made.id)[0].state == state
    assert events_of(session, made.id) == []


def test_the_clock_frees_what_has_run_out(
    session: Session, in_state: InState, resident: Open, clock: dict[str, datetime]
) -> None:
    made = in_state("on_the_way")
    page = resident(made)
    assert "state-on_the_way" in page.text()
    clock["now"] = NOON + timedelta(hours=6)
    shown = page.text()
    assert "state-open" in shown
    assert "state-on_the_way" not in shown
    assert needs_of(session, made.id)[0].state == "on_the_way"


def test_stop_and_resume_sharing(session: Session, in_state: InState, resident: Open) -> None:
    made = in_state("claimed")
    page = resident(made)
    for do, shared in (("stop_sharing", False), ("stop_sharing", False), ("resume_sharing", True)):
        assert page.post(do).status_code == 303
        session.refresh(made)
        assert made.phone_shared is shared
    assert events_of(session, made.id) == ["sharing_stopped", "sharing_resumed"]


def test_the_question_after_14_days(
    session: Session, in_state: InState, resident: Open, clock: dict[str, datetime]
) -> None:
    made = in_state("open", asked_at=NOON)
    page = resident(made)
    clock["now"] = NOON + timedelta(days=13, hours=23)
    assert 'value="extend"' not in page.text()
    clock["now"] = NOON + timedelta(days=14)
    assert 'value="extend"' in page.text()
    assert page.post("extend").location.endswith("notice=mine_extend")
    assert page.post("extend").location.endswith("notice=mine_so")
    assert 'value="extend"' not in page.text()
    session.refresh(made)
    assert (made.confirmed_at, made.asked_at) == (clock["now"], None)
    page.post("cancel")
    assert page.post("extend").status_code == 409


def test_what_was_done_is_asked_about(in_state: InState, resident: Open) -> None:
    shown = resident(in_state("done")).text()
    assert 'value="confirm"' in shown
    assert 'value="contest"' in shown
    assert "ข้าวสาร 5 กก." in shown


# Who looked -----------------------------------------------------------------------------------------------------


def test_who_has_looked_and_when(session: Session, in_state: InState, resident: Open, helper: Person) -> None:
    made = in_state("claimed")
    page = resident(made)
    before = page.text()
    who = Actor("person", person_id=helper.id)
    events.record(session, who, made.id, "place_shown", now=NOON)
    events.record(session, who, made.id, "contact_shown", now=NOON + timedelta(minutes=5))
    session.commit()
    looked = re.search(r'id="looked".*?</section>', page.text("?lang=en"), re.S)
    assert looked is not None
    assert "มาลี" not in re.search(r'id="looked".*?</section>', before, re.S)[0]  # type: ignore[index]  # it is there
    assert looked[0].count("มาลี") == 2
    assert "20 Nov 2026 12:05" in looked[0]
    assert "วงศ์งาม" not in looked[0]


@pytest.mark.parametrize(
    ("name", "first"),
    [("นางสาว มาลี วงศ์งาม", "มาลี"), ("สมชาย ใจดี", "สมชาย"), ("นายสมชาย ใจดี", "สมชาย"), ("Dr. Ann Lee", "Ann"),
     ("นาย", None), ("", None), (None, None), ("น.ส.มาลี ใจดี", "มาลี"), ("นายิกา ใจดี", "นายิกา")],
)  # fmt: skip
def test_first_names(name: str | None, first: str | None) -> None:
    assert first_name(name) == first


# Reports --------------------------------------------------------------------------------------------------------


def test_a_report_reaches_the_officers_once(
    session: Session, in_state: InState, resident: Open, helper: Person
) -> None:
    made = in_state("claimed")
    page = resident(made)
    assert "มาลี" in page.text("?do=report")
    [lease] = leases_of(session, made.id)
    sent = {"lease": lease.id, "reason": "money", "note": "ขอเงินค่าน้ำมัน"}
    assert page.post("report", **sent).location.endswith("notice=mine_report")
    assert page.post("report", **sent).location.endswith("notice=mine_so")
    [report] = session.scalars(select(HelpReport)).all()
    assert (report.about, report.volunteer_id, report.by_person, report.tambon_code) == (
        "volunteer", helper.id, None, "900101",
    )  # fmt: skip
    assert "ขอเงินค่าน้ำมัน" not in json.dumps([one.details for one in session.scalars(select(HelpEvent))])
    assert page.post("report", lease="", reason="stranger").location.endswith("notice=mine_report")


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"reason": "spam"}, {"reason": "rude", "note": "โทร 081 234 5678"},
        {"reason": "rude", "note": "1101700230708"}, {"reason": "rude", "note": "x" * 301},
        {"reason": "rude", "lease": "999999"}, {"reason": "rude", "lease": "x"},
    ],
)  # fmt: skip
def test_a_report_that_has_to_be_mended(
    session: Session, in_state: InState, resident: Open, wrong: dict[str, str]
) -> None:
    answer = resident(in_state("claimed")).post("report", **wrong)
    assert answer.status_code == 400
    shown = answer.get_data(as_text=True)
    assert 'class="problem"' in shown
    assert wrong.get("note", "")[:40] in shown
    assert session.scalar(select(func.count()).select_from(HelpReport)) == 0


# Everything kept, and erased ------------------------------------------------------------------------------------


def test_the_download_has_all_and_is_on_record(
    session: Session, in_state: InState, resident: Open, helper: Person
) -> None:
    made = in_state("done", needs=("food", {"kind": "medicine", "detail": "ยาความดัน"}))
    page = resident(made)
    answer = page.get("/data.json")
    assert answer.mimetype == "application/json"
    kept = json.loads(answer.data)
    assert kept["contact"] == {"name": NAME, "phone": PHONE, "other": None}
    assert kept["request"]["place"] == {"lat": 14.0573, "lon": 100.0312}
    assert (kept["request"]["landmark"], kept["request"]["description"]) == (LANDMARK, WORDS)
    assert [need["kind"] for need in kept["needs"]] == ["food", "medicine"]
    assert kept["claims"][0]["holder_id"] == {"name": "มาลี", "organisation": "อสม. บ้านเหนือ"}
    raw = answer.get_data(as_text=True)
    for secret in ("วงศ์งาม", str(helper.id), page.link.token, "sealed", "token_hash", "phone_index"):
        assert secret not in raw
    page.get("/data.json")
    assert events_of(session, made.id) == ["downloaded"]


def test_the_download_tells_of_no_other_request_and_of_no_mark(
    session: Session, in_state: InState, resident: Open
) -> None:
    """Anybody can post with anybody's number: what was linked with it, and why, is not theirs to read."""
    other = in_state("open")
    made = in_state("open", linked_to=other.id, look="again", held=True)
    events.record(session, system(), made.id, "linked", now=NOON, details={"with": 987_654})
    events.record(session, system(), made.id, "looked", now=NOON)
    kept = json.loads(resident(made).get("/data.json").data)
    assert not {"look", "held", "linked_to", "phone_index"} & kept["request"].keys()
    assert kept["events"][0]["details"] == {}
    assert {one["action"] for one in kept["events"]} == {"linked", "downloaded"}
    assert kept["request"]["people"] == made.people
    assert "987654" not in json.dumps(kept)


def test_erasing_asks_first(session: Session, in_state: InState, resident: Open) -> None:
    made = in_state("open")
    page = resident(made)
    assert 'name="sure"' in page.text("?do=erase")
    answer = page.post("erase")
    assert answer.status_code == 400
    assert 'name="sure"' in answer.get_data(as_text=True)
    session.refresh(made)
    assert made.erased_at is None


@pytest.mark.parametrize("state", ["open", "claimed", "expired", "done", "helped", "cancelled"])
def test_erasing_leaves_nothing_of_anybody(session: Session, in_state: InState, resident: Open, state: str) -> None:
    made = in_state(state, needs=({"kind": "medicine", "detail": "ยาความดัน"},), elderly=True, village_code="90010101")
    page = resident(made)
    for lease in leases_of(session, made.id):
        lease.reason, lease.note_text = "cannot_find", add_words(session, made.id, "หาบ้านป้าคำไม่เจอ")
        lease.team_text = add_words(session, made.id, "ทีมของป้าคำ")
    session.add(
        HelpReport(
            request_id=made.id,
            tambon_code="900101",
            about="request",
            reason="other",
            note_text=add_words(session, made.id, "ป้าคำดุ"),
            at=NOON,
        )
    )
    session.commit()
    cell = made.cell_tambon_code
    answer = page.post("erase", sure="yes")
    assert (answer.status_code, answer.location) == (303, "/requests/find?notice=mine_erased")
    session.refresh(made)
    # How it ended stays, for the figures; what nobody had done ends by being erased.
    outcome = {"helped": "helped", "done": "helped", "cancelled": "cancelled"}.get(state, "erased")
    assert (made.outcome, made.erased_at, made.point, made.phone_index) == (outcome, NOON, None, None)
    assert (made.cell_key, made.cell_size, made.elderly, made.village_code) == (f"t:{cell}", 0, False, None)
    everything = str(
        session.execute(
            text(
                "SELECT (SELECT json_agg(r) FROM help_requests AS r)::text,"
                " (SELECT json_agg(n) FROM help_needs AS n)::text,"
                " (SELECT json_agg(l) FROM help_leases AS l)::text, (SELECT json_agg(p) FROM help_reports AS p)::text,"
                " (SELECT json_agg(e) FROM help_events AS e)::text,"
                " (SELECT json_agg(t) FROM written_texts AS t)::text"
            )
        ).one()
    )
    for word in ("ป้าคำ", "ยาความดัน", "ข้าวสาร", WORDS, "14.057"):
        assert word not in everything
    [need] = needs_of(session, made.id)
    assert need.state == ("helped" if state in ("done", "helped") else "cancelled")
    assert need.lease_ends_at is None
    assert all(lease.ended_at is not None for lease in leases_of(session, made.id))
    assert session.scalar(select(func.count()).select_from(HelpLink)) == 0
    assert events_of(session, made.id)[-1] == "erased"
    assert page.get().status_code == page.post("reopen").status_code == 404


def test_whoever_was_on_the_way_is_told(session: Session, in_state: InState, resident: Open) -> None:
    made = in_state("on_the_way")
    resident(made).post("erase", sure="yes")
    [lease] = leases_of(session, made.id)
    assert (lease.how_ended, lease.reason, lease.ended_at) == ("closed", "erase", NOON)


# By the code ----------------------------------------------------------------------------------------------------


def test_the_code_leads_to_the_page(session: Session, in_state: InState, client: FlaskClient) -> None:
    link = links.make(session, VAULT, in_state("open").id, made_by="post", now=NOON)
    session.commit()
    thai = link.code.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    answer = client.post("/requests/find", data={"code": f" {thai[:4]}-{thai[4:]} "})
    assert answer.status_code == 303
    assert answer.location.startswith("/requests/mine/")
    assert client.get(answer.location).status_code == 200


def test_wrong_codes_are_told_and_counted(session: Session, helper: Person, client: FlaskClient) -> None:
    for code in ("", "123", "12345678901x", "1234567890123"):
        answer = client.post("/requests/find", data={"code": code})
        assert answer.status_code == 400
        assert 'id="code-problem"' in answer.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Count)) == 0
    statuses = [client.post("/requests/find", data={"code": f"{n:012}"}).status_code for n in range(WRONG_AN_HOUR + 2)]
    assert statuses == [404] * WRONG_AN_HOUR + [429] * 2
    assert client.post("/requests/find", data={"code": "1" * 12}).headers["Retry-After"] == "15"
    assert client.get("/requests/find").status_code == 200


# Nothing leaks --------------------------------------------------------------------------------------------------


def test_neither_link_nor_contact_stands_in_a_log_or_in_the_database(
    session: Session, in_state: InState, resident: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = in_state("done")
    page = resident(made)
    page.get()
    for do in ("confirm", "contest", "stop_sharing", "cancel", "nonsense"):
        page.post(do, need="x" if do == "cancel" else "")
    page.client.post("/requests/find", data={"code": page.link.code})
    page.get("/data.json")
    for secret in (page.link.token, page.link.code, PHONE, "0812345678", NAME, LANDMARK, "14.0573"):
        assert secret not in caplog.text
    tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        stored = str(session.execute(text(f'SELECT json_agg(t)::text FROM "{table}" AS t')).scalar())
        assert page.link.token not in stored, table
        assert page.link.code not in stored, table
    assert session.scalar(select(func.count()).select_from(Submission)) == 0


def test_another_residents_link_opens_only_theirs(session: Session, in_state: InState, resident: Open) -> None:
    mine, theirs = in_state("open"), in_state("claimed", phone="+66898765432", name="ลุงมา")
    page = resident(mine)
    shown = page.text()
    assert "089 876 5432" not in shown
    assert "ลุงมา" not in shown
    need, lease = needs_of(session, theirs.id)[0].id, leases_of(session, theirs.id)[0].id
    assert page.post("cancel", need=need).status_code == 400
    assert page.post("report", reason="rude", lease=lease).status_code == 400
    assert needs_of(session, theirs.id)[0].state == "claimed"


def test_a_signed_in_officer_needs_the_forms_token_here_too(
    session: Session, app: Flask, in_state: InState, resident: Open
) -> None:
    made = in_state("open")
    page = resident(made)
    officer = browser(app, session, person(session, "เจ้าหน้าที่"))
    officer.get(f"/requests/mine/{page.link.token}")
    assert officer.client.post(page.address, data={"do": "cancel"}).status_code == 403
    assert officer.post(page.address, {"do": "cancel"}).status_code == 303


def test_words_that_look_like_code_stay_words(session: Session, in_state: InState, resident: Open) -> None:
    evil = '{{98765*54321}}{%"><script>window.PWN=1</script>'
    made = in_state("done", needs=({"kind": "other", "detail": evil},), description=evil, landmark=evil, name=evil)
    helper = needs_of(session, made.id)[0]
    helper.given = evil
    session.flush()
    page = resident(made)
    for query in ("", "?do=report", "?do=erase", "?lang=en"):
        shown = page.text(query)
        assert "<script>window" not in shown
        assert EVALUATED not in shown
    assert page.text().count("{{98765*54321}}") >= 5


# Programs -------------------------------------------------------------------------------------------------------


def test_the_api_says_and_does_the_same(
    session: Session, in_state: InState, resident: Open, client: FlaskClient
) -> None:
    made = in_state("done")
    page = resident(made)
    address, key = "/api/v1/help-requests/resident", {"Authorization": f"Bearer {page.link.token}"}
    assert client.get(f"{address}/{page.link.token}").get_json() == client.get(address, headers=key).get_json()
    answer = client.get(address, headers=key)
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.get_json()
    assert (found["status"], found["questions"]) == ("open", ["is_it_done"])
    assert found["needs"][0]["helper"]["name"] == "มาลี"
    assert found["needs"][0]["may"] == ["confirm", "contest"]
    done = client.post(address, headers=key, json={"do": "confirm"}).get_json()
    assert (done["changed"], done["request"]["status"], done["request"]["outcome"]) == (True, "closed", "helped")
    assert client.post(address, headers=key, json={"do": "confirm"}).get_json()["changed"] is False
    assert slug_of(client.post(address, headers=key, json={"do": "cancel"})) == "wrong-state"
    assert slug_of(client.post(address, headers=key, json={"do": "extend"})) == "closed"
    assert client.post(address, headers=key, json={"do": "vanish"}).status_code == 400
    assert client.post(address, headers=key, json={"do": "cancel", "state": "open"}).status_code == 400
    assert client.post(address, headers=key, json={"do": "erase"}).status_code == 400
    assert client.post(address, headers=key, json={"do": "erase", "sure": "yes"}).get_json() == {
        "changed": True,
        "request": None,
    }
    gone = client.get(address, headers=key)
    assert slug_of(gone) == "link-unknown"


def test_programs_send_the_key_in_a_header(in_state: InState, resident: Open, client: FlaskClient) -> None:
    page = resident(in_state("open"))
    address = "/api/v1/help-requests/resident"
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
        for answer in (
            client.get(address, headers=headers),
            client.post(address, headers=headers, json={"do": "extend"}),
        ):
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    for key in ("x", "a" * 43, page.link.token + "x"):
        assert client.get(address, headers={"Authorization": f"Bearer {key}"}).status_code == 404
    elsewhere = client.get("/api/v1/facilities", headers={"Authorization": f"Bearer {page.link.token}"})
    assert elsewhere.status_code == 401, "the key of a page is no program's token"


def test_linked_requests_have_a_page_each(session: Session, in_state: InState, resident: Open, helper: Person) -> None:
    lead = in_state("claimed")
    second = add_request(session, linked_to=lead.id)
    put(session, needs_of(session, second.id)[0], helper, "claimed")
    session.commit()
    page = resident(lead)
    page.post("cancel")
    session.refresh(second)
    assert (second.linked_to, second.closed_at) == (None, None)
    assert needs_of(session, second.id)[0].state == "claimed"
    assert resident(second).get().status_code == 200
