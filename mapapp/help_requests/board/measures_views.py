"""Figures of requests by area and week: a page, a file, and for programs. Joined to the board's blueprint by import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.clock import BANGKOK
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.help_requests.board import measures as reads
from mapapp.help_requests.board.schemas import Measure, Measures, MeasuresQuery
from mapapp.help_requests.board.views import WORDS, pages
from mapapp.lists import sheets
from mapapp.web.openapi import Api
from mapapp.web.params import asked, query
from mapapp.web.request import now, session

api = Api("help_board", __name__)

MEASURES: Final = "requests.measures"

HEADS: Final = (
    "สัปดาห์",
    "รหัสพื้นที่",
    "พื้นที่",
    "แจ้ง",
    "มีผู้รับงาน",
    "ปิดคำขอว่าได้รับความช่วยเหลือแล้ว",
    "ไม่มีผู้รับใน 24 ชม.",
    "ชม. ถึงรับงาน มัธยฐาน",
    "ชม. ถึงรับงาน P90",
    "ชม. ถึงแจ้งว่าช่วยเสร็จ มัธยฐาน",
    "ชม. ถึงแจ้งว่าช่วยเสร็จ P90",
)


def _found(area: str, weeks: int, *, total: bool) -> list[Measure]:
    return reads.measures(session(), area, now(), weeks=weeks, total=total)


@pages.get("/officer/requests/measures")
@edge.officer_page(MEASURES)
def figures() -> ResponseReturnValue:
    """The figures of an area as a whole, and of the areas right below it."""
    area, form = edge.my_area(MEASURES), asked(MeasuresQuery)
    weeks = (form.value or MeasuresQuery()).weeks
    parts = _found(area, weeks, total=False)
    choices, names = areas_shown(area, MEASURES, {one.area for one in parts})
    made = render_template(
        "help_requests/board/measures.html",
        area=area,
        form=form,
        weeks=weeks,
        total=_found(area, weeks, total=True),
        parts=parts,
        choices=choices,
        first_day=reads.first_day,
        names=names,
        **WORDS,
    )
    return make_response(made, form.status)


@pages.get("/officer/requests/measures.csv")
@edge.officer_page(MEASURES)
def figures_file() -> ResponseReturnValue:
    """The figures of an area as a file for a spreadsheet."""
    area = edge.my_area(MEASURES)
    weeks = query(MeasuresQuery).weeks
    rows = _found(area, weeks, total=True)
    rows += _found(area, weeks, total=False) if len(area) < 6 else []
    response = Response(sheets.as_csv(HEADS, _cells(rows)), mimetype=sheets.CSV)
    name = f"request-figures-{area}-{now().astimezone(BANGKOK):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(rows: Sequence[Measure]) -> list[list[Any]]:
    names = areas.names(session(), {one.area for one in rows})
    return [
        [
            one.week, one.area, names[one.area].name_th if one.area in names else None, one.posted, one.claimed,
            one.helped, one.unserved_24h, one.claim_p50_h, one.claim_p90_h, one.done_p50_h, one.done_p90_h,
        ]
        for one in rows
    ]  # fmt: skip


@api.private(
    "/help-requests/measures",
    query=MeasuresQuery,
    response=Measures,
    action=MEASURES,
    summary="Requests and response times by area and week",
)
def measures(query: MeasuresQuery) -> Measures:
    """The area itself and the areas directly below it, the newest week first. A request counts in the ISO week
    (Bangkok) in which it was sent, with everything that happened later; duplicates and false requests are not counted.
    For officers and auditors only: small numbers can identify a household."""
    edge.allow_somewhere(MEASURES)
    area = edge.my_area(MEASURES)
    found = _found(area, query.weeks, total=True)
    found += _found(area, query.weeks, total=False) if len(area) < 6 else []
    return Measures(area=area, weeks=query.weeks, made_at=now(), measures=found)
