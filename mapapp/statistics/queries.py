"""Reads of the figures: an area with the areas below it. No page adds anything up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Uuid, text
from sqlalchemy.orm import Session

from mapapp.areas.models import COUNTRY
from mapapp.statistics import measures
from mapapp.statistics.schemas import Contact, Line, Standing

LENGTHS: Final = {"province": 2, "amphoe": 4, "tambon": 6}

# Beside the areas of the list also those that have figures and have left it: their people are in the sums.
_LINES: Final = text("""
WITH place AS (
    SELECT code, name_th, name_en FROM areas
    WHERE length(code) = :length AND code >= :low AND code < :high
    UNION ALL
    SELECT DISTINCT area_code, NULL, NULL FROM statistics_figures AS kept
    WHERE :length = 6 AND length(area_code) = 6 AND area_code >= :low AND area_code < :high
        AND NOT EXISTS (SELECT FROM areas WHERE areas.code = kept.area_code)
    UNION ALL
    SELECT own.code, areas.name_th, areas.name_en FROM (VALUES (CAST(:own AS text))) AS own (code)
        LEFT JOIN areas ON areas.code = own.code
)
SELECT place.code, place.name_th, place.name_en, kept.measure, kept.values
FROM place LEFT JOIN statistics_figures AS kept ON kept.area_code = place.code AND kept.measure = ANY(:measures)
ORDER BY place.code
""")

_STANDING: Final = text("""
SELECT min(as_of), count(*), EXISTS (SELECT FROM statistics_pending) FROM statistics_measures
""")

_CONTACTS: Final = text("""
SELECT a.area_code, a.role, p.id, p.name, p.organisation, p.phone_sealed
FROM appointments AS a JOIN people AS p ON p.id = a.person_id
WHERE a.area_code = ANY(:codes) AND a.role IN ('tambon_officer', 'amphoe_coordinator', 'province_admin')
    AND a.starts_at <= :now AND (a.ends_at IS NULL OR a.ends_at > :now) AND (a.ended_at IS NULL OR a.ended_at > :now)
    AND p.suspended_at IS NULL AND p.erased_at IS NULL
ORDER BY a.area_code, p.name, p.id
""").columns(id=Uuid)


def lines(session: Session, area: str, length: int, wanted: Collection[str]) -> tuple[Line, list[Line]]:
    """An area, and the areas of so many digits in it, by code.

    Args:
        area: a code, or ``TH``.
        length: 2, 4 or 6; that of the area itself: nothing below it.
        wanted: keys of measures.
    """
    low = "" if area == COUNTRY else area
    bounds = {"low": low, "high": f"{low}999" if low else "A", "length": length, "own": area}
    if length <= len(low):
        bounds["length"] = 0
    made: dict[str, Line] = {}
    for code, name_th, name_en, measure, values in session.execute(_LINES, {**bounds, "measures": sorted(wanted)}):
        line = made.setdefault(code, Line(code, name_th, name_en))
        if measure is not None:
            line.cells[measure] = measures.get(measure).cells_of(values)
    return made.pop(area), list(made.values())


def standing(session: Session) -> Standing:
    """Of when the figures are."""
    as_of, counted, is_waiting = session.execute(_STANDING).one()
    is_whole = counted >= len(measures.names())
    return Standing(as_of if is_whole else None, bool(is_waiting) or not is_whole)


def contacts(session: Session, codes: Collection[str], now: datetime) -> list[Contact]:
    """Who answers for these areas now."""
    rows = session.execute(_CONTACTS, {"codes": sorted(codes), "now": now})
    return [
        Contact(row.area_code, row.role, row.id, row.name, row.organisation, bytes(row.phone_sealed or b"") or None)
        for row in rows
    ]
