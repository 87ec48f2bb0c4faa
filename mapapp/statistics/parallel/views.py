"""Pages of officers: an old form's export to upload, its columns, and how far it is from our figures."""

from __future__ import annotations

import uuid
from typing import Any, Final

from flask import Blueprint, Response, request, url_for

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core import files
from mapapp.core.errors import N_, Conflict, FieldProblem, Invalid
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.lists import sheets, tables
from mapapp.statistics import formatting
from mapapp.statistics.ending.view_helpers import download, page
from mapapp.statistics.parallel import figures, service
from mapapp.statistics.parallel.models import StatisticsOldForm
from mapapp.statistics.parallel.reading import PLACES, Export
from mapapp.statistics.parallel.schemas import ColumnsForm, Difference, UploadForm
from mapapp.statistics.states import shown
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, language, tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session
from mapapp.web.security import takes_up_to

pages = Blueprint("statistics_parallel", __name__)

ACTION: Final = "statistics.compare"
MAX_UPLOAD: Final = tables.MAX_BYTES + 100_000
SHOWN: Final = 200

PLACE_LABELS: Final[dict[str, str]] = {
    "code": N_("Area code"),
    "tambon": N_("Tambon"),
    "amphoe": N_("Amphoe"),
    "province": N_("Province"),
}
assert PLACE_LABELS.keys() == PLACES.keys()

forms.NOTICES.update(
    {
        "statistics_old_form": N_("The export is uploaded."),
        "statistics_columns": N_("The columns are saved. The next export with these headings is read in the same way."),
        "statistics_discarded": N_("The export was removed."),
    }
)


@pages.get("/officer/statistics/parallel")
@edge.officer_page(ACTION)
def index() -> Response:
    """The exports of old forms that were compared, and the form to upload one."""
    return _index(Asked(None, {}))


def _index(form: Asked[Any], status: int = 200) -> Response:
    area = edge.my_area(ACTION)
    recent = service.recent(session(), edge.my_areas(ACTION))
    if not form.problems:
        same = page_freshness.unchanged([(one.id, one.read_at) for one in recent], area)
        if same is not None:
            return same
    choices, _names = areas_shown(area, ACTION, set())
    return page(
        "parallel",
        status,
        form=form, area=area, choices=choices, recent=recent,
        names=areas.with_parents(session(), {area, *(one.area_code for one in recent)}),
    )  # fmt: skip


@pages.post("/officer/statistics/parallel")
@takes_up_to(MAX_UPLOAD)
@edge.officer_page(ACTION)
def upload() -> Response:
    """Reads the file, and goes on to the differences, or to its columns if they are not known."""
    area = edge.my_area(ACTION)
    acting = edge.demand(ACTION, area)
    form = forms.posted(UploadForm)
    file = request.files.get("file")
    name, data = (files.shown_name(file.filename), file.read()) if file is not None and file.filename else ("", b"")
    if not name:
        form.problems.setdefault("file", []).append(gettext("Choose a file."))
    if form.problems or form.value is None:
        return _index(form, 400)
    forms.once()
    try:
        made = service.upload(session(), acting, area=area, file_name=name, data=data, now=now())
    except Invalid as error:
        session().rollback()
        forms.problem(form, Invalid([FieldProblem("file", problem.message) for problem in error.problems]))
        return _index(form, 400)
    return forms.done(url_for("statistics_parallel.one", form_id=made), "statistics_old_form")


def _mine(form_id: uuid.UUID) -> StatisticsOldForm:
    found = service.get(session(), form_id)
    edge.demand(ACTION, found.area_code)
    return found


@pages.get("/officer/statistics/parallel/<uuid:form_id>")
@edge.officer_page(ACTION)
def one(form_id: uuid.UUID) -> Response:
    """An export beside our figures, the largest differences first."""
    return _page(_mine(form_id), Asked(None, {}))


