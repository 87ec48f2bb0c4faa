"""Generates what says the same as the code: the addresses, the tables, the list of decisions, the colours of classes.

python script/lib/documents.py --check   exit status 1 if one of them is out of date
python script/lib/documents.py --write   writes them again
"""

from __future__ import annotations

import inspect
import re
import sys
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
STYLES = ROOT / "static" / "css" / "site.css"
sys.path.insert(0, str(ROOT))  # the code beside this file, whatever is installed

from flask import Flask  # noqa: E402
from sqlalchemy import Column, Table  # noqa: E402
from sqlalchemy.dialects import postgresql  # noqa: E402
from sqlalchemy.orm import sessionmaker  # noqa: E402

from mapapp.app import create_app  # noqa: E402
from mapapp.core.config import Config  # noqa: E402
from mapapp.database import Base  # noqa: E402
from mapapp.maps.colours import table_css  # noqa: E402

HEAD = "<!-- Made by script/lib/documents.py --write; a test keeps it true. -->"


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring as Markdown for a cell of a table; empty where there is none."""
    paragraph = " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z“`])", paragraph)[0]
    return sentence.rstrip(".").replace("``", "`").replace("|", "\\|")


def room_of(module: str) -> tuple[str, str]:
    """Room and place within it of ``mapapp.<room>.<place>``."""
    _, room, *place = module.split(".")
    return room, ".".join(place)


# The addresses -------------------------------------------------------------------------------------------------------


class Address(NamedTuple):
    """One address and method, and the view behind it."""

    room: str
    shown: str
    method: str
    what: str
    place: str


def addresses_of(app: Flask) -> list[Address]:
    """Every address of the application by room: pages first, then the API, each in order of the alphabet."""
    summaries = {
        f"{api.blueprint.name}.{operation.name.removeprefix(api.room + '_')}": operation.summary
        for api in app.extensions["mapapp_apis"]
        for operation in api.operations
    }
    found = []
    for rule in app.url_map.iter_rules():
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        room, place = room_of(view.__module__)
        what = first_sentence(summaries.get(rule.endpoint) or view.__doc__)
        shown = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        found += [Address(room, shown, method, what, place) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(found, key=lambda one: (one.room, one.shown.startswith("/api/"), one.shown, one.method))


def addresses(app: Flask) -> str:
    """``docs/addresses.md``."""
    lines = [
        "# Addresses",
        "",
        HEAD,
        "",
        "Every address the service answers, by the room whose view it is. What each is for is the first sentence of",
        "that view; who may is in `tests/*/access.py`, which has a row for each of them; what programs",
        "send and get is in [api.md](api.md) and `/api/v1/docs`.",
    ]
    for room, rows in groupby(addresses_of(app), key=lambda one: one.room):
        lines += ["", f"## {room}", "", "| address | | what it is for | view in |", "|---|---|---|---|"]
        before = ""
        for row in rows:
            shown = "" if row.shown == before else f"`{row.shown}`"
            lines.append(f"| {shown} | {row.method} | {row.what} | `{row.place}` |")
            before = row.shown
    return "\n".join(lines) + "\n"


# The tables ----------------------------------------------------------------------------------------------------------

TYPES = {
    "timestamp with time zone": "timestamptz", "double precision": "double", "character varying": "varchar",
    "geography(point,4326)": "geography(Point)", "geometry(multipolygon,4326)": "geometry(MultiPolygon)",
}  # fmt: skip


class Kept(NamedTuple):
    """A table, whose it is and what a row of it is."""

    room: str
    table: Table
    what: str


def tables_of() -> list[Kept]:
    """Every table by room."""
    found = []
    for mapper in Base.registry.mappers:
        assert isinstance(mapper.local_table, Table)
        room, _ = room_of(mapper.class_.__module__)
        found.append(Kept(room, mapper.local_table, first_sentence(mapper.class_.__doc__)))
    return sorted(found, key=lambda one: (one.room, one.table.name))


def type_of(column: Column[object]) -> str:
    """The column's type in PostgreSQL's words, without what Mermaid cannot read."""
    named = column.type.compile(dialect=postgresql.dialect()).lower()
    return TYPES.get(named) or re.sub(r"[^a-z0-9_\[\]()]", "_", named)


def attribute(column: Column[object]) -> str:
    """A column as a line of an ``erDiagram``."""
    alone = column.unique or any(
        list(index.columns) == [column] and index.unique and index.dialect_options["postgresql"]["where"] is None
        for index in column.table.indexes
    )
    keys = [name for name, has in (("PK", column.primary_key), ("FK", column.foreign_keys), ("UK", alone)) if has]
    return " ".join(
        part for part in (type_of(column), column.name, ", ".join(keys), '"or null"' if column.nullable else "") if part
    )


def diagram(tables: list[Table], room_by_table: dict[str, str]) -> list[str]:
    """An ``erDiagram`` of a room's tables. Tables of other rooms that they point to stand there by name alone."""
    here = {table.name for table in tables}
    lines, beyond, arrows = ["```mermaid", "erDiagram"], set(), []
    for table in tables:
        lines.append(f"    {table.name} {{")
        lines += [f"        {attribute(column)}" for column in table.columns]
        lines.append("    }")
        columns_by_target: dict[str, list[Column[object]]] = {}
        for column in table.columns:  # several keys to one table are one line, or the diagram is a net
            for key in column.foreign_keys:
                columns_by_target.setdefault(key.column.table.name, []).append(column)
        for target, columns in columns_by_target.items():
            one = "|o" if all(column.nullable for column in columns) else "||"
            many = "o|" if columns == list(table.primary_key.columns) else "o{"
            arrows.append(f'    {target} {one}--{many} {table.name} : "{", ".join(column.name for column in columns)}"')
        beyond |= columns_by_target.keys() - here
    lines += [f'    {name}["{name} ({room_by_table[name]})"]' for name in sorted(beyond)]
    return [*lines, *sorted(arrows), "```"]


