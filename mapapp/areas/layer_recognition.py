"""Layers of a file → areas: finds the level and the columns, checks codes, names and polygons.

Knows the official COD-AB columns (``ADM3_PCODE``, ``ADM3_TH``, ``ADM3_EN`` and their lower-case and later forms);
others are named with ``--map code=… --map name_th=… --map name_en=…``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geothai
import numpy as np
import shapely
from pydantic_core import PydanticCustomError

from mapapp.areas.boundary_files import Layer, looks_thai
from mapapp.areas.models import LEVELS
from mapapp.areas.shapes import are_polygons, as_multi, repaired
from mapapp.core import geo
from mapapp.core.errors import N_, FieldProblem, Invalid, Message, invalid
from mapapp.core.fields import clean, parse_area_code

FIELDS = ("code", "name_th", "name_en")
MAX_NAME = 200
MAX_PROBLEMS = 50

_COLUMNS = {
    "code": ("adm{n}_pcode", "adm{n}_code", "adm{n}pcode"),
    "name_th": ("adm{n}_th", "adm{n}_name1", "adm{n}_name_th", "adm{n}_namet"),
    "name_en": ("adm{n}_en", "adm{n}_name", "adm{n}_name_en", "adm{n}_namee"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One area out of a file: WGS 84 multipolygon, valid; ``name_en`` may be empty."""

    code: str
    name_th: str
    name_en: str
    boundary: Any


@dataclass
class Collected:
    """What all files together hold. ``names`` also has those of higher levels, told in the columns of lower ones."""

    areas: dict[str, Found] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def level(self, length: int) -> dict[str, Found]:
        """The areas whose codes have this many digits."""
        return {code: found for code, found in self.areas.items() if len(code) == length}


class Problems:
    """Gathers what is wrong, up to a screenful, and raises it together."""

    def __init__(self) -> None:
        self._found: list[FieldProblem] = []
        self._more = 0

    def add(self, file: str, text: str, *, row: int | None = None, column: str = "", **values: Any) -> None:
        self.take(FieldProblem(file, Message(text, values), row, column))

    def take(self, problem: FieldProblem) -> None:
        if len(self._found) < MAX_PROBLEMS:
            self._found.append(problem)
        else:
            self._more += 1

    def stop(self) -> None:
        """Raises ``Invalid`` where anything was found."""
        if self._more:
            self._found.append(FieldProblem("", Message(N_("… and %(count)s more problems."), {"count": self._more})))
        if self._found:
            raise Invalid(self._found)


def collect(into: Collected, file: str, layer: Layer, mapping: Mapping[str, str]) -> None:
    """Adds the areas of one layer.

    Raises:
        Invalid: with every problem found, each beside the file and the row (the first is 1).
    """
    if not len(layer.geometries):
        raise invalid(file, N_("The file has no areas in it."))
    columns = _columns(file, layer, mapping)
    if columns is None:
        into.ignored.append(f"{file}: {layer.name}")
        return
    problems = Problems()
    codes = [_code(problems, file, row, value) for row, value in enumerate(columns["code"], 1)]
    lengths = {len(code) for code in codes if code}
    problems.stop()
    if len(lengths) != 1:
        raise invalid(file, N_("The codes of one file must all have the same number of digits: 2, 4 or 6."))
    if not looks_thai(columns["name_th"]):
        raise invalid(file, N_("The Thai names are unreadable. Give their encoding, for example --encoding cp874."))
    boundaries = _polygons(problems, into, file, codes, layer)
    for row, (code, th, en) in enumerate(zip(codes, columns["name_th"], columns["name_en"], strict=True), 1):
        if code in into.areas:
            problems.add(file, N_("The code %(code)s occurs twice."), row=row, code=code)
            continue
        names = _names(code, th, en)
        if names is None:
            problems.add(file, N_("%(code)s has no usable name."), row=row, code=code)
            continue
        into.areas[code] = Found(code, *names, boundaries[row - 1])
    problems.stop()
    _names_above(into, layer, lengths.pop())


def _columns(file: str, layer: Layer, mapping: Mapping[str, str]) -> dict[str, list[str]] | None:
    """The three columns we need; None for a layer of a level above the provinces (the country)."""
    lower = {name.lower(): name for name in layer.columns}
    blank = [""] * len(layer.geometries)
    if mapping:
        if unknown := [column for column in mapping.values() if column.lower() not in lower]:
            raise invalid(file, N_("Column %(column)s not found. The columns are: %(columns)s."),
                          column=unknown[0], columns=", ".join(layer.columns)[:300])  # fmt: skip
        if "code" in mapping:
            chosen = {name: lower[column.lower()] for name, column in mapping.items()}
            return {name: layer.columns[chosen[name]] if name in chosen else blank for name in FIELDS}
    for n in (3, 2, 1, 0):
        names = {name: _first(lower, forms, n) for name, forms in _COLUMNS.items()}
        names.update({name: lower[column.lower()] for name, column in mapping.items()})
        if names["code"] is not None:
            if n == 0:
                return None
            return {name: layer.columns[column] if column else blank for name, column in names.items()}
    raise invalid(
        file,
        N_("The columns are unknown (%(columns)s). Name them: --map code=… --map name_th=… --map name_en=…"),
        columns=", ".join(layer.columns)[:300],
    )


