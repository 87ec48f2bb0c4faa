"""Converts rows of a list into facilities that can be stored: guesses headers, checks rows, names errors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from pydantic import ValidationError

from mapapp.areas.names import normalise
from mapapp.core.dates import parse_moment
from mapapp.core.errors import N_, FieldProblem, Message, invalid
from mapapp.core.fields import has_national_id, problems_of
from mapapp.facilities import kinds
from mapapp.facilities.comparison import MADE_UP
from mapapp.facilities.fields import HEADERS as HEADERS
from mapapp.facilities.fields import LAST_DAY_CLOSED, OF_HOW_MANY
from mapapp.facilities.grid import Nearby
from mapapp.facilities.kinds import BY_NAME
from mapapp.facilities.list_words import kind_of
from mapapp.facilities.normalise import Said, code_of, meant_fields, mend, unusable, written
from mapapp.facilities.said_places import LEVELS
from mapapp.facilities.schemas import FacilityIn, looks_like_test_row
from mapapp.lists import mojibake
from mapapp.lists.tables import Table

SAME_PLACE_M = 200
"""Two rows of one kind and one name nearer than this are one place written twice; the country has several hospitals
of one name."""


@dataclass
class Checked:
    """A list after the check."""

    valid: list[FacilityIn] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)
    """Rows with one of these are not taken."""
    notes: list[FieldProblem] = field(default_factory=list)
    """Rows that are accepted but should be checked by a person."""
    columns: set[str] = field(default_factory=set)
    """The fields that the list speaks of."""
    ignored: list[str] = field(default_factory=list)
    """Columns that say nothing to us."""
    remarks: list[Message] = field(default_factory=list)
    """What is said of rows that are no data: totals, hidden ones."""
    rows: int = 0
    numbers: list[int] = field(default_factory=list)
    """The row of each of ``valid``."""
    names: dict[int, str] = field(default_factory=dict)
    """What every row calls its place."""
    said_places: dict[int, dict[str, str]] = field(default_factory=dict)
    """What a row says of province, amphoe and tambon (``said_places``)."""
    place_columns: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """Rows that are not taken."""
        return self.rows - len(self.valid)


_KNOWN = {
    normalise(name): (field_name, rank) for field_name, names in HEADERS.items() for rank, name in enumerate(names)
}
"""Heading → the field it heads, and how sure that is: the first names are the surest."""

_OF_PROGRAMS = re.compile(r"_.+_(latitude|longitude)")
"""Kobo's columns of a question for a place, whatever the question is called."""


def _known(header: str) -> tuple[str, int] | None:
    found = _KNOWN.get(normalise(header))
    if found is None and (program := _OF_PROGRAMS.fullmatch(header.strip().casefold())):
        return _KNOWN[program[1]]
    return found


def is_heading(cells: Sequence[str]) -> bool:
    """Whether these cells head the columns of a list: at least two are names that lists use."""
    return len({found[0] for found in map(_known, cells) if found}) >= 2


