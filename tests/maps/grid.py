"""A country drawn by hand: one province of two amphoe with two tambons each, near Chiang Mai, and a few facilities.

18.9 ┌────────┬────────┐
     │ 990101 │ 990201 │
18.7 ├────────┼────────┤
     │ 990102 │ 990202 │
18.5 └────────┴────────┘
    98.8     99.0     99.2
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from mapapp import database
from tests import data

BOXES = {
    "990101": (98.8, 18.7, 99.0, 18.9),
    "990102": (98.8, 18.5, 99.0, 18.7),
    "990201": (99.0, 18.7, 99.2, 18.9),
    "990202": (99.0, 18.5, 99.2, 18.7),
    "9901": (98.8, 18.5, 99.0, 18.9),
    "9902": (99.0, 18.5, 99.2, 18.9),
    "99": (98.8, 18.5, 99.2, 18.9),
}

BOUNDS = list(BOXES["99"])


def draw_areas(session: Session, *, name_th: str = "เขต {code}", name_en: str = "Area {code}") -> None:
    """Puts the grid into the database."""
    for code in sorted(BOXES, key=len):
        named = {"name_th": name_th.replace("{code}", code), "name_en": name_en.replace("{code}", code)}
        data.add_area(session, code, BOXES[code], **named)
    data.add_shapes(session)
    database.mark_changed(session, "areas")


def add_facility(session: Session, *, lat: float, lon: float, ref: str, kind: str = "hospital", **values: Any) -> int:
    """Puts one facility into the database; answers its id."""
    database.mark_changed(session, "facilities")
    named = {"name_th": "โรงพยาบาลทดสอบ", "name_en": "Test hospital", "source_ref": ref}
    return data.add_facility(session, kind, lat=lat, lon=lon, **{**named, **values}).id


def fill(session: Session) -> None:
    """The grid and five facilities, one of each kind."""
    draw_areas(session)
    kinds = ("hospital", "vaccination_site", "test_site", "field_hospital", "waiting_centre")
    for i, kind in enumerate(kinds):
        add_facility(session, lat=18.6 + i / 20, lon=98.9 + i / 20, ref=str(i), kind=kind)
