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
    "closed": N_("Closed for good"),
}
"""For everybody: officers and the public read the same word."""

REASON_LABELS: Final[dict[str, str]] = {
    "closed": N_("It is closed"),
    "full": N_("It is full"),
    "out_of_stock": N_("Vaccine, tests or medicine have run out"),
    "wrong_place": N_("The place on the map is wrong"),
    "other": N_("Something else"),
}
"""The English key of each reason, for gettext, in the order people choose from."""

ACTION_LABELS: Final[dict[str, str]] = {
    "add": N_("Added"),
    "edit": N_("Edited"),
    "confirm": N_("Confirmed: still right"),
    "close": NC_("facility history", "Closed"),
    "reopen": N_("Opened again"),
    "merge": N_("Joined with another pin"),
    "undo": N_("Step taken back"),
    "import": N_("Imported from a list"),
    "capacity": N_("Free capacity told"),
    "move": N_("Moved"),
}
"""``FacilityChange.action`` → the English key of what was done."""

ACTOR_LABELS: Final[dict[str, str]] = {
    "person": N_("an officer"),
    "token": N_("a program"),
    "command": N_("the operator"),
    "system": N_("the service itself"),
    "public": N_("somebody without an account"),
}

FRESHNESS: Final[dict[str, str]] = {
    "fresh": N_("Up to date"),
    "stale": N_("May be out of date"),
    "doubtful": N_("Doubtful: people reported problems"),
    "planned": N_("Will close on a set day"),
}

COLUMNS: Final[dict[str, str]] = {
    "name": N_("Name"),
    "kind": N_("Kind"),
    "tambon": N_("Tambon"),
    "status": N_("Status"),
    "free": N_("Free"),
    "confirmed": N_("Last confirmed"),
    "reports": N_("Reports"),
}
"""Columns of the table, by what they are sorted by."""

DO: Final[dict[str, str]] = {
    "confirm": N_("Still right"),
    "open": N_("Set to open"),
    "full": N_("Set to full"),
    "temporarily_closed": N_("Close temporarily"),
    "closed": N_("Close for good"),
}

DONE: Final[dict[str, tuple[str, str]]] = {
    "confirm": (N_("%(num)s facility confirmed."), N_("%(num)s facilities confirmed.")),
    "close": (N_("%(num)s facility closed."), N_("%(num)s facilities closed.")),
    "reopen": (N_("%(num)s facility opened again."), N_("%(num)s facilities opened again.")),
    "edit": (N_("%(num)s facility changed."), N_("%(num)s facilities changed.")),
    "undo": (N_("Taken back: %(num)s facility is as it was."), N_("Taken back: %(num)s facilities are as they were.")),
}
"""What was done, by the name of the step in the history: of one, and of many."""

KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("j ↓", N_("Next row")),
    ("k ↑", N_("Row before")),
    ("x", N_("Choose the row, or not")),
    ("c", N_("Still right")),
    ("e", N_("Edit")),
    ("m", N_("Show on the map")),
    ("/", N_("Go to the search field")),
    ("?", N_("Show this list of keys")),
)
"""Keys of the table; each has a button or a field that does the same."""

# Imports --------------------------------------------------------------------------------------------------------------

OUTCOME_LABELS: Final[dict[str, str]] = {
    "problem": N_("To mend"),
    "outside": N_("Outside your area"),
    "new": NC_("number of facilities", "New"),
    "changed": N_("Changed"),
    "same": N_("The same"),
}

STATE_LABELS: Final = {
    "uploaded": N_("Uploaded, not loaded yet"),
    "running": N_("Being loaded"),
    "done": N_("Loaded"),
    "failed": N_("Not loaded"),
    "undone": N_("Taken back"),
    "dead": N_("Ended half-way, nothing was loaded"),
}
