"""Figures of an area by week: how many requests, how soon volunteers came, and which requests no one accepted.

Their definitions must not change. A request counts in the ISO week in which it was sent (Bangkok), in the tambon where
it is now. Everything about it counts in that week, whenever it happened. So the figures of a week change while its
requests are worked on, and the times of the newest week include only fast ones. Requests that officers closed as a
duplicate or as not genuine are not counted. ``claimed``: claimed at least once. ``helped``: closed with help received,
by us or otherwise; requests that are done but not confirmed are not included. ``done``: all needs were marked as done,
confirmed or not. ``unserved_24h``: 24 hours after it was sent it was still open and had never been claimed. Percentiles
are ``percentile_cont`` over the requests for which it has happened. Small numbers can identify a household, so the
figures are only for officers and auditors (letter L4.5).
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
    """The beginning of the first of this many weeks in Bangkok; the last one is the current week."""
    day = today(now)
    return midnight(day, later=-day.weekday() - 7 * (weeks - 1))


def first_day(week: str) -> date:
    """The Monday of an ISO week named as in ``Measure.week``: for ``2026-W47`` it is 16 November 2026."""
    return date.fromisoformat(f"{week}-1")


def measures(session: Session, area: str, now: datetime, *, weeks: int, total: bool) -> list[Measure]:
    """The figures of the areas directly below an area, or of the area as a whole, by week, newest first.

    Args:
        area: a code or ``TH``.
        weeks: number of weeks, including the current one.
        total: of the area itself; otherwise of its provinces, amphoe or tambons (for a tambon: itself).
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
    # A cancelled request has an end too, but no one did anything then.
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
