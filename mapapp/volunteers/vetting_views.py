"""Officers' pages about volunteers: the list of an area, and one volunteer with the officer's decision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, g, request, url_for
from pydantic import BaseModel

from mapapp.accounts import contacts, edge, policy
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import Person
from mapapp.accounts.people import service as people
from mapapp.accounts.people.self_service import appointments
from mapapp.accounts.people.view_helpers import area_words, confirmed
from mapapp.accounts.schemas import first_moment_after, last_day
from mapapp.accounts.signing_in import view_helpers
from mapapp.areas import queries as areas
from mapapp.core import phones
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, Invalid, NotFound, TooMany, invalid
from mapapp.volunteers import queries, service
from mapapp.volunteers import view_helpers as volunteers_view_helpers
from mapapp.volunteers.call_codes import WrongCode
from mapapp.volunteers.models import Volunteer
from mapapp.volunteers.schemas import ApproveIn, ListQuery, RefuseIn, SuspendIn
from mapapp.web import forms, page_freshness
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session

pages = Blueprint("vetting", __name__)

ACTION: Final = "volunteers.vet"

SHOWN: Final = 100
"""Maximum number of rows on one page."""

forms.NOTICES.update(
    {
        "volunteer_approved": N_("Approved. This volunteer can now see requests nearby."),
        "volunteer_refused": N_("Refused. The person sees your reason after signing in."),
        "volunteer_suspended": N_("Suspended. Their accepted requests are open again for others."),
    }
)


def waiting(area: str | None = None) -> int:
    """Number of waiting sign-ups in all areas of the actor, or in one of them; one statement, once per page."""
    mine = edge.my_areas(ACTION)
    if not mine or (area is not None and not edge.may(ACTION, area)):
        return 0
    known: dict[tuple[str, ...], int] = g.setdefault("volunteers_waiting", {})
    wanted = tuple(mine) if area is None else (area,)
    if wanted not in known:
        known[wanted] = queries.waiting(session(), wanted, now())
    return known[wanted]


@pages.get("/officer/volunteers")
@edge.officer_page(ACTION)
def index() -> Response:
    """Volunteers whose home is in the officer's area, waiting ones first."""
    form = asked(ListQuery)
    wanted = form.value or ListQuery()
    area = edge.my_area(ACTION)
    skip = wanted.after or 0
    found = queries.listed(
        session(), area, now(), show=wanted.show, kind=wanted.kind, skill=wanted.skill, means=wanted.means,
        text=wanted.q, limit=SHOWN + 1, skip=skip,
    )  # fmt: skip
    counts = queries.counts(session(), area, now())
    same = page_freshness.unchanged(found, counts)
    if same is not None:
        return same
    mine = edge.my_areas(ACTION)
    return volunteers_view_helpers.page(
        "list",
        form.status,
        form=form,
        wanted=wanted,
        area=area,
        mine=mine,
        volunteers=found[:SHOWN],
        next=skip + SHOWN if len(found) > SHOWN else None,
        counts=counts,
        names=areas.with_parents(session(), {one.home_tambon for one in found} | {*mine, area}),
        area_words=area_words,
    )


# One volunteer ----------------------------------------------------------------------------------------------------


def _found(person_id: uuid.UUID) -> tuple[Volunteer, Person, Actor]:
    """A volunteer, their account, and the actor with the appointment that allows the view.

    Raises:
        NotFound: there is no such volunteer; also if the actor may not see volunteers of this home tambon.
    """
    row = queries.get(session(), person_id)
    person = session().get(Person, person_id)
    if row is None or person is None or person.erased_at is not None or not edge.may(ACTION, row.home_tambon):
        raise NotFound(N_("Volunteer not found."))
    return row, person, edge.demand(ACTION, row.home_tambon)


@pages.get("/officer/volunteers/<uuid:person_id>")
@edge.officer_page(ACTION)
def one(person_id: uuid.UUID) -> Response:
    """One volunteer with their phone number. The view is recorded in the audit log before it is shown."""
    row, person, acting = _found(person_id)
    same = _unchanged(row, person)
    if same is not None:
        return same
    edge.on_record("person.view", "person", person_id, by=acting, area_code=row.home_tambon)
    return _page(row, person, acting)


def _unchanged(row: Volunteer, person: Person) -> Response | None:
    """Whether the page is unchanged. Its reader has already seen the number, so an automatic check is no new view."""
    held = appointments(session(), person.id, now())
    return page_freshness.unchanged(
        queries.state_of(session(), person.id, now()), row.state_at, row.paused_at, row.home_tambon, person.name,
        [(one.row.id, one.is_over(now())) for one in held], queries.live(session(), person.id, now()),
        queries.reports_about(session(), person.id), at=url_for("vetting.one", person_id=person.id),
    )  # fmt: skip


