"""What the levels of areas are called."""

from __future__ import annotations

from typing import Final

from mapapp.areas.rows import AreaName
from mapapp.errors import N_

LEVEL_LABELS: dict[str, str] = {
    "province": N_("Province"),
    "amphoe": N_("Amphoe"),
    "tambon": N_("Tambon"),
    "village": N_("Village"),
}
"""The English key of each level, and of villages, for gettext."""

_MARKS: Final = {"province": "จ.", "amphoe": "อ.", "tambon": "ต.", "village": "บ้าน"}
_OF_BANGKOK: Final = {"province": "", "amphoe": "เขต", "tambon": "แขวง", "village": ""}


def marked(area: AreaName) -> str:
    """A Thai name with the word for its level, as in an address: “ต.ศรีภูมิ”, “เขตลาดพร้าว”."""
    mark = (_OF_BANGKOK if area.code.startswith("10") else _MARKS)[area.level]
    return area.name_th if area.name_th.startswith(mark) else f"{mark}{area.name_th}"
