"""The page that lays two kinds of facilities, or two days, side by side."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from mapapp.areas import queries as areas
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.coverage import labels
from mapapp.coverage.compare import compare, kept_days
from mapapp.coverage.metrics import METRICS, UNIT_LABELS
from mapapp.coverage.models import RADII_KM
from mapapp.coverage.schemas import ComparePageQuery, Comparison, FigureQuery
from mapapp.coverage.unconfirmed import Unconfirmed, by_kind
from mapapp.facilities.labels import KIND_LABELS
from mapapp.web.cache import cached
from mapapp.web.i18n import gettext, here, name_of
from mapapp.web.params import Asked, asked
from mapapp.web.request import session

pages = Blueprint("compare", __name__)

ROWS = 100


@pages.get("/coverage/compare")
@cached("areas", "facilities", "coverage", every=300, takes=ComparePageQuery.model_fields)
def page() -> Response:
    """Two maps that move together, one legend, and a table of both figures with their difference."""
    form = asked(ComparePageQuery)
    shown: dict[str, Any] = {"found": None, "state": {}, "days": kept_days(session())}
    if form.value is not None:
        shown = _figures(form, form.value)
    made = render_template(
        "coverage/compare.html",
        form=form,
        typed={**ComparePageQuery().model_dump(), **form.typed},
        kinds=_named(KIND_LABELS),
        metrics=_named({metric.name: metric.label for metric in METRICS.values()}),
        levels=_named(LEVEL_LABELS),
        radii=[(km, f"{km} {gettext('km')}") for km in RADII_KM],
        areas=_areas(form.value.within if form.value else None),
        units=UNIT_LABELS,
        **shown,
    )
    return Response(made, form.status, mimetype="text/html")


def _named(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, gettext(text)) for value, text in texts.items()]


def _areas(within: str | None) -> list[tuple[str, str]]:
    """The country, its provinces, and the amphoe that is looked at."""
    found = [("", gettext("All of Thailand"))]
    for province in areas.children(session(), None):
        found.append((province.code, name_of(province)))
        if within and len(within) == 4 and within.startswith(province.code):
            found.append((within, f"– {name_of(areas.get(session(), within))}"))
    return found


def _figures(form: Asked[ComparePageQuery], query: ComparePageQuery) -> dict[str, Any]:
    said = query.stale if form.typed.get("stale") else None
    unconfirmed = by_kind(session(), {query.left, query.right})

    def settled(one: FigureQuery, own: bool | None) -> FigureQuery:
        """With what the page counts, whether its address says it or not."""
        counted = unconfirmed[one.kind].counted(said if own is None else own)
        return one.model_copy(update={"stale": counted})

    first, second = query.sides()
    left, right = settled(first, query.left_stale), settled(second, query.right_stale)
    found = compare(session(), left, right)
    kept = query.model_dump(exclude={"show"}, exclude_none=True, exclude_defaults=True)
    kept |= {"level": query.level, "left": query.left, "right": query.right}
    return {
        "query": query,
        "kept": kept,
        "found": found,
        "rows": found.rows if query.show == "all" else found.rows[:ROWS],
        "metric": METRICS[query.metric],
        "figure_name": labels.figure(left, here()),
        "api_kept": {**kept, "stale": None, "left_stale": int(left.stale), "right_stale": int(right.stale)},
        "sides": [labels.side(one, here()) for one in (left, right)],
        "basis": dict.fromkeys(_basis(one, unconfirmed[one.kind]) for one in (left, right)),
        "days": (found.days_from, found.days_to),
        "missing": _missing(found),
        "state": {
            "bounds": areas.frame(session(), query.within).edges,
            "left": _side(left, right, legend=False),
            "right": _side(right, left, legend=True),
        },
    }


def _basis(query: FigureQuery, left: Unconfirmed) -> str:
    """Which side counts which facilities; empty where all were confirmed."""
    said = labels.of_unconfirmed(left, here(), counted=query.stale)
    return f"{gettext(KIND_LABELS[query.kind])}: {said}" if said else ""


def _missing(found: Comparison) -> bool:
    """Whether a day was asked for of which nothing is kept."""
    return any(
        side.day is not None and (found.days_from is None or side.day < found.days_from)
        for side in (found.left, found.right)
    )


def _side(query: FigureQuery, beside: FigureQuery, *, legend: bool) -> dict[str, Any]:
    """What one of the two maps shows; its classes fit the other, too."""
    asked_for = query.model_dump(include={"level", "metric", "kind", "radius_km", "within", "day"}, exclude_none=True)
    other: dict[str, Any] = {
        "beside_kind": beside.kind,
        "beside_day": beside.day,
        "beside_stale": 1 if beside.stale else None,
    }
    values = url_for("coverage_api.values", **asked_for, stale=1 if query.stale else None, **other)
    return {
        **query.model_dump(include={"level", "metric", "kind", "radius_km"}),
        "within": query.within,
        "values_url": values,
        "metric_label": labels.figure(query, here()),
        "counted": labels.counted(query, here()),
        "legend": legend,
        "notes": {"title": labels.side(query, here()), "lines": []},
    }
