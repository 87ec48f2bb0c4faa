"""Pages of officers: the survey's workbook to download, lists of records to bring in, look at, load and take back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Final, Literal

from flask import Blueprint, Response, make_response, request, url_for
from pydantic import Field, create_model

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import files, formats, languages
from mapapp.core.actors import Actor
from mapapp.core.clock import today
from mapapp.core.errors import N_, Conflict, FieldProblem, Invalid, NotFound, TooMany
from mapapp.core.fields import FormModel, QueryModel
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.lists import sheets, tables
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.assigning.rules import MANAGE
from mapapp.survey.groups import CODES, FIELDS, FILLING, GROUPS, RULE
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets import forms as xlsforms
from mapapp.survey.sheets import paper, service, workbook
from mapapp.survey.sheets.columns import every
from mapapp.survey.sheets.models import SurveyImport
from mapapp.survey.sheets.planning import OUTCOMES, TAKEN, Plan
from mapapp.survey.sheets.reading import Listing
from mapapp.survey.view_helpers import page
from mapapp.web import forms, page_freshness
from mapapp.web.hosts import whole_address
from mapapp.web.i18n import gettext, tell, translate
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session
from mapapp.web.security import takes_up_to

pages = Blueprint("survey_sheets", __name__)

MAX_UPLOAD: Final = tables.MAX_BYTES + 100_000
"""Bytes of an upload with what the form wraps around the file."""

SHOWN: Final = 200

forms.NOTICES.update(
    {
        "survey_uploaded": N_("The list is uploaded. Nothing is imported yet: check each row first."),
        "survey_columns": N_("The columns are saved."),
        "survey_loaded": N_("The list is imported."),
        "survey_undone": N_("The import was undone."),
        "survey_discarded": N_("The upload was removed."),
    }
)

OUTCOME_LABELS: Final[dict[str, str]] = {
    "problem": N_("Cannot be taken"),
    "outside": N_("Outside your area"),
    "conflict": N_("Recorded differently by someone else"),
    "new": N_("New"),
    "changed": N_("Changes a record"),
    "same": N_("Already there"),
}
STATE_LABELS: Final[dict[str, str]] = {
    "uploaded": N_("Not imported yet"),
    "done": N_("Imported"),
    "undone": N_("Undone"),
}
PLACE_LABELS: Final[dict[str, str]] = {
    "village": N_("Village code"),
    "tambon": N_("Tambon"),
    "number": N_("Village number"),
    "name": N_("Village"),
    "household": N_("House number"),
    "unit": N_("Household or whole village"),
    "observed_at": N_("Day of the visit"),
    "instance": N_("Number of the form (instanceID)"),
    "version": N_("Version of the questions"),
}


class UploadForm(FormModel):
    """An upload, beside its file."""


class ActForm(FormModel):
    """What is to be done with a list."""

    do: Literal["all", "good", "undo", "discard"]


class PaperQuery(QueryModel):
    """How many sheets each village gets."""

    sheets: Annotated[int, Field(ge=1, le=20)] = 1


_COLUMN: Final[Any] = (str, "")
ColumnsForm: type[FormModel] = create_model("ColumnsForm", __base__=FormModel, **dict.fromkeys(every(), _COLUMN))
"""What is said → the number of the column that says it, so that its name may be anything."""


def _round(round_id: int) -> Round:
    found = next((one for one in view_helpers.rounds_of(MANAGE) if one.id == round_id), None)
    if found is None:
        raise NotFound(N_("This survey was not found."))
    return found


@pages.get("/officer/survey/rounds/<int:round_id>/sheets")
@edge.officer_page(MANAGE)
def index(round_id: int) -> Response:
    """What there is of a survey to fill in elsewhere, and the lists that came back."""
    return _index(_round(round_id), Asked(None, {}))


def _index(found: Round, form: Asked[Any], status: int = 200) -> Response:
    area = edge.my_area(MANAGE)
    recent = service.recent(session(), found.id, edge.my_areas(MANAGE))
    fits = _fits(found, area)
    known = [one for one in assigning.villages(session(), found.id, area) if found.covers(one.code)] if fits else []
    tambons = areas.with_parents(session(), {one.tambon_code for one in known})
    if not form.problems:
        same = page_freshness.unchanged(found, [(one.id, one.state, one.counts) for one in recent], sorted(tambons))
        if same is not None:
            return same
    choices, _names = areas_shown(area, MANAGE, set())
    return page(
        "sheets",
        status,
        round=found, form=form, area=area, choices=choices, recent=recent, import_states=STATE_LABELS,
        tambons=[tambons[code] for code in sorted({one.tambon_code for one in known} & tambons.keys())], fits=fits,
        names=areas.with_parents(session(), {area, found.area_code, *(one.area_code for one in recent)}),
    )  # fmt: skip


def _fits(found: Round, area: str) -> bool:
    """Whether an area is small enough for one workbook, and has to do with the round."""
    return len(area) >= 4 and (found.covers(area) or found.area_code.startswith(area))


@pages.post("/officer/survey/rounds/<int:round_id>/sheets")
@takes_up_to(MAX_UPLOAD)
@edge.officer_page(MANAGE)
def upload(round_id: int) -> Response:
    """Keeps the file, and goes on to what its rows would do."""
    found, area = _round(round_id), edge.my_area(MANAGE)
    acting = edge.demand(MANAGE, area)
    form = forms.posted(UploadForm)
    file = request.files.get("file")
    name, data = (files.shown_name(file.filename), file.read()) if file is not None and file.filename else ("", b"")
    if not name:
        form.problems.setdefault("file", []).append(gettext("Choose a file."))
    if form.problems or form.value is None:
        return _index(found, form, 400)
    forms.once()
    try:
        made = service.upload(session(), acting, found, area=area, file_name=name, data=data, now=now())
    except Invalid as error:
        session().rollback()
        forms.problem(form, Invalid([FieldProblem("file", problem.message) for problem in error.problems]))
        return _index(found, form, 400)
    except TooMany as error:
        session().rollback()
        form.problems.setdefault("file", []).append(tell(error.message))
        answer = _index(found, form, 429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return forms.done(url_for("survey_sheets.one", import_id=made), "survey_uploaded")


@pages.get("/officer/survey/rounds/<int:round_id>/template.xlsx")
@edge.officer_page(MANAGE)
def template(round_id: int) -> Response:
    """The workbook of an amphoe or a tambon with its villages."""
    found, area = _round(round_id), _area_of_file(round_id)
    villages = [one for one in assigning.villages(session(), found.id, area) if found.covers(one.code)]
    names = areas.with_parents(session(), {area, *(one.tambon_code for one in villages)})
    made = workbook.template(found, area, names, villages)
    return download(made, sheets.MIME, f"survey-{found.id}-{area}.xlsx")


@pages.get("/officer/survey/rounds/<int:round_id>/paper.pdf")
@edge.officer_page(MANAGE)
def on_paper(round_id: int) -> Response:
    """Sheets to fill in by hand for each village of a tambon."""
    found, area = _round(round_id), _area_of_file(round_id)
    if len(area) != 6:
        raise NotFound(N_("Choose a tambon: one document is for one tambon."))
    villages = [one for one in assigning.villages(session(), found.id, area) if found.covers(one.code)]
    if not villages:
        raise NotFound(N_("No villages of this tambon are known. Assign them first."))
    words = paper.Words(
        title=translate(N_("Vaccination survey"), "th"),
        day=formats.day(today(now()), languages.BY_CODE["th"]),
        rule=translate(RULE, "th"),
        fields={name: translate(text, "th") for name, text in FIELDS.items()},
        groups={group.code: translate(group.name, "th") for group in GROUPS},
        hints={group.code: translate(group.hint, "th") for group in GROUPS},
        filling=translate(FILLING, "th"),
    )
    pages_of = (asked(PaperQuery).value or PaperQuery()).sheets
    printed = [
        paper.Sheet(one, whole_address(url_for("survey_entering.form", round_id=found.id, village=one.code)), pages_of)
        for one in villages
    ]
    made = paper.document(found, areas.with_parents(session(), {area}), printed, words)
    return download(made, "application/pdf", f"survey-{found.id}-{area}.pdf")


@pages.get("/officer/survey/rounds/<int:round_id>/xlsform.xlsx")
@edge.officer_page(MANAGE)
def other_tools(round_id: int) -> Response:
    """The survey as an XLSForm, for ODK Collect and Kobo."""
    found, area = _round(round_id), _area_of_file(round_id)
    return download(xlsforms.of_round(session(), found, area), sheets.MIME, f"xlsform-{found.id}-{area}.xlsx")


def _area_of_file(round_id: int) -> str:
    found, area = _round(round_id), edge.my_area(MANAGE)
    edge.demand(MANAGE, area)
    if not _fits(found, area):
        raise NotFound(N_("Choose an amphoe or a tambon of this survey."))
    return area


def download(data: bytes, mime: str, name: str) -> Response:
    """A file to keep."""
    response = make_response(data)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _mine(import_id: uuid.UUID) -> tuple[SurveyImport, Actor]:
    """The list and the actor by whose appointment it may be touched.

    Raises:
        NotFound, NotAllowed: there is none, or it is another area's.
    """
    found = service.get(session(), import_id)
    return found, edge.demand(MANAGE, found.area_code)


@pages.get("/officer/survey/imports/<uuid:import_id>")
@edge.officer_page(MANAGE)
def one(import_id: uuid.UUID) -> Response:
    """A list: what each of its rows would do, or has done."""
    found, acting = _mine(import_id)
    return _page(found, acting, Asked(None, {}))


def _page(found: SurveyImport, acting: Actor, form: Asked[Any], status: int = 200) -> Response:
    listing, plan = Listing(), Plan()
    if found.state == "uploaded":
        try:
            listing, plan = service.look(session(), found, acting, now())
        except (Invalid, Conflict) as error:
            form.problems.setdefault("", []).append(tell(error.message))
    if not form.problems:
        same = page_freshness.unchanged(found.state, found.counts, found.columns, plan.counts, len(plan.rows))
        if same is not None:
            return same
    rows = sorted(plan.rows, key=lambda row: (OUTCOMES.index(row.outcome), row.line.sheet, row.line.number))
    said = {name: gettext(text) for name, text in PLACE_LABELS.items()} | {
        f"{group.code}_{name}": f"{gettext(group.name)}: {gettext(text)}"
        for group in GROUPS
        for name, text in FIELDS.items()
    }
    tambons = {row.line.village[:6] for row in rows[:SHOWN] if row.line.village}
    villages = view_helpers.villages_named({row.line.village for row in rows[:SHOWN] if row.line.village})
    return page(
        "import",
        status,
        found=found, form=form, listing=listing, plan=plan, rows=rows[:SHOWN], outcomes=OUTCOME_LABELS, said=said,
        import_states=STATE_LABELS, villages=villages, told=tell, codes=CODES,
        good=sum(count for outcome, count in plan.counts.items() if outcome in TAKEN),
        names=areas.with_parents(session(), {found.area_code, *tambons}), round=_round(found.round_id),
        sheets=len({row.line.sheet for row in plan.rows}) > 1,
    )  # fmt: skip


@pages.post("/officer/survey/imports/<uuid:import_id>/columns")
@edge.officer_page(MANAGE)
def columns(import_id: uuid.UUID) -> Response:
    """Keeps which column says what; the next list with these headings is read in the same way."""
    found, acting = _mine(import_id)
    form = forms.posted(ColumnsForm)
    try:
        listing, _plan = service.look(session(), found, acting, now())
    except (Invalid, Conflict):
        return _page(found, acting, form, 409)
    chosen: dict[str, str] = {}
    for name, number in form.typed.items():
        if not number or name not in every():
            continue
        if not (number.isascii() and number.isdigit() and len(number) < 5 and int(number) < len(listing.headers)):
            form.problems[name] = [gettext("Choose one from the list.")]
        elif listing.headers[int(number)] in chosen.values():
            form.problems[name] = [gettext("This column is chosen twice.")]
        else:
            chosen[name] = listing.headers[int(number)]
    if form.problems:
        return _page(found, acting, form, 400)
    forms.once()
    try:
        service.name_columns(session(), import_id, chosen)
    except Conflict as error:
        return _refused(import_id, error)
    return forms.done(url_for("survey_sheets.one", import_id=import_id), "survey_columns")


@pages.post("/officer/survey/imports/<uuid:import_id>")
@edge.officer_page(MANAGE)
def act(import_id: uuid.UUID) -> Response:
    """Loads all rows of a list, or those that can be taken; takes a loaded list back; removes an upload."""
    found, acting = _mine(import_id)
    form = forms.posted(ActForm)
    if form.value is None:
        return _page(found, acting, form, 400)
    do, back = form.value.do, url_for("survey_sheets.one", import_id=import_id)
    forms.once()
    try:
        if do == "discard":
            service.discard(session(), import_id)
            return forms.done(url_for("survey_sheets.index", round_id=found.round_id), "survey_discarded")
        if do == "undo":
            service.undo(session(), acting, import_id, now())
            return forms.done(back, "survey_undone")
        service.load(session(), acting, import_id, only_good=do == "good", now=now())
    except (Conflict, Invalid) as error:
        return _refused(import_id, error)
    return forms.done(back, "survey_loaded")


def _refused(import_id: uuid.UUID, error: Conflict | Invalid) -> Response:
    session().rollback()
    found, acting = _mine(import_id)
    form: Asked[Any] = Asked(None, {}, {"": [tell(error.message)]})
    return _page(found, acting, form, 409)
