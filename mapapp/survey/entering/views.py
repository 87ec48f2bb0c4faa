"""Pages of those who record: my villages, the form, one record with its history."""

from __future__ import annotations

import re
import uuid
from typing import Any, Final

from flask import Blueprint, Response, request, url_for

from mapapp.accounts import edge, policy
from mapapp.accounts.signing_in import view_helpers as signing_in
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, DomainError, Invalid, NotFound, TooMany
from mapapp.core.fields import Id, QueryModel
from mapapp.core.problem_types import KEY_REUSED
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.assigning.rules import ENTER, MANAGE
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.deciding import service as deciding
from mapapp.survey.deciding.schemas import DecideIn
from mapapp.survey.entering import forms as sent
from mapapp.survey.entering import limits, queries, service
from mapapp.survey.entering.manual import STEPS
from mapapp.survey.entering.queries import Ground
from mapapp.survey.entering.schemas import Recorded, house_number
from mapapp.survey.followups.view_helpers import FOLLOW_UP_WORDS, my_follow_ups
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.view_helpers import household_words, page, village_words, villages_named
from mapapp.web import forms, page_freshness, qr
from mapapp.web.i18n import gettext, tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import config, now, session

pages = Blueprint("survey_entering", __name__)

SHOWN: Final = 200
"""Households of a village on its page."""

forms.NOTICES.update(
    {
        "survey_saved": N_("Saved and counted. Next household."),
        "survey_village_saved": N_("Saved and counted."),
        "survey_waits": N_("Saved. An officer looks at it before it counts."),
        "survey_conflict": N_("Saved. Someone else recorded this household, too: choose which record counts."),
        "survey_decided": N_("Saved. The figures follow your choice."),
    }
)


def _begins(who: Actor) -> str | None:
    return "/volunteer/survey" if policy.areas_of(who, ENTER) else None


signing_in.homes.append(_begins)


def _me() -> uuid.UUID:
    found = edge.actor().person_id
    assert found is not None
    return found


# My villages ----------------------------------------------------------------------------------------------------


class TambonQuery(QueryModel):
    """The tambon whose villages nobody has are shown, too."""

    number: str = ""
    tambon: str = ""
    round: Id | None = None


@pages.get("/volunteer/survey")
@edge.officer_page(ENTER)
def mine() -> Response:
    """The surveys of one's area, one's villages in each, and how far they are."""
    open_ones = [one for one in view_helpers.rounds_of(ENTER, begun=True) if one.state == "open"]
    codes = {one.id: assigning.of_person(session(), one.id, _me()) for one in open_ones}
    progress = {one.id: queries.progress(session(), one.id, codes[one.id]) for one in open_ones}
    counts = {one.id: queries.sent_by(session(), one.id, _me()) for one in open_ones}
    open_conflicts = [entry for one in open_ones for entry in queries.undecided_of(session(), one.id, _me())]
    endings = {one.id: rounds.endings(session(), one.id) for one in open_ones}
    last = {one.id: queries.last_by(session(), one.id, _me(), codes[one.id]) for one in open_ones}
    follow_ups = my_follow_ups()
    same = page_freshness.unchanged(open_ones, codes, progress, counts, open_conflicts, endings, follow_ups)
    if same is not None:
        return same
    every = {code for some in codes.values() for code in some} | {one.village_code for one in open_conflicts}
    every |= {place for place in last.values() if place is not None} | {one.village_code for one in follow_ups}
    named = every | {one.area_code for some in endings.values() for one in some if one.area_code != "TH"}
    return page(
        "mine",
        rounds=open_ones, codes=codes, progress=progress, counts=counts, conflicts=open_conflicts, endings=endings,
        last=last, villages=villages_named(every), names=view_helpers.tambons_of(named),
        tambons=view_helpers.my_tambons(ENTER), household_words=household_words, follow_ups=follow_ups,
        **FOLLOW_UP_WORDS,
    )  # fmt: skip


@pages.get("/volunteer/survey/manual")
@edge.officer_page(ENTER)
def manual() -> Response:
    """How to record, one page to print (A4), with a code that opens one's villages."""
    address = edge.whole_address(url_for("survey_entering.mine", lang=None))
    return page("manual", address=address, qr=qr.svg(address), steps=STEPS)


