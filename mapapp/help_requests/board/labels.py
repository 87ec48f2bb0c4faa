"""What the board calls things. English keys for gettext."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_

TABS: Final[dict[str, str]] = {
    "unclaimed": N_("Not accepted"),
    "look": N_("To be looked at"),
    "expiring": N_("Time is running out"),
    "dropped": N_("Returned twice or more"),
    "contested": N_("Resident says: not done"),
    "no_contact": N_("Volunteers cannot call"),
    "duplicates": N_("Possible duplicates"),
    "old": N_("Older than %(days)s days"),
    "nobodys": N_("Tambon without an officer"),
    "border": N_("Near a border"),
    "blocked": N_("Blocked numbers"),
    "reports": N_("Reports"),
    "open": N_("All open ones"),
    "closed": N_("Closed ones"),
}
"""The board's lists, in the order in which they are to be looked at."""

HINTS: Final[dict[str, str]] = {
    "unclaimed": N_("Waiting for a volunteer; the most urgent and the oldest first."),
    "look": N_(
        "Many came from one number or network, the number is blocked, or it may have asked before. Look whether they "
        "are genuine and belong together. What is not life-threatening may wait for your look before volunteers see it."
    ),
    "expiring": N_("In the last quarter of the volunteer's time. Ask them, give more time, or find somebody else."),
    "dropped": N_("Volunteers gave these back, or let their time run out, twice or more."),
    "contested": N_("The resident said that it was not done."),
    "no_contact": N_("Without a telephone number, or the resident has stopped sharing it with volunteers."),
    "duplicates": N_("The same number, or the same need nearby, within 48 hours. Link them or close one of them."),
    "old": N_("Nobody has said for so long that it is still needed. Call and ask."),
    "nobodys": N_("No tambon officer is appointed where these are: they are yours to look after."),
    "border": N_("Volunteers see these under the neighbouring tambon. Tell its officer if it helps."),
    "blocked": N_(
        "Requests for which somebody of your area has blocked the number; open one to see who, and until when."
    ),
    "reports": N_("What volunteers and residents say is wrong."),
    "open": N_("Everything that is not closed."),
    "closed": N_("Closed ones, the latest first."),
}

SORTS: Final[dict[str, str]] = {
    "urgency": N_("Most urgent, then oldest"),
    "oldest": N_("Oldest first"),
    "newest": N_("Newest first"),
    "tambon": N_("By tambon"),
}

CLOSE: Final[dict[str, str]] = {
    "duplicate": N_("The same as another request"),
    "out_of_area": N_("Outside the area of this service"),
    "not_genuine": N_("Not a genuine request"),
    "no_answer": N_("Nobody can be reached any more"),
}
"""Why an officer closes a request."""

CALLS: Final[dict[str, str]] = {
    "answered": N_("Answered"),
    "no_answer": N_("No answer"),
    "wrong_number": N_("Wrong number"),
}

REVEALS: Final[dict[str, str]] = {
    "still_needed": N_("To ask whether it is still needed"),
    "find_place": N_("To find the place"),
    "follow_up": N_("To ask how it went"),
    "new_link": N_("They have lost their link"),
    "check": N_("To check whether it is genuine"),
}
"""Why an officer looks at the contact; the reason goes on record."""

ENDED: Final[dict[str, str]] = {
    "released": N_("Given back"),
    "handed_over": N_("Handed over"),
    "expired": N_("Time ran out"),
    "done": N_("Done"),
    "taken_back": N_("Taken back by an officer"),
    "closed": N_("The request was closed"),
}
"""How a volunteer's time with a need ended."""

SOURCES: Final[dict[str, str]] = {
    "web": N_("On the website"),
    "hotline": N_("By telephone, taken by an officer"),
    "api": N_("By another program"),
}

REPORT_OUTCOMES: Final[dict[str, str]] = {
    "acted": N_("I have done something about it"),
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
    "command": N_("An operator"),
    "system": N_("The service itself"),
    "token": N_("A program"),
    "person": N_("Deleted account"),
}
"""Who did something, where there is no name to show."""

SAID: Final[dict[str, str]] = {
    "changed": N_("The resident changed something"),
    "confirmed": N_("Confirmed as helped"),
    "contested": N_("Said not to be done; open again"),
    "cancelled": N_("Cancelled by the resident"),
    "helped_already": N_("Helped already"),
    "place_shown": N_("The place was looked at"),
    "contact_shown": N_("The contact was looked at"),
    "sharing_stopped": N_("The resident stopped sharing the contact with volunteers"),
    "sharing_resumed": N_("The resident shares the contact again"),
    "link_reissued": N_("A new link was made for the resident"),
    "asked": N_("The resident was asked whether it is still needed"),
    "extended": N_("Still needed"),
    "downloaded": N_("The resident downloaded their data"),
}
"""Events whose words on the resident's page speak to the resident (“you”): here they speak of them."""

MEASURES: Final[dict[str, str]] = {
    "posted": N_("Requests posted"),
    "claimed": N_("Taken on"),
    "helped": N_("Closed as helped"),
    "unserved_24h": N_("Nobody after 24 hours"),
    "claim_p50_h": N_("Median time until accepted (hours)"),
    "claim_p90_h": N_("9 of 10 were taken on within (hours)"),
    "done_p50_h": N_("Half were reported done within (hours)"),
    "done_p90_h": N_("9 of 10 were reported done within (hours)"),
}
