"""Example requests in both demo provinces and in every state. All their texts say that they are made up, and no one can
be called: the contact is a sentence, never a number."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.models import Area
from mapapp.core import geo
from mapapp.core.actors import Actor, system
from mapapp.core.vault import Vault
from mapapp.help_requests import cells, contacts, events, states, written_texts
from mapapp.help_requests.demo_requests import EXAMPLES, Example, Step
from mapapp.help_requests.labels import LEASED, URGENCY
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpRequest

MARK = "(ตัวอย่าง)"
"""The beginning of every text of an example."""

_WHERE = text("SELECT ST_Y(point::geometry), ST_X(point::geometry) FROM areas WHERE code = :code")


def seed(session: Session, vault: Vault, now: datetime) -> int:
    """Creates the examples for the demo people, if there are none yet; returns how many.

    Without demo people (a service with real accounts) none are created: an example in a real list would cost volunteers
    time.
    """
    volunteers = _volunteers(session)
    there = session.execute(select(HelpRequest.id).where(HelpRequest.is_example).limit(1)).first() is not None
    if there or not volunteers:
        return 0
    known = set(session.scalars(select(Area.code).where(Area.level == "tambon")))
    made: dict[str, HelpRequest] = {}
    for example in EXAMPLES:
        if example.tambon in known:
            made[example.key] = _Maker(session, vault, volunteers, now).make(example, made)
    return len(made)


def _volunteers(session: Session) -> dict[str, uuid.UUID]:
    rows = session.execute(select(Person.user_name, Person.id).where(Person.is_demo, Person.erased_at.is_(None)))
    return {name: person_id for name, person_id in rows if name is not None}


class _Maker:
    """Sends one example and takes its steps, each at its own time."""

    def __init__(self, session: Session, vault: Vault, people: Mapping[str, uuid.UUID], now: datetime) -> None:
        self.session, self.vault, self.people, self.now = session, vault, people, now

    def make(self, example: Example, before: Mapping[str, HelpRequest]) -> HelpRequest:
        posted = self.now - timedelta(hours=example.hours_ago)
        row = self._post(example, posted)
        last = posted
        for step in example.steps:
            last = posted + timedelta(hours=step.after)
            self._take(row, step, last)
        if example.same_as is not None:
            row.linked_to = before[example.same_as].id
            self.session.flush()
            events.record(self.session, self._who("demo.tambon"), row.id, "linked", now=last)
        self.session.flush()
        states.settle(self.session, [row.id], last)
        self.session.refresh(row)
        return row

    def _post(self, example: Example, at: datetime) -> HelpRequest:
        lat, lon = self.session.execute(_WHERE, {"code": example.tambon}).one()
        point = geo.Point(lat=round(lat + example.north, 6), lon=round(lon + example.east, 6))
        cell = cells.cell_of(self.session, point)
        assert cell is not None  # the tambon is known
        row = HelpRequest(
            source=example.source, on_behalf=example.on_behalf, urgency=URGENCY[example.urgency],
            people=example.people, description=f"{MARK} {example.text}", point=point.ewkt,
            tambon_code=cells.tambon_near(self.session, point), cell=cell.middle.ewkt, cell_key=cell.key,
            cell_size=cell.size, cell_tambon_code=cell.tambon_code, posted_at=at, changed_at=at, confirmed_at=at,
            free_from=at, consent_version="demo", consent_at=at, is_example=True,
            **dict.fromkeys(example.who, True),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        other = f"{MARK} ไม่มีหมายเลขโทรศัพท์ เพราะเป็นคำขอที่สมมติขึ้น" if example.reachable else None
        contacts.keep(self.vault, row, contacts.Contact(name=f"{MARK} ผู้ขอความช่วยเหลือ", other=other))
        contacts.keep_landmark(self.vault, row, f"{MARK} บ้านหลังที่สามจากวัด")
        for kind, detail, quantity in example.needs:
            self.session.add(HelpNeed(request_id=row.id, kind=kind, detail=detail, quantity=quantity))
        self.session.flush()
        events.record(self.session, None, row.id, "posted", now=at)
        return row

    def _take(self, row: HelpRequest, step: Step, at: datetime) -> None:
        needs = list(self.session.scalars(select(HelpNeed).where(HelpNeed.request_id == row.id).order_by(HelpNeed.id)))
        for need in needs if step.need is None else [needs[step.need]]:
            self._end_lease(need, step, at)
            self._change(row, need, step, at)
        if step.action == "closed":
            row.outcome, row.closed_at = step.outcome, at
            row.outcome_text = written_texts.kept(self.session, self._who(step.who), row.id, step.reason, at)
        self.session.flush()
        who = None if step.who == "resident" else system() if step.who == "system" else self._who(step.who)
        events.record(self.session, who, row.id, step.action, now=at)

    def _end_lease(self, need: HelpNeed, step: Step, at: datetime) -> None:
        """Ends the current claim, if the step does so; an expired one is noticed by the next claim."""
        how = {"done": "done", "released": "released", "cancelled": "closed", "closed": "closed", "claimed": "expired"}
        lease = self.session.scalars(
            select(HelpLease).where(HelpLease.need_id == need.id, HelpLease.ended_at.is_(None))
        ).one_or_none()
        if lease is None or step.action not in how:
            return
        expired = step.action == "claimed"
        lease.ended_at, lease.how_ended = lease.ends_at if expired else at, how[step.action]
        lease.note_text = written_texts.kept(self.session, None, need.request_id, step.reason, at)
        need.drops += step.action in ("claimed", "released")
        self.session.flush()
        if expired:
            events.record(self.session, system(), need.request_id, "expired", now=lease.ends_at)

    def _change(self, row: HelpRequest, need: HelpNeed, step: Step, at: datetime) -> None:
        """The effect of a step on one need."""
        to = {"released": "open", "contested": "open", "confirmed": "helped", "closed": "cancelled"}
        need.state = to.get(step.action, step.action)
        if step.action == "claimed":
            need.holder_id = self.people[step.who]
            need.lease_ends_at = at + timedelta(hours=step.hours)
            row.first_claimed_at = row.first_claimed_at or at
            lease = HelpLease(need_id=need.id, request_id=row.id, holder_id=need.holder_id, begun_at=at,
                              ends_at=need.lease_ends_at)  # fmt: skip
            self.session.add(lease)
        if step.action == "done":
            need.done_at, need.given = at, f"{MARK} {step.reason}"
        need.contested += step.action == "contested"
        if need.state not in LEASED:
            need.lease_ends_at = None
        if need.state in ("open", "cancelled"):
            need.holder_id = None

    def _who(self, user_name: str) -> Actor:
        return Actor("person", person_id=self.people[user_name])
