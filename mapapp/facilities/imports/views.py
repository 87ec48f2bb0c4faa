"""Pages of the officers' imports: upload, columns, what each row would do, the run, and taking it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, make_response, render_template, request, url_for
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import files, formats
from mapapp.core.actors import Actor
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, Conflict, FieldProblem, Invalid, Message, refuse
from mapapp.core.fields import BlankIsNone, FormModel, clean
from mapapp.facilities import labels
from mapapp.facilities.imports import background, formatting, jobs, queries, templates
from mapapp.facilities.imports.plan import OUTCOMES, Outcome, PlannedRow
from mapapp.facilities.imports.preview import Look, look
from mapapp.facilities.imports.queries import Import
from mapapp.facilities.kinds import USUAL, KindName
from mapapp.facilities.schemas import Moment, public_text
from mapapp.lists import sheets, tables
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, here, name_of, per_request, tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session
from mapapp.web.security import takes_up_to

pages = Blueprint("facility_imports", __name__, url_prefix="/officer/facilities/import")

pages.app_template_filter("field_of_list")(per_request(formatting.field))

IMPORT = "facilities.import"

MAX_UPLOAD = tables.MAX_BYTES + 100_000
"""Bytes of an upload with what the form wraps around the file."""

ROWS_ON_A_PAGE = 50

forms.NOTICES |= {
    "uploaded": N_("The list is uploaded. Nothing is imported yet: check each row first."),
    "columns_kept": N_("The columns are saved."),
    "import_undone": N_("The import was undone."),
    "discarded": N_("The upload was removed."),
}


def _has_come(value: datetime | None) -> datetime | None:
    if value is not None and value > now():
        raise refuse(N_("This day has not come yet."))
    return value


class UploadForm(FormModel):
    """An upload, beside its file."""

    source: Annotated[str, Field(min_length=1, max_length=150), AfterValidator(public_text), BeforeValidator(clean)]
    kind: Annotated[KindName | None, BlankIsNone] = None
    as_of: Annotated[Moment, AfterValidator(_has_come)] = None
    checked: bool = False
    """A person of the officer's own office has checked every row, so the import counts as a confirmation by the office.
    """


class OptionsForm(FormModel):
    """How the file is to be read, and of when it is."""

    as_of: Annotated[Moment, AfterValidator(_has_come)] = None
    checked: bool = False
    kind: Annotated[KindName | None, BlankIsNone] = None
    sheet: Annotated[Annotated[int, Field(ge=0, le=10_000)] | None, BlankIsNone] = None
    encoding: Annotated[Literal["utf-8", "cp874", "utf-16"] | None, BlankIsNone] = None
    separator: Annotated[Literal["comma", "semicolon", "tab"] | None, BlankIsNone] = None
    heading: Annotated[Annotated[int, Field(ge=1, le=100_000)] | None, BlankIsNone] = None


class RunForm(FormModel):
    """Which rows are to be loaded."""

    rows: Literal["all", "good"]


class Nothing(FormModel):
    """A button."""


class PreviewQuery(BaseModel):
    """Which rows of the preview are shown."""

    model_config = ConfigDict(frozen=True)

    show: Annotated[Outcome | None, BlankIsNone] = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


# Upload ---------------------------------------------------------------------------------------------------------


@pages.get("")
@edge.officer_page(IMPORT)
def index() -> Response:
    """A form for a list, the templates, and what was imported into this area before."""
    return _upload_page(Asked(None, {}), edge.my_area(IMPORT))


@pages.post("")
@takes_up_to(MAX_UPLOAD)
@edge.officer_page(IMPORT)
def upload() -> Response:
    """Keeps the file, and goes on to what its rows would do."""
    area = edge.my_area(IMPORT)
    acting = edge.demand(IMPORT, area)
    form = forms.posted(UploadForm)
    file = request.files.get("file")
    name, data = (files.shown_name(file.filename), file.read()) if file is not None and file.filename else ("", b"")
    if not name:
        form.problems.setdefault("file", []).append(gettext("Choose a file."))
    if form.problems or form.value is None:
        return _upload_page(form, area)
    forms.once()
    try:
        made = jobs.upload(
            session(),
            acting,
            area=area,
            file_name=name,
            data=data,
            source=form.value.source,
            kind=form.value.kind,
            as_of=_day(form.value.as_of),
            checked=form.value.checked,
            now=now(),
        )
    except Invalid as error:
        forms.problem(form, Invalid([FieldProblem("file", problem.message) for problem in error.problems]))
        return _upload_page(form, area)
    return forms.done(url_for("facility_imports.page", import_id=made), notice="uploaded")


@pages.app_template_filter("day_typed")
@per_request
def day_typed(stored: str) -> str:
    """A day as it is typed into a field, in the page's language: 20/11/2569, 2026-11-20."""
    return formats.typed_day(date.fromisoformat(stored), here()) if stored else stored


def _day(value: datetime | None) -> str | None:
    return value.astimezone(BANGKOK).date().isoformat() if value else None