@pages.get("/volunteer/survey/open")
@edge.officer_page(ENTER)
def open_village() -> Response:
    """Leads to a village by its tambon and number, where it is not in one's list."""
    form = asked(TambonQuery)
    wanted = form.value
    number = "" if wanted is None else wanted.number.strip()
    if wanted is None or wanted.round is None or not re.fullmatch(r"[0-9]{6}", wanted.tambon):
        return signing_in.to("/volunteer/survey")
    if not (number.isdecimal() and len(number) < 3):
        return signing_in.to("/volunteer/survey")
    return signing_in.to(f"/volunteer/survey/{wanted.round}/{wanted.tambon}{int(number):02}")


# The form -------------------------------------------------------------------------------------------------------


class PlaceQuery(QueryModel):
    """What the form begins with."""

    household: str = ""
    unit: str = ""
    saved: Id | None = None


def _ground(round_id: int, village: str) -> Ground:
    if not (len(village) == 8 and village.isascii() and village.isdigit()):
        raise NotFound(N_("There is no such village."))
    found = queries.ground(session(), round_id, village, edge.actor().person_id)
    if found.round.opened_at is None or not found.has_tambon or not found.round.covers(village):
        raise NotFound(N_("There is no such village."))
    return found


@pages.get("/volunteer/survey/<int:round_id>/<village>")
@edge.officer_page(ENTER)
def form(round_id: int, village: str) -> Response:
    """The form of a village: a household, or the whole village; empty for the next house, filled in for one that was
    recorded."""
    ground = _ground(round_id, village)
    edge.demand(ENTER, village[:6])
    query = asked(PlaceQuery).value or PlaceQuery()
    unit = _unit(round_id, village, query.unit)
    household = _house(query.household) if unit == "household" else None
    before = None if unit == "household" and household is None else _before(round_id, village, household)
    typed = dict(sent.filled(before if before is not None and before.round_id == round_id else None))
    if unit == "household":
        typed["household"] = household or queries.next_number(queries.last_in(session(), round_id, village, _me()))
    saved = queries.some(session(), [query.saved]).get(query.saved) if query.saved else None
    if saved is not None and saved.by_person != _me():
        saved = None
    return _form(ground, village, unit, Asked(None, typed), before, saved=saved)


def _unit(round_id: int, village: str, wanted: str) -> str:
    """How the village is recorded: as it was begun, else as is wished, else household by household."""
    begun = queries.progress(session(), round_id, [village]).get(village)
    if begun is not None and begun[1]:
        return begun[0]
    return "village" if wanted == "village" else "household"


def _house(text: str) -> str | None:
    try:
        return house_number(text) if text else None
    except ValueError:
        return None


def _sees(village: str) -> bool:
    """Whether what others recorded in this village may be shown to the one who asks. Sending is open to more people: a
    phone may have been without a signal when its owner's area changed."""
    return edge.may(ENTER, village[:6])


def _before(round_id: int, village: str, household: str | None) -> Recorded | None:
    """What counts of it in this round, else what an earlier round has; None, too, where that is not theirs to see."""
    if not _sees(village):
        return None
    there = queries.of_place(session(), round_id, village, household)
    return there[0] if there else queries.last_time(session(), round_id, village, household)


def _form(
    ground: Ground, village: str, unit: str, form: Asked[Any], before: Recorded | None, status: int = 200, **more: Any
) -> Response:
    names = view_helpers.tambons_of([village])
    named = assigning.named(session(), [village])[village]
    there = queries.households(session(), ground.round.id, village, limit=SHOWN) if _sees(village) else []
    return page(
        "form",
        status,
        round=ground.round, ground=ground, ending=rounds.ending_of(session(), ground.round.id, village),
        village=village, village_name=village_words(named), names=names, unit=unit, form=form, before=before,
        base=before if before is not None and before.round_id == ground.round.id else None,
        others=there, households=household_words, key=more.pop("key", None) or uuid.uuid4(), **more,
    )  # fmt: skip


