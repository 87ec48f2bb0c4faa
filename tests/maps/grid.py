"""A country drawn by hand: one province of two amphoe with two tambons each, near Chiang Mai, and a few facilities.

18.9 ┌────────┬────────┐
     │ 990101 │ 990201 │
18.7 ├────────┼────────┤
     │ 990102 │ 990202 │
18.5 └────────┴────────┘
    98.8     99.0     99.2
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp import db
from mapapp.areas.models import BANDS

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

AREA = text(
    """
    INSERT INTO areas (code, name_th, name_en, boundary, point, area_km2, approximate, source)
    SELECT :code, :name_th, :name_en, ST_Multi(box), ST_Centroid(box)::geography, 100, false, 'test'
    FROM (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4326) AS box) b
    """
)
SHAPE = text(
    """
    INSERT INTO area_shapes (code, band, level, shape)
    SELECT code, :band, level, ST_Transform(boundary, 3857) FROM areas
    """
)
PIN = text(
    """
    INSERT INTO facilities (kind, name_th, name_en, point, status, phone, source, source_ref)
    VALUES (:kind, :name_th, :name_en, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, :status, :phone,
            'test', :ref)
    RETURNING id
    """
)


def draw_areas(session: Session, *, name_th: str = "เขต {code}", name_en: str = "Area {code}") -> None:
    """Puts the grid into the database."""
    for code, (west, south, east, north) in sorted(BOXES.items(), key=lambda item: len(item[0])):
        box = {"west": west, "south": south, "east": east, "north": north}
        names = {"name_th": name_th.replace("{code}", code), "name_en": name_en.replace("{code}", code)}
        session.execute(AREA, {"code": code, **names, **box})
    for band in BANDS:
        session.execute(SHAPE, {"band": band})
    db.mark_changed(session, "areas")


def add_facility(
    session: Session,
    *,
    lat: float,
    lon: float,
    ref: str,
    name_th: str = "โรงพยาบาลทดสอบ",
    name_en: str | None = "Test hospital",
    kind: str = "hospital",
    status: str = "open",
    phone: str | None = None,
) -> int:
    """Puts one facility into the database; answers its id."""
    values = {"lat": lat, "lon": lon, "ref": ref, "name_th": name_th, "name_en": name_en}
    db.mark_changed(session, "facilities")
    made: int = session.execute(PIN, {**values, "kind": kind, "status": status, "phone": phone}).scalar_one()
    return made


def fill(session: Session) -> None:
    """The grid and five facilities, one of each kind."""
    draw_areas(session)
    kinds = ("hospital", "vaccination_site", "test_site", "field_hospital", "waiting_centre")
    for i, kind in enumerate(kinds):
        add_facility(session, lat=18.6 + i / 20, lon=98.9 + i / 20, ref=str(i), kind=kind)