def _upload_page(form: Asked[UploadForm], area: str) -> Response:
    recent = queries.recent(session(), (area,))
    same = page_freshness.unchanged([(one.id, _state_of(one)) for one in recent])
    if same is not None:
        return same
    html = render_template(
        "facilities/imports/index.html",
        form=form,
        area=area,
        area_name=_area_name(area),
        recent=recent,
        sources=sorted({formatting.source(one.source, one.area_code) for one in recent}),
        kinds=labels.KIND_LABELS,
        most_mb=tables.MAX_BYTES // 1_000_000,
        most_rows=jobs.MOST_ROWS,
        said=formatting,
        state_of=_state_of,
    )
    return make_response(html, form.status)


@pages.get("/template")
@edge.officer_page(IMPORT)
def template() -> Response:
    """An empty list of a kind, with headings, choices, examples and explanations."""
    query = asked(templates.TemplateQuery)
    kind = query.value.kind if query.value else USUAL
    return _download(templates.template(kind), sheets.MIME, f"{kind}.xlsx")


# One import -----------------------------------------------------------------------------------------------------


@pages.get("/<uuid:import_id>")
@edge.officer_page(IMPORT)
def page(import_id: uuid.UUID) -> Response:
    """Where an import stands: its columns and rows before the run, its progress, or what it did."""
    found, _actor = _mine(import_id)
    return _page(found)


@pages.get("/<uuid:import_id>/progress")
@edge.officer_page(IMPORT)
def progress(import_id: uuid.UUID) -> Response:
    """The progress of the import, polled by its page; reloads the page when the import has ended."""
    found, _actor = _mine(import_id)
    response = make_response(render_template("facilities/imports/_progress.html", found=found))
    if _state_of(found) != "running":
        response.headers["HX-Refresh"] = "true"
    return response


@pages.get("/<uuid:import_id>/problems.csv")
@edge.officer_page(IMPORT)
def problems(import_id: uuid.UUID) -> Response:
    """The rows with errors, as a list to correct."""
    found, _actor = _mine(import_id)
    seen = look(session(), found)
    rows = [] if seen.plan is None else [row for row in seen.plan.rows if row.outcome in ("problem", "outside")]
    lines = [
        [row.number, formatting.outcome(row.outcome), row.name, column, sentence]
        for row in rows
        for column, sentence in _sentences(row, seen)
    ]
    headers = [gettext(text) for text in (N_("Row"), N_("Outcome"), N_("Name"), N_("Column"), N_("How to correct it"))]
    return _download(sheets.as_csv(headers, lines), "text/csv; charset=utf-8", "problems.csv")


@pages.post("/<uuid:import_id>/options")
@edge.officer_page(IMPORT)
def options(import_id: uuid.UUID) -> Response:
    """Keeps kind, sheet and encoding; another sheet has other columns, so they are guessed again."""
    found, _actor = _mine(import_id)
    form = forms.posted(OptionsForm)
    if form.value is None:
        return _page(found, form)
    seen = look(session(), found)
    sheet = form.value.sheet
    settings = {name: value for name, value in found.settings.items() if name in ("columns", "as_before")}
    if form.value.as_of is not None:
        settings["as_of"] = _day(form.value.as_of)
    if form.value.checked:
        settings["checked"] = True
    if sheet is not None and sheet < len(seen.sheets):
        settings["sheet"] = seen.sheets[sheet]
    given = form.value.model_dump(include={"encoding", "separator", "heading"})
    settings |= {name: value for name, value in given.items() if value is not None}
    if settings.get("sheet") != found.settings.get("sheet"):
        settings.pop("heading", None)  # a row of the sheet before
    if any(settings.get(name) != found.settings.get(name) for name in jobs.HOW):
        settings = {name: value for name, value in settings.items() if name not in ("columns", "as_before")}
    jobs.set_options(session(), import_id, form.value.kind, settings)
    return forms.done(url_for("facility_imports.page", import_id=import_id), notice="columns_kept")


@pages.post("/<uuid:import_id>/columns")
@edge.officer_page(IMPORT)
def columns(import_id: uuid.UUID) -> Response:
    """Keeps which column fills which field. A column is sent by its number, so its name may be anything."""
    found, _actor = _mine(import_id)
    seen = look(session(), found)
    form = _posted_columns(seen)
    if form.problems:
        return _page(found, form)
    chosen = {name: seen.headers[int(number)] for name, number in form.typed.items() if number}
    jobs.set_options(session(), import_id, found.kind, {**found.settings, "columns": chosen, "as_before": False})
    return forms.done(url_for("facility_imports.page", import_id=import_id), notice="columns_kept")


def _posted_columns(seen: Look) -> Asked[Any]:
    typed = {name: value for name, value in request.form.items() if name not in forms.OWN}
    form: Asked[Any] = Asked(None, typed)
    taken: dict[str, str] = {}
    for name, number in typed.items():
        if name not in formatting.FIELDS:
            raise Invalid([FieldProblem(name[:60], Message(N_("Unknown field.")))])
        if not number:
            continue
        if not (number.isascii() and number.isdigit() and len(number) < 5 and int(number) < len(seen.headers)):
            form.problems[name] = [gettext("Choose one from the list.")]
        elif number in taken:
            form.problems[name] = [
                gettext("This column is already used for “%(field)s”.", field=formatting.field(taken[number]))
            ]
        taken.setdefault(number, name)
    return form


