"""The settings of a claim (duration and limits) as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from mapapp.core.config import Config
from mapapp.help_requests.labels import URGENCIES


@dataclass(frozen=True)
class Terms:
    """Terms of a claim: hours by urgency, maximum number of requests at a time, maximum number of extensions."""

    hours: Mapping[str, int]
    per_volunteer: int
    renewals: int

    @classmethod
    def of(cls, config: Config) -> Terms:
        """The terms of the running service."""
        return cls(config.lease_hours, config.leases_per_volunteer, config.lease_renewals)

    def length(self, urgency: int) -> timedelta:
        """The duration of a claim of this urgency (1–3)."""
        return timedelta(hours=self.hours[URGENCIES[urgency]])
