"""/account/tokens: an officer's API keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mapapp.accounts import edge, labels, policy
from mapapp.accounts.tokens import service as tokens
from mapapp.areas import queries as areas
from mapapp.core.clock import today
from mapapp.core.errors import N_, Conflict, Invalid
from mapapp.core.fields import FormModel
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("tokens", __name__)

ACTION = "tokens.manage"

forms.NOTICES["token_revoked"] = N_("Revoked. Programs that use this API key no longer have access.")

TambonOf = Callable[[Session, int], str | None]


class RevokeIn(FormModel):
    """The key to revoke."""

    revoke: uuid.UUID


@pages.get("/account/tokens")
@edge.officer_page(ACTION)
def listed() -> ResponseReturnValue:
    """The list of API keys, and the form for a new one."""
    return _page(Asked(None, {}))


def _page(form: Asked[tokens.TokenIn], status: int = 200) -> Response:
    me = edge.actor()
    kept, appointments = tokens.of(session(), me, now()), tokens.appointments(me)
    same = page_freshness.unchanged([one._replace(last_used_at=None) for one in kept])
    if same is not None:
        return same
    codes = {one.area_code for one in kept} | {one.area_code for one in appointments}
    made = render_template(
        "accounts/tokens.html",
        form=form,
        chosen=form.typed.get("scopes", "").split("\n"),
        kept=kept,
        appointments=appointments,
        areas=areas.names(session(), codes),
        scopes=policy.scopes(),
        roles=labels.ROLES,
        first_day=today(now()),
        last_day=today(now()) + tokens.LONGEST,
        now=now(),
    )
    return make_response(made, status)


@pages.post("/account/tokens")
@edge.officer_page(ACTION)
def change() -> ResponseReturnValue:
    """Creates a key and shows it once, or revokes one."""
    if "revoke" in request.form:
        return _revoke()
    form = forms.posted(tokens.TokenIn)
    if form.value is None:
        for name in [name for name in form.problems if name.startswith("scopes.")]:  # an item of the list
            form.problems.setdefault("scopes", []).extend(form.problems.pop(name))
        return _page(form, 400)
    forms.once()
    find: TambonOf = current_app.extensions["mapapp_tambon_of"]
    try:
        made = tokens.make(
            session(), edge.actor(), form.value, now(), tambon_of=lambda facility: find(session(), facility)
        )  # fmt: skip
    except Invalid as error:
        session().rollback()
        forms.problem(form, error)
        return _page(form, 400)
    except Conflict as error:
        session().rollback()
        form.problems[""] = [tell(error.message)]
        return _page(form, 409)
    # If the form is sent again (reload, back), the list is shown: the key itself is no longer known.
    forms.remember(url_for("tokens.listed"))
    page = render_template("accounts/token_made.html", made=made, asked=form.value, scopes=policy.scopes())
    return make_response(page)


def _revoke() -> Response:
    form = forms.posted(RevokeIn)
    if form.value is None:
        return _page(Asked(None, {}, {"": [text for texts in form.problems.values() for text in texts]}), 400)
    tokens.revoke(session(), edge.demand(ACTION, edge.my_areas(ACTION)[0]), form.value.revoke, now())
    return forms.done(url_for("tokens.listed"), "token_revoked")
