"""What the resident's page says of what happened, by who did it: “by you” is only what they did themselves."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_, NC_
from mapapp.help_requests.labels import EVENTS
from mapapp.help_requests.resident.queries import Happened

_OFFICERS: Final[dict[str, str]] = {
    "changed": N_("An officer changed it for you"),
    "confirmed": N_("An officer closed it as done"),
    "contested": N_("An officer opened it again: it was not done"),
    "cancelled": N_("An officer cancelled it"),
    "helped_already": N_("An officer was told that you were helped already"),
    "extended": N_("An officer was told that it is still needed"),
    "sharing_stopped": N_("An officer stopped sharing how to reach you"),
    "sharing_resumed": N_("An officer shares how to reach you again"),
    "claimed": N_("An officer took it on"),
    "on_the_way": N_("Help is on the way"),
    "there": N_("Help is there"),
    "done": N_("An officer says it is done"),
    "posted": N_("An officer wrote it down for you by telephone"),
}

_SERVICE: Final[dict[str, str]] = {
    "confirmed": N_("Closed as done: nobody said otherwise"),
    "cancelled": NC_("request", "Closed"),
    "taken_back": N_("It is open to other volunteers again"),
    "released": N_("It is open to other volunteers again"),
}


def happened(event: Happened) -> str:
    """The English key of an event's sentence."""
    if event.action == "asked" and event.details.get("about") == "done":
        return N_("You were asked whether it is done")
    if event.action == "closed" and event.details.get("outcome") == "no_answer":
        return N_("Closed: nobody said that it is still needed")
    if event.by == "officer":
        return _OFFICERS.get(event.action, EVENTS[event.action])
    if event.by == "service":
        return _SERVICE.get(event.action, EVENTS[event.action])
    return EVENTS[event.action]
