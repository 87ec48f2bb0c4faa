"""Exports of old forms, for tests."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from mapapp.statistics.parallel.models import StatisticsOldForm
from tests.conftest import NOON


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
