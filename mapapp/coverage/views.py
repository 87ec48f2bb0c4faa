"""Pages of the coverage room: where facilities do not reach, an area, and where one more site would help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, g, render_template, url_for
from pydantic import TypeAdapter, ValidationError

from mapapp import database
from mapapp.areas import queries as areas
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.areas.models import LEVELS
from mapapp.core import geo
from mapapp.core.errors import N_, Invalid
from mapapp.core.fields import AreaCode, problems_of
from mapapp.coverage import labels as coverage_labels
from mapapp.coverage import queries, service
from mapapp.coverage.metrics import BEDS_KINDS, METRICS, UNIT_LABELS
from mapapp.coverage.models import RADII_KM
from mapapp.coverage.schemas import DIGITS, AreaQuery, BestSiteQuery, FigureQuery, PageQuery
from mapapp.coverage.unconfirmed import Unconfirmed, by_kind
from mapapp.facilities import formatting as facilities_formatting
from mapapp.facilities import hours
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.labels import KIND_LABELS, STATUS_LABELS
from mapapp.web import cache, page_freshness
from mapapp.web.cache import cached
from mapapp.web.i18n import gettext, here, name_of
from mapapp.web.params import Asked, asked
from mapapp.web.request import config, now, session

pages = Blueprint("coverage", __name__)

NEXT_LEVEL = {"province": "amphoe", "amphoe": "tambon"}

_DATA = ("areas", "facilities", "coverage")
_ROWS = 100
_FACILITIES = 50
_code = TypeAdapter(AreaCode)
_yes_or_no = TypeAdapter(bool)

Query = TypeVar("Query", FigureQuery, PageQuery, BestSiteQuery)
Kept = TypeVar("Kept")


def _version(is_waiting: bool, computed_at: datetime | None) -> str:
    """What tells whether a page of figures is still as it was: while new ones are on their way, that they are."""
    return page_freshness.version_of(is_waiting, None if is_waiting else computed_at)


def _version_asked() -> str:
    form = asked(PageQuery)
    if form.value is None:
        return ""
    left = _unconfirmed()[form.value.kind]
    return _version(*queries.state(session(), _settled(form.value, _said(form), left)))


def _version_of_area(code: str) -> str:
    _left, _counting, profile, waiting = _profile(code, _said(asked(AreaQuery)))
    return _version(waiting > 0, _newest(profile))


def _newest(profile: list[queries.Profile]) -> datetime | None:
    return max((one.figures.computed_at for one in profile if one.figures), default=None)


@pages.get("/coverage")
@page_freshness.checked(*_DATA, version=_version_asked)
@cached(*_DATA, every=300, takes=PageQuery.model_fields)
def index() -> Response:
    """Where facilities do not reach: form, map, table worst first."""
    form = asked(PageQuery)
    stale = _said(form)
    typed = {**PageQuery().model_dump(), **form.typed, "stale": stale}
    if form.value is not None:
        typed["level"] = form.value.level
    left = _unconfirmed().get(typed["kind"], Unconfirmed())
    shown: dict[str, Any] = {"found": None, "crumbs": [], "state": _state(PageQuery(), None, stale)}
    if form.value is not None:
        shown = _figures(form.value, stale, left)
    page = render_template(
        "coverage/index.html",
        form=form,
        typed=typed,
        left=left,
        said_stale=_sent(stale),
        metrics=METRICS,
        metric_labels={metric.name: metric.label for metric in METRICS.values()},
        units=UNIT_LABELS,
        kinds=KIND_LABELS,
        levels=_levels_in(form.value.within if form.value else None),
        translated=_translated,
        radius_options=[(km, gettext(N_("%(km)s km"), km=km)) for km in RADII_KM],
        within_options=_within_options(shown["crumbs"]),
        next_level=NEXT_LEVEL,
        **shown,
    )
    return Response(page, form.status, mimetype="text/html")


def _levels_in(within: str | None) -> dict[str, str]:
    """The levels that can be listed inside an area: those below its own."""
    return {
        level: label
        for level, label in ((level, LEVEL_LABELS[level]) for level in LEVELS)
        if DIGITS[level] > len(within or "")
    }


def _translated(labels: dict[str, str]) -> list[tuple[str, str]]:
    """Values and labels of a form's choices."""
    return [(value, gettext(label)) for value, label in labels.items()]


