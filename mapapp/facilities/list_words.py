"""How lists write kinds and statuses: ours as the Thai pages call them, those of others in further words, too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from mapapp.core.languages import ENGLISH, THAI
from mapapp.facilities.kinds import KIND_ROWS, plain
from mapapp.facilities.labels import KIND_LABELS, STATUS_LABELS
from mapapp.web.translating import translate

_STATUSES_OF_OTHERS = {
    "open": (
        "เปิด",
        "เปิดให้บริการ",
        "เปิดบริการ",
        "เปิดดำเนินการ",
        "เปิดทำการ",
        "เปิดใช้งาน",
        "ดำเนินการ",
        "ดำเนินการอยู่",
        "ให้บริการ",
        "ปกติ",
        "เปิดตามปกติ",
        "เปิดปกติ",
        "พร้อมให้บริการ",
        "open",
        "active",
        "operational",
        "in service",
    ),
    "full": ("เต็ม", "เต็มแล้ว", "เตียงเต็ม", "full"),
    "temporarily_closed": (
        "ปิดชั่วคราว",
        "ปิดบริการชั่วคราว",
        "ปิดทำการชั่วคราว",
        "ปิดให้บริการชั่วคราว",
        "หยุดชั่วคราว",
        "หยุดให้บริการชั่วคราว",
        "งดให้บริการชั่วคราว",
        "งดบริการชั่วคราว",
        "หยุดบริการชั่วคราว",
        "ปิดปรับปรุง",
        "ระงับชั่วคราว",
        "พักชั่วคราว",
        "temporarily closed",
        "temporary closed",
        "suspended",
    ),
    "closed": (
        "ปิด",
        "ปิดถาวร",
        "ปิดบริการ",
        "ปิดทำการ",
        "ปิดดำเนินการ",
        "ปิดกิจการ",
        "เลิกกิจการ",
        "ยกเลิก",
        "ยกเลิกแล้ว",
        "ยุติ",
        "ยุติการให้บริการ",
        "เลิกให้บริการ",
        "ปิดแล้ว",
        "ปิดตัว",
        "closed",
        "permanently closed",
        "inactive",
    ),
}
"""What lists out there say, whatever we call it today: our own lists of earlier years are among them."""


@lru_cache
def kind_words() -> dict[str, tuple[str, ...]]:
    """Kind → its words in lists, ours first. The codes themselves are taken too."""
    return _words(KIND_LABELS, {row.name: row.words for row in KIND_ROWS})


@lru_cache
def status_words() -> dict[str, tuple[str, ...]]:
    """Status → its words in lists, ours first."""
    return _words(STATUS_LABELS, _STATUSES_OF_OTHERS)


def _words(labels: Mapping[str, str], others: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, label in labels.items():
        ours = translate(label, THAI.code)
        in_english = translate(label, ENGLISH.code).casefold()
        found[name] = tuple(dict.fromkeys((ours, plain(ours), *others[name], plain(in_english))))
    return found


def kind_of(word: str | None) -> str | None:
    """The kind that a list's word means, or None."""
    return meant(word or "", kind_words())


def meant(word: str, words: Mapping[str, tuple[str, ...]]) -> str | None:
    """Which of the names a list's word means, or None."""
    asked = plain(word)
    return next((name for name, known in words.items() if asked == plain(name) or asked in known), None)
