"""An import from its upload to its end: kept, claimed by one run, loaded in one transaction, found dead, taken back.

Loading and “done” are one transaction, so a process that is ended half-way has loaded nothing; its beat stops, and the
import can be run again.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import cast, delete, insert, or_, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, sessionmaker

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, DomainError, Message
from mapapp.database import locks
from mapapp.facilities import list_rows, service
from mapapp.facilities.imports import plan as planning
from mapapp.facilities.imports import queries
from mapapp.facilities.imports import undo as imports_undo
from mapapp.facilities.imports.queries import Import
from mapapp.facilities.models import FacilityImport
from mapapp.lists import tables

log = logging.getLogger(__name__)

MOST_ROWS = 20_000
"""Rows of a list on the pages; longer ones are for the command line."""

KEPT_FOR = timedelta(hours=24)
"""So long the file of an import that was not run stays."""

BEAT_S = 2.0
DEAD_AFTER = timedelta(seconds=60)
"""A run without a sign of life for so long was ended half-way."""

Clock = Callable[[], datetime]

_TURN = threading.Semaphore(1)
"""One run at a time in a process: the others would only hold connections while they wait for it."""


def namespaced(source: str, area: str) -> str:
    """The source as it is stored: of the officer's own area, so that two areas' lists never speak of one pin.

    Whoever answers for the whole country uses the names of national lists.
    """
    return source if area == "TH" else f"{source} [{area}]"


# Before ---------------------------------------------------------------------------------------------------------


def upload(
    session: Session,
    actor: Actor,
    *,
    area: str,
    file_name: str,
    data: bytes,
    source: str,
    kind: str | None,
    as_of: str | None,
    checked: bool = False,
    now: datetime,
) -> uuid.UUID:
    """Keeps a list to be looked at. The caller has asked the policy about the area.

    Raises:
        Invalid: the file cannot be used; the sentence says why.
    """
    with suppress(tables.Unclear):  # its page says so, and lets the officer say how it is to be read
        tables.read_bytes(data, is_heading=list_rows.is_heading, most=MOST_ROWS)
    forget_files(session, now)
    made = uuid.uuid4()
    session.execute(
        insert(FacilityImport).values(
            id=made, person_id=actor.person_id, appointment_id=actor.appointment_id, area_code=area,
            file_name=file_name, file=data, source=namespaced(source, area), kind=kind,
            settings=({"as_of": as_of} if as_of else {}) | ({"checked": True} if checked else {}),
            state="uploaded", created_at=now,
        )
    )  # fmt: skip
    details = {"source": source, "bytes": len(data)}
    audit.record(session, actor, "facilities.import_upload", "import", made, area_code=area, now=now, details=details)
    return made


def forget_files(session: Session, now: datetime) -> int:
    """Takes away the files of imports that nobody ran within a day; returns how many."""
    gone = session.execute(
        update(FacilityImport)
        .where(
            FacilityImport.file.is_not(None),
            FacilityImport.created_at < now - KEPT_FOR,
            or_(FacilityImport.state != "running", FacilityImport.beat_at < now - DEAD_AFTER),
        )
        .values(file=None)
        .returning(FacilityImport.id)
    )
    return len(gone.all())


HOW = ("sheet", "encoding", "separator", "heading")
"""Settings of how the file is read."""


def read(found: Import, data: bytes) -> tables.Table:
    """The list as its settings say.

    Raises:
        Invalid: it cannot be read so.
    """
    return tables.read_bytes(
        data,
        how=tables.How(**{name: found.settings.get(name) for name in HOW}),
        is_heading=list_rows.is_heading,
        most=MOST_ROWS,
    )


def columns(found: Import, table: tables.Table) -> dict[str, str]:
    """Which column fills which field: as the officer chose, else by the names lists use.

    Who verified a place is not the list's to say.
    """
    chosen: dict[str, str] | None = found.settings.get("columns")
    if chosen is None:
        chosen, _remarks = _guessed(table)
    return {name: column for name, column in chosen.items() if column in table.headers}


def _guessed(table: tables.Table) -> tuple[dict[str, str], list[Message]]:
    """The same by the names lists use; what looked like codes and is none is left out, and told."""
    columns = list_rows.guess(table.headers)
    columns.pop("verified_by", None)
    return columns, list_rows.without_false_codes(table, columns)


def check(found: Import, table: tables.Table) -> list_rows.Checked:
    """Every row of the list, checked."""
    as_of = found.settings.get("as_of")
    checked = list_rows.check(
        table,
        source=found.source,
        kind=found.kind,
        mapping=columns(found, table),
        as_of=datetime.fromisoformat(as_of).date() if as_of else None,
        guessing=False,
    )
    if found.settings.get("columns") is None:
        checked.remarks += _guessed(table)[1]
    return checked


def set_options(session: Session, import_id: uuid.UUID, kind: str | None, settings: dict[str, Any]) -> None:
    """Keeps how the list is to be read. ``settings`` replaces sheet, encoding and columns.

    Raises:
        Conflict: it is being loaded, or is done.
    """
    row = session.execute(
        update(FacilityImport)
        .where(FacilityImport.id == import_id, FacilityImport.state.in_(["uploaded", "failed"]))
        .values(kind=kind, settings=settings)
        .returning(FacilityImport.id)
    ).one_or_none()
    if row is None:
        raise Conflict(N_("This list is being imported, or the import is finished."))


def discard(session: Session, import_id: uuid.UUID) -> None:
    """Forgets an upload of which nothing was loaded.

    Raises:
        Conflict: it is being loaded, or is done.
    """
    row = session.execute(
        delete(FacilityImport)
        .where(FacilityImport.id == import_id, FacilityImport.state.in_(["uploaded", "failed"]))
        .returning(FacilityImport.id)
    ).one_or_none()
    if row is None:
        raise Conflict(N_("This list is being imported, or the import is finished."))


# The run --------------------------------------------------------------------------------------------------------


@dataclass
class Progress:
    """How far a run is, written by it and read by its beat."""

    rows: int | None = None
    done: int = 0

    def step(self, count: int) -> None:
        """So many rows more."""
        self.done += count


def claim(session: Session, import_id: uuid.UUID, *, only_good: bool, now: datetime) -> str:
    """Claims the import for one run, and returns its name. To be committed before the run begins.

    Of two taps one gets it. A run that died can be claimed anew; should it come back to life, it finds its name gone.

    Raises:
        Conflict: it runs already, is done, or its file is gone.
    """
    run = uuid.uuid4().hex
    state = FacilityImport.state
    row = session.execute(
        update(FacilityImport)
        .where(
            FacilityImport.id == import_id,
            FacilityImport.file.is_not(None),
            or_(
                state.in_(["uploaded", "failed"]),
                (state == "running") & (FacilityImport.beat_at < now - DEAD_AFTER),
            ),
        )
        .values(
            state="running",
            beat_at=now,
            rows=None,
            rows_done=0,
            problem=None,
            settings=FacilityImport.settings.op("||")(cast({"run": run, "only_good": only_good}, JSONB)),
        )
        .returning(FacilityImport.id)
    ).one_or_none()
    if row is None:
        raise Conflict(N_("This list is being imported, or the import is finished."))
    return run


def run(
    factory: sessionmaker[Session],
    import_id: uuid.UUID,
    name: str,
    actor: Actor,
    clock: Clock,
    beat_s: float | None = BEAT_S,
) -> None:
    """Loads a claimed import; what goes wrong is kept with it as a sentence. Raises nothing.

    Args:
        factory: sessions of its own.
        import_id: which.
        name: of this run, from ``claim``.
        actor: who started it, with the appointment that allows it.
        clock: the time.
        beat_s: seconds between signs of life; None gives none.
    """
    progress = Progress()
    try:
        with _beating(factory, import_id, name, progress, clock, beat_s), _TURN, factory() as session:
            _load(session, import_id, name, actor, clock(), progress)
            session.commit()
    except DomainError as error:
        _failed(factory, import_id, name, error.message, clock())
    except Exception:
        log.exception("import %s failed", import_id)
        sentence = N_("There was an error on our side, and nothing was imported. Try again in one minute.")
        _failed(factory, import_id, name, Message(sentence), clock())


def _load(session: Session, import_id: uuid.UUID, name: str, actor: Actor, now: datetime, progress: Progress) -> None:
    # The web's limit is for pages; this runs beside them.
    session.execute(text("SET LOCAL statement_timeout = '300s'"))
    locks.share(session, locks.AREAS)
    service.one_list_at_a_time(session)
    found = queries.get(session, import_id)
    data = queries.file_of(session, import_id)
    if data is None:
        raise Conflict(N_("The file is no longer here. Upload it again."))
    table = read(found, data)
    made = planning.plan(session, check(found, table), found.area_code)
    if not made.is_clean and not found.settings.get("only_good"):
        raise Conflict(N_("Some rows can no longer be imported, so nothing was imported. Check the list again."))
    rows = made.accepted
    progress.rows = len(rows)
    done = service.import_facilities(
        session,
        rows,
        columns=made.columns,
        actor=actor,
        now=now,
        import_id=import_id,
        area=found.area_code,
        checked=bool(found.settings.get("checked")),
        step=progress.step,
    )
    counts = {**made.counts, "new": done.new, "changed": done.changed, "same": done.same + done.merged}
    finished = {"state": "done", "file": None, "rows": len(rows), "rows_done": len(rows), "counts": counts}
    if not _end(session, import_id, name, {**finished, "finished_at": now}):
        raise Conflict(N_("This list is being imported, or the import is finished."))


def _end(session: Session, import_id: uuid.UUID, name: str, values: dict[str, Any]) -> bool:
    """Ends the run in the table, if it is still this one's."""
    row = session.execute(
        update(FacilityImport)
        .where(
            FacilityImport.id == import_id,
            FacilityImport.state == "running",
            FacilityImport.settings["run"].as_string() == name,
        )
        .values(values)
        .returning(FacilityImport.id)
    ).one_or_none()
    return row is not None


