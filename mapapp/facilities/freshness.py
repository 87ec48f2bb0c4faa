"""Freshness: how long a facility counts as current after its last confirmation, by kind. No Flask in here.

A facility is stale if ``confirmed_at`` is older than the limit for its kind (setting ``fresh_days``), or if its date is
unknown. Stale facilities are left out of “nearest” and of coverage unless they are requested. A doubtful one (people
reported a problem) is marked but never left out: three people can be wrong, and it may be the only facility there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final, Literal

from sqlalchemy import Float, bindparam, case, cast, func, literal, literal_column, or_, select
from sqlalchemy.sql import ColumnElement

from mapapp.core.clock import BANGKOK, today
from mapapp.core.config import BadConfig, Config
from mapapp.facilities.kinds import BY_NAME, KIND_ROWS, KINDS
from mapapp.facilities.models import Facility, FacilityUse

USES_COUNT_FOR: Final = timedelta(days=30)
"""How far back openings of a pin's page say that it is used."""


@dataclass(frozen=True)
class Lifetimes:
    """Days for which a pin of each kind counts as current. Made by ``of``; one value for the whole process."""

    days: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, days: Mapping[str, int]) -> Lifetimes:
        """From kind → days; a kind that is not named has those of its row.

        Raises:
            BadConfig: there is no such kind.
        """
        if unknown := sorted(days.keys() - BY_NAME.keys()):
            raise BadConfig(f"MAPAPP_FRESH_DAYS: there is no kind {unknown[0]}; the kinds are {', '.join(KINDS)}")
        return cls(tuple((row.name, days.get(row.name, row.fresh_days)) for row in KIND_ROWS))

    @cached_property
    def by_kind(self) -> dict[str, timedelta]:
        """How long a pin of each kind stays current."""
        return {kind: timedelta(days=days) for kind, days in self.days}

    def stale_at(self, kind: str, confirmed_at: datetime | None) -> datetime | None:
        """The moment after which the pin is stale; None where it is from the start."""
        return None if confirmed_at is None else confirmed_at + self.by_kind[kind]

    def is_stale(self, kind: str, confirmed_at: datetime | None, now: datetime) -> bool:
        """Whether it was not confirmed within the limit for its kind, or the date is unknown."""
        until = self.stale_at(kind, confirmed_at)
        return until is None or until < now

    def fresh_from(self, now: datetime) -> dict[str, datetime]:
        """For each kind the moment: confirmed then or later is current at ``now``."""
        return {kind: now - life for kind, life in self.by_kind.items()}


DEFAULT: Final = Lifetimes.of({})
"""What the kinds' own rows say."""


def lifetimes(config: Config) -> Lifetimes:
    """The running service's.

    Raises:
        BadConfig: the setting names a kind that is none.
    """
    return _known(tuple(config.fresh_days.items()))


@lru_cache(maxsize=4)
def _known(days: tuple[tuple[str, int], ...]) -> Lifetimes:
    return Lifetimes.of(dict(days))


def fresh_from_sql() -> ColumnElement[datetime]:
    """For a row of facilities: the moment from which on it would have to be confirmed to be current.

    Its places: ``fresh_<kind>`` for each kind, from ``places``.
    """
    return case(*((Facility.kind == literal_column(f"'{kind}'"), bindparam(f"fresh_{kind}")) for kind in KINDS))


def places(known: Lifetimes, now: datetime) -> dict[str, datetime]:
    """The values of ``fresh_from_sql``'s places."""
    return {f"fresh_{kind}": moment for kind, moment in known.fresh_from(now).items()}


def is_stale_sql(known: Lifetimes, now: datetime) -> ColumnElement[bool]:
    """Whether a row of facilities is stale at ``now``: ``is_stale`` in SQL."""
    moments: dict[Any, Any] = {kind: literal(moment) for kind, moment in known.fresh_from(now).items()}
    return or_(Facility.confirmed_at.is_(None), Facility.confirmed_at < case(moments, value=Facility.kind))


ConfirmedBy = Literal["person", "list"]


def confirmed_by(confirmed_at: datetime | None, verified_at: datetime | None) -> ConfirmedBy | None:
    """Who stands for a pin as it is: a person, or only the list that brought it; None where that named no day."""
    if confirmed_at is None:
        return None
    return "person" if verified_at is not None and verified_at >= confirmed_at else "list"


def moment_of(day: date, now: datetime) -> datetime:
    """The moment at which a list of a day speaks: its noon in Bangkok, and never later than now."""
    return min(datetime.combine(day, NOON, BANGKOK), now)


NOON: Final = time(12)

LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=BANGKOK)
"""Replaces an unknown date in orderings: facilities without a date are checked first."""


def age_sql() -> ColumnElement[datetime]:
    """For a row of facilities: of when it is, to order by."""
    return func.coalesce(Facility.confirmed_at, literal(LONG_AGO))


def uses_sql(since: date) -> ColumnElement[int]:
    """For a row of facilities: how often its page was opened since a day (in Bangkok)."""
    opened = func.coalesce(func.sum(FacilityUse.opened), 0)
    wanted = select(opened).where(FacilityUse.facility_id == Facility.id, FacilityUse.day >= since)
    return wanted.correlate(Facility).scalar_subquery()


def stale_queue_order(known: Lifetimes, now: datetime) -> tuple[Any, ...]:
    """What to order an officer's stale queue by: doubtful ones first, then the oldest and most used, then by id.

    Age is told in lifetimes of the kind, so that a hospital three days over its ninety does not stand before a
    waiting centre three days over its three. It weighs as often again as the page was opened in the last 30 days,
    by the logarithm: one popular pin must not hide all the old ones. ``select(…).order_by(*stale_queue_order(…))``.
    """
    lives: dict[Any, Any] = {kind: literal(days * 86_400.0) for kind, days in known.days}
    age = cast(func.extract("epoch", literal(now) - age_sql()), Float) / case(lives, value=Facility.kind)
    used = func.ln(1 + cast(uses_sql(today(now - USES_COUNT_FOR)), Float))
    return (Facility.doubtful_at.is_not(None).desc(), (age * (1 + used)).desc(), Facility.id)
