"""Shared parts of the pages about people: choosing areas, links as printable sheets, names of areas."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final

from flask import Response, make_response, render_template
from markupsafe import Markup

from mapapp.accounts import contacts, edge, labels, policy
from mapapp.accounts.appointing import rules
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import Person
from mapapp.accounts.schemas import last_day
from mapapp.accounts.signing_in import mail, mailed_links
from mapapp.accounts.signing_in.invitations import Link
from mapapp.areas.address_lines import address_name
from mapapp.areas.resolving.register import Register, load
from mapapp.areas.resolving.resolver import resolve as resolved
from mapapp.areas.resolving.results import Wanted
from mapapp.areas.results import AreaName
from mapapp.core.actors import Actor
from mapapp.core.errors import StepNeeded
from mapapp.web import qr
from mapapp.web.i18n import gettext, here, tell
from mapapp.web.params import Asked
from mapapp.web.request import config, now, session

MOST_CHOICES: Final = 450
"""Maximum number of areas in one list: a large province has about 320. For more, typing is quicker."""

MAIL_S: Final = 20
"""Maximum time in seconds for mailing the links of one list."""


@dataclass
class Sheet:
    """The printed sheet of one person: who they are, their role, and how to sign in."""

    name: str
    organisation: str | None
    held: list[tuple[str, str, Any]]
    """Role and area in words, and the last day."""
    address: str
    qr: Markup
    expires_at: datetime
    purpose: str = "join"
    sent: bool | None = None
    """Whether the link was sent by email; None if that was not tried."""


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of this room. Browsers do not store it, and its address is not sent to other sites."""
    values |= {"roles": labels.ROLES, "purposes": labels.PURPOSES, "area_words": area_words, "now": now()}
    made = make_response(render_template(f"accounts/people/{template}.html", **values), status)
    made.headers["Cache-Control"] = "no-store"
    made.headers["Referrer-Policy"] = "same-origin"
    return made


def area_words(code: str, names: dict[str, AreaName], *, alone: bool = False) -> str:
    """“ต.ศรีภูมิ อ.เมืองเชียงใหม่” or “Si Phum, Mueang Chiang Mai”: an area with the one above it."""
    if code == "TH":
        return gettext(labels.COUNTRY)
    chain = [code] if alone or len(code) == 2 else [code, code[:-2]]
    known = [names[one] for one in chain if one in names]
    if not known:
        return code
    return here().separator.join(map(address_name, known))


def confirmed(actor: Actor) -> bool:
    """Whether the password was entered recently enough to appoint. If not, pages ask for it first."""
    try:
        policy.steps(actor, "people.appoint", now())
    except StepNeeded:
        return False
    return True


def roles_for(actor: Actor) -> list[str]:
    """The roles that this actor may give in at least one area, from the highest down."""
    mine = [one for one in actor.standings if one.personal_data]
    return [role for role in policy.ROLES if any(role in policy.BELOW.get(one.role, ()) for one in mine)]


# Areas ----------------------------------------------------------------------------------------------------------


Choices = list[tuple[str, list[tuple[str, str]]]]
"""Groups of areas: a heading, and the code and name of each area."""


def choices(places: Register, codes: Collection[str] | None = None) -> Choices | None:
    """The areas to choose from, grouped by amphoe; None if they are too many for a list."""
    inside = sorted(places.inside if codes is None else codes)
    if len(inside) > MOST_CHOICES:
        return None
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in inside:
        head = code[:4] if len(code) > 4 else code[:2]
        groups.setdefault(head, []).append((code, area_words(code, places.areas, alone=True)))
    made = [(area_words(head, places.areas, alone=True), areas) for head, areas in groups.items()]
    return [(gettext(labels.COUNTRY), [("TH", gettext(labels.COUNTRY))]), *made] if places.country else made


def appointable(within: str | None) -> Register:
    """The areas for which the actor may appoint: their own, or those of them inside ``within``."""
    mine = edge.my_areas("people.appoint")
    if within is not None and edge.may("people.appoint", within):
        mine = (within,)
    return load(session(), mine)


def resolve(form: Asked[Any], places: Register, text: str, role: str) -> tuple[str | None, Collection[str] | None]:
    """The code of the area that was chosen or typed; otherwise the possible areas, with the problem in the form."""
    found = resolved(session(), text, Wanted(rules.levels_of(role), places))
    if found.place is not None:
        return found.place.code, None
    if found.elsewhere is not None:
        said = tell(found.elsewhere.said)
    elif len(found.choices) == 1:
        said = gettext("Is this the right place? Choose it, or enter another name.")
    elif found.choices:
        said = gettext("Several areas have this name. Choose one.")
    elif found.wide is not None:
        said = gettext(rules.LEVEL_NEEDED[rules.CODE_LENGTHS[role]])
    else:
        said = gettext("Not found in your area. Enter the name with amphoe and province, or the code.")
    form.problems.setdefault("area", []).append(said)
    return None, [place.code for place in found.choices] or None


# Sheets ---------------------------------------------------------------------------------------------------------


def by_mail(written: Iterable[tuple[Sheet, Person]]) -> None:
    """Sends the links to people with an email address, if mail is configured, and notes the result on each sheet. Call
    it after the commit: a mail server can be slow, and a link must not be sent if its transaction is rolled back.

    If the server does not answer, the other links are not tried: the printed sheets remain.
    """
    settings, until = config(), monotonic() + MAIL_S
    for sheet, person in written if mail.is_configured(settings) else ():
        to = contacts.email_of(edge.vault(), person)
        if to is not None:
            sheet.sent = monotonic() < until and mailed_links.send_link(
                settings, to=to, language=person.language, purpose=sheet.purpose, url=sheet.address
            )
            until = until if sheet.sent else 0


def sheet(
    name: str,
    organisation: str | None,
    held: Iterable[Terms | Any],
    names: dict[str, AreaName],
    link: Link,
    *,
    purpose: str = "join",
) -> Sheet:
    """The sheet of one person."""
    address = edge.whole_address(link.path)
    return Sheet(
        name=name,
        organisation=organisation,
        held=[
            (gettext(labels.ROLES[one.role]), area_words(one.area_code, names), last_day(one.ends_at)) for one in held
        ],
        address=address,
        qr=qr.svg(address),
        expires_at=link.expires_at,
        purpose=purpose,
    )
