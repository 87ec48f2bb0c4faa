"""The table of figures as files: CSV, GeoJSON, and a layer of a GeoPackage."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mapapp.coverage.schemas import CoverageRow, CoverageTable
from mapapp.lists import geopackages, sheets
from mapapp.lists.credits import Credit


def as_csv(found: CoverageTable, note: str, credit: Credit) -> bytes:
    """As a spreadsheet reads it. ``note``: a sentence on what is counted, in every row, as is the credit."""
    names = list(CoverageRow.model_fields)
    told = {
        name: value for name, value in credit.model_dump(mode="json").items() if name != "as_of"
    }  # each row has its moment
    asked = [found.kind, found.metric, found.radius_km, "yes" if found.stale else "no", note, *told.values()]
    cells = (row.model_dump() for row in found.rows)
    return sheets.as_csv(
        [*names, "kind", "metric", "radius_km", "stale_counted", "note", *told],
        ([*(row[name] for name in names), *asked] for row in cells),
    )


def as_geojson(found: CoverageTable, shapes: Mapping[str, str], credit: Credit) -> str:
    """A feature collection; the geometries come from the database as text and stay text."""
    features = []
    for row in found.rows:
        properties = json.dumps(
            {**row.model_dump(mode="json"), "kind": found.kind, "radius_km": found.radius_km, "stale": found.stale},
            ensure_ascii=False,
        )
        geometry = shapes.get(row.code) or "null"
        features.append(f'{{"type":"Feature","id":"{row.code}","geometry":{geometry},"properties":{properties}}}')
    told = credit.model_dump_json()
    return f'{{"type":"FeatureCollection","credit":{told},"features":[' + ",\n".join(features) + "]}"


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
