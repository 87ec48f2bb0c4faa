"""Every text of the map's interface, in a language; the browser side has none of its own.

What a room has a name for is called as that room calls it.
"""

from __future__ import annotations

from typing import Any

from mapapp.areas.labels import LEVEL_LABELS
from mapapp.core.errors import N_, NC_
from mapapp.facilities.fields import MADE
from mapapp.facilities.kinds import KIND_ROWS
from mapapp.facilities.labels import HOURS_LABELS, STATUS_LABELS
from mapapp.help_requests.labels import KIND_LABELS as NEED_LABELS
from mapapp.help_requests.labels import URGENCY_LABELS
from mapapp.web.translating import translate

ON_MAP = [row for row in MADE if row.on_map]
"""Counts that a pin's popup tells."""

TEXTS = {
    "map": N_("Map of Thailand. Move it with the arrow keys, zoom with plus and minus."),
    "loading": N_("Loading the map…"),
    "failed": N_("Part of the map could not be loaded."),
    "retry": N_("Try again"),
    "no_raster": N_("The background map is not available. Only boundaries are shown."),
    "pins_failed": N_("The facilities could not be loaded."),
    "figures_failed": N_("The figures could not be loaded."),
    "figures_loading": N_("Loading the figures…"),
    "no_figures": N_("There are no figures for these areas yet."),
    "two_fingers": N_("Use two fingers to move the map"),
    "wheel_zooms": N_("Hold %(key)s and turn the wheel to zoom"),
    "locate": N_("Show where I am"),
    "locating": N_("Finding your location…"),
    "locate_denied": N_("Allow location in your browser settings to see where you are."),
    "locate_failed": N_("Your location could not be found."),
    "you": N_("You are here"),
    "asked": N_("The place you searched for"),
    "picked": N_("Location of the facility"),
    "trial_site": N_("Place of the new facility"),
    "trial_keys": N_("Enter chooses the middle of the map."),
    "one_more": N_("One more facility here?"),
    "layers": N_("Layers"),
    "layer_raster": N_("Background map"),
    "layer_boundaries": N_("Boundaries and names"),
    "layer_facilities": N_("Health facilities"),
    "layer_figures": N_("Coverage"),
    "layer_survey": N_("Vaccination survey"),
    "layer_statistics": N_("Statistics"),
    "layer_vaccinated": N_("Vaccinated people"),
    "layer_villages": N_("Villages"),
    "about_map": N_("About this map"),
    "layer_answer": N_("Search results"),
    "layer_requests": N_("Open requests"),
    "legend": N_("Legend"),
    "no_data": N_("No data"),
    "below": N_("below %(to)s"),
    "from_to": N_("%(from)s – %(to)s"),
    "from": N_("%(from)s and more"),
    "cluster": N_("%(count)s facilities here; zoom in"),
    "province_count": N_("%(name)s: %(count)s facilities; zoom in"),
    "provinces": N_("%(name)s and %(more)s more provinces: %(count)s facilities; zoom in"),
    "open": HOURS_LABELS["open"],
    "closed_now": HOURS_LABELS["closed"],
    "hours_unknown": HOURS_LABELS["unknown"],
    **{status: STATUS_LABELS[status] for status in ("full", "temporarily_closed", "closed")},
    "example": N_("Example, not a real place"),
    "by_person": N_("Confirmed %(when)s"),
    "by_list": N_("From a list dated %(day)s; not confirmed since then"),
    "by_list_since": N_("From a list dated %(day)s; last confirmed by a person %(when)s"),
    "by_nobody": N_("From a list without a date; not confirmed by anyone"),
    "stale": N_("May be out of date"),
    "doubtful": N_("Problem reported: call before you go"),
    "closes": N_("Will close on %(day)s"),
    **{row.name: row.on_map[0] for row in ON_MAP if row.on_map},
    **{f"{row.name}_undated": row.on_map[1] for row in ON_MAP if row.on_map},
    "distance": N_("%(distance)s away"),
    "call": N_("Call %(phone)s"),
    "directions": N_("How to get there"),
    "map_app": N_("Map app"),
    "source": N_("Source: %(source)s"),
    "more": N_("More about this facility"),
    "area_page": N_("More about this area"),
    "nearest_here": N_("Nearest facilities from here"),
    "show_row": N_("Show in the table"),
    "nearest_named": N_("Nearest: %(name)s"),
    "nearest_one": N_("Nearest: %(name)s, %(distance)s"),
    "show_in_list": N_("Show in the list"),
    "show_all": N_("Show all"),
    "outside_view": N_("%(count)s of %(total)s results are outside this view."),
    "requests_failed": N_("The requests could not be loaded."),
    "requests_here": N_("%(count)s open requests"),
    "requests_square": N_("Exact location not shown: somewhere in this square."),
    "requests_area": N_("Exact location not shown: somewhere in this area."),
    "requests_list": N_("Show in the list"),
    "requests_more": N_("More about these requests"),
    "requests_legend": N_("Open requests, by highest urgency"),
    **{f"urgency_{urgency}": label for urgency, label in URGENCY_LABELS.items()},
    **{f"need_{kind}": label for kind, label in NEED_LABELS.items()},
    "set_open": STATUS_LABELS["open"],
    "in_hours": N_("Open in its opening hours"),
    "close": NC_("window", "Close"),
    "measure": N_("Measure a distance"),
    "measuring": N_("Tap the places along the way"),
    "measured_area": N_("Area %(area)s"),
    **{level: LEVEL_LABELS[level] for level in ("province", "amphoe", "tambon")},
    "unit_km": N_("km"),
    "unit_m": N_("m"),
    "unit_share": N_("percent"),
    "unit_people": N_("people"),
    "unit_per_10000": N_("facilities per 10,000 people"),
    "unit_beds_per_10000": N_("beds per 10,000 people"),
}


def texts(lang: str) -> dict[str, str]:
    """The texts in a language, by the names the scripts know them by."""
    return {name: translate(text, lang) for name, text in TEXTS.items()}


def kinds(lang: str) -> dict[str, dict[str, Any]]:
    """The kinds of facilities by name: what each is called in a language and how its pin is drawn."""
    return {
        row.name: {"label": translate(row.label, lang), "body": row.body, "sign": row.sign, "corners": row.corners}
        for row in KIND_ROWS
    }