@pages.post("/<uuid:import_id>/run")
@edge.officer_page(IMPORT)
def run(import_id: uuid.UUID) -> Response:
    """Starts loading, once however often it is tapped; the page then shows how far it is."""
    found, acting = _mine(import_id)
    form = forms.posted(RunForm)
    if form.value is None:
        return _page(found, form)
    try:
        name = jobs.claim(session(), import_id, only_good=form.value.rows == "good", now=now())
    except Conflict:
        return forms.done(url_for("facility_imports.page", import_id=import_id))
    session().commit()  # the run looks for its claim in a session of its own
    background.start(import_id, name, acting)
    return forms.done(url_for("facility_imports.page", import_id=import_id))


@pages.post("/<uuid:import_id>/undo")
@edge.officer_page(IMPORT)
def undo(import_id: uuid.UUID) -> Response:
    """Undoes the import, except for facilities that were changed since."""
    found, acting = _mine(import_id)
    form = forms.posted(Nothing)
    if form.problems:
        return _page(found, form)
    try:
        jobs.undo(session(), acting, import_id, now())
    except Conflict:
        if queries.get(session(), import_id).state != "undone":
            raise
    return forms.done(url_for("facility_imports.page", import_id=import_id), notice="import_undone")


@pages.post("/<uuid:import_id>/discard")
@edge.officer_page(IMPORT)
def discard(import_id: uuid.UUID) -> Response:
    """Removes an upload of which nothing was loaded."""
    found, _acting = _mine(import_id)
    form = forms.posted(Nothing)
    if form.problems:
        return _page(found, form)
    jobs.discard(session(), import_id)
    return forms.done(url_for("facility_imports.index"), notice="discarded")


# What the pages show --------------------------------------------------------------------------------------------


def _mine(import_id: uuid.UUID) -> tuple[Import, Actor]:
    """The import and the actor by whose appointment it may be touched.

    Raises:
        NotFound, NotAllowed: there is none, or it is another area's.
    """
    found = queries.get(session(), import_id)
    return found, edge.demand(IMPORT, found.area_code)


def _state_of(found: Import) -> str:
    return "dead" if found.ended_half_way(now(), jobs.DEAD_AFTER) else found.state


@dataclass(frozen=True)
class _Shown:
    """A page of the preview."""

    rows: list[PlannedRow]
    show: Outcome | None
    page: int
    pages: int


def _shown(seen: Look) -> _Shown | None:
    if seen.plan is None:
        return None
    query = asked(PreviewQuery).value or PreviewQuery()
    rows = [row for row in seen.plan.rows if query.show in (None, row.outcome)]
    if query.show is None:
        rows.sort(key=lambda row: (OUTCOMES.index(row.outcome), row.number))
    count = max(1, -(-len(rows) // ROWS_ON_A_PAGE))
    number = min(query.page, count)
    return _Shown(rows[(number - 1) * ROWS_ON_A_PAGE : number * ROWS_ON_A_PAGE], query.show, number, count)


def _page(found: Import, form: Asked[Any] | None = None) -> Response:
    state = _state_of(found)
    touched = queries.touched(session(), found.id) if state in ("done", "undone") else []
    here = url_for("facility_imports.page", import_id=found.id)
    same = page_freshness.unchanged(
        found.kind, found.settings, state, touched, at=None if request.method in ("GET", "HEAD") else here
    )  # fmt: skip
    if same is not None:
        return same
    seen = look(session(), found) if state in ("uploaded", "failed", "dead") else Look()
    html = render_template(
        "facilities/imports/page.html",
        found=found,
        state=state,
        seen=seen,
        shown=_shown(seen),
        form=form or Asked(None, {}),
        kinds=labels.KIND_LABELS,
        area_name=_area_name(found.area_code),
        touched=touched,
        outcomes=OUTCOMES,
        said=formatting,
        sentences=partial(_sentences, seen=seen),
        told=tell,
    )
    return make_response(html, form.status if form else 200)


def _sentences(row: PlannedRow, seen: Look) -> list[tuple[str, str]]:
    """What is to be said of a row: the column and the sentence."""
    found = [(problem.column, tell(problem.message)) for problem in row.problems]
    if row.outcome == "outside":
        place = seen.plan.places.get(row.tambon or "") if seen.plan else None
        text = (
            gettext("It lies in tambon %(tambon)s, outside your area. Ask the officer there.", tambon=name_of(place))
            if place
            else tell(areas.outside_said(session()))
        )
        found.append(("", text))
    return found + [(note.column, formatting.note(note.told)) for note in row.notes]


def _area_name(code: str) -> str:
    if code == "TH":
        return gettext("Thailand")
    found = areas.names(session(), {code}).get(code)
    return name_of(found) if found else code


def _download(data: bytes, mime: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
