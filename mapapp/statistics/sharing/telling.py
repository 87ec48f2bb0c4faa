"""A Friday in words: the figures that a text, a card and a printed page tell of an area."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from mapapp.core import formats
from mapapp.core.errors import N_
from mapapp.core.languages import Language
from mapapp.statistics import formatting, measures
from mapapp.statistics.charts.drawing import Part
from mapapp.statistics.sharing.schemas import Friday, Group, Place, Told
from mapapp.statistics.states import NOT_ENTERED, Shown, State
from mapapp.web.translating import translate

Lookup = Callable[[date, str, str], Shown]
"""Friday, measure, figure → what everyone may know of an area."""

Figure = tuple[str, str]
"""A measure and a figure of it."""

HEADLINE: Final = ("vaccination", "share")

ROWS: Final[tuple[Figure, ...]] = (
    ("vaccination", "unreached"),
    ("completeness", "entered"),
    ("facilities", "all"),
    ("requests", "waiting"),
    ("volunteers", "active"),
)
"""What is told beside the headline."""

PARTS: Final = ("more", "two", "one", "none", "unasked")
"""The figures of a group that add up to everyone in it, as they lie in a bar."""

LABELS: Final[dict[Figure, str]] = {
    HEADLINE: N_("People with a dose at least"),
    ROWS[0]: N_("People not reached"),
    ROWS[1]: N_("Villages with a record"),
    ROWS[2]: N_("Facilities"),
    ROWS[3]: N_("Help requests waiting"),
    ROWS[4]: N_("Active volunteers"),
}
"""Figure → what it is called where its measure does not stand above it."""

COLUMNS: Final[tuple[Figure, ...]] = (HEADLINE, *ROWS)
"""What is told of each area inside."""

GROUPS: Final = "vaccination"

NOTES: Final = N_("Figures about people are rounded; small ones are withheld.")
TITLE: Final = N_("Friday statistics")


@dataclass(frozen=True)
class Teller:
    """Tells an area's figures in a language.

    Attributes:
        fridays: those that there are, the oldest first; the last one is told.
    """

    look: Lookup
    fridays: Sequence[date]
    here: Language

    def say(self, text: str, **values: object) -> str:
        """A message in the language."""
        return translate(text, self.here.code, **values)

    def shown(self, measure: str, figure: str) -> Shown:
        """A figure on the last Friday."""
        return self.look(self.fridays[-1], measure, figure)

    def words(self, measure: str, figure: str) -> str:
        """The same as people read it, without its unit."""
        return formatting.words(self.shown(measure, figure), _unit(measure, figure), self.here)

    def told(self, measure: str, figure: str) -> Told:
        """One figure with its change and its last Fridays."""
        trend = tuple(self.look(day, measure, figure) for day in self.fridays)
        before = trend[-2] if len(trend) > 1 else NOT_ENTERED
        apart = formatting.change(trend[-1], before, _unit(measure, figure), self.here)
        apart = "" if apart == formats.NOTHING else apart
        words = self.say(N_("%(change)s since last Friday"), change=apart) if apart else ""
        return Told(self.say(LABELS[measure, figure]), self._with_unit(measure, figure), words, apart, trend)

    def _with_unit(self, measure: str, figure: str) -> str:
        shown, unit = self.shown(measure, figure), _unit(measure, figure)
        words = self.words(measure, figure)
        if not shown.is_told or unit == "share":
            return words
        if (measure, figure) == ROWS[1]:
            return self.say(N_("%(part)s of %(whole)s villages"), part=words, whole=self.words(measure, "villages"))
        return f"{words} {self.say(formatting.UNITS[unit])}"

    def parts(self, group: str = "") -> list[tuple[Part, str, str]]:
        """Everyone of a target group by doses: the part, its name, its figure in words. Empty: of all groups."""
        before = f"{group}." if group else ""
        return [
            (
                Part(name, self.shown(GROUPS, f"{before}{name}")),
                self.say(measures.get(GROUPS).figures[f"{before}{name}"].label),
                self.words(GROUPS, f"{before}{name}"),
            )
            for name in PARTS
        ]

    def groups(self) -> list[Group]:
        """Each target group by doses."""
        return [
            Group(
                self.say(name), self.words(GROUPS, f"{code}.here"), self.words(GROUPS, f"{code}.share"),
                self.parts(code),
            )
            for code, name in measures.get(GROUPS).groups.items()
        ]  # fmt: skip


def places(looks: Mapping[str, Callable[[str, str], Shown]], here: Language) -> list[Place]:
    """The areas inside, where nothing was recorded first, then the most people not reached.

    Args:
        looks: area → measure and figure → what everyone may know of it.
    """
    made = []
    for code, look in looks.items():
        figures = [look(*one) for one in COLUMNS]
        words = [formatting.words(shown, _unit(*one), here) for one, shown in zip(COLUMNS, figures, strict=True)]
        made.append(Place(code, figures, words))
    return sorted(made, key=_worst)


def _worst(one: Place) -> tuple[bool, float, str]:
    unreached = one.figures[1]
    return (unreached.state is not State.NOT_ENTERED, -(unreached.value or 0), one.code)


def friday(teller: Teller, *, place: str, day: str, address: str, owner: str) -> Friday:
    """The Friday of an area, to pass on.

    Args:
        place: the area's name with the word for its level.
        day: the Friday, and the hour at which the figures were frozen.
        address: of the page that has more.
        owner: whose service it is; empty where nobody has said.
    """
    return Friday(
        teller.say(TITLE), place, day, teller.told(*HEADLINE), [teller.told(*one) for one in ROWS], teller.parts(),
        teller.say(NOTES), address, owner,
    )  # fmt: skip


def _unit(measure: str, figure: str) -> str:
    return measures.get(measure).figures[figure].unit
