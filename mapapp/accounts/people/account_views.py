"""Pages about one's own account: data, changes, sessions, download, deletion."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app

from mapapp.accounts import contacts, edge
from mapapp.accounts.models import Person
from mapapp.accounts.people import self_service
from mapapp.accounts.signing_in import forms as signing_in_forms
from mapapp.accounts.signing_in import second_factor
from mapapp.accounts.signing_in import service as signing_in
from mapapp.accounts.signing_in.view_helpers import keep, owner, page, pages, refused, to, visit
from mapapp.accounts.signing_in.views import set_up, set_up_page
from mapapp.core import phones
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, DomainError, FieldProblem, Invalid, Message, TooMany, invalid
from mapapp.core.languages import NAMES
from mapapp.web import forms, page_freshness
from mapapp.web.params import Asked
from mapapp.web.request import now, session

forms.NOTICES["password_changed"] = N_("The new password is set. You are signed out on all other devices.")
forms.NOTICES["session_ended"] = N_("Signed out there.")
forms.NOTICES["given_up"] = N_("The role has ended.")
forms.NOTICES["erased"] = N_("Your account is deleted.")


@pages.get("/account")
def account_page() -> Response:
    """One's own account. Also for people without an appointment."""
    who, person = owner()
    shown = _account(who, person)
    same = page_freshness.unchanged(
        person.name, person.organisation, [(one.row.id, one.is_over(now())) for one in shown["held"]],
        [one.id for one in shown["sessions"]],
    )  # fmt: skip
    return page("account", **shown) if same is None else same


@pages.post("/account")
def account() -> Response:
    """Changes name, organisation and language."""
    who, person = owner()
    form = forms.posted(signing_in_forms.Profile)
    if form.value is None:
        return page("account", form, **_account(who, person))
    self_service.change_profile(session(), who, person, **form.value.model_dump(), now=now())
    return to("/account", person.language, notice="saved")


def _account(who: Actor, person: Person) -> dict[str, Any]:
    vault = edge.vault()
    return {
        "who": who,
        "person": person,
        "phone": contacts.phone_of(vault, person),
        "spoken": phones.spoken,
        "email": contacts.email_of(vault, person),
        "held": self_service.appointments(session(), person.id, now()),
        "sessions": self_service.open_sessions(session(), person.id, now()),
        "codes_left": second_factor.codes_left(session(), person.id),
        "languages": NAMES,
        "is_demo": person.is_demo and edge.demo_allowed(),
        "tokens": bool(edge.my_areas("tokens.manage")),
        "now": now(),
        "last_day": lambda moment: moment - timedelta(microseconds=1),
    }


@pages.get("/account/appointments/<int:appointment_id>/end")
def give_up_page(appointment_id: int) -> Response:
    """Asks for confirmation before a person ends their own appointment."""
    _, person = owner()
    held = self_service.appointment(session(), person.id, appointment_id)
    if held.is_over(now()):
        return to("/account")
    return page("give_up", held=held)


@pages.post("/account/appointments/<int:appointment_id>/end")
def give_up(appointment_id: int) -> Response:
    """Ends the person's own appointment."""
    who, person = owner()
    held = self_service.appointment(session(), person.id, appointment_id)
    forms.once()
    form: Asked[Any] = Asked(None, {})
    try:
        self_service.give_up(session(), who, appointment_id, now())
    except Conflict as error:
        session().rollback()
        return refused("give_up", form, error, held=held)
    return forms.done(forms.with_language("/account"), "given_up")


@pages.get("/account/contacts")
def contacts_page() -> Response:
    """How the person signs in: phone, email, user name."""
    _, person = owner()
    vault = edge.vault()
    phone = contacts.phone_of(vault, person)
    typed = {
        "phone": phones.spoken(phone) if phone else "",
        "email": contacts.email_of(vault, person) or "",
        "user_name": person.sign_in_name or "",
    }
    return page("contacts", Asked(None, typed))


@pages.post("/account/contacts")
def change_contacts() -> Response:
    """Changes phone, email and user name; needs the password."""
    who, person = owner()
    form = forms.posted(signing_in_forms.Contacts)
    if form.value is None:
        return page("contacts", form)
    if (refusal := _password(form, person, "contacts")) is not None:
        return refusal
    value = form.value
    try:
        self_service.change_contacts(
            session(), edge.vault(), who, person, phone=value.phone, email=value.email, user_name=value.user_name,
            password=value.password, now=now(),
        )  # fmt: skip
    except (Invalid, TooMany) as error:
        return _undone("contacts", form, error)
    return to("/account", notice="saved")


