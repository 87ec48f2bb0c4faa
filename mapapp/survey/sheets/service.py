"""A list of records from its upload to its end: kept, looked at, loaded in one transaction, taken back. Nothing
commits."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Session, defer

from mapapp.areas.queries import scope
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, TooMany
from mapapp.database import counters, locks
from mapapp.survey import sums
from mapapp.survey.entering import many
from mapapp.survey.entering import service as entering
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets import planning, reading
from mapapp.survey.sheets.models import SurveyImport, SurveyImportEntry
from mapapp.survey.sheets.planning import Plan, Row
from mapapp.survey.sheets.reading import Listing

KEPT_FOR: Final = timedelta(hours=24)
"""So long the file of a list that nobody loaded stays."""

_CHANGED: Final = N_("This list was loaded, taken back or removed in the meantime.")

_HOLD: Final = text("""
SELECT 1 FROM survey_villages AS v WHERE (v.round_id, v.village_code) IN (
    SELECT e.round_id, e.village_code FROM survey_import_entries AS i JOIN survey_entries AS e ON e.id = i.entry_id
    WHERE i.import_id = :import_id)
ORDER BY v.round_id, v.village_code FOR UPDATE
""").bindparams(bindparam("import_id", type_=UUID()))
_STEPS: Final = text("""
SELECT e.id, e.village_code, e.revision, e.observed_at, e.state, i.revision = e.revision AS untouched,
    (SELECT r.figures FROM survey_revisions AS r WHERE r.entry_id = e.id AND r.revision = e.revision - 1) AS before,
    (SELECT r.figures FROM survey_revisions AS r WHERE r.entry_id = e.id AND r.revision = e.revision) AS figures
FROM survey_import_entries AS i JOIN survey_entries AS e ON e.id = i.entry_id
WHERE i.import_id = :import_id ORDER BY e.id
""").bindparams(bindparam("import_id", type_=UUID()))
_REFUSE: Final = text("""
UPDATE survey_entries SET state = 'refused', revision = revision + 1, changed_at = :now WHERE id = ANY(:ids)
""")
_FREED: Final = text("""
WITH first AS (
    SELECT DISTINCT ON (e.rival) e.id, e.rival
    FROM survey_entries AS e JOIN survey_villages AS v ON (v.round_id, v.village_code) = (e.round_id, e.village_code)
    WHERE e.rival = ANY(:ids) AND e.state = 'conflict' AND e.unit = v.unit AND NOT ('other_way' = ANY(e.marks))
    ORDER BY e.rival, e.id
)
UPDATE survey_entries AS e
SET rival = CASE WHEN e.id = first.id THEN NULL ELSE first.id END,
    state = CASE WHEN e.id = first.id THEN 'counted' ELSE e.state END,
    revision = e.revision + CASE WHEN e.id = first.id THEN 1 ELSE 0 END,
    changed_at = CASE WHEN e.id = first.id THEN :now ELSE e.changed_at END
FROM first WHERE e.rival = first.rival AND e.state = 'conflict'
RETURNING CASE WHEN e.state = 'counted' THEN e.id END
""")
"""What stood beside a record that is taken back, and waited for a decision, counts: it is the only one now. If there
are several, the first one counts, as if it had been so from the beginning."""
_CHANGE: Final = text("""
UPDATE survey_entries SET revision = revision + 1, changed_at = :now WHERE id = ANY(:ids)
""")
_CLEAR: Final = text("DELETE FROM survey_figures WHERE entry_id = ANY(:ids)")
_FILL: Final = text("""
INSERT INTO survey_figures (entry_id, target_group, here, "none", one, two, more, unasked, refusing)
SELECT r.entry_id, told.key, f.here, f."none", f.one, f.two, f.more, f.unasked, f.refusing
FROM survey_revisions AS r JOIN survey_entries AS e ON e.id = r.entry_id AND e.revision = r.revision
CROSS JOIN LATERAL jsonb_each(r.figures) AS told
CROSS JOIN LATERAL jsonb_to_record(told.value) AS f (
    here int, "none" int, one int, two int, more int, unasked int, refusing int)
