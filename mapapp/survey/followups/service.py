"""Writes of follow-ups. A name is encrypted as soon as it comes in, shown only for a reason and on record, and deleted
when the follow-up has ended. Nothing commits.

Whoever changes a follow-up that has a help request locks the request first, as the request's own steps do.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.config import FOLLOW_UP_DAYS
from mapapp.core.errors import N_, Conflict, TooMany
from mapapp.core.problem_types import KEY_REUSED, WRONG_STATE
from mapapp.core.vault import Vault
from mapapp.database import counters, locks
from mapapp.help_requests import contacts
from mapapp.help_requests.contacts import Contact
from mapapp.help_requests.resident import steps
from mapapp.help_requests.working import reveal as limits
from mapapp.survey.entering.schemas import Recorded
from mapapp.survey.followups import queries, rights
from mapapp.survey.followups.models import FollowUp, FollowUpView
from mapapp.survey.followups.schemas import FollowUpIn, Listed

TABLE: Final = "survey_follow_ups"
SUBJECT: Final = "survey follow-up"

AN_HOUR: Final = 60
A_DAY: Final = 200
"""So many follow-ups of one person: far above honest work."""

_NEXT_ID: Final = text("SELECT nextval(pg_get_serial_sequence('survey_follow_ups', 'id'))")

CHANGED: Final = N_("This follow-up has just changed. Look at its state.")
GONE: Final = N_("This follow-up has ended. Name and phone number were deleted.")


class Reused(Conflict):
    """The key was used for another follow-up."""

    kind = KEY_REUSED

    def __init__(self) -> None:
        super().__init__(N_("This key was used for another record. Use a new key."))


def add(
    session: Session, vault: Vault, actor: Actor, key: uuid.UUID, entry: Recorded, data: FollowUpIn, now: datetime, *,
    kept_days: int = FOLLOW_UP_DAYS, is_example: bool = False,
) -> tuple[Listed, bool]:  # fmt: skip
    """Writes a follow-up down; whether it was new. Under the same key it is the same.

    The caller has asked the policy about the village (``rights.OWN``).

    Raises:
        Reused: this key was used for something else.
        TooMany: this person has written down more than anyone does.
    """
    if not is_example:
        _not_too_many(session, actor, key, now)
    number = session.execute(_NEXT_ID).scalar_one()  # the encrypted value contains the id
    contact = Contact(name=data.name, phone=data.phone, other=data.other)
    made = insert(FollowUp).values(
        id=number, key=key, round_id=entry.round_id, entry_id=entry.id, village_code=entry.village_code,
        reason=data.reason, language=data.language, consent_version=data.consent, consent_at=now, kept_days=kept_days,
        contact_sealed=contacts.seal(vault, contact, table=TABLE, record=number), state="open", made_at=now,
        changed_at=now, by_person=actor.person_id, is_example=is_example,
    )  # fmt: skip
    if session.execute(made.on_conflict_do_nothing(index_elements=["key"]).returning(FollowUp.id)).first() is None:
        return _again(session, vault, actor, key, entry, data), False
    audit.record(
        session, actor, "survey.follow_up", SUBJECT, number, area_code=entry.village_code[:6], now=now,
        details={"needed": data.reason},
    )  # fmt: skip
    return queries.one(session, number), True


def _not_too_many(session: Session, actor: Actor, key: uuid.UUID, now: datetime) -> None:
    """A program with somebody's key cannot fill the list. What was written down before is no new one."""
    locks.take(session, locks.PERSON, str(actor.person_id))
    wait = counters.wait_s(
        session, FollowUp.made_at, FollowUp.by_person == actor.person_id, an_hour=AN_HOUR, a_day=A_DAY, now=now
    )  # fmt: skip
    if wait and session.scalars(select(FollowUp.id).where(FollowUp.key == key)).first() is None:
        told = N_("You have written down very many follow-ups. Nothing is lost: save this one again in %(wait)s.")
        raise TooMany(wait, told, wait=timedelta(seconds=wait))


