"""One request for its officers, and their actions. Importing this module adds the views to the blueprint of the
board."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import geo, phones
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, Invalid, Message, NotFound, TooMany, invalid
from mapapp.core.fields import FormModel
from mapapp.help_requests import labels, written_texts
from mapapp.help_requests.asking import duplicates
from mapapp.help_requests.board import abuse, origins, service
from mapapp.help_requests.board import detail as reads
from mapapp.help_requests.board.schemas import FORMS, MAX_REASON, EraseForm
from mapapp.help_requests.board.views import HANDLE, NOTHING, VIEW, WORDS, pages
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident import links
from mapapp.help_requests.working import service as working
from mapapp.help_requests.working.lease_terms import Terms
from mapapp.help_requests.working.offers import ANSWER_WITHIN
from mapapp.help_requests.working.reveal import Shown
from mapapp.volunteers import labels as volunteers_labels
from mapapp.volunteers import queries as volunteers
from mapapp.web import forms, page_freshness, qr
from mapapp.web.i18n import tell
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

LINK_AFTER_CALL: Final = timedelta(hours=24)
"""For this long after an answered call, a new link can be created."""

CANDIDATES: Final = 30

forms.NOTICES |= {
    "request_assign": Message(
        N_("The offer was sent. The volunteer has %(hours)s hours to answer. Until then the request stays open."),
        {"hours": ANSWER_WITHIN // timedelta(hours=1)},
    ),
    "request_team": N_("Accepted for your team."),
    "request_take_back": N_("Open again for other volunteers."),
    "request_renew": N_("The volunteer has more time now."),
    "request_urgency": N_("The urgency was changed."),
    "request_close": N_("Closed. You can reopen it below."),
    "request_reopen": N_("Reopened."),
    "request_done": N_("Marked as done. The resident can confirm it."),
    "request_confirm": N_("Help confirmed."),
    "request_contest": N_("Open again: it was not done."),
    "request_helped_already": N_("Closed: help received. You can reopen it below."),
    "request_still_needed": N_("Recorded: help is still needed."),
    "request_looked": N_("Checked. Volunteers can see it."),
    "request_called": N_("The call was recorded."),
    "request_link": N_("Linked. One volunteer now accepts both together."),
    "request_merge": N_("Linked, and the newer one is closed as a duplicate."),
    "request_unlink": N_("The link between the requests was removed."),
    "request_block": N_("The number is blocked in your area. You can lift it below."),
    "request_erase": N_("Everything that shows who and where they are was deleted."),
    "request_unblock": N_("The number is no longer blocked."),
    "request_report": N_("The report is resolved. You can reopen it within one day."),
    "request_report_undo": N_("The report is open again."),
}


@dataclass
class Told:
    """What a page shows besides the request."""

    form: Asked[Any] = field(default_factory=lambda: NOTHING)
    """The form with errors."""
    do: str = ""
    """Its button."""
    problem: str = ""
    contacts: list[Shown] | None = None
    new_link: NewLink | None = None


@dataclass(frozen=True)
class NewLink:
    """A new link of the resident, shown only in this answer."""

    url: str
    code: str
    find: str
    """The address where the code can be entered."""
    qr: Markup


@pages.get("/officer/requests/<int:request_id>")
@edge.officer_page(VIEW)
def one(request_id: int) -> ResponseReturnValue:
    """The request with its exact location. The view is recorded before it is shown, and the resident sees it."""
    row, acting = _mine(request_id, VIEW)
    same = _unchanged(row)
    if same is not None:
        return same
    with edge.writing()() as own:
        service.looked(own, acting, row, now())
        own.commit()
    return _page(row, Told())


@pages.post("/officer/requests/<int:request_id>")
@edge.officer_page(HANDLE)
def act(request_id: int) -> ResponseReturnValue:
    """Runs the button's action; returns to the page with the result, or with the errors."""
    row, acting = _mine(request_id, HANDLE)
    do = request.form.get("do", "")
    if do not in FORMS:
        raise invalid("", N_("This form is too old. Reload the page and send it again."))
    form = forms.posted(FORMS[do])
    if form.value is None:
        return _page(row, Told(form, do), 400)
    try:
        return _do(row, acting, form.value, do)
    except Invalid as error:
        session().rollback()
        forms.problem(form, error)
        return _page(_again(row), Told(form, do), 400)
    except (Conflict, TooMany) as error:
        session().rollback()
        status = 409 if isinstance(error, Conflict) else 429
        return _page(_again(row), Told(form, do, problem=tell(error.message)), status)


