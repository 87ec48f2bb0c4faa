"""Reads of the coverage room."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Select, and_, cast, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from mapapp.areas import queries as areas
from mapapp.areas.models import Area, AreaShape
from mapapp.coverage import pending
from mapapp.coverage.metrics import METRICS, breaks, shortened
from mapapp.coverage.models import RADII_KM, Coverage, CoverageCountingStale, CoverageHistory, CoverageSite, Figures
from mapapp.coverage.schemas import (
    AreaFigures,
    AreaFiguresQuery,
    BestSiteQuery,
    CoverageRow,
    CoverageTable,
    CoverageValues,
    FigureQuery,
    Gain,
    NearestFacility,
)
from mapapp.coverage.sql import source, statement
from mapapp.facilities.models import Facility

_BATCH = 12
"""Places whose gain is computed at once while the best are looked for."""

_TOLD = ("nearest_km", "facilities", "per_10000", "beds", "beds_per_10000", "computed_at")

_BANDS = {"province": 6, "amphoe": 8, "tambon": 10}
"""The simplified set of boundaries that a download of a level carries."""


def _current(stale: bool) -> type[Coverage] | type[CoverageCountingStale]:
    return CoverageCountingStale if stale else Coverage


def _kept(query: FigureQuery) -> Any:
    """The table of a query's figures as they stand, or as they stood on its day."""
    if query.day is None:
        return _current(query.stale)
    rows = select(CoverageHistory).where(
        CoverageHistory.kind == query.kind, CoverageHistory.stale == query.stale, CoverageHistory.day <= query.day
    )
    code = CoverageHistory.area_code
    newest = rows.ext(distinct_on(code)).order_by(code, CoverageHistory.day.desc())
    return aliased(CoverageHistory, newest.subquery())


def _figures(query: FigureQuery, kept: Any) -> dict[str, Any]:
    """The columns of the table for a query, by name; ``value`` is the asked-for one."""
    columns: dict[str, Any] = {
        "nearest_km": kept.nearest_km,
        "within_share": getattr(kept, f"within_share_{query.radius_km}"),
        "beyond_people": getattr(kept, f"beyond_people_{query.radius_km}"),
        "facilities": kept.facilities,
        "per_10000": kept.per_10000,
        "beds": kept.beds,
        "beds_per_10000": kept.beds_per_10000,
        "computed_at": kept.computed_at,
    }
    return {**columns, "value": columns[query.metric]}


def _select(query: FigureQuery, kept: Any, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Area)
        .outerjoin(kept, and_(kept.area_code == Area.code, kept.kind == query.kind))
        .where(Area.level == query.level, areas.scope(Area.code, query.within))
    )


def table(session: Session, query: FigureQuery) -> CoverageTable:
    """The figures of the areas, worst first, those without one last.

    Raises:
        NotFound: no area has the code ``within``.
    """
    if query.within is not None:
        areas.get(session, query.within)
    metric = METRICS[query.metric]
    kept = _kept(query)
    columns = _figures(query, kept)
    parent = aliased(Area)
    order = columns["value"].desc() if metric.direction == "high" else columns["value"].asc()
    names = (Area.code, Area.level, Area.name_th, Area.name_en, Area.population, Area.population_as_of)
    found = session.execute(
        _select(
            query,
            kept,
            *names,
            Area.approximate,
            pending.counted([query.kind], query.within).label("pending"),
            parent.name_th.label("parent_th"),
            parent.name_en.label("parent_en"),
            kept.nearest_facility_id,
            Facility.name_th.label("nearest_facility_th"),
            Facility.name_en.label("nearest_facility_en"),
            *(column.label(name) for name, column in columns.items()),
        )
        .outerjoin(parent, parent.code == Area.parent_code)
        .outerjoin(Facility, Facility.id == kept.nearest_facility_id)
        .order_by(order.nulls_last(), Area.population.desc().nulls_last(), Area.code)
    )
    waiting, rows = 0, []
    for row in found:
        values = dict(row._mapping)
        waiting = values.pop("pending")
        rows.append(CoverageRow.model_construct(**values))
    return CoverageTable(
        level=query.level,
        metric=query.metric,
        kind=query.kind,
        radius_km=query.radius_km,
        within=query.within,
        stale=query.stale,
        unit=metric.unit,
        direction=metric.direction,
        breaks=breaks(metric, (row.value for row in rows)),
        # The oldest: what the whole table is at least as new as.
        computed_at=min((row.computed_at for row in rows if row.computed_at is not None), default=None),
        pending=waiting,
        rows=rows,
    )


