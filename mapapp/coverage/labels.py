"""Texts of pages, files and pictures about figures, and about facilities that were not confirmed recently."""

from __future__ import annotations

from itertools import pairwise

from mapapp.core import formats
from mapapp.core.errors import N_, NC_
from mapapp.core.languages import Language
from mapapp.coverage.metrics import METRICS
from mapapp.coverage.schemas import FigureQuery
from mapapp.coverage.unconfirmed import Unconfirmed
from mapapp.facilities.labels import KIND_LABELS
from mapapp.web.i18n import ngettext, translate


def figure(query: FigureQuery, here: Language) -> str:
    """Which figure, whatever the kind."""
    metric = METRICS[query.metric]
    within = translate(N_("within %(km)s km"), here.code, km=query.radius_km)
    return translate(metric.label, here.code) + (f" ({within})" if metric.by_radius else "")


def heading(query: FigureQuery, here: Language) -> str:
    """Which figure of which kind, as a page, a map's legend and a picture head it."""
    return f"{figure(query, here)}: {side(query, here, now=False)}"


def side(query: FigureQuery, here: Language, *, now: bool = True) -> str:
    """Which kind and which day, as one of two maps side by side is called; ``now`` is said where no day is."""
    kind = translate(KIND_LABELS[query.kind], here.code)
    if query.day is not None:
        return f"{kind} · {formats.day(query.day, here)}"
    at_present = translate(NC_("figures", "now"), here.code)
    return f"{kind} · {at_present}" if now else kind


def counted(query: FigureQuery, here: Language) -> str:
    """Which facilities a figure comes from: the nearest one, all within the distance, or those inside the area."""
    if METRICS[query.metric].by_radius:
        text = N_("Counts every facility within %(km)s km, also those outside the area.")
    elif query.metric == "nearest_km" and query.level == "tambon":
        text = N_("From the tambon's reference point to the nearest facility.")
    elif query.metric == "nearest_km":
        text = N_("Average of the tambons inside, by population. It does not come from one facility.")
    elif query.metric == "beds_per_10000":
        text = N_("Counts all beds inside the area. It does not come from one facility.")
    else:
        text = N_("Counts all facilities inside the area. It does not come from one facility.")
    return translate(text, here.code, km=query.radius_km)


def classes(breaks: list[float], unit: str, here: Language) -> list[str]:
    """The classes between these bounds in words, the lowest first: “below 2”, “2 – 5”, “25 and more”."""
    told = [_bound(bound, unit, here) for bound in breaks]
    if not told:
        return []
    middle = [
        translate(N_("%(from)s – %(to)s"), here.code, **{"from": low, "to": high}) for low, high in pairwise(told)
    ]
    below = translate(N_("below %(to)s"), here.code, to=told[0])
    return [below, *middle, translate(N_("%(from)s and more"), here.code, **{"from": told[-1]})]


def _bound(bound: float, unit: str, here: Language) -> str:
    if unit == "share":
        return f"{formats.number(bound * 100, 0, here)} %"
    return formats.number(bound, 0, here) if bound >= 1000 else f"{bound:g}"


def of_unconfirmed(left: Unconfirmed, here: Language, *, counted: bool) -> str:
    """Whether they are counted, and how many they are, in one sentence; empty where there are none."""
    if not left.count:
        return ""
    if counted and left.nearly_all:
        return translate(
            N_(
                "%(num)s of %(total)s facilities of this type were not confirmed recently, so they are "
                "counted here too."
            ),
            here.code,
            num=formats.number(left.count, 0, here),
            total=formats.number(left.total, 0, here),
        )
    if counted:
        return ngettext(
            "%(num)s facility that was not confirmed recently is counted here.",
            "%(num)s facilities that were not confirmed recently are counted here.",
            left.count,
            lang=here.code,
        )
    return ngettext(
        "%(num)s facility is not counted: it was not confirmed recently.",
        "%(num)s facilities are not counted: they were not confirmed recently.",
        left.count,
        lang=here.code,
    )
