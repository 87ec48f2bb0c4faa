"""What a pin's fields are called, for forms, histories and comparisons; and which fields a kind has."""

from __future__ import annotations

from mapapp.core.errors import N_
from mapapp.facilities.kinds import KIND_ROWS

FIELD_LABELS: dict[str, str] = {
    "kind": N_("Type"),
    "name_th": N_("Name"),
    "name_en": N_("Name in English"),
    "point": N_("Location on the map"),
    "address": N_("Address"),
    "phone": N_("Phone"),
    "phone_more": N_("Extension, further numbers"),
    "opening_hours": N_("Opening hours"),
    "serves": N_("For whom"),
    "beds": N_("Beds"),
    "beds_free": N_("Free beds"),
    "doses_per_day": N_("Vaccine doses a day"),
    "tests_per_day": N_("Tests a day"),
    "test_types": N_("Types of test"),
    "vaccines": N_("Vaccines"),
    "places": N_("Spaces to stay"),
    "places_free": N_("Free spaces to stay"),
    "status": N_("Status"),
    "closed_from": N_("Closed from"),
    "closed_until": N_("Opens again on"),
    "closed_reason": N_("Reason for closing"),
    "merged_into": N_("Same facility as"),
}
"""Field of ``changes.FIELDS`` → the English key of its label."""

STATUS_LABELS: dict[str, str] = {
    "open": N_("Open, accepts people"),
    "full": N_("Full now"),
    "temporarily_closed": N_("Closed for a time"),
    "closed": N_("Permanently closed"),
}

ACTION_LABELS: dict[str, str] = {
    "add": N_("Added"),
    "edit": N_("Edited"),
    "confirm": N_("Confirmed: still correct"),
    "close": N_("Closed"),
    "reopen": N_("Reopened"),
    "merge": N_("Merged with another facility"),
    "undo": N_("Change undone"),
    "import": N_("Imported from a list"),
    "capacity": N_("Free capacity updated"),
    "move": N_("Moved"),
}
"""``FacilityChange.action`` → the English key of what was done."""

ACTOR_LABELS: dict[str, str] = {
    "person": N_("an officer"),
    "token": N_("a program"),
    "command": N_("the operator"),
    "system": N_("the service itself"),
    "public": N_("someone without an account"),
}

KIND_FIELDS: dict[str, tuple[str, ...]] = {row.name: row.fields for row in KIND_ROWS}
"""What is asked of one kind and not of the others."""

ASKED_OF: dict[tuple[str, ...], list[str]] = {}
"""The same the other way round: fields that are asked together → the kinds that have them."""
for _row in KIND_ROWS:
    ASKED_OF.setdefault(_row.fields, []).append(_row.name)

COUNTS = frozenset({"beds", "beds_free", "doses_per_day", "tests_per_day", "places", "places_free"})

COMMON_FIELDS = ("kind", "name_th", "name_en", "phone", "phone_more", "address", "serves")
