"""Takes in what was recorded. Whatever a phone sends comes in once, however often it is sent, and nothing is dropped:
what cannot count at once is marked and waits for somebody's decision.

Whoever writes about a village holds its row (``SurveyVillage``) from the first statement on, so that two phones come
one after the other; and should they not, the tables' own constraints refuse the second. Nothing commits.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, DomainError, NotFound, invalid
from mapapp.core.problem_types import KEY_REUSED, RECORD_CHANGED
from mapapp.survey import signals, sums
from mapapp.survey.assigning import rules
from mapapp.survey.entering import queries
from mapapp.survey.entering.queries import Ground
from mapapp.survey.entering.schemas import AgainOut, EntryIn, EntryOut, Figures, Recorded, answered
from mapapp.survey.groups import CODES
from mapapp.survey.labels import DECIDING
from mapapp.survey.models import SurveyEntry, SurveyFigures, SurveyRevision

CLOCK_WRONG: Final = timedelta(days=1)
"""From here on a phone's clock is asked about."""

CLOCK_OFF: Final = timedelta(minutes=5)
"""From here on times of a phone are corrected by as much as its clock is off."""

FIRST_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A phone that says an earlier time has lost its date; the oldest day that can be typed, too (``core.dates``)."""

_HOLD: Final = text("""
UPDATE survey_villages SET unit = CASE WHEN counted = 0 THEN :unit ELSE unit END
WHERE round_id = :round_id AND village_code = :village_code
RETURNING 1
""")
# Without naming a constraint: the table has two that the first record of a village, sent by two at once, can meet, and
# only those that are named are waited for.
_BEGIN: Final = text("""
INSERT INTO survey_villages (round_id, village_code, unit) VALUES (:round_id, :village_code, :unit)
ON CONFLICT DO NOTHING
""")
_WRITE: Final = text(files(__package__).joinpath("write.sql").read_text("utf-8")).bindparams(
    bindparam("key", type_=UUID()), bindparam("by_person", type_=UUID())
)


class Stale(Conflict):
    """Somebody has changed the record since it was seen. ``current`` is what it is now, ``sent`` the figures that came
    for it."""

    kind = RECORD_CHANGED

    def __init__(self, current: Recorded, sent: Mapping[str, Mapping[str, int]]) -> None:
        self.current, self.sent = current, sent
        super().__init__(N_("Someone else changed this record. Compare both versions and choose."))

    @property
    def members(self) -> Mapping[str, Any]:
        return _both(self.current, self.sent)


class Resent(Stale):
    """The sender has sent something else under this key before. ``current`` is what it became."""


class Reused(Conflict):
    """The key was used for another record, or by somebody else. Who raises it leaves nothing of this record behind: the
    edge rolls back."""

    kind = KEY_REUSED

    def __init__(self) -> None:
        super().__init__(N_("This key was used for another record. Use a new key."))


def _both(current: Recorded, sent: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Both versions for programs, and the target groups in which they differ."""
    there = {
        "entry": current.id, "revision": current.revision, "household": current.household, "state": current.state,
        "observed_at": current.observed_at.isoformat(), "changed_at": current.changed_at.isoformat(),
        "groups": {code: dict(numbers) for code, numbers in current.figures.items()},
    }  # fmt: skip
    differs = [code for code in CODES if dict(current.figures.get(code, {})) != dict(sent.get(code, {}))]
    return {"version": current.revision, "current": there, "sent": {"groups": sent}, "differs": differs}


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was seen, as far as the phone's clock can be believed."""

    at: datetime
    is_doubtful: bool


def moment(observed_at: datetime | None, sent_at: datetime | None, now: datetime) -> Moment:
    """The time of an observation, put right by what the phone's clock says at the same moment.

    A clock that is a day off is asked about, and a time that lies in the future or in another century, too; instead of
    such a time stands when it came in.
    """
    off = now - sent_at if sent_at is not None else timedelta(0)
    seen = _moved(observed_at or sent_at or now, off if abs(off) > CLOCK_OFF else timedelta(0))
    if seen is None:
        return Moment(now, is_doubtful=True)
    return Moment(min(seen, now), abs(off) > CLOCK_WRONG or seen - now > CLOCK_WRONG)


