"""The fields of a pin: one row each. Whatever handles fields one by one takes them from here.

A row with a ``value`` is read, checked, stored, shown and written the same way everywhere: in the form, in lists in and
out, in the history, the API, the public page. The others are handled each in its own way (``schemas.FacilityFacts``);
their rows have their words. A field more is a row here, a migration and the column in ``models.Facility``, and its
words in Thai; where it is not for every kind, the kinds' rows name it (``kinds.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, create_model

from mapapp.core.errors import N_
from mapapp.facilities.kinds import BY_NAME as KINDS_BY_NAME
from mapapp.facilities.kinds import KIND_ROWS

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Sheet:
    """A field in the list to fill in, all in Thai: its heading, whether it is needed, how it is written."""

    head: str
    needed: str
    how: str
    examples: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True)
class Said:
    """A field with its own age: the column with the time of its last update, and its label."""

    at: str
    label: str
    about: str = ""


@dataclass(frozen=True)
class Of:
    """A count of what is free: of which other field, and what is said where more is free than there is."""

    field: str
    too_many: str
    too_few: str
    """Where a list would leave fewer (``%(there)s``) than are free (``%(free)s``)."""


@dataclass(frozen=True)
class Field:
    """A field of a pin, or of a list of pins."""

    name: str
    """As its column is called and as the API says it."""
    label: str = ""
    """English key for gettext; none: only the command line knows the field."""
    value: Literal["count", "text"] | None = None
    about: str | None = None
    """What it is, for the API's document."""
    every_kind: bool = False
    """Asked of every kind; else of the kinds whose rows name it."""
    hint: str = ""
    head: str = ""
    """How our own lists head it; none: it is in none of them."""
    heads: tuple[str, ...] = ()
    """How others' lists do, too. The name itself is taken as well."""
    sheet: Sheet | None = None
    said: Said | None = None
    of: Of | None = None
    unit: str = ""
    """What stands behind the count in an officer's table."""
    on_map: tuple[str, str] | None = None
    """What the map shows for the count: with the day of the last update, and without it."""


LAST_DAY_CLOSED: Final = ("ปิดถึง", "ปิดถึงวันที่", "วันที่สิ้นสุดการปิด")
"""Headings of the last day on which a place is closed; it opens on the next."""

