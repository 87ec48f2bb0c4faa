"""What others may see of a request before a claim: not the exact location, the contact details, or the hour it was
sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from mapapp.help_requests.models import HelpRequest


@dataclass(frozen=True)
class Need:
    """A need without its holder; ``state`` is the current one."""

    id: int
    kind: str
    detail: str | None
    quantity: int | None
    state: str


@dataclass(frozen=True)
class Known:
    """The fields that lists, maps and the page of a request share."""

    id: int
    people: int
    bedridden: bool
    elderly: bool
    small_children: bool
    pregnant: bool
    description: str
    cell_key: str
    cell_size: int
    cell_tambon_code: str
    is_example: bool
    is_closed: bool
    days: int
    """Whole days of Bangkok since it was sent."""


COLUMNS: Final[tuple[Any, ...]] = (
    HelpRequest.id, HelpRequest.urgency, HelpRequest.people, HelpRequest.bedridden, HelpRequest.elderly,
    HelpRequest.small_children, HelpRequest.pregnant, HelpRequest.description, HelpRequest.cell_key,
    HelpRequest.cell_size, HelpRequest.cell_tambon_code, HelpRequest.is_example,
)  # fmt: skip
"""The columns, with the urgency as a number."""
