"""``mapapp accounts``: first administrators, sessions, encryption keys, demo passwords."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime

import click
from rich.table import Table
from sqlalchemy.orm import Session

from mapapp.accounts import contacts, demo, labels
from mapapp.accounts.appointing import first_administrators
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import invitations, mailed_links, sessions
from mapapp.audit import service as audit
from mapapp.core import contact_fields
from mapapp.core.actors import command
from mapapp.core.errors import N_, FieldProblem, Invalid, NotAllowed, NotFound, invalid, message_of
from mapapp.core.fields import clean, parse_area_code
from mapapp.core.languages import DEFAULT
from mapapp.core.vault import Vault, new_key
from mapapp.database import keyring
from mapapp.database.server_time import database_time
from mapapp.web import command_line
from mapapp.web.i18n import translate

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def accounts() -> None:
    """Accounts: first administrators, sessions, encryption keys, demo passwords."""


def _typed(name: str, parse: Callable[[object], str], value: str) -> str:
    """An option's value, parsed like the field of a form."""
    try:
        return parse(value)
    except ValueError as error:  # pydantic's custom errors are ValueErrors
        raise Invalid([FieldProblem(f"--{name}", message_of(error))]) from None


@accounts.command("invite-admin")
@click.option("--role", type=click.Choice(["ministry", "province_admin"]), required=True, help="Role of the person.")
@click.option("--area", help="Code of the province, two digits; TH or nothing for the ministry.")
@click.option("--name", required=True, help="Name of the person, as pages show it.")
@click.option("--phone", required=True, help="Phone number: the link asks for it, and the person signs in with it.")
@click.option("--email", help="Email address; the link is sent there if MAPAPP_SMTP_URL is set.")
@click.option("--agreed-on", type=_DAY, help="Day on which the confidentiality agreement was signed. Default: today.")
@click.option("--trained-until", type=_DAY, help="Last day on which the training is valid. Default: a year from today.")
def invite_admin(
    role: str, area: str | None, name: str, phone: str, email: str | None,
    agreed_on: datetime | None, trained_until: datetime | None,
) -> None:  # fmt: skip
    """Appoints a first administrator and prints the invitation link. A province has at most two administrators.

    \b
    mapapp accounts invite-admin --role ministry --name "สมหญิง รักษ์ถิ่น" --phone "081 234 5678"
    mapapp accounts invite-admin --role province_admin --area 50 --name "สมชาย ใจดี" --phone "089 876 5432"
    """
    settings = command_line.settings()
    whole_country = (area or "TH").strip().upper() == "TH"
    code = "TH" if whole_country else _typed("area", parse_area_code, area or "")
    shown = _typed("name", lambda value: str(clean(value)), name)
    if not shown or len(shown) > 200 or "\n" in shown:
        raise invalid("--name", N_("Enter a name."))
    who = first_administrators.Admin(
        shown,
        phone=_typed("phone", contact_fields.parse_phone, phone),
        email=_typed("email", contact_fields.parse_email, email) if email else None,
    )
    with command_line.session() as session:
        made = first_administrators.invite_admin(
            session, command_line.vault(session), who, role, code, now=database_time(session),
            confidentiality_on=_day(agreed_on), training_expires_on=_day(trained_until),
        )  # fmt: skip
    if made.link is None:
        command_line.say(N_("Appointed. This account already exists: its owner signs in as before."))
        return
    url = settings.own_address() + made.link.path
    command_line.say(
        N_("Give this link only to %(name)s. It works once, for %(days)s days, and asks for their phone number:"),
        name=shown,
        days=invitations.LASTS.days,
    )
    command_line.out.print(url, markup=False)
    command_line.say(N_("The training is valid until %(day)s."), day=made.training_expires_on.isoformat())
    if who.email is not None:
        sent = mailed_links.send_link(settings, to=who.email, language=DEFAULT.code, purpose="join", url=url)
        command_line.say(
            N_("The link was also sent by email.") if sent else N_("No email was sent. Give them the link.")
        )


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()


@accounts.command("sign-out-all")
@click.argument("person")
def sign_out_all(person: str) -> None:
    """Ends all sessions of PERSON: a phone number, email address, user name or id."""
    with command_line.session() as session:
        now = database_time(session)
        found = _found(session, command_line.vault(session), person)
        sessions.end_all(session, found.id, now)
        audit.record(session, command(), "session.end_all", "person", found.id, area_code=None, now=now)
        command_line.say(N_("%(name)s is signed out everywhere."), name=found.name)


def _found(session: Session, vault: Vault, text: str) -> Person:
    try:
        found = session.get(Person, uuid.UUID(text))
    except ValueError:
        found = contacts.find_person(session, vault, text)
    if found is None or found.erased_at is not None:
        raise NotFound(N_("Person not found."))
    return found


@accounts.command("keys")
def show_keys() -> None:
    """Prints a new encryption key and how to change to it. Changes nothing."""
    known = command_line.settings().vault().names
    number = next(number for number in range(1, len(known) + 2) if f"k{number}" not in known)
    command_line.out.print(new_key(f"k{number}"), markup=False)
    for step in (
        N_("1. Put this line before the keys you have: in MAPAPP_SECRET_KEYS, or first in var/secret-keys."),
        N_("2. Restart the service. New data is encrypted with it."),
        N_("3. Run mapapp accounts reseal to encrypt the old data with it, too."),
        N_(
            "Keep the oldest key permanently: the service uses it to look up accounts. You can remove the "
            "keys in between."
        ),
    ):
        command_line.say(step)


@accounts.command()
def reseal() -> None:
    """Encrypts all encrypted data again with the newest key. Safe to repeat."""
    with command_line.session() as session, command_line.progress() as bar:
        task = bar.add_task("sealed", total=keyring.to_do(session))
        changed = keyring.reseal(session, command_line.vault(session), lambda done: bar.update(task, completed=done))
        audit.record(
            session, command(), "keys.reseal", "people", "all", area_code=None, now=database_time(session),
            details={"values": changed},
        )  # fmt: skip
    command_line.say(N_("Encrypted again: %(count)s values."), count=changed)


@accounts.command("demo-passwords")
@click.option(
    "--if-new", is_flag=True, help="Only for demo people without a password; otherwise print how to get new ones."
)
def demo_passwords(if_new: bool) -> None:
    """Sets new random passwords for the demo people and prints them. In development mode only."""
    if command_line.settings().mode != "development":
        raise NotAllowed(N_("Demo accounts work only in development mode: set MAPAPP_MODE=development."))
    with command_line.session() as session:
        made = demo.new_passwords(session, database_time(session), only_missing=if_new)
        there = bool(made) or demo.there_are(session)
    if made:
        _print(made)
        command_line.say(N_("They work only on this computer and need no two-step sign-in. Shown once."))
    elif there:
        command_line.say(
            N_("Demo passwords were printed once. For new ones, run: script/mapapp accounts demo-passwords")
        )
    else:
        command_line.say(N_("There are no demo people here."))


def _print(made: list[demo.DemoSignIn]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in (N_("Role"), N_("Area"), N_("User name"), N_("Password")):
        table.add_column(translate(heading, command_line.lang()), no_wrap=True)
    for one in made:
        role = translate(labels.role(one.role), command_line.lang())
        table.add_row(role, one.area_code, one.user_name, one.password)
    command_line.out.print(table)
