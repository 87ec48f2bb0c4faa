"""Areas drawn as letters in a test: each letter is a tambon, each place in the grid a square of 0.1°."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

WEST, NORTH, STEP = 98.0, 19.0, 0.1

# Two amphoe (5001: A, B; 5002: C) of one province.
GRID = """
    AAB
    AAB
    CCC
"""
CODES = {"A": "500101", "B": "500102", "C": "500203"}
NAMES = {
    "50": ("เชียงใหม่", "Chiang Mai"),
    "5001": ("เมืองเชียงใหม่", "Mueang Chiang Mai"),
    "5002": ("จอมทอง", "Chom Thong"),
    "500101": ("ศรีภูมิ", "Si Phum"),
    "500102": ("พระสิงห์", "Phra Sing"),
    "500203": ("บ้านหลวง", "Ban Luang"),
}


def drawn(grid: str = GRID, codes: Mapping[str, str] = CODES) -> dict[str, Any]:
    """Code → polygon, from a grid of letters; a dot is nobody's."""
    squares: dict[str, list[Any]] = {}
    for y, line in enumerate(grid.split()):
        for x, letter in enumerate(line):
            if letter != ".":
                west, north = WEST + x * STEP, NORTH - y * STEP
                box = shapely.box(west, north - STEP, west + STEP, north)
                squares.setdefault(codes[letter], []).append(box)
    # Rounded, so that neighbours have the same corners to the last digit.
    return {
        code: shapely.set_precision(shapely.coverage_union_all(boxes), 1e-6) for code, boxes in sorted(squares.items())
    }


def centre(x: int, y: int) -> tuple[float, float]:
    """Latitude and longitude of the middle of a square."""
    return NORTH - (y + 0.5) * STEP, WEST + (x + 0.5) * STEP


def features(geometries: Mapping[str, Any], names: Mapping[str, tuple[str, str]] = NAMES) -> list[dict[str, Any]]:
    """GeoJSON features with the official columns of the level that the codes have."""
    made = []
    for code, geometry in geometries.items():
        properties: dict[str, str] = {}
        for n in range(1, len(code) // 2 + 1):
            part = code[: 2 * n]
            th, en = names.get(part, ("ทดสอบ", "Test"))
            properties |= {f"ADM{n}_PCODE": f"TH{part}", f"ADM{n}_TH": th, f"ADM{n}_EN": en}
        made.append({"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(geometry)})
    return made


def write(path: Path, geometries: Mapping[str, Any], names: Mapping[str, tuple[str, str]] = NAMES) -> Path:
    """A GeoJSON file of them."""
    collection = {"type": "FeatureCollection", "features": features(geometries, names)}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def write_with_gdal(
    path: Path,
    geometries: Mapping[str, Any],
    columns: Sequence[str] = ("ADM3_PCODE", "ADM3_TH", "ADM3_EN"),
    *,
    driver: str,
    crs: str | None = "EPSG:4326",
    encoding: str | None = None,
) -> Path:
    """A file of another format, with three columns: code, Thai and English name."""
    rows = [(f"TH{code}", *NAMES.get(code, ("ทดสอบ", "Test"))) for code in geometries]
    values = [np.array(column, dtype=object) for column in zip(*rows, strict=True)]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.multipolygons([shapely.get_parts(g) for g in geometries.values()])),
        values,
        np.array(columns, dtype=object),
        driver=driver,
        geometry_type="MultiPolygon",
        crs=crs,
        encoding=encoding,
    )
    return path
