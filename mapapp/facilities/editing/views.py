"""Pages that add a pin and change one: a form beside a map; what is refused is told beside its field."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import geo
from mapapp.core.errors import N_, Invalid, message_of
from mapapp.facilities import changes
from mapapp.facilities import formatting as facility_formatting
from mapapp.facilities.changes import VersionConflict
from mapapp.facilities.editing import conflicts, formatting, queries, service
from mapapp.facilities.editing import forms as sent
from mapapp.facilities.fields import BY_NAME, EVERY_KIND, OF_KINDS
from mapapp.facilities.formatting import WEEKDAYS
from mapapp.facilities.kinds import KINDS
from mapapp.lists import coordinates
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, here, language, tell
from mapapp.web.page_routes import button_on
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session

pages = Blueprint("facility_editing", __name__, url_prefix="/officer/facilities")

EDIT = service.ACTION

forms.NOTICES |= {
    "pin_added": N_("The facility is on the map."),
    "confirmed": N_("Confirmed: still correct."),
}


# Add ------------------------------------------------------------------------------------------------------------


@pages.get("/new")
@edge.officer_page(EDIT)
def new() -> Response:
    """An empty form for a new pin. ``?kind=`` chooses the kind, ``?place=`` the place (“start from here”)."""
    kind = request.args.get("kind", "")
    typed = sent.typed({"kind": kind if kind in KINDS else ""})
    typed["place"] = request.args.get("place", "")[: coordinates.MAX_LENGTH]
    return _page(Asked(None, typed))


@pages.post("/new")
@edge.officer_page(EDIT)
def create() -> Response:
    """Adds the pin, unless it cannot be, lies outside the officer's area, or seems to be there already."""
    form: Asked[Any] = forms.posted(sent.PinForm)
    draft = _draft(form, str(uuid.uuid4()))
    if draft is None or draft.facility is None:
        return _page(form, status=400)
    try:
        forms.once()
    except forms.SentBefore as before:
        if _is_what_was_sent(before.answer, draft):
            raise
        # The form of a pin that was saved, gone back to and changed: another pin, under a key of its own.
        form.problems[""] = [gettext("This form was already sent. To add another facility, save again.")]
        return _page(form, status=409, fresh_key=True)
    refused = _refused_place(form, draft.values["point"])
    if refused is not None:
        return _page(form, status=refused)
    twins = _twins(form, draft)
    if twins:
        return _page(form, twins=twins, status=409)
    made = service.add(session(), edge.actor(), draft.facility, now())
    return forms.done(url_for("facility_editing.edit", facility_id=made.facility_id), notice="pin_added")


def _is_what_was_sent(answer: str, draft: sent.Draft) -> bool:
    """Whether the pin that a form's key stands for was made from what is being sent now."""
    pin = re.match(r"/officer/facilities/(\d+)/edit", answer)
    if pin is None:  # a key of another form of theirs
        return False
    first = queries.as_of(session(), int(pin[1]), 1)
    return not any(service.differs(name, first[name], value) for name, value in draft.values.items())


# Change ---------------------------------------------------------------------------------------------------------


@pages.get("/<int:facility_id>/edit")
@edge.officer_page(EDIT)
def edit(facility_id: int) -> Response:
    """The pin as it is, to be changed. A pin that was merged leads to the one it became."""
    pin = changes.current(session(), facility_id)
    edge.demand(EDIT, pin["tambon_code"])
    if pin["merged_into"] is not None:
        successor = queries.successor(session(), facility_id)
        return make_response(redirect(url_for("facility_editing.edit", facility_id=successor), 303))
    typed = sent.typed(pin) | {"version": str(pin["version"])}
    return _page(Asked(None, typed), facility_id=facility_id, pin=pin)


@pages.post("/<int:facility_id>/edit")
@edge.officer_page(EDIT)
def save(facility_id: int) -> Response:
    """Saves the changed fields. If someone else saved in the meantime, it shows both versions and nothing is lost."""
    pin, _acting = service.of_pin(session(), edge.actor(), facility_id, now())
    form: Asked[Any] = forms.posted(sent.EditForm)
    about: dict[str, Any] = {"facility_id": facility_id, "pin": pin}
    draft = _draft(form, "-")
    if draft is None or form.value is None:
        return _page(form, **about, status=400)
    conflicts.choose(form, draft.values, pin)
    if form.problems:
        return _page(form, **about, status=400)
    if service.differs("point", pin["point"], draft.values["point"]):
        refused = _refused_place(form, draft.values["point"])
        if refused is not None:
            return _page(form, **about, status=refused)
        twins = _twins(form, draft, leave_out=facility_id)
        if twins:
            return _page(form, **about, twins=twins, status=409)
    try:
        service.save(session(), edge.actor(), facility_id, draft.values, version=form.value.version, now=now())
    except VersionConflict:
        found = conflicts.between(session(), facility_id, draft.values, form.value.version)
        form.typed = {**form.typed, **conflicts.typed(found)}
        return _page(form, **about, conflict=found, status=409)
    return forms.done(url_for("facility_editing.edit", facility_id=facility_id), notice="saved")


@pages.post("/<int:facility_id>/confirm")
@button_on("facility_editing.edit")
@edge.officer_page(EDIT)
def confirm(facility_id: int) -> Response:
    """“Still right”, in one tap: a fragment for htmx, back to ``next`` (a page of officers) without it."""
    service.confirm(session(), edge.actor(), facility_id, now())
    if request.headers.get("HX-Request") == "true":
        return make_response(render_template("facilities/editing/_confirmed.html"))
    home = url_for("facility_editing.edit", facility_id=facility_id)
    back = forms.own_path(request.form.get("next"), home)
    return forms.done(back if back.startswith("/officer") else home, notice="confirmed")


