"""Opens a file of boundaries and hands out its layers; whatever is wrong with the file ends as a clear ``Invalid``.

The file's content decides what it is, its name must agree, and only three drivers of GDAL are let near it.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import pyproj
import shapely

from mapapp.areas.shapes import Geometries
from mapapp.core import files
from mapapp.core.errors import N_, Invalid, invalid

MAX_FILE = 1_000_000_000
"""Bytes of one file, and of what a ZIP unpacks to. The official boundaries of the country are about 300 MB."""

MAX_MEMBERS = 200
MAX_RATIO = 200
"""How many times larger a ZIP member may be than it is packed; Shapefiles pack to about a third."""

MAX_DEPTH = 16
"""Brackets inside brackets in GeoJSON; a multipolygon's coordinates have 8."""

MAX_FEATURES = 50_000
MAX_VERTICES = 500_000
"""Corners of one area; the longest real boundary has fewer than 200,000."""

_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DRIVERS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".zip": "ESRI Shapefile"}
_NOT_ITS_NAME = N_("The content of the file does not match its name. Open it and save it again in that format.")
_THAI = re.compile("[ก-๛]")


@dataclass(frozen=True)
class Layer:
    """One layer as read: its columns as lists of text, and its geometries in degrees on WGS 84."""

    name: str
    columns: dict[str, list[str]]
    geometries: Geometries


def layers(path: Path, *, crs: str | None = None, encoding: str | None = None) -> Iterator[Layer]:
    """Every layer of a GeoJSON, GeoPackage or zipped Shapefile, one after the other.

    Args:
        path: the file.
        crs: the coordinate reference system, used where the file does not say (``EPSG:32647``).
        encoding: of a Shapefile's attribute table; detected where it is not given.

    Raises:
        Invalid: the file cannot be used; ``field`` is its name.
    """
    with ExitStack() as stack:
        for source, driver in _sources(path, stack):
            yield from _read(path.name, source, driver, crs, encoding)


def _sources(path: Path, stack: ExitStack) -> list[tuple[Path, str]]:
    name, suffix = path.name, path.suffix.lower()
    files.checked(path, MAX_FILE)
    driver = _DRIVERS.get(suffix)
    if driver is None:
        raise invalid(name, N_("Give boundaries as .geojson, .gpkg, or a Shapefile packed into a .zip."))
    with path.open("rb") as opened:
        start = opened.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    looks_right = {
        "GeoJSON": start.startswith(b"{"),
        "GPKG": start.startswith(b"SQLite format 3\x00"),
        "ESRI Shapefile": start.startswith(b"PK"),
    }[driver]
    if not looks_right:
        raise invalid(name, _NOT_ITS_NAME)
    if driver == "ESRI Shapefile":
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mapapp-")))
        return [(shp, driver) for shp in _unpacked(path, folder)]
    if driver == "GeoJSON":
        _check_depth(path)
    if driver == "GPKG":
        _check_tables(path)
    return [(path, driver)]


