"""Which room is told of which change, and what is done from time to time. Rooms below know nothing of those above;
here they are joined."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts import signals as people
from mapapp.accounts.people import self_service as accounts
from mapapp.areas import signals as areas
from mapapp.audit import heads
from mapapp.core import config as settings
from mapapp.core.clock import today
from mapapp.coverage import service as coverage
from mapapp.database import keyring, scheduler, submissions
from mapapp.database.scheduler import Chore
from mapapp.facilities import service as facilities
from mapapp.facilities import view_counts
from mapapp.facilities.freshness import Lifetimes, lifetimes
from mapapp.facilities.imports.jobs import forget_files
from mapapp.facilities.reports import service as reports
from mapapp.help_requests import reassignment as help_reassignment
from mapapp.help_requests import retention
from mapapp.help_requests.nearby import daily_counts
from mapapp.help_requests.resident import reminders
from mapapp.help_requests.working import service as working
from mapapp.volunteers import retention as sign_ups
from mapapp.volunteers import service as volunteers
from mapapp.web import command_line

_known: Lifetimes | None = None


def connect(known: Lifetimes | None = None) -> None:
    """Joins the rooms' signals; calling it again changes nothing. Listeners run inside the change's transaction.

    Args:
        known: how long pins stay current; None: as the environment says, read when it is first needed.
    """
    global _known
    _known = known or _known
    areas.boundaries_changed.connect(_boundaries)
    areas.population_changed.connect(_population)
    facilities.facilities_changed.connect(_facilities)
    people.rights_ended.connect(_rights_ended)
    volunteers.stopped.connect(_rights_ended)
    accounts.also_kept["volunteer"] = volunteers.kept_about


def _boundaries(_sender: Any, session: Session, **_: Any) -> None:
    facilities.reassign_tambons(session)
    help_reassignment.reassign(session)
    coverage.on_boundaries_changed(session)


def _population(_sender: Any, session: Session, **_: Any) -> None:
    coverage.on_population_changed(session)


def _facilities(_sender: Any, session: Session, ids: set[int] | None = None, **_: Any) -> None:
    # A person at a form does not wait for figures: the scheduler computes them a moment after the commit. Nor does
    # anybody wait for a command that has brought in a long list: it remembers what is to be computed, commits, and
    # then computes a province at a time.
    if scheduler.poke_after_commit(session):
        return
    known = _known or lifetimes(settings.load(os.environ))
    if command_line.afterwards(session, coverage.catch_up):
        coverage.begin(session, ids=ids, lifetimes=known)
    else:
        coverage.on_facilities_changed(session, ids=ids, lifetimes=known)


def _rights_ended(
    _sender: Any, session: Session, person_id: uuid.UUID, why: working.Why, now: datetime, **_: Any
) -> None:
    if why == "erased":
        volunteers.forget(session, person_id)
    working.let_go(session, person_id, why, now)


def _volunteer_stopped(
    _sender: Any, session: Session, person_id: uuid.UUID, why: volunteers.Why, now: datetime, **_: Any
) -> None:
    working.let_go(session, person_id, why, now)


USES_KEPT = timedelta(days=400)


def unfit(config: settings.Config) -> Callable[[Session], str | None]:
    """Why the scheduler may do nothing now, if so: what is erased or sealed with the wrong keys is lost for good."""
    vault = config.vault()
    return lambda session: keyring.misfit(session, vault)


def chores(config: settings.Config, counted: view_counts.Uses) -> list[Chore]:
    """What the scheduler does; a room adds a line."""
    known = lifetimes(config)

    def figures(session: Session, now: datetime) -> str | None:
        return scheduler.MORE if coverage.step(session, now=now, lifetimes=known) else None

    def old_uses(session: Session, now: datetime) -> None:
        view_counts.forget_before(session, today(now - USES_KEPT))

    def signed_head(session: Session, now: datetime) -> None:
        keyring.demand(session, config.vault())  # a head that is signed with a wrong key proves nothing
        heads.chores(session, vault=config.vault(), folder=config.heads_folder(), now=now)

    asking = reminders.Terms.of(
        ask_after_days=config.ask_after_days, close_after_days=config.close_after_days, confirm_days=config.confirm_days
    )

    def questions(session: Session, now: datetime) -> None:
        reminders.chores(session, asking, now)

    def closed_requests(session: Session, now: datetime) -> None:
        retention.erase_closed(session, now, after_days=config.erase_after_days)

    def old_sign_ups(session: Session, now: datetime) -> None:
        sign_ups.sweep(session, now, days=config.sign_up_days)

    return [
        Chore("uses", timedelta(minutes=1), counted.write, everywhere=True),
        Chore("coverage", timedelta(minutes=1), figures, poked=True),
        Chore("old uploads", timedelta(hours=1), forget_files),
        Chore("old uses", timedelta(days=1), old_uses),
        Chore("signed head", timedelta(minutes=10), signed_head),
        Chore("senders of reports", timedelta(days=1), reports.forget_senders),
        Chore("notes of reports", timedelta(days=1), reports.forget_notes),
        Chore("old sign-ins", timedelta(days=1), accounts.purge),
        Chore("sign-ups nobody approved", timedelta(hours=1), old_sign_ups),
        Chore("questions to residents", timedelta(minutes=10), questions),
        Chore("closed requests", timedelta(minutes=10), closed_requests),
        Chore("public counts of requests", timedelta(minutes=1), daily_counts.refresh),
        Chore("old posts", timedelta(days=1), retention.forget_counts),
        Chore("old requests", timedelta(days=1), retention.forget_links),
        Chore("old forms", timedelta(days=1), submissions.forget_submissions),
    ]
