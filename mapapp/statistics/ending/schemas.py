"""What officers send about the end of reporting, and what comes out of the reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mapapp.core.fields import AreaOrCountry, FormModel, Id, clean, without_national_id

MAX_REASON = 500


class EndIn(FormModel):
    """Ends reporting in an area."""

    do: Literal["end"]
    area: AreaOrCountry
    reason: Annotated[
        str,
        Field(min_length=1, max_length=MAX_REASON),
        AfterValidator(without_national_id),
        BeforeValidator(clean),
    ]


class LiftIn(FormModel):
    """Takes an announcement back."""

    do: Literal["lift"]
    ending: Id


@dataclass(frozen=True, slots=True)
class Ending:
    """An announcement that is in force."""

    id: int
    area_code: str
    reason: str
    at: datetime

    def covers(self, code: str) -> bool:
        """Whether an area lies in it."""
        return self.area_code == "TH" or code.startswith(self.area_code)