WHERE r.entry_id = ANY(:ids)
""")
_STEP: Final = text("""
INSERT INTO survey_revisions (key, entry_id, revision, step, at, observed_at, by_person, digest, figures)
SELECT gen_random_uuid(), e.id, e.revision, CAST(:step AS varchar), :now, e.observed_at, :by_person, NULL, r.figures
FROM survey_entries AS e JOIN survey_revisions AS r ON r.entry_id = e.id AND r.revision = e.revision - :back
WHERE e.id = ANY(:ids)
""").bindparams(bindparam("by_person", type_=UUID()))


AN_HOUR: Final = 60
A_DAY: Final = 200
"""So many lists of one person: a file may take a minute to read."""


def upload(
    session: Session, actor: Actor, found: Round, *, area: str, file_name: str, data: bytes, now: datetime
) -> uuid.UUID:
    """Keeps a list to be looked at. The caller has asked the policy about the area.

    Raises:
        Invalid: the file cannot be used; the sentence says why.
        TooMany: this person has sent more lists than anyone does.
    """
    locks.take(session, locks.PERSON, str(actor.person_id))
    mine = SurveyImport.person_id == actor.person_id
    wait = counters.wait_s(session, SurveyImport.created_at, mine, an_hour=AN_HOUR, a_day=A_DAY, now=now)
    if wait:
        told = N_("You have sent very many lists. Send this one again in %(wait)s.")
        raise TooMany(wait, told, wait=timedelta(seconds=wait))
    listing = reading.read(data, found, planning.places(session, found, area), None, now)
    forget_files(session, now)
    made, headings = uuid.uuid4(), digest(listing.headers)
    session.execute(
        insert(SurveyImport).values(
            id=made, round_id=found.id, person_id=actor.person_id, area_code=area, file_name=file_name[:200],
            file=data, headings=headings, columns=remembered(session, actor, area, headings), state="uploaded",
            counts={}, created_at=now,
        )
    )  # fmt: skip
    audit.record(
        session, actor, "survey.upload", "survey", found.id, area_code=area, now=now, details={"bytes": len(data)}
    )
    return made


def digest(headers: Sequence[str]) -> str:
    """What a list's headings are known by again."""
    return hashlib.sha256("\n".join(headers).encode("utf-8", "replace")).hexdigest()


def remembered(session: Session, actor: Actor, area: str, headings: str) -> dict[str, Any] | None:
    """How this officer, or another of the area, has named the columns of the last list with these headings."""
    mine = (SurveyImport.person_id == actor.person_id) | (SurveyImport.area_code == area)
    asked = select(SurveyImport.columns).where(
        mine, SurveyImport.headings == headings, func.jsonb_typeof(SurveyImport.columns) == "object"
    )
    return session.scalars(asked.order_by(SurveyImport.created_at.desc()).limit(1)).one_or_none()


def forget_files(session: Session, now: datetime) -> int:
    """Takes away the files of lists that nobody loaded within a day; returns how many."""
    old = (SurveyImport.file.is_not(None), SurveyImport.created_at < now - KEPT_FOR)
    return len(session.execute(update(SurveyImport).where(*old).values(file=None).returning(SurveyImport.id)).all())


def get(session: Session, import_id: uuid.UUID) -> SurveyImport:
    """One list.

    Raises:
        NotFound: there is none.
    """
    found = session.get(SurveyImport, import_id, populate_existing=True)
    if found is None:
        raise NotFound(N_("Import not found."))
    return found


def recent(session: Session, round_id: int, areas: Sequence[str], limit: int = 10) -> list[SurveyImport]:
    """The newest lists of a round into these areas, whoever brought them; without their files."""
    inside = or_(*(scope(SurveyImport.area_code, code) for code in areas))
    asked = select(SurveyImport).where(SurveyImport.round_id == round_id, inside).options(defer(SurveyImport.file))
    return list(session.scalars(asked.order_by(SurveyImport.created_at.desc()).limit(limit)))


def name_columns(session: Session, import_id: uuid.UUID, columns: Mapping[str, str]) -> None:
    """Keeps which column says what.

    Raises:
        Conflict: it is loaded or gone.
    """
    _one(
        session, update(SurveyImport).where(SurveyImport.id == import_id, SurveyImport.state == "uploaded")
        .values(columns=dict(columns)).returning(SurveyImport.id),
    )  # fmt: skip


def discard(session: Session, import_id: uuid.UUID) -> None:
    """Forgets a list of which nothing was loaded.

    Raises:
        Conflict: it is loaded or gone.
    """
    where = (SurveyImport.id == import_id, SurveyImport.state == "uploaded")
    _one(session, delete(SurveyImport).where(*where).returning(SurveyImport.id))


def _one(session: Session, statement: Any) -> Any:
    row = session.execute(statement.execution_options(synchronize_session=False)).one_or_none()
    if row is None:
        raise Conflict(_CHANGED)
    return row


def look(session: Session, one: SurveyImport, actor: Actor, now: datetime) -> tuple[Listing, Plan]:
    """The list as its columns say, and what it would do.

    Raises:
        Invalid: it cannot be read so.
        Conflict: its file is gone.
    """
    if one.file is None:
        raise Conflict(N_("The file is no longer here; files are kept for one day. Upload it again."))
    found = rounds.get(session, one.round_id)
    listing = reading.read(one.file, found, planning.places(session, found, one.area_code), one.columns, now)
    return listing, planning.plan(session, listing, found, one.area_code, actor.person_id)


