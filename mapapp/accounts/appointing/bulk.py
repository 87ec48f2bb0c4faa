"""Many appointments from one list. All rows are checked before anything is written. Then all rows are written, or only
those without problems."""

from __future__ import annotations

import base64
import json
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from mapapp.accounts import labels, policy
from mapapp.accounts.appointing import rules
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Spell, Terms
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.people import service as people
from mapapp.accounts.schemas import PersonIn, TermsForm, first_moment_after
from mapapp.accounts.signing_in import invitations
from mapapp.accounts.signing_in.invitations import Link
from mapapp.areas.names import normalise
from mapapp.areas.resolving.register import Register, load
from mapapp.areas.resolving.resolver import resolve
from mapapp.areas.resolving.results import Wanted
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, DomainError, FieldProblem, Invalid, Message, StepNeeded, invalid
from mapapp.core.fields import problems_of
from mapapp.core.vault import Vault
from mapapp.lists import tables

MAX_ROWS: Final = 1_000
MAX_BYTES: Final = 2_000_000
MAX_CELL: Final = 300

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("ชื่อ-นามสกุล", "ชื่อ", "ชื่อสกุล", "ชื่อและนามสกุล", "ชื่อ-สกุล", "name", "full name"),
    "phone": ("โทรศัพท์", "เบอร์โทร", "เบอร์โทรศัพท์", "โทร", "เบอร์", "มือถือ", "phone", "mobile", "tel"),
    "role": ("หน้าที่", "บทบาท", "ตำแหน่ง", "role"),
    "area": ("พื้นที่", "รหัสพื้นที่", "area", "area code", "area_code"),
    "tambon": ("ตำบล", "แขวง", "tambon"),
    "amphoe": ("อำเภอ", "เขต", "amphoe"),
    "province": ("จังหวัด", "province"),
    "organisation": ("หน่วยงาน", "สังกัด", "organisation", "organization"),
    "email": ("อีเมล", "email", "e-mail"),
    "until": ("ถึงวันที่", "สิ้นสุด", "วันสิ้นสุด", "until"),
    "confidentiality_on": (
        "วันที่ลงนามข้อตกลงรักษาความลับ",
        "วันที่ลงนามรักษาความลับ",
        "ลงนามรักษาความลับ",
        "confidentiality_on",
        "confidentiality",
    ),
    "training_expires_on": ("การอบรมหมดอายุ", "อบรมหมดอายุ", "วันหมดอายุการอบรม", "training_expires_on", "training"),
}
"""The column headings that are recognised. The first one is used in the template."""

ROLE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "ministry": ("ผู้ดูแลระบบกระทรวง", "กระทรวง"),
    "province_admin": ("ผู้ดูแลระบบจังหวัด", "ผู้ดูแลจังหวัด", "ผู้ดูแลระดับจังหวัด", "แอดมินจังหวัด"),
    "amphoe_coordinator": (
        "ผู้ประสานงานอำเภอ", "ผู้ประสานงานระดับอำเภอ", "ผู้ประสานงานเขต", "ปลัดอำเภอ", "นายอำเภอ", "สาธารณสุขอำเภอ",
    ),
    "tambon_officer": (
        "เจ้าหน้าที่ตำบล", "เจ้าหน้าที่ระดับตำบล", "เจ้าหน้าที่แขวง", "กำนัน", "ปลัดอบต", "ปลัดเทศบาล", "เจ้าหน้าที่อบต",
    ),
    "data_volunteer": ("อาสาข้อมูล", "อาสาสมัครข้อมูล", "อาสาสมัครด้านข้อมูล"),
    "volunteer": ("อาสาสมัคร", "อาสา", "อสม"),
    "auditor": ("ผู้ตรวจสอบ", "ผู้ตรวจ"),
}  # fmt: skip
"""The words that are recognised for each role. Role codes and English names are recognised too."""


_FIELDS: Final = {normalise(word): name for name, words in HEADERS.items() for word in words}
_ROLES: Final = {
    normalise(word): role for role in policy.ROLES for word in (role, labels.ROLES[role], *ROLE_WORDS[role])
}