def state(session: Session, query: FigureQuery) -> tuple[bool, datetime | None]:
    """Whether figures of ``table`` are being computed, and the time of the newest ones."""
    kept = _kept(query)
    newest = func.max(kept.computed_at)
    found, at = session.execute(_select(query, kept, pending.counted([query.kind], query.within), newest)).one()
    return found > 0, at


def values(session: Session, query: FigureQuery, beside: FigureQuery | None = None) -> CoverageValues:
    """Only the numbers, for a choropleth. ``beside``: a query that is shown beside it, in the same classes.

    Raises as ``table`` does.
    """
    if query.within is not None:
        areas.get(session, query.within)
    metric = METRICS[query.metric]
    found = _numbers(session, query)
    others = [] if beside is None or metric.bounds else [row[1] for row in _numbers(session, beside)]
    return CoverageValues(
        level=query.level,
        metric=query.metric,
        kind=query.kind,
        radius_km=query.radius_km,
        stale=query.stale,
        unit=metric.unit,
        direction=metric.direction,
        breaks=breaks(metric, [*(number for _, number, _ in found), *others]),
        pending=found[0][2] if found else 0,
        values={code: shortened(number) for code, number, _ in found},
    )


def _numbers(session: Session, query: FigureQuery) -> Sequence[Any]:
    """Code, figure, and how many are still to be computed."""
    kept = _kept(query)
    value, waiting = _figures(query, kept)["value"], pending.counted([query.kind], query.within)
    asked = _select(query, kept, Area.code, value, waiting).where(value.is_not(None)).order_by(Area.code)
    return session.execute(asked).all()


def shapes(session: Session, query: FigureQuery) -> dict[str, str]:
    """Boundaries of the areas as GeoJSON geometries by code, simplified alike for neighbours where such exist."""
    drawn = func.ST_Transform(AreaShape.shape, 4326)
    plain = func.ST_SimplifyPreserveTopology(Area.boundary, 0.001)
    found = session.execute(
        select(Area.code, func.ST_AsGeoJSON(func.coalesce(drawn, plain), 5))
        .outerjoin(AreaShape, and_(AreaShape.code == Area.code, AreaShape.band == _BANDS[query.level]))
        .where(Area.level == query.level, areas.scope(Area.code, query.within))
    )
    return {row[0]: row[1] for row in found}


def one(session: Session, code: str, query: AreaFiguresQuery) -> AreaFigures:
    """The figures of one area, with the facility that a tambon's distance leads to, as both were counted.

    Raises:
        NotFound: no area has this code.
    """
    area, kept = areas.get(session, code), _current(query.stale)
    start, end = cast(Area.point, Geometry("POINT", 4326)), cast(CoverageSite.point, Geometry("POINT", 4326))
    row = session.execute(
        select(
            func.ST_Y(start).label("lat"),
            func.ST_X(start).label("lon"),
            *(getattr(kept, name) for name in _TOLD),
            *(getattr(kept, f"within_share_{km}") for km in RADII_KM),
            *(getattr(kept, f"beyond_people_{km}") for km in RADII_KM),
            kept.nearest_facility_id,
            Facility.name_th,
            Facility.name_en,
            func.ST_Y(end).label("site_lat"),
            func.ST_X(end).label("site_lon"),
        )
        .select_from(Area)
        .outerjoin(kept, and_(kept.area_code == Area.code, kept.kind == query.kind))
        .outerjoin(Facility, Facility.id == kept.nearest_facility_id)
        .outerjoin(CoverageSite, CoverageSite.facility_id == kept.nearest_facility_id)
        .where(Area.code == area.code)
    ).one()
    found = row._mapping
    near = None
    if row.name_th is not None and row.site_lat is not None:
        near = NearestFacility(
            id=row.nearest_facility_id, name_th=row.name_th, name_en=row.name_en, lat=row.site_lat, lon=row.site_lon
        )
    known = row.computed_at is not None
    return AreaFigures(
        code=area.code,
        level=area.level,
        name_th=area.name_th,
        name_en=area.name_en,
        population=area.population,
        kind=query.kind,
        stale=query.stale,
        lat=row.lat,
        lon=row.lon,
        nearest_facility=near,
        within_share={km: found[f"within_share_{km}"] for km in RADII_KM if known},
        beyond_people={km: found[f"beyond_people_{km}"] for km in RADII_KM if known},
        **{name: found[name] for name in _TOLD},
    )


@dataclass(frozen=True)
class Profile:
    """One area's figures for one kind, all radii; and of a tambon the facility that its distance leads to."""

    kind: str
    figures: Figures | None
    nearest: Any = None


