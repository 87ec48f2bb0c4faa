"""What a pin's history speaks of, and how it writes a value down: the same for a form and for a list."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from mapapp.core import geo
from mapapp.core.errors import N_

FIELDS: Final = (
    "kind", "name_th", "name_en", "point", "address", "phone", "phone_more", "opening_hours", "serves", "beds",
    "beds_free", "doses_per_day", "tests_per_day", "test_types", "vaccines", "places", "places_free", "status",
    "closed_from", "closed_until", "closed_reason", "merged_into",
)  # fmt: skip
"""What an editor, a program or an undo may change; everything else follows from these."""

LISTED: Final = (*(name for name in FIELDS if name != "merged_into"), "is_example")
"""What a list may change."""

SAID_AT: Final = {
    "status": "status_at",
    "beds_free": "beds_free_at",
    "doses_per_day": "doses_at",
    "tests_per_day": "tests_at",
    "places_free": "places_free_at",
}
"""Facts that age by themselves, and where the time they were last said is kept."""

OF_HOW_MANY: Final = {
    "beds_free": ("beds", N_("There are more free beds than beds.")),
    "places_free": ("places", N_("There are more free spaces than spaces.")),
}
"""What is free → of how many, and what is to be said where more is free than there is."""


def too_many_free(whole: Mapping[str, Any]) -> str | None:
    """The count of what is free that a pin with these facts could not have; None where all is well."""
    for free, (there, _sentence) in OF_HOW_MANY.items():
        if whole.get(free) is not None and whole.get(there) is not None and whole[free] > whole[there]:
            return free
    return None


STAMPS: Final = ("confirmed_at", "verified_at", "verified_by", "doubtful_at", "source_as_of", *SAID_AT.values())
"""Who stands for a pin and since when. They move without a new version."""


STOOD_FOR: Final = ("confirmed_at", "verified_at", "verified_by", "doubtful_at", "status_at")
"""What moves beside the fields when somebody stands for a pin: who, since when."""

KEPT: Final = tuple(dict.fromkeys((*STOOD_FOR, *SAID_AT.values())))
"""What a step keeps beside its fields, so that taking it back makes the pin no fresher than it was before."""


def told(value: Any) -> Any:
    """A field's value as the history keeps it (JSON)."""
    if isinstance(value, geo.Point):
        return [round(value.lon, 6), round(value.lat, 6)]
    if isinstance(value, (datetime, date, uuid.UUID)):
        return value.isoformat() if not isinstance(value, uuid.UUID) else str(value)
    return value
