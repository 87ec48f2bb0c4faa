"""What is told of a Friday, in the words of a language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mapapp.statistics.charts.drawing import Part
from mapapp.statistics.states import Shown


@dataclass(frozen=True, slots=True)
class Told:
    """One figure."""

    label: str
    figure: str
    """As people read it, with its unit."""
    change: str
    """Since the Friday before, in words; empty where there is none to compare with."""
    change_alone: str = ""
    """The same without the words around it."""
    trend: Sequence[Shown] = ()
    """The last Fridays, the oldest first."""


@dataclass(frozen=True, slots=True)
class Friday:
    """An area on a Friday, as everyone may know it."""

    title: str
    place: str
    day: str
    headline: Told
    rows: Sequence[Told]
    """Five of them."""
    parts: Sequence[tuple[Part, str, str]]
    """The whole of the headline by parts: the part, its name, its figure in words."""
    notes: str
    address: str
    owner: str = ""
    """Whose service it is; empty where nobody has said."""


@dataclass(frozen=True, slots=True)
class Group:
    """A target group of the survey by doses."""

    name: str
    people: str
    share: str
    parts: Sequence[tuple[Part, str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """An area inside the one that is told."""

    code: str
    figures: Sequence[Shown]
    """In the order of ``telling.COLUMNS``."""
    words: Sequence[str]
