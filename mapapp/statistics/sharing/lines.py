"""The Friday as ten lines of plain text, to paste into a chat."""

from __future__ import annotations

from typing import Final

from mapapp.statistics.sharing.schemas import Friday, Told

LINES: Final = 10


def text(friday: Friday) -> str:
    """Exactly ten lines: what and where, when, the headline and five figures, how exact they are, where from."""
    made = [
        f"{friday.title} {friday.place}",
        friday.day,
        *(_line(one) for one in (friday.headline, *friday.rows)),
        friday.notes,
        friday.address,
    ]
    return "\n".join(" ".join(line.split()) for line in made)


def _line(one: Told) -> str:
    return f"• {one.label}: {one.figure}" + (f" ({one.change})" if one.change else "")
