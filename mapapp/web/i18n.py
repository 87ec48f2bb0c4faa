"""Languages of answers: the choice of the language, texts and formats in it, and links that keep it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, Response, g, has_request_context, request, url_for
from jinja2 import pass_context
from markupsafe import Markup

from mapapp.core import formats
from mapapp.core.errors import N_, FieldProblem, Message
from mapapp.core.languages import BY_CODE, CODES, DEFAULT, LANGUAGES, WRITTEN, Language
from mapapp.web.translating import translate as translate
from mapapp.web.translating import translations


def language() -> str:
    """The language of this answer: ``?lang=``, for programs also ``Accept-Language``; Thai otherwise.

    Pages ignore ``Accept-Language``: an address has one content, so it can be cached and shared.
    """
    if not has_request_context():
        return DEFAULT.code
    chosen: str | None = g.get("language")
    if chosen is None:
        chosen = DEFAULT.code
        asked = request.args.get("lang", "")
        if asked in BY_CODE:
            chosen = asked if BY_CODE[asked].for_staff or not is_for_staff(request.path) else WRITTEN.code
        elif is_for_programs(request.path):
            g.language_negotiated = True
            chosen = request.accept_languages.best_match(CODES, chosen) or chosen
        g.language = chosen
    return chosen


def here() -> Language:
    """The ``Language`` of this answer."""
    return BY_CODE[language()]


def asked_in(lang: str | None = None) -> list[tuple[str, str]]:
    """The language parameter of an address (that of the request if none is given): empty for the default language."""
    lang = lang or language()
    return [] if lang == DEFAULT.code else [("lang", lang)]


def language_field() -> Markup:
    """The same as a hidden field, for forms with method GET: their fields replace the query of the address."""
    return Markup("").join(Markup('<input type="hidden" name="{}" value="{}">').format(*one) for one in asked_in())


def is_for_staff(path: str) -> bool:
    """Whether the page is for officers and volunteers; not every language has these pages."""
    return path.startswith(("/officer", "/account", "/sign-in", "/sign-out", "/join", "/volunteer"))


def is_for_programs(path: str) -> bool:
    """Whether answers at this address are data and RFC 9457 problems, not pages."""
    return path.startswith(("/api/", "/tiles/", "/healthz", "/readyz")) and not path.startswith("/api/v1/docs")


def gettext(text: str, **values: Any) -> str:
    """The text in the request's language, with ``%(name)s`` places filled."""
    return translate(text, language(), **values)


def ngettext(singular: str, plural: str, n: int, *, lang: str | None = None, **values: Any) -> str:
    """The form for ``n``, filled; ``%(num)s`` is ``n`` with thousands separated. ``lang``: not that of the request."""
    lang = lang or language()
    text: str = translations(lang).ungettext(singular, plural, n)
    return text % {"num": formats.number(n, 0, BY_CODE[lang]), **values}


def tell(message: Message, lang: str | None = None) -> str:
    """The text of a domain message in the request's language."""
    return translate(message.text, lang or language(), **message.values)


def place_of(problem: FieldProblem, lang: str) -> str:
    """The place of a problem for the command line: file, row and column, as far as they are known."""
    row = "" if problem.row is None else translate(N_("row %(row)s"), lang, row=problem.row)
    return ", ".join(filter(None, (problem.field, row, problem.column)))


def name_of(thing: Any, what: str = "name") -> str:
    """The name of an area, a village or a facility in the page's language, or in the next language that the page can
    show. ``what`` is the beginning of the column names: ``parent`` for ``parent_th``."""
    names = [str(found) for _lang, found in _names(thing, what)]
    return names[0] if names else ""


def _names(thing: Any, what: str = "name") -> list[tuple[str, str]]:
    named = [(lang, getattr(thing, f"{what}_{lang}", None)) for lang in here().names]
    return [(lang, found) for lang, found in named if found]


def lang_of(thing: Any) -> Markup:
    """The ``lang`` attribute of an element with ``name_of``: screen readers read a Thai name on an English page as
    Thai."""
    lang = next((lang for lang, _found in _names(thing)), language())
    return Markup("") if lang == language() else Markup(' lang="{}"').format(lang)


def other_name_of(thing: Any) -> dict[str, str] | None:
    """The name that ``name_of`` does not show, and its language, if it is different."""
    shown = name_of(thing)
    for lang in sorted({lang for one in LANGUAGES for lang in one.names}):
        found = getattr(thing, f"name_{lang}", None)
        if found and found != shown:
            return {"lang": lang, "text": found}
    return None


