"""How many true places one volunteer is shown, counted as contacts are, and what happens to who takes and gives back.

A place is shown with the lease, so leases are what is counted: by request, since who opens or takes the same one again
learns nothing new. Officers see places on their board and are not counted.
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
"""After so many given back within a day the next one has to wait, and the officers are told."""

FIRST_WAIT: Final = timedelta(minutes=15)
"""The first such wait, counted from the last one given back; each further one doubles it."""

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
"""In one round trip: every claim asks it. The lock makes two claims at once count one after the other."""


def is_volunteer(actor: Actor) -> bool:
    """Whether somebody acts as a volunteer: who acts as an officer is not counted."""
    return actor.by is not None and actor.by.role == "volunteer"


class Seen(NamedTuple):
    """A request whose place a volunteer was shown within a day."""

    lead: int
    at: datetime
    """When they last took it on."""
    given_at: datetime | None
    """When they last gave it back, where they did."""


def within(session: Session, actor: Actor, now: datetime, *, but: int) -> None:
    """Asks whether a volunteer may be shown the place of one more request.

    Raises:
        TooMany: not yet.
    """
    refused = refusal(session, actor, now, but=but) if is_volunteer(actor) else None
    if refused is not None:
        raise refused


def refusal(session: Session, actor: Actor, now: datetime, *, but: int) -> TooMany | None:
    """Why a volunteer may not be shown one more place now; None: they may. Takes the person's lock.

    Args:
        but: the request they want: having seen it, or one that is linked with it, does not count against it.
    """
    seen = _seen(session, actor, now, but)
    wait = wait_of(sorted((one.at for one in seen), reverse=True), an_hour=AN_HOUR, a_day=A_DAY, now=now)
    if wait:
        return TooMany(wait, FULL)
    given = {one.lead: one.given_at for one in seen if one.given_at is not None}
    free_at = _GIVEN.until(len(given), max(given.values(), default=None), now)
    return TooMany(seconds_until(free_at, now), SLOWLY) if free_at > now else None


def noticed(session: Session, actor: Actor, lead: int, now: datetime) -> bool:
    """Tells the officers of a volunteer who gives back what they take, once until an officer has looked.

    To be called when one was given back, in its transaction. Returns whether they were told.
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
    session.connection()  # the lock is the transaction's
    values = {"person": str(actor.person_id), "since": now - DAY, "but": but}
    return [Seen(*row) for row in database.driver_rows(session, _SEEN, values)]