def _check_tables(path: Path) -> None:
    """Refuses layers that are views: their statement would run here, and may have no end."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
            opened.execute("PRAGMA trusted_schema = OFF")
            tables = {name.lower() for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            named = {"gpkg_contents", "gpkg_geometry_columns"}
            if named <= tables:
                named |= {str(name).lower() for (name,) in opened.execute("SELECT table_name FROM gpkg_contents")}
    except sqlite3.Error:
        raise invalid(path.name, _NOT_ITS_NAME) from None
    if named - tables:
        raise invalid(path.name, N_("The GeoPackage has layers that are views. Save them as normal layers."))


def _check_depth(path: Path) -> None:
    """Counts brackets outside strings, before any parser that recurses sees the file."""
    # Possessive: without a way back, a string of megabytes (or one without an end) takes no memory to match.
    data = re.sub(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', b"", path.read_bytes(), flags=re.DOTALL)
    depth = 0
    for begin in range(0, len(data), 1 << 22):
        piece = np.frombuffer(data, np.uint8, min(1 << 22, len(data) - begin), begin)
        steps = np.isin(piece, (0x5B, 0x7B)).astype(np.int32) - np.isin(piece, (0x5D, 0x7D))
        levels = depth + np.cumsum(steps, dtype=np.int64)
        if levels.max() > MAX_DEPTH:
            raise invalid(path.name, N_("The file is nested too deeply for boundaries."))
        depth = int(levels[-1])


def _unpacked(path: Path, folder: Path) -> list[Path]:
    """The Shapefiles of a ZIP, unpacked under names of our own; members that no Shapefile needs are left packed."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            _check_members(path.name, members)
            stems: dict[str, Path] = {}
            for member in members:
                inner = PurePosixPath(member.filename)
                stem = str(inner.with_suffix("")).lower()
                target = stems.setdefault(
                    stem, folder / f"{len(stems)}_{re.sub(r'[^A-Za-z0-9_-]', '_', inner.stem)[:60]}"
                )
                target.with_name(target.name + inner.suffix.lower()).write_bytes(packed.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise invalid(path.name, N_("The ZIP file is damaged or has a password. Create it again.")) from None
    shapefiles = sorted(folder.glob("*.shp"))
    if not shapefiles:
        raise invalid(path.name, N_("There is no Shapefile (.shp) in the ZIP file."))
    for shp in shapefiles:
        for suffix in (".shx", ".dbf"):
            if not shp.with_suffix(suffix).is_file():
                raise invalid(
                    path.name,
                    N_("The %(suffix)s file of the Shapefile is missing. Put all parts in the ZIP file."),
                    suffix=suffix,
                )
    return shapefiles


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise invalid(name, N_("The ZIP file contains more than %(count)s files."), count=MAX_MEMBERS)
    wanted = [m for m in members if PurePosixPath(m.filename).suffix.lower() in _SHAPEFILE]
    for member in wanted:
        if member.file_size > MAX_RATIO * max(member.compress_size, 1000):
            raise invalid(name, N_("The ZIP file is too large when unpacked, so it is not opened."))
    if sum(member.file_size for member in wanted) > MAX_FILE:
        raise invalid(name, N_("The file is larger than %(mb)s MB."), mb=MAX_FILE // 1_000_000)
    members[:] = wanted


def _read(name: str, source: Path, driver: str, crs: str | None, encoding: str | None) -> list[Layer]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks on headers, rings and fields; what matters is checked
            return [
                _layer(name, source, str(layer), driver, crs, encoding)
                for layer, kind in pyogrio.list_layers(source)
                if kind is not None  # a GeoPackage may hold tables without geometry
            ]
    except Invalid:
        raise
    except pyogrio.errors.DataSourceError as error:
        if "not recognized" in str(error):
            raise invalid(name, _NOT_ITS_NAME) from None
        raise invalid(name, N_("The file cannot be read: %(why)s"), why=str(error)[:200]) from None
    except Exception as error:  # GDAL raises what it likes; to the operator it is one thing
        raise invalid(name, N_("The file cannot be read: %(why)s"), why=str(error)[:200]) from None


def _layer(name: str, source: Path, layer: str, driver: str, crs: str | None, encoding: str | None) -> Layer:
    info = pyogrio.read_info(source, layer=layer, **({"encoding": encoding} if encoding else {}))
    if info["driver"] != driver:
        raise invalid(name, _NOT_ITS_NAME)
    if info["features"] > MAX_FEATURES:
        raise invalid(name, N_("The file has more than %(count)s areas."), count=MAX_FEATURES)
    if driver == "ESRI Shapefile" and encoding is None:
        encoding = _encoding_of(source.with_suffix(".dbf"))
    meta, _, wkb, values = pyogrio.raw.read(source, layer=layer, encoding=encoding, force_2d=True)
    geometries: Geometries = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    counts = shapely.get_num_coordinates(geometries)
    if len(counts) and counts.max() > MAX_VERTICES:
        raise invalid(name, N_("An area has %(count)s vertices; the limit is %(most)s. Simplify it first."),
                      count=f"{counts.max():,}", most=f"{MAX_VERTICES:,}")  # fmt: skip
    columns = {str(field): _texts(column) for field, column in zip(meta["fields"], values, strict=True)}
    stated = meta["crs"]
    if driver == "GeoJSON" and not _knows_crs(source):
        stated = None  # GDAL then takes the numbers for degrees
    return Layer(layer, columns, _in_degrees(name, geometries, stated or crs))


_CRS = re.compile(rb'"crs"\s*:\s*\{\s*"type"\s*:\s*"name"\s*,\s*"properties"\s*:\s*\{\s*"name"\s*:\s*"([^"\\]{1,200})"')


def _knows_crs(path: Path) -> bool:
    """Whether a GeoJSON names no coordinate system (then it is WGS 84) or one that is known."""
    found = _CRS.search(path.read_bytes())
    if found is None:
        return True
    try:
        pyproj.CRS.from_user_input(found.group(1).decode("utf-8", "replace"))
    except pyproj.exceptions.ProjError:
        return False
    return True


def _texts(column: npt.NDArray[Any]) -> list[str]:
    """A column as text: what is missing is empty, and a whole number is written as one (dBASE has floats only)."""
    made = []
    for value in column.tolist():
        if isinstance(value, float):
            value = "" if value != value else int(value) if value.is_integer() else value
        made.append("" if value is None else str(value).strip())
    return made


def _in_degrees(name: str, geometries: Geometries, crs: str | None) -> Geometries:
    if not crs:
        raise invalid(name, N_("The file has no coordinate system. Give it, for example --crs EPSG:32647."))
    try:
        system = pyproj.CRS.from_user_input(crs)
        if not (system.is_geographic or system.is_projected):
            raise pyproj.exceptions.CRSError("neither geographic nor projected")
        if system.to_epsg() == 4326:
            return geometries
        change = pyproj.Transformer.from_crs(system, 4326, always_xy=True)
    except pyproj.exceptions.ProjError:
        raise invalid(name, N_("The coordinate system %(crs)s is unknown. Give it, for example --crs EPSG:32647."),
                      crs=crs[:80]) from None  # fmt: skip
    made: Geometries = shapely.transform(
        geometries, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1], errcheck=False))
    )
    return made


def _encoding_of(table: Path) -> str:
    """The encoding of a dBASE table: UTF-8 where its bytes are that, else the Thai code page (cp874, TIS-620).

    A .cpg file is believed only when the bytes agree with it: files with Thai in cp874 and a .cpg that says
    ISO-8859-1 or UTF-8 are common.
    """
    content = table.read_bytes()
    runs = re.findall(rb"[\x80-\xff]{2,}", content[int.from_bytes(content[8:10], "little") :])
    good = sum(1 for run in runs[:20_000] if _is_utf8(run))
    return "UTF-8" if good >= 0.5 * min(len(runs), 20_000) else "CP874"


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > 0 and error.reason == "unexpected end of data"  # cut at the column's width
    return True


def looks_thai(values: list[str]) -> bool:
    """Whether most of these names have Thai letters and none has the sign of a wrong encoding."""
    named = [value for value in values if value]
    return not named or sum(1 for value in named if _THAI.search(value) and "�" not in value) >= 0.9 * len(named)
