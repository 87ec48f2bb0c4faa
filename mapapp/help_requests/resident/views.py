"""The resident's page behind its secret link, and the access by code.

The link is the key. It is opened once: then the browser stores the key for this page (``page_key.py``), and the page
has an address without it. So the key is in no history, no referrer and no later line of a log; the database has only
its hash.
"""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import phones
from mapapp.core.errors import N_, Conflict, DomainError, Invalid, Message, NotAllowed, NotFound, TooMany
from mapapp.help_requests import labels
from mapapp.help_requests.asking import forms as reading
from mapapp.help_requests.asking.place_fields import said_back
from mapapp.help_requests.asking.schemas import ITEMS
from mapapp.help_requests.resident import formatting, links, page_key, service
from mapapp.help_requests.resident.changes import ChangeForm, typed_before
from mapapp.help_requests.resident.links import WrongCode
from mapapp.help_requests.resident.queries import AGAIN_WITHIN, Page
from mapapp.help_requests.resident.schemas import MAX_NOTE, REPORT_REASONS, CodeIn, DoIn
from mapapp.help_requests.resident.view_context import look
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import name_of, tell
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

pages = Blueprint("help_resident", __name__)

FLAGS: Final[dict[str, str]] = {
    "bedridden": N_("A bedridden person"),
    "elderly": N_("Elderly people"),
    "small_children": N_("Small children"),
    "pregnant": N_("A pregnant person"),
}

forms.NOTICES |= {
    "mine_confirm": N_("Thank you. We are glad that you got help."),
    "mine_contest": N_("Thank you for your answer. The request is open again, and volunteers can accept it."),
    "mine_helped_already": N_("Thank you. We are glad that you got help."),
    "mine_cancel": Message(N_("Cancelled. You can reopen it within %(days)s days."), {"days": AGAIN_WITHIN.days}),
    "mine_reopen": N_("It is open again, and volunteers can accept it."),
    "mine_stop_sharing": N_("Volunteers can no longer see your contact details. Officers still can."),
    "mine_resume_sharing": N_("The volunteer who helps you can see your contact details again."),
    "mine_extend": N_("Thank you. It stays open."),
    "mine_report": N_("Thank you for your report. An officer of your area will check it."),
    "mine_change": N_("Saved. The volunteer who helps you sees the change."),
    "mine_so": N_("This was already done. You do not need to do anything else."),
    "mine_erased": N_("Everything that shows who and where you are was deleted. The link and the code no longer work."),
}

_STEPS_ASIDE: Final = ("erase", "report")
"""Actions with a page of their own to confirm: ``?do=``."""


@pages.after_request
def _secret(response: Response) -> Response:
    """Keeps these pages out of caches, search engines and the logs of other sites."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer" if request.endpoint == "help_resident.enter" else "same-origin"
    return response


# By code ----------------------------------------------------------------------------------------------------------


@pages.get("/requests/find")
def find() -> ResponseReturnValue:
    """The form for a person who has the code of a request but not its link."""
    return _find(Asked(None, {}))


def _find(sent: Asked[CodeIn], status: int = 200, *, is_without_key: bool = False) -> Response:
    made = render_template("help_requests/resident/find.html", form=sent, is_without_key=is_without_key)
    return make_response(made, status)


@pages.post("/requests/find")
def open_by_code() -> ResponseReturnValue:
    """Leads to the page by a new link: of the first one only the hash is known."""
    sent = forms.posted(CodeIn)
    code = links.read_code(sent.value.code) if sent.value else None
    if code is None:
        sent.problems["code"] = [tell(_NO_CODE)] if sent.value else sent.problems.get("code", [])
        return _find(sent, 400)
    try:
        request_id, token = links.by_code(session(), edge.vault(), code, address=edge.address(), now=now())
    except (WrongCode, TooMany) as error:
        session().commit()  # the attempt is counted although it is refused
        sent.problems["code"] = [tell(error.message)]
        response = _find(sent, 429 if isinstance(error, TooMany) else 404)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.seconds)
        return response
    return page_key.lead_in(request_id, token)


_NO_CODE: Final = Message(N_("Enter all 12 digits. Spaces do not matter."))


# The page ---------------------------------------------------------------------------------------------------------


@pages.get("/requests/mine/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Opens the secret link: stores the key in the browser and redirects to an address without it."""
    request_id = links.find(session(), token, now())
    return _gone() if request_id is None else page_key.lead_in(request_id, token)


@pages.get("/requests/mine/<int:request_id>")
def mine(request_id: int) -> ResponseReturnValue:
    """Progress, volunteers, history, views of personal data; and the resident's actions."""
    token = page_key.held(request_id)
    if token is None:
        return _without_key()
    response = _shown(request_id)
    page_key.give(response, request_id, token)
    return response


def _without_key() -> Response:
    """Answers the same for another person's request and for one that does not exist, so that it reveals nothing."""
    return _find(Asked(None, {}), 404, is_without_key=True)


def _gone() -> Response:
    return make_response(render_template("help_requests/resident/gone.html"), 404)