def _moved(at: datetime, off: timedelta) -> datetime | None:
    """A time of a phone whose clock is that much off; None: no time that anything can be done with."""
    try:
        seen = at.astimezone(UTC) + off
    except OverflowError:
        return None
    return seen if seen >= FIRST_DAY else None


def submit(session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, now: datetime) -> EntryOut:
    """Takes in a record: new, or a correction of one that was seen (``data.entry``). Under the same key it is the same.

    The caller has asked whether the actor may record anywhere (``survey.enter``).

    Raises:
        NotFound: no such round or record.
        Invalid: a village outside the round, or in no tambon.
        Conflict: the round was never opened; this key was used for something else.
        Stale: the record has changed since it was seen.
    """
    ground = queries.ground(session, data.round, data.village, actor.person_id)
    usable(ground, data)
    seen = moment(data.observed_at, data.sent_at, now)
    marks = marks_of(actor, ground, data, seen)
    waits = bool(DECIDING & set(marks))
    hold(session, data)
    if data.entry is None:
        return _add(session, actor, key, data, seen, marks, waits, 1, now)
    return _correct(session, actor, key, data, seen, marks, waits, now)


def taken_in(session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, now: datetime) -> tuple[EntryOut, bool]:
    """``submit``, and whether it was new: False where only the receipt is given once more. Raises as ``submit``."""
    receipt = submit(session, actor, key, data, now)
    return receipt, not isinstance(receipt, AgainOut)


Outcome = EntryOut | DomainError
"""What became of one of many records."""

Sent = tuple[uuid.UUID, EntryIn] | DomainError
"""One of many records with its key, or why it was refused before."""


def submit_many(session: Session, actor: Actor, records: Sequence[Sent], now: datetime) -> list[Outcome]:
    """``submit`` for each, in a savepoint of its own: one that is refused does not spoil the others.

    Villages are held in the order of their codes, whatever the order of the records: two phones that send the same
    villages do not wait for each other in a circle. Records of one village keep their order.
    """
    made: dict[int, Outcome] = {at: one for at, one in enumerate(records) if isinstance(one, DomainError)}
    good = [(at, *one) for at, one in enumerate(records) if not isinstance(one, DomainError)]
    for at, key, data in sorted(good, key=lambda one: (one[2].round, one[2].village)):
        try:
            with session.begin_nested():
                made[at] = submit(session, actor, key, data, now)
        except DomainError as error:
            made[at] = error
    return [made[at] for at in range(len(records))]


def usable(ground: Ground, data: EntryIn) -> None:
    if ground.round.opened_at is None:
        raise Conflict(N_("This survey is not open yet."))
    if not ground.has_tambon:
        raise invalid("village", N_("There is no tambon with this code."))
    if not ground.round.covers(data.village):
        raise invalid("village", N_("This village does not belong to this survey."))


def marks_of(actor: Actor, ground: Ground, data: EntryIn, seen: Moment) -> list[str]:
    """Why an officer should look at it, in the order of ``labels.MARK_LABELS``."""
    found = {
        "closed": ground.round.closed_at is not None,
        "ended": ground.ended,
        "version": data.version != ground.round.version,
        "unlisted": ground.unlisted,
        "clock": seen.is_doubtful,
    }
    where = rules.marks(actor, data.village, ground.standing)
    return [name for name, is_so in found.items() if is_so] + where


def hold(session: Session, data: EntryIn) -> None:
    """Holds the village's row to the end of the transaction; how it is recorded is set by what counts first."""
    place = {"round_id": data.round, "village_code": data.village, "unit": unit(data)}
    if session.execute(_HOLD, place).first() is None:
        session.execute(_BEGIN, place)
        session.execute(_HOLD, place)


def unit(data: EntryIn) -> str:
    return "village" if data.household is None else "household"


def told_of(data: EntryIn) -> dict[str, dict[str, int]]:
    return {code: figures.counts() for code, figures in answered(data.groups).items()}


def digest(data: EntryIn) -> bytes:
    """What makes it another record under the same key; the clock goes on between two tries."""
    return hashlib.sha256(data.model_dump_json(exclude={"sent_at"}).encode()).digest()