def _within_options(crumbs: list[Any]) -> list[tuple[str, str]]:
    """All of Thailand, every province, and under its own the amphoe that is being looked at."""
    options = [("", gettext(N_("All of Thailand")))]
    for province in areas.children(session(), None):
        options.append((province.code, name_of(province)))
        options += [(c.code, f"– {name_of(c)}") for c in crumbs[1:] if c.code.startswith(province.code)]
    return options


def _said(form: Asked[Any]) -> bool | None:
    """Whether to count stale facilities, as the address says; None if it does not say."""
    try:
        return _yes_or_no.validate_python(form.typed.get("stale", ""))
    except ValidationError:  # nothing said; or something else, of which the form tells
        return None


def _sent(stale: bool | None) -> int | None:
    """The same for an address; None leaves it out."""
    return None if stale is None else int(stale)


def _settled(query: Query, stale: bool | None, left: Unconfirmed) -> Query:
    """The query with what the page counts, whether its address says it or not."""
    return query.model_copy(update={"stale": left.counted(stale)})


def _otherwise(query: FigureQuery | BestSiteQuery, left: Unconfirmed) -> int | None:
    """``stale`` of the address whose page counts what this one leaves out, or the other way round."""
    wanted = not query.stale
    return None if left.counted(None) == wanted else int(wanted)


def _figures(query: PageQuery, stale: bool | None, left: Unconfirmed) -> dict[str, Any]:
    """What the page shows for a query that can be answered."""
    query = _settled(query, stale, left)
    found = queries.table(session(), query)
    newest = max((row.computed_at for row in found.rows if row.computed_at is not None), default=None)
    page_freshness.shows(_version(found.pending > 0, newest), watch=found.pending > 0)
    bounds = areas.frame(session(), query.within)
    best = query.model_dump(include={"kind", "radius_km", "within"}, exclude_none=True)
    return {
        "query": query,
        "asked_for": _address(query),
        "picture": _picture(query),
        "otherwise": _otherwise(query, left),
        "basis": coverage_labels.of_unconfirmed(left, here(), counted=query.stale),
        "heading": coverage_labels.heading(query, here()),
        "counted": coverage_labels.counted(query, here()),
        "has_beds": query.kind in BEDS_KINDS,
        "best_url": url_for("coverage.best_site", **best, stale=int(query.stale) if left.count else None),
        "found": found,
        "rows": found.rows if query.show == "all" else found.rows[:_ROWS],
        "crumbs": areas.path_of(session(), query.within) if query.within else [],
        "metric": METRICS[query.metric],
        "approximate": any(row.approximate for row in found.rows),
        "unpeopled": sum(row.population is None for row in found.rows),
        "examples": queries.counts_examples(session(), query.kind),
        "stale": _stale(),
        "state": _state(query, bounds, stale),
    }


def _address(query: FigureQuery) -> dict[str, Any]:
    """The query's own parameters, for links that keep them; what is counted the link adds as it means it."""
    return query.model_dump(include={"level", "metric", "kind", "radius_km", "within", "day"}, exclude_none=True)


def _picture(query: FigureQuery) -> str | None:
    """The address of the map as a picture, as link previews want it: whole, so None where nobody has said under which
    address the service is reached. The page is kept for everybody, so the address somebody came by does not do."""
    public = config().public_url
    path: str = url_for("pictures.coverage", **_address(query), stale=1 if query.stale else None, lang=here().code)
    return public + path if public else None


def _state(query: FigureQuery, bounds: geo.Bbox | None, stale: bool | None) -> dict[str, Any]:
    """What the map needs to know; the numbers it fetches itself. ``stale``: what the page's own address says."""
    values: str = url_for("coverage_api.values", **_address(query), stale=1 if query.stale else None)
    return {
        **query.model_dump(include={"level", "metric", "kind", "radius_km"}),
        "values_url": values,
        "within": query.within,
        "bounds": None if bounds is None else bounds.edges,
        "metric_label": coverage_labels.heading(query, here()),
        "counted": coverage_labels.counted(query, here()),
        "stale": _sent(stale),
    }


