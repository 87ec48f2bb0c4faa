"""Search of areas and villages by name, as people type it: pg_trgm finds candidates, the words are weighed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp import geo
from mapapp.areas.names import Typed, Word, bare, parse
from mapapp.areas.rows import AreaName

_LEVELS = {2: "province", 4: "amphoe", 6: "tambon", 8: "village"}
_OF_LEVEL = {2: 1.0, 4: 0.97, 6: 0.94, 8: 0.85}  # of two names that answer alike, the larger place is meant
_WRONG_LEVEL = 0.7  # factor for “ต.X” where X is an amphoe: people do mix them up
_WORST = 0.3
_CUT = 0.85  # factor for each blank in Latin script taken as the end of a name, where the names found are not exact
_LONGEST_GROUP = 4  # words in one name: “phra nakhon si ayutthaya”

# One probe is one possible name out of the typed words. The two partial trigram indexes serve the two statements.
AREAS_SQL = text("""
SELECT p.ord - 1 AS probe, n.area_code AS code, n.name, n.likeness
FROM unnest(cast(:probes AS text[]), cast(:patterns AS text[])) WITH ORDINALITY AS p(probe, pattern, ord)
CROSS JOIN LATERAL (
    SELECT area_code, name, similarity(name, p.probe) AS likeness
    FROM place_names
    WHERE village_code IS NULL AND (name % p.probe OR name LIKE p.pattern)
    ORDER BY name = p.probe DESC, starts_with(name, p.probe) DESC, likeness DESC, length(area_code), area_code
    LIMIT 100
) n
""")

VILLAGES_SQL = text("""
SELECT p.ord - 1 AS probe, n.village_code AS code, n.name, n.likeness
FROM unnest(cast(:probes AS text[]), cast(:patterns AS text[]), cast(:scopes AS text[]))
     WITH ORDINALITY AS p(probe, pattern, scopes, ord)
CROSS JOIN LATERAL (
    SELECT village_code, name, similarity(name, p.probe) AS likeness
    FROM place_names
    WHERE village_code IS NOT NULL AND (name % p.probe OR name LIKE p.pattern)
      AND (p.scopes = '' OR area_code ~ p.scopes)
    ORDER BY name = p.probe DESC, starts_with(name, p.probe) DESC, likeness DESC, village_code
    LIMIT 60
) n
""")

# A slip in a name of two to five letters leaves too few trigrams in common; then every one-letter change is tried.
_SLIPS = text("""
SELECT area_code AS code, max(length(name)) AS length
FROM place_names WHERE village_code IS NULL AND name LIKE ANY(cast(:patterns AS text[]))
GROUP BY 1 ORDER BY length(area_code), 1 LIMIT 40
""")

_DETAILS = text("""
SELECT code, level, name_th, name_en, ST_Y(point::geometry) AS lat, ST_X(point::geometry) AS lon
FROM areas WHERE code = ANY(cast(:codes AS text[]))
""")

_VILLAGE_DETAILS = text("""
SELECT code, tambon_code, name_th, name_en, ST_Y(point::geometry) AS lat, ST_X(point::geometry) AS lon
FROM villages WHERE code = ANY(cast(:codes AS text[]))
""")


@dataclass(frozen=True, slots=True)
class Place:
    """Something found by name.

    Attributes:
        code: the area's code; for a village that of its tambon.
        level: province, amphoe, tambon or village.
        path: the areas it lies in, the province first; empty for a province.
        point: the village's own point where we have it, else the point that stands for the area.
        own_point: False for a village shown at its tambon's point.
        score: 0–1, 1 for a name typed exactly.
        village_code: 8 digits, for a village.
    """

    code: str
    level: str
    name_th: str
    name_en: str | None
    path: tuple[AreaName, ...]
    point: geo.Point
    own_point: bool
    score: float
    village_code: str | None = None

    @property
    def lat(self) -> float:
        return self.point.lat

    @property
    def lon(self) -> float:
        return self.point.lon


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring words that may be one name: ``words[start:end]``."""

    start: int
    end: int
    text: str
    level: str | None


