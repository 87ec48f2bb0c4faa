"""What a file that goes out says of itself: of when it is, the source and terms of its boundaries, and whose it is."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, field_validator

from mapapp.core.clock import BANGKOK


class Credit(BaseModel):
    """Of when a file is, and whose."""

    as_of: datetime | None = Field(description="the moment that the data stands for; null if unknown")
    boundary_source: str = Field("", description="where the boundaries are from; empty if there are none")
    boundary_licence: str = Field("", description="the licence of the boundaries; empty if it is not known")
    owner: str = Field("", description="who runs the service, and how to reach them; empty if not configured")

    @field_validator("as_of")
    @classmethod
    def _to_the_second(cls, value: datetime | None) -> datetime | None:
        try:
            return value and value.astimezone(BANGKOK).replace(microsecond=0)
        except OverflowError as error:
            raise ValueError("a moment outside the calendar") from error

    def metadata(self) -> dict[str, str]:
        """What is known, by name, as text."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value}
