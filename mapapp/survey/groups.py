"""The target groups of the survey, a row each, and what is counted in a group. Form, API, tables and files follow these
rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mapapp.core.errors import N_


@dataclass(frozen=True)
class Group:
    """One target group (letter L1.5)."""

    code: str
    name: str
    """A message to translate."""
    hint: str
    """Who counts here, as a message to translate."""


GROUPS: Final[tuple[Group, ...]] = (
    Group("bedridden", N_("Bedridden people"), N_("of any age; they count only here")),
    Group("migrant", N_("Migrant workers and their families"), N_("of any age; they count only here")),
    Group("elderly", N_("Elderly people"), N_("60 years or older")),
    Group("adult", N_("General public"), N_("19 to 59 years")),
    Group("student", N_("Pupils and students"), N_("12 to 18 years")),
    Group("child", N_("Children"), N_("5 to 11 years")),
)
"""In the order in which a person's group is found: the first that fits is theirs (``RULE``)."""

CODES: Final = tuple(group.code for group in GROUPS)

FILLING: Final = N_(
    "If no one of a group lives here, write 0 under “Living here now”. If you did not ask about a group, leave it "
    "empty. Those who refuse are counted by their doses, too."
)
"""How to fill in where no form helps, as a message to translate."""

RULE: Final = N_(
    "Each person counts in one group only. Bedridden people and migrant workers come first, whatever their age; "
    "everyone else counts by age. Children under 5 are not counted."
)

FIELDS: Final[dict[str, str]] = {
    "here": N_("Living here now"),
    "none": N_("No dose"),
    "one": N_("1 dose"),
    "two": N_("2 doses"),
    "more": N_("3 doses or more"),
    "unasked": N_("Could not be asked"),
    "refusing": N_("Do not want a vaccine"),
}
"""What is counted in a group → its name, a message to translate. ``PARTS`` add up to ``here``; those who refuse are
some of the people with fewer than 3 doses."""

PARTS: Final = ("none", "one", "two", "more", "unasked")
"""Everybody who lives here is in exactly one of these."""

QUESTIONS: Final = 1
"""The version of the questions. New groups or new fields make a new one: a round keeps the one it was made with."""
