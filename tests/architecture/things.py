"""What the access matrix knocks at: one of everything, in tambon 900101 of the small country."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.facilities.models import Facility


@dataclass
class Things:
    """Names in braces, in addresses and bodies, and what they stand for."""

    values: dict[str, Any] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def filled_values(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            bare = value.strip("{}")
            return self.values[bare] if value == "{" + bare + "}" else self.filled(value)
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        return value


def make_things(session: Session) -> Things:
    """One of everything, committed."""
    hospital = session.scalars(select(Facility.id)).one()
    session.commit()
    return Things({"hospital": hospital})
