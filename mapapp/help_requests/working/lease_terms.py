"""For how long and how often: the settings of a lease as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from mapapp.core.config import Config
from mapapp.help_requests.labels import URGENCIES


@dataclass(frozen=True)
class Terms:
    """What a volunteer is given: hours by urgency, how many requests at once, how often more time by themselves."""

    hours: Mapping[str, int]
    per_volunteer: int
    renewals: int

    @classmethod
    def of(cls, config: Config) -> Terms:
        """The terms of the running service."""
        return cls(config.lease_hours, config.leases_per_volunteer, config.lease_renewals)

    def length(self, urgency: int) -> timedelta:
        """How long a lease of this urgency (1–3) lasts."""
        return timedelta(hours=self.hours[URGENCIES[urgency]])
