"""The rows of a list beside the pins we have: which are new, which differ and in what. Reads only."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geoalchemy2 import Geometry
from sqlalchemy import Text, and_, cast, column, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mapapp.areas.names import normalise
from mapapp.core import geo
from mapapp.core.errors import FieldProblem, Message
from mapapp.facilities.fields import OF_HOW_MANY
from mapapp.facilities.grid import Nearby
from mapapp.facilities.history_values import LISTED, STAMPS, told, too_many_free
from mapapp.facilities.models import Facility, FacilityChange
from mapapp.facilities.schemas import FacilityIn

_CLOSING = ("closed_from", "closed_until", "closed_reason")

_COUNTS = frozenset({*OF_HOW_MANY, *(of.field for of in OF_HOW_MANY.values())})

Known = dict[str, Any]
"""A pin as it is: ``id``, ``version``, ``tambon_code``, ``merged_into``, ``undone``, its facts and stamps."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A row beside the pin it speaks of. ``known`` is None where there is none yet."""

    row: FacilityIn
    known: Known | None
    speaks_of: frozenset[str]
    """The facts this row says something about."""
    changes: dict[str, list[Any]]
    """Field → [before, after], as the history keeps them."""

    @property
    def problem(self) -> FieldProblem | None:
        """Why the row cannot be taken beside what we know: fewer beds than we were told are free."""
        if self.known is None or not self.changes:
            return None
        whole = self.known | {name: after for name, (_before, after) in self.changes.items() if name in _COUNTS}
        free = too_many_free(whole)
        if free is None or not {free, OF_HOW_MANY[free].field} & self.changes.keys():
            return None
        of = OF_HOW_MANY[free]
        return FieldProblem("", Message(of.too_few, {"free": whole[free], "there": whole[of.field]}))

    @property
    def is_merged(self) -> bool:
        """Whether officers have found this pin to be another one: the row then has nothing of its own to say."""
        return self.known is not None and self.known["merged_into"] is not None


def value_of(row: FacilityIn, name: str) -> Any:
    """A fact of a row; the point as ``geo.Point``."""
    return row.point if name == "point" else getattr(row, name)


def compare(
    session: Session, rows: Sequence[FacilityIn], given: Collection[str], *, lock: bool = False
) -> list[Compared]:
    """Each row beside its pin, in the order of the rows; one statement.

    Args:
        rows: checked facilities, no two with the same source and reference.
        given: the facts the list speaks of; others are left as they are in pins we have.
        lock: keeps others from changing these pins until the transaction ends.
    """
    found = _known(session, rows, lock)
    return [_compared(row, found.get((row.source, row.source_ref)), given) for row in rows]


_Reference = tuple[str, str]
"""Source and reference."""


def as_known(session: Session, rows: Sequence[FacilityIn]) -> list[FacilityIn]:
    """The rows, each under the source and the reference of the pin it speaks of, where we have one.

    By the number of ours that an export carries; by a code that lost its zeros in front (1001 is 001001, where that is
    the only one); without any code by name, kind and place.
    """
    rows = _by_number(session, rows)
    known = _references(session, {row.source for row in rows if not row.pin})
    taken = {(row.source, row.source_ref) for row in rows if row.pin or not row.source_ref.startswith(MADE_UP)}
    codes, names = _by_digits(known), _by_name(known)
    made: list[FacilityIn] = []
    for row in rows:
        ref = row.source_ref
        if not row.pin:
            if ref.startswith(MADE_UP):
                ref = _alike(row, names, taken) or _free(row, known, taken)
            elif (row.source, ref) not in known:
                ref = _padded(row, codes, taken) or ref
            taken.add((row.source, ref))
        made.append(row if ref == row.source_ref else row.model_copy(update={"source_ref": ref}))
    return made


def _free(row: FacilityIn, known: Collection[_Reference], taken: Collection[_Reference]) -> str:
    """A made-up reference for a place we do not have, which no other place has."""
    tries = (row.source_ref if count == 1 else f"{row.source_ref}-{count}" for count in itertools.count(1))
    return next(ref for ref in tries if (row.source, ref) not in known and (row.source, ref) not in taken)


def _by_number(session: Session, rows: Sequence[FacilityIn]) -> list[FacilityIn]:
    """A number counts only beside the reference that was exported with it: so a list that counts its own rows under the
    same heading takes over no stranger's pin."""
    numbers = sorted({row.pin for row in rows if row.pin})
    if not numbers:
        return list(rows)
    columns = (Facility.id, Facility.source, Facility.source_ref)
    known = {
        (number, ref): source
        for number, source, ref in session.execute(select(*columns).where(Facility.id == func.any(numbers)))
    }
    sources = (known.get((row.pin, row.source_ref)) if row.pin else None for row in rows)
    return [
        row if source is None else row.model_copy(update={"source": source})
        for row, source in zip(rows, sources, strict=True)
    ]


MADE_UP: Final = "~"
"""How references begin that we made for rows without a code."""

ALIKE_M: Final = 1_000
"""A pin of the same list, kind and name that lies nearer than this to where the list now has it is the same place."""