FIELD_ROWS: Final = (
    Field("kind", N_("Type"), head="ประเภท", heads=("ชนิด", "ประเภทจุดบริการ")),
    Field(
        "name_th",
        N_("Name"),
        head="ชื่อ",
        heads=("name", "ชื่อสถานที่", "ชื่อหน่วยงาน", "ชื่อโรงพยาบาล", "ชื่อสถานพยาบาล", "ชื่อจุดบริการ", "ชื่อไทย"),
        sheet=Sheet("ชื่อ", "ต้องมี", "ชื่อที่ชาวบ้านเรียกและรู้จัก"),
    ),
    Field(
        "name_en",
        N_("Name in English"),
        head="ชื่ออังกฤษ",
        heads=("english name", "ชื่อภาษาอังกฤษ"),
        sheet=Sheet("ชื่อภาษาอังกฤษ", "ไม่บังคับ", "ถ้ามี"),
    ),
    Field("point", N_("Location on the map")),
    Field(
        "address",
        N_("Address"),
        head="ที่อยู่",
        heads=("address_th", "ที่ตั้ง"),
        sheet=Sheet("ที่อยู่", "ไม่บังคับ", "บ้านเลขที่ หมู่ ถนน ตำบล", ("หมู่ 1 ต.ริมใต้", "หมู่ 4 ต.สันทรายน้อย")),
    ),
    Field(
        "phone",
        N_("Phone"),
        head="โทรศัพท์",
        heads=(
            "tel", "telephone", "โทร", "เบอร์โทร", "เบอร์โทรศัพท์", "หมายเลขโทรศัพท์", "เบอร์", "เบอร์ติดต่อ",
            "เบอร์โทรติดต่อ", "โทรศัพท์ติดต่อ", "หมายเลขติดต่อ", "ติดต่อ",
        ),
        sheet=Sheet(
            "โทรศัพท์", "ควรมี", "เบอร์ของสถานที่ ไม่ใช่เบอร์ส่วนตัว เพราะประชาชนเห็น", ("053 920 300", "053140774")
        ),
    ),
    Field(
        "phone_more",
        N_("Extension, further numbers"),
        hint=N_("for example: ext. 12, 081 234 5678. Everyone can see it."),
        head="โทรศัพท์เพิ่มเติม",
        heads=(
            "phone2", "เบอร์ต่อ", "เบอร์สำรอง", "เบอร์โทรสำรอง", "โทรศัพท์2", "เบอร์โทร2", "เบอร์โทรศัพท์2", "มือถือ",
            "เบอร์มือถือ",
        ),
    ),
    Field(
        "opening_hours",
        N_("Opening hours"),
        head="เวลาทำการ",
        heads=(
            "hours", "เวลาเปิดทำการ", "เวลาเปิดปิด", "เวลาเปิด", "เวลาให้บริการ", "เวลาเปิดให้บริการ", "เวลาบริการ",
            "วันเวลาทำการ", "วันเวลาเปิดทำการ", "วันเวลาเปิด", "วันเวลาให้บริการ", "วันและเวลาทำการ", "วันและเวลาเปิดทำการ",
            "วันและเวลาให้บริการ", "วันเปิดทำการ",
        ),
        sheet=Sheet(
            "เวลาทำการ", "ควรมี", "เช่น จันทร์-ศุกร์ 08.30-16.30 น. หรือ ทุกวัน 24 ชั่วโมง",
            ("จ-ศ 08:30-16:30", "ทุกวัน 24 ชั่วโมง"),
        ),
    ),
    Field(
        "serves",
        N_("For whom"),
        value="text",
        about="who is served",
        every_kind=True,
        hint=N_("for example: everyone, people of this amphoe, by appointment"),
        head="กลุ่มเป้าหมาย",
        heads=("ผู้รับบริการ", "ให้บริการ"),
        sheet=Sheet(
            "กลุ่มเป้าหมาย", "ไม่บังคับ", "ให้บริการใคร เช่น ผู้สูงอายุ 60 ปีขึ้นไป", ("ประชาชนทั่วไป", "ผู้สูงอายุ 60 ปีขึ้นไป")
        ),
    ),
    Field(
        "beds",
        N_("Beds"),
        value="count",
        head="เตียง",
        heads=("bed", "จำนวนเตียง", "เตียงทั้งหมด", "จำนวนเตียงทั้งหมด"),
        sheet=Sheet("จำนวนเตียง", "ควรมี", "จำนวนเต็ม", ("๓๐", "60")),
    ),
    Field(
        "beds_free",
        N_("Free beds"),
        value="count",
        head="เตียงว่าง",
        heads=("free beds", "จำนวนเตียงว่าง", "เตียงคงเหลือ", "เตียงเหลือ"),
        sheet=Sheet("เตียงว่าง", "ควรมี", "จำนวนเต็ม ไม่เกินจำนวนเตียง", ("5", "12")),
        said=Said("beds_free_at", N_("Free beds last counted"), "when the free beds were last counted"),
        of=Of(
            "beds",
            N_("There are more free beds than beds."),
            N_("There would be %(there)s beds, but %(free)s free beds. Give the free beds in the list, too."),
        ),
        unit=N_("beds free"),
        on_map=(N_("%(count)s beds free (%(day)s)"), N_("%(count)s beds free (date not known)")),
    ),
    Field(
        "doses_per_day",
        N_("Vaccine doses a day"),
        value="count",
        head="โดสต่อวัน",
        heads=("doses", "จำนวนวัคซีนต่อวัน"),
        sheet=Sheet("จำนวนวัคซีนต่อวัน", "ไม่บังคับ", "จำนวนเต็ม", ("300", "1,200")),
        said=Said("doses_at", N_("Doses last updated"), "when the doses were last updated"),
        unit=N_("doses a day"),
    ),
    Field(
        "tests_per_day",
        N_("Tests a day"),
        value="count",
        head="จำนวนตรวจต่อวัน",
        heads=("tests",),
        sheet=Sheet("จำนวนตรวจต่อวัน", "ไม่บังคับ", "จำนวนเต็ม", ("200", "๑๕๐")),
        said=Said("tests_at", N_("Tests last updated"), "when the tests were last updated"),
        unit=N_("tests a day"),
    ),
    Field(
        "test_types",
        N_("Types of test"),
        value="text",
        hint=N_("for example ATK, RT-PCR"),
        head="ชนิดการตรวจ",
        heads=("วิธีตรวจ", "ประเภทการตรวจ"),
        sheet=Sheet("วิธีตรวจ", "ควรมี", "เช่น ATK, RT-PCR", ("ATK", "ATK, RT-PCR")),
    ),
    Field(
        "vaccines",
        N_("Vaccines"),
        value="text",
        hint=N_("for example Pfizer, AstraZeneca"),
        head="ชนิดวัคซีน",
        heads=("วัคซีน", "วัคซีนที่ให้บริการ"),
        sheet=Sheet("วัคซีน", "ควรมี", "ชื่อวัคซีนที่มี", ("mRNA", "เชื้อตาย")),
    ),
    Field(
        "places",
        N_("Spaces to stay"),
        value="count",
        head="จำนวนที่รับได้",
        heads=("รับได้", "จำนวนที่", "ที่ทั้งหมด"),
        sheet=Sheet("จำนวนที่รับได้", "ควรมี", "จำนวนเต็ม", ("40", "๘๐")),
    ),
    Field(
        "places_free",
        N_("Free spaces to stay"),
        value="count",
        head="จำนวนที่ว่าง",
        heads=("ที่ว่าง", "รับได้อีก", "ที่คงเหลือ"),
        sheet=Sheet("ที่ว่าง", "ควรมี", "จำนวนเต็ม ไม่เกินจำนวนที่รับได้", ("10", "0")),
        said=Said("places_free_at", N_("Free spaces last counted"), "when the free places were last counted"),
        of=Of(
            "places",
            N_("There are more free spaces than spaces."),
            N_("There would be %(there)s spaces, but %(free)s free spaces. Give the free spaces, too."),
        ),
        unit=N_("spaces free"),
        on_map=(N_("%(count)s spaces free (%(day)s)"), N_("%(count)s spaces free (date not known)")),
    ),
    Field(
        "status",
        N_("Status"),
        head="สถานะ",
        sheet=Sheet(
            "สถานะ", "ควรมี", "เลือก %(words)s ถ้าเว้นว่างถือว่า%(usual)s", ("open", "temporarily_closed")
        ),
        said=Said("status_at", N_("Status last updated")),
    ),
    Field(
        "closed_from",
        N_("Closed from"),
        head="ปิดตั้งแต่",
        heads=("ปิดตั้งแต่วันที่",),
        sheet=Sheet("ปิดตั้งแต่วันที่", "ไม่บังคับ", "ใช้กับ ปิดชั่วคราว เขียน 20/11/2569 ได้"),
    ),
    Field(
        "closed_until",
        N_("Opens again on"),
        head="เปิดอีกครั้งวันที่",
        heads=("เปิดอีกครั้ง", "วันที่เปิดอีกครั้ง", *LAST_DAY_CLOSED),
        sheet=Sheet("เปิดอีกครั้งวันที่", "ไม่บังคับ", "ใช้กับ ปิดชั่วคราว วันแรกที่เปิด", (None, "21/12/2569")),
    ),
    Field(
        "closed_reason",
        N_("Reason for closing"),
        head="เหตุผลที่ปิด",
        heads=("สาเหตุที่ปิด",),
        sheet=Sheet("เหตุผลที่ปิด", "ควรมีเมื่อปิด", "ประชาชนเห็นข้อความนี้", (None, "ปรับปรุงอาคาร")),
    ),
    Field("merged_into", N_("Same facility as")),
)  # fmt: skip
"""What an editor, a program or an undo may change; everything else follows from these."""

