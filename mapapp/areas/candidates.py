"""Areas and villages that a typed name may be, each with how well it answers: pg_trgm and sounds find them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.areas.names import TOWN, Word, bare
from mapapp.areas.phonetics import sound

LEVELS = {2: "province", 4: "amphoe", 6: "tambon", 8: "village"}

SURE = 0.93
"""From here on a name is what was typed: the same letters (1), or the same sound, such as a tone mark left out."""

_WRONG_LEVEL = 0.6  # factor for “ต.X” where X is no tambon but an amphoe: people do mix them up
_GOOD = 0.75  # from here on a name of the level that was said keeps those of other levels away
_LONGEST_GROUP = 4  # words in one name: “phra nakhon si ayutthaya”
_NEAR_VILLAGE = 0.6  # below, a village among other words is no use: they are a house, a street, a shop
_MOST_SCOPES = 30

Scores = dict[int, dict[str, float]]
"""For each group, by its place in the list: code → score."""

# One probe is one possible name out of the typed words. Areas and villages have a trigram index each.
AREAS_SQL = text("""
SELECT p.ord - 1 AS probe, n.area_code AS code, n.name, n.likeness, n.sounds, n.begins
FROM unnest(cast(:probes AS text[]), cast(:patterns AS text[]), cast(:sounds AS text[]))
     WITH ORDINALITY AS p(probe, pattern, sound, ord)
CROSS JOIN LATERAL (
    SELECT area_code, name, similarity(name, p.probe) AS likeness,
           coalesce(sound = p.sound, false) AS sounds, coalesce(starts_with(sound, p.sound), false) AS begins
    FROM place_names
    WHERE village_code IS NULL AND (
        name % p.probe OR name LIKE p.pattern
        -- “sound LIKE p.sound || '%'”, in words that the index understands
        OR (sound ~>=~ p.sound AND sound ~<~ (p.sound || '\U0010ffff'))
    )
    ORDER BY name = p.probe DESC, sounds DESC, starts_with(name, p.probe) DESC, likeness DESC,
             length(area_code), area_code
    LIMIT 100
) n
""")

VILLAGES_SQL = text("""
SELECT p.ord - 1 AS probe, n.village_code AS code, n.name, n.likeness
FROM unnest(cast(:probes AS text[]), cast(:patterns AS text[])) WITH ORDINALITY AS p(probe, pattern, ord)
CROSS JOIN LATERAL (
    SELECT village_code, name, similarity(name, p.probe) AS likeness
    FROM place_names
    WHERE village_code IS NOT NULL AND (name % p.probe OR name LIKE p.pattern)
    ORDER BY name = p.probe DESC, starts_with(name, p.probe) DESC, likeness DESC, village_code
    LIMIT 60
) n
""")

# Inside an area its villages are few: they are read by their tambons, not by their names.
_VILLAGES_INSIDE = text("""
SELECT p.ord - 1 AS probe, n.village_code AS code, n.name, n.likeness
FROM unnest(cast(:probes AS text[]), cast(:patterns AS text[]), cast(:scopes AS text[]))
     WITH ORDINALITY AS p(probe, pattern, scopes, ord)
CROSS JOIN LATERAL (
    SELECT village_code, name, similarity(name, p.probe) AS likeness
    FROM place_names
    WHERE area_code = ANY(string_to_array(p.scopes, ',')) AND village_code IS NOT NULL
      AND (similarity(name, p.probe) >= 0.3 OR name LIKE p.pattern)
    ORDER BY name = p.probe DESC, starts_with(name, p.probe) DESC, likeness DESC, village_code
    LIMIT 60
) n
""")

_BEFORE_A_NAME: Final = re.compile(
    r"(?:ใกล้|ข้าง|หน้า|หลัง|แถว|ที่|ใน|ตัว|ศาล|ร้าน)*(?:วัด|ตลาด(?:สด|นัด)?|โรงพยาบาล|รพ(?:สต)?|โรงเรียน|รร|สถานี(?:ตำรวจ|อนามัย|รถไฟ)?"
    r"|สภ|บขส|เมือง|ตัวเมือง|บ้าน|หมู่บ้าน|เกาะ|อำเภอ|ตำบล|จังหวัด|เขต|แขวง|เทศบาล(?:เมือง|นคร|ตำบล)?|อบต|ที่ว่าการอำเภอ|ศาลากลาง|มหาวิทยาลัย"
    r"|สนามบิน|เซ็นทรัล|โลตัส|บิ๊กซี|แม็คโคร|แยก|สะพาน|น้ำตก|ปตท|ปั๊ม|สาขา)?"
    r"|(?:wat|talat|mueang|muang|amphoe|amphur|ban|ko|koh|tambon|changwat|central|hospital)"
)
"""What people put before the name of a place to say what is there."""

_TAMBONS = text("SELECT code FROM areas WHERE level = 'tambon' AND code LIKE ANY(cast(:patterns AS text[]))")

# A slip in a name of two to five letters leaves too few trigrams in common; then every one-letter change is tried.
_SLIPS = text("""
SELECT area_code AS code, max(length(name)) AS length
FROM place_names WHERE village_code IS NULL AND name LIKE ANY(cast(:patterns AS text[]))
GROUP BY 1 ORDER BY length(area_code), 1 LIMIT 40
""")

_INSIDE = text("""
SELECT DISTINCT name FROM place_names
WHERE village_code IS NULL AND length(name) >= 3 AND strpos(:line, name) > 0
""")


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring words that may be one name: ``words[start:end]``. ``level``: what the line says of it."""

    start: int
    end: int
    text: str
    level: str | None


