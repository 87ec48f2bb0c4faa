"""Writes of problem reports: accepted from anyone within limits, doubtful after three, handled once. Nothing here
commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.addresses import network
from mapapp.core.clock import today
from mapapp.core.errors import N_, Conflict, NotFound, TooMany, invalid
from mapapp.core.problem_types import CLOSED
from mapapp.core.vault import Vault
from mapapp.database import counters, locks
from mapapp.facilities import changes
from mapapp.facilities.freshness import age_sql
from mapapp.facilities.models import Facility, FacilityReport
from mapapp.facilities.reports.queries import OPEN, UNDO_FOR
from mapapp.facilities.reports.schemas import AnswerIn, ReportIn

AN_HOUR, A_DAY = 40, 160
"""Reports that one address may send, one of each pin: behind a mobile network's are thousands of people."""

DOUBTED_BY: Final = 3
"""So many independent senders within a day make a pin doubtful."""

NOTES_KEPT: Final = timedelta(days=30)
"""So long after a report was handled its note can be read, as long as a closed help request's words."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Taken:
    """What became of a report. ``is_new`` is False where the same sender's report of this pin is open already."""

    facility_id: int
    is_new: bool


def sender_of(vault: Vault, address: str, now: datetime) -> bytes:
    """What is kept of a sender: a keyed hash of the address and the day in Bangkok.

    It tells two senders of one day apart and nothing else; the next day the same address is somebody else. Of IPv6
    the network (/64) counts, because one phone has 2⁶⁴ addresses in it.
    """
    return vault.index(f"{network(address)}|{today(now).isoformat()}", "report sender")


def report(session: Session, vault: Vault, facility_id: int, data: ReportIn, *, address: str, now: datetime) -> Taken:
    """Takes a report of anybody. The third independent one within a day makes the pin doubtful.

    One sender's reports are counted one after the other (advisory lock), one pin's too (lock on its row), so that
    neither twenty requests at once pass the limit nor two third reports miss each other.

    Raises:
        NotFound: there is no such facility.
        TooMany: this address has sent its share.
    """
    sender = sender_of(vault, address, now)
    locks.take(session, locks.REPORTS, sender)
    facility_id = _standing(session, facility_id)
    pin = changes.current(session, facility_id, lock=True)
    mine = select(FacilityReport.id).where(
        FacilityReport.facility_id == facility_id, FacilityReport.sender == sender, OPEN
    )
    if session.execute(mine.limit(1)).first() is not None:
        return Taken(facility_id, is_new=False)
    _within_limits(session, sender, now)
    row = {"facility_id": facility_id, "reason": data.reason, "note": data.note, "at": now, "sender": sender}
    session.execute(insert(FacilityReport).values(row))
    doubt(session, facility_id, pin["tambon_code"], now)
    return Taken(facility_id, is_new=True)


def _standing(session: Session, facility_id: int) -> int:
    """The pin itself, or the one it was merged into; chains end, because a merged pin is closed for good."""
    for _ in range(20):
        if not 0 < facility_id < 2**63:
            break
        row = session.execute(select(Facility.merged_into).where(Facility.id == facility_id)).one_or_none()
        if row is None:
            break
        if row.merged_into is None:
            return facility_id
        facility_id = row.merged_into
    raise NotFound(N_("Facility not found."))


def _within_limits(session: Session, sender: bytes, now: datetime) -> None:
    of_them = FacilityReport.sender == sender
    wait = counters.wait_s(session, FacilityReport.at, of_them, an_hour=AN_HOUR, a_day=A_DAY, now=now)
    if wait:
        raise TooMany(wait, N_("Too many reports were sent from your network. Try again later."))


def doubt(session: Session, facility_id: int, tambon: str | None, now: datetime) -> bool:
    """Marks the pin as doubtful where enough independent senders say so. The caller holds the pin's row.

    Counted are open reports of the last 24 hours, from after somebody stood for the pin.
    """
    senders = (
        select(func.count(func.distinct(FacilityReport.sender)))
        .join(Facility, Facility.id == FacilityReport.facility_id)
        .where(
            FacilityReport.facility_id == facility_id, OPEN, FacilityReport.at > now - _ONE_DAY,
            FacilityReport.at > age_sql(),
        )
    )  # fmt: skip
    if session.execute(senders).scalar_one() < DOUBTED_BY:
        return False
    return changes.doubt(session, facility_id, tambon, now)


# Officers -------------------------------------------------------------------------------------------------------

_OUTCOMES: Final = {
    "still_right": "still_right",
    "dismiss": "dismissed",
    "full": "fixed",
    "close": "fixed",
    "fixed": "fixed",
}