LIST_ROWS: Final = (
    Field(
        "source_ref",
        N_("Reference (code) in this list"),
        head="รหัส",
        heads=("ref", "code", "uuid", "id"),
        sheet=Sheet("รหัส", "ควรมี", "รหัสของคุณเอง ไม่ซ้ำกัน นำเข้าครั้งต่อไประบบจะรู้ว่าเป็นที่เดิม", ("001", "002")),
    ),
    Field("pin", N_("Number of the facility in this service"), head="เลขที่ในระบบ"),
    Field(
        "hcode",
        N_("Health facility code"),
        heads=("hcode5", "hcode9", "hospcode", "รหัสสถานพยาบาล", "รหัสโรงพยาบาล", "รหัสหน่วยบริการ"),
        sheet=Sheet("รหัสสถานพยาบาล", "ควรมี", "รหัส 5 หลักของกระทรวงสาธารณสุข มี 0 นำหน้าได้", ("00101", "00102")),
    ),
    Field(
        "lat",
        N_("Latitude"),
        head="ละติจูด",
        heads=("latitude", "y", "ละติจูต"),
        sheet=Sheet(
            "ละติจูด", "ต้องมี", "เลขประมาณ 5–21 เช่น 18.7883 หรือองศา ลิปดา พิลิปดา หรือ UTM ค่าเหนือ",
            ("18.9130", "18°50'53\"N"),
        ),
    ),
    Field(
        "lon",
        N_("Longitude"),
        head="ลองจิจูด",
        heads=("lng", "long", "longitude", "x", "ลองติจูด"),
        sheet=Sheet(
            "ลองจิจูด", "ต้องมี",
            "เลขประมาณ 97–106 เช่น 98.9853 ถ้ามีพิกัดช่องเดียว ให้ใช้หัวคอลัมน์ พิกัด แทนสองช่องนี้",
            ("98.9440", "99°02'31\"E"),
        ),
    ),
    Field(
        "coordinates",
        N_("Coordinates in one column"),
        heads=(
            "coordinate", "latlon", "latlong", "latlng", "gps", "พิกัด", "พิกัดจีพีเอส", "พิกัดgps", "พิกัดที่ตั้ง", "พิกัดสถานที่",
            "geopoint", "location", "gps coordinates", "ละติจูด ลองจิจูด", "ละติจูดลองจิจูด", "wkt", "geometry",
        ),
    ),
    Field(
        "tambon",
        N_("Tambon, to check the location"),
        heads=("ตำบล", "แขวง", "ตำบล/แขวง", "ชื่อตำบล", "subdistrict", "tambon_th"),
    ),
    Field(
        "amphoe",
        N_("Amphoe, to check the location"),
        heads=("อำเภอ", "เขต", "อำเภอ/เขต", "ชื่ออำเภอ", "district", "amphoe_th"),
    ),
    Field("province", N_("Province, to check the location"), heads=("จังหวัด", "ชื่อจังหวัด", "changwat", "province_th")),
    Field("verified_at", N_("Checked on"), heads=("ตรวจสอบเมื่อ", "วันที่ตรวจสอบ")),
    Field("verified_by", heads=("ผู้ตรวจสอบ",)),
)  # fmt: skip
"""What only lists have."""

