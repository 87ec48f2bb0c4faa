"""What the officers' pages of the statistics, their map and their files are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.core.clock import today
from mapapp.core.errors import N_
from mapapp.statistics import formatting, measures
from mapapp.statistics.measures import Cells, Figure, Measure
from mapapp.statistics.schemas import FiguresQuery, Line
from mapapp.statistics.states import Shown
from mapapp.survey.overview import queries as survey_lines
from mapapp.survey.overview.schemas import Line as VillageLine
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.rounds.schemas import Ending, Round
from mapapp.web.i18n import day, gettext, here
from mapapp.web.request import now, session

VIEW: Final = "statistics.view"
BELOW: Final = {0: 2, 2: 4, 4: 6, 6: 8}
"""Digits of an area's code → digits of the codes right below it; villages have 8."""

LEVELS: Final = {2: "province", 4: "amphoe", 6: "tambon"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as a page writes it."""

    words: str
    css: str


@dataclass(frozen=True, slots=True)
class Row:
    """An area or a village in a table."""

    code: str
    cells: tuple[Cell, ...]
    is_silent: bool
    """Nothing was entered in it."""


def digits(area: str) -> int:
    """How many digits an area's code has; 0: the country."""
    return 0 if area == COUNTRY else len(area)


def cell(figure: Shown, unit: str) -> Cell:
    """A figure in the language of the answer."""
    return Cell(formatting.words(figure, unit, here()), formatting.css(figure))


def cell_of(line: Line, measure: Measure, figure: Figure) -> Cell:
    """A figure of an area."""
    return cell(measure.shown(figure.key, line.of(measure.key), line.of), figure.unit)


def rows(lines: Sequence[Line], wanted: FiguresQuery) -> list[Row]:
    """The table of a measure: where nothing was entered first, then the worst first."""
    measure, figures = wanted.chosen, wanted.chosen.of_group(wanted.part)
    ordered = sorted(lines, key=order(measure, measure.figures[wanted.painted]))
    return [
        Row(
            line.code,
            tuple(cell_of(line, measure, one) for one in figures),
            is_silent(line, measure),
        )
        for line in ordered
    ]


def is_silent(line: Line, measure: Measure) -> bool:
    """Whether nothing was entered in an area: of the measure, or of the survey where it is about that."""
    if measure.key == "completeness":
        cells = line.of(measure.key)
        return not cells["tambons_entered"] and not cells["villages_entered"]
    return measure.is_silent(line.of(measure.key))


def order(measure: Measure, figure: Figure) -> Callable[[Line], tuple[Any, ...]]:
    """For sorting: silent first, then the worse end of the figure, then the code."""

    def key(line: Line) -> tuple[Any, ...]:
        value = measure.value(figure.key, line.of(measure.key), line.of)
        sign = -1 if figure.worse in ("high", "") else 1
        return (not is_silent(line, measure), value is None, sign * (value or 0), line.code)

    return key


def village_lines(found: Iterable[VillageLine], measure: Measure) -> list[Line]:
    """Villages with their cells of vaccination or completeness, straight from the survey's sums."""
    made = []
    for one in found:
        groups = {code: numbers for code, numbers in one.groups.items() if numbers.entries}
        cells: Cells
        if measure.key == "vaccination":
            cells = {
                name: getattr(groups[group], part) if (group := name.rpartition("_")[0]) in groups else None
                for name in measure.cells
                for part in [name.rpartition("_")[2]]
            }
        else:
            is_entered = int(bool(groups))
            cells = {**measure.cells_of(None), "villages": 1, "villages_entered": is_entered}
        vaccination = measures.get("vaccination").cells_of(None) if measure.key != "vaccination" else cells
        made.append(Line(one.code, None, None, {measure.key: cells, "vaccination": vaccination}))
    return made


def villages(area: str, current: Round | None, measure: Measure) -> list[Line]:
    """The villages of a tambon, if this measure knows any."""
    if current is None or measure.key not in ("vaccination", "completeness"):
        return []
    return village_lines(survey_lines.lines(session(), current.id, area, 8).values(), measure)


def current_round(area: str) -> Round | None:
    """The survey round whose figures an area shows: the newest that was opened and covers it, real before example."""
    found = [one for one in rounds.listed(session(), [area], begun=True) if one.covers(area) or area == COUNTRY]
    return max(found, key=lambda one: (not one.is_example, one.starts_on, one.id), default=None)


def why_closed(area: str, current: Round | None) -> list[str]:
    """Why nothing more is entered in an area, in words; empty while recording goes on."""
    if current is None:
        return [gettext(N_("No survey was opened here. So nothing could be entered."))]
    made = []
    if current.closed_at is not None:
        made.append(gettext(N_("The survey was closed on %(day)s."), day=day(current.closed_at)))
    ending: Ending | None = rounds.ending_of(session(), current.id, area) if area != COUNTRY else None
    if ending is not None:
        told = gettext(N_("The survey ended here on %(day)s by announcement:"), day=day(ending.at))
        made.append(f"{told} {ending.reason}")
    if current.closed_at is None and current.ends_on < today(now()):
        told = gettext(N_("The period of the survey was over on %(day)s."), day=day(current.ends_on))
        made.append(told)
    return made


def map_state(area: str, lines: Sequence[Line], level: str, wanted: FiguresQuery) -> dict[str, Any]:
    """What the map paints, handed in by the page: its frame is nobody and may ask for nothing of this."""
    measure = wanted.chosen
    figure = measure.figures[wanted.painted]
    found = {line.code: measure.value(figure.key, line.of(measure.key), line.of) for line in lines}
    values = {code: round(value, 4) for code, value in found.items() if value is not None}
    group = measure.groups.get(wanted.part)
    label = ": ".join(gettext(one) for one in (figure.label, *([group] if group else [])))
    return {
        "level": level, "within": None if area == COUNTRY else area, "metric_label": label,
        "figures": {
            "values": values, "breaks": breaks(measure, figure, list(values.values())),
            "unit": figure.unit if figure.unit == "share" else gettext(formatting.UNITS[figure.unit]),
            "direction": figure.worse or "high",
        },
        "bounds": areas.frame(session(), area).edges, "villages": [],
    }  # fmt: skip


def breaks(measure: Measure, figure: Figure, values: Sequence[float]) -> list[float]:
    """Bounds of the classes: the measure's own, or fifths of the areas, rounded so that people can read them."""
    own = measure.breaks.get(figure.key.rpartition(".")[2])
    if own is not None:
        return list(own)
    ordered = sorted(value for value in values if value > 0)
    bounds = {_readable(ordered[len(ordered) * fifth // 6]) for fifth in range(1, 6)} if ordered else set()
    found = sorted(bounds | {1.0})
    while len(found) < 5:
        found.append(_readable(found[-1] * 2 + 1))
    return found[:5]


def _readable(value: float) -> float:
    """One or two digits and noughts: 347 → 350, 12 → 12."""
    size = 10 ** max(0, len(str(int(value))) - 2)
    return float(max(1, round(value / size) * size))