def language_name(code: str) -> str:
    """What a language is called in the page's language: “Burmese”, “พม่า”."""
    known = BY_CODE.get(code)
    return (Locale.parse(known.locale).get_language_name(here().locale) if known else None) or code


def day(value: date | datetime | None) -> str:
    """``20 พ.ย. 2569`` or ``20 Nov 2026``; times are converted to Bangkok time first."""
    return formats.NOTHING if value is None else formats.day(value, here())


def moment(value: datetime | None) -> str:
    """``20 พ.ย. 2569 14:05 น.`` or ``20 Nov 2026 14:05``, in Bangkok."""
    return formats.NOTHING if value is None else formats.moment(value, here())


def clock(value: datetime) -> str:
    """``14:05 น.`` or ``14:05``, in Bangkok."""
    return formats.clock(value, here())


def ago(value: datetime | None, now: datetime) -> str:
    """``12 นาทีที่แล้ว`` within a week, the day after that."""
    if value is None:
        return formats.NOTHING
    since = now - value
    if since < timedelta(minutes=1):
        return gettext("just now")
    return day(value) if since >= timedelta(days=7) else gettext("%(length)s ago", length=formats.past(since, here()))


def days_ago(days: int) -> str:
    """``today``, ``yesterday``, ``3 days ago``."""
    if days <= 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    return gettext("%(length)s ago", length=formats.past(timedelta(days=days), here()))


def number(value: float | None, digits: int = 0) -> str:
    """``12,345`` or ``12,345.6``; a dash if there is no value."""
    return formats.NOTHING if value is None else formats.number(value, digits, here())


def percent(share: float | None) -> str:
    """A share of 0–1 as ``87.5 %``; never 100 % or 0 % by rounding alone."""
    return formats.NOTHING if share is None else formats.percent(share, here())


def distance(metres: float | None) -> str:
    """``850 ม.`` / ``3.2 กม.`` or ``850 m`` / ``3.2 km``."""
    return formats.NOTHING if metres is None else formats.distance(metres, here())


def nl2br(text: str) -> Markup:
    """Escapes a text and keeps its line breaks."""
    return Markup("<br>").join(text.splitlines())


def per_request(filtered: Callable[..., Any]) -> Callable[..., Any]:
    """Registers a template filter that runs for every page. All of our filters use it.

    Jinja evaluates a filter on a literal once, when it compiles the template: in the language of the first visitor, for
    everyone. A filter that takes the context is evaluated for each request.
    """

    @pass_context
    @wraps(filtered)
    def asked(_context: object, *args: Any, **named: Any) -> Any:
        return filtered(*args, **named)

    return asked


def init(app: Flask) -> None:
    """Registers gettext and the formats for templates; keeps ``lang`` in every address."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: translate(text, language()),
        ngettext=lambda s, p, n: translations(language()).ungettext(s, p, n),
        pgettext=lambda context, text: translations(language()).upgettext(context, text),
        npgettext=lambda context, s, p, n: translations(language()).unpgettext(context, s, p, n),
        newstyle=True,
    )
    for shown in (
        day, moment, number, percent, distance, name_of, lang_of, other_name_of, language_name, nl2br, tell, ago,
        days_ago,
    ):  # fmt: skip
        app.jinja_env.filters[shown.__name__] = per_request(shown)
    app.jinja_env.globals.update(
        language=language, page_language=here, language_field=language_field, other_languages=_other_languages
    )

    @app.after_request
    def _differs_by_language(response: Response) -> Response:
        if g.get("language_negotiated"):
            response.vary.add("Accept-Language")
        return response

    @app.url_defaults
    def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and not endpoint.endswith((".tile",)) and "_api" not in endpoint:
            values.update(asked_in())


def _other_languages() -> list[tuple[Language, str]]:
    """The other languages of this page, each with its address; the other parameters are kept.

    Input is never an argument of ``url_for``, which has special names (``_external``, ``_scheme``). A page cached for
    everyone has only the parameters it depends on, not those of its first visitor.
    """
    made_from = g.get("made_from")
    if made_from is None:
        made_from = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    # Not one of our routes: only the query, so that the link stays on this host.
    path = "" if request.endpoint is None else url_for(request.endpoint, **(request.view_args or {}), lang=None)
    found = []
    for one in LANGUAGES:
        if is_for_staff(request.path) and not one.for_staff:
            continue
        asked = urlencode([*made_from, *asked_in(one.code)])
        if one.code != language():
            found.append((one, f"{path}?{asked}" if asked or not path else path))
    return found