MADE: Final = tuple(row for row in FIELD_ROWS if row.value is not None)
"""The fields that are handled by their rows alone."""

NAMES: Final = tuple(row.name for row in FIELD_ROWS)
BY_NAME: Final = {row.name: row for row in (*FIELD_ROWS, *LIST_ROWS)}
COUNTS: Final = tuple(row.name for row in MADE if row.value == "count")
TEXTS: Final = tuple(row.name for row in MADE if row.value == "text")
EVERY_KIND: Final = tuple(row.name for row in MADE if row.every_kind)

SAID_AT: Final = {row.name: row.said.at for row in FIELD_ROWS if row.said is not None}
"""Fields with their own age, and the columns with the times of their last updates."""

OF_HOW_MANY: Final = {row.name: row.of for row in MADE if row.of is not None}
"""What is free → of how many."""

CAPACITY: Final = tuple(row.name for row in MADE if row.said is not None)
"""Fields that a hospital's own system can update."""

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    row.name: tuple(dict.fromkeys(filter(None, (row.name, row.head, row.sheet.head if row.sheet else "", *row.heads))))
    for row in (*LIST_ROWS, *FIELD_ROWS)
    if row.head or row.heads
}
"""How lists head their columns, for each field."""

STORED: Final = tuple(
    name for row in MADE for name in (row.name, *((row.said.at,) if row.said is not None else ()))
)  # fmt: skip
"""The columns of ``MADE``, each with the one of when it was last said."""

COMMON: Final = ("kind", "name_th", "name_en", "phone", "phone_more", "address", *EVERY_KIND)
"""Fields of every kind that the form has each in one input."""

OF_KINDS: Final[dict[tuple[str, ...], list[str]]] = {}
"""Fields that are asked together → the kinds that have them."""
for _kind in KIND_ROWS:
    OF_KINDS.setdefault(_kind.fields, []).append(_kind.name)

if unknown := {name for kind in KIND_ROWS for name in (*kind.fields, kind.measure)} - {row.name for row in MADE}:
    raise LookupError(f"kinds.py names fields that are none: {sorted(unknown)}")


_OF_SOME_KINDS: Final = frozenset(name for kind in KIND_ROWS for name in kind.fields)


def of_other_kinds(kind: str, names: Iterable[str]) -> list[str]:
    """The fields among ``names`` that facilities of this kind do not have; other names are left out."""
    return [name for name in names if name in _OF_SOME_KINDS and name not in KINDS_BY_NAME[kind].fields]


def with_fields(more: Mapping[str, tuple[Any, Any]]) -> Callable[[type[Model]], type[Model]]:
    """Gives a model these fields, too: name → type and default, as pydantic's ``create_model`` takes them."""

    def made(model: type[Model]) -> type[Model]:
        whole: type[Model] = create_model(  # type: ignore[call-overload]  # fields made by name
            model.__name__, __base__=model, __doc__=model.__doc__, __module__=model.__module__, **more
        )
        return whole

    return made
