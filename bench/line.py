"""What every line of the benchmark is made of: the line itself, and the places its questions are asked at."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

SECONDS = 6.0
"""So long each side of a comparison of rates is measured."""


@dataclass
class Line:
    """One line of the table."""

    name: str
    goal: str
    value: float
    met: bool
    shown: str
    detail: dict[str, Any] = field(default_factory=dict)


def points(count: int) -> list[tuple[float, float]]:
    """Places (lat, lon) where people may stand: uniformly over the box of the country, the same in every run."""
    chance = random.Random(7)
    return [(round(chance.uniform(6, 20), 5), round(chance.uniform(98, 105), 5)) for _ in range(count)]
