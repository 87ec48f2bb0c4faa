"""An old form's export from its upload to the comparison. Nothing commits; the caller has asked the policy about the
area."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, defer

from mapapp.areas.queries import scope
from mapapp.areas.resolving import register
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, Message, NotFound
from mapapp.statistics.parallel import figures, reading
from mapapp.statistics.parallel.models import StatisticsOldFigure, StatisticsOldForm
from mapapp.statistics.parallel.reading import Export
from mapapp.statistics.parallel.schemas import Difference, Skipped

FILE_FOR: Final = timedelta(hours=24)
"""So long a file stays, so that its columns can still be named; it may hold names of people."""

KEPT_FOR: Final = timedelta(days=180)
"""So long the figures of an export stay."""

MOST_SKIPPED: Final = 200


def upload(session: Session, actor: Actor, *, area: str, file_name: str, data: bytes, now: datetime) -> uuid.UUID:
    """Keeps an export, and its figures, if its columns are known from an earlier one or by their headings.

    Raises:
        Invalid: the file cannot be used.
    """
    known = register.load(session, [area])
    words = figures.words()
    export = reading.read(session, data, known, words)
    before = remembered(session, actor, area, export.digest)
    adding = before is not None and before.same_area == "sum"
    if before is not None or adding:
        export = reading.read(session, data, known, words, chosen=before.columns if before else None, adding=adding)
    made = uuid.uuid4()
    session.execute(
        insert(StatisticsOldForm).values(
            id=made, area_code=area, person_id=actor.person_id, file_name=file_name[:200], file=data,
            headings=export.digest, columns=dict(export.columns) if before else None,
            same_area="sum" if adding else "last", remarks=[], created_at=now,
        )
    )  # fmt: skip
    if not export.misses:
        _keep(session, made, export, now)
    audit.record(
        session, actor, "statistics.old_form", "area", area, area_code=area, now=now, details={"bytes": len(data)}
    )
    return made


def remembered(session: Session, actor: Actor, area: str, headings: str) -> StatisticsOldForm | None:
    """The last export with these headings whose columns somebody has named: this officer, or another of the area."""
    mine = (StatisticsOldForm.person_id == actor.person_id) | (StatisticsOldForm.area_code == area)
    asked = select(StatisticsOldForm).where(
        mine, StatisticsOldForm.headings == headings, func.jsonb_typeof(StatisticsOldForm.columns) == "object"
    )
    asked = asked.order_by(StatisticsOldForm.created_at.desc()).limit(1).options(defer(StatisticsOldForm.file))
    return session.scalars(asked).one_or_none()


def get(session: Session, form_id: uuid.UUID) -> StatisticsOldForm:
    """One export.

    Raises:
        NotFound: there is none.
    """
    found = session.get(StatisticsOldForm, form_id, populate_existing=True)
    if found is None:
        raise NotFound(N_("This export was not found."))
    return found


def recent(session: Session, areas: Sequence[str], limit: int = 20) -> list[StatisticsOldForm]:
    """The newest exports of these areas, without their files."""
    inside = or_(*(scope(StatisticsOldForm.area_code, code) for code in areas))
    asked = select(StatisticsOldForm).where(inside).options(defer(StatisticsOldForm.file))
    return list(session.scalars(asked.order_by(StatisticsOldForm.created_at.desc()).limit(limit)))


def look(session: Session, one: StatisticsOldForm, *, only_heads: bool = False) -> Export:
    """The headings of an export, and what its columns say as far as it is known.

    Raises:
        Conflict: its file is gone.
        Invalid: it cannot be read.
    """
    if one.file is None:
        raise Conflict(N_("The file is no longer here; files are kept for one day. Upload it again."))
    known = register.load(session, [one.area_code])
    return reading.read(
        session,
        one.file,
        known,
        figures.words(),
        chosen=one.columns,
        adding=one.same_area == "sum",
        only_heads=only_heads,
    )


def name_columns(
    session: Session, one: StatisticsOldForm, columns: Mapping[str, str], same_area: str, now: datetime
) -> Export:
    """Keeps which column says what, for this export and the next one with the same headings, and reads it so.

    Raises:
        Conflict: its file is gone.
        Invalid: it cannot be read so.
    """
    one.columns, one.same_area = dict(columns), same_area
    session.flush()
    export = look(session, one)
    _keep(session, one.id, export, now)
    return export


def discard(session: Session, one: StatisticsOldForm) -> None:
    """Forgets an export and its figures."""
    session.execute(delete(StatisticsOldForm).where(StatisticsOldForm.id == one.id))


def _keep(session: Session, form_id: uuid.UUID, export: Export, now: datetime) -> None:
    session.execute(delete(StatisticsOldFigure).where(StatisticsOldFigure.form_id == form_id))
    rows = [
        {"form_id": form_id, "area_code": area, "measure": measure, "figure": figure, "value": value}
        for area, told in export.figures.items()
        for name, value in told.items()
        for measure, figure in [figures.split(name)]
    ]
    if rows:
        session.execute(insert(StatisticsOldFigure), rows)
    remarks = [
        [one.row, one.column, one.message.text, dict(one.message.values)] for one in export.skipped[:MOST_SKIPPED]
    ]
    change = update(StatisticsOldForm).where(StatisticsOldForm.id == form_id).values(read_at=now, remarks=remarks)
    session.execute(change.execution_options(synchronize_session=False))


def skipped(one: StatisticsOldForm) -> list[Skipped]:
    """The rows that were not read."""
    return [Skipped(row, column, Message(text, values)) for row, column, text, values in one.remarks]


def differences(session: Session, form_id: uuid.UUID) -> list[Difference]:
    """Every figure of an export beside ours as it is now: the largest difference first, then those that agree."""
    rows = session.execute(
        select(
            StatisticsOldFigure.area_code, StatisticsOldFigure.measure, StatisticsOldFigure.figure,
            StatisticsOldFigure.value,
        ).where(StatisticsOldFigure.form_id == form_id)
    ).all()  # fmt: skip
    ours = figures.now_known(session, {row.area_code for row in rows}, {row.measure for row in rows})
    made = [Difference(row.area_code, row.measure, row.figure, row.value, figures.of(ours, *row[:3])) for row in rows]
    return sorted(made, key=lambda one: (one.agrees, -one.size, one.area_code, one.measure, one.figure))


def missing(session: Session, area: str, told: Iterable[Difference]) -> list[str]:
    """Areas with figures here of which the export has no row, on the levels that it tells of."""
    known = list(told)
    there = {one.area_code for one in known}
    lengths = {len(code) for code in there}
    entered = figures.entered(session, area, {one.measure for one in known})
    return sorted(code for code in entered if len(code) in lengths and code not in there)


def forget(session: Session, now: datetime) -> int:
    """Takes away files after a day, and exports after half a year; returns how many of both."""
    old = (StatisticsOldForm.file.is_not(None), StatisticsOldForm.created_at < now - FILE_FOR)
    files = session.execute(update(StatisticsOldForm).where(*old).values(file=None).returning(StatisticsOldForm.id))
    gone = session.execute(
        delete(StatisticsOldForm).where(StatisticsOldForm.created_at < now - KEPT_FOR).returning(StatisticsOldForm.id)
    )
    return len(files.all()) + len(gone.all())
