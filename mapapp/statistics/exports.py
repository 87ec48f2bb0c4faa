"""A measure as a file: a row for each area, each figure with its state beside it, with or without a row of HXL tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mapapp.areas.results import AreaName
from mapapp.core.clock import BANGKOK
from mapapp.core.languages import Language
from mapapp.lists import sheets
from mapapp.statistics import formatting
from mapapp.statistics.measures import Figure, Measure
from mapapp.statistics.states import STATE_MEANINGS, Shown
from mapapp.web.translating import translate

PLACES = {
    "province": ("จังหวัด", "#adm1+name+th"),
    "amphoe": ("อำเภอ", "#adm2+name+th"),
    "tambon": ("ตำบล", "#adm3+name+th"),
}
"""Level → head and tag of the column with its name."""

STATE_HEAD = "สถานะ"


def pcode(code: str) -> str:
    """A code as COD-AB writes it: ``TH500101``."""
    return code if code == "TH" else f"TH{code}"


def heads(measure: Measure, figures: Sequence[Figure], lang: Language, *, hxl: bool) -> list[list[str]]:
    """The first rows: names of the columns, and their HXL tags where they are wanted."""
    names = ["รหัส", "P-code", *(head for head, _tag in PLACES.values())]
    tags = ["#adm+code+v_dopa", "#adm+code+v_pcode", *(tag for _head, tag in PLACES.values())]
    for one in figures:
        label = _label(measure, one, lang)
        names += [label, f"{label} ({STATE_HEAD})"]
        bare = one.key.replace(".", "_")
        tags += [f"#indicator+{measure.key}+{bare}+{_kind(one)}", f"#status+{measure.key}+{bare}"]
    return [names, tags] if hxl else [names]


def _kind(figure: Figure) -> str:
    return "pct" if figure.unit == "share" else "num"


def _label(measure: Measure, figure: Figure, lang: Language) -> str:
    group = measure.groups.get(figure.group)
    parts = [*([group] if group else []), figure.label]
    return " · ".join(translate(part, lang.code) for part in parts)


def row(code: str, names: dict[str, AreaName], shown: Sequence[Shown]) -> list[Any]:
    """An area's row. A figure that is not entered or withheld is an empty cell; the cell beside it says which."""
    placed = [names[code[:length]].name_th if code[:length] in names and len(code) >= length else None
              for length in (2, 4, 6)]  # fmt: skip
    cells = [value for one in shown for value in (formatting.cell(one), formatting.flag(one))]
    return [code, pcode(code), *placed, *cells]


def made(
    kind: str, tops: Sequence[Sequence[str]], rows: Sequence[Sequence[Any]], measure: Measure, as_of: datetime | None,
    lang: Language,
) -> tuple[bytes, str]:  # fmt: skip
    """The file, and its media type.

    Args:
        kind: ``csv`` or ``xlsx``.
        tops: from ``heads``.
        rows: from ``row``.
    """
    body = [*tops[1:], *rows]
    if kind == "csv":
        return sheets.as_csv(tops[0], body), sheets.CSV
    day = f"{as_of.astimezone(BANGKOK):%Y-%m-%d %H:%M}" if as_of is not None else ""
    notes = [[translate(measure.label, lang.code)], [day], [translate(measure.definition, lang.code)]]
    notes += [[f"{state}: {translate(meaning, lang.code)}"] for state, meaning in STATE_MEANINGS.items()]
    return sheets.workbook(tops[0], body, title=measure.key, notes=notes), sheets.MIME
