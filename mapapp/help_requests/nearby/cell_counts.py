"""Public figures: the number of open requests of a cell or an area at the last midnight.

They are read only from what ``daily_counts.py`` writes once a day. They stay the same all day, so no one can learn from
them the moment when a request is sent, claimed or closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.core import geo
from mapapp.help_requests import cells
from mapapp.help_requests.labels import URGENCIES
from mapapp.help_requests.models import HelpPublicCount
from mapapp.help_requests.nearby.schemas import AGES, MAX_CELLS

COUNTRY = "TH"


@dataclass
class Counted:
    """A cell or an area with open requests. ``lat``, ``lon``: the centre of the cell, or the reference point of the
    area.

    ``waiting``, ``urgencies``, ``ages`` and ``needs`` are None if there are so few requests that they would describe
    single ones.
    """

    key: str
    size: int
    lat: float
    lon: float
    area_code: str
    requests: int
    waiting: int | None
    urgencies: dict[str, int] | None
    ages: dict[str, int] | None
    needs: dict[str, int] | None = field(default_factory=dict)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of a cell; None for an area."""
        return cells.box(self.key) if self.size else None


def counts(
    session: Session, *, level: str = "cell", areas: Sequence[str] = (), box: geo.Bbox | None = None
) -> tuple[list[Counted], bool]:
    """Open requests by cell or by area, the largest numbers first; and whether some were left out.

    Args:
        level: ``cell``, ``tambon``, ``amphoe`` or ``province``.
        areas: only cells whose tambon lies in these; empty: everywhere.
        box: only cells whose centre, or areas whose point, lies in it.
    """
    table = HelpPublicCount
    conditions: list[Any] = [table.level == level]
    if areas:
        conditions.append(or_(*(scope(table.area_code, one) for one in areas)))
    if box is not None:
        conditions += [table.lon >= box.west, table.lon < box.east, table.lat >= box.south, table.lat < box.north]
    wanted = select(table).where(*conditions).order_by(table.requests.desc(), table.key).limit(MAX_CELLS + 1)
    rows = list(session.scalars(wanted))
    return [_counted(row) for row in rows[:MAX_CELLS]], len(rows) > MAX_CELLS


def total(session: Session, area: str | None = None) -> Counted:
    """All open requests of an area together (None: of the country)."""
    code = area or COUNTRY
    table = HelpPublicCount
    row = session.scalars(select(table).where(table.key == code, table.level != "cell")).one_or_none()
    return _counted(row) if row else _nobody(code)


def day(session: Session) -> date | None:
    """The day of the counts; None if there are none yet."""
    table = HelpPublicCount
    return session.scalars(select(table.day).where(table.key == COUNTRY, table.level == "country")).one_or_none()


def _counted(row: HelpPublicCount) -> Counted:
    return Counted(
        row.key,
        row.size,
        row.lat,
        row.lon,
        row.area_code,
        row.requests,
        row.waiting,
        row.urgencies,
        row.ages,
        row.needs,
    )


def _nobody(code: str) -> Counted:
    return Counted(code, 0, 0.0, 0.0, code, 0, 0, dict.fromkeys(URGENCIES.values(), 0), dict.fromkeys(AGES, 0), {})
