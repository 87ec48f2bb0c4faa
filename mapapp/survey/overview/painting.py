"""The figures that a map of the survey paints: what each is called, its unit, and the bounds of its classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mapapp.core import formats
from mapapp.core.errors import N_
from mapapp.core.languages import Language
from mapapp.survey.groups import GROUPS
from mapapp.survey.overview.schemas import Line
from mapapp.web.translating import translate


@dataclass(frozen=True, slots=True)
class Painted:
    """One figure."""

    label: str
    """A message to translate."""
    unit: str
    """As the map's scripts know units: ``share``, ``people``."""
    direction: Literal["high", "low"]
    """Which end is worse."""
    breaks: Mapping[str, tuple[float, ...]]
    """Level → bounds; class i holds the values from bound i − 1 (included) up to bound i."""


_SHARES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)

FIGURES: Final[dict[str, Painted]] = {
    "unreached": Painted(
        N_("Not reached"), "people", "high",
        {"tambon": (10, 50, 100, 500, 1_000), "amphoe": (100, 500, 1_000, 5_000, 10_000)},
    ),
    "share": Painted(N_("Share with a dose at least"), "share", "low", {"tambon": _SHARES, "amphoe": _SHARES}),
    "complete": Painted(
        N_("Villages with a record"), "share", "low",
        {"tambon": (0.2, 0.4, 0.6, 0.8, 1.0), "amphoe": (0.2, 0.4, 0.6, 0.8, 1.0)},
    ),
}  # fmt: skip


def value(line: Line, group: str | None, figure: str) -> float | None:
    """A figure of an area or a village; None where nothing was recorded that it could be made from."""
    if figure == "complete":
        return line.complete
    numbers = line.of(group)
    if not numbers.here:
        return None
    return numbers.unreached if figure == "unreached" else numbers.share


def values(lines: Iterable[Line], group: str | None, figure: str, level: str) -> dict[str, Any]:
    """What paints a map of areas: figures by code with the bounds of their classes, as ``/api/v1/coverage/values`` has
    them."""
    found = ((line.code, value(line, group, figure)) for line in lines)
    one = FIGURES[figure]
    return {
        "values": {code: round(number, 4) for code, number in found if number is not None},
        "breaks": list(one.breaks[level]), "unit": one.unit, "direction": one.direction,
    }  # fmt: skip


def told(line: Line, group: str | None, figure: str, lang: Language) -> str:
    """A village's figure in words; empty where nothing was recorded in it."""
    if not line.records:
        return ""
    numbers = line.of(group)
    if figure == "complete" or not numbers.here:
        return translate(N_("%(people)s people living here"), lang.code, people=formats.number(numbers.here, 0, lang))
    if figure == "share":
        return translate(
            N_("%(share)s with a dose at least"), lang.code, share=formats.percent(numbers.share or 0.0, lang)
        )
    return translate(
        N_("%(count)s of %(people)s people not reached"), lang.code,
        count=formats.number(numbers.unreached, 0, lang), people=formats.number(numbers.here, 0, lang),
    )  # fmt: skip


def heading(group: str | None, figure: str, lang: Language) -> str:
    """What the map shows, in words: “Not reached: Elderly people”."""
    names = {one.code: one.name for one in GROUPS}
    chosen = names.get(group or "") if figure != "complete" else None
    parts = [FIGURES[figure].label, *([chosen] if chosen else [])]
    return ": ".join(translate(part, lang.code) for part in parts)