def _mine(request_id: int, action: str) -> tuple[HelpRequest, Actor]:
    """The request, and the actor with the appointment that allows this. A request outside their area gives “not
    found”."""
    row = reads.get(session(), request_id)
    if not edge.may(action, row.tambon_code):
        raise service.not_here()
    return row, edge.demand(action, row.tambon_code)


def _again(row: HelpRequest) -> HelpRequest:
    return reads.get(session(), row.id)


# Actions ----------------------------------------------------------------------------------------------------------

Step = Callable[[HelpRequest, Actor, Any], object]


def _terms() -> Terms:
    return Terms.of(config())


STEPS: Final[dict[str, Step]] = {
    "assign": lambda row, by, data: service.assign(session(), by, row, data, now()),
    "team": lambda row, by, data: service.send_team(session(), by, row, data, terms=_terms(), now=now()),
    "take_back": lambda row, by, data: service.take_back(session(), by, row, data, now()),
    "renew": lambda row, by, _: service.renew(session(), by, row, terms=_terms(), now=now()),
    "urgency": lambda row, by, data: service.set_urgency(session(), by, row, data, now()),
    "close": lambda row, by, data: service.close(session(), by, row, data, now()),
    "reopen": lambda row, by, data: service.reopen(session(), by, row, data, now()),
    "done": lambda row, by, _: service.done(session(), by, row, now()),
    "confirm": lambda row, by, _: service.confirm(session(), by, row, now()),
    "contest": lambda row, by, data: service.contest(session(), by, row, data, now()),
    "helped_already": lambda row, by, _: service.helped_already(session(), by, row, now()),
    "still_needed": lambda row, by, _: service.still_needed(session(), by, row, now()),
    "looked": lambda row, by, _: service.has_looked(session(), by, row, now()),
    "called": lambda row, by, data: abuse.called(session(), by, row, data, now()),
    "link": lambda row, by, data: service.link(session(), by, row, _other(data.other), data, now()),
    "merge": lambda row, by, data: service.link(session(), by, row, _other(data.other), data, now()),
    "unlink": lambda row, by, data: service.unlink(session(), by, row, _other(data.member, "member").id, now()),
    "block": lambda row, by, data: abuse.block(session(), by, row, data, now()),
    "unblock": lambda row, by, _: abuse.unblock(session(), by, row, now()),
    "erase": lambda row, by, _: service.erase(session(), by, row, now()),
    "report": lambda row, by, data: abuse.report(session(), by, row, data, now()),
    "report_undo": lambda row, by, data: abuse.report(session(), by, row, data, now()),
}
"""Button → its action. ``reveal`` and ``reissue`` answer with a page of their own."""


def _do(row: HelpRequest, acting: Actor, data: FormModel, do: str) -> Response:
    if row.erased_at is not None and do not in ("report", "report_undo"):
        raise written_texts.Erased
    if do == "reveal":
        return _reveal(row, acting, data)
    if do == "reissue":
        return _reissue(row, acting)
    if isinstance(data, EraseForm):
        _asked_by_its_resident(row, acting, data.code)
    forms.once()
    STEPS[do](row, acting, data)
    return forms.done(url_for("help_board.one", request_id=row.id), f"request_{do}")


def _reveal(row: HelpRequest, acting: Actor, data: Any) -> Response:
    """Shows the contact details in this answer only: no page that can be opened again contains them."""
    shown = working.reveal(
        session(), edge.vault(), acting, row.id, reason=f"officer_{data.reason}", now=now(),
        officer_of=lambda tambon: edge.may(HANDLE, tambon),
    )  # fmt: skip
    made = _page(_again(row), Told(contacts=shown))
    session().commit()  # recorded before it is shown
    return made


def _called(row: HelpRequest) -> None:
    """Actions on behalf of the resident need a call with the resident first.

    Raises:
        Conflict: there was no call.
    """
    found = reads.detail(session(), edge.vault(), row, now())
    if not reads.was_called(found.events, now() - LINK_AFTER_CALL):
        raise Conflict(N_("First call the saved phone number and record that they answered."))


