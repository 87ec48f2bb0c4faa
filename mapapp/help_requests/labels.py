"""The words of the room: needs, urgencies, states, outcomes, events, and the lists of the board. Labels are defined
only here."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_, NC_

KINDS: Final = ("medical", "transport", "food", "medicine", "equipment", "home_visit", "other")
"""Types of needs (letters L4.1, L4.2)."""

URGENCIES: Final = {1: "life", 2: "urgent", 3: "normal"}
"""Urgency as stored → as settings, forms and the API name it."""
URGENCY: Final = {word: level for level, word in URGENCIES.items()}

STATES: Final = ("open", "claimed", "on_the_way", "there", "done", "helped", "cancelled")
"""States of a need. ``done``: marked by the volunteer; ``helped``: confirmed by the resident, or 7 days have passed."""
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
"""Why an officer should check a request, the most important reason first."""

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
"""Events of a request, as the resident reads them."""

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

# The officers' board --------------------------------------------------------------------------------------------------

TABS: Final[dict[str, str]] = {
    "unclaimed": N_("Not accepted"),
    "look": N_("To be checked"),
    "expiring": N_("Time limit near"),
    "dropped": N_("Returned twice or more"),
    "contested": N_("Resident says: not done"),
    "no_contact": N_("Volunteers cannot call"),
    "duplicates": N_("Possible duplicates"),
    "old": N_("Older than %(days)s days"),
    "nobodys": N_("Tambon without an officer"),
    "border": N_("Near a border"),
    "blocked": N_("Blocked numbers"),
    "reports": N_("Reports"),
    "open": N_("All open requests"),
    "closed": N_("Closed requests"),
}
"""The lists of the board, in the order in which they should be worked on."""

HINTS: Final[dict[str, str]] = {
    "unclaimed": N_("No volunteer has accepted these yet. The most urgent and the oldest come first."),
    "look": N_(
        "Many requests came from one phone number or network, or the number is blocked, or it may have "
        "sent a request before. Check whether they are genuine or duplicates. Volunteers may not see these "
        "until you check them, unless a life is in danger."
    ),
    "expiring": N_(
        "The volunteer has less than a quarter of the time left. Ask them, extend the time, or find another volunteer."
    ),
    "dropped": N_("Volunteers returned these requests or exceeded the time limit, twice or more."),
    "contested": N_("The resident answered that no help came."),
    "no_contact": N_("No phone number, or the resident stopped sharing it with volunteers."),
    "duplicates": N_(
        "The same number, or the same need nearby, within %(hours)s hours. Link them or close one of them."
    ),
    "old": N_("No one has confirmed for a long time that help is still needed. Call and ask."),
    "nobodys": N_("There is no tambon officer in these tambons. You are responsible for these requests."),
    "border": N_("Volunteers see these under the neighbouring tambon. Inform its officer if needed."),
    "blocked": N_(
        "Requests from numbers that an officer in your area has blocked. Open a request to see who blocked "
        "it and until when."
    ),
    "reports": N_("Problems reported by volunteers and residents."),
    "open": N_("All requests that are not closed."),
    "closed": N_("Closed requests, newest first."),
}

SORTS: Final[dict[str, str]] = {
    "urgency": N_("Most urgent, then oldest"),
    "oldest": N_("Oldest first"),
    "newest": N_("Newest first"),
    "tambon": N_("By tambon"),
}

CLOSE: Final[dict[str, str]] = {
    **{outcome: OUTCOME_LABELS[outcome] for outcome in ("duplicate", "out_of_area", "not_genuine")},
    "no_answer": N_("The resident can no longer be contacted"),
}
"""Reasons for which an officer closes a request."""

CALLS: Final[dict[str, str]] = {
    "answered": N_("Answered"),
    "no_answer": N_("No answer"),
    "wrong_number": N_("Wrong number"),
}

REVEALS: Final[dict[str, str]] = {
    "still_needed": N_("To ask whether it is still needed"),
    "find_place": N_("To find the place"),
    "follow_up": N_("To ask how it went"),
    "new_link": N_("The resident lost the link"),
    "check": N_("To check whether it is genuine"),
}
"""Reasons for viewing the contact details; the reason is recorded."""

ENDED: Final[dict[str, str]] = {
    "released": N_("Returned"),
    "handed_over": N_("Transferred"),
    "expired": N_("Time limit expired"),
    "done": NC_("step of a volunteer", "Done"),
    "taken_back": N_("Returned to the list by an officer"),
    "closed": N_("The request was closed"),
}
"""How a claim of a need ended."""

SOURCES: Final[dict[str, str]] = {
    "web": N_("On the website"),
    "hotline": N_("By phone, taken by an officer"),
    "api": N_("Sent by another program"),
    "survey": N_("From a follow-up of the vaccination survey"),
}

REPORT_OUTCOMES: Final[dict[str, str]] = {
    "acted": N_("I have acted on it"),
    "unfounded": N_("No problem found"),
}

GROUPS: Final[dict[str, str]] = {
    "bedridden": N_("Bedridden"),
    "elderly": N_("Elderly"),
    "small_children": N_("Small children"),
    "pregnant": N_("Pregnant"),
}

ACTORS: Final[dict[str, str]] = {
    "resident": N_("The resident"),
    "public": N_("The resident"),
    "command": N_("A system operator"),
    "system": N_("The service (automatic)"),
    "token": N_("A program"),
    "person": N_("Deleted account"),
}
"""Texts for actors without a name."""

SAID: Final[dict[str, str]] = {
    "changed": N_("The resident changed something"),
    "confirmed": N_("Help confirmed"),
    "contested": N_("Not done, says the resident; open again"),
    "cancelled": N_("Cancelled by the resident"),
    "helped_already": NC_("outcome", "Already got help"),
    "place_shown": N_("Someone viewed the location"),
    "contact_shown": N_("Someone viewed the contact details"),
    "sharing_stopped": N_("The resident stopped sharing the contact details with volunteers"),
    "sharing_resumed": N_("The resident shares the contact details again"),
    "link_reissued": N_("A new link was created for the resident"),
    "asked": N_("The resident was asked whether it is still needed"),
    "extended": N_("Still needed"),
    "downloaded": N_("The resident downloaded their data"),
}
"""Texts of events that address the resident (“you”) on their page: here in the third person."""

MEASURES: Final[dict[str, str]] = {
    "posted": N_("Requests sent"),
    "claimed": N_("Accepted"),
    "helped": N_("Closed: help received"),
    "unserved_24h": N_("Not accepted after 24 hours"),
    "claim_p50_h": N_("Median time until accepted (hours)"),
    "claim_p90_h": N_("Time until accepted, 9 of 10 requests (hours)"),
    "done_p50_h": N_("Median time until marked as done (hours)"),
    "done_p90_h": N_("Time until marked as done, 9 of 10 requests (hours)"),
}
