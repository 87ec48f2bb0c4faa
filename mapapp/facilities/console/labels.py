"""What the console calls things. English keys for gettext."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_

STATUS: Final[dict[str, str]] = {
    "open": N_("Open"),
    "full": N_("Full"),
    "temporarily_closed": N_("Closed for now"),
    "closed": N_("Permanently closed"),
}

FRESHNESS: Final[dict[str, str]] = {
    "fresh": N_("Up to date"),
    "stale": N_("May be out of date"),
    "doubtful": N_("Problem reported by the public"),
    "planned": N_("Will close on a set day"),
}

COLUMNS: Final[dict[str, str]] = {
    "name": N_("Name"),
    "kind": N_("Type"),
    "tambon": N_("Tambon"),
    "status": N_("Status"),
    "free": N_("Free"),
    "confirmed": N_("Last confirmed"),
    "reports": N_("Reports"),
}
"""Columns of the table, by what they are sorted by."""

UNITS: Final[dict[str, str]] = {
    "doses_per_day": N_("doses a day"),
    "tests_per_day": N_("tests a day"),
    "places_free": N_("spaces free"),
    "beds_free": N_("beds free"),
}
"""What stands behind a count that is free or given a day."""

DO: Final[dict[str, str]] = {
    "confirm": N_("Still correct"),
    "open": N_("Set to open"),
    "full": N_("Set to full"),
    "temporarily_closed": N_("Close for now"),
    "closed": N_("Close permanently"),
}

DONE: Final[dict[str, tuple[str, str]]] = {
    "confirm": (N_("%(num)s facility confirmed."), N_("%(num)s facilities confirmed.")),
    "close": (N_("%(num)s facility closed."), N_("%(num)s facilities closed.")),
    "reopen": (N_("%(num)s facility reopened."), N_("%(num)s facilities reopened.")),
    "edit": (N_("%(num)s facility changed."), N_("%(num)s facilities changed.")),
    "undo": (
        N_("Undone: %(num)s facility has its old values again."),
        N_("Undone: %(num)s facilities have their old values again."),
    ),
}
"""What was done, by the name of the step in the history: of one, and of many."""

KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("j ↓", N_("Next row")),
    ("k ↑", N_("Previous row")),
    ("x", N_("Select this row")),
    ("c", N_("Still correct")),
    ("e", N_("Edit")),
    ("m", N_("Show on the map")),
    ("/", N_("Go to the search field")),
    ("?", N_("Show keyboard shortcuts")),
)
"""Keys of the table; each has a button or a field that does the same."""
