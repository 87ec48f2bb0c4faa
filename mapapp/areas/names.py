"""Place names as people type them: one spelling for comparing, and the words of a line typed into a search box.

A name is compared without blanks, marks of punctuation, case, and the word for its level, so that “Ko Pha-ngan”,
“ko phangan” and “อ.เกาะพะงัน” meet their area. Similar spellings are pg_trgm's business (``search.py``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mapapp.areas.nicknames import BY_LETTERS, also_called
from mapapp.core import thai_text
from mapapp.core.fields import arabic_digits

MAX_TEXT = 200
"""Characters of a search that are looked at."""

MAX_WORDS = 8
"""Words of a search that are looked at: “village, tambon, amphoe, province” where each has two."""

TOWN = "town"
"""The level of a city or town municipality: no area of ours; it lies in the amphoe or tambon it is named after."""

_BEFORE = {
    "tambon": ("ตำบล", "แขวง", "ต.", "อบต.", "อบต", "ทต.", "เทศบาลตำบล", "องค์การบริหารส่วนตำบล", "ต",
               "tambol", "tambon", "khwaeng", "t."),
    "amphoe": ("อำเภอ", "กิ่งอำเภอ", "กิ่งอ.", "เขต", "อ.", "อ", "amphoe", "amphur", "amphor", "ampur", "ampher",
               "khet", "a."),
    "province": ("จังหวัด", "จ.", "จ", "changwat", "jangwat"),
    "village": ("หมู่บ้าน",),
    TOWN: ("เทศบาลนคร", "เทศบาลเมือง", "เทศบาล", "ทน.", "ทม."),
}  # fmt: skip
_LEVEL_WORDS = {word: level for level, words in _BEFORE.items() for word in words}
# The longer words count anywhere in a line without blanks; เขต, หมู่บ้าน and single letters where a word begins, and a
# letter without its dot only as a word of its own. One tambon has the word for its level in its name: สามตำบล.
_MARK = re.compile(
    r"(?:องค์การบริหารส่วนตำบล|เทศบาล(?:นคร|เมือง|ตำบล)?|กิ่งอำเภอ|กิ่งอ\.|อำเภอ|แขวง|จังหวัด|(?<!สาม)ตำบล"
    r"|(?<![ก-๎a-z])(?:เขต|หมู่บ้าน|อบต\.?|ท[นมต]\.|[ตอจ](?=\s)|[at]\.)"
    r"|(?<![ก-๎a-z])[ตอจ]\.|(?<=[ก-๎])[ตอจ]\.(?=\s*[ก-๎]{2})"
    r"|\b(?:tambol|tambon|khwaeng|amphoe|amphur|amphor|ampur|ampher|khet|changwat|jangwat)\b)\s*\.?\s*"
)
_AFTER = {"sub-district": "tambon", "subdistrict": "tambon", "sub district": "tambon", "district": "amphoe",
          "province": "province", "municipality": TOWN}  # fmt: skip
_AFTER_MARK = re.compile(rf"\b({'|'.join(_AFTER)})\b")
_LETTERS = re.compile(r"(?<![ก-๎])([ก-ฮ]{2,3})\.(?![ก-๎])")
_NUMBER = r"(?:หมู่ที่|หมู่|ม\.|ม(?=\d)|moo|mu|m\.)"
_MOO = re.compile(rf"(?<![ก-๎a-z]){_NUMBER}\s*(?:ที่|no\.?)?\s*(\d{{1,2}})(?!\d)")
_STREET = re.compile(r"(?<![ก-๎.a-z\x02])(?:บ้านเลขที่|เลขที่|ถนน|ถ\.|ซอย|ซ\.|ตรอก)\s*[^\s,]+")
_BREAK = re.compile(r"[,;|()\n]+|/(?!\d)|(?<!\d)/")
_BAN = re.compile(r"^(?:บ้าน|ban(?=.{3}))")
_ISLAND = re.compile(r"^(?:เกาะ|koh?)(?=.{3})")


def normalise(text: str) -> str:
    """The normalised spelling for comparing names: ``thai_text.normal``, lower case, Arabic digits, letters and digits
    only."""
    made = arabic_digits(thai_text.normal(text)).lower()
    kept = []
    for character in made:
        category = unicodedata.category(character)
        if category[0] not in "LMN" or character == "ฯ":
            continue
        # É and e are the same letter in a search; Thai vowels and tones stay.
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

    ``level`` is what the word before it said (“ต.”, “อำเภอ”): it holds for the name that begins here; ``ends`` what the
    word after it said (“district”): it holds for the name that ends here.
    """

    text: str
    run: int
    level: str | None
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A search line, taken apart. ``moo`` is the number of a village in its tambon (หมู่ที่), as two digits.

    ``more``: the line says something that no name of a place does, such as a house number or a street.
    """

    words: tuple[Word, ...]
    code: str | None
    moo: str | None
    postcode: str | None = None
    more: bool = False


def parse(text: str) -> Typed:
    """Takes a typed line apart; a code (“500101”, “TH5001”, with Thai digits too) is recognised as such."""
    line = arabic_digits(unicodedata.normalize("NFC", text[:MAX_TEXT])).lower()
    line = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", line).strip()
    code = re.fullmatch(r"(?:th)?\s*(\d{2}|\d{4}|\d{6}|\d{8})", line)
    if code:
        return Typed((), code.group(1), None)
    moo = _MOO.search(line)
    if moo:
        line = f"{line[: moo.start()]},{line[moo.end() :]}"
    line = _LETTERS.sub(_province_by_letters, _BREAK.sub(",", line))
    line = _MARK.sub(lambda found: f",\x01{found.group(0).strip()}\x02", line)
    more = False
    if "\x01" in line:  # only beside “ต.” and the like: there are tambons called ถนน…
        line, streets = _STREET.subn(",", line)
        more = streets > 0
    line = _AFTER_MARK.sub(lambda found: f"\x03{found.group(1)}\x02,", line)
    words: list[Word] = []
    postcode = None
    for run, stretch in enumerate(line.split(",")):
        for word in _words(stretch, run):
            if not word.text.isdigit():
                words.append(word)
            elif len(word.text) == 5 and postcode is None:
                postcode = word.text
            else:
                more = True
    return Typed(tuple(words[:MAX_WORDS]), None, moo.group(1).zfill(2) if moo else None, postcode, more)


def _province_by_letters(found: re.Match[str]) -> str:
    """“ชม.” as the province it stands for, so that its dot does not make “จ.” of “อจ.”."""
    letters = found.group(1)
    return f",จ.{letters}," if letters in BY_LETTERS else found.group(0)


def _words(stretch: str, run: int) -> Iterator[Word]:
    """The words of a stretch between breaks, the level words at its ends taken into account."""
    level = ends = None
    if stretch.startswith("\x01"):
        mark, _, stretch = stretch[1:].partition("\x02")
        level = _LEVEL_WORDS[re.sub(r"(?<=[ก-๎a-z]{2})\.$", "", mark) if mark not in _LEVEL_WORDS else mark]
    stretch, _, after = stretch.partition("\x03")
    if after:
        ends = _AFTER[after.partition("\x02")[0]]
    made = [word for typed in stretch.split() for word in _parted(normalise(typed), typed)]
    for number, word in enumerate(made):
        yield Word(word, run, level if number == 0 else None, ends if number == len(made) - 1 else None)


def _parted(word: str, typed: str) -> list[str]:
    """A typed word; “ขอนแก่น40000” is two, a house number “99/1” is one number."""
    if not word or re.fullmatch(r"[\d/.-]+", typed):
        return ["".join(filter(str.isdigit, word))[:9]] if re.search(r"\d", word) else []
    glued = re.fullmatch(r"(\D+)(\d{5})", word)
    return [*glued.groups()] if glued else [word]


def area_spellings(code: str, names: Iterable[str | None]) -> set[str]:
    """Every spelling an area is found under: its names, their parts in brackets, and short forms in daily use.

    “เมือง” alone means the capital amphoe of a province, whose code ends in 01 (Bangkok has none). An island is found
    without the word for it.
    """
    found = {normalise(name) for name in also_called(code)}
    for name in names:
        for part in re.split(r"[()]", name or ""):
            found.add(normalise(re.sub(r"^\s*(?:เขต|อำเภอ|กิ่งอำเภอ)", "", part)))
    if len(code) == 4:
        found |= {_ISLAND.sub("", name) for name in found}
    if len(code) == 4 and code.endswith("01") and not code.startswith("10"):
        found |= {"เมือง", "mueang", "muang", "meuang", "maung"}
        found |= {f"เมือง{name}" for name in also_called(code[:2]) if len(name) > 2 and not name.isascii()}
    return found - {""}


def village_spellings(names: Iterable[str | None]) -> set[str]:
    """Every spelling a village is found under; one number may hold several names, with commas between."""
    parts = (part for name in names for part in re.split(r"[,()]", name or ""))
    return {bare(normalise(part)) for part in parts} - {""}
