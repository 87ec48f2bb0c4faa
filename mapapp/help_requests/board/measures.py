"""Figures of an area by week: how many asked, how soon somebody came, and whom nobody reached.

What they mean does not change: a request counts in the ISO week in which it was posted (Bangkok), in the tambon where
it lies now, and everything about it is told in that week, whenever it happened. So a week's figures go on moving while
its requests are worked on, and the newest week's times are those of the fast ones alone. Not counted are requests that
officers closed as a duplicate or as not genuine. ``claimed``: somebody took it on at least once; ``helped``: it closed
as helped, by us or otherwise, so what is done and waits to be confirmed is not in it; ``done``: all of it was said to
be done, confirmed or not; ``unserved_24h``: 24 hours after the post it was still open, and nobody had taken it on.
Percentiles are ``percentile_cont`` over those for whom it has happened. Small numbers can tell of one household, so the
figures are for officers and auditors (letter L3.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Numeric, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.core.clock import midnight, today
from mapapp.help_requests.board.schemas import Measure
from mapapp.help_requests.models import HelpRequest

NOT_COUNTED: Final = ("duplicate", "not_genuine")
HELPED: Final = ("helped", "helped_already")

DAY: Final = timedelta(hours=24)


def monday(now: datetime, weeks: int) -> datetime:
    """The moment at which the first of so many weeks begins in Bangkok, the last one being this one."""
    day = today(now)
    return midnight(day, later=-day.weekday() - 7 * (weeks - 1))


def first_day(week: str) -> date:
    """The Monday of an ISO week as ``Measure.week`` names it: of ``2026-W47`` 16 November 2026."""
    return date.fromisoformat(f"{week}-1")


def measures(session: Session, area: str, now: datetime, *, weeks: int, total: bool) -> list[Measure]:
    """The figures of the areas right below an area, or of the area as a whole, week by week, the newest first.

    Args:
        area: a code or ``TH``.
        weeks: how many, this one included.
        total: of the area itself; otherwise of its provinces, amphoe or tambons (of a tambon: itself).
    """
    whole = "" if area == "TH" else area
    length = min(len(whole) + 2, 6)
    code: Any = func.coalesce(whole or None, "TH") if total else func.left(HelpRequest.tambon_code, length)
    week: Any = func.to_char(func.timezone("Asia/Bangkok", HelpRequest.posted_at), 'IYYY-"W"IW')
    counted = or_(HelpRequest.outcome.is_(None), HelpRequest.outcome.not_in(NOT_COUNTED))
    rows = session.execute(
        select(code.label("area"), week.label("week"), *_figures(now))
        .where(scope(HelpRequest.tambon_code, area), HelpRequest.posted_at >= monday(now, weeks), counted)
        .group_by("area", "week")
        .order_by(week.desc(), "area")
    )
    return [Measure(**row._asdict()) for row in rows]


def _figures(now: datetime) -> Sequence[ColumnElement[Any]]:
    posted, claimed, closed = HelpRequest.posted_at, HelpRequest.first_claimed_at, HelpRequest.closed_at
    a_day_on = posted + DAY
    unserved = and_(
        a_day_on <= now,
        or_(claimed.is_(None), claimed > a_day_on),
        or_(closed.is_(None), closed > a_day_on),
    )
    # A request that was cancelled has an end too, but nobody did anything then.
    done = case((or_(HelpRequest.outcome.is_(None), HelpRequest.outcome.in_(HELPED)), HelpRequest.done_at))
    return (
        func.count().label("posted"),
        func.count(claimed).label("claimed"),
        func.count().filter(HelpRequest.outcome.in_(HELPED)).label("helped"),
        func.count().filter(unserved).label("unserved_24h"),
        *(_hours(share, claimed - posted).label(f"claim_p{share}_h") for share in (50, 90)),
        *(_hours(share, done - posted).label(f"done_p{share}_h") for share in (50, 90)),
    )


def _hours(share: int, span: ColumnElement[Any]) -> Any:
    hours = func.extract("epoch", span) / 3600
    return func.round(cast(func.percentile_cont(share / 100).within_group(hours.asc()), Numeric), 1)
