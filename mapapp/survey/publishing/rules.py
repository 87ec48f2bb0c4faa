"""What may be told of recorded figures: whoever writes them down every day must not learn what a household said.

An amphoe has a figure only from ``AT_LEAST`` people on. It stays as it is until ``STEP`` people more, or fewer, are
recorded, also where fewer than ``AT_LEAST`` are left: one that went and came back would differ from itself by one
household. Shares are whole percent, and near 0 and 100 only a
bound. There is one figure for all target groups together, and none of a province, from which those of the amphoe that
are left out could be computed.
"""

from __future__ import annotations

from typing import Final

AT_LEAST: Final = 100
"""People recorded in an amphoe."""

STEP: Final = 50
"""People; what is told of how many were recorded is rounded down to this, too."""

EDGE: Final = 5
"""Percent: a share below it, or as near to 100, is told as a bound, which holds for vaccinated and others alike."""

BREAKS: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Bounds of the classes of a share, for the map and the table beside it."""

DATA: Final = ("areas", "survey")
"""What published answers are made from, as caches know it."""
