"""Languages: Thai first, English second; dates, distances and numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode

from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request, url_for
from jinja2 import pass_context
from markupsafe import Markup

from mapapp.core.clock import BANGKOK
from mapapp.core.config import ROOT
from mapapp.core.errors import N_, FieldProblem, Message

LANGUAGES = ("th", "en")
_CATALOGUES = ROOT / "mapapp" / "translations"

_THAI_MONTHS = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def language() -> str:
    """The language of this answer: ``?lang=``, for programs also ``Accept-Language``; Thai otherwise.

    Pages do not look at ``Accept-Language``: an address shows one thing, so it can be cached and shared.
    """
    if not has_request_context():
        return "th"
    chosen: str | None = g.get("language")
    if chosen is None:
        asked = request.args.get("lang", "")
        if asked in LANGUAGES:
            chosen = asked
        elif is_for_programs(request.path):
            g.language_negotiated = True
            chosen = request.accept_languages.best_match(LANGUAGES, "th") or "th"
        else:
            chosen = "th"
        g.language = chosen
    return chosen


def is_for_programs(path: str) -> bool:
    """Whether the address is answered with data and RFC 9457 problems, not with pages."""
    return path.startswith(("/api/", "/tiles/", "/healthz", "/readyz")) and not path.startswith("/api/v1/docs")


@lru_cache(maxsize=8)
def translations(lang: str) -> NullTranslations:
    """The catalogue of a language; English is the language of the keys."""
    if lang == "en":
        return NullTranslations()
    found: NullTranslations = Translations.load(_CATALOGUES, [lang])
    return found


def gettext(text: str, **values: Any) -> str:
    """The text in the request's language, with ``%(name)s`` places filled."""
    return translate(text, language(), **values)


def ngettext(singular: str, plural: str, n: int, **values: Any) -> str:
    """The form for ``n``, filled; ``%(num)s`` is ``n`` with thousands separated."""
    text: str = translations(language()).ungettext(singular, plural, n)
    return text % {"num": number(n), **values}


def translate(text: str, lang: str, **values: Any) -> str:
    """The text in a named language: for commands and tests, which have no request. A time to wait is told
    in it, too."""
    found: str = translations(lang).ugettext(text) if text else ""
    told = {name: length(value, lang) if isinstance(value, timedelta) else value for name, value in values.items()}
    return found % told if told else found


def length(value: timedelta, lang: str) -> str:
    """How long somebody has to wait: ``15 seconds``, ``1 minute``, ``2 hours``; rounded up, so that nobody
    comes early."""
    seconds = max(1, math.ceil(value.total_seconds()))
    if seconds < 60:
        return _counted(N_("%(num)s second"), N_("%(num)s seconds"), seconds, lang)
    if seconds <= 90 * 60:
        return _counted(N_("%(num)s minute"), N_("%(num)s minutes"), math.ceil(seconds / 60), lang)
    return _counted(N_("%(num)s hour"), N_("%(num)s hours"), math.ceil(seconds / 3600), lang)


def _counted(singular: str, plural: str, n: int, lang: str) -> str:
    return translate(singular if n == 1 else plural, lang, num=number(n))


def tell(message: Message, lang: str | None = None) -> str:
    """A domain message for a person."""
    return translate(message.text, lang or language(), **message.values)


def place_of(problem: FieldProblem, lang: str) -> str:
    """Where a problem is, for a command: the file, the row, the column, as far as they are known."""
    row = "" if problem.row is None else translate(N_("row %(row)s"), lang, row=problem.row)
    return ", ".join(filter(None, (problem.field, row, problem.column)))


def name_of(thing: Any) -> str:
    """The name of an area, a village or a facility in the page's language (Thai where there is no English one)."""
    name: str = (thing.name_en or thing.name_th) if language() == "en" else thing.name_th
    return name


def lang_of(thing: Any) -> Markup:
    """The ``lang`` attribute of an element that holds ``name_of``: a Thai name on an English page is read as Thai."""
    return Markup(' lang="th"') if language() == "en" and not thing.name_en else Markup("")