def _references(session: Session, sources: Collection[str]) -> dict[_Reference, tuple[str, str, geo.Point]]:
    """The pins of these lists: kind, name and place by source and reference."""
    if not sources:
        return {}
    point: Any = cast(Facility.point, Geometry("POINT", geo.SRID))
    columns = (Facility.source, Facility.source_ref, Facility.kind, Facility.name_th)
    found = session.execute(
        select(*columns, func.ST_Y(point), func.ST_X(point)).where(Facility.source.in_(sorted(sources)))
    )
    return {(source, ref): (kind, name, geo.Point(lat=lat, lon=lon)) for source, ref, kind, name, lat, lon in found}


def _by_digits(known: Collection[_Reference]) -> dict[_Reference, list[str]]:
    found: dict[_Reference, list[str]] = {}
    for source, ref in known:
        if ref.isascii() and ref.isdigit():
            found.setdefault((source, ref.lstrip("0")), []).append(ref)
    return found


def _by_name(
    known: Mapping[_Reference, tuple[str, str, geo.Point]],
) -> dict[tuple[str, str, str], Nearby[str]]:
    """References of pins without a code, by what tells them from others of their list."""
    found: dict[tuple[str, str, str], Nearby[str]] = {}
    for (source, ref), (kind, name, point) in known.items():
        if ref.startswith(MADE_UP):
            found.setdefault((source, kind, normalise(name)), Nearby(ALIKE_M)).add(point, ref)
    return found


def _padded(row: FacilityIn, codes: Mapping[_Reference, list[str]], taken: Collection[_Reference]) -> str | None:
    """The code that this one is with its zeros, where there is only one."""
    ref = row.source_ref
    if not (ref.isascii() and ref.isdigit()):
        return None
    found = codes.get((row.source, ref.lstrip("0")), [])
    return found[0] if len(found) == 1 and (row.source, found[0]) not in taken else None


def _alike(
    row: FacilityIn, names: Mapping[tuple[str, str, str], Nearby[str]], taken: Collection[_Reference]
) -> str | None:
    """The nearest pin of the same name that no other row speaks of."""
    named = names.get((row.source, row.kind, normalise(row.name_th)))
    near = [] if named is None else [one for one in named.around(row.point) if (row.source, one[1]) not in taken]
    return min(near)[1] if near else None


def hold(session: Session, rows: Sequence[FacilityIn]) -> None:
    """Keeps the pins that these rows speak of as they are until the transaction ends: all at once and by id, so that a
    long list and an action on many pins wait for each other only one way."""
    asked = _asked(rows)
    pins = select(Facility.id).join(
        asked, and_(Facility.source == asked.c.source, Facility.source_ref == asked.c.source_ref)
    )
    session.execute(pins.order_by(Facility.id).with_for_update(of=Facility)).all()


def _compared(row: FacilityIn, known: Known | None, given: Collection[str]) -> Compared:
    if known is None:
        facts = {name: told(value_of(row, name)) for name in LISTED if name != "is_example" or row.is_example}
        changes = {name: [None, value] for name, value in facts.items() if value is not None}
        return Compared(row, None, frozenset(given), changes)
    speaks_of = _speaks_of(row, known, given)
    changes = {}
    if known["merged_into"] is None:
        for name in LISTED:
            if name in speaks_of:
                before, after = told(known[name]), told(value_of(row, name))
                if before != after:
                    changes[name] = [before, after]
    return Compared(row, known, speaks_of, changes)


def _speaks_of(row: FacilityIn, known: Known, given: Collection[str]) -> frozenset[str]:
    facts = set(given) - row.left_out
    if known["undone"]:
        facts.add("status")  # an import that was taken back closed it; the list brings it again
    if "status" in facts and row.status != "temporarily_closed":
        # A place that is open again has no end of its closure; one that stays closed keeps the reason.
        facts.update(name for name in _CLOSING if row.status in ("open", "full") or name != "closed_reason")
    return frozenset(facts)


def _asked(rows: Sequence[FacilityIn]) -> Any:
    """Source and reference of the rows, as a table."""
    return (
        func.unnest(
            cast([row.source for row in rows], ARRAY(Text)), cast([row.source_ref for row in rows], ARRAY(Text))
        )
        .table_valued(column("source", Text), column("source_ref", Text), name="asked")
        .render_derived()
    )


def _known(session: Session, rows: Sequence[FacilityIn], lock: bool) -> dict[tuple[str, str], Known]:
    asked = _asked(rows)
    point: Any = cast(Facility.point, Geometry("POINT", geo.SRID))
    taken_back = exists().where(
        FacilityChange.facility_id == Facility.id,
        FacilityChange.version == Facility.version,
        FacilityChange.action == "undo",
        FacilityChange.import_id.is_not(None),
        Facility.status == "closed",
    )
    statement = select(
        Facility.source,
        Facility.source_ref,
        Facility.id,
        Facility.version,
        Facility.tambon_code,
        Facility.merged_into,
        taken_back.label("undone"),
        func.ST_X(point).label("lon"),
        func.ST_Y(point).label("lat"),
        *(getattr(Facility, name) for name in (*LISTED, *STAMPS) if name != "point"),
    ).join(asked, and_(Facility.source == asked.c.source, Facility.source_ref == asked.c.source_ref))
    if lock:
        # By id, so that two who lock several pins do not wait for each other.
        statement = statement.order_by(Facility.id).with_for_update(of=Facility)
    found: dict[tuple[str, str], Known] = {}
    for row in session.execute(statement):
        known = row._asdict()
        known["point"] = geo.Point(lat=known.pop("lat"), lon=known.pop("lon"))
        found[known.pop("source"), known.pop("source_ref")] = known
    return found
