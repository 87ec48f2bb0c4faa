"""Computes stored cells again after the size of the grid or the households of a tambon have changed.

No location becomes more exact than its resident agreed to: a cell that would be smaller than before is widened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from mapapp.areas.models import Village
from mapapp.core import geo
from mapapp.database import locks
from mapapp.database.server_time import database_time
from mapapp.help_requests import cells
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.nearby import daily_counts

_AT_ONCE: Final = 500


def recell(session: Session, *, above: int = 0, limit: int = _AT_ONCE) -> tuple[int | None, int]:
    """Computes the cells of the next requests. Nothing commits.

    Args:
        above: only requests with ids above this one, in order.
        limit: number of requests.

    Returns:
        the last id that was checked (None: there was none), and how many have another cell now.
    """
    locks.share(session, locks.AREAS)
    true, village, cell = (cast(column, Geometry) for column in (HelpRequest.point, Village.point, HelpRequest.cell))
    place = func.coalesce(true, village)
    statement = (
        select(
            HelpRequest.id, HelpRequest.tambon_code, HelpRequest.cell_key, HelpRequest.cell_size,
            HelpRequest.cell_tambon_code, func.ST_Y(place), func.ST_X(place), func.ST_Y(cell),
        )
        .outerjoin(Village, Village.code == HelpRequest.village_code)
        .where(HelpRequest.id > above, HelpRequest.erased_at.is_(None))
        .order_by(HelpRequest.id)
        .limit(limit)
        .with_for_update(of=HelpRequest)
    )  # fmt: skip
    last, changed = None, 0
    for number, tambon, key, size, told, lat, lon, middle in session.execute(statement).all():
        last = number
        made = None
        if lat is not None and size > 0:
            made = cells.cell_of(session, geo.Point(lat=lat, lon=lon), at_least=_side(key, size, middle))
        made = made or cells.cell_of_tambon(session, tambon)
        if (made.key, made.tambon_code) != (key, told):
            session.execute(
                update(HelpRequest).where(HelpRequest.id == number).values(
                    cell=made.middle.ewkt, cell_key=made.key, cell_size=made.size, cell_tambon_code=made.tambon_code
                )
            )  # fmt: skip
            changed += 1
    return last, changed


def recell_all(factory: sessionmaker[Session]) -> Iterator[int]:
    """Computes all cells, in transactions of a few requests each, then the public counts. If it is interrupted, it can
    be started again: correct cells are not changed.

    Yields:
        number of changed cells so far.
    """
    above: int | None = 0
    total = 0
    while above is not None:
        with factory() as session, session.begin():
            above, changed = recell(session, above=above)
        total += changed
        yield total
    with factory() as session, session.begin():
        daily_counts.make(session, database_time(session))


def _side(key: str, size: int, middle: float) -> float:
    """The width of a stored cell in degrees, whatever grid it was made on: its row gives its latitude.

    Args:
        key, size: of the cell; a tambon has no such width.
        middle: its latitude.
    """
    row = int(key.split(":")[1])
    return size * middle / (row + size / 2)
