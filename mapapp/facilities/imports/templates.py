"""The downloadable list of each kind: Thai headings, choices, an example sheet and explanations, all in Thai."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from pydantic import BaseModel, ConfigDict

from mapapp.facilities.editing.labels import KIND_FIELDS
from mapapp.facilities.kinds import BY_NAME, USUAL, KindName
from mapapp.facilities.schemas import STATUS_WORDS
from mapapp.lists import sheets

EXAMPLES, EXPLANATIONS = "ตัวอย่าง", "คำอธิบาย"

HEADINGS = {
    "source_ref": ("รหัส", "ควรมี", "รหัสหรือเลขที่ของคุณเอง ไม่ซ้ำกัน นำเข้าครั้งต่อไประบบจะรู้ว่าเป็นที่เดิม"),
    "hcode": ("รหัสสถานพยาบาล", "ควรมี", "รหัส 5 หลักของกระทรวงสาธารณสุข มี 0 นำหน้าได้"),
    "name_th": ("ชื่อ", "ต้องมี", "ชื่อที่ชาวบ้านเรียกและรู้จัก"),
    "name_en": ("ชื่อภาษาอังกฤษ", "ไม่บังคับ", "ถ้ามี"),
    "lat": ("ละติจูด", "ต้องมี", "เลขประมาณ 5–21 เช่น 18.7883 หรือองศา ลิปดา พิลิปดา หรือ UTM ค่าเหนือ"),
    "lon": ("ลองจิจูด", "ต้องมี", "เลขประมาณ 97–106 เช่น 98.9853 ถ้ามีพิกัดช่องเดียว ให้ใช้หัวคอลัมน์ พิกัด แทนสองช่องนี้"),
    "address": ("ที่อยู่", "ไม่บังคับ", "บ้านเลขที่ หมู่ ถนน ตำบล"),
    "phone": ("โทรศัพท์", "ควรมี", "เบอร์ของสถานที่ ไม่ใช่เบอร์ส่วนตัว เพราะประชาชนเห็น"),
    "opening_hours": ("เวลาทำการ", "ควรมี", "เช่น จันทร์-ศุกร์ 08.30-16.30 น. หรือ ทุกวัน 24 ชั่วโมง"),
    "serves": ("กลุ่มเป้าหมาย", "ไม่บังคับ", "ให้บริการใคร เช่น ผู้สูงอายุ 60 ปีขึ้นไป"),
    "beds": ("จำนวนเตียง", "ควรมี", "จำนวนเต็ม"),
    "beds_free": ("เตียงว่าง", "ควรมี", "จำนวนเต็ม ไม่เกินจำนวนเตียง"),
    "test_types": ("วิธีตรวจ", "ควรมี", "เช่น ATK, RT-PCR"),
    "tests_per_day": ("จำนวนตรวจต่อวัน", "ไม่บังคับ", "จำนวนเต็ม"),
    "vaccines": ("วัคซีน", "ควรมี", "ชื่อวัคซีนที่มี"),
    "doses_per_day": ("จำนวนวัคซีนต่อวัน", "ไม่บังคับ", "จำนวนเต็ม"),
    "places": ("จำนวนที่รับได้", "ควรมี", "จำนวนเต็ม"),
    "places_free": ("ที่ว่าง", "ควรมี", "จำนวนเต็ม ไม่เกินจำนวนที่รับได้"),
    "status": ("สถานะ", "ควรมี", "เลือก เปิด เต็ม ปิดชั่วคราว หรือ ปิด ถ้าเว้นว่างถือว่าเปิด"),
    "closed_from": ("ปิดตั้งแต่วันที่", "ไม่บังคับ", "ใช้กับ ปิดชั่วคราว เขียน 20/11/2569 ได้"),
    "closed_until": ("ปิดถึงวันที่", "ไม่บังคับ", "ใช้กับ ปิดชั่วคราว วันที่เปิดอีกครั้ง"),
    "closed_reason": ("เหตุผลที่ปิด", "ควรมีเมื่อปิด", "ประชาชนเห็นข้อความนี้"),
}
"""Field → its heading, whether it is needed, how it is written."""

_FIRST = ("name_th", "name_en", "lat", "lon", "address", "phone", "opening_hours", "serves")
_LAST = ("status", "closed_from", "closed_until", "closed_reason")
_AS_TEXT = frozenset({"source_ref", "hcode", "phone"})

_EXAMPLE = {
    "source_ref": ("001", "002"), "hcode": ("00101", "00102"), "lat": ("18.9130", "18°50'53\"N"),
    "lon": ("98.9440", "99°02'31\"E"), "address": ("หมู่ 1 ต.ริมใต้", "หมู่ 4 ต.สันทรายน้อย"),
    "phone": ("053 920 300", "053140774"), "opening_hours": ("จ-ศ 08:30-16:30", "ทุกวัน 24 ชั่วโมง"),
    "serves": ("ประชาชนทั่วไป", "ผู้สูงอายุ 60 ปีขึ้นไป"), "beds": ("๓๐", "60"), "beds_free": ("5", "12"),
    "test_types": ("ATK", "ATK, RT-PCR"), "tests_per_day": ("200", "๑๕๐"), "vaccines": ("mRNA", "เชื้อตาย"),
    "doses_per_day": ("300", "1,200"), "places": ("40", "๘๐"), "places_free": ("10", "0"),
    "status": ("เปิด", "ปิดชั่วคราว"), "closed_until": (None, "20/12/2569"), "closed_reason": (None, "ปรับปรุงอาคาร"),
}  # fmt: skip


class TemplateQuery(BaseModel):
    """Of which kind."""

    model_config = ConfigDict(frozen=True)

    kind: KindName = USUAL


def fields(kind: str) -> list[str]:
    """The columns of a kind's list."""
    code = ("hcode",) if BY_NAME[kind].code else ("source_ref",)
    return [*code, *_FIRST, *KIND_FIELDS[kind], *_LAST]


def template(kind: str) -> bytes:
    """The workbook: an empty list first, so that no example is loaded by mistake, then examples and explanations."""
    names = fields(kind)
    headings = [HEADINGS[name][0] for name in names]
    book = Workbook()
    sheet: Any = book.active
    sheets.fill(sheet, "รายการ", headings, [])
    _help(sheet, names)
    examples: Any = book.create_sheet()
    sheets.fill(examples, EXAMPLES, headings, [_example(kind, names, at) for at in (0, 1)])
    explained = [[*HEADINGS[name], str(_value(kind, name, 0) or "")] for name in names]
    sheets.fill(book.create_sheet(), EXPLANATIONS, ["คอลัมน์", "จำเป็นไหม", "วิธีเขียน", "ตัวอย่าง"], explained)
    return sheets.packed(book)


def _help(sheet: Any, names: list[str]) -> None:
    for number, name in enumerate(names, start=1):
        letter = get_column_letter(number)
        if name in _AS_TEXT:
            # Otherwise the spreadsheet eats the zeros in front.
            sheet.column_dimensions[letter].number_format = "@"
        if name == "status":
            words = ",".join(known[0] for known in STATUS_WORDS.values())
            choice = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
            choice.error = f"เลือก {words}"
            choice.add(f"{letter}2:{letter}5000")
            sheet.add_data_validation(choice)


def _example(kind: str, names: list[str], at: int) -> list[Any]:
    return [_value(kind, name, at) for name in names]


def _value(kind: str, name: str, at: int) -> Any:
    return BY_NAME[kind].examples[at] if name == "name_th" else _EXAMPLE.get(name, (None, None))[at]