def groups_of(words: Sequence[Word]) -> list[Group]:
    """Every stretch of words that may be one name."""
    made = []
    for start, first in enumerate(words):
        for end in range(start + 1, min(len(words), start + _LONGEST_GROUP) + 1):
            if words[end - 1].run != first.run:
                break
            name = "".join(word.text for word in words[start:end])
            made.append(Group(start, end, name, first.level or words[end - 1].ends))
    return made


def areas_for(session: Session, groups: Sequence[Group]) -> Scores:
    """Areas for each group. What the line says of a level binds, unless no area of that level is so called."""
    probes = [group.text for group in groups]
    found: Scores = defaultdict(dict)
    sent = {
        "probes": probes,
        "patterns": [f"%{probe}%" if len(probe) >= 3 else f"{probe}%" for probe in probes],
        "sounds": [sound(probe) for probe in probes],
    }
    for row in session.execute(AREAS_SQL, sent):
        score = _score(probes[row.probe], row.name, row.likeness, sounds=row.sounds, begins=row.begins)
        found[row.probe][row.code] = max(score, found[row.probe].get(row.code, 0.0))
    for number, group in enumerate(groups):
        if not found[number] and 2 <= len(group.text) <= 5:
            slips = session.execute(_SLIPS, {"patterns": sorted(set(_one_letter_off(group.text)))})
            found[number] = {row.code: 0.6 - 0.5 / row.length for row in slips}
        if group.level is not None:
            found[number] = _of_level(found[number], group.level)
    return found


def _of_level(scores: dict[str, float], level: str) -> dict[str, float]:
    if level == TOWN:
        return _towns(scores)
    right = {code: score for code, score in scores.items() if LEVELS[len(code)] == level}
    wrong = {code: score * _WRONG_LEVEL for code, score in scores.items() if code not in right}
    return right if max(right.values(), default=0.0) >= _GOOD else right | wrong


def _towns(scores: dict[str, float]) -> dict[str, float]:
    """A municipality lies in the capital amphoe of the province whose name it bears, or in an amphoe or tambon."""
    made = {code: score for code, score in scores.items() if len(code) > 2}
    for code, score in scores.items():
        if len(code) == 2 and code != "10":
            made[f"{code}01"] = max(score, made.get(f"{code}01", 0.0))
    return made


def _score(probe: str, name: str, likeness: float, *, sounds: bool = False, begins: bool = False) -> float:
    """How well a stored name answers a typed one: 1 exact, above 0.7 its beginning, below that similar.

    Trigrams find what is similar; between those found, the share of letters in the right order (difflib) tells a
    slip of one letter from another word, which trigrams of a short name cannot.
    """
    if name == probe:
        return 1.0
    if sounds:
        return SURE
    if is_mere_ending(probe, name):
        return 0.0
    share = min(1.0, len(probe) / len(name))
    if name.startswith(probe):
        return 0.7 + 0.2 * share
    letters = SequenceMatcher(None, probe, name, autojunk=False).ratio()
    similar = min(0.9, 0.3 * likeness + 0.6 * letters**2)
    if begins:
        similar = max(similar, 0.65 + 0.2 * share)
    return max(similar, 0.5 + 0.2 * share) if len(probe) >= 3 and probe in name else similar