@pages.get("/account/password")
def password_page() -> Response:
    """The form for a new password."""
    owner()
    return page("password")


@pages.post("/account/password")
def change_password() -> Response:
    """Sets a new password; ends all other sessions."""
    who, person = owner()
    form = forms.posted(signing_in_forms.NewPassword)
    if form.value is None:
        return page("password", form)
    forms.once()  # sent twice, the old password would be wrong the second time
    value = form.value
    if (refusal := _password(form, person, "password", field="old")) is not None:
        return refusal
    try:
        if value.password != value.again:
            raise invalid("again", N_("The passwords do not match. Enter the same password twice."))
        self_service.change_password(session(), edge.vault(), who, person, value.password, now())
    except (Invalid, TooMany) as error:
        return _undone("password", form, error)
    return forms.done(forms.with_language("/account"), "password_changed")


@pages.get("/account/second-factor")
def renew_factor_page() -> Response:
    """Starts a new two-step sign-in; the old one works until the first code of the new one was entered."""
    return set_up_page(*owner(confirmed=True))


@pages.post("/account/second-factor")
def renew_factor() -> Response:
    """Takes the first code of the new two-step sign-in."""
    return set_up(*owner(confirmed=True))


@pages.get("/account/recovery-codes")
def renew_codes_page() -> Response:
    """Asks before the old recovery codes stop working."""
    who, _ = owner(confirmed=True)
    assert who.session_id is not None
    made = second_factor.SetUp("", second_factor.new_codes())
    return page("renew_codes", sealed=second_factor.seal_set_up(edge.vault(), made, who.session_id))


@pages.post("/account/recovery-codes")
def renew_codes() -> Response:
    """New recovery codes, shown once. Sent twice they are the same."""
    who, _ = owner(confirmed=True)
    assert who.session_id is not None
    form = forms.posted(signing_in_forms.Sealed)
    if form.value is None:
        return renew_codes_page()
    made = second_factor.open_set_up(edge.vault(), form.value.sealed, who.session_id)
    self_service.renew_codes(session(), edge.vault(), who, made.codes, now())
    return page("recovery_codes", codes=made.codes, next="/account")


@pages.post("/account/sessions/end")
def end_session() -> Response:
    """Signs out elsewhere: one session, or all the others."""
    who, _ = owner()
    form = forms.posted(signing_in_forms.EndSession)
    if form.value is None:
        raise Invalid([FieldProblem("session", Message(N_("Session not found.")))])
    if form.value.session == "others":
        self_service.end_others(session(), who, now())
    elif form.value.session == who.session_id:
        signing_in.sign_out(session(), who, now())
        response = to("/sign-in", notice="signed_out")
        edge.forget_cookie(response)
        return response
    else:
        self_service.end_session(session(), who, form.value.session, now())
    return to("/account", notice="session_ended")


@pages.get("/account/download")
def download() -> Response:
    """All data stored about the person, as JSON; recorded in the audit log before it is sent."""
    who, person = owner(confirmed=True)
    area = who.standings[0].area_code if who.standings else None
    edge.on_record("person.download", "person", person.id, by=who, area_code=area)
    found = self_service.everything(session(), edge.vault(), person, now())
    response = Response(current_app.json.dumps(found, indent=1, default=_plain), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-account.json"'
    return response


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@pages.get("/account/delete")
def erase_page() -> Response:
    """Says what is deleted and what is kept."""
    _, person = owner()
    return page("delete", person=person)


@pages.post("/account/delete")
def erase() -> Response:
    """Deletes the account."""
    who, person = owner()
    form = forms.posted(signing_in_forms.Erase)
    if form.value is None:
        return page("delete", form, person=person)
    if (refusal := _password(form, person, "delete", person=person)) is not None:
        return refusal
    try:
        self_service.erase(session(), who, person, now())
    except DomainError as error:
        session().rollback()
        return refused("delete", form, error, person=person)
    response = to("/sign-in", notice="erased")
    edge.forget_cookie(response)
    return response


def _password(
    form: Asked[Any], owned_by: Person, name: str, *, field: str = "password", **shown: Any
) -> Response | None:
    """Checks the password that came with a form; the answer to send if it is wrong, otherwise None."""
    typed = getattr(form.value, field)
    try:
        signing_in.confirm(session(), edge.vault(), owned_by, typed, visit())
    except DomainError as error:
        keep()
        if isinstance(error, Invalid):
            error = Invalid([FieldProblem(field, problem.message) for problem in error.problems])
        return refused(name, form, error, **shown)
    return None


def _undone(name: str, form: Asked[Any], error: Invalid | TooMany) -> Response:
    session().rollback()
    return refused(name, form, error)