def search(session: Session, text: str, limit: int = 10) -> list[Place]:
    """Areas and villages by name or code, best first: exact before prefix before similar, larger areas first.

    Several words narrow each other in any order: “แม่ริม เชียงใหม่” finds the amphoe and what lies in it by that
    name in that province. Names may be misspelt by a letter, Thai or English, with or without “ต.”, “อำเภอ”, ….
    """
    typed = parse(text)
    if typed.code is not None:
        return _described(session, {typed.code: 1.0}, limit)
    if not typed.words:
        return []
    groups = list(_groups(typed.words))
    areas = _area_candidates(session, groups)
    villages = _village_candidates(session, groups, areas)
    scored = _weigh(typed, groups, areas, villages)
    if typed.moo is not None:
        scored.update(_numbered(typed.moo, scored))
    return _described(session, scored, limit)


def _groups(words: tuple[Word, ...]) -> Iterator[Group]:
    for start, first in enumerate(words):
        for end in range(start + 1, min(len(words), start + _LONGEST_GROUP) + 1):
            if words[end - 1].run != first.run:
                break
            yield Group(start, end, "".join(word.text for word in words[start:end]), first.level)


def _pattern(probe: str) -> str:
    return f"%{probe}%" if len(probe) >= 3 else f"{probe}%"


Scores = dict[int, dict[str, float]]
"""For each group, by its place in the list: code → score."""


def _area_candidates(session: Session, groups: list[Group]) -> Scores:
    probes = [group.text for group in groups]
    found: Scores = defaultdict(dict)
    sent = {"probes": probes, "patterns": [_pattern(probe) for probe in probes]}
    for row in session.execute(AREAS_SQL, sent):
        wanted = groups[row.probe].level
        factor = 1.0 if wanted in (None, _LEVELS[len(row.code)]) else _WRONG_LEVEL
        score = _score(probes[row.probe], row.name, row.likeness) * factor
        found[row.probe][row.code] = max(score, found[row.probe].get(row.code, 0.0))
    for number, group in enumerate(groups):
        if not found[number] and 2 <= len(group.text) <= 5:
            for row in session.execute(_SLIPS, {"patterns": list(_one_letter_off(group.text))}):
                found[number][row.code] = 0.55
    return found


def _score(probe: str, name: str, likeness: float) -> float:
    """How well a stored name answers a typed one: 1 exact, above 0.7 its beginning, below that similar.

    Trigrams find what is similar; between those found, the share of letters in the right order (difflib) tells a
    slip of one letter from another word, which trigrams of a short name cannot.
    """
    if name == probe:
        return 1.0
    if name.startswith(probe):
        return 0.7 + 0.25 * len(probe) / len(name)
    letters = SequenceMatcher(None, probe, name, autojunk=False).ratio()
    similar = 0.3 * likeness + 0.6 * letters**2
    return max(similar, 0.5 + 0.2 * len(probe) / len(name)) if len(probe) >= 3 and probe in name else similar


def _one_letter_off(text: str) -> Iterator[str]:
    for place in range(len(text)):
        yield f"{text[:place]}_{text[place + 1 :]}"
        yield f"{text[:place]}_{text[place:]}"
        if len(text) > 2:
            yield text[:place] + text[place + 1 :]
    yield f"{text}_"


def _village_candidates(session: Session, groups: list[Group], areas: Scores) -> Scores:
    """Villages for each group, looked for only inside the areas that the other words name."""
    probes: list[tuple[int, str, str]] = []
    words = max(group.end for group in groups)
    for number, group in enumerate(groups):
        if group.level not in (None, "village") or len(bare(group.text)) < 2:
            continue
        scopes = {
            code
            for other, found in enumerate(groups)
            if found.end <= group.start or found.start >= group.end
            for code, score in areas[other].items()
            if score >= 0.45
        }
        if group.end - group.start < words and not scopes:
            continue  # other words, and none of them is a place: no use in every village of that name
        probes.append((number, bare(group.text), f"^({'|'.join(sorted(scopes))})" if scopes else ""))
    if not probes:
        return {}
    found: Scores = defaultdict(dict)
    rows = session.execute(
        VILLAGES_SQL,
        {
            "probes": [probe for _, probe, _ in probes],
            "patterns": [f"{probe}%" for _, probe, _ in probes],
            "scopes": [scopes for _, _, scopes in probes],
        },
    )
    for row in rows:
        number, probe, _ = probes[row.probe]
        found[number][row.code] = max(_score(probe, row.name, row.likeness), found[number].get(row.code, 0.0))
    return found


