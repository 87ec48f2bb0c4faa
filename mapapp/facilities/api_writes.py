"""The facilities room's part of the API that changes something."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request
from pydantic import BaseModel, ValidationError

from mapapp.accounts import edge
from mapapp.core import problem_types as types
from mapapp.core.errors import N_, Conflict, Invalid, NotFound, invalid
from mapapp.core.fields import problems_of
from mapapp.facilities import api_service, features, queries
from mapapp.facilities.api import api
from mapapp.facilities.api_schemas import Capacity, FacilityClose, FacilityEdit, FacilityNew, ReportTaken
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.reports import service as reports
from mapapp.facilities.reports.schemas import ReportIn
from mapapp.web import forms
from mapapp.web.openapi import GEOJSON, PREFIX
from mapapp.web.request import config, now, session

__all__ = ["api"]

P = ParamSpec("P")

IDEMPOTENCY = {"Idempotency-Key": "Your own UUID: a repeated request with it gets the same answer and adds nothing."}


def _may_edit() -> object:
    return edge.allow_somewhere("facilities.edit")


def _may_say_capacity() -> object:
    return edge.allow_somewhere("facilities.capacity")


def _told(view: Callable[P, BaseModel | Response]) -> Callable[P, BaseModel | Response]:
    """Tells a program what is wrong with the whole that its change would make."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> BaseModel | Response:
        try:
            return view(*args, **kwargs)
        except ValidationError as error:
            raise Invalid(problems_of(error)) from None

    return wrapped


def _feature(facility_id: int, status: int = 200) -> Response:
    pin = queries.get(session(), facility_id)
    if pin is None:
        raise NotFound(N_("Facility not found."))
    return Response(features.dumped(features.feature(pin, lifetimes(config()), now())), status, mimetype=GEOJSON)


@api.write(
    "post",
    "/facilities",
    body=FacilityNew,
    response=features.FacilityFeature,
    media_type=GEOJSON,
    status=201,
    action="facilities.edit",
    guard=_may_edit,
    headers=IDEMPOTENCY,
    again="Already added with this `ref`: the facility in its current state",
    summary="Add a facility",
    problems=(types.OUTSIDE_AREA, types.KEY_REUSED),
)
@_told
def add_facility(body: FacilityNew) -> Response:
    """It must lie in the area of the API key; its tambon is found from its coordinates.

    If you sent the same `ref` before, the answer is 200 with the facility in its current state; nothing is added or
    changed.
    """
    key = _idempotency_key()
    try:
        forms.once(key)
    except forms.SentBefore as before:
        made = before.answer.removeprefix(f"{PREFIX}/facilities/")
        if not made.isdecimal():
            raise _reused() from None
        return _created(int(made), 201)
    except Invalid:  # somebody else's key
        raise _reused() from None
    facility_id, is_new = api_service.add(session(), edge.actor(), body, now())
    forms.remember(f"{PREFIX}/facilities/{facility_id}")
    return _created(facility_id, 201 if is_new else 200)


def _created(facility_id: int, status: int) -> Response:
    made = _feature(facility_id, status)
    made.headers["Location"] = f"{PREFIX}/facilities/{facility_id}"
    return made


def _reused() -> Conflict:
    return Conflict(N_("This key was used for another request. Use a new key."), kind=types.KEY_REUSED)


def _idempotency_key() -> uuid.UUID | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    try:
        return uuid.UUID(given)
    except ValueError:
        raise invalid("Idempotency-Key", N_("Use a UUID, for example from uuidgen.")) from None


@api.write(
    "patch",
    "/facilities/<int:facility_id>",
    body=FacilityEdit,
    response=features.FacilityFeature,
    media_type=GEOJSON,
    action="facilities.edit",
    guard=_may_edit,
    summary="Change a facility",
    problems=(types.OUTSIDE_AREA, types.VERSION_CONFLICT, types.MERGED),
)
@_told
def edit_facility(facility_id: int, body: FacilityEdit) -> Response:
    """Named fields change; null empties a field. `version` is the version that your change is based on.

    409 with `version`: someone else has changed the facility. Read it again, then decide.
    """
    api_service.edit(session(), edge.actor(), facility_id, body, now())
    return _feature(facility_id)


@api.write(
    "delete",
    "/facilities/<int:facility_id>",
    body=FacilityClose,
    response=features.FacilityFeature,
    media_type=GEOJSON,
    action="facilities.edit",
    guard=_may_edit,
    summary="Close a facility permanently",
    problems=(types.VERSION_CONFLICT, types.MERGED),
)
@_told
def close_facility(facility_id: int, body: FacilityClose) -> Response:
    """Nothing is deleted: the facility is kept as closed, with the reason. Closing it again changes nothing."""
    api_service.close(session(), edge.actor(), facility_id, body, now())
    return _feature(facility_id)


@api.write(
    "patch",
    "/facilities/<int:facility_id>/capacity",
    body=Capacity,
    response=features.FacilityFeature,
    media_type=GEOJSON,
    action="facilities.capacity",
    guard=_may_say_capacity,
    has_own_limit=True,
    summary="Update what is free now",
    problems=(types.CLOSED, types.MERGED),
)
@_told
def say_capacity(facility_id: int, body: Capacity) -> Response:
    """For the system of a hospital: free beds, doses, tests, free spaces, open or full. The time of each is stored.

    No version is needed. At most 60 times an hour for each facility.
    """
    api_service.say_capacity(session(), edge.actor(), facility_id, body, now())
    return _feature(facility_id)


@api.write(
    "post",
    "/facilities/<int:facility_id>/reports",
    body=ReportIn,
    response=ReportTaken,
    status=201,
    summary="Report a problem with a facility",
)
def report(facility_id: int, body: ReportIn) -> ReportTaken:
    """Needs no API key: at most 40 an hour and 160 a day from one address. Reports count once a day for each facility.
    After three independent reports within a day the facility is marked as doubtful until an officer has checked it."""
    taken = reports.report(session(), edge.vault(), facility_id, body, address=edge.address(), now=now())
    return ReportTaken(facility_id=taken.facility_id, is_new=taken.is_new)
