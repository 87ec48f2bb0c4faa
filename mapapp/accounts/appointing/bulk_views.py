"""Pages to appoint many people from one list: upload, preview of each row, and the sheets to print."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from mapapp.accounts import edge, labels
from mapapp.accounts.appointing import bulk
from mapapp.accounts.appointing.bulk import Judged, Made
from mapapp.accounts.edge import officer_page
from mapapp.accounts.people import view_helpers as shown
from mapapp.accounts.people.view_helpers import page
from mapapp.accounts.schemas import BulkForm
from mapapp.areas import queries as areas
from mapapp.audit import service as audit
from mapapp.core import phones
from mapapp.core.errors import N_, Conflict, Invalid, invalid
from mapapp.lists import sheets
from mapapp.web import forms
from mapapp.web.i18n import tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session
from mapapp.web.security import takes_up_to

pages = Blueprint("people_bulk", __name__)

forms.NOTICES["links-shown"] = N_(
    "The links were shown once. If someone lost theirs, create a new one on that person's page."
)


@pages.get("/officer/people/bulk")
@officer_page("people.appoint")
def start() -> Response:
    """The page on which a list of people to appoint is uploaded."""
    return _page(Asked(None, {}))


def _page(form: Asked[Any], status: int = 200, **values: Any) -> Response:
    more = {"judged": None, "packed": "", "remarks": [], "most": bulk.MAX_ROWS, **values}
    return page("bulk", status, form=form, spoken=phones.spoken, **more)


@pages.get("/officer/people/bulk/template.xlsx")
@officer_page("people.appoint")
def template() -> Response:
    """The template to fill in, with examples and the words for the roles."""
    headers = [words[0] for name, words in bulk.HEADERS.items() if name not in ("tambon", "amphoe", "province")]
    examples = [
        ["ตัวอย่าง สมชาย ใจดี", "081 234 5678", "เจ้าหน้าที่ตำบล", "ต.สุเทพ อ.เมืองเชียงใหม่ จ.เชียงใหม่", "อบต.สุเทพ", "",
         "30/09/2570", "1/11/2569", "31/10/2570"],
        ["ตัวอย่าง สมหญิง มั่นคง", "089 876 5432", "ผู้ประสานงานอำเภอ", "5007", "ที่ว่าการอำเภอแม่ริม", "", "",
         "1/11/2569", "31/10/2570"],
    ]  # fmt: skip
    notes = [
        ["หน้าที่", "พื้นที่"],
        *([words[0], _AREA_HINTS[role]] for role, words in bulk.ROLE_WORDS.items() if role in _AREA_HINTS),
        ["ลบสองแถวตัวอย่างก่อนส่ง", "พื้นที่เขียนเป็นรหัส หรือชื่อตำบล อำเภอ จังหวัด"],
    ]
    made = Response(sheets.workbook(headers, examples, title="แต่งตั้ง", notes=notes), mimetype=sheets.MIME)
    made.headers["Content-Disposition"] = 'attachment; filename="appointments.xlsx"'
    return made


_AREA_HINTS = {
    "province_admin": "จังหวัด (รหัส 2 หลัก)",
    "amphoe_coordinator": "อำเภอ (รหัส 4 หลัก)",
    "tambon_officer": "ตำบล (รหัส 6 หลัก)",
    "data_volunteer": "จังหวัด อำเภอ หรือตำบล",
    "volunteer": "จังหวัด อำเภอ หรือตำบล",
    "auditor": "จังหวัด อำเภอ หรือตำบล",
}


@pages.post("/officer/people/bulk")
@takes_up_to(bulk.MAX_BYTES + 100_000)
@officer_page("people.appoint")
def hand_in() -> Response:
    """Shows the preview of each row; then appoints the people.

    Both steps have one address, so that a person who must enter the password first comes back to this page.
    """
    return _appoint() if "rows" in request.form else _look()


def _look() -> Response:
    """Shows what will happen to each row. Writes only the audit entry of the view."""
    form: Asked[Any] = Asked(None, {})
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise invalid("file", N_("Choose a file first."))
        with upload.stream as opened:
            lines, remarks = bulk.read(opened.read(bulk.MAX_BYTES + 1))
    except Invalid as error:
        forms.problem(form, error)
        return _page(form, 400)
    judged = bulk.judge(session(), edge.vault(), edge.actor(), lines, now())
    _on_record(judged)
    return _judged_page(form, judged, bulk.pack(lines), remarks=remarks)


def _on_record(judged: list[Judged]) -> None:
    """Records in the audit log whose accounts were found by the phone numbers of the list."""
    by = edge.allow_somewhere("people.appoint")
    known = sorted({str(one.person_id) for one in judged if one.known})
    if known:
        audit.record(
            session(), by, "person.match", "list", len(judged), area_code=by.by.area_code if by.by else None,
            now=now(), details={"people": known},
        )  # fmt: skip


def _judged_page(form: Asked[Any], judged: list[Judged], packed: str, status: int = 200, **more: Any) -> Response:
    codes = {one.area_code[:length] for one in judged if one.area_code for length in (2, 4, 6)} - {"TH"}
    return _page(
        form,
        status,
        judged=judged,
        packed=packed,
        names=areas.names(session(), codes),
        good=sum(one.good for one in judged),
        **more,
    )


def _appoint() -> Response:
    """Appoints all rows, or the good ones; shows each person's sheet, once."""
    form = forms.posted(BulkForm)
    if form.value is None:
        return _page(Asked(None, {}, {"file": [text for texts in form.problems.values() for text in texts]}), 400)
    empty: Asked[Any] = Asked(None, {})
    try:
        lines = bulk.unpack(form.value.rows)
    except Invalid as error:
        forms.problem(empty, error)
        return _page(empty, 400)
    forms.once()
    try:
        judged, made = bulk.carry_out(
            session(), edge.vault(), edge.actor(), lines, now(), only_good=form.value.take == "good"
        )
    except (Conflict, Invalid) as error:
        session().rollback()
        empty.problems[""] = [tell(error.message)]
        return _page(empty, 409)
    if not made:
        session().rollback()
        return _judged_page(empty, judged, bulk.pack(lines), 409)
    forms.done(url_for("people.index"), "links-shown")
    return _sheets(judged, made)


def _sheets(judged: list[Judged], made: list[Made]) -> Response:
    codes = {terms.area_code[:length] for one in made for terms in one.held for length in (2, 4, 6)} - {"TH"}
    names = areas.names(session(), codes)
    printed = [
        (shown.sheet(one.person.name, one.person.organisation, one.held, names, one.link), one.person)
        for one in made
        if one.link
    ]
    session().commit()
    shown.by_mail(printed)
    return page(
        "sheets",
        sheets=[sheet for sheet, _person in printed],
        by=edge.actor(),
        back=url_for("people.index"),
        without=[one.person.name for one in made if one.link is None],
        left_out=[one for one in judged if not one.good],
        role_names=labels.ROLES,
    )
