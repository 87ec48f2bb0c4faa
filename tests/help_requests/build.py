"""Help requests for tests: a row with its cell, its needs and its sealed contact, as the form would have written it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.core.vault import Vault, parse_keys
from mapapp.database import free_texts
from mapapp.help_requests import cells, contacts
from mapapp.help_requests.labels import URGENCY
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.nearby import daily_counts
from tests.conftest import KEYS, NOON

VAULT = Vault(parse_keys(KEYS))
"""The vault of the application under test."""

LAT, LON = 14.0573, 100.0312
"""A place in tambon 900101 of the small country."""


def add_request(
    session: Session,
    *,
    needs: Sequence[str | dict[str, Any]] = ("food",),
    urgency: str = "urgent",
    lat: float = LAT,
    lon: float = LON,
    phone: str | None = "+66812345678",
    name: str | None = "ป้าคำ",
    other: str | None = None,
    landmark: str | None = "บ้านรั้วเขียวหลังวัด",
    at: datetime = NOON,
    vault: Vault = VAULT,
    **values: Any,
) -> HelpRequest:
    """One open request, flushed; ``values`` are columns that are to be otherwise. The areas must be loaded.

    Args:
        needs: kinds, or columns of ``HelpNeed``; each is open unless its columns say otherwise.
        urgency: a word of ``labels.URGENCY``.
        at: when it was posted.
    """
    point = geo.Point(lat=lat, lon=lon)
    cell = cells.cell_of(session, point)
    assert cell is not None
    tambon = cells.tambon_near(session, point)
    made = HelpRequest(
        **{
            "urgency": URGENCY[urgency], "description": "น้ำท่วมบ้าน ออกไปไหนไม่ได้", "point": point.ewkt,
            "tambon_code": tambon, "cell": cell.middle.ewkt, "cell_key": cell.key, "cell_size": cell.size,
            "cell_tambon_code": cell.tambon_code, "posted_at": at, "changed_at": at, "confirmed_at": at,
            "free_from": at, "consent_version": "test", "consent_at": at, **values,
        }
    )  # fmt: skip
    session.add(made)
    session.flush()
    contacts.keep(vault, made, contacts.Contact(name=name, phone=phone, other=other) if phone or other else None)
    contacts.keep_landmark(vault, made, landmark)
    for need in needs:
        columns = {"kind": need} if isinstance(need, str) else need
        session.add(HelpNeed(**{"request_id": made.id, "state": "open", **columns}))
    session.flush()
    return made


def needs_of(session: Session, request_id: int) -> list[HelpNeed]:
    """The needs of a request as they are stored now, in the order they were added."""
    statement = select(HelpNeed).where(HelpNeed.request_id == request_id).order_by(HelpNeed.id)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def leases_of(session: Session, request_id: int) -> list[HelpLease]:
    """The leases on a request's needs, the oldest first."""
    statement = select(HelpLease).where(HelpLease.request_id == request_id).order_by(HelpLease.id)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def events_of(session: Session, request_id: int) -> list[str]:
    """What happened to a request, as words of ``labels.EVENTS``, in order."""
    statement = select(HelpEvent.action).where(HelpEvent.request_id == request_id).order_by(HelpEvent.id)
    return list(session.scalars(statement))


def words_of(session: Session, number: int | None) -> str | None:
    """What somebody wrote, behind the number of a column or an event; None where nothing is kept."""
    return None if number is None else free_texts.of(session, [number]).get(number)


def add_words(session: Session, request_id: int, words: str, at: datetime = NOON) -> int:
    """Something written about a request, as its number; flushed."""
    return free_texts.keep(session, "request", request_id, words, by=None, now=at).id


def publish(session: Session, at: datetime = NOON + timedelta(days=1)) -> None:
    """Makes the public counts of the day this moment lies in: what was posted the day before is in them."""
    session.flush()
    daily_counts.make(session, at)
    session.commit()
