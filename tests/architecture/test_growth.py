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
from tests.architecture.matrix import merged
from tests.conftest import KEYS, NOON

SWEPT: dict[str, str] = {"submissions": "old forms", "limit_counts": "old counts"} | merged("cases", "SWEPT")
"""Table → the chore that takes out what has served its time. A room's tables stand in ``tests/<room>/cases.py``."""

KEPT: dict[str, str] = {
    "data_versions": "one row for each kind of data",
    "chores": "one row for each chore",
    "key_probes": "one row for each master key that was ever used",
} | merged("cases", "KEPT")
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
