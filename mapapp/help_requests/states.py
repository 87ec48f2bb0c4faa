"""The state machine of a need: each step, who may take it, from which state, to which state.

The stored state of a need is its last step; whether a claim is still valid depends on the clock. So ``now_in`` is
evaluated first, and every check of a step uses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from mapapp.core.errors import N_, Conflict
from mapapp.core.problem_types import WRONG_STATE
from mapapp.help_requests import linking, signals
from mapapp.help_requests.labels import FINISHED, LEASED
from mapapp.help_requests.models import HelpNeed, HelpRequest

Who = Literal["volunteer", "holder", "resident", "officer", "system"]


@dataclass(frozen=True)
class Step:
    """A step of the machine: who may take it, from which states (at this moment), to which."""

    who: frozenset[Who]
    from_: frozenset[str]
    to: str


def _step(who: str, from_: str, to: str) -> Step:
    return Step(frozenset(who.split()), frozenset(from_.split()), to)  # type: ignore[arg-type]  # words of Who


STEPS: Final[dict[str, Step]] = {
    "claim": _step("volunteer officer", "open", "claimed"),
    "renew": _step("holder officer", "claimed on_the_way there", "claimed"),
    "release": _step("holder", "claimed on_the_way there", "open"),
    "hand_over": _step("holder", "claimed on_the_way there", "claimed"),
    "take_back": _step("officer", "claimed on_the_way there", "open"),
    "on_the_way": _step("holder", "claimed on_the_way", "on_the_way"),
    "there": _step("holder", "claimed on_the_way there", "there"),
    "done": _step("holder officer", "claimed on_the_way there", "done"),
    "confirm": _step("resident officer system", "done", "helped"),
    "contest": _step("resident officer", "done", "open"),
    "helped_already": _step("resident officer", "open claimed on_the_way there done", "helped"),
    "cancel": _step("resident officer system", "open claimed on_the_way there done", "cancelled"),
    "reopen": _step("resident officer", "helped cancelled", "open"),
}
"""Step → who may take it from which states. ``renew`` does not change the state."""


def now_in(state: str, lease_ends_at: datetime | None, now: datetime) -> str:
    """The state of a need at this moment: after its claim has expired it is open."""
    return "open" if state in LEASED and (lease_ends_at is None or lease_ends_at <= now) else state


def is_free(now: datetime) -> ColumnElement[bool]:
    """SQL condition: “this need can be claimed now”."""
    return or_(HelpNeed.state == "open", and_(HelpNeed.state.in_(LEASED), HelpNeed.lease_ends_at <= now))


def is_held(now: datetime) -> ColumnElement[bool]:
    """SQL condition: “this need is claimed now”."""
    return and_(HelpNeed.state.in_(LEASED), HelpNeed.lease_ends_at > now)


SAYS: Final[dict[str, str]] = {
    "open": N_("This request is open now: no volunteer has it, and a volunteer can accept it."),
    "claimed": N_(
        "A volunteer has accepted this request. They can continue, extend the time, transfer it or return "
        "it. An officer can return it to the list."
    ),
    "done": N_("A volunteer marked this as done. The resident can confirm this or answer that no help came."),
    "helped": N_("This is finished. The resident or an officer can reopen it."),
    "cancelled": N_("This was cancelled. The resident or an officer can reopen it."),
}
"""Texts: the current state of a need, and who may do what."""


class WrongState(Conflict):
    """A step that is not possible from this state, a key of ``SAYS``."""

    kind = WRONG_STATE

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(SAYS[state])

    @property
    def members(self) -> Mapping[str, Any]:
        return {"state": self.state}


def refuse(state: str) -> WrongState:
    """The error for a step that is not possible from this state (as returned by ``now_in``)."""
    return WrongState("claimed" if state in LEASED else state)


def settle(session: Session, request_ids: Sequence[int], now: datetime) -> None:
    """Updates the fields of a request's row that depend on its needs; called after every change of a need.

    ``free_from``, ``done_at`` and ``first_claimed_at`` are computed. A request whose needs are all finished is closed
    (``helped`` if any was helped). One with an unfinished need is opened again, and never stays behind a closed lead.
    """
    of_it = HelpNeed.request_id == HelpRequest.id
    free = case(
        (HelpNeed.state == "open", HelpRequest.posted_at),
        (HelpNeed.state.in_(LEASED), HelpNeed.lease_ends_at),
    )

    def count(condition: ColumnElement[bool]) -> Any:
        return select(func.count()).where(of_it, condition).correlate(HelpRequest).scalar_subquery()

    unfinished = count(HelpNeed.state.not_in(FINISHED))
    undone = count(HelpNeed.state.not_in((*FINISHED, "done")))
    helped = count(HelpNeed.state == "helped")
    # “Already helped” without a claim is not a claim: only needs that were done count for ``first_claimed_at``.
    taken_on = or_(
        HelpNeed.state.in_((*LEASED, "done")), and_(HelpNeed.state == "helped", HelpNeed.done_at.is_not(None))
    )
    held = count(taken_on)
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id.in_(request_ids))
        .values(
            free_from=select(func.min(free)).where(of_it).correlate(HelpRequest).scalar_subquery(),
            first_claimed_at=case(
                (HelpRequest.first_claimed_at.is_not(None), HelpRequest.first_claimed_at), (held > 0, now)
            ),
            done_at=case((undone > 0, None), else_=func.coalesce(HelpRequest.done_at, now)),
            closed_at=case((unfinished > 0, None), else_=func.coalesce(HelpRequest.closed_at, now)),
            outcome=case(
                (unfinished > 0, None),
                else_=func.coalesce(HelpRequest.outcome, case((helped > 0, "helped"), else_="cancelled")),
            ),
            outcome_text=case((unfinished > 0, None), else_=HelpRequest.outcome_text),
        )
        .execution_options(synchronize_session=False)
    )
    linking.relead(session, request_ids)
    signals.tell_moved(session, request_ids, now)