def day(value: date | datetime | None) -> str:
    """``20 พ.ย. 2569`` or ``20 Nov 2026``; times are turned to Bangkok first."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(BANGKOK).date()
    if language() == "en":
        return f"{value.day} {_ENGLISH_MONTHS[value.month - 1]} {value.year}"
    return f"{value.day} {_THAI_MONTHS[value.month - 1]} {value.year + 543}"


def moment(value: datetime | None) -> str:
    """``20 พ.ย. 2569 14:05 น.`` or ``20 Nov 2026 14:05``, in Bangkok."""
    if value is None:
        return "–"
    clock = value.astimezone(BANGKOK).strftime("%H:%M")
    return f"{day(value)} {clock}" + (" น." if language() == "th" else "")


def ago(value: datetime | None, now: datetime) -> str:
    """``12 นาทีที่แล้ว`` within a week, the day after that."""
    if value is None:
        return "–"
    seconds = (now - value).total_seconds()
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", int(seconds // 60))
    if seconds < 86400:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", int(seconds // 3600))
    if seconds < 7 * 86400:
        return ngettext("%(num)s day ago", "%(num)s days ago", int(seconds // 86400))
    return day(value)


def number(value: float | None, digits: int = 0) -> str:
    """``12,345`` or ``12,345.6``; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(share: float | None) -> str:
    """A share of 0–1 as ``87.5 %``; never 100 % or 0 % by rounding alone."""
    if share is None:
        return "–"
    shown = round(share * 100, 1)
    if (shown >= 100 and share < 1) or (shown <= 0 and share > 0):
        return "> 99.9 %" if shown >= 100 else "< 0.1 %"
    return f"{shown:.1f} %" if 0 < shown < 100 else f"{shown:.0f} %"


def distance(metres: float | None) -> str:
    """``850 ม.`` / ``3.2 กม.`` or ``850 m`` / ``3.2 km``."""
    if metres is None:
        return "–"
    thai = language() == "th"
    if metres < 995:
        return f"{round(metres / 10) * 10 if metres >= 100 else round(metres)} {'ม.' if thai else 'm'}"
    return f"{metres / 1000:,.1f} {'กม.' if thai else 'km'}"


def nl2br(text: str) -> Markup:
    """Lines as lines, everything else escaped."""
    return Markup("<br>").join(text.splitlines())


def per_request(filtered: Callable[..., Any]) -> Callable[..., Any]:
    """A template filter that is asked anew for every page. All of ours are registered through this.

    Jinja works out a filter on a literal once, when it compiles the template: in the language of whoever came first,
    and for everybody after. A filter that takes the context is left for the request.
    """

    @pass_context
    @wraps(filtered)
    def asked(_context: object, *args: Any, **named: Any) -> Any:
        return filtered(*args, **named)

    return asked


def init(app: Flask) -> None:
    """Teaches the templates gettext and the formats; keeps ``lang`` on every address of an English page."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: translate(text, language()),
        ngettext=lambda s, p, n: translations(language()).ungettext(s, p, n),
        newstyle=True,
    )
    for shown in (day, moment, number, percent, distance, name_of, lang_of, nl2br, tell, ago):
        app.jinja_env.filters[shown.__name__] = per_request(shown)
    app.jinja_env.globals.update(language=language, other_language_url=_other_language_url)

    @app.after_request
    def _differs_by_language(response: Response) -> Response:
        if g.get("language_negotiated"):
            response.vary.add("Accept-Language")
        return response

    @app.url_defaults
    def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and language() != "th" and not endpoint.endswith((".tile",)) and "_api" not in endpoint:
            values["lang"] = language()


def _other_language_url() -> str:
    """This page's address in the other language, with everything else as it is.

    What was typed never becomes an argument of ``url_for``, which has names of its own (``_external``, ``_scheme``).
    A page kept for everybody carries only the parameters it was made from, not those of its first visitor.
    """
    lang = {"lang": "en"} if language() == "th" else {}
    made_from = g.get("made_from")
    if made_from is None:
        made_from = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    asked = urlencode([*made_from, *lang.items()])
    if request.endpoint is None:  # an address that is none of ours: only its query, so that it stays on this host
        return f"?{asked}"
    path = url_for(request.endpoint, **(request.view_args or {}), lang=None)
    return f"{path}?{asked}" if asked else path
