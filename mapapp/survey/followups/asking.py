"""A follow-up becomes a help request: sent for the person, with the consent that they gave, linked both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp.areas.models import Village
from mapapp.audit import service as audit
from mapapp.core import languages
from mapapp.core.actors import Actor
from mapapp.core.config import ERASE_AFTER_DAYS
from mapapp.core.errors import N_, Conflict, Message
from mapapp.core.problem_types import WRONG_STATE
from mapapp.core.vault import Vault
from mapapp.help_requests import contacts
from mapapp.help_requests.asking import service as requests
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.schemas import HelpRequestIn
from mapapp.help_requests.board.origins import Origin
from mapapp.help_requests.models import HelpRequest
from mapapp.survey.followups import queries, rights, service
from mapapp.survey.followups.models import FollowUp
from mapapp.survey.followups.reasons import NEEDS, REASONS, SPOKEN
from mapapp.survey.followups.schemas import Listed
from mapapp.web.translating import translate


@dataclass(frozen=True)
class Asked:
    """The follow-up, and the code of the new request's page for the person; None if help was requested before."""

    row: Listed
    code: str | None


def ask(
    session: Session, vault: Vault, actor: Actor, follow_up_id: int, *, address: str, now: datetime,
    kept_days: int = ERASE_AFTER_DAYS,
) -> Asked:  # fmt: skip
    """Requests help for the person of a follow-up. A second tap changes nothing.

    Args:
        actor: as ``rights.demand`` returned them.
        kept_days: of help requests.

    Raises:
        Conflict: nothing to ask for, or it has ended.
        Blocked, TooMany: as ``asking.service.submit``.
    """
    row = service.locked(session, follow_up_id)
    if row.state == "requested":
        return Asked(queries.one(session, follow_up_id), None)
    if row.forgotten_at is not None or row.state != "open":
        raise Conflict(service.CHANGED, kind=WRONG_STATE)
    if row.reason not in NEEDS:
        raise Conflict(N_("Only a bedridden person, or one who needs transport, can get a help request."))
    data = _request(session, vault, row, queries.one(session, follow_up_id).household)
    made = requests.submit(
        session, vault, actor, data, address=address, now=now, source="survey", kept_days=kept_days,
        consent=row.consent_version,
    )  # fmt: skip
    if row.is_example:
        mark = update(HelpRequest).where(HelpRequest.id == made.request_id).values(is_example=True)
        session.execute(mark.execution_options(synchronize_session=False))
    row.state, row.request_id, row.request_outcome = "requested", made.request_id, None
    row.requested_at, row.requested_by, row.changed_at = now, actor.person_id, now
    session.flush()
    audit.record(
        session, actor, "survey.follow_up_request", service.SUBJECT, row.id, area_code=row.village_code[:6], now=now,
        details={"help_request": made.request_id},
    )  # fmt: skip
    return Asked(queries.one(session, follow_up_id), made.code)


def _request(session: Session, vault: Vault, row: FollowUp, household: str | None) -> HelpRequestIn:
    """What is asked for, in the language of the service: volunteers and officers read it."""
    contact = contacts.unseal(vault, row.contact_sealed, table=service.TABLE, record=row.id)
    listed = session.scalars(select(Village.code).where(Village.code == row.village_code)).one_or_none()
    lines = [_said(N_("From the vaccination survey: %(reason)s."), reason=_said(REASONS[row.reason]))]
    if row.language not in (None, "th"):
        lines.append(_said(N_("Speaks: %(language)s."), language=_said(SPOKEN[row.language or "other"])))
    where = [_said(N_("House %(number)s"), number=household)] if household else []
    where.append(_said(N_("Village %(number)s"), number=int(row.village_code[6:])))
    return HelpRequestIn.model_validate(
        {
            "needs": [{"kind": NEEDS[row.reason]}], "urgency": "normal", "people": 1, "on_behalf": True,
            "bedridden": row.reason == "bedridden", "language": _language(row.language),
            "tambon": row.village_code[:6], "village": listed, "landmark": " ".join(where),
            "name": contact.name, "phone": contact.phone, "other": contact.other,
            "description": " ".join(lines), "consent": CONSENT_VERSION,
        }
    )  # fmt: skip


def _said(text: str, **values: object) -> str:
    return translate(text, languages.DEFAULT.code, **values)


def _language(spoken: str | None) -> str:
    return spoken if spoken in languages.BY_CODE else languages.DEFAULT.code


def origin(session: Session, actor: Actor, request_id: int) -> Origin | None:
    """The follow-up of a help request, for the officers of its village."""
    found = session.execute(
        select(FollowUp.id, FollowUp.village_code).where(FollowUp.request_id == request_id).order_by(FollowUp.id)
    ).first()
    if found is None or not rights.sees_all(actor, found.village_code):
        return None
    return Origin(
        Message(N_("Follow-up %(number)s of the survey"), {"number": found.id}),
        f"/volunteer/survey/follow-ups/{found.id}",
    )
