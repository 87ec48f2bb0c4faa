"""Shared parts of the pages about volunteers: labels, the home tambon, problems of a form."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Response, make_response, render_template
from pydantic import BaseModel

from mapapp.accounts.people.view_helpers import area_words
from mapapp.areas import queries as areas
from mapapp.areas.resolving.resolver import by_code, resolve
from mapapp.areas.resolving.results import ADDRESS, Resolved, Wanted
from mapapp.core.errors import N_, Conflict, Invalid, Message, TooMany, message_of
from mapapp.volunteers import labels
from mapapp.web import forms
from mapapp.web.i18n import here, tell
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

Model = TypeVar("Model", bound=BaseModel)

LABELS = {
    "kinds": labels.KIND_LABELS,
    "skill_names": labels.SKILL_LABELS,
    "means_names": labels.MEANS_LABELS,
    "language_names": labels.LANGUAGE_LABELS,
    "state_names": labels.STATE_LABELS,
}


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page of this room. Browsers do not store it, and its address is not sent to other sites."""
    shared = {"now": now(), "sign_up_days": config().sign_up_days, **LABELS}
    made = make_response(render_template(f"volunteers/{name}.html", **shared, **values), status)
    made.headers["Cache-Control"] = "no-store"
    made.headers["Referrer-Policy"] = "same-origin"
    return made


def place_words(codes: set[str]) -> dict[str, str]:
    """Areas as people write them, “ต.ศรีภูมิ อ.เมืองเชียงใหม่ จ.เชียงใหม่”, by code."""
    names = areas.with_parents(session(), codes)
    return {code: _words(code, names) for code in codes}


def _words(code: str, names: dict[str, Any]) -> str:
    chain = [code[:length] for length in (6, 4, 2) if length <= len(code)]
    parts = [area_words(one, names, alone=True) for one in chain if one in names]
    return here().separator.join(parts) or code


def posted(model: type[Model]) -> Asked[Model]:
    """``forms.posted``; problems of one of several checkboxes are shown beside their group."""
    form = forms.posted(model)
    for name in [name for name in form.problems if "." in name]:
        form.problems.setdefault(name.partition(".")[0], []).extend(form.problems.pop(name))
    return form


def home_of(form: Asked[Any]) -> tuple[str | None, Resolved | None]:
    """The home tambon that was typed or chosen; otherwise possible ones, with the problem in the form.

    A chosen one counts only as long as the typed name is the same.
    """
    assert form.value is not None
    try:
        found = resolve(session(), form.value.home, Wanted(ADDRESS))
    except ValueError as error:
        form.problems.setdefault("home", []).append(tell(message_of(error)))
        return None, None
    if found.place is not None:
        return found.place.code, None
    if form.value.home_code in found.tambons:
        return form.value.home_code, None
    form.problems.setdefault("home", []).append(" ".join(map(tell, _unclear(found))))
    return None, found


def _unclear(found: Resolved) -> list[Message]:
    if found.point is not None:
        return [areas.outside_said(session())]
    if found.elsewhere is not None:
        return [found.elsewhere.said, Message(N_("Enter a tambon inside it, with its amphoe and province."))]
    if found.tambons:
        return [Message(N_("Choose your tambon from these, or enter more of its name."))]
    return [Message(N_("No tambon has this name. Enter tambon, amphoe and province, or the name of your village."))]


def chosen(form: Asked[Any]) -> Resolved | None:
    """The chosen tambon of a form that has errors elsewhere, to be shown again."""
    code = form.typed.get("home_code", "")
    place = by_code(session(), code) if code.isascii() and code.isdigit() and len(code) == 6 else None
    return Resolved(choices=(place,)) if place is not None else None


def refused(form: Asked[Any], error: Invalid | Conflict | TooMany) -> int:
    """Puts a refusal into the form; returns the status code."""
    if isinstance(error, Invalid):
        forms.problem(form, error)
        return 400
    form.problems.setdefault("", []).append(tell(error.message))
    return 429 if isinstance(error, TooMany) else 409
