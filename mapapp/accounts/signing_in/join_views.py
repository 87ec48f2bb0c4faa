"""The page of an invitation link. Opening it does not use the link: messengers and mail programs open links, too.

The link is opened once. Then the browser keeps its token for the page of the invitation, whose address is no secret.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, Final

from flask import Response
from pydantic import BaseModel

from mapapp.accounts import contacts, edge
from mapapp.accounts.models import Person
from mapapp.accounts.people import self_service
from mapapp.accounts.signing_in import forms as signing_in_forms
from mapapp.accounts.signing_in import invitations
from mapapp.accounts.signing_in import service as signing_in
from mapapp.accounts.signing_in.view_helpers import keep, let_in, page, pages, refused, to, visit
from mapapp.core.errors import N_, Conflict, DomainError, NotFound, invalid
from mapapp.core.languages import NAMES
from mapapp.web import forms, page_keys
from mapapp.web.i18n import gettext, language, name_of, tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

_TWICE: Final = timedelta(minutes=10)
"""Time within which a form that was tapped twice on a slow connection arrives."""


KEY: Final = "invited"


@pages.get("/join/<token>")
def enter(token: str) -> Response:
    """Opens an invitation link: stores the token in the browser and redirects to an address without it."""
    try:
        offer = invitations.look(session(), token, now())
    except (NotFound, invitations.LinkGone) as error:
        return _gone(error)
    path = f"/join/for/{offer.invitation_id}"
    response = to(path)
    # The token is kept after use: so a person who comes back is told that the link was used.
    page_keys.give(response, KEY, path, token, offer.expires_at - now())
    return response


@pages.get("/join/for/<uuid:invitation_id>")
def join_page(invitation_id: uuid.UUID) -> Response:
    """Who is invited by whom, and for what."""
    token = page_keys.given(KEY)
    if not token:
        return _without_key()
    try:
        offer = invitations.look(session(), token, now())
    except (NotFound, invitations.LinkGone) as error:
        return _gone(error)
    return page("join", **_shown(offer))


@pages.post("/join/for/<uuid:invitation_id>")
def join(invitation_id: uuid.UUID) -> Response:
    """Uses the invitation. Of two requests at the same time, one succeeds, and the other gets a message."""
    token = page_keys.given(KEY)
    return _join(token) if token else _without_key()


def _without_key() -> Response:
    """The same answer for every number, so it reveals nothing."""
    return page("link_again", status=404)


def _join(token: str) -> Response:
    try:
        offer = invitations.look(session(), token, now())
    except NotFound as error:
        return _gone(error)
    except invitations.LinkGone as error:
        return _same_again(error) or _gone(error)
    form = _sent(offer)
    if form.value is None:
        return page("join", form, **_shown(offer))
    values = _shown(offer)
    try:
        signed = _take_up(offer, form.value, tuple(values["areas"]))
    except Conflict:
        session().rollback()
        return _join(token)  # now it is used, possibly by the same form
    except DomainError as error:
        return _not_taken_up(token, offer, form, error)
    return let_in(signed)


def _not_taken_up(token: str, offer: invitations.Offer, form: Asked[Any], error: DomainError) -> Response:
    # A wrong number or password is counted. A new password that is too weak must leave the link valid.
    if offer.purpose == "new_second_factor" or isinstance(error, invitations.WrongNumber):
        keep()
    else:
        session().rollback()
    try:
        offer = invitations.look(session(), token, now())
    except invitations.LinkGone as gone:  # that was the last attempt
        return _gone(gone)
    return refused("join", form, error, **_shown(offer))


def _sent(offer: invitations.Offer) -> Asked[Any]:
    model: type[BaseModel] = (
        signing_in_forms.NewFactor if offer.purpose == "new_second_factor" else signing_in_forms.Join
    )
    form: Asked[Any] = forms.posted(model)
    if "it_is_me" in form.problems:
        form.problems["it_is_me"] = [gettext("Tick this box if the invitation is for you.")]
    value = form.value
    if isinstance(value, signing_in_forms.Join) and value.password != value.again:
        forms.problem(form, invalid("again", N_("The passwords do not match. Enter the same password twice.")))
        form.value = None
    return form


def _take_up(offer: invitations.Offer, value: Any, areas: tuple[str, ...]) -> signing_in.SignedIn:
    if isinstance(value, signing_in_forms.NewFactor):
        return signing_in.take_up(session(), edge.vault(), offer, value.password, visit(), phone=value.phone)
    return signing_in.take_up(
        session(), edge.vault(), offer, value.password, visit(), phone=value.phone, user_name=value.user_name,
        language=value.language, areas=areas,
    )  # fmt: skip


def _shown(offer: invitations.Offer) -> dict[str, Any]:
    held = [one for one in self_service.appointments(session(), offer.person.id, now()) if not one.is_over(now())]
    who = edge.actor()
    other = who if who.is_signed_in and who.person_id != offer.person.id else None
    return {
        "offer": offer,
        "held": held,
        "areas": [name_of(one.area) for one in held if one.area is not None],
        "somebody_else": other,
        "languages": NAMES,
        "chosen": language(),
    }


def _same_again(error: invitations.LinkGone) -> Response | None:
    """Signs in a person who sends again the form that has just used the link: the first answer may not have arrived."""
    if error.used_at is None or now() - error.used_at > _TWICE:
        return None
    form = forms.posted(signing_in_forms.Join)
    person = session().get(Person, error.person_id)
    if form.value is None or person is None or person.suspended_at or person.erased_at:
        return None
    if not contacts.is_number_of(edge.vault(), person, form.value.phone):
        return None
    try:
        signing_in.confirm(session(), edge.vault(), person, form.value.password, visit())
    except DomainError:
        keep()
        return None
    return let_in(signing_in.enter(session(), person, visit(), password=form.value.password))


def _gone(error: DomainError) -> Response:
    inviter = error.inviter if isinstance(error, invitations.LinkGone) else None
    status = 410 if isinstance(error, invitations.LinkGone) else 404
    return page("link_gone", status=status, said=tell(error.message), inviter=inviter)
