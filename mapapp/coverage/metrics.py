"""The figures as people see them: what each is called, its unit, which end is worse, and the bounds of its classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mapapp.core.errors import N_
from mapapp.facilities.kinds import KIND_ROWS

CLASSES = 6
"""Colours of a choropleth; five bounds stand between them."""

BEDS_KINDS = frozenset(row.name for row in KIND_ROWS if row.has_beds)
"""Kinds that have beds at all."""


@dataclass(frozen=True)
class Metric:
    """One figure."""

    name: str
    label: str
    definition: str
    unit: str
    """km, share, people, or facilities or beds for 10,000 people."""
    direction: Literal["high", "low"]
    """Which end is worse."""
    by_radius: bool
    """Whether it asks for a radius."""
    bounds: tuple[float, ...] = ()
    """Fixed class bounds, so that maps of two kinds can be laid side by side; empty: by the shown values."""
    usual: tuple[float, ...] = ()
    """Bounds where there is nothing to derive them from."""


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            name="within_share",
            label=N_("Share of people within the distance"),
            definition=N_(
                "The share of a tambon's area within the distance of a facility, in a straight line. We "
                "assume that people live evenly spread over the tambon."
            ),
            unit="share",
            direction="low",
            by_radius=True,
            bounds=(0.1, 0.3, 0.5, 0.7, 0.9),
        ),
        Metric(
            name="beyond_people",
            label=N_("People farther than the distance"),
            definition=N_(
                "Registered people multiplied by the share of the area that is farther than the distance "
                "from every facility."
            ),
            unit="people",
            direction="high",
            by_radius=True,
            usual=(100, 500, 1000, 5000, 10000),
        ),
        Metric(
            name="nearest_km",
            label=N_("Distance to the nearest facility"),
            definition=N_(
                "Straight-line distance in kilometres from the tambon's reference point to the nearest facility."
            ),
            unit="km",
            direction="high",
            by_radius=False,
            bounds=(2, 5, 10, 15, 25),
        ),
        Metric(
            name="per_10000",
            label=N_("Facilities per 10,000 people"),
            definition=N_("Facilities in the area, per 10,000 registered people."),
            unit="per_10000",
            direction="low",
            by_radius=False,
            usual=(0.1, 0.2, 0.5, 1, 2),
        ),
        Metric(
            name="beds_per_10000",
            label=N_("Beds per 10,000 people"),
            definition=N_("Beds in facilities in the area, per 10,000 registered people."),
            unit="beds_per_10000",
            direction="low",
            by_radius=False,
            usual=(5, 10, 20, 30, 50),
        ),
    )
}

UNIT_LABELS = {
    "share": N_("share of people"),
    "people": N_("people"),
    "km": N_("km"),
    "per_10000": N_("facilities per 10,000 people"),
    "beds_per_10000": N_("beds per 10,000 people"),
}

_NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


def breaks(metric: Metric, values: Iterable[float | None]) -> list[float]:
    """Five rising bounds; class i holds the values from bound i − 1 (included) up to bound i.

    Fixed where the metric fixes them; otherwise sixths of the shown values above 0, rounded to numbers
    that read well.
    """
    if metric.bounds:
        return list(metric.bounds)
    known = sorted(value for value in values if value is not None and value > 1e-6)
    if not known:
        return list(metric.usual)
    made: list[float] = []
    for sixth in range(1, CLASSES):
        bound = nice(known[min(len(known) - 1, sixth * len(known) // CLASSES)])
        made.append(bound if not made or bound > made[-1] else _next_nice(made[-1]))
    return made


def nice(value: float) -> float:
    """The number that reads well nearest to a positive value, for example 1,500 for 1,432."""
    power = _power(value)
    steps = [float(f"{step * 10.0**power:.6g}") for step in (*_NICE, 10.0)]
    return min(steps, key=lambda step: (abs(step - value), step))


def _next_nice(value: float) -> float:
    power = _power(value)
    steps = (float(f"{step * 10.0**power:.6g}") for step in (*_NICE, 10.0, 15.0))
    return next(step for step in steps if step > value)


def _power(value: float) -> int:
    """The power of ten at the head of a positive number, as it is written."""
    return int(f"{value:.5e}".split("e")[1])


def shortened(value: float) -> float | int:
    """Three significant digits, whole numbers as whole numbers: few bytes over the wire."""
    short = float(f"{value:.3g}")
    return int(short) if short.is_integer() else short
