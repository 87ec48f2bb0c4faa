"""Reads of the reports: the officers' queue, and how long it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.facilities.models import Facility, FacilityReport

SHOWN_NOTES = 20
"""Reports of one pin that are shown in words; the others are counted."""

UNDO_FOR = timedelta(hours=24)
"""So long can a dismissal be taken back."""

OPEN: ColumnElement[bool] = FacilityReport.handled_at.is_(None)
"""“Nobody has handled this report.”"""


class Said(NamedTuple):
    """One report as an officer reads it; who sent it is not known."""

    facility_id: int
    reason: str
    note: str | None
    at: datetime


@dataclass(frozen=True)
class Reported:
    """A pin with open reports. ``upto`` is the newest of them; ``is_mended``: somebody stood for it since."""

    id: int
    kind: str
    name_th: str
    name_en: str | None
    status: str
    tambon_code: str | None
    confirmed_at: datetime | None
    verified_at: datetime | None
    doubtful_at: datetime | None
    reports: int
    newest_at: datetime
    upto: int
    said: list[Said] = field(default_factory=list)

    @property
    def is_mended(self) -> bool:
        return self.confirmed_at is not None and self.confirmed_at >= self.newest_at


class Dismissed(NamedTuple):
    """Reports of one pin that were dismissed together, lately. ``report`` names them for the undo."""

    id: int
    name_th: str
    name_en: str | None
    tambon_code: str | None
    reports: int
    handled_at: datetime
    report: int


def _within(area: str) -> ColumnElement[bool]:
    return scope(Facility.tambon_code, area)


def open_count(session: Session, area: str) -> int:
    """How many pins of an area (a code, or ``TH``) have open reports."""
    pins = func.count(func.distinct(FacilityReport.facility_id))
    statement = select(pins).join(Facility, Facility.id == FacilityReport.facility_id).where(OPEN, _within(area))
    return session.execute(statement).scalar_one()


def queue(session: Session, area: str, *, limit: int = 50, skip: int = 0) -> list[Reported]:
    """Pins of an area with open reports: doubtful ones first, then those with most reports, the newest before."""
    facts = (
        Facility.id, Facility.kind, Facility.name_th, Facility.name_en, Facility.status, Facility.tambon_code,
        Facility.confirmed_at, Facility.verified_at, Facility.doubtful_at,
    )  # fmt: skip
    count: Any = func.count(FacilityReport.id)
    newest: Any = func.max(FacilityReport.at)
    rows = session.execute(
        select(*facts, count.label("reports"), newest.label("newest_at"), func.max(FacilityReport.id).label("upto"))
        .join(Facility, Facility.id == FacilityReport.facility_id)
        .where(OPEN, _within(area))
        .group_by(*facts)
        .order_by(Facility.doubtful_at.is_(None), count.desc(), newest.desc(), Facility.id)
        .limit(limit)
        .offset(skip)
    ).all()
    pins = [Reported(**row._asdict()) for row in rows]
    said = _said(session, [pin.id for pin in pins])
    for pin in pins:
        pin.said.extend(one for one in said if one.facility_id == pin.id)
    return pins


def _said(session: Session, ids: list[int]) -> Sequence[Said]:
    """The newest open reports of these pins, at most ``SHOWN_NOTES`` of each."""
    if not ids:
        return []
    place = func.row_number().over(partition_by=FacilityReport.facility_id, order_by=FacilityReport.id.desc())
    ranked = (
        select(
            FacilityReport.facility_id, FacilityReport.reason, FacilityReport.note, FacilityReport.at,
            place.label("place"),
        )
        .where(OPEN, FacilityReport.facility_id == func.any(ids))
        .subquery()
    )  # fmt: skip
    statement = (
        select(ranked.c.facility_id, ranked.c.reason, ranked.c.note, ranked.c.at)
        .where(ranked.c.place <= SHOWN_NOTES)
        .order_by(ranked.c.facility_id, ranked.c.place)
    )
    return [Said._make(row) for row in session.execute(statement)]


def dismissed(session: Session, area: str, now: datetime) -> list[Dismissed]:
    """What was dismissed in an area lately, the newest first."""
    facts = (Facility.id, Facility.name_th, Facility.name_en, Facility.tambon_code)
    rows = session.execute(
        select(
            *facts,
            func.count().label("reports"),
            FacilityReport.handled_at,
            func.max(FacilityReport.id).label("report"),
        )
        .join(Facility, Facility.id == FacilityReport.facility_id)
        .where(
            FacilityReport.outcome == "dismissed",
            FacilityReport.handled_at > now - UNDO_FOR,
            _within(area),
        )
        .group_by(*facts, FacilityReport.handled_at)
        .order_by(FacilityReport.handled_at.desc(), Facility.id)
        .limit(20)
    )
    return [Dismissed._make(row) for row in rows]
