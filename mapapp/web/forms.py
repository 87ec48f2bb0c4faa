"""Forms: parsed once, with problems beside their fields, and counted once however often they are sent.

A form carries ``csrf_token`` (checked before any view runs) and, if a double submit must count once, ``once``: the form
key of its page. Both belong to the web layer and are never part of a model.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, g, redirect, request
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import MultiDict

from mapapp.core.errors import N_, FieldProblem, Invalid, Message, NotAllowed
from mapapp.core.problem_types import CSRF
from mapapp.database.submissions import Submission
from mapapp.web.i18n import asked_in, gettext, tell
from mapapp.web.page_routes import page_of
from mapapp.web.params import Asked, parse, problems_by_field
from mapapp.web.request import SAFE_METHODS, now, session

Model = TypeVar("Model", bound=BaseModel)

OWN = frozenset({"csrf_token", "once", "lang"})
"""Fields of the web layer."""

NOTICES: dict[str, str | Message] = {"saved": N_("Saved.")}
"""Notices of pages after an action, by the word in ``?notice=``; rooms add theirs."""

SenderOf = Callable[[], str]


class SentBefore(Exception):
    """This form was sent before and succeeded. ``answer`` is the address of its result."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(answer)


def init(app: Flask, token: Callable[[], str], sender: SenderOf) -> None:
    """Registers the two hidden fields for templates.

    Args:
        token: the CSRF token of this request's session, empty if no one is signed in.
        sender: identifies the sender, so that no one gets the answer to another person's key.
    """
    app.extensions["mapapp_sender"] = sender
    app.jinja_env.globals.update(
        csrf_field=lambda: Markup('<input type="hidden" name="csrf_token" value="{}">').format(token()),
        csrf_token=token,
        once_field=_once_field,
        notice=_notice,
    )
    app.register_error_handler(SentBefore, lambda error: redirect(error.answer, 303))


def same_origin() -> bool:
    """Whether the request comes from one of our pages, as far as the browser says. Programs send nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def refuse_other_sites() -> None:
    """Refuses forms of other sites: their pages could send them in a person's name.

    Raises:
        NotAllowed: the browser says that another site sent it.
    """
    if request.method not in SAFE_METHODS and not same_origin():
        raise NotAllowed(
            N_("This form was sent from another site. Open the page on this site and send it again."), kind=CSRF
        )


def posted(model: type[Model]) -> Asked[Model]:
    """The body of a form. Problems are kept by field, together with what was typed.

    Unlike in a query string, an unknown field is refused: no one sends one by accident.
    """
    sent = MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in OWN)
    typed = {name: "\n".join(values) if len(values) > 1 else values[0] for name, values in sent.lists()}
    try:
        return Asked(parse(model, sent), typed)
    except Invalid as error:
        return Asked(None, typed, problems_by_field(error))


def problem(form: Asked[Any], error: Invalid) -> None:
    """Adds the problems that a service raised to the form's fields."""
    for name, texts in problems_by_field(error).items():
        form.problems.setdefault(name, []).extend(texts)


def once(key: uuid.UUID | None = None, *, sender: str | None = None) -> None:
    """Claims the key of this form in the current transaction. Call it just before the action.

    A second submit waits for the first: if that one succeeds, the second gets the same answer; otherwise it continues.

    Args:
        key: of a program's request, which has no form.
        sender: who may get the answer under this key; None: the signed-in person, or the address.

    Raises:
        SentBefore: the form was sent before and succeeded.
        Invalid: the key was used by another sender, or is too old.
    """
    key = key or _key()
    if key is None:
        return
    sender = sender or _sender()
    db = session()
    claim = insert(Submission).values(key=key, sender=sender, answer="", at=now()).on_conflict_do_nothing()
    if db.execute(claim.returning(Submission.key)).one_or_none() is not None:
        g.once_key = key
        return
    row = db.execute(select(Submission.sender, Submission.answer).where(Submission.key == key)).one_or_none()
    if row is None or row.sender != sender or not row.answer.startswith("/"):
        raise Invalid([FieldProblem("", Message(N_("This form is too old. Reload the page and send it again.")))])
    raise SentBefore(row.answer)


def done(address: str, notice: str | None = None) -> Response:
    """303 to one of our pages, with ``NOTICES[notice]``; stored under the form's key."""
    if notice is not None:
        if notice not in NOTICES:
            raise KeyError(notice)
        path, _, fragment = address.partition("#")
        path += ("&" if "?" in path else "?") + urlencode({"notice": notice})
        address = f"{path}#{fragment}" if fragment else path
    remember(address)
    made = redirect(address, 303)
    assert isinstance(made, Response)
    return made


def remember(address: str) -> None:
    """Stores the address of the result under the form's key, in case the form is sent again."""
    key = g.get("once_key")
    if key is not None:
        session().execute(update(Submission).where(Submission.key == key).values(answer=address))


def spent() -> None:
    """Has the form that is shown again sent under a new key: the old one stands for something else."""
    g.once_spent = True


def own_path(value: str | None, default: str) -> str:
    """A ``next`` parameter, if it may be followed: a path of this service that can be opened, never another site."""
    if not value or not value.startswith("/") or value.startswith(("//", "/\\")) or len(value) > 2000:
        return default
    parts = urlsplit(value)
    if parts.scheme or parts.netloc or any(character < " " or character == "\\" for character in value):
        return default
    return page_of(value)


def with_language(path: str) -> str:
    """One of our paths, in the language of this request."""
    asked = urlencode(asked_in())
    return f"{path}{'&' if '?' in path else '?'}{asked}" if asked else path


def _key() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.form.get("once", ""))
    except ValueError:
        return None


def _sender() -> str:
    sender: SenderOf = current_app.extensions["mapapp_sender"]
    return sender()


def _once_field() -> Markup:
    """A new form key, or the key that was sent with a form that has errors."""
    key = None if g.get("once_spent") else _key()
    return Markup('<input type="hidden" name="once" value="{}">').format(key or uuid.uuid4())


def _notice() -> str:
    text = NOTICES.get(request.args.get("notice", ""), "")
    return tell(text) if isinstance(text, Message) else gettext(text) if text else ""
