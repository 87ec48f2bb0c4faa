"""Exports of old forms and Fridays, for tests."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from mapapp.statistics.fridays import service as fridays
from mapapp.statistics.parallel.models import StatisticsOldForm
from tests.conftest import NOON
from tests.help_requests.build import VAULT


def add_old_form(session: Session, area: str, **values: Any) -> StatisticsOldForm:
    """An export with a column for the area and one for a figure, not read yet; flushed."""
    made = StatisticsOldForm(
        **{
            "id": uuid.uuid4(), "area_code": area, "file_name": "แบบเดิม.csv", "headings": "h", "created_at": NOON,
            "file": f"พื้นที่นี้,ตัวเลขนี้\n{area},3\n".encode(), **values,
        }
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def freeze_empty(session: Session, friday: date = date(2026, 11, 20)) -> date:
    """A Friday on which nothing was known; flushed."""
    fridays.keep(session, VAULT, friday, NOON, {})
    session.flush()
    return friday
