"""The words of the room: what can be needed, how urgent, in which state, with which end, and what can happen."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_, NC_

KINDS: Final = ("medical", "transport", "food", "medicine", "equipment", "home_visit", "other")
"""What can be needed (letters L4.1, L4.2)."""

URGENCIES: Final = {1: "life", 2: "urgent", 3: "normal"}
"""How urgent, as stored → as settings, forms and the API say it."""
URGENCY: Final = {word: level for level, word in URGENCIES.items()}

STATES: Final = ("open", "claimed", "on_the_way", "there", "done", "helped", "cancelled")
"""Of a need. ``done``: the volunteer says so; ``helped``: the resident has confirmed, or 7 days have passed."""
LEASED: Final = ("claimed", "on_the_way", "there")
"""States with a claim, until the lease ends."""
FINISHED: Final = ("helped", "cancelled")

OUTCOMES: Final = (
    "helped", "helped_already", "cancelled", "duplicate", "out_of_area", "not_genuine", "no_answer", "erased",
)  # fmt: skip
"""How a request ended."""

LOOKS: Final[dict[str, str]] = {
    "blocked": N_("The number is blocked here"),
    "number": N_("Many requests came from this number"),
    "network": N_("Many requests came from this network"),
    "again": N_("This number may have sent a request before"),
}
"""Why an officer should look at a request, the gravest first."""

EVENTS: Final[dict[str, str]] = {
    "posted": N_("Sent"),
    "changed": N_("Changed by you"),
    "claimed": N_("A volunteer accepted it"),
    "renewed": N_("The volunteer needs more time"),
    "released": N_("The volunteer could not continue; it is open again"),
    "expired": N_("The volunteer's time limit expired; it is open again"),
    "taken_back": N_("An officer returned it to the list"),
    "offered": N_("Offered to another volunteer"),
    "assigned": N_("An officer offered it to a volunteer"),
    "declined": N_("The volunteer declined the offer"),
    "withdrawn": N_("The offer was withdrawn"),
    "handed_over": N_("Transferred to another volunteer"),
    "on_the_way": N_("The volunteer is on the way"),
    "there": N_("The volunteer has arrived"),
    "done": N_("The volunteer marked it as done"),
    "confirmed": N_("You confirmed that you got help"),
    "contested": N_("You answered that no help came; it is open again"),
    "closed": NC_("request", "Closed"),
    "reopened": N_("Reopened"),
    "cancelled": N_("Cancelled by you"),
    "helped_already": N_("You answered that you already got help"),
    "place_shown": N_("Someone viewed your location"),
    "contact_shown": N_("Someone viewed your contact details"),
    "sharing_stopped": N_("You stopped sharing your contact details"),
    "sharing_resumed": N_("You share your contact details again"),
    "link_reissued": N_("You got a new link"),
    "urgency": N_("An officer changed the urgency"),
    "linked": N_("Linked with another request of the same need"),
    "unlinked": N_("The link with another request was removed"),
    "called": N_("An officer called"),
    "asked": N_("You were asked whether this is still needed"),
    "extended": N_("You answered that help is still needed"),
    "downloaded": N_("You downloaded your data"),
    "erased": N_("Erased"),
    "reported": N_("A problem was reported to the officers"),
    "report_handled": N_("An officer checked the report"),
    "looked": N_("An officer checked it"),
    "blocked": N_("An officer blocked the number"),
    "unblocked": N_("An officer lifted the block"),
}
"""What can happen to a request, as the resident reads it."""

KIND_LABELS: Final[dict[str, str]] = {
    "medical": N_("Medical help"),
    "transport": N_("Transport to hospital"),
    "food": N_("Food and water"),
    "medicine": N_("Medicine"),
    "equipment": N_("Oxygen or equipment"),
    "home_visit": N_("Home visit"),
    "other": N_("Other"),
}

URGENCY_LABELS: Final[dict[str, str]] = {
    "life": N_("A life is in danger"),
    "urgent": N_("Needed today"),
    "normal": N_("Can wait a few days"),
}

STATE_LABELS: Final[dict[str, str]] = {
    "open": N_("Waiting for a volunteer"),
    "claimed": N_("A volunteer has accepted it"),
    "on_the_way": N_("On the way"),
    "there": N_("Arrived"),
    "done": N_("Marked as done, not confirmed yet"),
    "helped": N_("Help received"),
    "cancelled": N_("Cancelled"),
}

OUTCOME_LABELS: Final[dict[str, str]] = {
    "helped": N_("Help received"),
    "helped_already": N_("Already got help in another way"),
    "cancelled": N_("Cancelled"),
    "duplicate": N_("The same as another request"),
    "out_of_area": N_("Outside the area of this service"),
    "not_genuine": N_("Not a genuine request"),
    "no_answer": N_("Closed without an answer"),
    "erased": N_("Erased"),
}
