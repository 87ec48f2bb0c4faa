"""The web's side of accounts: who is asking, what they may, and forms that nobody else can send in their name.

Every room's views come here: ``actor()``, ``demand()``, ``officer_page()``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, sessionmaker

from mapapp.accounts import policy
from mapapp.accounts.signing_in import sessions
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.config import LOOPBACK
from mapapp.core.errors import N_, NotAllowed, NotSignedIn, TooMany
from mapapp.core.problem_types import CSRF, TOKEN_REFUSED, WRONG_TOKEN
from mapapp.core.vault import Vault
from mapapp.database import keyring
from mapapp.web import forms, limits, page_freshness
from mapapp.web.hosts import whole_address as whole_address
from mapapp.web.i18n import per_request
from mapapp.web.request import SAFE_METHODS, config, now, session

P = ParamSpec("P")

PROGRAM_WRITES = "600 per hour"
"""How often one token may change something; what has a limit of its own (free beds, by facility) is not counted."""

COOKIE, PLAIN_COOKIE = "__Host-mapapp", "mapapp-loopback"
"""The session's cookie; over plain http, which is possible on loopback alone, browsers refuse the first name."""


def init(app: Flask, vault: Vault) -> None:
    """Checks every unsafe request, and keeps what signed-in people see out of caches."""
    app.extensions["mapapp_vault"] = vault
    app.extensions["mapapp_keys"] = keyring.Watch(vault, app.extensions["mapapp_writing"])
    forms.init(app, csrf_token, _sender)
    app.before_request(_genuine)
    app.after_request(_private)
    app.jinja_env.globals.update(me=actor, may=may, my_areas=my_areas)
    app.jinja_env.filters["in_language"] = per_request(forms.with_language)


def vault() -> Vault:
    """The master keys of the running application.

    Raises:
        WrongKeys: they are not this database's, so that nothing may be opened or sealed with them.
    """
    keys().demand()
    made: Vault = current_app.extensions["mapapp_vault"]
    return made


def keys() -> keyring.Watch:
    """Whether the master keys are this database's."""
    made: keyring.Watch = current_app.extensions["mapapp_keys"]
    return made


# Who ------------------------------------------------------------------------------------------------------------


def actor() -> Actor:
    """Who is asking: by an API token, by the session's cookie, or nobody we know. The same for the whole request."""
    found: Actor | None = g.get("actor")
    if found is None:
        found = g.actor = _find()
    return found


def _find() -> Actor:
    key = _bearer()
    if key is not None:
        program = sessions.find_token(
            session(), key, now=now(), address=address(), demo_allowed=demo_allowed(), is_written=keys().fits
        )
        if program is None:
            g.key_refused = True
            raise NotSignedIn(N_("This API key is unknown, expired or revoked."), kind=TOKEN_REFUSED)
        return program
    token = cookie()
    if not token:
        return Actor("public", address=address())
    return sessions.find(
        session(),
        token,
        now=now(),
        address=address(),
        demo_allowed=demo_allowed(),
        is_written=lambda: not page_freshness.by_itself() and keys().fits(),
    )


def _bearer() -> str | None:
    """The token a program sends along, except where the header has the key of a page."""
    view = current_app.view_functions.get(request.endpoint or "")
    return None if getattr(view, "own_key", None) else _authorization()


def own_key() -> str:
    """The key of a page, for a view that takes one in place of a program's token (``Api.get(own_key=…)``).

    Raises:
        NotSignedIn: there is none.
    """
    key = _authorization()
    if not key:
        raise NotSignedIn(N_("Send the key of the page with the request: Authorization: Bearer …"))
    return key


def _authorization() -> str | None:
    """Other schemes belong to a proxy before us, and browsers send those unasked."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def address() -> str:
    """The asking address; a forwarded one only from configured proxies (``web/proxies.py``)."""
    return request.remote_addr or "unknown"


def on_loopback() -> bool:
    """Whether the service is reached on this very machine, by its address and by its name."""
    return address() in LOOPBACK and (urlsplit(f"//{request.host}").hostname or "") in LOOPBACK


def may_send_files() -> bool:
    """Whether this request comes from somebody we know: nobody else's file is taken in only to be refused."""
    try:
        return actor().is_signed_in
    except NotSignedIn:
        return False


def demo_allowed() -> bool:
    """Whether demo accounts get in without a second factor: development mode, on loopback only."""
    return config().mode == "development" and on_loopback()


def cookie_name() -> str:
    """The name the session's cookie has on this connection."""
    return COOKIE if request.is_secure else PLAIN_COOKIE


def cookie() -> str:
    """The session's token as the browser sent it, empty where it sent none."""
    return request.cookies.get(cookie_name(), "")


