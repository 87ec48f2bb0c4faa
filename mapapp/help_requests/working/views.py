"""The volunteers' pages: their tasks, and one request before, during and after a claim."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import phones
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, Invalid, NotFound, TooMany
from mapapp.help_requests import labels
from mapapp.help_requests.working import queries, service
from mapapp.help_requests.working.schemas import (
    CONTACT_REASONS,
    MAX_NOTE,
    RELEASE_REASONS,
    REPORT_REASONS,
    AnswerIn,
    ClaimForm,
    ContactIn,
    HandOverIn,
    NothingIn,
    ProgressForm,
    ReleaseIn,
    ReportIn,
    StopAskingForm,
)
from mapapp.help_requests.working.service import Held, Shown, Terms
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, per_request, tell
from mapapp.web.page_routes import button_on
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

pages = Blueprint("help_working", __name__)

NEARBY, CLAIM = "requests.nearby", "requests.claim"

forms.NOTICES |= {
    "task_claim": N_("You have accepted this request. Thank you! Call before you go."),
    "task_renew": N_("You have more time now."),
    "task_renew_early": N_("The time limit shown here does not change. You can extend it when half of it has passed."),
    "task_release": N_("You returned the request. It is open for other volunteers again. Thank you for telling us."),
    "task_hand_over": N_("The offer was sent. You keep the request until they accept it."),
    "task_stop_asking": N_("The offer was withdrawn. You still have the request."),
    "task_on_the_way": N_("The resident sees that you are on the way."),
    "task_there": N_("The resident sees that you have arrived."),
    "task_done": N_("Thank you! We asked the resident to confirm it."),
    "task_report": N_("Thank you. An officer will check it."),
    "task_accept": N_("You have accepted this request. Thank you!"),
    "task_decline": N_("You declined. That is all right."),
}


def terms() -> Terms:
    """The terms of claims in the settings."""
    return Terms.of(config())


@dataclass
class Sent:
    """The result of a form on the page: forms with problems, an error, contact details."""

    form: str = ""
    asked: Asked[Any] = field(default_factory=lambda: Asked(None, {}))
    problem: str = ""
    contacts: list[Shown] = field(default_factory=list)


def _place(request_id: int, action: str) -> tuple[int, Actor]:
    """The leading request, and the actor with the appointment that allows the action in the tambon of its cell.

    Raises:
        NotFound: there is no such request for this actor; whether it exists in another area is not revealed.
    """
    found = queries.place(session(), request_id)
    area = None if found is None else queries.right(session(), edge.actor(), action, found, now())
    if found is None or area is None:
        raise NotFound(N_("Request not found near you."))
    return found[0], edge.demand(action, area)


# My tasks -------------------------------------------------------------------------------------------------------


@pages.get("/volunteer/tasks")
@edge.officer_page(NEARBY)
def tasks() -> ResponseReturnValue:
    """My claims, offers to me, and what I have done."""
    return _tasks()


def _tasks(problem: str = "", status: int = 200) -> Response:
    me = edge.actor().person_id
    assert me is not None
    held = queries.tasks(session(), me, now())
    offers = queries.offers(session(), me, now())
    asked = queries.offered_to(session(), [task.id for task in held], now()) if held else {}
    finished = queries.finished(session(), me)
    codes = {task.cell_tambon_code for task in held} | {one.cell_tambon_code for one in offers}
    codes |= {one.cell_tambon_code for one in finished}
    same = page_freshness.unchanged(held, offers, finished, sorted(asked.items()), at=url_for("help_working.tasks"))
    if same is not None:
        return same
    made = render_template(
        "help_requests/working/tasks.html",
        held=held, asked=asked, offers=offers, finished=finished, problem=problem,
        tambons=areas.names(session(), codes),
        words=labels, now=now(), is_late=_is_late, can_renew=_can_renew, limit=terms().per_volunteer,
        renewals=terms().renewals,
    )  # fmt: skip
    return make_response(made, status)


def _can_renew(urgency: str, ends_at: Any) -> bool:
    """Whether an extension would add time now."""
    return service.may_ask_for_more(ends_at, terms().length(labels.URGENCY[urgency]), now())


def _is_late(urgency: str, ends_at: Any) -> bool:
    """Whether the last quarter of the claim has begun."""
    left: bool = ends_at - now() < terms().length(labels.URGENCY[urgency]) / 4
    return left


@pages.post("/volunteer/offers/<int:offer_id>")
@button_on("help_working.tasks")
@edge.officer_page(NEARBY)
def answer(offer_id: int) -> ResponseReturnValue:
    """Accepts or declines an offer."""
    sent = forms.posted(AnswerIn)
    if sent.value is None:
        return _tasks(" ".join(text for texts in sent.problems.values() for text in texts), 400)
    accept = sent.value.answer == "accept"
    request_id = queries.offered_request(session(), offer_id, edge.actor().person_id)
    if request_id is None:
        raise NotFound(N_("Offer not found."))
    # Declining needs no right to the request.
    actor = _place(request_id, CLAIM)[1] if accept else edge.actor()
    try:
        held = service.answer_offer(session(), actor, offer_id, accept=accept, terms=terms(), now=now())
    except (Conflict, TooMany) as error:
        session().rollback()
        return _refused(error, _tasks(tell(error.message)))
    if not accept:
        return forms.done(url_for("help_working.tasks"), "task_decline")
    return forms.done(url_for("help_working.page", request_id=held.request_id), "task_accept")


# One request ----------------------------------------------------------------------------------------------------


@pages.get("/volunteer/requests/<int:request_id>")
@edge.officer_page(NEARBY)
def page(request_id: int) -> ResponseReturnValue:
    """A request: its cell before a claim, its exact location during it."""
    lead, _actor = _place(request_id, NEARBY)
    if lead != request_id:
        return redirect(url_for("help_working.page", request_id=lead), 302)
    return _page(lead)


def _page(lead: int, sent: Sent | None = None, status: int = 200) -> Response:
    me = edge.actor().person_id
    requests = queries.shown(session(), lead, me, now())
    ids = [one.id for one in requests]
    here = requests[0].cell_tambon_code
    may_claim = queries.right(session(), edge.actor(), CLAIM, (lead, here), now()) is not None
    lease = queries.lease(session(), ids, me, now()) if me is not None and may_claim else None
    mine = [one.id for one in requests for need in one.needs if need.is_mine] if lease else []
    places = queries.places(session(), edge.vault(), mine) if mine else []
    codes = {one.cell_tambon_code for one in requests} | {one.tambon_code for one in places}
    codes |= {one.village_code for one in places if one.village_code}
    stages = [need.state for one in requests for need in one.needs if need.is_mine]
    urgency = min((labels.URGENCY[one.urgency] for one in requests), default=2)
    waits_for = queries.offered_to(session(), [lead], now()).get(lead) if lease else None
    same = page_freshness.unchanged(
        requests, lease, places, waits_for, at=url_for("help_working.page", request_id=lead)
    )
    if same is not None:
        return same
    made = render_template(
        "help_requests/working/request.html",
        lead=requests[0], requests=requests, lease=lease, places=places, sent=sent or Sent(), words=labels,
        urgency=labels.URGENCIES[urgency], tambons=areas.names(session(), codes), may_claim=may_claim,
        is_free=any(need.state == "open" for one in requests for need in one.needs if not one.is_closed),
        is_waiting=all(need.state in ("done", *labels.FINISHED) for one in requests for need in one.needs),
        is_done=all(one.is_closed for one in requests), hours=terms().hours, now=now(), is_late=_is_late,
        can_renew=_can_renew, stage=min(stages, key=labels.LEASED.index) if lease and stages else None,
        renewals_left=max(0, terms().renewals - lease.renewals) if lease else 0,
        others=_others(requests[0].cell_tambon_code, places) if lease else [],
        waits_for=waits_for, max_note=MAX_NOTE,
        contact_reasons=CONTACT_REASONS, release_reasons=RELEASE_REASONS, report_reasons=REPORT_REASONS,
        spoken=phones.spoken,
    )  # fmt: skip
    return make_response(made, status)


def _others(tambon: str, places: list[queries.PlaceShown]) -> list[tuple[uuid.UUID, str]]:
    at = places[0].point if places else None
    return queries.others(session(), tambon, now(), but=edge.actor().person_id, at=at)


def _step(
    request_id: int, name: str, model: type[Any], do: Callable[[int, Actor, Any], Held | bool | None]
) -> ResponseReturnValue:
    """Handles a button of the page: runs the step and redirects to the page, or shows the form with its errors."""
    lead, actor = _place(request_id, CLAIM)
    sent = forms.posted(model)
    if sent.value is None:
        return _page(lead, Sent(name, sent), 400)
    try:
        made = do(lead, actor, sent.value)
    except Invalid as error:
        session().rollback()
        forms.problem(sent, error)
        return _page(lead, Sent(name, sent), 400)
    except (Conflict, TooMany) as error:
        session().rollback()
        return _refused(error, _page(lead, Sent(problem=tell(error.message))))
    notice = sent.value.step if name == "progress" else name
    if name == "renew" and isinstance(made, Held) and not made.is_new:
        notice = "renew_early"
    return forms.done(url_for("help_working.page", request_id=lead), f"task_{notice}")


def _refused(error: Conflict | TooMany, made: Response) -> Response:
    """The page again, with the reason why the step is not possible now."""
    made.status_code = 409
    if isinstance(error, TooMany):
        made.status_code = 429
        made.headers["Retry-After"] = str(error.seconds)
    return made


@pages.post("/volunteer/requests/<int:request_id>/claim")
@edge.officer_page(CLAIM)
def claim(request_id: int) -> ResponseReturnValue:
    """“I can help”: claims the request for a limited time."""

    def do(lead: int, actor: Actor, data: ClaimForm) -> Held:
        return service.claim(session(), actor, lead, needs=data.chosen, terms=terms(), now=now())

    return _step(request_id, "claim", ClaimForm, do)


@pages.post("/volunteer/requests/<int:request_id>/renew")
@edge.officer_page(CLAIM)
def renew(request_id: int) -> ResponseReturnValue:
    """Extends the time, with one tap."""

    def do(lead: int, actor: Actor, _data: NothingIn) -> Held:
        return service.renew(session(), actor, lead, terms=terms(), now=now())

    return _step(request_id, "renew", NothingIn, do)


@pages.post("/volunteer/requests/<int:request_id>/release")
@edge.officer_page(CLAIM)
def release(request_id: int) -> ResponseReturnValue:
    """“Return this request”, with a reason."""

    def do(lead: int, actor: Actor, data: ReleaseIn) -> Held:
        return service.release(session(), actor, lead, reason=data.reason, note=data.note, now=now())

    return _step(request_id, "release", ReleaseIn, do)


@pages.post("/volunteer/requests/<int:request_id>/hand-over")
@edge.officer_page(CLAIM)
def hand_over(request_id: int) -> ResponseReturnValue:
    """Offers the request to another volunteer, or withdraws the offer."""

    def back(lead: int, actor: Actor, _data: StopAskingForm) -> None:
        service.stop_asking(session(), actor, lead, now=now())

    def do(lead: int, actor: Actor, data: HandOverIn) -> None:
        service.offer(session(), actor, lead, data.to_person, kind="hand_over", note=data.note, now=now())

    if "stop_asking" in request.form:
        return _step(request_id, "stop_asking", StopAskingForm, back)
    return _step(request_id, "hand_over", HandOverIn, do)


@pages.post("/volunteer/requests/<int:request_id>/progress")
@edge.officer_page(CLAIM)
def progress(request_id: int) -> ResponseReturnValue:
    """Reports progress: on the way, arrived, done."""

    def do(lead: int, actor: Actor, data: ProgressForm) -> Held:
        return service.progress(
            session(), actor, lead, step=data.step, needs=data.chosen, given=data.given, note=data.note, now=now()
        )  # fmt: skip

    return _step(request_id, "progress", ProgressForm, do)


@pages.post("/volunteer/requests/<int:request_id>/report")
@edge.officer_page(NEARBY)
def report(request_id: int) -> ResponseReturnValue:
    """Reports a problem with a request. Everyone who may read a request can do so, without a claim."""
    lead, actor = _place(request_id, NEARBY)
    sent = forms.posted(ReportIn)
    if sent.value is None:
        return _page(lead, Sent("report", sent), 400)
    service.report(session(), actor, lead, reason=sent.value.reason, note=sent.value.note, now=now())
    return forms.done(url_for("help_working.page", request_id=lead), "task_report")


@pages.post("/volunteer/requests/<int:request_id>/contact")
@edge.officer_page(CLAIM)
def contact(request_id: int) -> ResponseReturnValue:
    """Shows the contact details, only in this answer."""
    lead, actor = _place(request_id, CLAIM)
    sent = forms.posted(ContactIn)
    if sent.value is None:
        return _page(lead, Sent("contact", sent), 400)
    try:
        found = service.reveal(session(), edge.vault(), actor, lead, reason=sent.value.reason, now=now())
    except (Conflict, TooMany) as error:
        session().rollback()
        return _refused(error, _page(lead, Sent(problem=tell(error.message))))
    return _page(lead, Sent(contacts=found))


@pages.app_template_filter("time_left")
@per_request
def time_left(ends_at: Any, at: Any) -> str:
    """``1 ชม. 20 นาที``: the time until then, in whole minutes."""
    minutes = max(0, int((ends_at - at).total_seconds() // 60))
    if minutes >= 60:
        return gettext(N_("%(hours)s h %(minutes)s min"), hours=minutes // 60, minutes=minutes % 60)
    return gettext(N_("%(minutes)s min"), minutes=minutes)