def _asked_by_its_resident(row: HelpRequest, acting: Actor, code: str) -> None:
    """Only the resident can have a request deleted: after a call to the stored number, or with the request's code.

    Raises:
        Conflict: there was no call, and no code was entered.
        Invalid, TooMany: the code is wrong.
    """
    if not code.strip():
        _called(row)
        return
    try:
        links.prove(session(), edge.vault(), acting, row.id, code, now())
    except links.WrongCode as error:
        session().commit()  # the attempt is counted whatever the result
        raise invalid("code", error.message.text) from error


def _reissue(row: HelpRequest, acting: Actor) -> Response:
    """A new link for the resident after a call; only this answer has it.

    Raises:
        Conflict: there was no call.
    """
    _called(row)
    link = links.reissue(session(), edge.vault(), acting, row.id, now())
    url = edge.whole_address(f"/requests/mine/{link.token}")
    shown = NewLink(url, links.spoken(link.code), edge.whole_address("/requests/find"), qr.svg(url))
    made = _page(_again(row), Told(new_link=shown))
    session().commit()
    return made


def _other(request_id: int, field_name: str = "other") -> HelpRequest:
    """Another request, if this officer may handle it, too."""
    try:
        found = reads.get(session(), request_id)
    except NotFound:
        found = None
    if found is None or not edge.may(HANDLE, found.tambon_code):
        raise invalid(field_name, N_("Request not found in your area."))
    return found


# Pages ------------------------------------------------------------------------------------------------------------


def _unchanged(row: HelpRequest) -> Response | None:
    """Whether the page is unchanged. Views by other officers do not count as a change."""
    shown = reads.shown(session(), row, now())
    return page_freshness.unchanged(shown, at=url_for("help_board.one", request_id=row.id))


def _page(row: HelpRequest, told: Told, status: int = 200) -> Response:
    if request.method not in ("GET", "HEAD"):
        _unchanged(row)
    found = reads.detail(session(), edge.vault(), row, now())
    codes = {row.tambon_code[:length] for length in (2, 4, 6)} | {row.cell_tambon_code}
    codes |= {one.tambon_code for one in found.linked} | ({found.block.area_code} if found.block else set())
    codes |= {row.village_code} if row.village_code else set()
    place = None if found.lat is None or found.lon is None else geo.Point(lat=found.lat, lon=found.lon)
    may_answer = edge.may(HANDLE, row.tambon_code)
    may_handle = may_answer and row.erased_at is None
    made = render_template(
        "help_requests/board/one.html",
        one=found,
        row=row,
        told=told,
        form=told.form,
        candidates=_candidates(row, place) if may_handle and found.any_need("open") else [],
        may_handle=may_handle,
        may_answer=may_answer,
        erased_on=row.closed_at and row.closed_at + timedelta(min(row.kept_days, config().erase_after_days)),
        may_link=reads.was_called(found.events, now() - LINK_AFTER_CALL),
        own_team=edge.actor().organisation or "",
        names=areas.names(session(), codes),
        max_reason=MAX_REASON,
        volunteers_words=volunteers_labels,
        now=now(),
        spoken=phones.spoken,
        new_link=told.new_link,
        similar=_similar(row) if may_handle and row.closed_at is None else [],
        map_state={"origin": [found.lon, found.lat]} if place else None,
        said=_said,
        origins=origins.of(session(), edge.actor(), row.id),
        **WORDS,
    )
    return make_response(made, status)


def _candidates(row: HelpRequest, place: geo.Point | None) -> list[volunteers.Candidate]:
    me: uuid.UUID | None = edge.actor().person_id
    return volunteers.candidates(
        session(), row.cell_tambon_code, now=now(), at=place, limit=CANDIDATES, but=[me] if me else []
    )


def _similar(row: HelpRequest) -> list[duplicates.Similar]:
    """Possible duplicates, as far as this officer may see them."""
    inside = next(code for code in edge.my_areas(VIEW) if code == "TH" or row.tambon_code.startswith(code))
    return duplicates.similar_to(session(), row.id, now=now(), within=inside)


def _said(action: str) -> str:
    """The text of an event for officers, in the third person."""
    return labels.SAID.get(action) or labels.EVENTS.get(action, action)
