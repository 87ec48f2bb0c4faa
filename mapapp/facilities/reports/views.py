"""Pages of problem reports: the public form and its confirmation, and the officers' list."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.errors import N_, Conflict, Invalid, NotFound, TooMany
from mapapp.facilities import changes, formatting
from mapapp.facilities import queries as facilities
from mapapp.facilities.labels import REASON_LABELS, STATUS_LABELS
from mapapp.facilities.queries import Pin
from mapapp.facilities.reports import queries, service
from mapapp.facilities.reports.schemas import MAX_NOTE, AnswerIn, ReportIn
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("facility_reports", __name__)

ACTION = "facilities.reports"

_CHANGES_THE_PIN = frozenset({"still_right", "full", "close"})

forms.NOTICES |= {
    "report_still_right": N_("Confirmed as still correct. The reports are resolved."),
    "report_full": N_("Set to full. The reports are resolved."),
    "report_close": N_("Set to closed for now. The reports are resolved."),
    "report_fixed": N_("The reports are resolved."),
    "report_dismiss": N_("Dismissed. You can reopen it below for one day."),
    "report_undo": N_("The reports are open again."),
}


def _pin(facility_id: int) -> Pin:
    pin = facilities.get(session(), facility_id)
    if pin is None:
        raise NotFound(N_("Facility not found."))
    return pin


# Anybody --------------------------------------------------------------------------------------------------------


@pages.get("/facilities/<int:facility_id>/report")
def form(facility_id: int) -> str:
    """The report form as its own page; the page of the facility has it too."""
    return _form(_pin(facility_id), Asked(None, {}))


def _form(pin: Pin, sent: Asked[ReportIn]) -> str:
    return render_template("facilities/reports/form.html", pin=pin, form=sent, said=formatting, max_note=MAX_NOTE)


@pages.post("/facilities/<int:facility_id>/report")
def send(facility_id: int) -> ResponseReturnValue:
    """Takes a report. Sending it twice counts once, so a second tap does no harm."""
    pin = _pin(facility_id)
    sent = forms.posted(ReportIn)
    if sent.value is None:
        return _form(pin, sent), 400
    try:
        taken = service.report(
            session(), edge.vault(), facility_id, sent.value, address=edge.address(), now=now()
        )  # fmt: skip
    except TooMany as error:
        sent.problems[""] = [tell(error.message)]
        return _form(pin, sent), 429, {"Retry-After": str(error.seconds)}
    again = None if taken.is_new else 1
    return forms.done(url_for("facility_reports.thanks", facility_id=taken.facility_id, again=again))


@pages.get("/facilities/<int:facility_id>/report/thanks")
def thanks(facility_id: int) -> str:
    """Thanks for a report, and what happens with it now."""
    again = request.args.get("again") == "1"
    return render_template("facilities/reports/thanks.html", pin=_pin(facility_id), again=again, said=formatting)


# Officers -------------------------------------------------------------------------------------------------------


@pages.get("/officer/facilities/reports")
@edge.officer_page(ACTION)
def queue() -> ResponseReturnValue:
    """Open reports of the officer's area, by pin."""
    return _queue()


def _queue(problems: dict[int, str] | None = None, status: int = 200) -> Response:
    area = edge.my_area(ACTION)
    pins = queries.queue(session(), area)
    dismissed = queries.dismissed(session(), area, now())
    total = queries.open_count(session(), area)
    same = page_freshness.unchanged(pins, dismissed, total, at=url_for("facility_reports.queue", area=area))
    if same is not None:
        return same
    mine = edge.my_areas(ACTION)
    codes = {
        code for code in (*mine, *(pin.tambon_code for pin in pins), *(one.tambon_code for one in dismissed)) if code
    }
    made = render_template(
        "facilities/reports/queue.html",
        status_labels=STATUS_LABELS,
        area=area,
        mine=mine,
        pins=pins,
        total=total,
        dismissed=dismissed,
        tambons=areas.names(session(), codes),
        reasons=REASON_LABELS,
        problems=problems or {},
        typed=request.form.get("closed_reason", ""),
        said=formatting,
        now=now(),
    )
    return make_response(made, status)


@pages.post("/officer/facilities/reports")
@edge.officer_page(ACTION)
def handle() -> ResponseReturnValue:
    """One tap: still correct, full, temporarily closed, fixed, dismissed, or a dismissal undone.

    It has the address of the list, so that a person who must sign in first comes back to a page.
    """
    sent = forms.posted(AnswerIn)
    if sent.value is None:
        texts = dict.fromkeys(text for texts in sent.problems.values() for text in texts)
        number = sent.typed.get("facility", "")
        known = number.isascii() and number.isdigit() and len(number) < 20
        return _queue({int(number) if known else 0: " ".join(texts)}, 400)
    wanted = sent.value
    # Held from here on, so that nobody moves it into another area between the question and the deed.
    tambon = changes.current(session(), wanted.facility, lock=True)["tambon_code"]
    actor = edge.demand(ACTION, tambon)
    if wanted.answer in _CHANGES_THE_PIN:
        actor = edge.demand("facilities.edit", tambon)
    try:
        service.handle(session(), actor, wanted, now())
    except (Invalid, Conflict) as error:
        session().rollback()
        message = error.problems[0].message if isinstance(error, Invalid) else error.message
        return _queue({wanted.facility: tell(message)}, 400 if isinstance(error, Invalid) else 409)
    return forms.done(url_for("facility_reports.queue", area=edge.my_area(ACTION)), f"report_{wanted.answer}")
