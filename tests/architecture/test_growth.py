"""Every table that grows by itself is swept by a chore, or there is a reason why nothing is taken out of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp import rooms
from mapapp.core import config
from mapapp.database import Base
from mapapp.database.submissions import SUBMISSIONS_KEPT, Submission, forget_submissions
from mapapp.facilities.view_counts import Uses
from tests.conftest import KEYS, NOON

SWEPT = {
    "sign_in_attempts": "old sign-ins",
    "login_sessions": "old sign-ins",
    "invitations": "old sign-ins",
    "api_tokens": "old sign-ins",
    "submissions": "old forms",
    "facility_uses": "old uses",
    "facility_imports": "old uploads",  # the files; the rows say what was loaded by whom
    "facility_reports": "notes of reports",  # and the senders; the rest belongs to the pin's history
    "coverage_sites": "coverage",  # as many as pins
    "coverage": "coverage",
    "coverage_with_stale": "coverage",
    "coverage_pending": "coverage",  # each row goes when its figures are stored
    "help_counts": "old posts",
    "help_public_counts": "public counts of requests",  # all of it is written anew each day
    "help_requests": "closed requests",  # what they say of anybody; the rows stay for the figures
    "help_links": "closed requests",
    "written_texts": "closed requests",  # of requests; those of the audit log go with its entries
    "help_blocks": "old requests",
}
"""Table → the chore that takes out what has served its time."""

KEPT = {
    "areas": "as many as there are",
    "area_shapes": "as above",
    "villages": "as above",
    "place_names": "as above",
    "data_versions": "one row for each kind of data",
    "chores": "one row for each chore",
    "key_probes": "one row for each master key that was ever used",
    "people": "one row for each person; an erased one stays without a name, for what it signed",
    "recovery_codes": "ten for each person",
    "appointments": "who was responsible when is part of the record",
    "facilities": "a pin is closed, never deleted",
    "facility_changes": "nothing is ever taken out of a pin's history",
    "help_needs": "erased with their request, but for what was needed and how it ended",
    "help_leases": "who held what when is part of the record",
    "help_offers": "as above",
    "help_events": "nothing is ever taken out of a request's history",
    "help_reports": "what officers looked at is part of the record",
    "volunteers": "one row for each person",
    "audit_log": "kept at least 90 days (letter L3.6); mapapp audit prune takes older entries away",
    "audit_heads": "one row a day",
}
"""Table → why nothing is swept."""


def test_each_table_is_swept_or_has_a_reason() -> None:
    tables = set(Base.metadata.tables)
    assert not SWEPT.keys() & KEPT.keys()
    assert tables == SWEPT.keys() | KEPT.keys()


def test_the_chores_are_there() -> None:
    made = rooms.chores(config.Config(secret_keys=KEYS), {"mapapp_uses": Uses()})
    names = [chore.name for chore in made]
    assert len(set(names)) == len(names)
    assert set(SWEPT.values()) <= set(names)


@pytest.mark.parametrize(("age", "left"), [(timedelta(0), 1), (-timedelta(seconds=1), 0)])
def test_old_forms_are_forgotten(session: Session, age: timedelta, left: int) -> None:
    session.add(Submission(key=uuid4(), sender="x", answer="/", at=NOON - SUBMISSIONS_KEPT + age))
    session.flush()
    assert forget_submissions(session, NOON) == 1 - left
    assert len(session.scalars(select(Submission)).all()) == left