def _page(found: StatisticsOldForm, form: Asked[Any], status: int = 200) -> Response:
    told = service.differences(session(), found.id) if found.read_at is not None else []
    export = Export()
    if found.file is not None:
        try:
            export = service.look(session(), found, only_heads=True)
        except Invalid as error:
            form.problems.setdefault("", []).append(tell(error.message))
    if not form.problems:
        same = page_freshness.unchanged(found.columns, found.same_area, found.read_at, found.file is None, told)
        if same is not None:
            return same
    apart = [one for one in told if not one.agrees]
    missing = service.missing(session(), found.area_code, told) if told else []
    codes = {one.area_code for one in apart[:SHOWN]} | set(missing[:SHOWN]) | {found.area_code}
    return page(
        "old_form",
        status,
        found=found, form=form, export=export, said={column: name for name, column in export.columns.items()},
        places=PLACE_LABELS, measures=figures.choices(language()), apart=apart, agreeing=len(told) - len(apart),
        listed=apart[:SHOWN], missing=missing, skipped=service.skipped(found), told=tell, most=SHOWN,
        names=areas.with_parents(session(), codes), formatting=formatting, figures=figures, shown_as=shown,
    )  # fmt: skip


@pages.post("/officer/statistics/parallel/<uuid:form_id>")
@edge.officer_page(ACTION)
def columns(form_id: uuid.UUID) -> Response:
    """Keeps which column says what; the next export with these headings is read in the same way."""
    found = _mine(form_id)
    form = forms.posted(ColumnsForm)
    try:
        headers = service.look(session(), found, only_heads=True).headers
    except (Invalid, Conflict) as error:
        form.problems.setdefault("", []).append(tell(error.message))
        return _page(found, form, 409)
    chosen = _chosen(form, headers)
    if not form.problems and not PLACES.keys() & chosen.keys():
        form.problems[""] = [gettext("Choose the column that says which area a row is about.")]
    if not form.problems and not chosen.keys() - PLACES.keys():
        form.problems[""] = [gettext("Choose at least one column with figures.")]
    if form.problems or form.value is None:
        return _page(found, form, 400)
    forms.once()
    try:
        service.name_columns(session(), found, chosen, form.value.same_area, now())
    except Invalid as error:
        session().rollback()
        forms.problem(form, error)
        return _page(_mine(form_id), form, 400)
    return forms.done(url_for("statistics_parallel.one", form_id=form_id), "statistics_columns")


def _chosen(form: Asked[Any], headers: list[str]) -> dict[str, str]:
    """What is said → the column that says it; problems beside the columns."""
    known = PLACES.keys() | set(figures.words())
    made: dict[str, str] = {}
    for number, header in enumerate(headers):
        said = form.typed.get(f"c{number}", "")
        if not said:
            continue
        if said not in known:
            form.problems[f"c{number}"] = [gettext("Choose one from the list.")]
        elif said in made:
            form.problems[f"c{number}"] = [gettext("Another column is chosen for this already.")]
        else:
            made[said] = header
    return made


@pages.post("/officer/statistics/parallel/<uuid:form_id>/discard")
@edge.officer_page(ACTION)
def discard(form_id: uuid.UUID) -> Response:
    """Removes an export and its figures."""
    found = _mine(form_id)
    forms.once()
    service.discard(session(), found)
    return forms.done(url_for("statistics_parallel.index"), "statistics_discarded")


HEADS: Final = ("รหัสพื้นที่", "P-code", "จังหวัด", "อำเภอ", "ตำบล", "เรื่อง", "ตัวเลข", "แบบเดิม", "ในระบบ", "สถานะ", "ต่างกัน")


@pages.get("/officer/statistics/parallel/<uuid:form_id>.csv")
@edge.officer_page(ACTION)
def differences(form_id: uuid.UUID) -> Response:
    """All figures of an export beside ours, as a file."""
    found = _mine(form_id)
    told = service.differences(session(), found.id)
    names = areas.with_parents(session(), {one.area_code for one in told})
    rows = (_cells(one, names) for one in told)
    return download(sheets.as_csv(HEADS, rows), sheets.CSV, f"differences-{found.area_code}.csv")


def _cells(one: Difference, names: Any) -> list[Any]:
    place = [names[one.area_code[:length]].name_th if one.area_code[:length] in names and length <= len(one.area_code)
             else None for length in (2, 4, 6)]  # fmt: skip
    measure, figure = figures.named(one.measure, one.figure, "th")
    apart = one.apart
    return [
        one.area_code, f"TH{one.area_code}", *place, measure, figure, one.old, formatting.cell(one.ours),
        formatting.flag(one.ours), None if apart is None else int(apart),
    ]  # fmt: skip
