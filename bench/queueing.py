"""A queue that a phone has kept, sent over a slow line: Chromium with 400 kbit/s and 400 ms, 500 records of six groups.

The records are sealed and sent by the scripts of the page. Afterwards all of them are in the database, each once.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from bench import servers
from bench.line import Line
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.clock import today
from mapapp.survey.groups import CODES, FIELDS, QUESTIONS
from mapapp.survey.models import SurveyEntry, SurveyRound
from tests import chromium

RECORDS: Final = 500
BITS, LATENCY_MS = 400_000, 400
GOAL_S: Final = 30

KEEP = """async ([count, round, village, version, groups, fields]) => {
  const base = document.querySelector('script[type=module][src*="/js/"]').src.replace(/js\\/.*$/, "js/");
  const { keepRecord } = await import(base + "survey/records.js");
  const numbers = Object.fromEntries(fields.map((name) => [name, { here: 3, none: 1, two: 1, more: 1 }[name] ?? 0]));
  for (let at = 1; at <= count; at += 1) {
    const content = { round, village, household: `${at}/1`, version, observed_at: new Date().toISOString() };
    content.groups = Object.fromEntries(groups.map((code) => [code, numbers]));
    await keepRecord({ content, clock: true, label: { village: "bench", round: "bench" } });
  }
}"""
LEFT = """async () => {
  const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const database = await result(indexedDB.open("mapapp-outbox"));
  const rows = await result(database.transaction("entries").objectStore("entries").getAll());
  database.close();
  return rows.filter((one) => one.state !== "sent").length;
}"""


def measure(engine: Engine) -> Line:
    """The line ``survey_queue``."""
    with Session(engine) as session:
        tambon = session.scalars(text("SELECT min(code) FROM areas WHERE level = 'tambon'")).one()
        number, token = _volunteer(session, tambon)
        session.commit()
    with servers.serving() as served, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium.find(), args=chromium.ARGS)
        page = browser.new_page(base_url=f"http://127.0.0.1:{served.port}")
        page.context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": f"http://127.0.0.1:{served.port}"}])
        seconds = _sent(page, [RECORDS, number, f"{tambon}01", QUESTIONS, list(CODES), list(FIELDS)])
        browser.close()
    with Session(engine) as session:
        mine = select(func.count(), func.count(SurveyEntry.household.distinct())).where(SurveyEntry.round_id == number)
        rows, houses = session.execute(mine).one()
    met = seconds <= GOAL_S and rows == houses == RECORDS
    shown = f"{seconds:.1f} s for {rows} records, {rows - houses} double"
    detail = {"seconds": seconds, "records": rows, "double": rows - houses}
    return Line("survey_queue", f"≤ {GOAL_S} s; 0 double", seconds, met, shown, detail)


def _sent(page: Page, kept: list[Any]) -> float:
    """The seconds until each of these records has its receipt on the phone."""
    page.goto("/volunteer/survey/offline")
    page.locator("[data-view=list]").wait_for()
    page.context.set_offline(True)
    page.evaluate(KEEP, kept)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BITS / 8, "uploadThroughput": BITS / 8}
    page.context.set_offline(False)
    line.send("Network.emulateNetworkConditions", slow)
    began = time.monotonic()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    while page.evaluate(LEFT) and time.monotonic() - began < 10 * GOAL_S:
        page.wait_for_timeout(100)
    return time.monotonic() - began


def _volunteer(session: Session, tambon: str) -> tuple[int, str]:
    """A survey of the tambon, and the cookie of somebody who records it."""
    now = datetime.now(UTC)
    who = Person(name="bench", first_signed_in_at=now)
    session.add(who)
    session.flush()
    session.add(
        Appointment(
            person_id=who.id, role="data_volunteer", area_code=tambon, starts_at=now - timedelta(days=1),
            confidentiality_on=today(now), training_expires_on=today(now) + timedelta(days=30),
        )
    )  # fmt: skip
    row = SurveyRound(
        name="bench", area_code=tambon, starts_on=today(now), ends_on=today(now) + timedelta(days=30),
        version=QUESTIONS, made_at=now, opened_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id, sessions.start(session, who.id, now=now, device="bench", address="127.0.0.1", second_factor=True)
