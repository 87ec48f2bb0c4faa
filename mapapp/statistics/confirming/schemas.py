"""What a province sends with its Friday, and what comes out of the reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from mapapp.core.fields import FormModel, clean, without_national_id

MAX_NOTE = 500


class ConfirmIn(FormModel):
    """The confirmation of a Friday."""

    province: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    note: Annotated[str, Field(max_length=MAX_NOTE), AfterValidator(without_national_id), BeforeValidator(clean)] = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirmed Friday of a province."""

    province_code: str
    at: datetime
    by: str | None
    """The name of who confirmed it; None: the account is gone."""
    note: str
