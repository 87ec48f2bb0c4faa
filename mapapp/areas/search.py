"""Search of areas and villages by name, as people type it: ``candidates`` finds, the words are weighed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.areas.candidates import SURE, Group, Scores, areas_for, groups_of, parted, villages_for
from mapapp.areas.names import Typed, Word, bare, parse
from mapapp.areas.nicknames import NICKNAMES
from mapapp.areas.results import AreaName
from mapapp.core import geo

_OF_LEVEL = {2: 1.0, 4: 0.97, 6: 0.94, 8: 0.93}  # of two names that answer alike, the larger place is meant
_LONE_VILLAGE = 0.72  # a village's name alone: there are so many that the beginning of an amphoe's comes before
_WORST = 0.3
_CUT = 0.85  # factor for each blank in Latin script taken as the end of a name, where the names found are not exact
_EXACT_CUT = 0.95  # and of the rank where they are: “Don Muang” is one place, not Don in some Mueang
_LOOKED_AT = 150

_DETAILS = text("""
SELECT code, level, name_th, name_en, ST_Y(point::geometry) AS lat, ST_X(point::geometry) AS lon,
       coalesce(population, 0) AS population
FROM areas WHERE code = ANY(cast(:codes AS text[]))
""")

_VILLAGE_DETAILS = text("""
SELECT code, tambon_code, name_th, name_en, ST_Y(point::geometry) AS lat, ST_X(point::geometry) AS lon
FROM villages WHERE code = ANY(cast(:codes AS text[]))
""")

_POSTCODE = text("SELECT area_code FROM place_names WHERE village_code IS NULL AND name = :postcode ORDER BY 1")


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
        certain: every word names it or an area around it; or all that begin with its tambon and amphoe do, and what
            stands before is a house, a street, a shop.
        named: the code lengths that the words name, its own among them.
        rest: words stand before that name nothing we know.
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
    certain: bool = False
    named: frozenset[int] = frozenset()
    rest: bool = False

    @property
    def own_code(self) -> str:
        """Its own code: 8 digits of a village, where ``code`` is that of the tambon around it."""
        return self.village_code or self.code

    @property
    def lat(self) -> float:
        return self.point.lat

    @property
    def lon(self) -> float:
        return self.point.lon


@dataclass(frozen=True, slots=True)
class Weighed:
    """What speaks for a code: its score, and its rank among all that was found."""

    score: float
    rank: float
    certain: bool = False
    named: frozenset[int] = frozenset()
    rest: bool = False


def search(session: Session, text: str, limit: int = 10) -> list[Place]:
    """Areas and villages by name, code or postcode, best first: exact before prefix before similar, larger areas first.

    Several words narrow each other in any order: “แม่ริม เชียงใหม่” finds the amphoe and what lies in it by that
    name in that province. Names may be misspelt by a letter, Thai or English, with or without “ต.”, “อำเภอ”, …;
    where such a word is there it binds. Of names that answer alike, the one with more people comes first.
    """
    typed = parse(text)
    if typed.code is not None:
        return _described(session, {typed.code: Weighed(1.0, 1.0, True, frozenset({len(typed.code)}))}, limit)
    posted = list(session.scalars(_POSTCODE, {"postcode": typed.postcode})) if typed.postcode else []
    if not typed.words:
        return _described(session, _by_postcode(posted), limit)
    scored = _named(session, typed)
    best = max((one.score for one in scored.values()), default=0.0)
    apart = taken_apart(typed, lambda word: parted(session, word)) if best < SURE else None
    if apart is not None:
        other = _named(session, apart)
        if max((one.score for one in other.values()), default=0.0) > best:
            scored = other
    if typed.moo is not None:
        scored.update(_numbered(typed.moo, scored))
    return _described(session, _at_postcode(scored, posted), limit)


def _named(session: Session, typed: Typed) -> dict[str, Weighed]:
    groups = groups_of(typed.words)
    areas = areas_for(session, groups)
    return _weigh(typed, groups, areas, villages_for(session, groups, areas))


def taken_apart(typed: Typed, names_in: Callable[[str], list[str]]) -> Typed | None:
    """The line with its long Thai words taken apart into names; None where there are none.

    Args:
        names_in: the names that a word without blanks is made of, or the word itself.
    """
    words: list[Word] = []
    for word in typed.words:
        names = names_in(word.text) if len(word.text) >= 6 and not word.text.isascii() else [word.text]
        words += [replace(word, text=name, level=word.level if n == 0 else None) for n, name in enumerate(names)]
    return replace(typed, words=tuple(words[:8])) if len(words) > len(typed.words) else None


def _weigh(typed: Typed, groups: list[Group], areas: Scores, villages: Scores) -> dict[str, Weighed]:
    """Code → what speaks for it, over every way to cut the words into names; names of what lies around support it.

    Each name counts by its letters, so a short word that fits by chance does not outweigh a long one that does not.
    """
    by_span = {(group.start, group.end): number for number, group in enumerate(groups)}
    best: dict[str, Weighed] = {}
    for cut in cuts_of(len(typed.words)):
        numbers = [by_span[span] for span in cut if span in by_span]
        if len(numbers) < len(cut):
            continue
        blanks = sum(1 for start, _ in cut[1:] if _latin_blank(typed.words, start))
        for main in numbers:
            others = [number for number in numbers if number != main]
            for code, score in [*areas[main].items(), *villages.get(main, {}).items()]:
                if score >= _WORST:
                    made = _weighed(typed, groups, areas, code, (main, score), others, blanks)
                    kept = best.get(code)
                    if kept is None or (made.rank, made.certain) > (kept.rank, kept.certain):
                        best[code] = made
    floor = max(_WORST, 0.6 * max((one.score for one in best.values()), default=0.0))
    if any(one.certain and (len(one.named) > 1 or groups[0].level) for one in best.values()):
        floor = max(floor, SURE)  # everything typed is accounted for: what answers a part of it is not offered
    return {code: one for code, one in best.items() if one.score >= floor or one.certain}


def _weighed(
    typed: Typed,
    groups: list[Group],
    areas: Scores,
    code: str,
    main: tuple[int, float],
    others: list[int],
    blanks: int,
) -> Weighed:
    scores, named = {main[0]: main[1]}, {len(code)}
    for other in others:
        supports = [(areas[other].get(code[:n], 0.0), n) for n in range(2, len(code), 2)]
        scores[other], around = max(supports, default=(0.0, 0))
        if scores[other] >= SURE:
            named.add(around)
    letters = {number: len(groups[number].text) for number in scores}
    total = sum(scores[number] * letters[number] for number in scores) / sum(letters.values())
    fits = [number for number, score in scores.items() if score >= SURE]
    rest = len(fits) < len(scores)
    certain = not rest
    if rest and len(code) == 6 and 4 in named and main[0] in fits:
        # “shop, tambon, amphoe”: what stands before the tambon is no name of ours, and need not be.
        begins = min(groups[number].start for number in fits)
        certain = all(groups[number].end <= begins for number in scores if number not in fits)
    total *= 1.0 if total >= SURE else _CUT**blanks
    factor = _OF_LEVEL[len(code)] * _EXACT_CUT**blanks
    if len(code) == 8 and len(scores) == 1 and typed.moo is None:
        name = groups[main[0]]
        factor = _OF_LEVEL[8] if name.level == "village" or bare(name.text) != name.text else _LONE_VILLAGE
    return Weighed(total, total * factor, certain, frozenset(named), rest and certain)


def _latin_blank(words: tuple[Word, ...], place: int) -> bool:
    """Whether a mere blank between Latin letters lies before this word: there it mostly is inside a name."""
    return words[place - 1].run == words[place].run and words[place].text.isascii()


def cuts_of(count: int) -> Iterator[list[tuple[int, int]]]:
    """Every way to cut ``count`` words into neighbouring stretches."""
    for number in range(count):
        for inner in combinations(range(1, count), number):
            edges = [0, *inner, count]
            yield list(pairwise(edges))


def _numbered(moo: str, scored: dict[str, Weighed]) -> dict[str, Weighed]:
    """“หมู่ที่ 3” of each tambon found, and the villages found that have this number, before the rest."""
    made = {
        code + moo: replace(one, score=min(1.0, one.score + 0.01), rank=one.rank + 0.05, named=one.named | {8})
        for code, one in scored.items()
        if len(code) == 6
    }
    for code, one in scored.items():
        if len(code) == 8 and code.endswith(moo):
            made[code] = replace(one, rank=one.rank + 0.2)
    return made


def _by_postcode(posted: list[str]) -> dict[str, Weighed]:
    """The tambons of a postcode, and before them the amphoe in which it is used for several of them."""
    made = {code: Weighed(1.0, 0.5, True, frozenset({6})) for code in posted}
    for amphoe in {code[:4] for code in posted}:
        inside = sum(1 for code in posted if code.startswith(amphoe))
        if inside > 1:
            made[amphoe] = Weighed(1.0, 0.6 + inside / 1000, True, frozenset({4}))
    return made


def _at_postcode(scored: dict[str, Weighed], posted: list[str]) -> dict[str, Weighed]:
    """What lies at the postcode before what does not; people mistake theirs, so nothing is left out for it alone."""
    if not posted:
        return scored
    there = {code[:length] for code in posted for length in (2, 4, 6)}
    return {
        code: replace(one, rank=one.rank + 0.02)
        if code[:6] in there
        else replace(one, certain=False)
        if any(other[:6] in there and scored[other].certain for other in scored)
        else one
        for code, one in scored.items()
    }


def _described(session: Session, scored: dict[str, Weighed], limit: int) -> list[Place]:
    def rank(code: str) -> tuple[float, int]:
        return (-round(scored[code].rank, 3), len(code))

    # More than asked for, because a village number may name no village and many names answer alike.
    order = sorted(scored, key=lambda code: (*rank(code), code))[: max(_LOOKED_AT, 2 * limit)]
    wanted = [code for code in order if len(code) == 8]
    villages = {row.code: row for row in session.execute(_VILLAGE_DETAILS, {"codes": wanted})} if wanted else {}
    homes = [row.tambon_code for row in villages.values()]
    codes = {code[:length] for code in [*order, *homes] for length in (2, 4, 6) if len(code) >= length}
    areas = {row.code: row for row in session.execute(_DETAILS, {"codes": sorted(codes)})}
    people = {code: areas[code[:6]].population for code in order if code[:6] in areas}
    order.sort(key=lambda code: (*rank(code), code not in NICKNAMES, -people.get(code, 0), code))
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
                score=min(1.0, round(scored[code].score, 3)),
                village_code=code if village else None,
                certain=scored[code].certain,
                named=scored[code].named,
                rest=scored[code].rest,
            )
        )
        if len(found) == limit:
            break
    return found
