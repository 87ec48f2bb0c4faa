"""The example requests of the demo data: their location, needs and history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Step:
    """A step of an example, ``after`` this many hours."""

    after: float
    action: str
    """``claimed``, ``on_the_way``, ``there``, ``done``, ``released``, ``confirmed``, ``contested``, ``cancelled`` or
    ``closed``."""
    who: str = "resident"
    """User name of a demo person, ``resident`` or ``system``."""
    hours: float = 24
    """Duration of the claim that begins with ``claimed``."""
    need: int | None = None
    """The number of the need; None: all needs."""
    reason: str | None = None
    outcome: str | None = None
    """For ``closed``."""


@dataclass(frozen=True)
class Example:
    """One request. ``north`` and ``east`` are degrees from the reference point of the tambon."""

    key: str
    tambon: str
    urgency: str
    needs: tuple[tuple[str, str | None, int | None], ...]
    """Type, detail and quantity."""
    text: str
    hours_ago: float
    steps: tuple[Step, ...] = ()
    north: float = 0.002
    east: float = 0.002
    people: int = 1
    who: tuple[str, ...] = ()
    """Some of ``bedridden``, ``elderly``, ``small_children``, ``pregnant``."""
    source: str = "web"
    on_behalf: bool = False
    reachable: bool = True
    same_as: str | None = None
    """The example with which it is linked."""


_ONE, _TWO, _ROIET, _OFFICER = "demo.volunteer", "demo.neighbour", "demo.roiet", "demo.tambon"

EXAMPLES: Final = (
    # Chiang Mai ------------------------------------------------------------------------------------------------
    Example("breath", "500101", "life", (("equipment", "ถังออกซิเจน", 1),),
            "แม่หายใจเหนื่อย โทร 1669 แล้ว ระหว่างรออยากได้ออกซิเจน", 0.4, people=1, who=("elderly", "bedridden")),
    Example("rice", "500101", "urgent", (("food", "ข้าวสารและน้ำดื่ม", 3), ("medicine", "ยาความดัน", 1)),
            "อยู่บ้านสามคน กักตัว ออกไปซื้อของไม่ได้", 5, people=3, who=("small_children",), north=-0.003),
    Example("visit", "500107", "normal", (("home_visit", None, None),),
            "อยากให้มาเยี่ยมคุณตา อยู่คนเดียว", 30, who=("elderly",), on_behalf=True),
    Example("ride", "500101", "urgent", (("transport", "ไปฟอกไตวันพรุ่งนี้เช้า", None),),
            "ไม่มีรถไปโรงพยาบาล", 3, (Step(1.5, "claimed", _ONE, hours=6),), east=-0.003, who=("elderly",)),
    Example("lunch", "500107", "urgent", (("food", "อาหารกลางวัน", 5),),
            "ครอบครัวห้าคนยังไม่ได้กินข้าว", 4,
            (Step(2, "claimed", _TWO, hours=6), Step(3.5, "on_the_way", _TWO)), people=5, who=("small_children",)),
    Example("dressing", "500108", "normal", (("medical", "ทำแผล", None),),
            "แผลกดทับ ต้องทำแผลที่บ้าน", 20,
            (Step(12, "claimed", _TWO), Step(18, "on_the_way", _TWO), Step(19, "there", _TWO)), who=("bedridden",)),
    Example("milk", "500109", "urgent", (("food", "นมผงเด็ก", 2),),
            "นมเด็กหมด", 26,
            (Step(2, "claimed", _ONE, hours=6), Step(3, "on_the_way", _ONE), Step(4, "there", _ONE),
             Step(4.5, "done", _ONE, reason="นมผง 2 กระป๋อง")), who=("small_children",)),
    Example("mask", "500110", "normal", (("other", "หน้ากากอนามัย", 20),),
            "ขอหน้ากากให้คนในซอย", 60,
            (Step(5, "claimed", _TWO), Step(8, "done", _TWO, reason="หน้ากาก 20 ชิ้น"), Step(10, "confirmed")), people=8),
    Example("gas", "500111", "urgent", (("equipment", "เครื่องผลิตออกซิเจน", 1),),
            "เครื่องที่ยืมมาใช้ไม่ได้", 28,
            (Step(1, "claimed", _TWO, hours=6), Step(5, "done", _TWO, reason="นำเครื่องมาเปลี่ยน"),
             Step(20, "contested")), who=("bedridden",)),
    Example("found", "500112", "normal", (("food", None, 2),), "ของกินหมด", 40, (Step(6, "cancelled"),), people=2),
    Example("far", "500116", "urgent", (("transport", "ไปรับวัคซีน", None),),
            "บ้านอยู่ไกล รถเข้าลำบาก", 15,
            (Step(1, "claimed", _ONE, hours=2), Step(4, "claimed", _TWO, hours=6),
             Step(6, "released", _TWO, reason="รถเสีย")), who=("elderly",)),
    Example("fever", "500103", "life", (("medical", "ไข้สูง", None),),
            "ลูกไข้สูงไม่ลด โทร 1669 แล้ว", 6, (Step(0.5, "claimed", _ONE, hours=2),), who=("small_children",)),
    Example("note", "500106", "normal", (("medicine", "ยาเบาหวาน", 1),),
            "เพื่อนบ้านฝากขอยา ไม่มีโทรศัพท์", 50, on_behalf=True, reachable=False, who=("elderly",)),
    Example("again", "500101", "urgent", (("food", "ข้าวสาร", 3),),
            "กักตัวอยู่ ขอข้าวกับน้ำ", 4.5, people=3, north=-0.003, same_as="rice"),
    Example("trick", "500114", "life", (("other", None, None),),
            "ขอเงินด่วน", 70, (Step(2, "closed", _OFFICER, reason="โทรแล้วไม่ใช่เรื่องจริง", outcome="not_genuine"),)),
    Example("hill", "500708", "normal", (("food", "อาหารแห้ง", 10), ("medicine", "ยาสามัญ", 1)),
            "หมู่บ้านบนดอย ทางขาด", 80, people=12, who=("elderly", "small_children"), source="hotline", on_behalf=True),
    # Roi Et ----------------------------------------------------------------------------------------------------
    Example("flood", "450101", "urgent", (("food", "ข้าวกล่อง", 6),),
            "น้ำท่วมทางเข้าบ้าน", 2, people=6, who=("elderly",)),
    Example("bed", "450102", "life", (("transport", "ผู้ป่วยติดเตียง", None), ("equipment", "ถังออกซิเจน", 1)),
            "คนไข้ติดเตียงต้องไปโรงพยาบาล โทร 1669 แล้ว", 1, who=("bedridden",)),
    Example("cook", "450103", "urgent", (("food", "ข้าวต้ม", 4), ("home_visit", None, None)),
            "คนป่วยอยู่บ้านสี่คน", 7,
            (Step(1, "claimed", _ROIET, hours=12, need=0), Step(3, "on_the_way", _ROIET, need=0)), people=4),
    Example("baby", "451002", "normal", (("home_visit", "คุณแม่ใกล้คลอด", None),),
            "อยากให้มาดูคุณแม่ท้องแปดเดือน", 33,
            (Step(3, "claimed", _ROIET), Step(9, "done", _ROIET, reason="ไปเยี่ยมและแนะนำ"), Step(12, "confirmed")),
            who=("pregnant",)),
    Example("pill", "450108", "normal", (("medicine", "ยาหัวใจ", 1),),
            "ยาจะหมดมะรืนนี้", 22, (Step(1, "claimed", _ROIET, hours=12),), who=("elderly",)),
    Example("old", "450120", "normal", (("other", "ผ้าอ้อมผู้ใหญ่", 2),),
            "ผ้าอ้อมผู้ใหญ่หมด", 24 * 15, who=("bedridden", "elderly")),
)  # fmt: skip
