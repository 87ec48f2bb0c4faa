"""Freezes a Friday, and verifies those that were frozen. One transaction: a Friday is there whole or not at all.
Nothing here commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.clock import BANGKOK
from mapapp.core.config import Config
from mapapp.core.errors import N_, invalid
from mapapp.core.vault import Vault
from mapapp.statistics import measures, service
from mapapp.statistics.fridays import chain
from mapapp.statistics.fridays.models import StatisticsFrozen, StatisticsPublished, StatisticsSnapshot
from mapapp.statistics.fridays.published import Row, Values, figures, protected, told
from mapapp.statistics.models import StatisticsFigure
from mapapp.survey.publishing import service as publishing

DATA: Final = "statistics"
"""The data version that changes with each Friday."""

_AT_ONCE: Final = 2_000
_PURPOSE: Final = "statistics rounding"
_CODE: Final = "statistics check code"
_FRIDAY: Final = 4
_AMPHOE: Final = 4
_PUT: Final = text(
    "INSERT INTO statistics_frozen (friday, measure, area_code, values)"
    " SELECT :friday, measure, area_code, values FROM statistics_figures WHERE measure = ANY(:keys)"
)

Figures = dict[str, dict[str, Values]]
"""Measure → area → its cells."""


@dataclass(frozen=True)
class Broken:
    """A Friday that is not as it was frozen."""

    friday: date
    what: str
    """A message to translate."""


def last_friday(now: datetime, hour: int) -> date:
    """The last Friday whose hour has come."""
    here = now.astimezone(BANGKOK)
    day = here.date() - timedelta(days=(here.weekday() - _FRIDAY) % 7)
    return day - timedelta(days=7) if datetime.combine(day, time(hour), BANGKOK) > here else day


def freeze(
    session: Session, config: Config, vault: Vault, now: datetime, friday: date | None = None
) -> tuple[StatisticsSnapshot, bool]:
    """The Friday as it is frozen, and whether it was just now. Again, and at the same time, it is the same one.

    Args:
        friday: None: the last one. Only that one can be frozen; older ones are found if they were.

    Raises:
        Invalid: the day is no Friday, it has not come, or its figures are no longer known.
    """
    last = last_friday(now, config.statistics_hour)
    wanted = last if friday is None else friday
    known = session.get(StatisticsSnapshot, wanted)
    if known is not None:
        return known, False
    _refuse(wanted, last)
    # Whoever counts or freezes waits here; what is noted by now is counted first.
    service.settle(session, config, now)
    known = session.get(StatisticsSnapshot, wanted)
    if known is not None:
        return known, False
    keys = measures.names()
    asked = select(StatisticsFigure.measure, StatisticsFigure.area_code, StatisticsFigure.values)
    found: Figures = defaultdict(dict)
    for measure, area, values in session.execute(asked.where(StatisticsFigure.measure.in_(keys))):
        found[measure][area] = values
    return keep(session, vault, wanted, now, found, copied=True), True


def _refuse(wanted: date, last: date) -> None:
    if wanted.weekday() != _FRIDAY:
        raise invalid("friday", N_("This day is not a Friday."))
    if wanted > last:
        raise invalid("friday", N_("This Friday is still to come."))
    if wanted < last:
        raise invalid("friday", N_("The figures of this Friday were not saved, and are no longer known."))


def keep(
    session: Session,
    vault: Vault,
    friday: date,
    frozen_at: datetime,
    found: Figures,
    *,
    copied: bool = False,
    is_example: bool = False,
) -> StatisticsSnapshot:
    """Writes a Friday with these figures, after the last one.

    Args:
        copied: they are those of ``statistics_figures``, which nobody changes meanwhile.

    Raises:
        Invalid: a later Friday is there.
    """
    before = session.scalars(select(StatisticsSnapshot).order_by(StatisticsSnapshot.friday.desc()).limit(1)).first()
    if before is not None and before.friday >= friday:
        raise invalid("friday", N_("A later Friday has been saved already."))
    public = {
        one.key: sorted(protected(one, found.get(one.key, {}), _secret(vault)), key=lambda row: row.area)
        for one in measures.all_measures()
        if one.people
    }
    made = StatisticsSnapshot(
        friday=friday, frozen_at=frozen_at, is_example=is_example, measures=_said(),
        previous=before.digest if before else chain.FIRST,
    )  # fmt: skip
    made.digest = chain.digest(
        made.previous, friday, frozen_at, made.measures, _frozen_rows(found), _published_rows(public)
    )
    session.add(made)
    session.flush()
    if copied:
        session.execute(_PUT, {"friday": friday, "keys": measures.names()})
    else:
        _put(session, StatisticsFrozen, (
            {"friday": friday, "measure": measure, "area_code": area, "values": values}
            for measure, area, values in _frozen_rows(found)
        ))  # fmt: skip
    _put(session, StatisticsPublished, (
        {"friday": friday, "measure": measure, "area_code": area, "states": states, "numbers": numbers}
        for measure, area, states, numbers in _published_rows(public)
    ))  # fmt: skip
    publishing.publish(session, friday, _amphoe(public.get("vaccination", [])))
    database.mark_changed(session, DATA)
    return made


def _amphoe(rows: Iterable[Row]) -> Iterator[publishing.Amphoe]:
    """What the survey's own page tells: the share of people with a dose, by amphoe."""
    measure = measures.get("vaccination")
    for row in rows:
        if len(row.area) == _AMPHOE:
            found = told(measure, figures(measure), row.states, row.numbers)
            people, share = found["here"].value, found["share"].value
            if people is not None and share is not None:
                yield publishing.Amphoe(row.area, int(people), round(share * 100))


