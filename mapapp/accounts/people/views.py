"""Pages about people: the tree of an area, one person, and appointing a new person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel

from mapapp.accounts import contacts, edge, policy
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.edge import officer_page
from mapapp.accounts.models import Appointment
from mapapp.accounts.people import service as people
from mapapp.accounts.people import tree
from mapapp.accounts.people import view_helpers as shown
from mapapp.accounts.people.service import AlreadyKnown, Seen
from mapapp.accounts.people.view_helpers import page
from mapapp.accounts.schemas import (
    AgainForm,
    AmendForm,
    EndForm,
    LinkForm,
    MoveForm,
    NewForm,
    NewQuery,
    PeopleQuery,
    PersonIn,
    SuspendForm,
    TermsForm,
    WrongPersonForm,
    first_moment_after,
    last_day,
)
from mapapp.accounts.signing_in import invitations
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName
from mapapp.core import phones
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, Invalid, NotFound, invalid
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import per_request, tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session

pages = Blueprint("people", __name__)
pages.app_template_filter("last_day")(per_request(last_day))

SHOWN: Final = 100
"""Maximum number of rows on one page."""

forms.NOTICES.update(
    {
        "appointed": N_("Appointed. This person signs in as before."),
        "appointed-without-link": N_("Appointed. This person has not signed in yet. Create a link for them."),
        "link-shown": N_("The link was shown once. If it is lost, create a new one."),
        "wrong-person": N_("Everything the wrong person had was revoked. The new link was shown once."),
        "ended": N_("The role has ended."),
        "moved": N_("Moved. The new area applies from now on."),
        "suspended": N_("The account is suspended."),
        "unsuspended": N_("The suspension has ended."),
    }
)


# The tree -------------------------------------------------------------------------------------------------------


@pages.get("/officer/people")
@officer_page("people.view")
def index() -> Response:
    """Who has which role, one level of areas at a time; with a search, a list."""
    form = asked(PeopleQuery)
    area = edge.my_area("people.view")
    wanted = form.value or PeopleQuery()
    values: dict[str, Any] = {
        "form": form,
        "area": area,
        "mine": edge.my_areas("people.view"),
        "wanted": wanted,
        "can_appoint": lambda role, code: policy.may_appoint(edge.actor(), role, code) is not None,
        "of_level": tree.OF_LEVEL,
    }
    if wanted.show == "gaps":
        values["gaps"], values["missing"] = tree.gaps(session(), area, now())
        values["names"] = _names({one.code for one in values["gaps"]} | {area})
    elif wanted.q or wanted.role or wanted.show:
        values["found"] = found = tree.search(
            session(), area, now(), text=wanted.q, role=wanted.role, show=wanted.show, limit=SHOWN,
            after=wanted.after or 0,
        )  # fmt: skip
        values["names"] = found.names | _names({area})
        values["next"] = (wanted.after or 0) + SHOWN if found.more else None
    else:
        values["tree"] = looked = tree.look(session(), area, now())
        values["names"] = {one.code: one for one in [*looked.path, *(branch.area for branch in looked.branches)]}
    same = page_freshness.unchanged(*(values.get(name) for name in ("tree", "found", "gaps", "missing")))
    return page("index", form.status, **values) if same is None else same


def _names(codes: Collection[str]) -> dict[str, AreaName]:
    return areas.names(session(), {code[:length] for code in codes for length in (2, 4, 6)} - {"TH"})


# A new person -----------------------------------------------------------------------------------------------------


@pages.get("/officer/people/new")
@officer_page("people.appoint")
def new() -> Response:
    """The form to appoint a person by name and phone number."""
    query = asked(NewQuery)
    typed = {name: value for name, value in query.typed.items() if name in ("area", "role")}
    return _new_page(Asked(None, typed), _within())


def _within() -> str | None:
    """The area that the address names, if it is one of the actor's."""
    code = request.args.get("area", "")
    return code if code.isascii() and code.isdigit() and len(code) in (2, 4, 6) else None


def _new_page(form: Asked[Any], within: str | None, status: int = 200, **values: Any) -> Response:
    only = values.pop("only", None)
    places = shown.appointable(within if only is None else None)
    return page(
        "new",
        status,
        form=form,
        within=within,
        choices=shown.choices(places, only),
        my_roles=shown.roles_for(edge.actor()),
        **{"known": None, **values},
    )


