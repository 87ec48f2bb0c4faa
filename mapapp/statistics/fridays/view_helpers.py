"""What public pages and files of the Fridays are made from; the officers' pages write their figures in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import url_for

from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.areas.results import AreaName
from mapapp.core.errors import N_, Invalid, NotFound
from mapapp.core.fields import parse_area_code
from mapapp.statistics import formatting, measures, view_helpers
from mapapp.statistics.fridays import published, queries
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.queries import DIGITS, Figures, Where
from mapapp.statistics.fridays.schemas import PublicPageQuery
from mapapp.statistics.measures import Figure, Measure
from mapapp.statistics.states import NOT_ENTERED, Shown, State
from mapapp.statistics.view_helpers import Cell, Row, cell
from mapapp.web.i18n import gettext, here
from mapapp.web.request import session

DATA: Final = ("areas", "statistics")
"""What public answers are made from, as caches know it."""

FIRST: Final = "vaccination"


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of an area, and how it changed since the Friday before."""

    label: str
    cell: Cell
    change: str


def known(code: str) -> str:
    """The code of an area that is, or was, in the list."""
    if code == COUNTRY:
        return code
    try:
        return parse_area_code(code)
    except (Invalid, ValueError):
        raise NotFound(N_("There is no area with this code.")) from None


def snapshot(friday: date | None) -> StatisticsSnapshot | None:
    """The Friday that is asked for; None: there is none yet."""
    found = queries.find(session(), friday)
    if found is None and friday is not None:
        raise NotFound(N_("This Friday was not saved."))
    return found


def level_of(code: str, wanted: str | None) -> str | None:
    """The level of the areas that are listed: the one below, or the one asked for if it is below."""
    below = view_helpers.BELOW[view_helpers.digits(code)]
    if below > DIGITS["tambon"]:
        return None
    return wanted if wanted and DIGITS[wanted] >= below else view_helpers.LEVELS[below]


def shown(measure: Measure, part: str) -> list[Figure]:
    """The figures of a part of the measure that everyone may read."""
    told = set(published.figures(measure))
    return [one for one in measure.of_group(part) if one.key in told]


def rows(found: Mapping[str, Figures], wanted: PublicPageQuery) -> list[Row]:
    """Where nothing was entered first, then the worst first."""
    measure = wanted.chosen
    figures, painted = shown(measure, wanted.part), measure.figures[wanted.painted]
    sign = 1 if painted.worse == "low" else -1

    def order(code: str) -> tuple[Any, ...]:
        figure = found[code].get(painted.key, NOT_ENTERED)
        return (not _is_silent(found[code]), figure.value is None, sign * (figure.value or 0), code)

    return [
        Row(
            code, tuple(cell(found[code].get(one.key, NOT_ENTERED), one.unit) for one in figures),
            _is_silent(found[code]),
        )
        for code in sorted(found, key=order)
    ]  # fmt: skip


def _is_silent(figures: Figures) -> bool:
    return all(one.state is State.NOT_ENTERED for one in figures.values())


def summary(now: StatisticsSnapshot, before: StatisticsSnapshot | None, code: str) -> list[dict[str, Any]]:
    """Each measure's own figures of an area, with the change since the Friday before."""
    made = []
    for measure in measures.all_measures():
        part = PublicPageQuery(measure=measure.key).part
        told, old = (_of(one, measure, code) for one in (now, before))
        figures = [_told(one, told, old) for one in shown(measure, part)]
        made.append({"measure": measure, "part": part, "figures": figures})
    return made


def _of(one: StatisticsSnapshot | None, measure: Measure, code: str) -> Figures:
    return {} if one is None else queries.public(session(), one, measure, Where(code)).get(code, {})


def _told(one: Figure, told: Figures, old: Figures) -> Told:
    figure: Shown = told.get(one.key, NOT_ENTERED)
    change = formatting.change(figure, old.get(one.key, NOT_ENTERED), one.unit, here())
    return Told(one.label, cell(figure, one.unit), change)


def names(codes: set[str]) -> dict[str, AreaName]:
    """The names of areas and of those around them."""
    return areas.with_parents(session(), codes - {COUNTRY})


def values(measure: Measure, figure: Figure, found: Mapping[str, Figures]) -> dict[str, Any]:
    """One figure of areas as a map paints it; what is withheld or was not entered has no colour."""
    told = {code: one[figure.key].value for code, one in found.items() if figure.key in one}
    numbers = {code: float(value) for code, value in sorted(told.items()) if value is not None}
    return {
        "values": numbers, "breaks": view_helpers.breaks(measure, figure, list(numbers.values())),
        "unit": figure.unit if figure.unit == "share" else gettext(formatting.UNITS[figure.unit]),
        "direction": figure.worse or "high",
    }  # fmt: skip


def map_state(one: StatisticsSnapshot, code: str, level: str, wanted: PublicPageQuery) -> dict[str, Any]:
    """What the map paints; its frame fetches the numbers from the public address."""
    measure = wanted.chosen
    figure, group = measure.figures[wanted.painted], measure.groups.get(wanted.part)
    label = ": ".join(gettext(text) for text in (figure.label, *([group] if group else [])))
    address = url_for(
        "statistics_published_api.values", area=code, measure=measure.key, figure=figure.key, level=level,
        friday=one.friday.isoformat(),
    )  # fmt: skip
    return {
        "level": level, "within": None if code == COUNTRY else code, "metric_label": label, "values_url": address,
        "bounds": areas.frame(session(), code).edges, "villages": [],
    }  # fmt: skip
