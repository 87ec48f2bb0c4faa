"""GeoPackages that go out: one file of several layers, which QGIS and every other GIS program opens as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely

from mapapp.lists.credits import Credit

MIME: Final = "application/geopackage+sqlite3"

CRS: Final = "EPSG:4326"

_VERSION: Final = "1.2"
"""The newest that QGIS of a Debian or Ubuntu of some years ago opens without a warning."""


@dataclass(frozen=True)
class Layer:
    """One layer: its name, what it says of itself, and its features."""

    name: str
    description: str
    geometries: Sequence[str | None]
    """GeoJSON geometries in degrees, all polygons or all points; None where there is none."""
    columns: Mapping[str, Sequence[Any]]
    """The properties by name, each as long as ``geometries``: numbers, texts, moments; None where nothing is known."""
    is_points: bool = False


def written(layers: Sequence[Layer], credit: Credit) -> bytes:
    """The file. A layer without features is there with its columns, so that the next one has the same form.

    Args:
        layers: in their order.
        credit: metadata of the file (QGIS and ``ogrinfo`` show it) and of each layer.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.gpkg"
        for layer in layers:
            _add(path, layer, credit)
        return path.read_bytes()


def _add(path: Path, layer: Layer, credit: Credit) -> None:
    told = {name: _text(value) for name, value in credit.metadata().items()}
    shapes = shapely.from_geojson([geometry or None for geometry in layer.geometries])
    if not layer.is_points:
        single = shapely.get_type_id(shapes) == 3
        shapes[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    columns = [_column(values) for values in layer.columns.values()]
    pyogrio.raw.write(
        str(path),
        geometry=shapely.to_wkb(shapes),
        field_data=[values for values, _gaps in columns],
        field_mask=[gaps for _values, gaps in columns],
        fields=list(layer.columns),
        layer=layer.name,
        driver="GPKG",
        geometry_type="Point" if layer.is_points else "MultiPolygon",
        crs=CRS,
        append=False,
        VERSION=_VERSION,
        dataset_metadata=told,
        layer_metadata={"DESCRIPTION": " · ".join((layer.description, *told.values())), **told},
    )


def _column(values: Sequence[Any]) -> tuple[Any, Any]:
    """A column for its driver: numbers as numbers, everything else as text; and where whole numbers are not known,
    which have no value of their own for that."""
    known = [value for value in values if value is not None]
    if known and all(type(value) is int for value in known):
        gaps = np.array([value is None for value in values])
        return np.array([value or 0 for value in values], dtype=np.int64), gaps
    if known and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64), None
    return np.array([None if value is None else _text(value) for value in values], dtype=object), None


def _text(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    # A lone surrogate or NUL cannot stand in the file.
    return str(value).encode("utf-8", "replace").decode().replace("\0", "")
