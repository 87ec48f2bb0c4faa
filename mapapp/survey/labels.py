"""What the states and marks of the survey are called, as messages to translate."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_, NC_

STATE_LABELS: Final[dict[str, str]] = {
    "counted": NC_("survey entry", "Counted"),
    "conflict": NC_("survey entry", "Recorded twice"),
    "waiting": NC_("survey entry", "To be checked by an officer"),
    "refused": NC_("survey entry", "Not accepted"),
    "set_aside": NC_("survey entry", "Replaced by another record"),
}
"""State of an entry → its name. Only what is counted is in the figures."""

STATES: Final = tuple(STATE_LABELS)

MARK_LABELS: Final[dict[str, str]] = {
    "closed": N_("Sent after the survey was closed"),
    "ended": N_("Sent after the survey ended in this area"),
    "version": N_("Recorded with older questions"),
    "elsewhere": N_("The village is outside the area of this data volunteer"),
    "not_assigned": N_("The village is assigned to someone else"),
    "withdrawn": N_("The village is no longer assigned to this data volunteer"),
    "unlisted": N_("The village is not in the list of villages"),
    "clock": N_("The date on the phone is wrong"),
    "other_way": N_("The village is recorded in the other way (households, or the whole village)"),
}
"""Mark of an entry → why an officer should look at it."""

DECIDING: Final = frozenset(MARK_LABELS) - {"clock", "other_way"}
"""Marks with which an entry waits for an officer."""

STEP_LABELS: Final[dict[str, str]] = {
    "recorded": N_("Recorded"),
    "changed": N_("Changed"),
    "kept": N_("Kept; the other record was replaced"),
    "replaced": N_("Replaced by the other record"),
    "another": N_("Confirmed as another household"),
    "accepted": N_("Accepted by an officer"),
    "refused": N_("Not accepted by an officer"),
}
"""Step in an entry's history → its name."""

UNIT_LABELS: Final[dict[str, str]] = {
    "household": N_("Household by household"),
    "village": N_("The whole village in one record"),
}
"""How a village is recorded."""

ROUND_STATES: Final[dict[str, str]] = {
    "draft": NC_("survey round", "Not open yet"),
    "open": NC_("survey round", "Open"),
    "closed": NC_("survey round", "Closed"),
}
