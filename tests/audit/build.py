"""A record to tamper with: entries by somebody, one a minute, every column filled now and then."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.audit import service
from mapapp.audit.chain import FIRST, Entry, Link, link, plain
from mapapp.core.actors import Actor, Standing

START = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
SOMEBODY = Actor(
    "person",
    address="2001:db8::7",
    person_id=uuid.UUID(int=7),
    name="สมชาย",
    by=Standing(11, "tambon_officer", "900101"),
)


def write(session: Session, count: int, *, start: datetime = START, area_code: str | None = "900101") -> None:
    """So many entries, each committed on its own."""
    for number in range(count):
        now = start + timedelta(minutes=number)
        details = {"changes": {"beds_free": [number, number + 1]}, "note": "เตียงว่าง"}
        service.record(
            session, SOMEBODY, "facility.edit", "facility", number, area_code=area_code, now=now, details=details
        )
        session.commit()


def chain(count: int, seed: int = 1) -> list[Link]:
    """The same in memory, with more variety."""
    dice = random.Random(seed)
    made: list[Link] = []
    previous = FIRST
    for seq in range(1, count + 1):
        details: dict[str, Any] = plain(
            dice.choice([{}, {"version": seq}, {"changes": {"status": ["open", "full"]}, "ก": [None, True, 2.5]}])
        )
        entry = Entry(
            at=START + timedelta(seconds=seq, microseconds=dice.randrange(10)),
            actor_id=dice.choice([None, uuid.UUID(int=dice.getrandbits(128))]),
            actor_kind=dice.choice(["person", "token", "command"]),
            appointment_id=dice.choice([None, seq]),
            action=dice.choice(["facility.edit", "person.view", "appointment.end"]),
            subject_kind=dice.choice(["facility", "person"]),
            subject_id=str(dice.randrange(1000)),
            area_code=dice.choice([None, "TH", "9001", "900101"]),
            details=details,
            address=dice.choice([None, "192.0.2.1"]),
        )
        made.append(link(previous, seq, entry))
        previous = made[-1].hash
    return made
