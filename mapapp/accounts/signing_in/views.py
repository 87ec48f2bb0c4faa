"""Pages of sign-in: name and password, two-step sign-in, the password again, sign-out."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from mapapp.accounts import edge
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import forms as signing_in_forms
from mapapp.accounts.signing_in import second_factor as signing_in_second_factor
from mapapp.accounts.signing_in import service as signing_in
from mapapp.accounts.signing_in.view_helpers import (
    asked_next,
    here,
    home,
    keep,
    let_in,
    page,
    pages,
    refused,
    to,
    visit,
)
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, DomainError
from mapapp.web import forms, qr
from mapapp.web.request import now, session

forms.NOTICES["signed_out"] = N_("You are signed out.")


@pages.get("/sign-in")
def sign_in_page() -> Response:
    """The form for name and password. A signed-in person gets a message and can sign out."""
    return page("sign_in", next=asked_next(), demo=edge.demo_allowed())


@pages.post("/sign-in")
def sign_in() -> Response:
    """Takes name and password. The answer does not say which of them is wrong."""
    form = forms.posted(signing_in_forms.SignIn)
    shown: dict[str, Any] = {"next": asked_next(), "demo": edge.demo_allowed()}
    if form.value is None:
        return page("sign_in", form, **shown)
    try:
        signed = signing_in.sign_in(
            session(), edge.vault(), typed=form.value.name, password=form.value.password, visit=visit()
        )
    except DomainError as error:
        keep()
        return refused("sign_in", form, error, **shown)
    return let_in(signed)


@pages.post("/sign-out")
def sign_out() -> Response:
    """Ends this session."""
    signing_in.sign_out(session(), edge.actor(), now())
    response = to("/sign-in", notice="signed_out")
    edge.forget_cookie(response)
    return response


@pages.get("/sign-in/second-factor")
def second_factor_page() -> Response:
    """Asks for a code, or starts the set-up of two-step sign-in if there is none yet."""
    who, person = here()
    if who.second_factor:
        return to(asked_next() or home(who))
    if person.totp_sealed is not None:
        return page("second_factor", next=asked_next())
    return set_up_page(who, person)


@pages.post("/sign-in/second-factor")
def second_factor() -> Response:
    """Takes a code of two-step sign-in."""
    who, person = here()
    if "sealed" in request.form:
        return set_up(who, person)
    form = forms.posted(signing_in_forms.OneCode)
    if person.totp_sealed is None or form.value is None:
        return page("second_factor", form, next=asked_next()) if person.totp_sealed else set_up_page(who, person)
    try:
        signing_in.show_second_factor(session(), edge.vault(), who, person, form.value.code, visit())
    except DomainError as error:
        keep()
        return refused("second_factor", form, error, next=asked_next())
    return to(asked_next() or home(who))


def set_up_page(who: Actor, person: Person) -> Response:
    """The page to set up two-step sign-in, or to renew it."""
    made = signing_in_second_factor.new_set_up()
    return page("second_factor_set_up", next=asked_next(), **_drawn(who, person, made))


def _drawn(who: Actor, person: Person, made: signing_in_second_factor.SetUp) -> dict[str, Any]:
    assert who.session_id is not None
    uri = made.uri(person.sign_in_name or person.name)
    sealed = signing_in_second_factor.seal_set_up(edge.vault(), made, who.session_id)
    return {"made": made, "uri": uri, "qr": qr.svg(uri), "sealed": sealed, "again": person.totp_sealed}


def set_up(who: Actor, person: Person) -> Response:
    """Takes the first code of a new two-step sign-in and shows the recovery codes. Safe to repeat."""
    assert who.session_id is not None
    form = forms.posted(signing_in_forms.SetUpCode)
    try:
        made = signing_in_second_factor.open_set_up(edge.vault(), request.form.get("sealed", "")[:4000], who.session_id)
    except DomainError:
        return set_up_page(who, person)  # a form of another session, or an old one: show a new page
    if form.value is None:
        return page("second_factor_set_up", form, next=asked_next(), **_drawn(who, person, made))
    try:
        signing_in.set_second_factor(session(), edge.vault(), who, person, made, form.value.code, visit())
    except DomainError as error:
        keep()
        return refused("second_factor_set_up", form, error, next=asked_next(), **_drawn(who, person, made))
    return page("recovery_codes", codes=made.codes, next=asked_next() or home(who))


@pages.get("/sign-in/confirm")
def confirm_page() -> Response:
    """Asks for the password again."""
    _, person = here()
    return page("confirm", next=asked_next(), person=person)


@pages.post("/sign-in/confirm")
def confirm() -> Response:
    """Takes the password again, before sensitive actions."""
    who, person = here()
    form = forms.posted(signing_in_forms.Confirm)
    shown: dict[str, Any] = {"next": asked_next(), "person": person}
    if form.value is None:
        return page("confirm", form, **shown)
    try:
        signing_in.confirm(session(), edge.vault(), person, form.value.password, visit())
    except DomainError as error:
        keep()
        return refused("confirm", form, error, **shown)
    signing_in.confirmed(session(), who, now())
    return to(asked_next() or home(who))
