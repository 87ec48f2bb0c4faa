"""What the levels of areas are called."""

from __future__ import annotations

from typing import Final

from mapapp.areas.results import AreaName
from mapapp.core.errors import N_

LEVEL_LABELS: dict[str, str] = {
    "province": N_("Province"),
    "amphoe": N_("Amphoe"),
    "tambon": N_("Tambon"),
    "village": N_("Village"),
}
"""The English key of each level, and of villages, for gettext."""

SOURCES: dict[str, str] = {
    "Calculated around reference points": N_("Calculated around reference points"),
    "DOPA": N_("Department of Provincial Administration (DOPA)"),
}
"""Sources of boundaries and figures that this service brings along → the English key; others are shown as named."""

LICENCES: Final[dict[str, str]] = {"COD-AB": "CC BY 3.0 IGO", "Calculated around reference points": "MIT"}
"""The terms of sources that are known here. Whoever imports boundaries of others writes theirs beside the source
(``--source``)."""

_MARKS: Final = {"province": "จ.", "amphoe": "อ.", "tambon": "ต.", "village": "บ้าน"}
_OF_BANGKOK: Final = {"province": "", "amphoe": "เขต", "tambon": "แขวง", "village": ""}


def marked(area: AreaName) -> str:
    """A Thai name with the word for its level, as in an address: “ต.ศรีภูมิ”, “เขตลาดพร้าว”."""
    mark = (_OF_BANGKOK if area.code.startswith("10") else _MARKS)[area.level]
    return area.name_th if area.name_th.startswith(mark) else f"{mark}{area.name_th}"
