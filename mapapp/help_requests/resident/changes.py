"""Changes of a request by its resident: the same form and the same checks as for a new one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from geoalchemy2 import Geometry
from pydantic import BeforeValidator
from sqlalchemy import cast, func, select, update
from sqlalchemy.orm import Session

from mapapp.core import geo, phones
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, invalid
from mapapp.core.problem_types import CLOSED
from mapapp.core.vault import Vault
from mapapp.help_requests import contacts, events
from mapapp.help_requests.asking import limits
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.forms import AskForm
from mapapp.help_requests.asking.schemas import HelpRequestIn, NeedIn
from mapapp.help_requests.asking.service import place_of
from mapapp.help_requests.labels import FINISHED, LEASED, URGENCY
from mapapp.help_requests.models import HelpNeed, HelpRequest
from mapapp.help_requests.resident import steps
from mapapp.help_requests.resident.queries import Page
from mapapp.help_requests.resident.steps import Locked
from mapapp.help_requests.working import service as working

_PLAIN: Final = ("bedridden", "elderly", "small_children", "pregnant", "on_behalf", "description")


class ChangeForm(AskForm):
    """The fields of the form on the resident's page."""

    do: Literal["change"] = "change"

    consent: Annotated[str, BeforeValidator(lambda _sent: CONSENT_VERSION)] = CONSENT_VERSION
    """Not asked again: the consent given when the request was sent stays valid, with its version."""


def typed_before(page: Page, place: str) -> dict[str, str]:
    """The initial values of the form.

    Args:
        page: the current request.
        place: the name of its tambon or village, if it has no point.
    """
    typed = {
        "urgency": page.urgency, "people": str(page.people), "who": "other" if page.on_behalf else "me",
        "landmark": page.landmark or "", "phone": phones.spoken(page.contact.phone) if page.contact.phone else "",
        "other": page.contact.other or "", "name": page.contact.name or "", "description": page.description,
        "place": "" if page.point else place, **dict.fromkeys(page.flags, "1"),
    }  # fmt: skip
    for need in reversed(page.needs):
        if need.state not in FINISHED:
            typed[f"need_{need.kind}"] = "1"
            typed[f"detail_{need.kind}"] = need.detail or ""
            typed[f"quantity_{need.kind}"] = "" if need.quantity is None else str(need.quantity)
    return typed


def change(
    session: Session, vault: Vault, actor: Actor | None, request_id: int, data: HelpRequestIn, now: datetime
) -> bool:
    """Replaces the request by what was sent. False: it was already so. The consent does not change.

    Args:
        actor: an officer whom the resident has called; None: the resident, by the secret link.
        data: the complete new request.

    Raises:
        NotFound: there is no such request, or its data was deleted.
        Conflict: it is closed.
        Invalid: a claimed need is left out, or there is no such place.
        Blocked: an officer has blocked the number there; never if a life is in danger.
    """
    found = steps.lock(session, request_id, now)
    if found.closed_at is not None:
        raise Conflict(N_("This request is closed. Reopen it before you change it."), kind=CLOSED)
    row = session.get_one(HelpRequest, request_id, populate_existing=True)
    number = row.phone_index
    changed = {*_facts(row, data), *_contact(session, vault, row, data), *_place(session, row, data)}
    if actor is None and ("place" in changed or row.phone_index != number):
        _mark(session, vault, row, data, row.phone_index != number, now)
    if data.urgency == "life":
        row.held = False  # volunteers see it immediately; a mark for officers stays
    session.flush()
    if _needs(session, actor, found, data.needs, now):
        changed.add("needs")
    if changed:
        events.record(session, actor, request_id, "changed", now=now, details={"fields": sorted(changed)})
        steps.settled(session, found, now, answered=True)
    if "place" in changed:
        working.moved(session, request_id, now)
    session.expire_all()
    return bool(changed)