def _weigh(typed: Typed, groups: list[Group], areas: Scores, villages: Scores) -> dict[str, float]:
    """Code → score, over every way to cut the words into names; the names of what lies around a place support it.

    Each name counts by its letters, so a short word that fits by chance does not outweigh a long one that does not.
    """
    by_span = {(group.start, group.end): number for number, group in enumerate(groups)}
    best: dict[str, float] = {}
    for cut in _cuts(len(typed.words)):
        numbers = [by_span[span] for span in cut if span in by_span]
        if len(numbers) < len(cut):
            continue
        blanks = sum(1 for start, _ in cut[1:] if _latin_blank(typed.words, start))
        letters = {number: len(groups[number].text) for number in numbers}
        for main in numbers:
            others = [number for number in numbers if number != main]
            for code, score in [*areas[main].items(), *villages.get(main, {}).items()]:
                if score < _WORST:
                    continue
                scores = {main: score}
                for other in others:
                    scores[other] = max((areas[other].get(code[:n], 0.0) for n in range(2, len(code), 2)), default=0.0)
                total = sum(scores[number] * letters[number] for number in numbers) / sum(letters.values())
                total *= 1.0 if total > 0.99 else _CUT**blanks
                if total > best.get(code, 0.0):
                    best[code] = total
    floor = max(_WORST, 0.6 * max(best.values(), default=0.0))
    return {code: score for code, score in best.items() if score >= floor}


def _latin_blank(words: tuple[Word, ...], place: int) -> bool:
    """Whether a mere blank between Latin letters lies before this word: there it mostly is inside a name."""
    return words[place - 1].run == words[place].run and words[place].text.isascii()


def _cuts(count: int) -> Iterator[list[tuple[int, int]]]:
    """Every way to cut ``count`` words into neighbouring stretches."""
    for number in range(count):
        for inner in combinations(range(1, count), number):
            edges = [0, *inner, count]
            yield list(pairwise(edges))


def _numbered(moo: str, scored: dict[str, float]) -> dict[str, float]:
    """“หมู่ที่ 3” of each tambon found, and the villages found that have this number, before the rest."""
    made = {code + moo: score + 0.01 for code, score in scored.items() if len(code) == 6}
    made.update({code: score + 0.2 for code, score in scored.items() if len(code) == 8 and code.endswith(moo)})
    return made


def _rank(code: str, score: float) -> float:
    return round(score if score > 0.99 else score * _OF_LEVEL[len(code)], 3)


def _described(session: Session, scored: dict[str, float], limit: int) -> list[Place]:
    # More than asked for, because a village number may name no village; then in order, cut to the limit.
    order = sorted(scored, key=lambda code: (-_rank(code, scored[code]), len(code), code))[: 2 * limit]
    wanted = [code for code in order if len(code) == 8]
    villages = {row.code: row for row in session.execute(_VILLAGE_DETAILS, {"codes": wanted})} if wanted else {}
    homes = [row.tambon_code for row in villages.values()]
    codes = {code[:length] for code in [*order, *homes] for length in (2, 4, 6) if len(code) >= length}
    areas = {row.code: row for row in session.execute(_DETAILS, {"codes": sorted(codes)})}
    found = []
    for code in order:
        village = villages.get(code)
        row = areas.get(village.tambon_code if village else code)
        if row is None or (len(code) == 8 and village is None):
            continue
        above = [row.code[:length] for length in (2, 4, 6) if length < len(row.code) or village]
        at = village if village and village.lat is not None else row
        named = village or row
        found.append(
            Place(
                code=row.code,
                level="village" if village else row.level,
                name_th=named.name_th,
                name_en=named.name_en,
                path=tuple(
                    AreaName(a.code, a.level, a.name_th, a.name_en) for a in (areas[c] for c in above if c in areas)
                ),
                point=geo.Point(lat=at.lat, lon=at.lon),
                own_point=village is None or village.lat is not None,
                score=min(1.0, round(scored[code], 3)),
                village_code=code if village else None,
            )
        )
    return found[:limit]