def profile(
    session: Session, code: str, kinds: Sequence[str], stale: Collection[str] = ()
) -> tuple[list[Profile], int]:
    """An area's figures for each kind, in the order asked for, and how many of its parts are being computed anew.

    Args:
        stale: the kinds of which facilities that nobody has confirmed lately count, too.
    """
    found: dict[str, Figures] = {}
    waiting = 0
    for counts_stale in (False, True):
        kept = _current(counts_stale)
        wanted = [kind for kind in kinds if (kind in stale) == counts_stale]
        if wanted:
            mine = and_(kept.area_code == code, kept.kind.in_(wanted))
            rows: Sequence[Any] = session.execute(select(kept, pending.counted(within=code)).where(mine)).all()
            found |= {row.kind: row for row, _ in rows}
            waiting = max([waiting, *(count for _, count in rows)])
    ids = [row.nearest_facility_id for row in found.values() if row.nearest_facility_id is not None]
    columns = (Facility.id, Facility.name_th, Facility.name_en)
    named = {row.id: row for row in session.execute(select(*columns).where(Facility.id.in_(ids)))} if ids else {}
    nearest = {kind: named.get(row.nearest_facility_id) for kind, row in found.items()}
    return [Profile(kind, found.get(kind), nearest.get(kind)) for kind in kinds], waiting


def facilities_in(session: Session, code: str, limit: int) -> tuple[list[Any], int]:
    """The first facilities in an area by kind and name, and how many there are."""
    inside = and_(areas.scope(Facility.tambon_code, code), Facility.status != "closed")
    columns = (
        Facility.id,
        Facility.kind,
        Facility.name_th,
        Facility.name_en,
        Facility.phone,
        Facility.phone_more,
        Facility.status,
        Facility.beds,
        Facility.is_example,
        Facility.verified_at,
        Facility.confirmed_at,
        Facility.doubtful_at,
        Facility.closed_from,
        Facility.closed_until,
        Facility.opening_hours,
    )
    rows = session.execute(
        select(*columns, func.count().over().label("total"))
        .where(inside)
        .order_by(Facility.kind, Facility.name_th, Facility.id)
        .limit(limit)
    ).all()
    return list(rows), rows[0].total if rows else 0


def counts_examples(session: Session, kind: str) -> bool:
    """Whether example facilities are among those of a kind."""
    return bool(session.scalar(select(exists().where(Facility.kind == kind, Facility.is_example))))


def best_new_site(session: Session, query: BestSiteQuery) -> list[Gain]:
    """Where one more site brings the most people within reach, over all tambons it would reach; best first.

    Every tambon's reference point is a place. An upper bound of its gain is cheap, the gain itself is geometry: so
    places are computed in the order of their bounds, until no bound left beats the worst of the best.

    Raises:
        NotFound: no area has the code ``within``.
    """
    if query.within is not None:
        areas.get(session, query.within)
    given: dict[str, Any] = {"kind": query.kind, "radius_km": query.radius_km}
    tambons = session.scalars(select(Area.code).where(Area.level == "tambon", areas.scope(Area.code, query.within)))
    bound = session.execute(statement("best_bound", stale=query.stale), {**given, "codes": tambons.all()}).all()
    best: list[tuple[float, str, float]] = []
    for start in range(0, len(bound), _BATCH):
        batch = bound[start : start + _BATCH]
        if len(best) >= query.limit and batch[0].people <= best[-1][0]:
            break
        codes = [row.code for row in batch]
        found = session.execute(statement("best_gain", stale=query.stale), {**given, "codes": codes})
        gains = [(row.people, row.code, row.own_people) for row in found if row.people >= 1]
        best = heapq.nsmallest(query.limit, best + gains, key=lambda gain: (-gain[0], gain[1]))
    return _named(session, best)


def _named(session: Session, best: list[tuple[float, str, float]]) -> list[Gain]:
    amphoe, province = aliased(Area), aliased(Area)
    point = cast(Area.point, Geometry("POINT", 4326))
    rows = session.execute(
        select(
            Area.code,
            Area.name_th,
            Area.name_en,
            amphoe.name_th.label("amphoe_th"),
            amphoe.name_en.label("amphoe_en"),
            province.name_th.label("province_th"),
            province.name_en.label("province_en"),
            func.ST_Y(point).label("lat"),
            func.ST_X(point).label("lon"),
        )
        .join(amphoe, amphoe.code == func.left(Area.code, 4))
        .join(province, province.code == func.left(Area.code, 2))
        .where(Area.code.in_([code for _, code, _ in best]))
    )
    named = {row.code: row._mapping for row in rows}
    return [Gain(**named[code], people=people, own_people=own) for people, code, own in best]


def bare_full_sql() -> str:
    """The statement at the heart of a full refresh, with psql-like ``:name`` parameters, for measuring against.

    Its parameters: ``kind``; ``codes``, all tambons; ``share_codes`` and ``share_metres``, every pair of a tambon and
    a radius in metres; ``now``.
    """
    return source("tambons")
