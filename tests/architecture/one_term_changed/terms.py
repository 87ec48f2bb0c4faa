"""The terms that are changed, where each stands, and what it is changed to."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A name for something."""

    english: str
    thai: str
    new_english: str
    new_thai: str


TERMS = {
    "mapapp/facilities/kinds.py": Term("Community isolation centre", "จุดพักคอย", "Quarantine house", "บ้านกักตัว"),
    "mapapp/facilities/labels.py": Term("Temporarily closed", "ปิดชั่วคราว", "Shut for now", "พักบริการ"),
    "mapapp/help_requests/labels.py": Term("Transport to hospital", "รถรับส่งผู้ป่วย", "Patient ride", "รถไปหาหมอ"),
}
"""File → the term."""