def _facts(row: HelpRequest, data: HelpRequestIn) -> Iterable[str]:
    wanted: dict[str, Any] = {name: getattr(data, name) for name in _PLAIN}
    wanted |= {"urgency": URGENCY[data.urgency], "people": data.people or 1}
    for name, value in wanted.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            yield name


def _mark(
    session: Session, vault: Vault, row: HelpRequest, data: HelpRequestIn, is_other_number: bool, now: datetime
) -> None:
    """Limits changes of phone and location like new requests: otherwise a change could send volunteers to another
    person's number.

    Raises:
        Blocked: as ``change``.
    """
    if data.phone is None:
        return
    is_blocked = limits.is_blocked(session, vault, data.phone, row.tambon_code, now)
    if is_blocked and data.urgency != "life":
        raise limits.blocked()
    shares = [limits.of_phone(vault, data.phone)] if is_other_number else []
    look = limits.take(session, shares, now).look
    row.look = "blocked" if is_blocked else look or row.look


def _contact(session: Session, vault: Vault, row: HelpRequest, data: HelpRequestIn) -> Iterable[str]:
    if data.contact != contacts.of(vault, row.id, row.contact_sealed):
        contacts.keep(vault, row, data.contact)
        yield "contact"
    if data.landmark != contacts.landmark_of(vault, row.id, row.landmark_sealed):
        contacts.keep_landmark(vault, row, data.landmark)
        yield "landmark"


def _place(session: Session, row: HelpRequest, data: HelpRequestIn) -> Iterable[str]:
    where = cast(HelpRequest.point, Geometry)
    lat, lon = session.execute(select(func.ST_Y(where), func.ST_X(where)).where(HelpRequest.id == row.id)).one()
    if _is_there(None if lat is None else geo.Point(lat=lat, lon=lon), row, data):
        return
    place = place_of(session, data)
    row.point = None if place.point is None else place.point.ewkt
    row.tambon_code, row.village_code = place.tambon_code, place.village_code
    row.cell, row.cell_key, row.cell_size = place.cell.middle.ewkt, place.cell.key, place.cell.size
    row.cell_tambon_code = place.cell.tambon_code
    yield "place"


def _is_there(before: geo.Point | None, row: HelpRequest, data: HelpRequestIn) -> bool:
    """Whether the location is unchanged: the form has a point with six decimals, and the rounding must not move it."""
    point = data.point
    if point is None or before is None:
        named = data.village or data.tambon
        return point is None and before is None and named == (row.village_code or row.tambon_code)
    return all(round(one, 6) == round(other, 6) for one, other in ((point.lat, before.lat), (point.lon, before.lon)))


def _needs(session: Session, actor: Actor | None, found: Locked, wanted: list[NeedIn], now: datetime) -> bool:
    """Adds and updates the needs that are named, and cancels those that are left out and not claimed."""
    rows = session.scalars(
        select(HelpNeed)
        .where(HelpNeed.request_id == found.id, HelpNeed.state.not_in(FINISHED))
        .order_by(HelpNeed.id)
        .execution_options(populate_existing=True)
    ).all()
    named = {need.kind: need for need in wanted}
    states = {need.id: need.state for need in found.needs}
    out = [row for row in rows if row.kind not in named]
    if any(states[row.id] in (*LEASED, "done") for row in out):
        raise invalid(
            "needs",
            N_("A volunteer has accepted a need that you removed. If you no longer need it, cancel it on your page."),
        )
    changed = False
    for kind, need in named.items():
        row = next((one for one in rows if one.kind == kind), None)
        facts = {"detail": need.detail, "quantity": need.quantity}
        if row is None:
            session.add(HelpNeed(request_id=found.id, kind=kind, state="open", **facts))
        elif states[row.id] == "done" or facts == {"detail": row.detail, "quantity": row.quantity}:
            continue
        else:
            session.execute(
                update(HelpNeed).where(HelpNeed.id == row.id).values(facts).execution_options(synchronize_session=False)
            )
        changed = True
    session.flush()
    for row in out:
        changed |= steps.take(session, actor, found.id, "cancel", need_id=row.id, now=now)
    return changed
