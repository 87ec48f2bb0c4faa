"""Profiles of the demo people who are volunteers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment, Person
from mapapp.areas.models import Area
from mapapp.volunteers.models import Volunteer

PROFILES: Final[dict[str, dict[str, Any]]] = {
    "demo.volunteer": {
        "kind": "health_volunteer", "skills": ["first_aid", "care"], "means": ["motorcycle"],
        "languages": ["th", "shn"], "home_tambon": "500101", "reach_km": 10, "times": "ทุกวันหลังเลิกงาน",
    },
    "demo.neighbour": {
        "kind": "foundation", "skills": ["first_aid"], "means": ["pickup", "oxygen"], "languages": ["th", "en"],
        "home_tambon": "500107", "reach_km": 30, "times": None,
    },
    "demo.roiet": {
        "kind": "village_head", "skills": ["cooking"], "means": ["car", "kitchen"], "languages": ["th", "lo"],
        "home_tambon": "450101", "reach_km": 20, "times": "เสาร์-อาทิตย์",
    },
    "demo.waiting": {
        "kind": "student", "skills": ["counselling"], "means": ["car"], "languages": ["th", "en"],
        "home_tambon": "500101", "reach_km": 15, "times": "ช่วงเย็น",
    },
}  # fmt: skip
"""User name of a demo person (``accounts.demo``) → profile. Those without an appointment as volunteer wait for
approval."""


def make(session: Session, now: datetime) -> int:
    """Creates the missing profiles; returns how many."""
    people = session.execute(
        select(Person.id, Person.user_name, Appointment.id)
        .outerjoin(Appointment, (Appointment.person_id == Person.id) & (Appointment.role == "volunteer"))
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(Person.is_demo, Person.user_name.in_(PROFILES), Volunteer.person_id.is_(None))
    ).all()
    homes = set(session.scalars(select(Area.code).where(Area.level == "tambon")))
    made = 0
    for person_id, user_name, appointment_id in people:
        profile = PROFILES[user_name or ""]
        if profile["home_tambon"] not in homes:
            continue
        made += 1
        session.add(
            Volunteer(
                person_id=person_id, state="waiting" if appointment_id is None else "approved", state_at=now,
                appointment_id=appointment_id, consent_version="demo", joined_at=now, **profile,
            )
        )  # fmt: skip
    session.flush()
    return made