@dataclass(frozen=True)
class Line:
    """One row as it was entered: its number in the file, and the text of its cells by our field names."""

    row: int
    cells: dict[str, str]


@dataclass
class Judged:
    """The result of checking a row. For a new account, ``person_id`` is already generated here."""

    line: Line
    role: str | None = None
    area_code: str | None = None
    who: PersonIn | None = None
    terms: Terms | None = None
    person_id: uuid.UUID | None = None
    known: str = ""
    """If the account already exists: its name, or only the first letters if the actor may not see the person."""
    new_account: bool = False
    problems: list[FieldProblem] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems

    def wrong(self, name: str, message: Message) -> None:
        self.problems.append(FieldProblem(name, message, self.line.row, HEADERS.get(name, ("",))[0]))


@dataclass(frozen=True)
class Made:
    """A person of the list and the roles they got. ``link`` is None if the person has signed in before."""

    person: Person
    held: list[Terms]
    link: Link | None


# Reading --------------------------------------------------------------------------------------------------------


def read(data: bytes) -> tuple[list[Line], list[Message]]:
    """Reads the rows of a list, and what is said of those that are no data. Unknown columns are ignored.

    Raises:
        Invalid: it is no list, too long, or lacks a column.
    """
    if len(data) > MAX_BYTES:
        raise invalid("file", N_("The file is larger than %(mb)s MB."), mb=MAX_BYTES // 1_000_000)
    try:
        table = tables.read_bytes(
            data, is_heading=lambda cells: sum(normalise(cell) in _FIELDS for cell in cells) >= 2, most=MAX_ROWS
        )
    except Invalid as error:
        raise Invalid([FieldProblem("file", one.message, one.row, one.column) for one in error.problems]) from None
    columns: dict[str, str] = {}
    for header in table.headers:
        name = _FIELDS.get(normalise(header))
        if name is not None:
            columns.setdefault(name, header)
    missing = [HEADERS[name][0] for name in ("name", "phone", "role") if name not in columns]
    if not columns.keys() & {"area", "tambon", "amphoe", "province"}:
        missing.append(HEADERS["area"][0])
    if missing:
        raise invalid("file", N_("These columns are missing: %(names)s."), names=", ".join(missing))
    lines = [
        Line(number, {name: _text(cells.get(header)) for name, header in columns.items()})
        for number, cells in table.rows
    ]
    return lines, table.remarks


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        cell = cell.date()
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    return text.strip()[: MAX_CELL + 1]


def pack(lines: Sequence[Line]) -> str:
    """Packs the rows into one form field, for the step between preview and appointing. They are checked again then."""
    rows = json.dumps([[line.row, line.cells] for line in lines], ensure_ascii=False)
    return base64.b64encode(zlib.compress(rows.encode("utf-8", "replace"), 9)).decode()


def unpack(packed: str) -> list[Line]:
    """The rows that ``pack`` packed.

    Raises:
        Invalid: it is not what ``pack`` made.
    """
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(packed, validate=True), 4 * MAX_BYTES)
        rows = json.loads(data.decode())
        lines = [
            Line(int(row), {str(name): _whole(str(cell)) for name, cell in cells.items() if name in HEADERS})
            for row, cells in rows
        ]
    except (ValueError, TypeError, AttributeError, OverflowError, zlib.error, RecursionError):
        lines = []
    if not lines or len(lines) > MAX_ROWS:
        raise invalid("", N_("This form is too old. Reload the page and send it again."))
    return lines


def _whole(text: str) -> str:
    """The text of a cell, cut to its maximum length and without half characters, which no page could show."""
    return text[: MAX_CELL + 1].encode("utf-8", "replace").decode()


# Judging --------------------------------------------------------------------------------------------------------


