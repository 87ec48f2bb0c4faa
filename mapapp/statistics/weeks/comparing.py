"""Figures of an area, or of the areas inside it, on two Fridays and now. Exact: for those who may see everything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.statistics import measures
from mapapp.statistics.measures import Cells, Figure, Measure
from mapapp.statistics.parallel import figures
from mapapp.statistics.states import NOT_ENTERED, Shown, shown
from mapapp.statistics.weeks import frozen
from mapapp.statistics.weeks.frozen import Friday


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure on two Fridays and now."""

    before: Shown
    then: Shown
    now: Shown


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the area."""

    measure: Measure
    figure: Figure
    compared: Compared


@dataclass(frozen=True, slots=True)
class Place:
    """An area inside it."""

    code: str
    compared: Compared

    @property
    def apart(self) -> float:
        """How far the two Fridays are apart; what cannot be said counts as nothing."""
        before, then = self.compared.before.value, self.compared.then.value
        return 0.0 if before is None or then is None else abs(then - before)


class Comparison:
    """Two Fridays and now, of some areas."""

    def __init__(self, session: Session, then: Friday, before: Friday | None, codes: Collection[str]) -> None:
        self._then = frozen.cells(session, then, codes)
        self._before = frozen.cells(session, before, codes) if before is not None else None
        self._now = figures.now_known(session, codes, measures.keys())

    def of(self, measure: Measure, figure: str, area: str) -> Compared:
        """One figure of an area."""
        return Compared(
            NOT_ENTERED if self._before is None else _shown(measure, figure, self._before.get(area, {})),
            _shown(measure, figure, self._then.get(area, {})),
            self._live(measure, figure, area),
        )

    def _live(self, measure: Measure, figure: str, area: str) -> Shown:
        known: dict[str, Cells] = {
            one.key: one.cells_of(values)
            for one in measures.all_measures()
            if (values := self._now.get((one.key, area))) is not None and len(values) == len(one.cells)
        }
        return _shown(measure, figure, known)


def _shown(measure: Measure, figure: str, known: frozen.OfArea) -> Shown:
    """A figure of the cells of an area. Cells that a Friday had under other names cannot be compared."""

    def others(key: str) -> Cells:
        one = measures.get(key)
        return _filled(one, known.get(key))

    try:
        return shown(measure.value(figure, _filled(measure, known.get(measure.key)), others))
    except KeyError:
        return NOT_ENTERED


def _filled(measure: Measure, cells: Cells | None) -> Cells:
    if cells is not None:
        return cells
    return dict.fromkeys(measure.cells, 0 if measure.absent == "zero" else None)


def lines(session: Session, area: str, then: Friday, before: Friday | None) -> list[Line]:
    """What is shown of an area as a whole, measure by measure."""
    found = Comparison(session, then, before, [area])
    return [
        Line(measure, figure, found.of(measure, figure.key, area))
        for measure in measures.all_measures()
        for figure in measure.of_group("")
    ]


def places(
    session: Session, area: str, measure: Measure, figure: str, then: Friday, before: Friday | None
) -> list[Place]:
    """The areas right inside one: nothing entered first, then those that changed most."""
    below = [one.code for one in areas.children(session, None if area == "TH" else area)]
    found = Comparison(session, then, before, below)
    made = [Place(code, found.of(measure, figure, code)) for code in below]
    return sorted(made, key=lambda one: (one.compared.then.is_told, -one.apart, one.code))
