"""What the facilities room calls things: English keys for gettext, the same on every page."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_, NC_
from mapapp.facilities.fields import FIELD_ROWS, MADE
from mapapp.facilities.kinds import KIND_ROWS

KIND_LABELS: Final[dict[str, str]] = {row.name: row.label for row in KIND_ROWS}

FIELD_LABELS: Final[dict[str, str]] = {row.name: row.label for row in FIELD_ROWS}

SAID_LABELS: Final[dict[str, str]] = {row.said.at: row.said.label for row in FIELD_ROWS if row.said is not None}
"""Columns of when something was last said."""

UNITS: Final[dict[str, str]] = {row.name: row.unit for row in MADE if row.unit}
"""What stands behind a count that is free or given a day."""

STATUS_LABELS: Final[dict[str, str]] = {
    "open": NC_("facility", "Open"),
    "full": NC_("facility", "Full"),
    "temporarily_closed": N_("Temporarily closed"),
    "closed": N_("Permanently closed"),
}
"""Officers and the public read the same words."""

HOURS_LABELS: Final[dict[str, str]] = {
    "open": N_("Open now"),
    "closed": N_("Closed now"),
    "unknown": N_("Opening hours unknown"),
}
"""Of a facility at this moment, by its hours."""

REASON_LABELS: Final[dict[str, str]] = {
    "closed": N_("It is closed"),
    "full": N_("It is full"),
    "out_of_stock": N_("Vaccine, tests or medicine are out of stock"),
    "wrong_place": N_("The location on the map is wrong"),
    "other": N_("Other"),
}
"""The English key of each reason, for gettext, in the order people choose from."""

ACTION_LABELS: Final[dict[str, str]] = {
    "add": N_("Added"),
    "edit": N_("Edited"),
    "confirm": N_("Confirmed: still correct"),
    "close": NC_("facility history", "Closed"),
    "reopen": N_("Reopened"),
    "merge": N_("Merged with another facility"),
    "undo": N_("Change undone"),
    "import": N_("Imported from a list"),
    "capacity": N_("Free capacity updated"),
    "move": N_("Moved"),
}
"""``FacilityChange.action`` → the English key of what was done."""

ACTOR_LABELS: Final[dict[str, str]] = {
    "person": N_("an officer"),
    "token": N_("a program"),
    "command": N_("the operator"),
    "system": N_("the service itself"),
    "public": N_("someone without an account"),
}

FRESHNESS: Final[dict[str, str]] = {
    "fresh": N_("Up to date"),
    "stale": NC_("officers", "May be out of date"),
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

DO: Final[dict[str, str]] = {
    "confirm": N_("Still correct"),
    "open": N_("Set to open"),
    "full": N_("Set to full"),
    "temporarily_closed": N_("Close temporarily"),
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

# Imports --------------------------------------------------------------------------------------------------------------

OUTCOME_LABELS: Final[dict[str, str]] = {
    "problem": N_("Has errors"),
    "outside": N_("Outside your area"),
    "new": NC_("number of facilities", "New"),
    "changed": N_("Changed"),
    "same": N_("The same"),
}

STATE_LABELS: Final = {
    "uploaded": N_("Uploaded, not imported yet"),
    "running": N_("Importing"),
    "done": N_("Imported"),
    "failed": N_("Not imported"),
    "undone": N_("Undone"),
    "dead": N_("Stopped before the end, nothing was imported"),
}
