"""Demo people of each role. They can sign in only in development mode on loopback."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import passwords, sessions
from mapapp.core.clock import today

PEOPLE: Final[tuple[tuple[str | None, str, str, str], ...]] = (
    # role (None: no appointment), area, user name, name
    ("ministry", "TH", "demo.ministry", "ตัวอย่าง กระทรวง"),
    ("province_admin", "50", "demo.province", "ตัวอย่าง จังหวัดเชียงใหม่"),
    ("amphoe_coordinator", "5001", "demo.amphoe", "ตัวอย่าง อำเภอเมืองเชียงใหม่"),
    ("tambon_officer", "500101", "demo.tambon", "ตัวอย่าง ตำบลศรีภูมิ"),
    ("data_volunteer", "500101", "demo.data", "ตัวอย่าง อาสาสมัครข้อมูล"),
    ("volunteer", "5001", "demo.volunteer", "ตัวอย่าง อาสาสมัคร"),
    ("volunteer", "5001", "demo.neighbour", "ตัวอย่าง อาสาเพื่อนบ้าน"),
    ("volunteer", "45", "demo.roiet", "ตัวอย่าง อาสาร้อยเอ็ด"),
    (None, "500101", "demo.waiting", "ตัวอย่าง อาสารออนุมัติ"),
    ("auditor", "50", "demo.auditor", "ตัวอย่าง ผู้ตรวจสอบ"),
)

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class DemoSignIn:
    """A row of the table that script/server prints."""

    role: str
    area_code: str
    user_name: str
    password: str


def make(session: Session, now: datetime) -> int:
    """Creates the demo people if there is no account yet. They get no passwords: no one can sign in as one of them
    before ``new_passwords``.

    Returns:
        how many were made.
    """
    if session.execute(select(Person.id).limit(1)).first() is not None:
        return 0
    day = today(now)
    for role, area, user_name, name in PEOPLE:
        person = Person(name=name, organisation="ตัวอย่าง", user_name=user_name, is_demo=True)
        session.add(person)
        session.flush()
        if role is None:
            continue
        session.add(
            Appointment(
                person_id=person.id, role=role, area_code=area, starts_at=now,
                confidentiality_on=day, training_expires_on=day + timedelta(days=365),
            )
        )  # fmt: skip
    session.flush()
    return len(PEOPLE)


def there_are(session: Session) -> bool:
    """Whether there are demo people."""
    return session.execute(select(Person.id).where(Person.is_demo).limit(1)).first() is not None


def new_passwords(session: Session, now: datetime, *, only_missing: bool = False) -> list[DemoSignIn]:
    """Sets new random passwords for the demo people and returns them. They cannot be read later. All their sessions
    end.

    Args:
        only_missing: for those who have none yet.
    """
    made = []
    order = {user_name: place for place, (_role, _area, user_name, _name) in enumerate(PEOPLE)}
    people = session.execute(select(Person).where(Person.is_demo, Person.erased_at.is_(None))).scalars().all()
    for person in sorted(people, key=lambda one: order.get(one.user_name or "", len(order))):
        if only_missing and person.password_hash is not None:
            continue
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        person.password_hash = passwords.hashed(password)
        person.password_set_at = now
        sessions.end_all(session, person.id, now)
        held = sessions.standings(session, person.id, now)
        role, area = (held[0].role, held[0].area_code) if held else ("–", "–")
        made.append(DemoSignIn(role, area, person.user_name or "", password))
    session.flush()
    return made