def guess(headers: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which column fills which field, by the names lists use; what is ``given`` (field → column) stands.

    Of two columns for one field the surer name wins: “Lat” and “Long” are degrees, “X” and “Y” may be metres.
    """
    found = dict(given or {})
    free = [header for header in headers if header not in found.values()]
    named = sorted(
        (known[1], place, known[0], header)
        for place, header in enumerate(free)
        if (known := _known(header)) is not None
    )
    for _rank, _place, guessed, header in named:
        found.setdefault(guessed, header)
    return found


def without_false_codes(table: Table, columns: dict[str, str]) -> list[Message]:
    """Takes a column that was guessed to have codes, and has none, out of ``columns``; says why.

    An export of ours has the numbers of our pins, which tell them apart whatever their codes are.
    """
    column = columns.get("source_ref")
    why = _no_codes(table, column) if column is not None and "pin" not in columns else None
    if why is None:
        return []
    del columns["source_ref"]
    return [why]


def _no_codes(table: Table, column: str) -> Message | None:
    """Why a column has no codes: a code is of one place only, and no number of the row."""
    firsts: dict[str, tuple[int, str]] = {}
    names = guess(table.headers).get("name_th", "")
    for number, cells in table.rows:
        code, name = code_of(cells.get(column)), normalise(written(cells.get(names)))
        other, its_name = firsts.setdefault(code, (number, name))
        if code and name != its_name:
            text = N_("Column %(column)s was not taken as a code: rows %(row)s and %(other)s share “%(code)s”.")
            return Message(text, {"column": column, "row": other, "other": number, "code": code[:40]})
    counted = [str(place) for place in range(1, len(table.rows) + 1)]
    if len(counted) > 2 and normalise(column) in _COUNTS and [*firsts] == counted:
        return Message(N_("Column %(column)s was not taken as a code: it numbers the rows."), {"column": column})
    return None


_COUNTS = frozenset(map(normalise, ("id", "no", "fid", "objectid", "index")))
"""Headings of columns that programs fill with 1, 2, 3 …"""


def missing(columns: Collection[str]) -> list[str]:
    """Fields that no column fills, and without which no row can be taken."""
    place = () if "coordinates" in columns else ("lat", "lon")
    return [name for name in ("name_th", *place) if name not in columns]


def match_headers(headers: list[str], given: Mapping[str, str], *, guessing: bool = True) -> dict[str, str]:
    """Which column fills which field: as the operator says (``field=column``), else by the names lists use.

    Raises:
        Invalid: a named field or column does not exist, or name or point are nowhere.
    """
    for name, column in given.items():
        if name not in HEADERS:
            raise invalid(
                "--map", N_("Unknown field %(name)s. The fields are: %(names)s."), name=name, names=", ".join(HEADERS)
            )
        if column not in headers:
            raise invalid(
                "--map",
                N_("Column %(name)s not found. The columns are: %(names)s."),
                name=column,
                names=", ".join(headers),
            )
    found = guess(headers, given) if guessing else dict(given)
    if missing(found):
        raise invalid(
            "",
            N_("No column was found for: %(names)s. Name it with --map %(first)s=COLUMN."),
            names=", ".join(missing(found)),
            first=missing(found)[0],
        )
    return found


def check(
    table: Table,
    *,
    source: str,
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    as_of: date | None = None,
    guessing: bool = True,
) -> Checked:
    """Checks every row of a list.

    Args:
        table: the list.
        source: where it comes from; with a row's reference it says which facility the row speaks of.
        kind: the kind of every row that names none.
        mapping: columns the operator names, by field.
        as_of: the day the list speaks of.
        guessing: whether other columns are recognised by their names.
    """
    columns = match_headers(table.headers, mapping or {}, guessing=guessing)
    done = Checked(rows=len(table.rows), remarks=table.remarks)
    if "source_ref" not in (mapping or {}):
        done.remarks += without_false_codes(table, columns)
    done.columns = set(columns) | ({"source_as_of"} if as_of else set())
    if done.columns & {"phone", "phone_more"}:
        done.columns |= {"phone", "phone_more"}
    if "coordinates" in columns:
        done.columns = done.columns - {"coordinates"} | {"lat", "lon"}
    if kind is not None:
        done.columns.add("kind")
    done.place_columns = {level: columns[level] for level in LEVELS if level in columns}
    done.columns -= set(LEVELS)
    done.ignored = [name for name in table.headers if name and name not in columns.values()]
    checking = _Checking(done, columns, source, kind, as_of)
    for number, cells in table.rows:
        checking.row(number, {name: cells.get(column) for name, column in columns.items()})
    return done


NEEDED = frozenset({"kind", "name_th", "lat", "lon", "coordinates", "pin", "source", "source_ref"})
"""Cells without which a row says nothing. Any other that cannot be used is left out, and its row is taken."""

_NO_KIND = N_("It is none of our types; the type chosen for the list was taken.")

_LAST_DAYS = frozenset(map(normalise, LAST_DAY_CLOSED))


def _cells_of(problem: FieldProblem) -> tuple[str, ...]:
    """The cells to leave out for a problem: its own, or the less sure one of two that contradict each other."""
    if problem.field:
        return (problem.field,)
    free = next((name for name, of in OF_HOW_MANY.items() if of.too_many == problem.message.text), None)
    return (free,) if free else ("closed_until", "closed_from")


def _opens_the_day_after(values: dict[str, Any]) -> None:
    """“ปิดถึงวันที่ 20”: the 20th is the last day without it."""
    try:
        moment = parse_moment(values["closed_until"])
    except (KeyError, ValueError):
        return
    if moment.time() == time.min:
        values["closed_until"] = moment + timedelta(days=1)


class _Checking:
    """The check of one list, row by row."""

    def __init__(
        self, done: Checked, columns: Mapping[str, str], source: str, kind: str | None, as_of: date | None
    ) -> None:
        self.done, self.columns, self.kind = done, columns, kind
        self.last_day = normalise(columns.get("closed_until", "")) in _LAST_DAYS
        self.same = {"source": source, "source_as_of": as_of}
        self.seen = _Seen()

    def row(self, number: int, values: dict[str, Any]) -> None:
        """Takes one row, or says why not."""
        done, name = self.done, written(values.get("name_th"))
        done.names[number] = name[:80]
        places = {level: written(values.pop(level, None)) for level in LEVELS}
        done.said_places[number] = {level: text for level, text in places.items() if text}
        # A row that was exported from here has been looked at before.
        ours = bool(written(values.get("pin")))
        if not ours and (refused := self._no_facility(values, name)) is not None:
            done.problems.append(_problem(number, "", refused.text, **refused.values))
            return
        problems = unusable(values)
        typed = {name: written(value) for name, value in values.items()}
        values.update(dict.fromkeys((at for at, _said in problems), None))
        mended, unread = mend(values)
        problems += [(at, said) for at, said in self._damaged(values)] + unread
        notes = [_problem(number, self.columns.get(at, at), said.text, **said.values) for at, said in mended]
        notes += self._kind_of(values, number, name, ours)
        kind = BY_NAME.get(kind_of(values["kind"]) or "")
        if kind is not None and kind.taken_as is not None:
            moved = meant_fields(values, kind.taken_as)
            done.columns |= {kind.taken_as.fields[at] for at, _said in moved}
            notes += [_problem(number, self.columns.get(at, at), said.text) for at, said in moved]
        if self.last_day and not ours:
            _opens_the_day_after(values)
        if not values.get("status"):
            values.pop("status", None)
        values |= self.same
        values["source_ref"] = values.get("source_ref") or values.get("hcode") or _made_up_ref(values)
        facility, found, left_out = self._validated(values)
        needed = [(at, said) for at, said in problems if at in NEEDED]
        left_out = [*dict([one for one in problems if one not in needed]).items(), *left_out]
        if facility is None or needed:
            done.problems += self._told(number, needed, found)
        else:
            notes += [self._left_out(number, typed, at, said) for at, said in left_out]
            without = frozenset(at for at, _said in left_out)
            self._take(number, facility.model_copy(update={"left_out": without}) if without else facility, notes)

    @staticmethod
    def _validated(values: dict[str, Any]) -> tuple[FacilityIn | None, list[FieldProblem], Said]:
        """The facility without those of its optional cells that cannot be used; what is wrong with the others."""
        left_out: Said = []
        for _again in range(len(values)):
            try:
                return FacilityIn.model_validate(values), [], left_out
            except ValidationError as error:
                found = problems_of(error)
            bad = {at: problem for problem in found for at in _cells_of(problem) if at in values and at not in NEEDED}
            if not bad:
                return None, found, left_out
            for at, problem in bad.items():
                left_out.append((at, problem.message))
                values.pop(at)
        return None, found, left_out

    def _left_out(self, number: int, typed: Mapping[str, str], at: str, said: Message) -> FieldProblem:
        cell = typed.get(at, "")
        shown = "" if has_national_id(cell) else cell[:80]  # what must not be kept must not be told either
        return FieldProblem("", said, number, self.columns.get(at, at), cell=shown or "…")

    @staticmethod
    def _damaged(values: Mapping[str, Any]) -> Said:
        """Cells with letters that were read in a wrong encoding, and cannot be told any more."""
        found = ((name, mojibake.look(value)) for name, value in values.items() if isinstance(value, str))
        text = N_("Its letters are damaged: the text was in %(encoding)s and was read as something else.")
        return [(name, Message(text, {"encoding": one.encoding})) for name, one in found if one is not None]

    def _no_facility(self, values: Mapping[str, Any], name: str) -> Message | None:
        """Why a row is none, if it is none."""
        if looks_like_test_row(name, written(values.get("hcode"))):
            return Message(N_("This looks like a test row: %(name)s."), {"name": name[:80]})
        if is_heading([written(value) for value in values.values()]):
            return Message(N_("This row repeats the headings. Leave one row of headings and delete this one."))
        return None

    def _kind_of(self, values: dict[str, Any], number: int, name: str, ours: bool) -> list[FieldProblem]:
        said = written(values.get("kind"))
        notes = []
        if said and self.kind is not None and kind_of(said) is None:
            # A column that is headed so for something of its own does not speak against what the officer chose.
            notes = [self._left_out(number, {"kind": said}, "kind", Message(_NO_KIND))]
            said = ""
        values["kind"] = said or self.kind
        other = None if ours else kinds.of_name(name, values["kind"])
        if other is None or other.by_name is None:
            return notes
        values["kind"] = other.name
        return [*notes, _problem(number, self.columns["name_th"], other.by_name.said, name=name[:80])]

    def _told(self, number: int, before: Said, found: list[FieldProblem]) -> list[FieldProblem]:
        told = [_problem(number, self.columns.get(name, name), said.text, **said.values) for name, said in before]
        known = {name for name, _said in before}
        if known & {"lat", "lon", "coordinates"}:
            known |= {"lat", "lon"}  # why there is no point has been said
        for problem in found:
            name = problem.field
            if name in known:
                continue
            if name in ("lat", "lon") and name not in self.columns:
                name = "coordinates"
            if name == "kind" and "kind" not in self.columns:
                told.append(_problem(number, "", N_("The list has no type: give --kind, or a column for it.")))
                continue
            made = FieldProblem("", problem.message, number, self.columns.get(name, name))
            if made not in told:
                told.append(made)
        return told

    def _take(self, number: int, facility: FacilityIn, notes: list[FieldProblem]) -> None:
        done, column = self.done, self.columns["name_th"]
        double = self.seen.before(facility, number)
        if double is not None:
            text = N_("The same facility is already in row %(other)s.")
            done.problems.append(_problem(number, column, text, other=double))
            return
        twin = self.seen.twin(facility, number)
        if twin is not None:
            text = N_("Row %(other)s has the same name, less than %(metres)s m away, under another code.")
            notes.append(_problem(number, column, text, other=twin, metres=SAME_PLACE_M))
        done.valid.append(facility)
        done.numbers.append(number)
        done.notes += notes


def _problem(number: int, column: str, text: str, **values: Any) -> FieldProblem:
    """What is wrong with a row: its number, the column as the list heads it (``""``: the whole row), what to do."""
    return FieldProblem("", Message(text, values), number, column)


def _made_up_ref(values: Mapping[str, Any]) -> str:
    """A reference for a row without one, the same at each import as long as name and kind stay and it does not move
    by more than about a kilometre."""
    place = [re.sub(r"^(-?\d+\.?\d{0,2}).*$", r"\1", written(values.get(name))) for name in ("lat", "lon")]
    text = "|".join([str(values.get("kind")), normalise(written(values.get("name_th"))), *place])
    return MADE_UP + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


class _Seen:
    """The facilities of the rows before, by reference and by name."""

    def __init__(self) -> None:
        self._refs: dict[tuple[int | None, str], int] = {}
        self._names: dict[tuple[str, str], Nearby[tuple[int, FacilityIn]]] = {}

    def before(self, facility: FacilityIn, number: int) -> int | None:
        """The row that had this facility before, if one did; remembers this one if not."""
        # A number of ours is one pin, whatever references and names it shares with others.
        key = (facility.pin, "" if facility.pin else facility.source_ref)
        double = self._refs.get(key) if facility.pin or not facility.source_ref.startswith(MADE_UP) else None
        if double is None and facility.pin is None:
            near = self._near(facility)
            # The ministry gives one code to one place, so two codes are two places, however near (``twin`` tells).
            double = next((row for row, other in near if not (other.hcode and facility.hcode)), None)
        if double is None:
            self._refs[key] = number
            named = self._names.setdefault(self._name(facility), Nearby(SAME_PLACE_M))
            named.add(facility.point, (number, facility))
        return double

    def twin(self, facility: FacilityIn, number: int) -> int | None:
        """The row of another place of the same name nearby."""
        return next((row for row, _other in self._near(facility) if row != number), None)

    @staticmethod
    def _name(facility: FacilityIn) -> tuple[str, str]:
        return facility.kind, normalise(facility.name_th)

    def _near(self, facility: FacilityIn) -> list[tuple[int, FacilityIn]]:
        named = self._names.get(self._name(facility))
        return (
            []
            if named is None
            else sorted((one for _metres, one in named.around(facility.point)), key=lambda one: one[0])
        )
