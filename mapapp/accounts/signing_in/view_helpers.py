"""Shared parts of the pages for sign-in and for one's own account: the signed-in person, refusals beside the form, the
next page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from sqlalchemy import delete

from mapapp.accounts import edge, labels, policy
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import devices
from mapapp.accounts.signing_in import service as signing_in
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, DomainError, Invalid, NotAllowed, NotSignedIn, StepNeeded, TooMany
from mapapp.core.problem_types import SUSPENDED
from mapapp.database.submissions import Submission
from mapapp.web import forms
from mapapp.web.i18n import asked_in, tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("account", __name__)


@pages.after_request
def _private(response: Response) -> Response:
    """Headers of these pages: not stored in caches, and their addresses are not sent to other sites.

    ``same-origin`` and not ``no-referrer``: with that, browsers send ``null`` as the origin of a form, and older ones
    send nothing else that tells our forms from those of other sites.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def visit() -> signing_in.Visit:
    """The origin and time of this request."""
    return signing_in.Visit(
        address=edge.address(),
        device=devices.words(request.headers.get("User-Agent", "")[:400]),
        now=now(),
        demo_allowed=edge.demo_allowed(),
        old_token=edge.cookie(),
    )


def here() -> tuple[Actor, Person]:
    """The signed-in person, even if a step of sign-in is missing.

    Raises:
        NotSignedIn: no one is signed in; an API key is not a person.
        NotAllowed: the account is suspended.
    """
    who = edge.actor()
    person = session().get(Person, who.person_id) if who.kind == "person" else None
    if person is None:
        raise NotSignedIn(N_("Sign in first."))
    if who.suspended:
        raise NotAllowed(N_("This account is suspended. Ask the person who appointed you."), kind=SUSPENDED)
    return who, person


def owner(*, confirmed: bool = False) -> tuple[Actor, Person]:
    """The signed-in person, after all steps that their account needs: a person who knows only the password cannot
    change it.

    Args:
        confirmed: the password was entered within the last minutes.

    Raises:
        NotSignedIn, NotAllowed: as ``here``.
        StepNeeded: the second factor or the password is needed.
    """
    who, person = here()
    if not who.second_factor and (person.totp_sealed is not None or signing_in.needs_second_factor(who)):
        raise StepNeeded("second_factor", N_("Complete two-step sign-in first."))
    if confirmed and (who.confirmed_at is None or now() - who.confirmed_at > policy.CONFIRMED_FOR):
        raise StepNeeded("confirm", N_("Enter your password again for this."))
    return who, person


def page(name: str, form: Asked[Any] | None = None, status: int | None = None, **values: Any) -> Response:
    """A page of this room; status 400 if the form has problems."""
    shown = form or Asked(None, {})
    words = {"role_names": labels.ROLES, "purpose_names": labels.PURPOSES}
    html = render_template(f"accounts/{name}.html", form=shown, **words, **values)
    return make_response(html, shown.status if status is None else status)


def refused(name: str, form: Asked[Any], error: DomainError, **values: Any) -> Response:
    """The page again, with the refusal of the service beside its field or above the form."""
    if isinstance(error, Invalid):
        forms.problem(form, error)
        return page(name, form, **values)
    form.problems.setdefault("", []).append(tell(error.message))
    if isinstance(error, TooMany):
        response = page(name, form, 429, **values)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    return page(name, form, 403 if isinstance(error, NotAllowed) else 409, **values)


def keep() -> None:
    """Commits what a refusal must keep (the count of wrong attempts, audit entries), but not the form key."""
    key = g.pop("once_key", None)
    if key is not None:
        session().execute(delete(Submission).where(Submission.key == key))
    session().commit()


def to(path: str, lang: str | None = None, **query: str) -> Response:
    """303 to one of our paths, in the given language or that of the request."""
    plain, _, asked = path.partition("?")
    pairs = [(name, value) for name, value in parse_qsl(asked, keep_blank_values=True) if name != "lang"]
    pairs += query.items()
    pairs += asked_in(lang)
    made = redirect(plain + (f"?{urlencode(pairs)}" if pairs else ""), 303)
    assert isinstance(made, Response)
    return made


def asked_next() -> str:
    """The path to go to afterwards, if the request names one of ours; otherwise empty."""
    return forms.own_path(request.values.get("next"), "")


def let_in(signed: signing_in.SignedIn) -> Response:
    """Sets the session cookie and redirects, in the person's language: to the second factor if it is needed."""
    person = signed.person
    who = signing_in.as_actor(session(), person, visit())
    target = asked_next() or home(who)
    skips = person.is_demo and edge.demo_allowed()
    if not skips and (person.totp_sealed is not None or signing_in.needs_second_factor(who)):
        response = to("/sign-in/second-factor", person.language, next=target)
    else:
        response = to(target, person.language)
    edge.keep_signed_in(response, signed.token)
    return response


Home = Callable[[Actor], str | None]

homes: list[Home] = []
"""Rooms above add functions that return the start page of their people; the first result that is not None is used."""


def home(who: Actor) -> str:
    """The start page of a person: the open tasks of their area, or what a room above returns, or their account."""
    if policy.areas_of(who, "facilities.view"):
        return "/officer"
    return next((path for path in (ask(who) for ask in homes) if path is not None), "/account")
