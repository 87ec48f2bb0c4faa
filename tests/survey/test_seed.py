"""The example survey of the demo data: marked, coherent, made once."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts import demo
from mapapp.help_requests import contacts
from mapapp.help_requests.models import HelpRequest
from mapapp.survey import seed, sums
from mapapp.survey.followups import seed as followups
from mapapp.survey.followups.models import FollowUp
from mapapp.survey.models import SurveyEntry, SurveyRound
from tests.conftest import NOON
from tests.data import add_area
from tests.help_requests.build import VAULT

BOX = (98.9, 18.7, 99.1, 18.9)


def test_the_example_survey_is_marked_and_made_once(session: Session) -> None:
    for code in ("50", "5001", "500101", "500102"):
        add_area(session, code, BOX, name_th=code, name_en=code)
    demo.make(session, NOON)
    assert seed.make(session, NOON) == 1, "only of provinces that are there"
    session.commit()
    assert seed.make(session, NOON) == 0
    assert [one.is_example for one in session.scalars(select(SurveyRound))] == [True]
    rows = session.execute(select(SurveyEntry.state, func.count()).group_by(SurveyEntry.state))
    states = {row[0]: row[1] for row in rows}
    assert states["conflict"] == states["waiting"] == 1
    assert states["counted"] > 10
    assert sums.different(session) == 0


def test_the_example_follow_ups_are_marked_and_made_once(session: Session) -> None:
    for code in ("50", "5001", "500101", "500102"):
        add_area(session, code, BOX, name_th=code, name_en=code)
    demo.make(session, NOON)
    seed.make(session, NOON)
    assert followups.make(session, VAULT, NOON) == 4
    session.commit()
    assert followups.make(session, VAULT, NOON) == 0
    rows = session.scalars(select(FollowUp)).all()
    assert sorted(one.state for one in rows) == ["done", "open", "open", "requested"]
    assert all(one.is_example for one in rows)
    requests = session.scalars(select(HelpRequest)).all()
    assert [(one.is_example, one.source) for one in requests] == [(True, "survey")]
    kept = contacts.of(VAULT, requests[0].id, requests[0].contact_sealed)
    assert (kept.phone, str(kept.name)[:10]) == (None, "(ตัวอย่าง)")


def test_without_demo_people_there_is_no_example(session: Session) -> None:
    add_area(session, "50", BOX, name_th="50", name_en="50")
    assert seed.make(session, NOON) == 0
