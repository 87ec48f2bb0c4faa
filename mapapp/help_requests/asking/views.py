"""Pages to send a help request: the public form, and the form of officers who take a request by phone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final, Literal

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.errors import N_, DomainError, Invalid, NotAllowed, NotFound, TooMany
from mapapp.help_requests.asking import duplicates, one_time_code, service, submission
from mapapp.help_requests.asking import forms as sent
from mapapp.help_requests.asking.consent import CONSENT, CONSENT_VERSION, days
from mapapp.help_requests.asking.duplicates import Similar
from mapapp.help_requests.asking.limits import Blocked
from mapapp.help_requests.asking.place_fields import said_back
from mapapp.help_requests.asking.schemas import ITEMS, HelpRequestIn
from mapapp.help_requests.labels import KIND_LABELS, KINDS, URGENCY_LABELS
from mapapp.help_requests.resident import links, page_key
from mapapp.web import forms, qr
from mapapp.web import page_keys as page_page_keys
from mapapp.web.i18n import gettext, language, tell
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

pages = Blueprint("help_asking", __name__)

ACTION = "requests.handle"


# Public ---------------------------------------------------------------------------------------------------------


@pages.get("/requests/new")
def new() -> Response:
    """The form for asking for help: one page, no account, no scripts needed."""
    return _page("web", Asked(None, {}), sent.Place())


@pages.post("/requests/new")
def send() -> Response:
    """Takes a request. The answer is the page that shows its code, then the resident's own page."""
    form = forms.posted(sent.AskForm)
    read = _read(form)
    if read.data is None:
        return _page("web", form, read.place, status=400)
    try:
        made = submission.post(read.data, key=submission.form_key(), source="web")
    except DomainError as error:
        return _refused("web", form, read.place, error)
    there = url_for("help_asking.posted", request_id=made.request_id)
    response = make_response(redirect(there, 303))
    code = one_time_code.seal(
        edge.vault(), {"code": made.code, "token": made.token}, place=_place_of(made.request_id), now=now()
    )
    page_page_keys.give(response, POSTED, f"/requests/posted/{made.request_id}", code, one_time_code.SHOWN_FOR)
    page_key.give(response, made.request_id, made.token)
    return response


POSTED: Final = "posted"
"""The browser's key to the page with the code, as long as the code is shown."""


def _place_of(request_id: int) -> str:
    return f"posted {request_id}"


@pages.get("/requests/posted/<int:request_id>")
def posted(request_id: int) -> Response:
    """The code, to be written down, and what happens now. Later the same address leads to the resident's page."""
    mine = forms.with_language(f"/requests/mine/{request_id}")
    shown = one_time_code.unseal(edge.vault(), page_page_keys.given(POSTED), place=_place_of(request_id), now=now())
    if shown is None or links.find(session(), shown["token"], now()) != request_id:
        return _secret(make_response(redirect(mine, 303)))
    made = render_template(
        "help_requests/asking/posted.html",
        code=links.spoken(shown["code"]),
        mine=mine,
        posted=service.posted(session(), request_id),
        others=duplicates.others_nearby(session(), request_id, now()),
    )
    return _secret(make_response(made))


@pages.post("/requests/new/place")
def place() -> Response:
    """A fragment: the location of a point or of the words in the form, while it is being filled in.

    It changes nothing, but is a POST: an address would leave the location in the log of every proxy.
    """
    point, words = request.form.get("point", ""), request.form.get("place", "")[:2_000]
    given = sent.where(session(), point, words, "")
    asks = given.asks and given.found.elsewhere is None
    made = render_template(
        "help_requests/asking/_place.html",
        place=given,
        at=said_back(session(), given.point, given.code),
        typed={"place": words, "area": given.code or ""},
        problems=[tell(given.problem)] if given.problem and not asks else [],
        state={"pick": None if given.point is None else [given.point.lon, given.point.lat]},
        fragment=True,
    )
    response = make_response(made)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _secret(response: Response) -> Response:
    """Headers for a page that shows a secret: never cached, no referrer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# Officers -------------------------------------------------------------------------------------------------------


@pages.get("/officer/requests/new")
@edge.officer_page(ACTION)
def take() -> Response:
    """The form to send a help request, for an officer who is on the phone with the person."""
    return _page("hotline", Asked(None, {}), sent.Place())


@pages.post("/officer/requests/new")
@edge.officer_page(ACTION)
def taken() -> Response:
    """Saves a request that an officer took by phone, for a location in the officer's area."""
    form = forms.posted(sent.AskForm)
    read = _read(form)
    if read.data is None:
        return _page("hotline", form, read.place, status=400)
    another = form.value is not None and bool(form.value.another)
    try:
        actor = edge.demand(ACTION, service.tambon_of(session(), read.data))
        alike = [] if another else _alike(read.data)
        if alike:
            return _page("hotline", form, read.place, alike=alike, status=409)
        made = submission.post(read.data, key=submission.form_key(), source="hotline")
    except DomainError as error:
        return _refused("hotline", form, read.place, error)
    shown = {"id": made.request_id, "token": made.token, "code": made.code}
    sealed = one_time_code.seal(edge.vault(), shown, place=str(actor.person_id), now=now())
    return make_response(redirect(url_for("help_asking.sheet", seen=sealed), 303))


