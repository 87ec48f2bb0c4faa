"""Imports in words, for the pages."""

from __future__ import annotations

from mapapp.core.errors import N_
from mapapp.facilities.editing import formatting as pins
from mapapp.facilities.editing.labels import FIELD_LABELS
from mapapp.facilities.imports.plan import Outcome, PlannedRow
from mapapp.web.i18n import gettext

OUTCOME_LABELS: dict[Outcome, str] = {
    "problem": N_("Has errors"),
    "outside": N_("Outside your area"),
    "new": N_("New"),
    "changed": N_("Changed"),
    "same": N_("The same"),
}

STATE_LABELS = {
    "uploaded": N_("Uploaded, not imported yet"),
    "running": N_("Importing"),
    "done": N_("Imported"),
    "failed": N_("Not imported"),
    "undone": N_("Undone"),
    "dead": N_("Stopped before the end, nothing was imported"),
}

LIST_LABELS: dict[str, str] = {
    "source_ref": N_("Reference (code) in this list"),
    "pin": N_("Number of the facility in this service"),
    "hcode": N_("Health facility code"),
    "lat": N_("Latitude"),
    "lon": N_("Longitude"),
    "coordinates": N_("Coordinates in one column"),
    "verified_at": N_("Checked on"),
}
"""What only lists have."""

FIELDS = (
    "name_th", "source_ref", "pin", "hcode", "lat", "lon", "coordinates", "kind", "name_en", "address", "phone",
    "phone_more", "opening_hours", "serves", "beds", "beds_free", "test_types", "tests_per_day", "vaccines",
    "doses_per_day", "places", "places_free", "status", "closed_from", "closed_until", "closed_reason", "verified_at",
)  # fmt: skip
"""The fields an officer's list can fill, in the order in which they are asked for."""


def field(name: str) -> str:
    """What a field is called."""
    return gettext(LIST_LABELS.get(name) or FIELD_LABELS[name])


def outcome(code: Outcome) -> str:
    """What becomes of a row."""
    return gettext(OUTCOME_LABELS[code])


def state(code: str) -> str:
    """Where an import stands."""
    return gettext(STATE_LABELS[code])


def changes(row: PlannedRow) -> list[tuple[str, str, str]]:
    """What a row changes: the field, what it is and what it will be."""
    return [
        (field(name), pins.told(name, before), pins.told(name, after))
        for name, (before, after) in row.changes.items()
        if name in FIELD_LABELS
    ]


def source(stored: str, area: str) -> str:
    """A source as the officer named it."""
    return stored.removesuffix(f" [{area}]")