@pages.post("/officer/people/new")
@officer_page("people.appoint")
def add() -> Response:
    """Appoints a person and shows the invitation link, once."""
    form = forms.posted(NewForm)
    places = shown.appointable(None)
    if form.value is None:
        return _new_page(form, _within(), 400)
    data = form.value
    code, only = shown.resolve(form, places, data.area, data.role)
    if code is None:
        return _new_page(form, _within(), 400, only=only)
    forms.once()
    who = PersonIn.model_construct(name=data.name, phone=data.phone, organisation=data.organisation, email=data.email)
    terms = _terms(data.role, code, data)
    try:
        made = people.bring_in(
            session(), edge.vault(), edge.actor(), who, terms, existing=data.existing == "1", now=now()
        )
    except AlreadyKnown as error:
        session().rollback()
        return _is_it_them(form, error, code)
    except (Invalid, Conflict) as error:
        session().rollback()
        return _new_page(form, _within(), _refused(form, error))
    address = url_for("people.person", person_id=made.person.id)
    if made.link is None:
        return forms.done(address, "appointed" if made.person.password_hash else "appointed-without-link")
    forms.done(address, "link-shown")  # the page that a second tap or a reload shows
    sheet = shown.sheet(made.person.name, made.person.organisation, [terms], _names({code}), made.link)
    session().commit()
    shown.by_mail([(sheet, made.person)])
    return page("sheets", sheets=[sheet], by=edge.actor(), back=address)


def _is_it_them(form: Asked[Any], error: AlreadyKnown, code: str) -> Response:
    """Asks whether the account with this number is the right one. The view is recorded in the audit log."""
    known = error.known
    by = edge.demand("people.appoint", code)
    edge.on_record("person.match", "person", known.person_id, by=by, area_code=code)
    form.problems["phone"] = [tell(error.message)]
    return _new_page(form, _within(), 409, known=known)


def _terms(role: str, code: str, data: TermsForm) -> Terms:
    return Terms(role, code, now(), first_moment_after(data.until), data.confidentiality_on, data.training_expires_on)


def _refused(form: Asked[Any], error: Invalid | Conflict) -> int:
    """Puts a refusal into the form; returns the status code."""
    if isinstance(error, Invalid):
        forms.problem(form, error)
        return 400
    form.problems.setdefault("", []).append(tell(error.message))
    return 409


# One person -----------------------------------------------------------------------------------------------------


@pages.get("/officer/people/<uuid:person_id>")
@officer_page("people.view")
def person(person_id: uuid.UUID) -> Response:
    """One person with their phone number. The view is recorded in the audit log before it is shown."""
    seen = people.see(session(), edge.actor(), person_id, now())
    same = _unchanged(seen)
    if same is not None:
        return same
    edge.on_record("person.view", "person", person_id, by=seen.acting, area_code=seen.area_code)
    return _person_page(seen)


def _unchanged(seen: Seen) -> Response | None:
    who = seen.person
    rows = [
        (row.id, row.area_code, row.ends_at, row.ended_at, row.confidentiality_on, row.training_expires_on)
        for row in [*seen.appointments, *seen.over]
    ]
    blocked_at = invitations.blocked_at(session(), who.id)
    return page_freshness.unchanged(
        rows, len(seen.appointments), seen.elsewhere, blocked_at, who.name, who.organisation, who.suspended_at,
        who.first_signed_in_at, at=url_for("people.person", person_id=who.id),
    )  # fmt: skip


def _person_page(seen: Seen, form: Asked[Any] | None = None, status: int = 200, **values: Any) -> Response:
    """The page, with a form that has errors if there is one: its ``do`` and ``appointment`` identify it."""
    if form is not None:
        _unchanged(seen)
    actor = edge.actor()
    rows = [*seen.appointments, *seen.over]
    may_end = {row.id: policy.may_appoint(actor, row.role, row.area_code) is not None for row in seen.appointments}
    some = any(may_end.values()) or bool(shown.roles_for(actor) and not seen.appointments)
    places = shown.appointable(None) if shown.roles_for(actor) else None
    return page(
        "person",
        status,
        seen=seen,
        phone=contacts.phone_of(edge.vault(), seen.person),
        email=contacts.email_of(edge.vault(), seen.person),
        spoken=phones.spoken,
        blocked_at=invitations.blocked_at(session(), seen.person.id),
        names=_names({row.area_code for row in rows}),
        form=form or Asked(None, {}),
        may_end=may_end,
        may_help=some and not seen.elsewhere and all(may_end.values()),
        choices=shown.choices(places, values.pop("only", None)) if places else None,
        my_roles=shown.roles_for(actor),
        ready=shown.confirmed(actor),
        is_me=actor.person_id == seen.person.id,
        last_day=last_day,
    )


Done = Callable[[Actor, Seen, Any], Response]