def is_mere_ending(typed: str, name: str) -> bool:
    """Whether a name is the end of a longer word, as “พร้าว” is of “ลาดพร้าว”: another place altogether.

    “วัดพร้าว” or “ตลาดพร้าว” is in the place of that name; and one letter before it is a slip.
    """
    before = typed.removesuffix(name)
    return len(typed) - len(before) == len(name) and len(before) > 1 and _BEFORE_A_NAME.fullmatch(before) is None


def _one_letter_off(text: str) -> Iterator[str]:
    for place in range(len(text)):
        yield f"{text[:place]}_{text[place + 1 :]}"
        yield f"{text[:place]}_{text[place:]}"
        if len(text) > 2:
            yield text[:place] + text[place + 1 :]
    yield f"{text}_"


def villages_for(session: Session, groups: Sequence[Group], areas: Scores) -> Scores:
    """Villages for each group, looked for only inside the areas that the other words name."""
    words = max(group.end for group in groups)
    alone: list[int] = []
    inside: dict[int, tuple[str, ...]] = {}
    for number, group in enumerate(groups):
        if group.level not in (None, "village") or len(bare(group.text)) < 2:
            continue
        scopes = _scopes(groups, group, areas)
        if scopes:
            inside[number] = scopes
        elif group.end - group.start == words:
            alone.append(number)
        # Else there are other words, and none of them is a place: no use in every village of that name.
    found: Scores = defaultdict(dict)
    _look(session, VILLAGES_SQL, groups, alone, {}, found)
    if inside:
        scoped = _tambons_in(session, {scope for scopes in inside.values() for scope in scopes})
        lists = {number: sorted({code for one in scopes for code in scoped[one]}) for number, scopes in inside.items()}
        _look(session, _VILLAGES_INSIDE, groups, list(inside), lists, found)
        for number in inside:
            found[number] = {code: score for code, score in found[number].items() if score >= _NEAR_VILLAGE}
    return found


def _scopes(groups: Sequence[Group], group: Group, areas: Scores) -> tuple[str, ...]:
    """The areas that words beside this group name: those that answer best."""
    scored: dict[str, float] = {}
    for number, other in enumerate(groups):
        if other.end <= group.start or other.start >= group.end:
            for code, score in areas[number].items():
                scored[code] = max(score, scored.get(code, 0.0))
    best = max(scored.values(), default=0.0)
    good = [code for code, score in scored.items() if score >= max(0.6, best - 0.15)]
    return tuple(sorted(good, key=lambda code: (-scored[code], -len(code), code))[:_MOST_SCOPES])


def _tambons_in(session: Session, scopes: set[str]) -> dict[str, list[str]]:
    codes = session.scalars(_TAMBONS, {"patterns": [f"{scope}%" for scope in sorted(scopes)]}).all()
    return {scope: [code for code in codes if code.startswith(scope)] for scope in scopes}


def _look(
    session: Session,
    statement: object,
    groups: Sequence[Group],
    numbers: list[int],
    scopes: dict[int, list[str]],
    found: Scores,
) -> None:
    if not numbers:
        return
    probes = [bare(groups[number].text) for number in numbers]
    sent: dict[str, list[str]] = {"probes": probes, "patterns": [f"{probe}%" for probe in probes]}
    if scopes:
        sent["scopes"] = [",".join(scopes[number]) for number in numbers]
    for row in session.execute(statement, sent):  # type: ignore[call-overload]
        into = found[numbers[row.probe]]
        into[row.code] = max(_score(probes[row.probe], row.name, row.likeness), into.get(row.code, 0.0))


def parted(session: Session, line: str) -> list[str]:
    """The names that a line without blanks is made of, “แม่ริมเชียงใหม่”: as few as cover it, or the line itself."""
    return covering(line, set(session.scalars(_INSIDE, {"line": line})))


def covering(line: str, names: set[str]) -> list[str]:
    """The fewest of these names that a line without blanks is made of, or the line itself."""
    fewest: list[list[str] | None] = [[]] + [None] * len(line)
    for end in range(1, len(line) + 1):
        for start in range(end - 2):
            before = fewest[start]
            if before is not None and line[start:end] in names:
                made = [*before, line[start:end]]
                kept = fewest[end]
                if kept is None or len(made) < len(kept):
                    fewest[end] = made
    return fewest[-1] or [line]