@pages.post("/volunteer/survey/<int:round_id>/<village>")
@edge.officer_page(ENTER)
def save(round_id: int, village: str) -> Response:
    """Takes in what was typed. Sent twice, it counts once; of one house twice, both are kept and somebody chooses."""
    ground = _ground(round_id, village)
    form = forms.posted(sent.EntryForm)
    unit = form.typed.get("unit", "household")
    unit = unit if unit in ("household", "village") else "household"
    household = _house(form.typed.get("household", "")) if unit == "household" else None
    before = None if unit == "household" and household is None else _before(round_id, village, household)
    if form.value is None:
        return _form(ground, village, unit, form, before, 400, key=_key())
    read = sent.read(form.value, round_id, village, before, now())
    if read.data is None:
        forms.problem(form, Invalid(read.problems))
        return _form(ground, village, unit, form, before, 400, key=_key())
    most = limits.Most(config().survey_an_hour, config().survey_a_day)
    try:
        share = limits.share(edge.vault(), edge.actor(), village, most)
        receipt = service.submit(session(), edge.actor(), _key() or uuid.uuid4(), read.data, now(), share)
    except (Invalid, Conflict, TooMany) as error:
        return _refused(ground, village, unit, form, before, error)
    if not _sees(village):
        return forms.done(url_for("survey_entering.record", entry_id=receipt.entry), "survey_waits")
    if receipt.state == "conflict":
        return forms.done(url_for("survey_entering.record", entry_id=receipt.entry), "survey_conflict")
    there = url_for("survey_entering.form", round_id=round_id, village=village, saved=receipt.entry)
    kept = "survey_saved" if unit == "household" else "survey_village_saved"
    return forms.done(there, "survey_waits" if receipt.state == "waiting" else kept)


def _key() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.form.get("once", ""))
    except ValueError:
        return None


def _refused(
    ground: Ground, village: str, unit: str, form: Asked[Any], before: Recorded | None, error: DomainError
) -> Response:
    """The form again, with why; nothing that was typed is lost. A stale correction shows what the record is now."""
    session().rollback()
    if isinstance(error, Invalid):
        forms.problem(form, error)
        return _form(ground, village, unit, form, before, 400, key=_key())
    if isinstance(error, TooMany):
        form.problems.setdefault("", []).append(tell(error.message))
        made = _form(ground, village, unit, form, before, 429, key=_key())
        made.headers["Retry-After"] = str(error.seconds)
        return made
    reused = error.kind is KEY_REUSED or isinstance(error, service.Resent)
    said = gettext("This form was already sent with other numbers. To correct that record, send it again.")
    form.problems.setdefault("", []).append(said if reused else tell(error.message))
    now_there = error.current if isinstance(error, service.Stale) else None
    return _form(ground, village, unit, form, now_there or before, 409, current=now_there, key=uuid.uuid4())


# One record -----------------------------------------------------------------------------------------------------


def _found(entry_id: int) -> Recorded:
    """A record that the one who asks may see: of their area, or their own."""
    found = queries.one(session(), entry_id)
    if not edge.may(ENTER, found.village_code[:6]) and found.by_person != edge.actor().person_id:
        raise NotFound(N_("This record was not found."))
    return found


@pages.get("/volunteer/survey/records/<int:entry_id>")
@edge.officer_page(ENTER)
def record(entry_id: int) -> Response:
    """One record with its history; recorded twice, both side by side to choose from."""
    return _record(_found(entry_id))


def _record(entry: Recorded, form: Asked[Any] | None = None, status: int = 200) -> Response:
    found: Round = rounds.get(session(), entry.round_id)
    sees = _sees(entry.village_code)
    there = queries.of_place(session(), entry.round_id, entry.village_code, entry.household) if sees else []
    rival = next((one for one in there if one.id != entry.id and one.twin == entry.twin), None)
    steps = queries.history(session(), entry.id)
    if form is None:
        same = page_freshness.unchanged(entry, rival, steps, edge.actor().standings)
        if same is not None:
            return same
    manages = edge.may(MANAGE, entry.village_code[:6])
    chooses = manages or (
        sees
        and "other_way" not in entry.marks
        and _unit(entry.round_id, entry.village_code, entry.unit) == entry.unit
        and _me() in {entry.by_person, *(one.by_person for one in there)}
    )
    named = assigning.named(session(), [entry.village_code])
    village: VillageName = named[entry.village_code]
    return page(
        "record",
        status,
        entry=entry, rival=rival, steps=steps, round=found, manages=manages, chooses=chooses,
        village_name=village_words(village), names=view_helpers.tambons_of([entry.village_code]),
        households=household_words, form=form or Asked(None, {}),
    )  # fmt: skip


@pages.post("/volunteer/survey/records/<int:entry_id>")
@edge.officer_page(ENTER)
def choose(entry_id: int) -> Response:
    """Decides about a record that was recorded twice, or came late."""
    entry = _found(entry_id)
    form = forms.posted(DecideIn)
    if form.value is None:
        return _record(entry, form, 400)
    forms.once()
    try:
        deciding.decide(session(), edge.actor(), entry_id, form.value, now())
    except Conflict as error:
        session().rollback()
        form.problems.setdefault("", []).append(tell(error.message))
        return _record(_found(entry_id), form, 409)
    return forms.done(url_for("survey_entering.record", entry_id=entry_id), "survey_decided")