def _first(lower: Mapping[str, str], forms: tuple[str, ...], n: int) -> str | None:
    return next((lower[form.format(n=n)] for form in forms if form.format(n=n) in lower), None)


def _code(problems: Problems, file: str, row: int, value: str) -> str:
    try:
        return parse_area_code(value)
    except PydanticCustomError:
        problems.add(file, N_("“%(value)s” is not an area code of 2, 4 or 6 digits."), row=row, value=value[:40])
        return ""


def _names(code: str, th: str, en: str) -> tuple[str, str] | None:
    """The names as written, completed from geothai; None where there is no Thai name at all or it cannot be stored."""
    known = known_names(code)
    try:
        thai, english = str(clean(th)), str(clean(en))
    except PydanticCustomError:
        return None
    thai = thai or (known[0] if known else "")
    english = english or (known[1] if known else thai)
    return (thai, english) if 0 < len(thai) <= MAX_NAME and len(english) <= MAX_NAME else None


@dataclass(frozen=True, slots=True)
class Known:
    """What geothai knows of a code: DOPA's Thai and English name without the word for the level, and postcodes."""

    names: tuple[str, str]
    postcodes: tuple[str, ...] = ()


def known_place(code: str) -> Known | None:
    """What is known of a code without any file; None where geothai does not know it."""
    look = {2: geothai.province, 4: geothai.district, 6: geothai.subdistrict}[len(code)]
    found = look(code)
    if found is None:
        return None
    name_th: str = found.name_th.removeprefix("เขต") if code.startswith("10") else found.name_th
    postcodes = getattr(found, "postal_codes", ())  # of a tambon alone
    return Known((name_th, found.name_en), tuple(one for one in postcodes if re.fullmatch(r"\d{5}", one)))


def known_names(code: str) -> tuple[str, str] | None:
    """DOPA's names of a code; None where geothai does not know it."""
    known = known_place(code)
    return known.names if known else None


def _polygons(problems: Problems, into: Collected, file: str, codes: list[str], layer: Layer) -> list[Any]:
    """The boundaries, repaired where they need it and can be, as multipolygons inside Thailand."""
    made = layer.geometries.copy()
    fine = are_polygons(made)
    for number in np.flatnonzero(~fine):
        problems.add(file, N_("%(code)s is not a polygon."), row=int(number) + 1, code=codes[number])
    problems.stop()
    _inside_thailand(problems, file, codes, made)
    for number in np.flatnonzero(~shapely.is_valid(made)):
        mended = repaired(made[number])
        if mended is None:
            problems.add(
                f"{file}, row {number + 1}",
                N_("The boundary of %(code)s crosses itself. Use “Fix geometries” in QGIS."),
                code=codes[number],
            )
        else:
            made[number] = mended
            into.repaired.append(codes[number])
    problems.stop()
    return list(as_multi(made))


def _inside_thailand(problems: Problems, file: str, codes: list[str], geometries: Any) -> None:
    west, south, east, north = shapely.bounds(geometries).T
    # Written so that NaN and infinity count as outside.
    inside = (west >= geo.WEST) & (south >= geo.SOUTH) & (east <= geo.EAST) & (north <= geo.NORTH)
    if not inside.any() and geo.looks_swapped(lat=float(south[0]), lon=float(west[0])):
        raise invalid(file, N_("Latitude and longitude seem to be swapped in this file."))
    for number in np.flatnonzero(~inside):
        problems.add(f"{file}, row {number + 1}", N_("%(code)s is outside Thailand. Check the coordinate system."),
                     code=codes[number])  # fmt: skip
    problems.stop()


def _names_above(into: Collected, layer: Layer, length: int) -> None:
    """Names of the levels above, which official tables repeat in every row."""
    lower = {name.lower(): name for name in layer.columns}
    for n in range(1, length // 2):
        columns = [_first(lower, _COLUMNS[name], n) for name in FIELDS]
        if columns[0] is None or columns[1] is None:
            continue
        english = layer.columns[columns[2]] if columns[2] else [""] * len(layer.geometries)
        rows = zip(layer.columns[columns[0]], layer.columns[columns[1]], english, strict=True)
        for code, th, en in dict.fromkeys(rows):
            plain = code.upper().removeprefix("TH")
            names = _names(plain, th, en) if len(plain) == 2 * n and plain.isdigit() else None
            if names is not None:
                into.names.setdefault(plain, names)


def level_of(code: str) -> str:
    """province, amphoe or tambon."""
    return LEVELS[len(code) // 2 - 1]
