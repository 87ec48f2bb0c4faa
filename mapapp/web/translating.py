"""Translation into a given language without a request: for commands, files and tests. No Flask here."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations, Translations

from mapapp.core import formats
from mapapp.core.config import ROOT
from mapapp.core.languages import BY_CODE
from mapapp.core.messages import CONTEXT_END, Message, Words

_CATALOGUES = ROOT / "mapapp" / "translations"


@lru_cache(maxsize=32)
def translations(lang: str) -> NullTranslations:
    """The catalogue of a language; empty for the language in which the messages are written."""
    if not BY_CODE[lang].has_catalogue:
        return NullTranslations()
    found: NullTranslations = Translations.load(_CATALOGUES, [lang])
    return found


def translate(text: str, lang: str, **values: Any) -> str:
    """The text in a given language. Waiting times, messages and words among its
    values are shown in that language, too."""
    context, _, bare = text.rpartition(CONTEXT_END)
    known = translations(lang)
    found: str = known.upgettext(context, bare) if context else known.ugettext(text) if text else ""
    told = {name: _told(value, lang) for name, value in values.items()}
    return found % told if told else found


def _told(value: Any, lang: str) -> Any:
    if isinstance(value, timedelta):
        return formats.length(value, BY_CODE[lang])
    if isinstance(value, Message):
        return translate(value.text, lang, **value.values)
    if isinstance(value, Words):
        return ", ".join(translate(text, lang) for text in value.texts)
    return value
