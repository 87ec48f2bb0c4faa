"""The public counts, computed once a day as of the midnight at which the day began.

Counts that changed with each request would reveal, to a person who asks every minute, when a request was sent, for what
and how urgently: the difference of two answers is one request. So the counts stay the same for a day, and of a cell or
an area with fewer than ``ENOUGH`` requests only the number is published. If the details of one area could be computed
from the sum and the other areas, those of one more are not published. Requests sent after midnight are not counted,
however late in the day this runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas.models import Area
from mapapp.core.clock import midnight, today
from mapapp.help_requests.labels import FINISHED, KINDS, URGENCIES
from mapapp.help_requests.models import HelpNeed, HelpPublicCount, HelpRequest
from mapapp.help_requests.nearby.cell_counts import COUNTRY
from mapapp.help_requests.nearby.cell_counts import day as published_day
from mapapp.help_requests.nearby.schemas import AGES

ENOUGH: Final = 5
"""Needs, urgency and age are published only for at least this many requests; for fewer, only the number."""

VERSION: Final = "help_counts"
"""The data version that changes with the counts of each day."""

_LEVELS: Final = ("country", "province", "amphoe", "tambon", "cell")
_DIGITS: Final = {"province": 2, "amphoe": 4, "tambon": 6}
_AT_ONCE: Final = 2_000


@dataclass
class _Node:
    """A cell or an area while the sums are computed."""

    level: str
    key: str
    area_code: str
    size: int = 0
    lat: float = 0.0
    lon: float = 0.0
    requests: int = 0
    waiting: int = 0
    urgencies: dict[str, int] = field(default_factory=lambda: dict.fromkeys(URGENCIES.values(), 0))
    ages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))
    needs: dict[str, int] = field(default_factory=dict)
    is_told: bool = True
    """Whether more than the number is published."""

    def add(self, other: _Node) -> None:
        self.requests += other.requests
        self.waiting += other.waiting
        for name in ("urgencies", "ages", "needs"):
            mine: dict[str, int] = getattr(self, name)
            for word, count in getattr(other, name).items():
                mine[word] = mine.get(word, 0) + count

    def row(self, day: date) -> dict[str, Any]:
        told: dict[str, Any] = dict.fromkeys(("waiting", "urgencies", "ages", "needs"))
        if self.is_told:
            needs = {kind: self.needs[kind] for kind in KINDS if self.needs.get(kind)}
            told = {"waiting": self.waiting, "urgencies": self.urgencies, "ages": self.ages, "needs": needs}
        return {
            "level": self.level, "key": self.key, "area_code": self.area_code, "size": self.size, "lat": self.lat,
            "lon": self.lon, "requests": self.requests, "day": day, **told,
        }  # fmt: skip


def refresh(session: Session, now: datetime) -> bool:
    """Computes the counts of the current day if they do not exist yet; a background job. Returns whether it did."""
    if published_day(session) == today(now):
        return False
    make(session, now)
    return True


def make(session: Session, now: datetime) -> None:
    """Writes the counts of the day that contains this moment; replaces existing ones."""
    day = today(now)
    found = _by_cell(session, day)
    nodes = [*_areas(session, found), *found]
    _keep_back(nodes)
    session.execute(delete(HelpPublicCount).execution_options(synchronize_session=False))
    rows = [node.row(day) for node in nodes]
    for first in range(0, len(rows), _AT_ONCE):
        session.execute(insert(HelpPublicCount), rows[first : first + _AT_ONCE])
    database.mark_changed(session, VERSION)


def _by_cell(session: Session, day: date) -> list[_Node]:
    """Requests that were open at the beginning of the day, by cell."""
    at = midnight(day)
    posted_on = func.date(func.timezone("Asia/Bangkok", HelpRequest.posted_at))
    where = cast(HelpRequest.cell, Geometry)
    opened = (
        select(
            HelpRequest.id, HelpRequest.cell_key.label("key"), HelpRequest.cell_tambon_code.label("area_code"),
            HelpRequest.cell_size.label("size"), func.ST_Y(where).label("lat"), func.ST_X(where).label("lon"),
            HelpRequest.urgency, func.coalesce(HelpRequest.free_from <= at, False).label("waiting"),
            (literal(day) - posted_on).label("days"),
        )
        .where(HelpRequest.posted_at < at, or_(HelpRequest.closed_at.is_(None), HelpRequest.closed_at >= at))
        .where(HelpRequest.linked_to.is_(None), HelpRequest.held.is_(False))
        .cte("opened")
    )  # fmt: skip
    columns = [
        opened.c.key, func.min(opened.c.area_code).label("area_code"), func.min(opened.c.size).label("size"),
        func.min(opened.c.lat).label("lat"), func.min(opened.c.lon).label("lon"), func.count().label("requests"),
        func.count().filter(opened.c.waiting).label("waiting"),
        *(func.count().filter(opened.c.urgency == number).label(word) for number, word in URGENCIES.items()),
        *(func.count().filter(_aged(opened.c.days, *days)).label(name) for name, days in AGES.items()),
    ]  # fmt: skip
    made = {
        row.key: _Node(
            "cell", row.key, row.area_code, row.size, row.lat, row.lon, row.requests, row.waiting,
            {word: getattr(row, word) for word in URGENCIES.values()}, {name: getattr(row, name) for name in AGES},
        )
        for row in session.execute(select(*columns).group_by(opened.c.key).order_by(opened.c.key))
    }  # fmt: skip
    needs = (
        select(opened.c.key, HelpNeed.kind, func.count(func.distinct(opened.c.id)))
        .join(HelpNeed, HelpNeed.request_id == opened.c.id)
        .where(HelpNeed.state.not_in(FINISHED))
        .group_by(opened.c.key, HelpNeed.kind)
    )
    for key, kind, count in session.execute(needs):
        made[key].needs[kind] = count
    return list(made.values())


def _areas(session: Session, cells: Iterable[_Node]) -> list[_Node]:
    """The country, provinces, amphoe and tambon of these cells, with their sums."""
    made: dict[str, _Node] = {COUNTRY: _Node("country", COUNTRY, COUNTRY)}
    for cell in cells:
        made[COUNTRY].add(cell)
        for level, digits in _DIGITS.items():
            code = cell.area_code[:digits]
            made.setdefault(code, _Node(level, code, code)).add(cell)
    where = cast(Area.point, Geometry)
    points = select(Area.code, func.ST_Y(where), func.ST_X(where)).where(Area.code.in_(made))
    for code, lat, lon in session.execute(points):
        made[code].lat, made[code].lon = lat, lon
    return list(made.values())


def _keep_back(nodes: Iterable[_Node]) -> None:
    """Decides where needs, urgency and age are published: everywhere, unless sums would reveal those of fewer than
    ``ENOUGH``."""
    children: dict[tuple[str, str], list[_Node]] = defaultdict(list)
    by_level: dict[str, list[_Node]] = defaultdict(list)
    for node in nodes:
        by_level[node.level].append(node)
        children[_LEVELS[_LEVELS.index(node.level) - 1], _parent(node)].append(node)
    for node in by_level["country"]:
        node.is_told = not 0 < node.requests < ENOUGH
    for level in _LEVELS[:-1]:
        for node in by_level[level]:
            _among(node, children[level, node.key])


def _parent(node: _Node) -> str:
    if node.level in ("country", "province"):
        return COUNTRY
    return node.area_code if node.level == "cell" else node.key[:-2]


def _among(parent: _Node, children: list[_Node]) -> None:
    kept_back = 0
    for one in sorted(children, key=lambda node: (node.requests, node.key)):
        # Smallest first: as long as the withheld ones together are too few, the next one is withheld, too.
        one.is_told = parent.is_told and one.requests >= ENOUGH and not 0 < kept_back < ENOUGH
        kept_back += 0 if one.is_told else one.requests


def _aged(days: Any, first: int, last: int | None) -> Any:
    return days >= first if last is None else days.between(first, last)
