"""Which of our figures an old form can be compared with, what they are called, and what they are now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.core.languages import LANGUAGES
from mapapp.statistics import measures
from mapapp.statistics.measures import Measure, Sum
from mapapp.statistics.models import StatisticsFigure
from mapapp.statistics.states import NOT_ENTERED, Shown
from mapapp.survey.sheets.columns import FIELD_WORDS, GROUP_WORDS, plain
from mapapp.web.translating import translate

Known = Mapping[tuple[str, str], list[int | None]]
"""Measure and area → the cells as they are now."""

_VACCINATION: Final = "vaccination"


@dataclass(frozen=True, slots=True)
class Choices:
    """Figures of a measure, or of a part of it, to choose from."""

    label: str
    figures: list[tuple[str, str]]
    """What a column can say (``vaccination:elderly.one``), and its name."""


def split(name: str) -> tuple[str, str]:
    """``vaccination:elderly.one`` → its measure and its figure."""
    measure, _, figure = name.partition(":")
    return measure, figure


def _counts(measure: Measure) -> Iterator[Sum]:
    """What forms tell: numbers. Shares follow from them."""
    return (one for one in measure.sums if one.is_shown)


def named(measure: str, figure: str, lang: str) -> tuple[str, str]:
    """The measure, with its part, and the figure in words; a measure that is gone by its key."""
    try:
        found = measures.get(measure)
        one = found.figures[figure]
    except KeyError:
        return measure, figure
    return _part(found, one.group, lang), translate(one.label, lang)


def _part(measure: Measure, group: str, lang: str) -> str:
    label = translate(measure.label, lang)
    return f"{label}: {translate(measure.groups[group], lang)}" if group else label


def unit_of(measure: str, figure: str) -> str:
    """The unit of a figure, a key of ``formatting.UNITS``."""
    try:
        return measures.get(measure).figures[figure].unit
    except KeyError:
        return ""


def choices(lang: str) -> list[Choices]:
    """All figures in words, by measure and part."""
    return [
        Choices(
            _part(measure, group, lang),
            [
                (f"{measure.key}:{one.key}", translate(one.label, lang))
                for one in _counts(measure)
                if one.group == group
            ],
        )
        for measure in measures.all_measures()
        for group in ("", *measure.groups)
        if any(one.group == group for one in _counts(measure))
    ]


def words() -> Mapping[str, tuple[str, ...]]:
    """What a column can say → what it may be called: our own names in every language, and what people write in the
    survey's lists. A word that could mean two figures means none."""
    return _words(tuple(measures.names()))


@lru_cache(maxsize=4)
def _words(_registered: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    made: dict[str, list[str]] = {}
    for measure in measures.all_measures():
        for one in _counts(measure):
            made[f"{measure.key}:{one.key}"] = [*_called(measure, one), f"{measure.key}:{one.key}"]
    for group, names in GROUP_WORDS.items():
        for field, said in FIELD_WORDS.items():
            name = f"{_VACCINATION}:{group}.{field}"
            if name in made:
                made[name] += [f"{one} {other}" for one in names for other in said]
                made[name] += names if field == "here" else ()
    owners: dict[str, set[str]] = {}
    for name, called in made.items():
        for word in called:
            owners.setdefault(plain(word), set()).add(name)
    return {name: tuple(word for word in called if len(owners[plain(word)]) == 1) for name, called in made.items()}


def _called(measure: Measure, one: Sum) -> Iterator[str]:
    for lang in LANGUAGES:
        label, whole = translate(one.label, lang.code), translate(measure.label, lang.code)
        yield from (f"{whole} {label}",) if one.group else (label, f"{whole} {label}")
        if one.group:
            group = translate(measure.groups[one.group], lang.code)
            yield from (f"{group} {label}", f"{whole} {group} {label}")


def now_known(session: Session, areas: Collection[str], keys: Collection[str]) -> Known:
    """The cells of these measures in these areas, live."""
    rows = session.execute(
        select(StatisticsFigure.measure, StatisticsFigure.area_code, StatisticsFigure.values).where(
            StatisticsFigure.area_code.in_(areas), StatisticsFigure.measure.in_(keys)
        )
    )
    return {(row[0], row[1]): list(row[2]) for row in rows}


def of(known: Known, area: str, measure: str, figure: str) -> Shown:
    """One figure as it is now. Where an area has no row, the measure says what that means."""
    try:
        found = measures.get(measure)
    except KeyError:
        return NOT_ENTERED
    if figure not in found.figures:
        return NOT_ENTERED
    values = known.get((measure, area))
    if values is None and found.absent == "zero":
        values = [0] * len(found.cells)
    if values is not None and len(values) != len(found.cells):
        return NOT_ENTERED
    return found.shown(figure, found.cells_of(values))


def entered(session: Session, area: str, keys: Iterable[str]) -> list[str]:
    """The areas inside this one in which anybody is counted by these measures."""
    known = set(measures.names())
    people = [key for key in keys if key in known and measures.get(key).people]
    rows = session.scalars(
        select(StatisticsFigure.area_code)
        .where(
            scope(StatisticsFigure.area_code, area), StatisticsFigure.measure.in_(people),
            text("EXISTS (SELECT FROM unnest(statistics_figures.values) AS cell WHERE cell > 0)"),
        )
        .distinct()
    )  # fmt: skip
    return list(rows)
