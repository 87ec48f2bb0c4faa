"""Reads of people for the audit log: names by id, ids by part of a name, roles by appointment."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment, Person


def called(session: Session, name: str, *, limit: int) -> list[uuid.UUID]:
    """People whose name or organisation contains this text."""
    fits = or_(Person.name.icontains(name, autoescape=True), Person.organisation.icontains(name, autoescape=True))
    return list(session.scalars(select(Person.id).where(fits).limit(limit)))


def names(session: Session, ids: Collection[uuid.UUID]) -> dict[str, str]:
    """The names of these people, by id. Deleted accounts have none."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids), Person.erased_at.is_(None)))
    return {str(row.id): row.name for row in rows} if ids else {}


def roles(session: Session, appointments: Collection[int]) -> dict[int, str]:
    """The role of each of these appointments."""
    rows = session.execute(select(Appointment.id, Appointment.role).where(Appointment.id.in_(appointments)))
    return {row.id: row.role for row in rows} if appointments else {}