def _page(row: Volunteer, person: Person, acting: Actor, form: Asked[Any] | None = None, status: int = 200) -> Response:
    if form is not None:
        _unchanged(row, person)
    phone = contacts.phone_of(edge.vault(), person)
    held = [one for one in appointments(session(), person.id, now()) if one.row.role == "volunteer"]
    live = [one for one in held if not one.is_over(now())]
    return volunteers_view_helpers.page(
        "one",
        status,
        row=row,
        person=person,
        phone=phone,
        spoken=phones.spoken,
        proven=contacts.is_proven(edge.vault(), person),
        twin=_twin(person, phone, acting, row.home_tambon),
        others=_others(person, phone, acting, row.home_tambon),
        state=queries.state_of(session(), person.id, now()),
        live=queries.live(session(), person.id, now()),
        held=live,
        over=[one for one in held if one not in live],
        last_day=last_day,
        reports=queries.reports_about(session(), person.id),
        may_suspend=all(policy.may_appoint(edge.actor(), "volunteer", one.row.area_code) for one in live),
        areas=_areas(row.home_tambon),
        names=areas.with_parents(session(), {row.home_tambon, *(one.row.area_code for one in held)}),
        area_words=area_words,
        ready=confirmed(edge.actor()),
        is_me=edge.actor().person_id == person.id,
        form=form or Asked(None, {}),
    )


def _areas(home: str) -> list[str]:
    """The areas for which a volunteer with this home can be approved: its tambon, amphoe and province, as far as they
    are the officer's."""
    return [code for code in (home, home[:4], home[:2]) if policy.may_appoint(edge.actor(), "volunteer", code)]


def _twin(person: Person, phone: str | None, acting: Actor, area: str) -> people.Known | None:
    """Another account with this number as verified; the view is recorded in the audit log."""
    other = contacts.find_person(session(), edge.vault(), phone) if phone is not None else None
    if other is None or other.id == person.id:
        return None
    edge.on_record("person.match", "person", other.id, by=acting, area_code=area)
    return people.known(session(), edge.actor(), other, now())


@dataclass(frozen=True)
class Other:
    """Another sign-up with the same number. ``person_id`` is set if the officer may decide about it, too."""

    name: str
    at: datetime
    person_id: uuid.UUID | None


def _others(person: Person, phone: str | None, acting: Actor, area: str) -> list[Other]:
    """All other sign-ups with the same number; the view is recorded in the audit log."""
    made = []
    for one in contacts.claimants(session(), edge.vault(), phone, but=person.id) if phone is not None else ():
        edge.on_record("person.match", "person", one.id, by=acting, area_code=area)
        row = queries.get(session(), one.id)
        is_ours = row is not None and edge.may(ACTION, row.home_tambon)
        name = one.name if is_ours else people.first_letters(one.name)
        made.append(Other(name, row.joined_at if row else one.created_at, one.id if is_ours else None))
    return made


Decide = Callable[[Actor, Volunteer, Any], str]


@pages.post("/officer/volunteers/<uuid:person_id>")
@edge.officer_page(ACTION)
def decide(person_id: uuid.UUID) -> Response:
    """Approves, refuses or suspends; ``do`` names which. It has the address of the page, so that an officer who must
    enter the password first comes back to it."""
    row, person, acting = _found(person_id)
    model, act = _ACTS.get(request.form.get("do", ""), (None, None))
    if model is None or act is None:
        raise invalid("do", N_("Choose one from the list."))
    form: Asked[Any] = forms.posted(model)
    if form.value is None:
        return _page(row, person, acting, form, 400)
    forms.once()
    try:
        notice = act(acting, row, form.value)
    except (Invalid, Conflict, TooMany) as error:
        if isinstance(error, WrongCode):
            view_helpers.keep()  # the wrong code is counted
        else:
            session().rollback()
        row, person, acting = _found(person_id)
        response = _page(row, person, acting, form, volunteers_view_helpers.refused(form, error))
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.seconds)
        return response
    return forms.done(url_for("vetting.one", person_id=person_id), notice)


def _approve(acting: Actor, row: Volunteer, data: ApproveIn) -> str:
    if data.area not in _areas(row.home_tambon):
        raise invalid("area", N_("Choose one from the list."))
    terms = Terms(
        "volunteer", data.area, now(), first_moment_after(data.until), data.confidentiality_on,
        data.training_expires_on,
    )  # fmt: skip
    service.approve(
        session(), edge.vault(), acting, row.person_id, terms, seen=data.seen, called=data.called == "1",
        code=data.code, reason=data.reason, now=now(),
    )  # fmt: skip
    return "volunteer_approved"


def _refuse(acting: Actor, row: Volunteer, data: RefuseIn) -> str:
    service.refuse(session(), acting, row.person_id, data.reason, now())
    return "volunteer_refused"


def _suspend(acting: Actor, row: Volunteer, data: SuspendIn) -> str:
    service.suspend(session(), acting, row.person_id, data.reason, now())
    return "volunteer_suspended"


_ACTS: Final[dict[str, tuple[type[BaseModel], Decide]]] = {
    "approve": (ApproveIn, _approve),
    "refuse": (RefuseIn, _refuse),
    "suspend": (SuspendIn, _suspend),
}
