"""Fonts with only the letters that a document needs.

Glyphs are cut away, nothing else: the rules by which marks stack and syllables are shaped stay, and with them every
glyph they can lead to. All marks of a script stay where one of its letters is needed, because a mark from another font
would stand beside its letter, not on it.
"""

from __future__ import annotations

import io
import json
import unicodedata
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from mapapp.core.languages import Language

ALWAYS: Final = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("\u200c\u200d\u25cc")
"""What scripts write of themselves: digits, units, addresses; what joins letters, and stands for a missing one."""

THAI: Final = frozenset("กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลวศษสหฬอฮะาำเแโใไๆฯ")
"""Names of places use nearly all of these. Any of them brings all, so that one font serves every file: to cut one takes
a tenth of a second, to find it again nothing."""

_NOTICES: Final = [0, 1, 2, 13, 14]
"""Of a font's names: its copyright, what it is called, its licence, which have to stay with it."""


def needed(values: object, lang: Language) -> frozenset[str]:
    """The letters of every text in such a JSON-able value, and those with which a browser writes days and distances."""
    locale = Locale.parse(lang.locale)
    own: list[Any] = [locale.months["format"], locale.unit_display_names, locale.number_symbols]
    written = [json.dumps(values, ensure_ascii=False), *(str(one) for one in _texts(own))]
    units = locale._data["unit_patterns"]  # Babel has no other way to them
    return ALWAYS.union(*written, *(_texts([units.get(name) for name in ("length-kilometer", "length-meter")])))


def _texts(value: Any) -> list[str]:
    """Every text in mappings and lists, however deep."""
    if isinstance(value, str):
        return [value]
    if hasattr(value, "items"):
        return [found for _name, one in value.items() for found in _texts(one)]
    if isinstance(value, (list, tuple)):
        return [found for one in value for found in _texts(one)]
    return []


def cut(font: bytes, wanted: frozenset[str]) -> bytes:
    """The font (WOFF2) with these letters; empty where it has none of them but those that every font has."""
    known = _letters(font)
    used = known & wanted
    if not used - ALWAYS and not known >= frozenset("az"):
        return b""
    used |= THAI & known if used & THAI else frozenset()
    marks = frozenset(letter for letter in known if unicodedata.category(letter).startswith("M"))
    return _cut(font, used | marks)


@lru_cache(maxsize=32)
def _letters(font: bytes) -> frozenset[str]:
    with TTFont(io.BytesIO(font), lazy=True) as opened:
        return frozenset(map(chr, opened.getBestCmap()))


@lru_cache(maxsize=48)
def _cut(font: bytes, kept: frozenset[str]) -> bytes:
    options = Options(
        layout_features=["*"], name_IDs=_NOTICES, notdef_outline=True, hinting=True, flavor="woff2", layout_closure=True
    )
    made = io.BytesIO()
    with TTFont(io.BytesIO(font)) as opened:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[ord(letter) for letter in kept])
        subsetter.subset(opened)
        opened.flavor = "woff2"
        opened.save(made)
    return made.getvalue()
