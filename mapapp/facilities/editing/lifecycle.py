"""Pages of what happens to a pin beside being edited: closing, opening again, its history, joining two into one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from mapapp.accounts import edge
from mapapp.core.errors import N_, Conflict, Invalid, NotFound
from mapapp.facilities import changes
from mapapp.facilities import formatting as facility_formatting
from mapapp.facilities.changes import VersionConflict
from mapapp.facilities.editing import formatting, queries, service
from mapapp.facilities.editing import forms as sent
from mapapp.facilities.labels import FIELD_LABELS
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, tell
from mapapp.web.page_routes import button_on
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("facility_steps", __name__, url_prefix="/officer/facilities")

EDIT = service.ACTION
VIEW = "facilities.view"

forms.NOTICES |= {
    "closed": N_("Closed. The public sees this immediately."),
    "closure_planned": N_("The closing is planned. The opening hours apply until then."),
    "reopened": N_("Reopened."),
    "merged": N_("The two facilities are merged. The old web address leads here."),
    "undone": N_("The change was undone."),
}

CHANGED_MEANWHILE = N_("Someone else changed this facility. Check it, then send again.")


# Close and open -------------------------------------------------------------------------------------------------


@pages.get("/<int:facility_id>/close")
@edge.officer_page(EDIT)
def closing(facility_id: int) -> Response:
    """The form to close a facility: temporarily or permanently, from when, until when, why."""
    pin = changes.current(session(), facility_id)
    edge.demand(EDIT, pin["tambon_code"])
    typed = {
        "version": str(pin["version"]),
        "how": "temporarily",
        "closed_from": sent.day_typed(pin["closed_from"]),
        "closed_until": sent.day_typed(pin["closed_until"]),
        "closed_reason": pin["closed_reason"] or "",
    }
    return _close_page(Asked(None, typed), facility_id, pin)


@pages.post("/<int:facility_id>/close")
@edge.officer_page(EDIT)
def close(facility_id: int) -> Response:
    """Closes a pin, now or on the day given."""
    pin, _acting = service.of_pin(session(), edge.actor(), facility_id, now())
    form = forms.posted(sent.CloseForm)
    if form.value is None:
        return _close_page(form, facility_id, pin, 400)
    try:
        values = sent.closing(form.value, now())
        service.close(session(), edge.actor(), facility_id, values, version=form.value.version, now=now())
    except Invalid as error:
        forms.problem(form, error)
        return _close_page(form, facility_id, pin, 400)
    except VersionConflict as error:
        if all(not service.differs(name, pin[name], value) for name, value in values.items()):
            return forms.done(_history(facility_id), notice="closed")  # tapped twice
        form.problems[""] = [gettext(CHANGED_MEANWHILE)]
        form.typed = {**form.typed, "version": str(error.version)}
        return _close_page(form, facility_id, pin, 409)
    planned = values["closed_from"] is not None
    return forms.done(_history(facility_id), notice="closure_planned" if planned else "closed")


def _close_page(form: Asked[Any], facility_id: int, pin: dict[str, Any], status: int = 200) -> Response:
    same = page_freshness.unchanged(pin["version"])
    if same is not None:
        return same
    return make_response(
        render_template(
            "facilities/editing/close.html",
            form=form,
            typed=form.typed,
            facility_id=facility_id,
            pin=pin,
            said=formatting,
        ),
        status,
    )


@pages.post("/<int:facility_id>/reopen")
@button_on("facility_editing.edit")
@edge.officer_page(EDIT)
def reopen(facility_id: int) -> Response:
    """Opens a pin again, or drops a planned closing."""
    pin, _acting = service.of_pin(session(), edge.actor(), facility_id, now())
    form = forms.posted(sent.VersionForm)
    if form.value is None:
        raise Conflict(CHANGED_MEANWHILE)
    if pin["status"] != "open":  # tapped twice, it is open already
        service.reopen(session(), edge.actor(), facility_id, version=form.value.version, now=now())
    return forms.done(_history(facility_id), notice="reopened")


# History --------------------------------------------------------------------------------------------------------


@pages.get("/<int:facility_id>/history")
@edge.officer_page(VIEW)
def history(facility_id: int) -> Response:
    """Every step of a pin: who, when, what from what to what; auditors read it too."""
    pin = changes.current(session(), facility_id)
    edge.demand(VIEW, pin["tambon_code"])
    return _history_page(facility_id, pin)


@pages.post("/<int:facility_id>/history/<int:step_id>/undo")
@edge.officer_page(EDIT)
def undo(facility_id: int, step_id: int) -> Response:
    """Takes a step back as a new version; where a later step changed the same, that one is shown instead."""
    pin, _acting = service.of_pin(session(), edge.actor(), facility_id, now())
    try:
        forms.once()
        service.undo(session(), edge.actor(), facility_id, step_id, now())
    except service.TouchedSince as error:
        fields = ", ".join(formatting.label(name) for name in sorted(error.fields) if name in FIELD_LABELS)
        text = f"{tell(error.message)} ({fields})"
        return _history_page(facility_id, pin, problem=text, later={one.id for one in error.later}, status=409)
    except Conflict as error:
        return _history_page(facility_id, pin, problem=tell(error.message), status=409)
    except Invalid as error:
        return _history_page(facility_id, pin, problem=tell(error.problems[0].message), status=409)
    return forms.done(_history(facility_id), notice="undone")


def _history_page(
    facility_id: int, pin: dict[str, Any], *, problem: str = "", later: Collection[int] = (), status: int = 200
) -> Response:
    same = page_freshness.unchanged(pin["version"], at=_history(facility_id))
    if same is not None:
        return same
    return make_response(
        render_template(
            "facilities/editing/history.html",
            facility_id=facility_id,
            pin=pin,
            steps=queries.steps(session(), facility_id),
            successor=queries.successor(session(), facility_id),
            problem=problem,
            later=later,
            editable=edge.may(EDIT, pin["tambon_code"]),
            undoable=service.undoable,
            said=formatting,
            fields=FIELD_LABELS,
        ),
        status,
    )


def _history(facility_id: int) -> str:
    return url_for("facility_steps.history", facility_id=facility_id)


# Merge ----------------------------------------------------------------------------------------------------------


@pages.get("/<int:facility_id>/merge")
@edge.officer_page(EDIT)
def merging(facility_id: int) -> Response:
    """Without ``?with=`` the pins near by to choose from; with it both side by side."""
    pin = changes.current(session(), facility_id)
    edge.demand(EDIT, pin["tambon_code"])
    number = _other(request.args.get("with", ""))
    if number is None or number == facility_id:
        same = page_freshness.unchanged(pin["version"])
        if same is not None:
            return same
        near = queries.twins(
            session(), pin["kind"], (pin["name_th"], pin["name_en"]), pin["point"], leave_out=facility_id
        )
        return make_response(
            render_template(
                "facilities/editing/merge_with.html",
                facility_id=facility_id,
                pin=pin,
                near=near,
                typed=request.args.get("with", ""),
                wrong=bool(request.args.get("with")),
                facility_said=facility_formatting,
            ),
            400 if request.args.get("with") else 200,
        )
    other = changes.current(session(), number)
    edge.demand(EDIT, other["tambon_code"])
    for one, its in ((pin, facility_id), (other, number)):
        if one["merged_into"] is not None:
            return make_response(redirect(_history(its), 303))
    typed = {"version": str(pin["version"]), "other_version": str(other["version"]), "stays": "this"}
    return _merge_page(Asked(None, typed), (facility_id, pin), (number, other))


@pages.post("/<int:facility_id>/merge")
@edge.officer_page(EDIT)
def merge(facility_id: int) -> Response:
    """Makes one pin of the two; ``?with=`` names the other."""
    pin = changes.current(session(), facility_id)
    edge.demand(EDIT, pin["tambon_code"])
    number = _other(request.args.get("with", ""))
    if number is None:
        raise NotFound(N_("Facility not found."))
    other = changes.current(session(), number)
    edge.demand(EDIT, other["tambon_code"])
    form: Asked[Any] = forms.posted(sent.MergeForm)
    pair = (facility_id, pin), (number, other)
    if form.value is not None and form.value.stays not in ("this", "other"):
        form.problems["stays"] = [gettext("Choose one from the list.")]
    if form.value is None or form.problems:
        return _merge_page(form, *pair, status=400)
    forms.once()
    goes_side = "other" if form.value.stays == "this" else "this"
    stays, goes = (facility_id, number) if goes_side == "other" else (number, facility_id)
    try:
        service.merge(
            session(),
            edge.actor(),
            stays=stays,
            goes=goes,
            take={name for name in sent.MERGED if getattr(form.value, f"take_{name}") == goes_side},
            versions={facility_id: form.value.version, number: form.value.other_version},
            reason=form.value.reason or None,
            now=now(),
        )
    except VersionConflict:
        form.problems[""] = [gettext(CHANGED_MEANWHILE)]
        fresh = {"version": str(pin["version"]), "other_version": str(other["version"])}
        form.typed = {**form.typed, **fresh}
        return _merge_page(form, *pair, status=409)
    except Conflict as error:
        form.problems[""] = [tell(error.message)]
        return _merge_page(form, *pair, status=409)
    return forms.done(_history(stays), notice="merged")


def _merge_page(
    form: Asked[Any], this: tuple[int, dict[str, Any]], other: tuple[int, dict[str, Any]], status: int = 200
) -> Response:
    as_it_was = page_freshness.unchanged(this[1]["version"], other[1]["version"])
    if as_it_was is not None:
        return as_it_was
    differing = [name for name in sent.MERGED if service.differs(name, this[1][name], other[1][name])]
    same = [
        name
        for name in sent.MERGED
        if name not in differing and this[1][name] is not None and this[1][name] == other[1][name]
    ]
    return make_response(
        render_template(
            "facilities/editing/merge.html",
            form=form,
            typed=form.typed,
            this=this,
            other=other,
            differing=differing,
            same=same,
            said=formatting,
            near=queries.apart(this[1]["point"], other[1]["point"]),
        ),
        status,
    )


def _other(text: str) -> int | None:
    """The id in “12”, “#12” or a pasted address that ends in ``/facilities/12``."""
    last = text.strip().split("?")[0].rstrip("/").removesuffix("/edit").rsplit("/", 1)[-1].lstrip("#")
    return int(last) if last.isascii() and last.isdigit() and 0 < len(last) <= 18 else None
