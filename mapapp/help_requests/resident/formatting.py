"""Texts of events on the resident's page, depending on the actor: “by you” is only used for the resident's own
steps."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_, NC_
from mapapp.help_requests.labels import EVENTS
from mapapp.help_requests.resident.queries import Happened

_OFFICERS: Final[dict[str, str]] = {
    "changed": N_("An officer changed it for you"),
    "confirmed": N_("An officer closed it as done"),
    "contested": N_("An officer reopened it: it was not done"),
    "cancelled": N_("An officer cancelled it"),
    "helped_already": N_("An officer recorded that you already got help"),
    "extended": N_("An officer recorded that help is still needed"),
    "sharing_stopped": N_("An officer stopped sharing your contact details"),
    "sharing_resumed": N_("An officer shares your contact details again"),
    "claimed": N_("An officer accepted it"),
    "on_the_way": N_("Help is on the way"),
    "there": N_("Help has arrived"),
    "done": N_("An officer marked it as done"),
    "posted": N_("An officer took your request by phone"),
}

_SERVICE: Final[dict[str, str]] = {
    "confirmed": N_("Closed as done: no answer from the resident"),
    "cancelled": NC_("request", "Closed"),
    "taken_back": N_("It is open again for other volunteers"),
    "released": N_("It is open again for other volunteers"),
}


def happened(event: Happened) -> str:
    """The English message of an event."""
    if event.action == "asked" and event.details.get("about") == "done":
        return N_("You were asked whether it is done")
    if event.action == "closed" and event.details.get("outcome") == "no_answer":
        return N_("Closed: no one answered that help is still needed")
    if event.by == "officer":
        return _OFFICERS.get(event.action, EVENTS[event.action])
    if event.by == "service":
        return _SERVICE.get(event.action, EVENTS[event.action])
    return EVENTS[event.action]