def judge(session: Session, vault: Vault, actor: Actor, lines: Sequence[Line], now: datetime) -> list[Judged]:
    """Checks each row, in the order of the list: earlier rows count for later ones. Four statements, whatever the
    length of the list.

    Raises:
        NotSignedIn, StepNeeded: before any row is looked at.
    """
    policy_areas = policy.areas_of(actor, "people.appoint") if actor.kind == "person" else ("TH",)
    register = load(session, policy_areas)
    judged = [_parsed(session, Judged(line), register, now) for line in lines]
    _same_person_twice(judged)
    phones = {vault.index(one.who.phone, "phone"): one.who.phone for one in judged if one.who is not None}
    found = {
        phones[person.phone_index]: person
        for person in session.scalars(select(Person).where(Person.phone_index.in_(phones)))
        if person.phone_index is not None
    }
    emails = _emails_twice(judged)
    ids = [person.id for person in found.values()]
    provinces = {one.area_code for one in judged if one.role == "province_admin" and one.area_code}
    seats = and_(Appointment.role == "province_admin", Appointment.area_code.in_(provinces))
    held = appointing.spells(session, or_(Appointment.person_id.in_(ids), seats), now)
    new_ids: dict[str, uuid.UUID] = {}
    for one in judged:
        if one.who is not None and one.who.email in emails and one.who.phone not in found:
            one.wrong("email", Message(N_("Two people on this list have this email address.")))
        if one.good:
            _place(one, actor, found, held, new_ids, now)
    return judged


def _parsed(session: Session, one: Judged, register: Register, now: datetime) -> Judged:
    cells = one.line.cells
    for name, text in cells.items():
        if text.startswith("="):
            one.wrong(name, Message(N_("This cell contains a formula. Enter its value.")))
    if one.problems:
        return one
    try:
        one.who = PersonIn.model_validate({name: cells.get(name) for name in PersonIn.model_fields})
    except ValidationError as error:
        for problem in problems_of(error):
            one.wrong(problem.field, problem.message)
    one.role = _ROLES.get(normalise(cells.get("role", "")))
    if one.role is None:
        choices = ", ".join(words[0] for words in ROLE_WORDS.values())
        one.wrong("role", Message(N_("Enter one of these: %(choices)s."), {"choices": choices}))
    _find_area(session, one, register)
    try:
        form = TermsForm.model_validate({name: cells.get(name) for name in TermsForm.model_fields})
    except ValidationError as error:
        for problem in problems_of(error):
            one.wrong(problem.field, problem.message)
    else:
        if one.role is not None and one.area_code is not None:
            ends = first_moment_after(form.until)
            papers = (form.confidentiality_on, form.training_expires_on)
            one.terms = Terms(one.role, one.area_code, now, ends, *papers)
    return one


def _find_area(session: Session, one: Judged, register: Register) -> None:
    """Sets the area of a row. Only exact names count: an appointment must not depend on a guess.

    If the role is unknown, areas of all levels are searched, so that one upload shows both errors. A name of several
    areas is then no error yet: the role can decide between them.
    """
    levels = rules.ALL_LEVELS if one.role is None else rules.levels_of(one.role)
    found = resolve(session, one.line.cells.get("area") or one.line.cells, Wanted(levels, register))
    if found.place is not None:
        one.area_code = found.place.code
    elif found.elsewhere is not None:
        one.wrong("area", found.elsewhere.said)
    elif found.choices and one.role is None:
        pass
    elif found.choices:
        one.wrong("area", Message(N_("Several areas have this name. Enter the code, or add amphoe and province.")))
    else:
        one.wrong("area", Message(N_("No area for this role found in your area. Enter its code.")))


def _same_person_twice(judged: Sequence[Judged]) -> None:
    """One phone number is one person: the same name can have several appointments, two different names are an error."""
    first: dict[str, Judged] = {}
    for one in judged:
        if one.who is None:
            continue
        before = first.setdefault(one.who.phone, one)
        if before is not one and before.who is not None and normalise(before.who.name) != normalise(one.who.name):
            text = N_("Row %(row)s has this phone number with another name.")
            one.wrong("phone", Message(text, {"row": before.line.row}))


