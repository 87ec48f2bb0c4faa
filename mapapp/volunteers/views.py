"""Volunteers' own pages: sign-up, and the profile with its state, break and leaving."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel

from mapapp.accounts import edge, policy
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import service as signing_in
from mapapp.accounts.signing_in import sign_up, view_helpers
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, Invalid, TooMany, invalid
from mapapp.volunteers import call_codes, queries, retention, service
from mapapp.volunteers import view_helpers as volunteers_view_helpers
from mapapp.volunteers.models import Volunteer
from mapapp.volunteers.schemas import ChangeIn, FillIn, JoinIn, StepIn
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import language, tell
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

pages = Blueprint("volunteers", __name__)

ASKING: Final = ("waiting", "refused", "suspended", "ended")
"""States in which an officer can approve after a call: the page shows the code."""

forms.NOTICES.update(
    {
        "volunteer_joined": N_("Thank you. You are signed up. The officer of your area will call you."),
        "volunteer_filled": N_("Thank you. Your profile is saved."),
        "volunteer_paused": N_("You are on a break. You get no offers until you end it."),
        "volunteer_resumed": N_("Welcome back."),
        "volunteer_left": N_("You have left. Thank you for everything you did."),
    }
)


def _begins(who: Actor) -> str | None:
    """The start page of a volunteer after sign-in: the profile, if there is none yet or nothing to do."""
    assert who.person_id is not None
    has = queries.get(session(), who.person_id)
    if policy.areas_of(who, "requests.nearby"):
        return "/volunteer/nearby" if has else "/volunteer/join"
    return "/volunteer" if has else None


view_helpers.homes.append(_begins)


# Sign-up ----------------------------------------------------------------------------------------------------------


@pages.get("/volunteer/join")
def join_page() -> Response:
    """Signing up: a new account, or for a signed-in person a profile only."""
    who = edge.actor()
    if who.kind == "person":
        who, _ = view_helpers.owner()
        if _has_one(who):
            return view_helpers.to("/volunteer")
    return _join_page(who, Asked(None, {}))


def _has_one(who: Actor) -> bool:
    """Whether there is already a profile that must not be created again."""
    assert who.person_id is not None
    row = queries.get(session(), who.person_id)
    state = queries.state_of(session(), who.person_id, now())
    return row is not None and state not in ("left", "refused", "ended") and row.state != "left"


def _join_page(who: Actor, form: Asked[Any], status: int = 200, **values: Any) -> Response:
    before = queries.get(session(), who.person_id) if who.person_id is not None else None
    return volunteers_view_helpers.page(
        "join",
        status,
        form=form,
        who=who,
        values=_typed(before),
        choices=values.pop("choices", None) or volunteers_view_helpers.chosen(form),
        **values,
    )


def _typed(row: Volunteer | None) -> dict[str, Any]:
    """A profile, as the fields of its form."""
    if row is None:
        return {"languages": ["th"], "skills": [], "means": [], "reach_km": 10}
    called = volunteers_view_helpers.place_words({row.home_tambon})
    return {
        "kind": row.kind, "skills": row.skills, "means": row.means, "languages": row.languages,
        "home": called[row.home_tambon], "reach_km": row.reach_km, "times": row.times or "",
    }  # fmt: skip


@pages.post("/volunteer/join")
def join() -> Response:
    """Signs up and signs in. The answer is the same whether or not the number has an account."""
    if edge.actor().kind == "person":
        return _fill_in()
    form: Asked[Any] = volunteers_view_helpers.posted(JoinIn)
    who = Actor("public", address=edge.address())
    if form.value is not None and form.value.password != form.value.again:
        forms.problem(form, invalid("again", N_("The passwords do not match. Enter the same password twice.")))
    if form.value is None:
        return _join_page(who, form, 400)
    home, choices = volunteers_view_helpers.home_of(form)
    if home is None or form.problems:
        return _join_page(who, form, 400, choices=choices)
    forms.once()
    try:
        signed = _sign_up(form.value, home)
    except Invalid as error:
        session().rollback()
        return _join_page(who, form, volunteers_view_helpers.refused(form, error))
    except TooMany as error:
        session().rollback()
        form.problems.setdefault("", []).append(tell(error.message))
        response = _join_page(who, form, 429)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    forms.remember(forms.with_language("/volunteer?notice=volunteer_joined"))  # the page that a second tap shows
    response = view_helpers.to("/volunteer", notice="volunteer_joined")
    edge.keep_signed_in(response, signed.token)
    return response


def _sign_up(data: JoinIn, home: str) -> signing_in.SignedIn:
    signed = sign_up.sign_up(
        session(), edge.vault(), name=data.name, phone=data.phone, organisation=data.organisation,
        password=data.password, language=language(), area_code=home, visit=view_helpers.visit(),
    )  # fmt: skip
    service.join(session(), signed.person.id, data, home, now())
    return signed


def _fill_in() -> Response:
    who, person = view_helpers.owner()
    form = volunteers_view_helpers.posted(FillIn)
    if form.value is None:
        return _join_page(who, form, 400)
    home, choices = volunteers_view_helpers.home_of(form)
    if home is None:
        return _join_page(who, form, 400, choices=choices)
    forms.once()
    try:
        service.join(session(), person.id, form.value, home, now())
    except Conflict as error:
        session().rollback()
        return _join_page(who, form, volunteers_view_helpers.refused(form, error))
    return forms.done(forms.with_language("/volunteer"), "volunteer_filled")


# Profile ----------------------------------------------------------------------------------------------------------


@pages.get("/volunteer")
def profile_page() -> Response:
    """The person's state as a volunteer, and their profile."""
    who, person = view_helpers.owner()
    row = queries.get(session(), person.id)
    return view_helpers.to("/volunteer/join") if row is None else _profile(who, person, row)


