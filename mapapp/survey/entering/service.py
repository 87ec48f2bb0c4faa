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
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, DomainError, NotFound, invalid
from mapapp.core.problem_types import KEY_REUSED, RECORD_CHANGED
from mapapp.survey import signals, sums
from mapapp.survey.assigning import rules
from mapapp.survey.entering import queries
from mapapp.survey.entering.limits import Share
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

_TAKE_IN: Final = """
SELECT key, id, revision, state, marks, rival, is_told FROM take_in_survey_entries(
    %(rows)s::jsonb, %(round)s, %(village)s, %(unit)s, %(now)s, %(person)s::uuid
)
"""


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


class TakenIn(NamedTuple):
    """A new record, as it was written."""

    key: uuid.UUID
    entry: int
    revision: int
    state: str
    marks: list[str]
    rival: int | None


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


def submit(
    session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, now: datetime, share: Share | None = None
) -> EntryOut:
    """Takes in a record: new, or a correction of one that was seen (``data.entry``). Under the same key it is the same.

    The caller has asked whether the actor may record anywhere (``survey.enter``).

    Args:
        share: what it is counted of; None: of nothing.

    Raises:
        NotFound: no such round or record.
        Invalid: a village outside the round, or in no tambon.
        Conflict: the round was never opened; this key was used for something else.
        Stale: the record has changed since it was seen.
        TooMany: it is beyond the limits of the person.
    """
    ground = queries.held(session, data, actor.person_id, share, now)
    usable(ground, data)
    seen = moment(data.observed_at, data.sent_at, now)
    marks = marks_of(actor, ground, data, seen)
    if data.entry is None:
        return _add(session, actor, key, data, seen, marks, 1, now)
    return _correct(session, actor, key, data, seen, marks, now)


def taken_in(
    session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, now: datetime, share: Share | None
) -> tuple[EntryOut, bool]:
    """``submit``, and whether it was new: False where only the receipt is given once more. Raises as ``submit``."""
    receipt = submit(session, actor, key, data, now, share)
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


def told_of(data: EntryIn) -> dict[str, dict[str, int]]:
    return {code: figures.counts() for code, figures in answered(data.groups).items()}


def digest(data: EntryIn) -> bytes:
    """What makes it another record under the same key; the clock goes on between two tries."""
    return hashlib.sha256(data.model_dump_json(exclude={"sent_at"}).encode()).digest()


def new_row(key: uuid.UUID, data: EntryIn, seen: Moment, marks: Sequence[str], twin: int = 1) -> dict[str, Any]:
    """A new record as ``take_in`` takes it."""
    return {
        "key": str(key), "household": data.household, "twin": twin,
        "another": data.another and data.household is not None, "marks": marks, "waits": bool(DECIDING & set(marks)),
        "version": data.version, "observed_at": seen.at.isoformat(), "digest": digest(data).hex(),
        "told": told_of(data),
    }  # fmt: skip


def take_in(
    session: Session, actor: Actor, first: EntryIn, rows: Sequence[dict[str, Any]], now: datetime
) -> list[TakenIn]:
    """Writes new records with all that hangs on them, in one round trip. The village is held (``queries.held``).

    Args:
        first: one of them: they are of its village, and recorded in its way.
        rows: what ``new_row`` makes of each; no two of them of one household.

    Returns:
        Those whose keys were not there yet.

    Raises:
        Reused: a key was used in another village at the same moment.
    """
    values = {
        "rows": json.dumps(rows), "round": first.round, "village": first.village, "unit": queries.unit(first),
        "now": now, "person": None if actor.person_id is None else str(actor.person_id),
    }  # fmt: skip
    made = []
    for *row, is_told in database.driver_rows(session, _TAKE_IN, values):
        if not is_told:
            raise Reused()
        made.append(TakenIn(uuid.UUID(str(row[0])), *row[1:]))
    if made:
        signals.tell_changed(session)
    return made


def _add(
    session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, seen: Moment, marks: list[str], twin: int,
    now: datetime,
) -> EntryOut:  # fmt: skip
    made = take_in(session, actor, data, [new_row(key, data, seen, marks, twin)], now)
    if not made:
        return _again(session, actor, key, data)
    _key, entry, revision, state, marks, rival = made[0]
    return EntryOut(
        key=key, entry=entry, revision=revision, state=state, marks=marks, rival=rival, received_at=now
    )  # fmt: skip


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
    session: Session, actor: Actor, key: uuid.UUID, data: EntryIn, seen: Moment, marks: list[str], now: datetime,
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
    if DECIDING & set(marks):
        return _add(session, actor, key, data.model_copy(update={"another": False}), seen, marks, twin, now)
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