def _secret(vault: Vault) -> Callable[[str], bytes]:
    return lambda cell: vault.index(cell, _PURPOSE)


def _said() -> dict[str, Any]:
    """What the numbers are, today."""
    return {
        one.key: {
            "cells": list(one.cells), "definition": one.definition, "source": one.source, "people": one.people,
            **({"figures": figures(one)} if one.people else {}),
        }
        for one in measures.all_measures()
    }  # fmt: skip


def _frozen_rows(found: Figures) -> Iterator[tuple[str, str, Values]]:
    for measure in sorted(found):
        for area in sorted(found[measure]):
            yield measure, area, found[measure][area]


def _published_rows(public: dict[str, list[Row]]) -> Iterator[tuple[str, str, str, list[int]]]:
    for measure in sorted(public):
        for row in public[measure]:
            yield measure, row.area, row.states, row.numbers


def _put(session: Session, table: type[database.Base], rows: Iterable[dict[str, Any]]) -> None:
    waiting: list[dict[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) >= _AT_ONCE:
            session.execute(insert(table), waiting)
            waiting = []
    if waiting:
        session.execute(insert(table), waiting)


def check_code(vault: Vault, digest: bytes) -> str:
    """A digest as it is told outside, in hexadecimal. The digest itself is made of the exact figures: with it, whoever
    knows most of them could try out the others until it fits. With the key nobody can, and it changes with the digest
    all the same."""
    return vault.index(digest.hex(), _CODE).hex()


# Verifying --------------------------------------------------------------------------------------------------------


def verify(session: Session) -> tuple[int, list[Broken]]:
    """Computes every digest again from what is kept: how many Fridays there are, and which are not as they were."""
    broken: list[Broken] = []
    previous, count = chain.FIRST, 0
    for one in session.scalars(select(StatisticsSnapshot).order_by(StatisticsSnapshot.friday)):
        count += 1
        if one.previous != previous:
            broken.append(Broken(one.friday, N_("The Friday before it is missing or was changed.")))
        if _digest_of(session, one) != one.digest:
            broken.append(Broken(one.friday, N_("Its figures are not those that were saved.")))
        previous = one.digest
    return count, broken


def _digest_of(session: Session, one: StatisticsSnapshot) -> bytes:
    frozen = select(StatisticsFrozen.measure, StatisticsFrozen.area_code, StatisticsFrozen.values)
    public = select(
        StatisticsPublished.measure, StatisticsPublished.area_code, StatisticsPublished.states,
        StatisticsPublished.numbers,
    )  # fmt: skip
    return chain.digest(
        one.previous, one.friday, one.frozen_at, one.measures,
        _ordered(session, frozen, StatisticsFrozen, one.friday),
        _ordered(session, public, StatisticsPublished, one.friday),
    )  # fmt: skip


def _ordered(session: Session, asked: Any, table: Any, friday: date) -> Iterator[Any]:
    binary = [table.measure.collate("C"), table.area_code.collate("C")]
    return iter(session.execute(asked.where(table.friday == friday).order_by(*binary)))