@pages.get("/officer/requests/new/sheet")
@edge.officer_page(ACTION)
def sheet() -> Response:
    """The code to read out, and a sheet with it to print; for the officer who took the request, for half an hour."""
    who = str(edge.actor().person_id)
    shown = one_time_code.unseal(edge.vault(), request.args.get("seen", ""), place=who, now=now())
    if shown is None:
        raise NotFound(
            N_(
                "This code is no longer shown. If you need a code, open the request in the request list "
                "and create a new link."
            )
        )
    request_posted = service.posted(session(), shown["id"])
    edge.demand(ACTION, request_posted.tambon_code)
    address = edge.whole_address(f"/requests/mine/{shown['token']}")
    made = render_template(
        "help_requests/asking/sheet.html",
        request_id=shown["id"],
        code=links.spoken(shown["code"]),
        address=address,
        find=edge.whole_address("/requests/find"),
        qr=qr.svg(address),
        posted=request_posted,
        tambon=areas.names(session(), {request_posted.tambon_code}).get(request_posted.tambon_code),
    )
    return _secret(make_response(made))


def _alike(data: HelpRequestIn) -> list[Similar]:
    """Possible duplicates, as far as they are in the officer's areas."""
    cell = service.cell_of(session(), data)
    found: dict[int, Similar] = {}
    for area in edge.my_areas(ACTION):
        for one in duplicates.similar(
            session(), edge.vault(), phone=data.phone, cell_key=cell.key, kinds=data.kinds,
            description=data.description, now=now(), within=area,
        ):  # fmt: skip
            found[one.request_id] = one
    return list(found.values())


# Shared ---------------------------------------------------------------------------------------------------------


def _read(form: Asked[sent.AskForm]) -> sent.Reading:
    """Reads the request from a form; the problems are kept by field."""
    if form.value is None:
        return sent.Reading(None, sent.Place())
    read = sent.read(session(), form.value, language())
    if read.problems:
        forms.problem(form, Invalid(read.problems))
    return read


def _refused(
    source: Literal["web", "hotline"], form: Asked[sent.AskForm], place: sent.Place, error: DomainError
) -> Response:
    """The form again, with the reason why it was not accepted; nothing that was typed is lost."""
    session().rollback()
    if isinstance(error, submission.SentOther):
        form.problems[""] = [
            gettext("This form was already sent with different content. To send this as a new request, send it again.")
        ]
        return _page(source, form, place, fresh_key=True, status=409)
    if isinstance(error, Invalid):
        forms.problem(form, error)
        return _page(source, form, place, status=400)
    beside = "phone" if isinstance(error, Blocked) else "place" if isinstance(error, NotAllowed) else ""
    form.problems.setdefault(beside, []).append(tell(error.message))
    status = {TooMany: 429, Blocked: 403, NotAllowed: 403}.get(type(error))
    if status is None:
        raise error
    response = _page(source, form, place, status=status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _page(
    source: Literal["web", "hotline"],
    form: Asked[sent.AskForm],
    place: sent.Place,
    *,
    alike: Sequence[Similar] = (),
    fresh_key: bool = False,
    status: int = 200,
) -> Response:
    """The form with what was typed and its problems."""
    typed = sent.typed_of(form.value, form.typed)
    if place.point is not None:
        typed["point"] = f"{place.point.lat:.6f}, {place.point.lon:.6f}"
    elif place.forget_point:
        typed["point"] = ""
    state: dict[str, Any] = {"pick": [place.point.lon, place.point.lat] if place.point else None}
    if place.point is None:
        mine = edge.my_area(ACTION) if source == "hotline" else None
        state["bounds"] = areas.bounds(session(), mine).edges
    made = render_template(
        f"help_requests/asking/{'take' if source == 'hotline' else 'new'}.html",
        intake=source == "hotline",
        form=form,
        typed=typed,
        place=place,
        at=said_back(session(), place.point, place.code),
        alike=alike,
        tambons=areas.names(session(), {one.tambon_code for one in alike}),
        fresh_key=uuid.uuid4() if fresh_key else None,
        state=state,
        kinds=KINDS,
        items=ITEMS,
        kind_labels=KIND_LABELS,
        urgency_labels=URGENCY_LABELS,
        consent=CONSENT,
        consent_days=days(config()),
        consent_version=CONSENT_VERSION,
        now=now(),
    )
    response = make_response(made, status)
    # The page has a key of its own, and possibly typed input; with “back”, the browser still shows both.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
