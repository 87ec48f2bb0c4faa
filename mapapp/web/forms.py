"""Forms that are sent: parsed once, answered beside the fields, counted once however often they are tapped.

A form carries ``csrf_token`` (checked before any view runs) and, where a double submit must count once, ``once``:
a key its page was given. Both are the edge's own and never reach a model.
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
"""Fields of the edge."""

NOTICES: dict[str, str | Message] = {"saved": N_("Saved.")}
"""What a page says after something was done, by the word in ``?notice=``; rooms add theirs."""

SenderOf = Callable[[], str]


class SentBefore(Exception):
    """This form was sent before, with success: ``answer`` is where its sender was led."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(answer)


def init(app: Flask, token: Callable[[], str], sender: SenderOf) -> None:
    """Registers the two hidden fields for templates.

    Args:
        token: the CSRF token of this request's session, empty if no one is signed in.
        sender: who sends: so that no one finds an answer under another person's key.
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
    """Whether the request comes from a page of ours, as far as the browser says. Programs say nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def refuse_other_sites() -> None:
    """A form of another site is not taken (its page could send it in a person's name).

    Raises:
        NotAllowed: it says itself that it is another's.
    """
    if request.method not in SAFE_METHODS and not same_origin():
        raise NotAllowed(
            N_("This form was sent from another site. Open the page on this site and send it again."), kind=CSRF
        )


def posted(model: type[Model]) -> Asked[Model]:
    """The body of a form; what cannot be used is told beside its field, and what was typed is kept.

    Unlike a query string, a field we do not know is refused: nobody sends one by accident.
    """
    sent = MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in OWN)
    typed = {name: "\n".join(values) if len(values) > 1 else values[0] for name, values in sent.lists()}
    try:
        return Asked(parse(model, sent), typed)
    except Invalid as error:
        return Asked(None, typed, problems_by_field(error))


def problem(form: Asked[Any], error: Invalid) -> None:
    """Puts what the core refused beside the form's fields."""
    for name, texts in problems_by_field(error).items():
        form.problems.setdefault(name, []).extend(texts)


def once(key: uuid.UUID | None = None, *, sender: str | None = None) -> None:
    """Claims this form's key, in the transaction of what it does. To be called when it is about to be done.

    A second submit waits here for the first: if that one succeeds, it is led to the same answer; if not, it goes on.

    Args:
        key: of a program's request, which has no form.
        sender: who may find the answer under this key; None: who is signed in, or the asking address.

    Raises:
        SentBefore: it was sent with success.
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
    """303 to one of our own pages, which then says ``NOTICES[notice]``; remembered under the form's key."""
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
    """Keeps where the sender was led under the form's key, for when it is sent again."""
    key = g.get("once_key")
    if key is not None:
        session().execute(update(Submission).where(Submission.key == key).values(answer=address))


def own_path(value: str | None, default: str) -> str:
    """A ``next`` parameter that may be followed: a path of ours, never another site, and a page that can be opened."""
    if not value or not value.startswith("/") or value.startswith(("//", "/\\")) or len(value) > 2000:
        return default
    parts = urlsplit(value)
    if parts.scheme or parts.netloc or any(character < " " or character == "\\" for character in value):
        return default
    return page_of(value)


def with_language(path: str) -> str:
    """A path of ours in the language of this request."""
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
    """A new form key, or the one that came with a form that has errors."""
    return Markup('<input type="hidden" name="once" value="{}">').format(_key() or uuid.uuid4())


def _notice() -> str:
    text = NOTICES.get(request.args.get("notice", ""), "")
    return tell(text) if isinstance(text, Message) else gettext(text) if text else ""