def _shown(request_id: int, sent: Asked[Any] | None = None, *, problem: str = "", status: int = 200) -> Response:
    page = look(request_id)
    if page is None:
        return _gone()
    aside = sent.typed.get("do", "") if sent else request.args.get("do", "")
    if aside == "change" and page.is_open:
        return _form(page)
    name = aside if aside in _STEPS_ASIDE and not (problem and aside == "erase") else "page"
    if name == "page":
        same = page_freshness.unchanged(page, at=url_for("help_resident.mine", request_id=request_id))
        if same is not None:
            return same
    codes = {page.tambon_code[:length] for length in (2, 4, 6)} | ({page.village_code} if page.village_code else set())
    made = render_template(
        f"help_requests/resident/{name}.html", page=page, form=sent or Asked(None, {}),
        problem=problem, words=labels, flags=FLAGS, said=formatting, reasons=REPORT_REASONS, max_note=MAX_NOTE,
        places=areas.names(session(), codes), spoken_phone=phones.spoken, now=now(), days=config(),
        erased_on=page.erased_on(config().erase_after_days), kept_days=page.kept_for(config().erase_after_days),
    )  # fmt: skip
    return make_response(made, status)


@pages.post("/requests/mine/<int:request_id>")
def act(request_id: int) -> ResponseReturnValue:
    """Runs the tapped action. A second tap finds it done, and is told so in a friendly way."""
    if page_key.held(request_id) is None:
        return _without_key()
    if request.form.get("do") == "change":
        return _change(request_id)
    sent = forms.posted(DoIn)
    if sent.value is None:
        return _shown(request_id, sent, status=400)
    try:
        changed = service.do(session(), edge.vault(), request_id, sent.value, now())
    except NotFound:
        return _gone()
    except (Invalid, Conflict) as error:
        session().rollback()
        return _refused(request_id, sent, error)
    if sent.value.do == "erase":
        erased = make_response(redirect(url_for("help_resident.find", notice="mine_erased"), 303))
        page_key.take_back(erased, request_id)
        return erased
    notice = f"mine_{sent.value.do}" if changed else "mine_so"
    return redirect(url_for("help_resident.mine", request_id=request_id, notice=notice), 303)


def _change(request_id: int) -> ResponseReturnValue:
    """Saves the form, or shows it again with its errors; input is never lost."""
    page = look(request_id)
    if page is None:
        return _gone()
    sent = forms.posted(ChangeForm)
    read = reading.read(session(), sent.value, page.language) if sent.value else reading.Reading(None, reading.Place())
    if read.problems:
        forms.problem(sent, Invalid(read.problems))
    if read.data is None:
        return _form(page, sent, read.place, 400)
    try:
        changed = service.change(session(), edge.vault(), None, request_id, read.data, now())
    except NotFound:
        return _gone()
    except (Invalid, Conflict, TooMany, NotAllowed) as error:
        session().rollback()
        return _not_changed(page, sent, read.place, error)
    return redirect(
        url_for("help_resident.mine", request_id=request_id, notice="mine_change" if changed else "mine_so"), 303
    )


def _not_changed(page: Page, sent: Asked[ChangeForm], place: reading.Place, error: DomainError) -> Response:
    if isinstance(error, Invalid):
        forms.problem(sent, error)
        return _form(page, sent, place, 400)
    if isinstance(error, Conflict):
        return _shown(page.id, Asked(None, {}), problem=tell(error.message), status=409)
    sent.problems["phone"] = [tell(error.message)]
    response = _form(page, sent, place, 429 if isinstance(error, TooMany) else 403)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _form(
    page: Page, sent: Asked[ChangeForm] | None = None, place: reading.Place | None = None, status: int = 200
) -> Response:
    """The form of a new request, filled with the current values."""
    place = place or reading.Place(page.point, None if page.point else page.village_code or page.tambon_code)
    at = said_back(session(), place.point, place.code)
    typed = reading.typed_of(sent.value, sent.typed) if sent else typed_before(page, name_of(at) if at else "")
    if place.point is not None:
        typed["point"] = f"{place.point.lat:.6f}, {place.point.lon:.6f}"
    elif place.forget_point:
        typed["point"] = ""
    state: dict[str, Any] = {"pick": [place.point.lon, place.point.lat] if place.point else None}
    if place.point is None:
        state["bounds"] = areas.bounds(session(), page.tambon_code).edges
    made = render_template(
        "help_requests/resident/change.html", page=page, form=sent or Asked(None, {}), typed=typed,
        place=place, at=at, state=state, intake=False, kinds=labels.KINDS, items=ITEMS, kind_labels=labels.KIND_LABELS,
        urgency_labels=labels.URGENCY_LABELS, words=labels,
    )  # fmt: skip
    return make_response(made, status)


def _refused(request_id: int, sent: Asked[Any], error: DomainError) -> Response:
    if isinstance(error, Invalid):
        forms.problem(sent, error)
        return _shown(request_id, sent, status=400)
    return _shown(request_id, sent, problem=tell(error.message), status=409)


@pages.get("/requests/mine/<int:request_id>/data.json")
def data(request_id: int) -> ResponseReturnValue:
    """All data stored about the request, for its resident. The copy is recorded before it is sent."""
    if page_key.held(request_id) is None:
        return _without_key()
    if request.method == "GET":  # HEAD returns no data
        with edge.writing()() as own:
            service.downloaded(own, request_id, now())
            own.commit()
    try:
        kept = service.everything(session(), edge.vault(), request_id, now())
    except NotFound:
        return _gone()
    response = Response(json.dumps(kept, ensure_ascii=False, indent=1, default=str), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="help-request.json"'
    return response