def load(session: Session, actor: Actor, import_id: uuid.UUID, *, only_good: bool, now: datetime) -> Plan:
    """Loads a list: what is new, what changes a record of ours, and what somebody else has recorded differently.

    Raises:
        Conflict: it is loaded or gone, a row cannot be taken and all are wanted, or somebody has changed a record.
        Invalid: it cannot be read.
    """
    claimed = select(SurveyImport).where(SurveyImport.id == import_id, SurveyImport.state == "uploaded")
    one = session.scalars(claimed.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if one is None:
        raise Conflict(_CHANGED)
    _listing, plan = look(session, one, actor, now)
    if not plan.is_clean and not only_good:
        raise Conflict(N_("Some rows cannot be taken. Correct the list, or take only the valid rows."))
    taken = [row for row in plan.rows if row.outcome in planning.TAKEN]
    made = list(_written(session, actor, one.id, taken, now))
    if made:
        session.execute(insert(SurveyImportEntry), [{"import_id": one.id, **values} for values in made])
    done = {"state": "done", "file": None, "counts": dict(plan.counts), "finished_at": now}
    session.execute(
        update(SurveyImport)
        .where(SurveyImport.id == import_id)
        .values(done)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor, "survey.import", "survey", one.round_id, area_code=one.area_code, now=now,
        details={"rows": len(taken)},
    )  # fmt: skip
    return plan


def _key(import_id: uuid.UUID, row: Row) -> uuid.UUID:
    """Another tool's own key, and for a list without one the row's: a second try of the same load is the same."""
    return row.line.instance or uuid.uuid5(import_id, f"{row.line.sheet} {row.line.number}")


def _written(
    session: Session, actor: Actor, import_id: uuid.UUID, taken: Sequence[Row], now: datetime
) -> Iterator[dict[str, Any]]:
    """Writes the rows. Villages are held in the order of their codes, as phones hold them: nobody waits in a circle."""
    used = _used(session, [row.line.instance for row in taken if row.line.instance is not None])
    ordered = sorted(taken, key=lambda row: row.line.village)
    for _village, rows in groupby(ordered, key=lambda row: row.line.village):
        every = list(rows)
        items = []
        for row in every:
            if row.outcome != "changed" and row.line.entry is not None:
                key = _key(import_id, row)
                # What was taken back with its list comes in again under another key.
                items.append((uuid.uuid5(key, str(import_id)) if key in used else key, row.line.entry))
        for one in many.submit(session, actor, items, now) if items else ():
            yield {"entry_id": one.entry, "revision": 1}
        for row in every:
            if row.outcome == "changed" and row.line.entry is not None:
                data = row.line.entry.model_copy(update={"entry": row.entry_id, "revision": row.revision})
                receipt = entering.submit(session, actor, _key(import_id, row), data, now)
                yield {"entry_id": receipt.entry, "revision": receipt.revision}


def _used(session: Session, keys: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    asked = text("SELECT key FROM survey_revisions WHERE key = ANY(:keys)")
    return set(session.scalars(asked, {"keys": list(keys)})) if keys else set()


def undo(session: Session, actor: Actor, import_id: uuid.UUID, now: datetime) -> dict[str, int]:
    """Takes a loaded list back, as far as nobody has changed its records since: new ones are refused, changed ones get
    their figures back, and what somebody else has recorded beside a new one counts. The caller has asked the policy
    about its area.

    Raises:
        Conflict: it is not loaded, or was taken back already.
    """
    where = (SurveyImport.id == import_id, SurveyImport.state == "done")
    row = _one(
        session, update(SurveyImport).where(*where).values(state="undone", finished_at=now)
        .returning(SurveyImport.round_id, SurveyImport.area_code, SurveyImport.counts),
    )  # fmt: skip
    session.execute(_HOLD, {"import_id": import_id})
    steps = session.execute(_STEPS, {"import_id": import_id}).all()
    ours = [step for step in steps if step.untouched]
    refused = [step.id for step in ours if step.before is None and step.state != "refused"]
    restored = [step.id for step in ours if step.before is not None]
    by = {"now": now, "by_person": actor.person_id}
    if refused:
        session.execute(_REFUSE, {"ids": refused, "now": now})
        session.execute(_STEP, {"ids": refused, "step": "refused", "back": 1, **by})
        freed = [one for one in session.scalars(_FREED, {"ids": refused, "now": now}) if one is not None]
        if freed:
            session.execute(_STEP, {"ids": freed, "step": "kept", "back": 1, **by})
    if restored:
        session.execute(_CHANGE, {"ids": restored, "now": now})
        session.execute(_STEP, {"ids": restored, "step": "changed", "back": 2, **by})
        session.execute(_CLEAR, {"ids": restored})
        session.execute(_FILL, {"ids": restored})
    for village in sorted({step.village_code for step in ours}):
        sums.rebuild(session, village)
    done = {"refused": len(refused), "restored": len(restored), "left": len(steps) - len(ours)}
    session.execute(
        update(SurveyImport).where(SurveyImport.id == import_id).values(counts={**row.counts, "undone": done})
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    audit.record(
        session, actor, "survey.import_undo", "survey", row.round_id, area_code=row.area_code, now=now,
        details={"rows": len(ours)},
    )  # fmt: skip
    return done
