"""What everybody may know: how many open requests a cell has, of which need and how old in whole days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from geoalchemy2 import Geography, Geometry
from sqlalchemy import CTE, and_, cast, func, literal, or_, select, true
from sqlalchemy.orm import Session

from mapapp import geo
from mapapp.areas.models import Area
from mapapp.areas.queries import scope
from mapapp.clock import today
from mapapp.help_requests import cells
from mapapp.help_requests.models import HelpNeed, HelpRequest
from mapapp.help_requests.nearby.queries import is_open
from mapapp.help_requests.nearby.schemas import AGES, MAX_CELLS
from mapapp.help_requests.words import FINISHED, KINDS, URGENCIES

DIGITS: Final = {"province": 2, "amphoe": 4, "tambon": 6}


@dataclass
class Counted:
    """A cell or an area with open requests. ``lat``, ``lon``: the cell's middle, or the area's point."""

    key: str
    size: int
    lat: float
    lon: float
    area_code: str
    requests: int
    waiting: int
    urgencies: dict[str, int]
    ages: dict[str, int]
    needs: dict[str, int] = field(default_factory=dict)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of a cell; None for an area."""
        return cells.box(self.key) if self.size else None


def counts(
    session: Session, now: datetime, *, level: str = "cell", areas: Sequence[str] = (), box: geo.Bbox | None = None
) -> tuple[list[Counted], bool]:
    """Open requests by cell or by area, those with most first; and whether some were left out.

    Args:
        level: ``cell``, ``tambon``, ``amphoe`` or ``province``.
        areas: inside which the cell's tambon lies; none: everywhere.
        box: in which the cell's middle lies.
    """
    opened = _open(now, areas, box, level)
    has_box = level == "cell"
    size = func.min(opened.c.cell_size) if has_box else literal(0)
    place: list[Any] = [opened.c.cell] if has_box else []
    columns = [
        opened.c.key, size.label("size"), func.min(opened.c.area_code).label("area_code"),
        func.count().label("requests"), func.count().filter(opened.c.waiting).label("waiting"),
        *(func.count().filter(opened.c.urgency == number).label(word) for number, word in URGENCIES.items()),
        *(func.count().filter(_aged(opened.c.days, *days)).label(name) for name, days in AGES.items()),
    ]  # fmt: skip
    total = select(*columns, *place).group_by(opened.c.key, *place)
    top = total.order_by(func.count().desc(), opened.c.key).limit(MAX_CELLS + 1).subquery()
    if has_box:
        where = cast(top.c.cell, Geometry)
        statement = select(top, func.ST_Y(where).label("lat"), func.ST_X(where).label("lon"))
    else:
        where = cast(Area.point, Geometry)
        statement = select(top, func.ST_Y(where).label("lat"), func.ST_X(where).label("lon")).join(
            Area, Area.code == top.c.key
        )
    rows = session.execute(statement.order_by(top.c.requests.desc(), top.c.key)).all()
    made = [
        Counted(
            row.key, row.size, row.lat, row.lon, row.area_code, row.requests, row.waiting,
            {word: getattr(row, word) for word in URGENCIES.values()}, {name: getattr(row, name) for name in AGES},
        )
        for row in rows[:MAX_CELLS]
    ]  # fmt: skip
    _add_needs(session, opened, made)
    return made, len(rows) > MAX_CELLS


def total(session: Session, now: datetime, areas: Sequence[str] = ()) -> Counted:
    """All open requests of these areas together (everywhere, without any)."""
    return summed(counts(session, now, level="province", areas=areas)[0])


def summed(found: Iterable[Counted]) -> Counted:
    """Several counts as one."""
    made = Counted("TH", 0, 0.0, 0.0, "TH", 0, 0, dict.fromkeys(URGENCIES.values(), 0), dict.fromkeys(AGES, 0), {})
    made.needs = dict.fromkeys(KINDS, 0)
    for one in found:
        made.requests += one.requests
        made.waiting += one.waiting
        for name in ("urgencies", "ages", "needs"):
            sums: dict[str, int] = getattr(made, name)
            for word, count in getattr(one, name).items():
                sums[word] += count
    made.needs = {kind: count for kind, count in made.needs.items() if count}
    return made


def _open(now: datetime, areas: Sequence[str], box: geo.Bbox | None, level: str) -> CTE:
    code = HelpRequest.cell_tambon_code
    key = HelpRequest.cell_key if level == "cell" else func.left(code, DIGITS[level])
    area = code if level == "cell" else func.left(code, DIGITS[level])
    posted_on = func.date(func.timezone("Asia/Bangkok", HelpRequest.posted_at))
    inside = or_(*(scope(code, one) for one in areas)) if areas else true()
    conditions = [*is_open(), inside]
    if box is not None:
        # Said once for each urgency: that is how the partial indexes are.
        frame = cast(func.ST_MakeEnvelope(*box.edges, geo.SRID), Geography)
        conditions.append(or_(*(and_(HelpRequest.urgency == n, HelpRequest.cell.op("&&")(frame)) for n in URGENCIES)))
        middle = cast(HelpRequest.cell, Geometry)
        conditions += [
            func.ST_X(middle) >= box.west, func.ST_X(middle) < box.east, func.ST_Y(middle) >= box.south,
            func.ST_Y(middle) < box.north,
        ]  # fmt: skip
    return (
        select(
            HelpRequest.id, key.label("key"), area.label("area_code"), HelpRequest.cell_size, HelpRequest.cell,
            HelpRequest.urgency, func.coalesce(HelpRequest.free_from <= now, False).label("waiting"),
            (literal(today(now)) - posted_on).label("days"),
        )
        .where(*conditions)
        .cte("opened")
    )  # fmt: skip


def _aged(days: Any, first: int, last: int | None) -> Any:
    if last is None:
        return days >= first
    return days <= last if first == 0 else and_(days >= first, days <= last)


def _add_needs(session: Session, opened: CTE, made: list[Counted]) -> None:
    """How many requests of each want what; a need that is finished counts no more."""
    if not made:
        return
    statement = (
        select(opened.c.key, HelpNeed.kind, func.count(func.distinct(opened.c.id)))
        .join(HelpNeed, HelpNeed.request_id == opened.c.id)
        .where(HelpNeed.state.not_in(FINISHED))
        .group_by(opened.c.key, HelpNeed.kind)
    )
    by_key = {one.key: one for one in made}
    found: dict[tuple[str, str], int] = {(row[0], row[1]): row[2] for row in session.execute(statement)}
    for kind in KINDS:  # in the order people are shown
        for key, one in by_key.items():
            if (key, kind) in found:
                one.needs[kind] = found[key, kind]