def _profile(
    who: Actor, person: Person, row: Volunteer, form: Asked[Any] | None = None, status: int = 200, **values: Any
) -> Response:
    state = queries.state_of(session(), row.person_id, now())
    same = page_freshness.unchanged(state, row.state_at, row.paused_at, who.standings)
    if same is not None:
        return same
    form = form or Asked(None, {})
    areas = [one.area_code for one in who.standings if one.role == "volunteer"]
    return volunteers_view_helpers.page(
        "profile",
        status,
        who=who,
        row=row,
        state=state,
        areas=areas,
        area_names=volunteers_view_helpers.place_words({*areas, row.home_tambon}),
        code=call_codes.now_of(edge.vault(), row, person, now()) if state in ASKING else None,
        deleted_on=retention.deleted_on(row, config().sign_up_days) if state in ("waiting", "refused") else None,
        papers=bool(policy.areas_of(who, "requests.claim")),
        live=queries.live(session(), row.person_id, now()),
        form=form,
        values=_typed(row),
        choices=values.pop("choices", None) or volunteers_view_helpers.chosen(form),
    )


@pages.post("/volunteer")
def profile() -> Response:
    """Changes the profile, starts or ends a break, or leaves; ``do`` names which."""
    who, person = view_helpers.owner()
    row = queries.get(session(), person.id)
    if row is None:
        return view_helpers.to("/volunteer/join")
    model: type[BaseModel] = ChangeIn if request.form.get("do") == "change" else StepIn
    form: Asked[Any] = volunteers_view_helpers.posted(model)
    if form.value is None:
        return _profile(who, person, row, form, 400)
    if isinstance(form.value, StepIn):
        return _step(who, form.value.do)
    same = form.value.home == volunteers_view_helpers.place_words({row.home_tambon})[row.home_tambon]
    home, choices = (row.home_tambon, None) if same else volunteers_view_helpers.home_of(form)
    if home is None:
        return _profile(who, person, row, form, 400, choices=choices)
    forms.once()
    service.change(session(), person.id, form.value, home)
    return forms.done(url_for("volunteers.profile_page"), "saved")


def _step(who: Actor, do: str) -> Response:
    assert who.person_id is not None
    forms.once()
    if do == "pause":
        service.pause(session(), who.person_id, now())
    elif do == "resume":
        service.resume(session(), who.person_id)
    else:
        service.leave(session(), who, now())
    word = {"pause": "volunteer_paused", "resume": "volunteer_resumed", "leave": "volunteer_left"}[do]
    return forms.done(url_for("volunteers.profile_page"), word)