# Fragments ------------------------------------------------------------------------------------------------------


@pages.get("/place")
@edge.officer_page(EDIT)
def place() -> Response:
    """Where the place lies that was typed or tapped: its tambon, or why no pin may stand there."""
    form: Asked[Any] = Asked(None, {"place": request.args.get("place", "")})
    point = _read(form)
    path = None
    if point is not None and _refused_place(form, point) is None:
        path = areas.area_at(session(), point)
    state = {"pick": None if point is None else [point.lon, point.lat]}
    return make_response(
        render_template(
            "facilities/editing/_place.html", form=form, path=path, state=state, said=formatting, fragment=True
        )
    )


@pages.get("/hours")
@edge.officer_page(EDIT)
def hours() -> Response:
    """The opening hours of a form that is being filled in, said back."""
    form = asked(sent.PinForm)
    return make_response(render_template("facilities/editing/_hours_said.html", text=_hours_said(form)))


def _hours_said(form: Asked[Any]) -> str:
    """The hours in words; empty where they cannot be read yet, which saving will tell."""
    if form.value is None:
        return ""
    try:
        return formatting.hours(sent.hours_of(form.value), language())
    except Invalid:
        return ""


# Shared ---------------------------------------------------------------------------------------------------------


def _inside(point: geo.Point) -> bool:
    return service.in_thailand(session(), point)


def _draft(form: Asked[Any], source_ref: str) -> sent.Draft | None:
    if form.value is None:
        return None
    try:
        return sent.draft(form.value, source=service.SOURCE, source_ref=source_ref, inside=_inside)
    except Invalid as error:
        forms.problem(form, error)
        return None


def _read(form: Asked[Any]) -> geo.Point | None:
    """The place of a form, or None with the reason beside it."""
    text = form.typed.get("place", "")
    if not text.strip():
        return None
    try:
        return coordinates.read(text, _inside)
    except ValueError as error:
        form.problems.setdefault("place", []).append(tell(message_of(error)))
        return None


def _refused_place(form: Asked[Any], point: geo.Point) -> int | None:
    """None where the officer may put a pin here; else the status, with the reason beside the place."""
    try:
        service.place(session(), edge.actor(), point, now())
    except service.OutsideArea as error:
        names = areas.names(session(), set(error.areas))
        text = gettext(
            "This location is in %(place)s. You can add facilities only in %(area)s.",
            place=formatting.path(error.path),
            area=here().separator.join(formatting.area(names[code]) for code in error.areas if code in names),
        )
        form.problems.setdefault("place", []).append(text)
        return 403
    except Invalid as error:
        forms.problem(form, error)
        return 400
    return None


def _twins(form: Asked[Any], draft: sent.Draft, leave_out: int | None = None) -> list[queries.Twin]:
    """Pins that may be the same, but for those the officer has seen and called another place."""
    values = draft.values
    found = queries.twins(
        session(), values["kind"], (values["name_th"], values["name_en"]), values["point"], leave_out=leave_out
    )
    seen = set(form.typed.get("anyway", "").split(","))
    return [one for one in found if str(one.id) not in seen]


def _page(
    form: Asked[Any],
    *,
    facility_id: int | None = None,
    pin: dict[str, Any] | None = None,
    twins: Sequence[queries.Twin] = (),
    conflict: conflicts.Conflict | None = None,
    status: int = 200,
    fresh_key: bool = False,
) -> Response:
    """The form with its map. What was typed stays, whatever was wrong with it."""
    same = None if pin is None else page_freshness.unchanged(pin["version"])
    if same is not None:
        return same
    point = None
    if "place" not in form.problems:
        point = _read(Asked(None, form.typed))
    state: dict[str, Any] = {"pick": None if point is None else [point.lon, point.lat]}
    if point is None:
        mine = edge.my_area(EDIT)
        state["bounds"] = areas.bounds(session(), mine).edges
    form.typed = _with_what_was_hidden(form.typed, pin or {})
    hours_form = form if form.value is not None else Asked(sent.PinForm(**_known(form.typed)), form.typed)
    return make_response(
        render_template(
            "facilities/editing/edit.html",
            form=form,
            typed=form.typed,
            facility_id=facility_id,
            pin=pin,
            twins=twins,
            anyway=",".join([form.typed.get("anyway", ""), *(str(one.id) for one in twins)]).strip(","),
            conflict=conflict,
            asked_conflicts=conflicts.asked_in(form.typed),
            path=None if point is None else areas.area_at(session(), point),
            state=state,
            kinds=facility_formatting.KINDS,
            kind_fields=OF_KINDS,
            every_kind=EVERY_KIND,
            rows=BY_NAME,
            weekdays=WEEKDAYS,
            hours_said=_hours_said(hours_form),
            fresh_key=uuid.uuid4() if fresh_key else None,
            said=formatting,
            facility_said=facility_formatting,
            now=now(),
        ),
        status,
    )


def _with_what_was_hidden(typed: Mapping[str, str], pin: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, and what the page had taken away with another kind or another way of telling hours."""
    before = sent.typed(pin)
    if "mo_how" in typed:
        del before["holidays_off"]  # a box that was not ticked is not sent either
    return {**before, **typed}


def _known(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:4_000] for name, value in typed.items() if name in sent.PinForm.model_fields}