def _add(
    session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, seen: Moment, marks: list[str], waits: bool,
    twin: int, now: datetime,
) -> EntryOut:  # fmt: skip
    told = told_of(data)
    values = {
        "key": key, "round_id": data.round, "village_code": data.village, "unit": unit(data),
        "household": data.household, "twin": twin, "another": data.another and data.household is not None,
        "waits": waits, "marks": marks, "version": data.version, "observed_at": seen.at, "now": now,
        "by_person": actor.person_id, "digest": digest(data), "told": json.dumps(told),
        "figures": json.dumps([{"target_group": code, **counts} for code, counts in sorted(told.items())]),
    }  # fmt: skip
    row = session.execute(_WRITE, values).one_or_none()
    if row is None:
        return _again(session, actor, key, data)
    if not row.is_told:
        raise Reused()
    signals.tell_changed(session)
    return EntryOut(
        key=key, entry=row.id, revision=1, state=row.state, marks=row.marks, rival=row.rival, received_at=now
    )


def _again(session: Session, actor: Actor, key: uuid.UUID, data: EntryIn) -> EntryOut:
    """The receipt of what was sent under this key before: the first answer was lost.

    Raises:
        Conflict: it was something else, or somebody else.
    """
    before = queries.sent(session, key)
    if before is None or before.by_person != actor.person_id:
        raise Reused()
    if before.digest != digest(data):
        current = queries.one(session, before.entry_id)
        same = (current.round_id, current.village_code, current.household) == (data.round, data.village, data.household)
        raise Resent(current, told_of(data)) if same else Reused()
    return AgainOut(
        key=key, entry=before.entry_id, revision=before.revision, state=before.state, marks=before.marks,
        rival=before.rival, received_at=before.at,
    )  # fmt: skip


def _correct(
    session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, seen: Moment, marks: list[str], waits: bool,
    now: datetime,
) -> EntryOut:  # fmt: skip
    """Changes the record that was seen. One that comes too late becomes a record of its own, before an officer."""
    if queries.sent(session, key) is not None:  # the village is held: nobody can send it now
        return _again(session, actor, key, data)
    place = (
        SurveyEntry.id == data.entry,
        SurveyEntry.round_id == data.round,
        SurveyEntry.village_code == data.village,
        SurveyEntry.household.is_not_distinct_from(data.household),
    )
    twin = session.scalars(select(SurveyEntry.twin).where(*place)).one_or_none()
    if twin is None:
        raise NotFound(N_("This record was not found."))
    if waits:
        return _add(session, actor, key, data.model_copy(update={"another": False}), seen, marks, True, twin, now)
    changed = session.execute(
        update(SurveyEntry)
        .where(
            *place,
            SurveyEntry.revision == data.revision,
            SurveyEntry.state.in_(("counted", "conflict", "waiting")),
        )
        .values(revision=SurveyEntry.revision + 1, observed_at=seen.at, changed_at=now, version=data.version)
        .returning(SurveyEntry.revision, SurveyEntry.state, SurveyEntry.marks, SurveyEntry.rival)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if changed is None:
        assert data.entry is not None
        raise Stale(queries.one(session, data.entry), told_of(data))
    _replace(session, data, changed.state == "counted")
    told = session.execute(
        upsert(SurveyRevision)
        .values(
            key=key, entry_id=data.entry, revision=changed.revision, step="changed", at=now, observed_at=seen.at,
            by_person=actor.person_id, digest=digest(data), figures=told_of(data),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(SurveyRevision.key)
    ).one_or_none()  # fmt: skip
    if told is None:  # at the same moment it was used in another village
        raise Reused()
    return EntryOut(
        key=key, entry=data.entry or 0, revision=changed.revision, state=changed.state, marks=changed.marks,
        rival=changed.rival, received_at=now,
    )  # fmt: skip


def _replace(session: Session, data: EntryIn, counts: bool) -> None:
    assert data.entry is not None
    if counts:
        sums.take(session, data.entry, data.round, data.village)
    gone = delete(SurveyFigures).where(SurveyFigures.entry_id == data.entry)
    session.execute(gone.execution_options(synchronize_session=False))
    rows = [_row(data.entry, code, figures) for code, figures in answered(data.groups).items()]
    session.execute(insert(SurveyFigures), rows)
    if counts:
        sums.add(session, data.entry, data.round, data.village)


def _row(entry_id: int, code: str, figures: Figures) -> dict[str, Any]:
    return {"entry_id": entry_id, "target_group": code, **figures.counts()}
