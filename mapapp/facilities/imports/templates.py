"""The downloadable list of each kind: Thai headings, choices, an example sheet and explanations, all in Thai."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from pydantic import BaseModel, ConfigDict

from mapapp.facilities import fields
from mapapp.facilities.fields import FIELD_ROWS, Sheet
from mapapp.facilities.kinds import BY_NAME, USUAL, KindName
from mapapp.facilities.list_words import status_words
from mapapp.lists import sheets

EXAMPLES, EXPLANATIONS = "ตัวอย่าง", "คำอธิบาย"

_FIRST = ("name_th", "name_en", "lat", "lon")
_LAST = ("status", "closed_from", "closed_until", "closed_reason")
_AS_TEXT = frozenset({"source_ref", "hcode", "phone"})


class TemplateQuery(BaseModel):
    """Of which kind."""

    model_config = ConfigDict(frozen=True)

    kind: KindName = USUAL


def _sheet(name: str) -> Sheet:
    found = fields.BY_NAME[name].sheet
    assert found is not None, name
    return found


def columns(kind: str) -> list[str]:
    """The columns of a kind's list."""
    code = ("hcode",) if BY_NAME[kind].code else ("source_ref",)
    of_all = [row.name for row in FIELD_ROWS if row.sheet and (row.value is None or row.every_kind)]
    more = [name for name in of_all if name not in (*_FIRST, *_LAST)]
    return [*code, *_FIRST, *more, *BY_NAME[kind].fields, *_LAST]


def _statuses() -> list[str]:
    return [known[0] for known in status_words().values()]


def _how(name: str) -> str:
    how = _sheet(name).how
    return how % {"words": ", ".join(_statuses()), "usual": _statuses()[0]} if name == "status" else how


def template(kind: str) -> bytes:
    """The workbook: an empty list first, so that no example is loaded by mistake, then examples and explanations."""
    names = columns(kind)
    headings = [_sheet(name).head for name in names]
    book = Workbook()
    sheet: Any = book.active
    sheets.fill(sheet, "รายการ", headings, [])
    _help(sheet, names)
    examples: Any = book.create_sheet()
    sheets.fill(examples, EXAMPLES, headings, [_example(kind, names, at) for at in (0, 1)])
    told = ((name, _sheet(name)) for name in names)
    explained = [[one.head, one.needed, _how(name), str(_value(kind, name, 0) or "")] for name, one in told]
    sheets.fill(book.create_sheet(), EXPLANATIONS, ["คอลัมน์", "จำเป็นไหม", "วิธีเขียน", "ตัวอย่าง"], explained)
    return sheets.packed(book)


def _help(sheet: Any, names: list[str]) -> None:
    for number, name in enumerate(names, start=1):
        letter = get_column_letter(number)
        if name in _AS_TEXT:
            # Otherwise the spreadsheet eats the zeros in front.
            sheet.column_dimensions[letter].number_format = "@"
        if name == "status":
            words = ",".join(_statuses())
            choice = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
            choice.error = f"เลือก {words}"
            choice.add(f"{letter}2:{letter}5000")
            sheet.add_data_validation(choice)


def _example(kind: str, names: list[str], at: int) -> list[Any]:
    return [_value(kind, name, at) for name in names]


def _value(kind: str, name: str, at: int) -> Any:
    example = BY_NAME[kind].examples[at] if name == "name_th" else _sheet(name).examples[at]
    return status_words()[str(example)][0] if name == "status" else example
