"""Limits how many exact locations a volunteer sees, as for contact details, and slows down repeated claims and returns.

A claim shows the location, so claims are counted: by request, because claiming the same one again shows nothing new.
Officers see locations on their board and are not counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.actors import Actor
from mapapp.core.clock import seconds_until
from mapapp.core.errors import N_, TooMany
from mapapp.database import locks
from mapapp.database.counters import DAY, Growing, wait_of
from mapapp.help_requests.models import HelpReport, HelpRequest
from mapapp.help_requests.working.reveal import A_DAY, AN_HOUR

GIVEN_FREE: Final = 4
"""After this many returns within a day the next claim has to wait, and the officers are told."""

FIRST_WAIT: Final = timedelta(minutes=15)
"""The first wait, counted from the last return; each further return doubles it."""

_GIVEN: Final = Growing(GIVEN_FREE, FIRST_WAIT, 10)

FULL: Final = N_("You have viewed the maximum number of locations for now. The officers of this area can help.")
SLOWLY: Final = N_("You returned several requests today. Wait before you accept another.")

_ROWS: Final = """
SELECT coalesce(r.linked_to, r.id), max(l.begun_at), max(l.ended_at) FILTER (WHERE l.how_ended = 'released')
FROM help_leases AS l JOIN help_requests AS r ON r.id = l.request_id
WHERE l.holder_id = %(person)s AND l.begun_at > %(since)s AND coalesce(r.linked_to, r.id) IS DISTINCT FROM (
    SELECT coalesce(linked_to, id) FROM help_requests WHERE id = %(but)s
)
GROUP BY r.id
"""

_SEEN: Final = ";".join((locks.PERSON_FOR_THE_DRIVER, _ROWS))
"""In one round trip, because every claim runs it. The lock makes parallel claims count one after the other."""


def is_volunteer(actor: Actor) -> bool:
    """Whether a person acts as a volunteer; officers are not counted."""
    return actor.by is not None and actor.by.role == "volunteer"


class Seen(NamedTuple):
    """A request whose location a volunteer has seen within a day."""

    lead: int
    at: datetime
    """When they last claimed it."""
    given_at: datetime | None
    """When they last returned it, if they did."""


def within(session: Session, actor: Actor, now: datetime, *, but: int) -> None:
    """Checks whether a volunteer may see one more location.

    Raises:
        TooMany: not yet.
    """
    refused = refusal(session, actor, now, but=but) if is_volunteer(actor) else None
    if refused is not None:
        raise refused


def refusal(session: Session, actor: Actor, now: datetime, *, but: int) -> TooMany | None:
    """Why a volunteer may not see one more location now; None: they may. Takes the lock of the person.

    Args:
        but: the wanted request: it does not count if they have seen it, or one linked with it.
    """
    seen = _seen(session, actor, now, but)
    wait = wait_of(sorted((one.at for one in seen), reverse=True), an_hour=AN_HOUR, a_day=A_DAY, now=now)
    if wait:
        return TooMany(wait, FULL)
    given = {one.lead: one.given_at for one in seen if one.given_at is not None}
    free_at = _GIVEN.until(len(given), max(given.values(), default=None), now)
    return TooMany(seconds_until(free_at, now), SLOWLY) if free_at > now else None


def noticed(session: Session, actor: Actor, lead: int, now: datetime) -> bool:
    """Reports to the officers a volunteer who repeatedly claims and returns; once until an officer has checked.

    Call it after a return, in the same transaction. Returns whether a report was made.
    """
    if not is_volunteer(actor):
        return False
    leads = {one.lead for one in _seen(session, actor, now, 0) if one.given_at is not None}
    if len(leads) < GIVEN_FREE:
        return False
    same = HelpReport.about == "given_back", HelpReport.volunteer_id == actor.person_id
    waiting = select(HelpReport.id).where(*same, HelpReport.handled_at.is_(None))
    if session.execute(waiting.limit(1)).first() is not None:
        return False
    tambon = session.execute(select(HelpRequest.tambon_code).where(HelpRequest.id == lead)).scalar_one()
    session.add(
        HelpReport(
            request_id=lead, tambon_code=tambon, about="given_back", volunteer_id=actor.person_id,
            by_person=actor.person_id, reason="given_back", at=now,
        )
    )  # fmt: skip
    session.flush()
    return True


def _seen(session: Session, actor: Actor, now: datetime, but: int) -> list[Seen]:
    session.connection()  # the lock belongs to the transaction
    values = {"person": str(actor.person_id), "since": now - DAY, "but": but}
    return [Seen(*row) for row in database.driver_rows(session, _SEEN, values)]