def _emails_twice(judged: Sequence[Judged]) -> set[str]:
    """Email addresses that two people of the list have: an error. Whether a person outside the list has one is not
    revealed."""
    owners: dict[str, set[str]] = {}
    for one in judged:
        if one.who is not None and one.who.email is not None:
            owners.setdefault(one.who.email, set()).add(one.who.phone)
    return {email for email, phones in owners.items() if len(phones) > 1}


def _place(
    one: Judged,
    actor: Actor,
    found: dict[str, Person],
    held: list[Spell],
    new_ids: dict[str, uuid.UUID],
    now: datetime,
) -> None:
    """Finds or prepares the person of a row and adds its appointment to those that exist, or records why that is not
    possible."""
    assert one.who is not None
    assert one.terms is not None
    person = found.get(one.who.phone)
    if person is not None:
        one.person_id = person.id
        seen = any(spell.person_id == person.id and policy.sees(actor, spell.area_code) for spell in held)
        one.known = person.name if seen else people.first_letters(person.name)
        if person.suspended_at is not None or person.erased_at is not None:
            one.wrong("phone", Message(N_("This account is suspended. End the suspension first.")))
        elif person.id == actor.person_id:
            one.wrong("phone", Message(N_("You cannot appoint yourself. Ask the person who appointed you.")))
    else:
        one.new_account = one.who.phone not in new_ids
        one.person_id = new_ids.setdefault(one.who.phone, uuid.uuid4())
    try:
        rules.permit(actor, one.terms.role, one.terms.area_code, now)
        rules.check_terms(one.terms, now)
        spell = Spell(one.person_id, one.terms.role, one.terms.area_code, now, one.terms.ends_at)
        rules.check_room(spell, held)
    except StepNeeded:
        raise
    except Invalid as error:
        for problem in error.problems:
            one.wrong(problem.field, problem.message)
    except DomainError as error:
        one.wrong("role", error.message)
    if one.good:
        held.append(spell)
    elif one.new_account:
        del new_ids[one.who.phone]


# Doing ----------------------------------------------------------------------------------------------------------


def carry_out(
    session: Session, vault: Vault, actor: Actor, lines: Sequence[Line], now: datetime, *, only_good: bool
) -> tuple[list[Judged], list[Made]]:
    """Appoints the people of the list. The rows are checked again under the lock, so that no other appointment comes
    between.

    Args:
        only_good: leave out the rows with problems; otherwise one problem and nothing is written.

    Returns:
        every row with what became of it, and the people in the order of the list; no people where nothing was done.
    """
    appointing.hold(session)
    judged = judge(session, vault, actor, lines, now)
    good = [one for one in judged if one.good]
    if not good or (len(good) < len(judged) and not only_good):
        return judged, []
    return judged, list(_written(session, vault, actor, good, now))


def _written(session: Session, vault: Vault, actor: Actor, good: Sequence[Judged], now: datetime) -> Iterator[Made]:
    by_person: dict[uuid.UUID, list[Judged]] = {}
    for one in good:
        assert one.person_id is not None
        by_person.setdefault(one.person_id, []).append(one)
    for person_id, rows in by_person.items():
        held = [one.terms for one in rows if one.terms is not None]
        acting = rules.permit(actor, held[0].role, held[0].area_code, now)
        new = any(one.new_account for one in rows)
        if new and rows[0].who is not None:
            people.add_person(
                session, vault, acting, rows[0].who, now, area_code=held[0].area_code, person_id=person_id
            )
        for terms in held:
            by = rules.permit(actor, terms.role, terms.area_code, now)
            appointing.insert(session, by, person_id, terms, now)
        person = session.get_one(Person, person_id)
        link = None
        if new:
            link = invitations.invite(session, vault, person_id=person_id, purpose="join", by=acting, now=now)
        elif person.password_hash is None:
            link = people.link_if_above(session, vault, actor, person_id, now)
        yield Made(person, held, link)
