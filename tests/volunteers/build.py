"""Volunteers for tests: the row beside a person."""

from __future__ import annotations

from typing import Any

from mapapp.accounts.models import Person
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON


def profile(who: Person, **values: Any) -> Volunteer:
    """What a person offers, approved and at home in tambon 900101 unless ``values`` says otherwise; to be added."""
    return Volunteer(
        **{
            "person_id": who.id, "kind": "health_volunteer", "home_tambon": "900101", "state": "approved",
            "state_at": NOON, "consent_version": "test", "joined_at": NOON, **values,
        }
    )  # fmt: skip
