"""The workbook of an amphoe: its villages, a row each, and a sheet for households; it comes back as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from mapapp.areas.results import AreaName
from mapapp.lists import sheets
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.entering.schemas import MOST_IN_HOUSEHOLD, MOST_IN_VILLAGE
from mapapp.survey.groups import FIELDS, GROUPS, RULE
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets.columns import HELP, MARK, PLACES
from mapapp.web.i18n import translate

VILLAGES: Final = "ทั้งหมู่บ้าน"
HOUSEHOLDS: Final = "ครัวเรือน"

HOUSEHOLD_ROWS: Final = 2_000
"""Rows in which the cells of the second sheet are checked while typing."""

TOP: Final = 4
"""The first row below title and headings."""

_HEAD = PatternFill("solid", fgColor="E3F1EB")
_BOLD = Font(bold=True)
_LINE = Border(left=Side(style="medium", color="6B8F80"))
_WRAP = Alignment(wrap_text=True, vertical="top", horizontal="center")


def template(found: Round, area: str, names: Mapping[str, AreaName], villages: Sequence[VillageName]) -> bytes:
    """The workbook of an area, in Thai, with its villages in it."""
    book = Workbook()
    where = " ".join(
        names[area[:length]].name_th for length in (6, 4, 2) if area[:length] in names and len(area) >= length
    )
    title = f"สำรวจการฉีดวัคซีน: {found.name} · {where}"
    first: Any = book.active
    _headed(first, VILLAGES, f"{title} · ยอดรวมทั้งหมู่บ้าน", ("village", "tambon", "number", "name", "observed_at"))
    for village in villages:
        tambon = names.get(village.tambon_code)
        row = [village.code, tambon.name_th if tambon else village.tambon_code, village.number, village.name_th]
        first.append([sheets.neutral(cell) for cell in row])
    _checked(first, 6, len(villages) + TOP, MOST_IN_VILLAGE)
    second = book.create_sheet()
    _headed(second, HOUSEHOLDS, f"{title} · ครัวเรือนละหนึ่งแถว", ("village", "household", "observed_at"))
    _checked(second, 4, HOUSEHOLD_ROWS, MOST_IN_HOUSEHOLD)
    _help(book.create_sheet())
    _mark(book, found, area, villages, second)
    return sheets.packed(book)


def _headed(sheet: Any, name: str, title: str, places: Sequence[str]) -> None:
    """A title over everything, then headings in two rows: each group's name merged over what is counted in it."""
    sheet.title = name
    groups = [(translate(group.name, "th"), [translate(text, "th") for text in FIELDS.values()]) for group in GROUPS]
    sheet.append([sheets.neutral(title)])
    sheet.append([*(PLACES[place][0] for place in places), *(
        cell for group, fields in groups for cell in (group, *[None] * (len(fields) - 1))
    )])  # fmt: skip
    sheet.append([*[None] * len(places), *(field for _group, fields in groups for field in fields)])
    last = len(places) + sum(len(fields) for _group, fields in groups)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=min(last, 12))
    for column in range(1, len(places) + 1):
        sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    column = len(places) + 1
    for _group, fields in groups:
        sheet.merge_cells(start_row=2, end_row=2, start_column=column, end_column=column + len(fields) - 1)
        for row in (2, 3):
            _set(sheet.cell(row, column), border=_LINE)
        column += len(fields)
    sheet["A1"].font = Font(bold=True, size=14)
    for row in (2, 3):
        for one in range(1, last + 1):
            cell = sheet.cell(row, one)
            cell.font, cell.fill, cell.alignment = _BOLD, _HEAD, _WRAP
            sheet.column_dimensions[get_column_letter(one)].width = 9 if one > len(places) else 16
    sheet.row_dimensions[3].height = 48
    sheet.freeze_panes = f"{get_column_letter(4 if len(places) > 3 else 3)}{TOP}"  # a cell would begin an empty row
    if "household" in places:
        sheet.column_dimensions["A"].width = 34
        sheet.column_dimensions[get_column_letter(places.index("household") + 1)].number_format = "@"
    _set(sheet.page_setup, orientation="landscape", paperSize=sheet.PAPERSIZE_A4)


def _set(target: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(target, name, value)


def _checked(sheet: Any, first: int, last_row: int, most: int) -> None:
    """Numbers only, while typing."""
    letters = get_column_letter(first), get_column_letter(first - 1 + len(GROUPS) * len(FIELDS))
    rule = DataValidation("whole", operator="between", formula1="0", formula2=str(most), allow_blank=True)
    _set(rule, showErrorMessage=True, errorTitle="จำนวนคน", error=f"กรอกจำนวนเต็มตั้งแต่ 0 ถึง {most:,}")
    rule.add(f"{letters[0]}{TOP}:{letters[1]}{max(last_row, TOP)}")
    sheet.add_data_validation(rule)


def _help(sheet: Any) -> None:
    sheet.title = HELP
    for line in (
        "กรอกได้แผ่นใดแผ่นหนึ่งต่อหมู่บ้าน: ยอดรวมทั้งหมู่บ้าน หรือครัวเรือนละแถว หมู่บ้านหนึ่งบันทึกได้แบบเดียว",
        translate(RULE, "th"),
        "กลุ่มที่ไม่มีคนอยู่ กรอก 0 ที่ “อยู่จริงขณะนี้” กลุ่มที่ยังไม่ได้ถาม เว้นว่างทั้งกลุ่ม",
        "ยังไม่ได้ฉีด + 1 เข็ม + 2 เข็ม + 3 เข็มขึ้นไป + ถามไม่ได้ ต้องเท่ากับ อยู่จริงขณะนี้ (เว้น อยู่จริงขณะนี้ ไว้ได้ ระบบรวมให้)",
        "คนที่ไม่ประสงค์ฉีด นับซ้ำในช่องนั้นด้วย ไม่ต้องใส่ชื่อใคร",
        "แถวรวมและแถวที่ซ่อนไว้ไม่นำเข้า",
    ):
        sheet.append([line])
    sheet.column_dimensions["A"].width = 120


def _mark(book: Workbook, found: Round, area: str, villages: Sequence[VillageName], second: Any) -> None:
    """The hidden sheet: of what the workbook is, and the villages to choose from."""
    hidden = book.create_sheet(MARK)
    hidden.append([MARK, found.id, found.version, area])
    for village in villages:
        hidden.append([sheets.neutral(f"{village.code} หมู่ที่ {village.number} {village.name_th or ''}".strip())])
    _set(hidden, sheet_state="veryHidden")
    if villages:
        choice = DataValidation("list", formula1=f"{MARK}!$A$2:$A${len(villages) + 1}", allow_blank=True)
        _set(choice, showErrorMessage=True, error="เลือกหมู่บ้านจากรายการ")
        choice.add(f"A{TOP}:A{HOUSEHOLD_ROWS}")
        second.add_data_validation(choice)
