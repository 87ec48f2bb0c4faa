"""What a pin's history speaks of, and how it writes a value down: the same for a form and for a list."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from mapapp.core import geo
from mapapp.facilities import fields
from mapapp.facilities.fields import OF_HOW_MANY, SAID_AT

FIELDS: Final = fields.NAMES
"""What an editor, a program or an undo may change; everything else follows from these."""

LISTED: Final = (*(name for name in FIELDS if name != "merged_into"), "is_example")
"""What a list may change."""


def too_many_free(whole: Mapping[str, Any]) -> str | None:
    """The count of what is free that a pin with these facts could not have; None where all is well."""
    for free, of in OF_HOW_MANY.items():
        there = of.field
        if whole.get(free) is not None and whole.get(there) is not None and whole[free] > whole[there]:
            return free
    return None


STAMPS: Final = ("confirmed_at", "verified_at", "verified_by", "doubtful_at", "source_as_of", *SAID_AT.values())
"""Who stands for a pin and since when. They move without a new version."""


STOOD_FOR: Final = ("confirmed_at", "verified_at", "verified_by", "doubtful_at", "status_at")
"""Columns that change with a confirmation of a facility, besides its fields."""

KEPT: Final = tuple(dict.fromkeys((*STOOD_FOR, *SAID_AT.values())))
"""What a step keeps beside its fields, so that taking it back makes the pin no fresher than it was before."""


def told(value: Any) -> Any:
    """A field's value as the history keeps it (JSON)."""
    if isinstance(value, geo.Point):
        return [round(value.lon, 6), round(value.lat, 6)]
    if isinstance(value, (datetime, date, uuid.UUID)):
        return value.isoformat() if not isinstance(value, uuid.UUID) else str(value)
    return value