def _failed(factory: sessionmaker[Session], import_id: uuid.UUID, name: str, message: Message, now: datetime) -> None:
    problem = json.dumps({"text": message.text, "values": message.values}, ensure_ascii=False, default=str)
    try:
        with factory() as session:
            _end(session, import_id, name, {"state": "failed", "problem": problem, "finished_at": now})
            session.commit()
    except Exception:
        log.exception("import %s: its end could not be written; it will count as ended half-way", import_id)


@contextmanager
def _beating(
    factory: sessionmaker[Session],
    import_id: uuid.UUID,
    name: str,
    progress: Progress,
    clock: Clock,
    every: float | None,
) -> Iterator[None]:
    """Signs of life and progress, from a thread and a session of their own, while the run's transaction is open."""
    if every is None:
        yield
        return
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(every):
            try:
                with factory() as session:
                    values = {"beat_at": clock(), "rows": progress.rows, "rows_done": progress.done}
                    _end(session, import_id, name, values)
                    session.commit()
            except Exception as error:
                log.warning("import %s: no beat: %s", import_id, type(error).__name__)

    thread = threading.Thread(target=beat, name=f"beat {import_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


# After ----------------------------------------------------------------------------------------------------------


def undo(session: Session, actor: Actor, import_id: uuid.UUID, now: datetime) -> imports_undo.Undone:
    """Takes a finished import back; see ``undo.undo``. The caller has asked the policy about its area.

    Raises:
        Conflict: it is not done, or was taken back already.
    """
    row = session.execute(
        update(FacilityImport)
        .where(FacilityImport.id == import_id, FacilityImport.state == "done")
        .values(state="undone", finished_at=now)
        .returning(FacilityImport.area_code)
    ).one_or_none()
    if row is None:
        raise Conflict(N_("Only a finished import can be undone, and only once."))
    done = imports_undo.undo(session, actor, import_id, row.area_code, now)
    counted = {"closed": done.closed, "restored": done.restored, "left": len(done.left)}
    session.execute(
        update(FacilityImport)
        .where(FacilityImport.id == import_id)
        .values(counts=FacilityImport.counts.op("||")(cast({"undone": counted}, JSONB)))
    )
    return done