@pages.post("/officer/people/<uuid:person_id>")
@officer_page("people.appoint")
def change(person_id: uuid.UUID) -> Response:
    """All changes of a person; ``do`` names the action. They have one address, so that an officer who must enter the
    password first comes back to this page."""
    actor = edge.actor()
    seen = people.see(session(), actor, person_id, now())
    model, act = _ACTS.get(request.form.get("do", ""), (None, None))
    if model is None or act is None:
        raise invalid("do", N_("Choose one from the list."))
    form = forms.posted(model)
    if form.value is None:
        return _person_page(seen, form, 400)
    forms.once()
    try:
        return act(actor, seen, form)
    except (Invalid, Conflict) as error:
        session().rollback()
        seen = people.see(session(), actor, person_id, now())
        return _person_page(seen, form, _refused(form, error))


def _mine(seen: Seen, appointment_id: int) -> Appointment:
    """One of the person's appointments that the page shows."""
    for row in [*seen.appointments, *seen.over]:
        if row.id == appointment_id:
            return row
    raise NotFound(N_("Role not found."))


def _back(seen: Seen, notice: str) -> Response:
    """Redirects to the person, or to the tree if the person can no longer be seen from here."""
    try:
        people.see(session(), edge.actor(), seen.person.id, now())
    except NotFound:
        return forms.done(url_for("people.index"), notice)
    return forms.done(url_for("people.person", person_id=seen.person.id), notice)


def _end(actor: Actor, seen: Seen, form: Asked[EndForm]) -> Response:
    assert form.value is not None
    row = _mine(seen, form.value.appointment)
    appointing.end(session(), actor, row.id, form.value.reason, now())
    return _back(seen, "ended")


def _amend(actor: Actor, seen: Seen, form: Asked[AmendForm]) -> Response:
    assert form.value is not None
    data = form.value
    appointing.amend(
        session(), actor, _mine(seen, data.appointment).id, ends_at=first_moment_after(data.until),
        confidentiality_on=data.confidentiality_on, training_expires_on=data.training_expires_on, now=now(),
    )  # fmt: skip
    return _back(seen, "saved")


def _move(actor: Actor, seen: Seen, form: Asked[MoveForm]) -> Response:
    assert form.value is not None
    row = _mine(seen, form.value.appointment)
    code, only = shown.resolve(form, shown.appointable(None), form.value.area, row.role)
    if code is None:
        session().rollback()
        return _person_page(seen, form, 400, only=only)
    appointing.move(session(), actor, row.id, code, form.value.reason, now())
    return _back(seen, "moved")


def _again(actor: Actor, seen: Seen, form: Asked[AgainForm]) -> Response:
    assert form.value is not None
    data = form.value
    code, only = shown.resolve(form, shown.appointable(None), data.area, data.role)
    if code is None:
        session().rollback()
        return _person_page(seen, form, 400, only=only)
    terms = _terms(data.role, code, data)
    made = people.again(session(), edge.vault(), actor, seen.person.id, terms, now())
    if made.link is None:
        return _back(seen, "appointed" if made.person.password_hash else "appointed-without-link")
    _back(seen, "link-shown")
    return _sheet(seen, actor, [*seen.appointments, terms], made.link, "join")


def _link(actor: Actor, seen: Seen, form: Asked[LinkForm]) -> Response:
    assert form.value is not None
    link, purpose = people.new_link(
        session(), edge.vault(), actor, seen.person.id, form.value.purpose, now(), phone=form.value.phone
    )
    _back(seen, "link-shown")
    return _sheet(seen, actor, seen.appointments, link, purpose)


def _wrong_person(actor: Actor, seen: Seen, form: Asked[WrongPersonForm]) -> Response:
    assert form.value is not None
    link = people.taken_by_wrong_person(
        session(), edge.vault(), actor, seen.person.id, name=form.value.name, phone=form.value.phone, now=now()
    )
    _back(seen, "wrong-person")
    return _sheet(seen, actor, seen.appointments, link, "join")


def _sheet(seen: Seen, actor: Actor, held: list[Any], link: Any, purpose: str) -> Response:
    names = _names({one.area_code for one in held})
    sheet = shown.sheet(seen.person.name, seen.person.organisation, held, names, link, purpose=purpose)
    session().commit()
    shown.by_mail([(sheet, seen.person)])
    return page("sheets", sheets=[sheet], by=actor, back=url_for("people.person", person_id=seen.person.id))


def _suspend(actor: Actor, seen: Seen, form: Asked[SuspendForm]) -> Response:
    assert form.value is not None
    lift = form.value.do == "unsuspend"
    appointing.suspend(session(), actor, seen.person.id, now(), lift=lift)
    return _back(seen, "unsuspended" if lift else "suspended")


_ACTS: Final[dict[str, tuple[type[BaseModel], Done]]] = {
    "end": (EndForm, _end),
    "amend": (AmendForm, _amend),
    "move": (MoveForm, _move),
    "again": (AgainForm, _again),
    "link": (LinkForm, _link),
    "wrong_person": (WrongPersonForm, _wrong_person),
    "suspend": (SuspendForm, _suspend),
    "unsuspend": (SuspendForm, _suspend),
}