def keep_signed_in(response: Response, token: str) -> None:
    """Gives the browser its cookie: for this host only, no script reads it, no other site's request carries it.

    Raises:
        NotAllowed: over plain http from elsewhere; whoever listens would have the session.
    """
    if not request.is_secure and not on_loopback():
        raise NotAllowed(N_("Sign-in needs https. Tell the system operator."))
    response.set_cookie(
        cookie_name(), token, max_age=int(sessions.LASTS.total_seconds()), path="/", secure=request.is_secure,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def forget_cookie(response: Response) -> None:
    """Takes the cookie back."""
    response.delete_cookie(cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")


# What they may --------------------------------------------------------------------------------------------------


def demand(action: str, area_code: str | None) -> Actor:
    """This request's actor, acting by the appointment that allows this (``policy.demand``)."""
    if actor().facility_id is not None and not request.path.startswith("/api/"):
        # Only the API knows which facility a request is about before it does anything.
        raise NotAllowed(N_("This API key is for one facility and works only with the API."), kind=WRONG_TOKEN)
    return policy.demand(actor(), action, area_code, now())


def may(action: str, area_code: str | None) -> bool:
    """For templates: whether to show a button."""
    return policy.may(actor(), action, area_code) is not None


def my_areas(action: str) -> tuple[str, ...]:
    """Where this request's actor may do this, the widest area first."""
    return policy.areas_of(actor(), action)


def my_area(action: str) -> str:
    """The area this page is about: ``?area=`` where the policy allows it, else the first of theirs (``TH`` possible).

    Raises:
        NotAllowed: another one is asked for.
    """
    asked = request.args.get("area", "")
    if asked and (asked == "TH" or (asked.isascii() and asked.isdigit() and len(asked) in (2, 4, 6))):
        demand(action, asked)
        return asked
    mine = my_areas(action)
    if not mine:
        raise NotAllowed(N_("Your role does not allow this."))
    return mine[0]


def officer_page(action: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, Response]]:
    """For pages of signed-in people: signs in first, asks for the second factor, refuses whose appointments do not
    include the action anywhere. Which area is for the view to ask (``my_area``, ``demand``)."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
            allow_somewhere(action)
            return make_response(view(*args, **kwargs))

        wrapped.action = action  # type: ignore[attr-defined]  # the access matrix reads it
        return wrapped

    return decorate


def check_actions(app: Flask) -> None:
    """Makes a page loud whose action no room has told of.

    Raises:
        KeyError: there is one.
    """
    for view in app.view_functions.values():
        action = getattr(view, "action", None)
        if action is not None:
            policy.roles_of(action)


def allow_somewhere(action: str) -> Actor:
    """The request's actor, if there is any area where they may do this.

    Raises:
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    mine = my_areas(action)
    return demand(action, mine[0] if mine else None)


# Genuine --------------------------------------------------------------------------------------------------------


def csrf_token() -> str:
    """The token of this session's forms; another session's does not fit. Empty where nobody is signed in."""
    found = actor()
    return vault().mac(str(found.session_id), "csrf") if found.session_id is not None else ""


def _genuine() -> None:
    """Before every view: an unsafe request with a session's cookie carries that session's token."""
    if request.endpoint is None:
        return
    if request.method not in SAFE_METHODS:
        keys().demand()  # nothing is written under a wrong key, sealed or not
    if _bearer() is not None:
        # A token that is no good is told, where anybody may read too: its program should not think it is known.
        program = actor()
        if request.method not in SAFE_METHODS:
            _within_its_share(program)
        return  # a browser adds a cookie by itself, never this header
    if request.method in SAFE_METHODS:
        return
    has_cookie = bool(cookie())
    if has_cookie or not request.path.startswith("/api/"):
        forms.refuse_other_sites()
    if not has_cookie or actor().session_id is None:
        return
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not vault().same(given, str(actor().session_id), "csrf"):
        raise NotAllowed(
            N_("This form is too old or belongs to another session. Reload the page and send it again."), kind=CSRF
        )


def _within_its_share(program: Actor) -> None:
    """One program that runs wild must not keep the database from everybody else.

    Raises:
        TooMany: the token has written as often as it may.
    """
    if getattr(current_app.view_functions.get(request.endpoint or ""), "has_own_limit", False):
        return
    wait = limits.wait_s("token writes", PROGRAM_WRITES, str(program.token_id))
    if wait:
        raise TooMany(wait, N_("This API key reached its limit of changes per hour. Try again later."))


def _sender() -> str:
    found = actor()
    return str(found.person_id) if found.is_signed_in else f"address {address()}"


def _private(response: Response) -> Response:
    """What somebody signed in sees is kept nowhere; and what depends on who asks says so, whoever asked."""
    found: Actor | None = g.get("actor")
    if found is not None and found.is_signed_in:
        response.headers["Cache-Control"] = "no-store"
    if found is not None or g.get("key_refused"):
        response.vary.update(("Authorization", "Cookie"))
    elif request.path.startswith("/api/"):
        response.vary.add("Authorization")  # a key that is no good is refused at every address of it
    return response


def writing() -> sessionmaker[Session]:
    """Sessions for what must be on record before an answer goes out, also behind a GET.

    Raises:
        WrongKeys: the master keys are not this database's; a GET writes nothing then either.
    """
    keys().demand()
    made: sessionmaker[Session] = current_app.extensions["mapapp_writing"]
    return made


def on_record(action: str, subject_kind: str, subject_id: Any, *, by: Actor, area_code: str | None) -> None:
    """Puts a view of personal data on record, in a transaction of its own, before it is shown (letter L3.13)."""
    with writing()() as own:
        audit.record(own, by, action, subject_kind, subject_id, area_code=area_code, now=now())
        own.commit()
