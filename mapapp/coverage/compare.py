"""Two kinds of facilities, or two days, side by side: the same areas, one set of classes, and the difference."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.coverage import queries
from mapapp.coverage.metrics import METRICS, breaks
from mapapp.coverage.models import CoverageDay
from mapapp.coverage.schemas import Compared, Comparison, CoverageRow, CoverageTable, FigureQuery, Side
from mapapp.lists import sheets
from mapapp.lists.credits import Credit


def compare(session: Session, left: FigureQuery, right: FigureQuery) -> Comparison:
    """The figures of two queries that differ in kind, day or whether stale facilities count.

    Raises:
        NotFound: no area has the code ``within``.
    """
    metric = METRICS[left.metric]
    first, second = queries.table(session, left), queries.table(session, right)
    others = {row.code: row.value for row in second.rows}
    rows = [_row(row, others.get(row.code)) for row in first.rows]
    worse = 1 if metric.direction == "high" else -1
    known = [row.difference is not None for row in rows]
    order = sorted(
        range(len(rows)), key=lambda i: (not known[i], -worse * (rows[i].difference or 0), -(rows[i].population or 0))
    )
    days_from, days_to = kept_days(session)
    return Comparison(
        level=left.level,
        metric=left.metric,
        radius_km=left.radius_km,
        within=left.within,
        unit=metric.unit,
        direction=metric.direction,
        breaks=breaks(metric, [row.value for row in (*first.rows, *second.rows)]),
        left=_side(left, first),
        right=_side(right, second),
        days_from=days_from,
        days_to=days_to,
        pending=max(first.pending, second.pending),
        rows=[rows[i] for i in order],
    )


def kept_days(session: Session) -> tuple[date | None, date | None]:
    """The first and the last day whose figures are kept."""
    first, last = session.execute(select(func.min(CoverageDay.day), func.max(CoverageDay.day))).one()
    return first, last


def _row(row: CoverageRow, other: float | None) -> Compared:
    names = ("code", "level", "name_th", "name_en", "parent_th", "parent_en", "population")
    return Compared(
        **{name: getattr(row, name) for name in names},
        left=row.value,
        right=other,
        difference=None if row.value is None or other is None else other - row.value,
    )


def _side(query: FigureQuery, found: CoverageTable) -> Side:
    return Side(kind=query.kind, day=query.day, stale=query.stale, computed_at=found.computed_at)


def as_csv(found: Comparison, credit: Credit) -> bytes:
    """As a spreadsheet reads it; every row says what is compared, and whose it is."""
    told = credit.model_dump(mode="json")
    names = list(Compared.model_fields)
    sides = [
        value
        for side in (found.left, found.right)
        for value in (side.kind, side.day or "", "yes" if side.stale else "no")
    ]
    asked = [found.metric, found.radius_km, *sides, *told.values()]
    cells = (row.model_dump() for row in found.rows)
    return sheets.as_csv(
        [
            *names, "metric", "radius_km", "left_kind", "left_day", "left_stale_counted",
            "right_kind", "right_day", "right_stale_counted", *told,
        ],
        ([*(row[name] for name in names), *asked] for row in cells),
    )  # fmt: skip