def handle(session: Session, actor: Actor, data: AnswerIn, now: datetime) -> int:
    """Does what the officer chose, and marks the reports they saw as handled. Returns how many those were.

    The caller has asked the policy about the pin's tambon.

    A report that came in after the page was made stays open.

    Raises:
        NotFound: there is no such facility.
        Conflict: somebody else has handled them meanwhile, or the pin is closed for good.
        Invalid: a closure without a reason.
    """
    if data.answer == "undo":
        return _undo_dismissal(session, actor, data.facility, data.upto, now)
    facility_id = data.facility
    pin = changes.current(session, facility_id, lock=True)
    handled = session.execute(
        update(FacilityReport)
        .where(FacilityReport.facility_id == facility_id, OPEN, FacilityReport.id <= data.upto)
        .values(handled_at=now, handled_by=actor.person_id, outcome=_OUTCOMES[data.answer])
        .returning(FacilityReport.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not handled:
        raise Conflict(N_("Someone else already resolved these reports."))
    _act(session, actor, pin["status"], data, now)
    changes.settle_doubt(session, facility_id, now)
    doubt(session, facility_id, pin["tambon_code"], now)  # by those who wrote after this page was made
    audit.record(
        session, actor, f"reports.{_OUTCOMES[data.answer]}", "facility", facility_id, area_code=pin["tambon_code"],
        now=now, details={"reports": len(handled), "answer": data.answer},
    )  # fmt: skip
    return len(handled)


def _act(session: Session, actor: Actor, status: str, data: AnswerIn, now: datetime) -> None:
    facility_id = data.facility
    if data.answer in ("dismiss", "fixed"):
        return
    if data.answer == "still_right":
        changes.change(session, actor, facility_id, {}, action="confirm", now=now)
        return
    if status == "closed":
        raise Conflict(N_("This facility has been closed permanently. Reopen it first."), kind=CLOSED)
    if data.answer == "full":
        values = {"status": "full", "closed_from": None, "closed_until": None, "closed_reason": None}
        changes.change(session, actor, facility_id, values, action="edit", now=now)
        return
    if data.closed_reason is None:
        raise invalid("closed_reason", N_("Enter why it is closed. People will read it."))
    values = {
        "status": "temporarily_closed",
        "closed_from": None,
        "closed_until": None,
        "closed_reason": data.closed_reason,
    }
    changes.change(session, actor, facility_id, values, action="close", now=now, reason=data.closed_reason)


def _undo_dismissal(session: Session, actor: Actor, facility_id: int, report_id: int, now: datetime) -> int:
    pin = changes.current(session, facility_id, lock=True)
    one = select(FacilityReport.handled_at).where(
        FacilityReport.id == report_id, FacilityReport.facility_id == facility_id,
        FacilityReport.outcome == "dismissed", FacilityReport.handled_at > now - UNDO_FOR,
    )  # fmt: skip
    reopened = session.execute(
        update(FacilityReport)
        .where(
            FacilityReport.facility_id == facility_id, FacilityReport.outcome == "dismissed",
            FacilityReport.handled_at == one.scalar_subquery(),
        )
        .values(handled_at=None, handled_by=None, outcome=None)
        .returning(FacilityReport.id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    if not reopened:
        raise Conflict(N_("These reports are already open, or they are too old."))
    doubt(session, facility_id, pin["tambon_code"], now)
    audit.record(
        session, actor, "reports.reopened", "facility", facility_id, area_code=pin["tambon_code"], now=now,
        details={"reports": len(reopened)},
    )  # fmt: skip
    return len(reopened)


def forget_senders(session: Session, now: datetime) -> int:
    """Takes the senders' hashes out of reports older than two days, when nothing is counted by them any more.

    For the housekeeping; safe to repeat. Returns how many were forgotten.
    """
    old = (
        update(FacilityReport)
        .where(FacilityReport.at < now - 2 * _ONE_DAY, FacilityReport.sender != b"")
        .values(sender=b"")
        .returning(FacilityReport.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(old).all())


def forget_notes(session: Session, now: datetime) -> int:
    """Takes what strangers wrote out of reports that were handled long ago; what was wrong, in a chosen word, stays.

    For the housekeeping; safe to repeat. Returns how many were forgotten.
    """
    old = (
        update(FacilityReport)
        .where(FacilityReport.handled_at < now - NOTES_KEPT, FacilityReport.note.is_not(None))
        .values(note=None)
        .returning(FacilityReport.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(old).all())