def _again(session: Session, vault: Vault, actor: Actor, key: uuid.UUID, entry: Recorded, data: FollowUpIn) -> Listed:
    """What was written down under this key before: the first answer was lost.

    Raises:
        Conflict: it was someone else's, or another person than the one who is written down now.
    """
    before = session.scalars(select(FollowUp).where(FollowUp.key == key)).one_or_none()
    if before is None or (before.by_person, before.village_code) != (actor.person_id, entry.village_code):
        raise Reused()
    if before.contact_sealed is not None:
        there = contacts.unseal(vault, before.contact_sealed, table=TABLE, record=before.id)
        told = Contact(name=data.name, phone=data.phone, other=data.other)
        if (there, before.entry_id, before.reason) != (told, entry.id, data.reason):
            raise Reused()
    return queries.one(session, before.id)


def reveal(session: Session, vault: Vault, actor: Actor, row: Listed, reason: str, now: datetime) -> Contact:
    """Name and phone number. The view must be stored before they are shown: the caller commits before it answers.

    Args:
        actor: as ``rights.demand`` returned them. Officers have no limit; others that of volunteers who view contacts.
        reason: a word of ``reasons.VIEW_REASONS``.

    Raises:
        Conflict: it has ended, and they were deleted.
        TooMany: the limit is reached.
    """
    assert actor.person_id is not None
    locks.take(session, locks.PERSON, str(actor.person_id))
    found = session.execute(
        select(FollowUp.contact_sealed, FollowUp.village_code).where(FollowUp.id == row.id)
    ).one_or_none()
    if found is None or found.contact_sealed is None:
        raise Conflict(GONE)
    mine = FollowUpView.person_id == actor.person_id, FollowUpView.follow_up_id == row.id
    again = select(FollowUpView.id).where(*mine, FollowUpView.at > now - limits.SAME).limit(1)
    if session.execute(again).first() is None:
        if not rights.is_officer(actor, row):
            _within_limits(session, actor, now)
        session.add(FollowUpView(follow_up_id=row.id, person_id=actor.person_id, at=now, reason=reason))
        audit.record(
            session, actor, "survey.follow_up_contact", SUBJECT, row.id, area_code=found.village_code[:6], now=now,
            details={"viewed_for": reason},
        )  # fmt: skip
        session.flush()
    return contacts.unseal(vault, found.contact_sealed, table=TABLE, record=row.id)


def _within_limits(session: Session, actor: Actor, now: datetime) -> None:
    wait = counters.wait_s(
        session, FollowUpView.at, FollowUpView.person_id == actor.person_id, an_hour=limits.AN_HOUR,
        a_day=limits.A_DAY, now=now,
    )  # fmt: skip
    if wait:
        raise TooMany(wait, limits.FULL)


def end(session: Session, actor: Actor, follow_up_id: int, state: str, now: datetime) -> Listed:
    """Ends a follow-up: it is ``done``, or the person does not want it (``unwanted``). Its help request ends with it.

    Raises:
        Conflict: it has ended, or changed at the same moment.
    """
    before = queries.one(session, follow_up_id)
    if before.state == "requested" and before.request_id is not None:
        steps.lock(session, before.request_id, now)
    row = locked(session, follow_up_id)
    if row.forgotten_at is not None or (row.state, row.request_id) != (before.state, before.request_id):
        raise Conflict(CHANGED, kind=WRONG_STATE)
    finish(row, state, now, by=actor.person_id)
    _audit(session, actor, row, "survey.follow_up_end", now, became=state)
    session.flush()
    if before.state == "requested" and before.request_id is not None:
        step: steps.Step = "helped_already" if state == "done" else "cancel"
        steps.take(session, actor, before.request_id, step, now=now)
    return queries.one(session, follow_up_id)


def locked(session: Session, follow_up_id: int) -> FollowUp:
    """The row, until the transaction ends.

    Raises:
        NotFound: its time was over at this moment.
    """
    wanted = select(FollowUp).where(FollowUp.id == follow_up_id).with_for_update()
    row = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise queries.not_there()
    return row


def finish(row: FollowUp, state: str, now: datetime, *, by: uuid.UUID | None) -> None:
    """Ends a locked follow-up, and deletes all in it that leads to a person."""
    row.state = state
    row.ended_at = row.ended_at or now
    row.ended_by = by
    row.forgotten_at = row.changed_at = now
    row.contact_sealed = row.language = row.entry_id = None


def _audit(session: Session, actor: Actor, row: FollowUp, action: str, now: datetime, **details: Any) -> None:
    audit.record(
        session, actor, action, SUBJECT, row.id, area_code=row.village_code[:6], now=now, details=details or None
    )