@pages.get("/coverage/best-site")
@cached(*_DATA, every=300, takes=BestSiteQuery.model_fields)
def best_site() -> Response:
    """Where one more site would help most: a page, whose one section the coverage page takes in."""
    form = asked(BestSiteQuery)
    shown: dict[str, Any] = {"query": None, "places": []}
    if form.value is not None:
        left = _unconfirmed()[form.value.kind]
        query = _settled(form.value, _said(form), left)
        own = query.model_dump(
            include={"kind", "radius_km", "within", "limit"}, exclude_none=True, exclude_defaults=True
        )
        shown = {
            "query": query,
            "places": queries.best_new_site(session(), query),
            "basis": coverage_labels.of_unconfirmed(left, here(), counted=query.stale),
            "other_url": url_for("coverage.best_site", **own, stale=_otherwise(query, left)),
        }
    page = render_template("coverage/best_site.html", form=form, kinds=KIND_LABELS, **shown)
    return Response(page, form.status, mimetype="text/html")


@pages.get("/areas/<code>")
@page_freshness.checked(*_DATA, version=_version_of_area)
@cached(*_DATA, every=300, takes=AreaQuery.model_fields)
def area(code: str) -> Response:
    """One province, amphoe or tambon: what is known of it and what reaches it."""
    try:
        known = _code.validate_python(code)
    except ValidationError as error:
        raise Invalid(problems_of(error)) from None
    found = areas.get(session(), known)
    form = asked(AreaQuery)
    stale = _said(form)
    left, counting, profile, waiting = _profile(known, stale)
    page_freshness.shows(_version(waiting > 0, _newest(profile)), watch=waiting > 0)
    facilities, total = queries.facilities_in(session(), known, _FACILITIES)
    around = _around(known, found.level)
    around = _settled(around, stale, left[around.kind])
    state = {**_state(around, areas.bounds(session(), known), stale), "within": known}
    page = render_template(
        "coverage/area.html",
        area=found,
        form=form,
        said_stale=_sent(stale),
        counting=counting,
        left_out=sum(one.count for kind, one in left.items() if kind not in counting),
        data_stale=1 if around.stale else None,
        crumbs=areas.path_of(session(), known),
        profile=profile,
        computed_at=min((one.figures.computed_at for one in profile if one.figures), default=None),
        waiting=waiting,
        children=areas.children(session(), known),
        next_level=NEXT_LEVEL,
        facilities=facilities,
        facilities_total=total,
        kinds=KIND_LABELS,
        said=facilities_formatting,
        beds_kinds=BEDS_KINDS,
        status_labels=STATUS_LABELS,
        state=state,
        picture=_picture(around),
        saved={**_address(around), "stale": 1 if around.stale else None, "chosen": known},
        title=name_of(found),
        lifetimes=lifetimes(config()),
        now=now(),
        state_of=hours.state,
    )
    return Response(page, form.status, mimetype="text/html")


def _profile(code: str, stale: bool | None) -> tuple[dict[str, Unconfirmed], list[str], list[queries.Profile], int]:
    """What is unconfirmed by kind, the kinds of which it is counted, the figures, and how many of them are to come."""
    left = _unconfirmed()
    counting = [kind for kind, one in left.items() if one.count and one.counted(stale)]
    return left, counting, *queries.profile(session(), code, list(KIND_LABELS), counting)


def _around(code: str, level: str) -> FigureQuery:
    """The figures the map of an area shows: its parts, or a tambon among its neighbours."""
    if level == "tambon":
        return FigureQuery(level="tambon", within=code[:4])
    return FigureQuery(level="amphoe" if level == "province" else "tambon", within=code)


def _stale() -> service.Staleness:
    """Looked up once a minute and state of the data, not for every page."""
    key = (int(now().timestamp()) // 60, tuple(sorted(database.data_versions(session()).items())))
    return _kept("stale", key, lambda: service.stale(session(), now=now(), lifetimes=lifetimes(config())))


def _unconfirmed() -> dict[str, Unconfirmed]:
    """Looked up once a state of the data, as the page's cache has read it: it counts every place there is."""
    return _kept("unconfirmed", g.get("versions") or cache.current(_DATA), lambda: by_kind(session()))


def _kept(name: str, key: Any, look_up: Callable[[], Kept]) -> Kept:
    """What was looked up for this key, which is kept until another one comes. One assignment: threads ask at once."""
    name = f"mapapp_coverage_{name}"
    kept: tuple[Any, Kept] | None = current_app.extensions.get(name)
    if kept is None or kept[0] != key:
        kept = current_app.extensions[name] = (key, look_up())
    return kept[1]
