"""Facilities for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from mapapp.facilities.models import Facility

PAYLOADS = (
    "{{98765*54321}}",
    "{%",
    "{#",
    "${window.PWN=1}",
    "`\\`)[0];window.PWN=1;//",
    "<img src=x onerror=window.PWN=1>",
    '"><script>window.PWN=1</script>',
)
"""Texts that some renderer would run."""


def add(session: Session, *, lat: float, lon: float, **values: Any) -> int:
    """One facility; returns its id. Its reference is its number."""
    number = session.info["facilities"] = session.info.get("facilities", 0) + 1
    facts = {
        "kind": "hospital",
        "name_th": f"รพ.{number}",
        "source": "test",
        "source_ref": str(number),
        "confirmed_at": datetime(2026, 11, 20, 4, 0, tzinfo=UTC),  # an hour before the tests' noon
    } | values
    made = Facility(point=f"SRID=4326;POINT({lon!r} {lat!r})", **facts)
    session.add(made)
    session.flush()
    return made.id
