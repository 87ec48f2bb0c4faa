"""What the pages about volunteers share: words, a home tambon beside its field, problems of a form."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Response, make_response, render_template
from pydantic import BaseModel

from mapapp.accounts.people.view_helpers import area_words
from mapapp.core.errors import N_, Conflict, Invalid, TooMany
from mapapp.volunteers import home_place, labels
from mapapp.web import forms
from mapapp.web.i18n import gettext, here, tell
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
    """A page of this room; nothing of it is kept by a browser, and no other site learns its address."""
    shared = {"now": now(), "sign_up_days": config().sign_up_days, **LABELS}
    made = make_response(render_template(f"volunteers/{name}.html", **shared, **values), status)
    made.headers["Cache-Control"] = "no-store"
    made.headers["Referrer-Policy"] = "same-origin"
    return made


def place_words(codes: set[str]) -> dict[str, str]:
    """Areas as people write them, “ต.ศรีภูมิ อ.เมืองเชียงใหม่ จ.เชียงใหม่”, by code."""
    names = home_place.with_parents(session(), codes)
    return {code: _words(code, names) for code in codes}


def _words(code: str, names: dict[str, Any]) -> str:
    chain = [code[:length] for length in (6, 4, 2) if length <= len(code)]
    parts = [area_words(one, names, alone=True) for one in chain if one in names]
    return here().separator.join(parts) or code


def posted(model: type[Model]) -> Asked[Model]:
    """``forms.posted``, with what is wrong with one of several ticks beside their group."""
    form = forms.posted(model)
    for name in [name for name in form.problems if "." in name]:
        form.problems.setdefault(name.partition(".")[0], []).extend(form.problems.pop(name))
    return form


def home_of(form: Asked[Any]) -> tuple[str | None, list[tuple[str, str]]]:
    """The home tambon that was typed or chosen; else those to choose from, with the reason in the form."""
    assert form.value is not None
    found = home_place.find(session(), form.value.home, form.value.home_code)
    if found.code is not None:
        return found.code, []
    if found.elsewhere is not None:
        there = [tell(found.elsewhere.said), gettext("Enter a tambon inside it, with its amphoe and province.")]
        form.problems.setdefault("home", []).append(" ".join(there))
        called = place_words(set(found.choices))
        return None, [(code, called[code]) for code in found.choices]
    text = (
        N_("Choose your tambon from these, or enter more of its name.")
        if found.choices
        else N_("No tambon has this name. Enter tambon, amphoe and province, or the name of your village.")
    )
    form.problems.setdefault("home", []).append(gettext(text))
    called = place_words(set(found.choices))
    return None, [(code, called[code]) for code in found.choices]


def chosen(form: Asked[Any]) -> list[tuple[str, str]]:
    """The tambon that was chosen in a form that has to be mended elsewhere, to be shown again."""
    code = form.typed.get("home_code", "")
    known = code.isascii() and code.isdigit() and len(code) == 6
    return [(code, place_words({code})[code])] if known else []


def refused(form: Asked[Any], error: Invalid | Conflict | TooMany) -> int:
    """Puts a refusal into the form; the status that goes with it."""
    if isinstance(error, Invalid):
        forms.problem(form, error)
        return 400
    form.problems.setdefault("", []).append(tell(error.message))
    return 429 if isinstance(error, TooMany) else 409
