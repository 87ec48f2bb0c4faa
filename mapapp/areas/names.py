"""Place names as people type them: one spelling for comparing, and the words of a line typed into a search box.

A name is compared without blanks, marks of punctuation, case, and the word for its level, so that “Ko Pha-ngan”,
“ko phangan” and “อ.เกาะพะงัน” meet their area. Similar spellings are pg_trgm's business (``search.py``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from mapapp.fields import arabic_digits

MAX_TEXT = 200
"""Characters of a search that are looked at."""

MAX_WORDS = 6
"""Words of a search that are looked at; “village tambon amphoe province postcode” has five."""

_LEVEL_WORDS = {
    "ตำบล": "tambon",
    "แขวง": "tambon",
    "ต.": "tambon",
    "อำเภอ": "amphoe",
    "กิ่งอำเภอ": "amphoe",
    "กิ่งอ.": "amphoe",
    "เขต": "amphoe",
    "อ.": "amphoe",
    "จังหวัด": "province",
    "จ.": "province",
    "หมู่บ้าน": "village",
}
# เขต and หมู่บ้าน count only where a word begins; the others also in the middle of a line without blanks.
# One tambon has the word for its level in its name: สามตำบล.
_THAI_MARK = re.compile(
    r"(?:(?<![ก-๎a-z])(?P<starts>เขต|หมู่บ้าน)|(?P<full>กิ่งอำเภอ|กิ่งอ\.|อำเภอ|แขวง|จังหวัด|(?<!สาม)ตำบล|[ตอจ]\.))\s*"
)
_MOO = re.compile(r"(?:(?<![ก-๎a-z])(?:หมู่ที่|หมู่|ม\.|moo|mu|m\.)\s*(?:ที่|no\.?)?\s*)(\d{1,2})(?!\d)")
_ENGLISH_MARK = re.compile(
    r"\b(?:tambol|tambon|sub-?district|khwaeng|amphoe|amphur|amphur|ampur|district|khet|changwat|province)\b"
)
_BREAK = re.compile(r"[,;/|()]+")
_BAN = re.compile(r"^(?:บ้าน|ban(?=.{3}))")

_ALIASES = {
    "10": ("กทม", "กรุงเทพ", "bkk", "krungthep"),
    "14": ("อยุธยา", "ayutthaya"),
    "30": ("โคราช", "korat"),
}


def normalise(text: str) -> str:
    """The spelling that names are compared in: NFC, lower case, Arabic digits, letters and digits only.

    Two slips of Thai typing that look right on the screen are mended: เ+เ for แ, and nikhahit + า for ำ.
    """
    made = arabic_digits(unicodedata.normalize("NFC", text)).lower().replace("เเ", "แ")
    made = re.sub("ํ([่-๋]?)า", r"\1ำ", made)
    kept = []
    for character in made:
        category = unicodedata.category(character)
        if category[0] not in "LMN" or character == "ฯ":
            continue
        # É and e are one letter to somebody searching; Thai vowels and tones are not touched.
        kept.append(character if "฀" <= character <= "๿" else _plain(character))
    return "".join(kept)


def _plain(character: str) -> str:
    decomposed = unicodedata.normalize("NFD", character)
    return "".join(part for part in decomposed if unicodedata.category(part) != "Mn")


def bare(name: str) -> str:
    """A normalised name without “บ้าน”/“ban”, which people put before any village name or leave out."""
    return _BAN.sub("", name) or name


@dataclass(frozen=True, slots=True)
class Word:
    """One typed word. ``run`` numbers the stretches between commas and level words; a name never crosses them.

    ``level`` is what the word before it said (“ต.”, “อำเภอ”): it holds for the name that begins here.
    """

    text: str
    run: int
    level: str | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A search line, taken apart. ``moo`` is the number of a village in its tambon (หมู่ที่), as two digits."""

    words: tuple[Word, ...]
    code: str | None
    moo: str | None


def parse(text: str) -> Typed:
    """Takes a typed line apart; a code (“500101”, “TH5001”, with Thai digits too) is recognised as such."""
    line = arabic_digits(unicodedata.normalize("NFC", text[:MAX_TEXT])).lower()
    line = re.sub(r"[\x00-\x1f\x7f]", " ", line).strip()
    code = re.fullmatch(r"(?:th)?\s*(\d{2}|\d{4}|\d{6}|\d{8})", line)
    if code:
        return Typed((), code.group(1), None)
    moo = _MOO.search(line)
    if moo:
        line = f"{line[: moo.start()]},{line[moo.end() :]}"
    line = _ENGLISH_MARK.sub(",", _BREAK.sub(",", line))
    line = _THAI_MARK.sub(lambda found: f",\x01{found.group(0).strip()}\x02", line)
    words: list[Word] = []
    for run, stretch in enumerate(line.split(",")):
        level = None
        if stretch.startswith("\x01"):
            mark, _, stretch = stretch[1:].partition("\x02")
            level = _LEVEL_WORDS[mark]
        for typed in stretch.split():
            word = normalise(typed)
            if word and not (word.isdigit() and len(word) == 5):  # a postcode names no place
                words.append(Word(word, run, level))
                level = None
    return Typed(tuple(words[:MAX_WORDS]), None, moo.group(1).zfill(2) if moo else None)


def area_spellings(code: str, names: Iterable[str | None]) -> set[str]:
    """Every spelling an area is found under: its names, their parts in brackets, and short forms in daily use.

    “เมือง” alone means the capital amphoe of a province, whose code ends in 01 (Bangkok has none).
    """
    found = set(_ALIASES.get(code, ()))
    for name in names:
        for part in re.split(r"[()]", name or ""):
            found.add(normalise(re.sub(r"^\s*(?:เขต|อำเภอ|กิ่งอำเภอ)", "", part)))
    if len(code) == 4 and code.endswith("01") and not code.startswith("10"):
        found |= {"เมือง", "mueang", "muang"}
    return found - {""}


def village_spellings(names: Iterable[str | None]) -> set[str]:
    """Every spelling a village is found under; one number may hold several names, with commas between."""
    parts = (part for name in names for part in re.split(r"[,()]", name or ""))
    return {bare(normalise(part)) for part in parts} - {""}
