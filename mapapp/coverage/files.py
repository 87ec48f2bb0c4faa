"""The table of figures as files: CSV, GeoJSON, and a layer of a GeoPackage."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mapapp.coverage.schemas import CoverageRow, CoverageTable
from mapapp.lists import geopackages, sheets


def as_csv(found: CoverageTable, note: str) -> bytes:
    """As a spreadsheet reads it. ``note``: a sentence on what is counted, in every row."""
    names = list(CoverageRow.model_fields)
    asked = [found.kind, found.metric, found.radius_km, "yes" if found.stale else "no", note]
    cells = (row.model_dump() for row in found.rows)
    return sheets.as_csv(
        [*names, "kind", "metric", "radius_km", "stale_counted", "note"],
        ([*(row[name] for name in names), *asked] for row in cells),
    )


def as_geojson(found: CoverageTable, shapes: Mapping[str, str]) -> str:
    """A feature collection; the geometries come from the database as text and stay text."""
    features = []
    for row in found.rows:
        properties = json.dumps(
            {**row.model_dump(mode="json"), "kind": found.kind, "radius_km": found.radius_km, "stale": found.stale},
            ensure_ascii=False,
        )
        geometry = shapes.get(row.code) or "null"
        features.append(f'{{"type":"Feature","id":"{row.code}","geometry":{geometry},"properties":{properties}}}')
    return '{"type":"FeatureCollection","features":[' + ",\n".join(features) + "]}"


def layer(found: CoverageTable, shapes: Mapping[str, str]) -> geopackages.Layer:
    """The areas with their boundaries and figures; ``shapes``: GeoJSON geometries by code."""
    rows = [row.model_dump() for row in found.rows]
    asked = {"kind": found.kind, "radius_km": found.radius_km, "stale": found.stale}
    return geopackages.Layer(
        name="areas",
        description=f"{found.metric}, {found.kind}, {found.radius_km} km",
        geometries=[shapes.get(row["code"]) for row in rows],
        columns={
            **{name: [row[name] for row in rows] for name in CoverageRow.model_fields},
            **{name: [value] * len(rows) for name, value in asked.items()},
        },
    )
