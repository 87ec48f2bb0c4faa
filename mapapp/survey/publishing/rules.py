"""What is told of recorded figures on the page of the vaccinated. The figures come from the Fridays of the statistics,
which protect them (``docs/disclosure.md``): nothing here reads what is recorded.

An amphoe has a figure from ``AT_LEAST`` people on. Shares are whole percent, and near 0 and 100 only a bound.
"""

from __future__ import annotations

from typing import Final

AT_LEAST: Final = 100
"""People recorded in an amphoe."""

EDGE: Final = 5
"""Percent: a share below it, or as near to 100, is told as a bound, which holds for vaccinated and others alike."""

BREAKS: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Bounds of the classes of a share, for the map and the table beside it."""

DATA: Final = ("areas", "survey")
"""What published answers are made from, as caches know it."""
