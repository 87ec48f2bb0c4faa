"""Areas by the names people write in a form or a list: a code, “ต.สุเทพ อ.เมืองเชียงใหม่”, or three columns joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.models import Area
from mapapp.areas.names import Word, area_spellings, normalise, parse
from mapapp.areas.results import AreaName

_COUNTRY: Final = frozenset({"th", "ประเทศไทย", "ทั่วประเทศ", "ทั้งประเทศ", "thailand"})
_LEVELS: Final = {2: "province", 4: "amphoe", 6: "tambon"}


@dataclass
class Places:
    """The areas inside some areas, by every spelling of their names; those above them help to tell them apart."""

    areas: dict[str, AreaName]
    spellings: dict[str, set[str]]
    inside: set[str]
    by_spelling: dict[str, set[str]]
    country: bool

    def find(self, text: str, lengths: Collection[int]) -> list[str]:
        """The codes this text can mean, of these lengths (0: the country), in order; several where more are so called.

        Exact names only: who is appointed where is no matter for guessing.
        """
        if normalise(text) in _COUNTRY:
            return ["TH"] if self.country and 0 in lengths else []
        typed = parse(text)
        if typed.code is not None:
            return [typed.code] if typed.code in self.inside and len(typed.code) in lengths else []
        words = typed.words
        candidates = {
            code
            for start in range(len(words))
            for end in range(start + 1, len(words) + 1)
            for code in self.by_spelling.get("".join(word.text for word in words[start:end]), ())
            if len(code) in lengths
        }
        return sorted(code for code in candidates if self._fits(code, words))

    def _fits(self, code: str, words: Sequence[Word]) -> bool:
        """Whether the words are this area's name and names of areas above it, each at most once, and nothing else."""
        chain = [code[:length] for length in (2, 4, 6) if length <= len(code)]

        def rest(start: int, left: frozenset[str]) -> bool:
            if start == len(words):
                return code not in left
            for end in range(start + 1, len(words) + 1):
                name = "".join(word.text for word in words[start:end])
                level = words[start].level
                for one in left:
                    if name in self.spellings[one] and level in (None, _LEVELS[len(one)]) and rest(end, left - {one}):
                        return True
            return False

        return rest(0, frozenset(one for one in chain if one in self.spellings))


def load(session: Session, within: Iterable[str]) -> Places:
    """The areas inside these (``TH``: all of them)."""
    codes = set(within)
    country = "TH" in codes
    scopes = [queries.scope(Area.code, code) for code in codes]
    above = {code[:length] for code in codes if code != "TH" for length in (2, 4) if length < len(code)}
    rows = session.execute(
        select(Area.code, Area.level, Area.name_th, Area.name_en).where(or_(*scopes, Area.code.in_(above)))
    )
    areas = {row.code: AreaName(*row) for row in rows}
    spellings = {code: area_spellings(code, (area.name_th, area.name_en)) for code, area in areas.items()}
    inside = {code for code in areas if country or any(code.startswith(one) for one in codes)}
    by_spelling: dict[str, set[str]] = defaultdict(set)
    for code in inside:
        for spelling in spellings[code]:
            by_spelling[spelling].add(code)
    return Places(areas, spellings, inside, dict(by_spelling), country)
