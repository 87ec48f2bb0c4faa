"""The queue: what to check first, one tap each; and the officer's first page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.facilities.models import Facility, FacilityImport, FacilityUse
from tests.conftest import NOON
from tests.data import add_facility
from tests.facilities.console.conftest import Signed
from tests.facilities.console.reading import hidden, picks, shown, text_of
from tests.people import Browser

STALE = "/officer/facilities/stale"
Pins = dict[str, int]


def test_doubtful_first_then_stale_and_nothing_else(officer: Browser, pins: Pins) -> None:
    page = officer.get(f"{STALE}?lang=en")
    assert shown(page) == [pins["doubtful"], pins["stale"]]
    assert "2 left in your area" in text_of(page)


def test_what_is_used_comes_before_what_is_only_old(officer: Browser, pins: Pins, session: Session) -> None:
    used = add_facility(
        session, "test_site", lat=14.011, lon=100.01, tambon_code="900101", confirmed_at=NOON - timedelta(days=9)
    )
    old = add_facility(
        session, "test_site", lat=14.012, lon=100.01, tambon_code="900101", confirmed_at=NOON - timedelta(days=12)
    )
    session.add(FacilityUse(facility_id=used.id, day=NOON.date(), opened=40))
    session.commit()
    assert shown(officer.get(STALE)) == [pins["doubtful"], used.id, old.id, pins["stale"]]


def test_whoever_checks_a_place_has_every_number_to_call(officer: Browser, pins: Pins, session: Session) -> None:
    add_facility(
        session, "test_site", lat=14.01, lon=100.01, tambon_code="900101", confirmed_at=NOON - timedelta(days=90),
        phone="+6653140774", phone_more="ต่อ 12, 081-234-5678",
    )  # fmt: skip
    session.commit()
    page = officer.get("/officer/facilities/stale").text
    assert 'href="tel:+6653140774"' in page
    assert 'href="tel:+66812345678"' in page


def test_one_tap_and_the_row_is_gone_and_back_by_another(officer: Browser, pins: Pins, session: Session) -> None:
    before = session.get_one(Facility, pins["stale"]).confirmed_at
    page = officer.get(STALE)
    answer = officer.post(STALE, {"still": picks(page)[pins["stale"]], "once": hidden(page, "once")})
    assert answer.status_code == 303
    after = officer.get(answer.headers["Location"])
    assert shown(after) == [pins["doubtful"]]
    back = officer.post(
        f"/officer/facilities/undo?next={STALE}", {"first": hidden(after, "first"), "last": hidden(after, "last")}
    )
    assert back.headers["Location"].startswith(STALE)
    assert shown(officer.get(STALE)) == [pins["doubtful"], pins["stale"]]
    session.expire_all()
    assert session.get_one(Facility, pins["stale"]).confirmed_at == before


def test_pages_of_the_queue(officer: Browser, pins: Pins, session: Session) -> None:
    for number in range(23):
        add_facility(
            session, "test_site", lat=14.01, lon=100.01 + number / 10_000, tambon_code="900101",
            confirmed_at=NOON - timedelta(days=10 + number),
        )  # fmt: skip
    session.commit()
    seen = [shown(officer.get(f"{STALE}?page={page}")) for page in (1, 2, 3)]
    assert [len(one) for one in seen] == [10, 10, 5]
    assert len({one for page in seen for one in page}) == 25


def test_an_empty_queue_says_so(signed: Signed, pins: Pins) -> None:
    page = signed("tambon_officer", "900202").get(f"{STALE}?lang=en")
    assert shown(page) == []
    assert "Nothing left to check." in text_of(page)


def test_an_auditor_has_no_queue(signed: Signed, pins: Pins) -> None:
    assert signed("auditor", "9001").get(STALE).status_code == 403


def test_the_first_page_counts_what_waits(officer: Browser, pins: Pins, session: Session) -> None:
    from mapapp.accounts.models import LoginSession

    person = session.query(LoginSession).one().person_id
    # A list whose file is gone waits for nobody.
    for state, file in (("uploaded", b"x"), ("running", b"x"), ("done", None), ("uploaded", None)):
        session.add(
            FacilityImport(
                person_id=person, area_code="9001", file_name="x.csv", file=file, source="x", state=state,
                created_at=NOON,
            )
        )  # fmt: skip
    session.commit()
    page = text_of(officer.get("/officer?lang=en"))
    for words in ("2 to check", "1 problem reported", "2 reports to resolve", "1 closing within 7 days",
                  "2 lists not finished", "5 facilities in all"):  # fmt: skip
        assert words in page, words


def test_the_first_page_of_somebody_with_two_areas(
    app: object, session: Session, pins: Pins, signed: Signed, client: FlaskClient
) -> None:
    from flask import Flask

    from tests.people import appoint, browser

    assert isinstance(app, Flask)
    who = appoint(session, "tambon_officer", "900101")
    appoint(session, "tambon_officer", "900201", to=who)
    officer = browser(app, session, who)
    assert "900201" in officer.get("/officer").text
    assert "1 to check" in text_of(officer.get("/officer?area=900201&lang=en"))
    assert officer.get("/officer?area=900202").status_code == 403


def test_bad_addresses_are_no_server_errors(officer: Browser, query_count: Callable[[], int]) -> None:
    for asked in ("page=x", "page=0", "area=zz", "did=x", "did=1-2", "left=9&changed=1,2", "changed=x", "left=-1",
                  "did=999999999999999999-999999999999999999"):  # fmt: skip
        assert officer.get(f"{STALE}?{asked}").status_code in (200, 400), asked
        assert officer.get(f"/officer/facilities?{asked}").status_code in (200, 400), asked
