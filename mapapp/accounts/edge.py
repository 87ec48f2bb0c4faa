"""Accounts and the web: who sends a request, what they may do, and protection against forged forms (CSRF).

The views of every room call ``actor()``, ``demand()`` and ``officer_page()``.
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
"""How often one API key may change something. Operations with their own limit (free beds, per facility) are not
counted."""

COOKIE, PLAIN_COOKIE = "__Host-mapapp", "mapapp-loopback"
"""Names of the session cookie. Over plain http, which is possible only on loopback, browsers refuse the first name."""


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
    """The encryption keys of the running application.

    Raises:
        WrongKeys: they do not belong to this database, so nothing may be encrypted or decrypted with them.
    """
    keys().demand()
    made: Vault = current_app.extensions["mapapp_vault"]
    return made


def keys() -> keyring.Watch:
    """Whether the encryption keys belong to this database."""
    made: keyring.Watch = current_app.extensions["mapapp_keys"]
    return made


# Who sends the request --------------------------------------------------------------------------------------------


def actor() -> Actor:
    """The sender of the request: identified by an API key, by the session cookie, or anonymous. Constant during a
    request."""
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
    """The API key in the header, unless the header has the key of a resident's page."""
    view = current_app.view_functions.get(request.endpoint or "")
    return None if getattr(view, "own_key", None) else _authorization()


def own_key() -> str:
    """The key of a page, for a view that takes one instead of an API key (``Api.get(own_key=…)``).

    Raises:
        NotSignedIn: there is none.
    """
    key = _authorization()
    if not key:
        raise NotSignedIn(N_("Send the key of the page with the request: Authorization: Bearer …"))
    return key


def _authorization() -> str | None:
    """The value of the header with the Bearer scheme. Other schemes belong to a proxy in front of us; browsers send
    them automatically."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def address() -> str:
    """The address of the client. A forwarded address counts only if it comes from a configured proxy
    (``web/proxies.py``)."""
    return request.remote_addr or "unknown"


def on_loopback() -> bool:
    """Whether the service is reached on this machine, by its address and by its name."""
    return address() in LOOPBACK and (urlsplit(f"//{request.host}").hostname or "") in LOOPBACK


def may_send_files() -> bool:
    """Whether the sender is signed in or has an API key. Files of others are refused before they are read."""
    try:
        return actor().is_signed_in
    except NotSignedIn:
        return False


def demo_allowed() -> bool:
    """Whether demo accounts can sign in without two-step sign-in: only in development mode on loopback."""
    return config().mode == "development" and on_loopback()


def cookie_name() -> str:
    """The name of the session cookie on this connection."""
    return COOKIE if request.is_secure else PLAIN_COOKIE


def cookie() -> str:
    """The session token from the cookie; empty if there is none."""
    return request.cookies.get(cookie_name(), "")


def keep_signed_in(response: Response, token: str) -> None:
    """Sets the session cookie: for this host only, not readable by scripts, not sent with requests of other sites.

    Raises:
        NotAllowed: plain http from another machine; anyone on the network could read the session.
    """
    if not request.is_secure and not on_loopback():
        raise NotAllowed(N_("Sign-in needs https. Tell the system operator."))
    response.set_cookie(
        cookie_name(), token, max_age=int(sessions.LASTS.total_seconds()), path="/", secure=request.is_secure,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def forget_cookie(response: Response) -> None:
    """Deletes the session cookie."""
    response.delete_cookie(cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")


# Rights -----------------------------------------------------------------------------------------------------------


def demand(action: str, area_code: str | None) -> Actor:
    """The actor of this request, with the appointment that allows the action (``policy.demand``)."""
    if actor().facility_id is not None and not request.path.startswith("/api/"):
        # Only the API knows before the action which facility a request is about.
        raise NotAllowed(N_("This API key is for one facility and works only with the API."), kind=WRONG_TOKEN)
    return policy.demand(actor(), action, area_code, now())


def may(action: str, area_code: str | None) -> bool:
    """For templates: whether to show a button."""
    return policy.may(actor(), action, area_code) is not None


def my_areas(action: str) -> tuple[str, ...]:
    """The areas in which the actor of this request may do this, the widest first."""
    return policy.areas_of(actor(), action)


def my_area(action: str) -> str:
    """The area this page is about: ``?area=`` if the policy allows it, otherwise the first area of the actor (can be
    ``TH``).

    Raises:
        NotAllowed: the actor has no rights in the area in ``?area=``.
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
    """Decorator for pages of signed-in people: leads to sign-in and two-step sign-in, and refuses people whose
    appointments do not include the action anywhere. The view itself checks the area (``my_area``, ``demand``)."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
            allow_somewhere(action)
            return make_response(view(*args, **kwargs))

        wrapped.action = action  # type: ignore[attr-defined]  # the access matrix reads it
        return wrapped

    return decorate


def check_actions(app: Flask) -> None:
    """Checks at start-up that a room has registered the action of every page.

    Raises:
        KeyError: an action is unknown.
    """
    for view in app.view_functions.values():
        action = getattr(view, "action", None)
        if action is not None:
            policy.roles_of(action)


def allow_somewhere(action: str) -> Actor:
    """The actor, if there is at least one area in which they may do this.

    Raises:
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    mine = my_areas(action)
    return demand(action, mine[0] if mine else None)


# Forged requests --------------------------------------------------------------------------------------------------


def csrf_token() -> str:
    """The token for the forms of this session. It is not valid in another session. Empty if no one is signed in."""
    found = actor()
    return vault().mac(str(found.session_id), "csrf") if found.session_id is not None else ""


def _genuine() -> None:
    """Runs before every view: an unsafe request with a session cookie must have the CSRF token of that session."""
    if request.endpoint is None:
        return
    if request.method not in SAFE_METHODS:
        keys().demand()  # nothing is written with a wrong key, encrypted or not
    if _bearer() is not None:
        # An invalid API key is an error even at public addresses: otherwise its program would believe that the key
        # works.
        program = actor()
        if request.method not in SAFE_METHODS:
            _within_its_share(program)
        return  # browsers add cookies automatically, but never this header
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
    """Limits the writes of one API key, so that a faulty program cannot block the database for all others.

    Raises:
        TooMany: the key has reached its limit.
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
    """Keeps answers for signed-in people out of caches, and adds ``Vary`` where an answer depends on the sender."""
    found: Actor | None = g.get("actor")
    if found is not None and found.is_signed_in:
        response.headers["Cache-Control"] = "no-store"
    if found is not None or g.get("key_refused"):
        response.vary.update(("Authorization", "Cookie"))
    elif request.path.startswith("/api/"):
        response.vary.add("Authorization")  # an invalid key is refused at every address
    return response


def writing() -> sessionmaker[Session]:
    """A session for entries that must be in the audit log before an answer is sent, also for a GET.

    Raises:
        WrongKeys: the encryption keys do not belong to this database; then a GET writes nothing either.
    """
    keys().demand()
    made: sessionmaker[Session] = current_app.extensions["mapapp_writing"]
    return made


def on_record(action: str, subject_kind: str, subject_id: Any, *, by: Actor, area_code: str | None) -> None:
    """Records a view of personal data in the audit log, in a transaction of its own, before the data is shown (letter
    L3.13)."""
    with writing()() as own:
        audit.record(own, by, action, subject_kind, subject_id, area_code=area_code, now=now())
        own.commit()