def tables() -> str:
    """``docs/tables.md``."""
    kept = tables_of()
    room_by_table = {one.table.name: one.room for one in kept}
    lines = [
        "# Tables",
        "",
        HEAD,
        "",
        "What is kept, by the room whose models it is. A line between two tables is a foreign key, with the column's",
        "name; a table of another room stands there without its columns. PK: primary key, FK: foreign key, UK: unique",
        "on its own. Constraints, partial indexes and functions are in `migrations/versions/`, rights in",
        "`mapapp/database/roles.py`.",
    ]
    for room, group in groupby(kept, key=lambda one: one.room):
        rows = list(group)
        lines += ["", f"## {room}", "", "| table | what a row is |", "|---|---|"]
        lines += [f"| `{row.table.name}` | {row.what} |" for row in rows]
        lines += ["", *diagram([row.table for row in rows], room_by_table)]
    return "\n".join(lines) + "\n"


# The decisions -------------------------------------------------------------------------------------------------------

DECISIONS = DOCS / "decisions"
FORM = re.compile(
    r"# (?P<number>\d+)\. (?P<title>\S.+)\n\n- Date: (?P<date>\d{4}-\d\d-\d\d)\n- Status: (?P<status>\S.+)\n"
    r"\n## Context\n\n\S[\s\S]+\n\n## Decision\n\n\S[\s\S]+\n\n## Consequences\n\n\S[\s\S]+\n"
)
"""What a page of a decision looks like."""


def decisions() -> str:
    """``docs/decisions/README.md``; raises ``ValueError`` for a page that has not the form of a decision."""
    lines = [
        "# Decisions",
        "",
        HEAD,
        "",
        "Why things are as they are, in the order in which it was decided.",
        "",
        "| | decision | date | status |",
        "|---|---|---|---|",
    ]
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        found = FORM.fullmatch(path.read_text())
        if not found or int(found["number"]) != int(path.name[:4]):
            raise ValueError(f"{path.name}: see the other decisions for the form")
        title = found["title"].replace("|", "\\|")
        lines.append(f"| {found['number']} | [{title}]({path.name}) | {found['date']} | {found['status']} |")
    return "\n".join(lines) + "\n"


# Styles --------------------------------------------------------------------------------------------------------------


def styles() -> str:
    """The pages' stylesheet with the colours of a map's classes, for the tables beside it."""
    rules = re.compile(r"^\.worse-high\.class-0.*?(?=\n\.class-none)", re.DOTALL | re.MULTILINE)
    return rules.sub(table_css(), STYLES.read_text(), count=1)


# All of them ---------------------------------------------------------------------------------------------------------


def made(app: Flask) -> dict[Path, str]:
    """Every document that is made, by where it lies."""
    documents = {DOCS / "addresses.md": addresses(app), DOCS / "tables.md": tables()}
    return {**documents, DECISIONS / "README.md": decisions(), STYLES: styles()}


def out_of_date(app: Flask) -> list[Path]:
    """The documents that are out of date."""
    return [path for path, text in made(app).items() if not path.exists() or path.read_text() != text]


def main() -> None:
    """See the module's docstring."""
    if sys.argv[1:] not in (["--check"], ["--write"]):
        sys.exit(__doc__)
    app = create_app(Config(tile_url="none"), sessionmaker())  # nothing is asked of a database
    wrong = out_of_date(app)
    if sys.argv[1] == "--write":
        for path in wrong:
            path.write_text(made(app)[path])
        wrong = []
    for path in wrong:
        sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: python script/lib/documents.py --write\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
