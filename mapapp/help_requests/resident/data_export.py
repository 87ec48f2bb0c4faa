"""All data stored about a request, for its resident (letter L3.2, the right to a copy)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.errors import N_, NotFound
from mapapp.core.vault import Vault
from mapapp.database import free_texts
from mapapp.help_requests import contacts
from mapapp.help_requests.labels import URGENCIES
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpLink, HelpNeed, HelpOffer, HelpReport, HelpRequest
from mapapp.help_requests.resident.queries import UNTOLD_EVENTS, first_name

_TOLD: Final[dict[Any, tuple[str, ...]]] = {
    HelpRequest: (
        "id", "source", "on_behalf", "language", "people", "bedridden", "elderly", "small_children", "pregnant",
        "description", "phone_shared", "tambon_code", "village_code", "cell_key", "cell_size", "cell_tambon_code",
        "posted_at", "confirmed_at", "asked_at", "first_claimed_at", "done_at", "closed_at", "outcome",
        "consent_version", "consent_at", "kept_days", "is_example",
    ),
    HelpNeed: (
        "id", "kind", "detail", "quantity", "state", "holder_id", "lease_ends_at", "drops", "contested", "done_at",
        "given",
    ),
    HelpLease: (
        "id", "need_id", "holder_id", "team_text", "begun_at", "ends_at", "renewals", "ended_at", "how_ended", "reason",
        "note_text",
    ),
    HelpOffer: (
        "id", "kind", "from_person", "to_person", "note_text", "at", "expires_at", "answered_at", "answer",
    ),
    HelpReport: ("id", "about", "volunteer_id", "reason", "note_text", "at", "handled_at", "outcome"),
    HelpLink: ("id", "made_by", "at", "revoked_at"),
    HelpEvent: ("id", "need_id", "at", "action", "actor_kind", "person_id", "details"),
}  # fmt: skip
"""Table → the columns that are the resident's own data. A new column is exported only when it is listed here.

Anyone can send a request with any phone number. So the copy has nothing that shows whether the number has sent other
requests: neither the marks for officers, nor the linked requests.
"""

_DETAILS: Final = frozenset({"source", "needs", "fields", "about", "reason", "outcome", "days", "from", "to", "offer"})
"""The exported details of events; numbers of other requests are left out."""

_TEXT: Final = "_text"
"""The suffix of columns that refer to a free text."""

_PEOPLE: Final = ("holder_id", "person_id", "from_person", "to_person", "by_person", "volunteer_id")


def everything(session: Session, vault: Vault, request_id: int, now: datetime) -> dict[str, Any]:
    """All data, with times as they are stored (UTC). Volunteers are shown by first name and organisation, as on the
    page.

    Raises:
        NotFound: there is no such request, or its data was deleted.
    """
    where, middle = cast(HelpRequest.point, Geometry), cast(HelpRequest.cell, Geometry)
    found = session.execute(
        select(
            HelpRequest, func.ST_Y(where).label("lat"), func.ST_X(where).label("lon"),
            func.ST_Y(middle).label("cell_lat"), func.ST_X(middle).label("cell_lon"),
        ).where(HelpRequest.id == request_id, HelpRequest.erased_at.is_(None))
    ).one_or_none()  # fmt: skip
    if found is None:
        raise NotFound(N_("Request not found."))
    row = found[0]
    contact = contacts.of(vault, row.id, row.contact_sealed)
    return {
        "made_at": now,
        "request": {
            **{name: getattr(row, name) for name in _TOLD[HelpRequest]},
            "outcome_reason": free_texts.of(session, [row.outcome_text or 0]).get(row.outcome_text or 0),
            "urgency": URGENCIES[row.urgency],
            "landmark": contacts.landmark_of(vault, row.id, row.landmark_sealed),
            "place": None if found.lat is None else {"lat": found.lat, "lon": found.lon},
            "place_shown_to_all": {"lat": found.cell_lat, "lon": found.cell_lon},
        },
        "contact": {"name": contact.name, "phone": contact.phone, "other": contact.other},
        "needs": _of(session, HelpNeed, request_id),
        "claims": _of(session, HelpLease, request_id),
        "offers": _of(session, HelpOffer, request_id),
        "reports": _of(session, HelpReport, request_id, HelpReport.by_person.is_(None)),
        "links": _of(session, HelpLink, request_id),
        "events": _of(session, HelpEvent, request_id, HelpEvent.action.not_in(UNTOLD_EVENTS)),
    }


def _of(session: Session, table: Any, request_id: int, *which: Any) -> list[dict[str, Any]]:
    """The rows of one table that belong to the request; people by first name and organisation only."""
    rows = session.scalars(select(table).where(table.request_id == request_id, *which).order_by(table.id)).all()
    people = {getattr(row, name) for row in rows for name in _PEOPLE if getattr(row, name, None) is not None}
    words = free_texts.of(session, {number for row in rows for number in _texts(row).values()})
    known = session.execute(
        select(Person.id, Person.name, Person.organisation, Person.erased_at).where(Person.id.in_(people))
    )
    told = {one.id: _told(one) for one in known}
    return [
        {
            name: told.get(getattr(row, name)) if name in _PEOPLE else _plain(name, getattr(row, name))
            for name in _TOLD[table]
            if not name.endswith(_TEXT)
        }
        | {name: words.get(number) for name, number in _texts(row).items()}
        for row in rows
    ]


def _plain(name: str, value: Any) -> Any:
    return {key: one for key, one in value.items() if key in _DETAILS} if name == "details" else value


def _texts(row: Any) -> dict[str, int]:
    """The free texts of a row: name in the export → number of the text."""
    found = {name.removesuffix(_TEXT): getattr(row, name) for name in _TOLD[type(row)] if name.endswith(_TEXT)} | (
        {"words": row.details.get("text")} if isinstance(row, HelpEvent) else {}
    )
    return {name: number for name, number in found.items() if number is not None}


def _told(person: Any) -> dict[str, str | None]:
    if person.erased_at is not None:
        return {"name": None, "organisation": None}
    return {"name": first_name(person.name), "organisation": person.organisation}
