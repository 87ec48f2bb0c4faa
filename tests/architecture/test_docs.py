"""The documents tell the truth: every setting, command, route and folder in them exists, and the other way round."""

from __future__ import annotations

import configparser
import importlib.util
import re
from pathlib import Path

import click
import sqlalchemy
from flask import Flask
from sqlalchemy import Connection

from mapapp.app import STATEMENT_TIMEOUT_S
from mapapp.cli import main
from mapapp.core.config import PREFIX, ROOT, Config
from mapapp.web import concurrency, idle_connections, live, request_bodies, security, server, watchdog

DOCUMENTS_SCRIPT = importlib.util.spec_from_file_location("documents", ROOT / "script" / "lib" / "documents.py")
assert DOCUMENTS_SCRIPT
assert DOCUMENTS_SCRIPT.loader
documents = importlib.util.module_from_spec(DOCUMENTS_SCRIPT)
DOCUMENTS_SCRIPT.loader.exec_module(documents)
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
GLOSSARY = ROOT / "docs" / "glossary.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_setting_is_documented_with_its_default() -> None:
    for name, field in Config.model_fields.items():
        row = re.search(rf"^\| `{PREFIX}{name.upper()}` \| (.+?) \|", CONFIGURATION, re.M)
        assert row, f"{name} is not in docs/configuration.md"
        default = field.default
        shown = "empty" if default in ("", ()) else f"`{default}`"
        assert row[1] == shown, f"{name}: the documented default is not the real one"


def test_every_documented_setting_exists() -> None:
    known = {PREFIX + name.upper() for name in Config.model_fields}
    for path in DOCUMENTS:
        for name in re.findall(r"\bMAPAPP_[A-Z_]+\b", path.read_text()):
            assert name in known or name.startswith("MAPAPP_TEST_"), f"{path.name} names {name}"


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, command in group.commands.items():
        found.add((*words, name))
        if isinstance(command, click.Group):
            found |= _commands(command, (*words, name))
    return found


def test_every_command_in_the_documents_exists() -> None:
    known = _commands(main)
    for path in DOCUMENTS:
        for line in re.findall(r"(?:script/|`|bin/)mapapp ((?:[a-z-]+ ?)+)", path.read_text()):
            words = tuple(line.split())
            assert any(words[: len(command)] == command for command in known), f"{path.name}: mapapp {line}"


def test_every_command_is_documented_and_has_help() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    for words in _commands(main):
        command: click.Command = main
        for word in words:
            assert isinstance(command, click.Group)
            command = command.commands[word]
        assert command.help, f"mapapp {' '.join(words)} has no help"
        if not isinstance(command, click.Group):
            assert f"mapapp {' '.join(words)}" in text, f"docs/commands.md lacks mapapp {' '.join(words)}"


def test_every_path_in_the_documents_exists() -> None:
    folders = "mapapp|migrations|static|templates|seed|tests|script|docs|bench"
    for path in DOCUMENTS:
        for name in re.findall(rf"(?<![\w./])((?:{folders})/[\w./*-]*[\w/])", path.read_text()):
            if "…" in name or name.startswith("static/vendor"):
                continue
            assert any(ROOT.glob(name)), f"{path.name} names {name}"


def test_the_unit_file_begins_the_service_anew_and_leaves_it_time_to_end() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser's documentation has it
    unit.read_string((ROOT / "docs" / "mapapp.service").read_text())
    service = unit["Service"]
    assert (service["Restart"], unit["Unit"]["StartLimitIntervalSec"]) == ("always", "0")
    assert service["Environment"] == f"{PREFIX}SUPERVISOR=systemd"
    assert int(service["WatchdogSec"]) > 4 * watchdog.ASKED_EVERY_S
    assert service["WatchdogSignal"] == "SIGKILL", "what is stopped hears no other"
    assert int(service["TimeoutStopSec"]) > server.ENDS_S
    assert int(service["LimitNOFILE"]) >= server.FILES
    folder = Path(service["WorkingDirectory"])
    program, command = service["ExecStart"].split()
    assert Path(program) == folder / ".venv" / "bin" / "mapapp"
    assert command in main.commands
    assert Path(service["ReadWritePaths"]) == folder / "var"


def test_the_bounds_in_the_documents_are_those_in_the_code() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", (ROOT / "docs" / "operations.md").read_text(), re.M)
    bounds = {what: re.findall(r"\d[\d,]*", bound) for what, bound in rows}
    numbers = {what: [int(number.replace(",", "")) for number in found] for what, found in bounds.items()}
    pace = request_bodies.SERVICE_PACE
    assert numbers["a request's headers; a connection between two requests"] == [server.HEADERS_S]
    assert numbers["a request's body"] == [pace.grace_s, pace.rate, pace.deadline_s / 60]
    assert numbers["bodies that come in at once"] == [
        request_bodies.AT_ONCE, request_bodies.LARGE_AT_ONCE, security.MAX_BODY // 1024, request_bodies.HELP_AT_ONCE
    ]  # fmt: skip
    assert numbers["requests worked on"] == [concurrency.AT_WORK] * 3 + [concurrency.ASKING]
    assert numbers["waiting for a place"] == [concurrency.WAIT_S, concurrency.WAITING]
    assert numbers["a statement in the database"] == [STATEMENT_TIMEOUT_S]
    assert numbers["taking an answer (Linux)"] == [idle_connections.RATE]
    assert numbers["a connection on which nothing moves (Linux)"] == [idle_connections.STILL_S / 60]
    assert numbers["pages that listen"] == [live.MOST]
    assert numbers["connections"] == [server.CONNECTIONS]


def test_the_documents_that_are_made_from_the_code_say_what_it_says(app: Flask) -> None:
    out_of_date = [path.name for path in documents.out_of_date(app)]
    assert not out_of_date, "run: python script/lib/documents.py --write"


def test_every_address_stands_once_and_says_what_it_is_for(app: Flask) -> None:
    found = documents.addresses_of(app)
    assert {one.shown for one in found} >= {"/", "/requests/new", "/officer", "/api/v1/help-requests", "/healthz"}
    assert len({(one.shown, one.method) for one in found}) == len(found)
    assert [f"{one.method} {one.shown}" for one in found if len(one.what) < 10] == [], "the view's docstring says it"


def test_the_tables_that_are_documented_are_those_of_the_database(connection: Connection) -> None:
    rows = connection.execute(
        sqlalchemy.text(
            "SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND table_name NOT IN ('alembic_version', 'spatial_ref_sys')"
        )
    )
    documented = {
        (kept.table.name, column.name, bool(column.nullable))
        for kept in documents.tables_of()
        for column in kept.table.columns
    }
    assert {tuple(row) for row in rows} == documented
    assert [kept.table.name for kept in documents.tables_of() if not kept.what] == [], "the model's docstring says it"


def test_decisions_have_a_number_each_and_the_ones_given_up_say_by_which() -> None:
    pages = {path.name: path.read_text() for path in documents.DECISIONS.glob("[0-9]*.md")}
    assert sorted(int(name[:4]) for name in pages) == list(range(1, len(pages) + 1)), "take the next number"
    statuses = {name: documents.FORM.fullmatch(text)["status"] for name, text in pages.items()}
    for name, status in statuses.items():
        assert re.match(r"Accepted|Superseded (in part )?by \[\d{4}\]", status), f"{name}: {status}"
    assert any(status.startswith("Superseded") for status in statuses.values())


def test_the_architecture_stays_a_page_for_newcomers() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    assert not re.findall(r"^- \*\*20\d\d-.*", text, re.M), "a decision is a page of its own in docs/decisions/"
    assert len(text.splitlines()) < 200


def test_pictures_of_the_documents_are_small_and_each_is_shown() -> None:
    shown = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    pictures = list((ROOT / "docs" / "pictures").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size <= 80_000, picture.name
        assert f"(pictures/{picture.name})" in shown, picture.name


def test_links_between_the_documents_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for link in re.findall(r"\]\((?!\w+:)([^)#\s]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.relative_to(ROOT)} links to {link}"


def test_the_words_of_the_glossary_are_on_the_pages_and_in_the_code() -> None:
    lines = [line for line in GLOSSARY.read_text().splitlines() if line.startswith("| ") and "| term |" not in line]
    rows = [re.fullmatch(r"\| (.+?) \| (.+?) \| .+ \| `(\S+)` `(\w+)` \|", line) for line in lines]
    assert len(rows) > 30
    shown = "\n".join(path.read_text() for path in (ROOT / "mapapp" / "translations" / "th").glob("*.po"))
    for row, line in zip(rows, lines, strict=True):
        assert row, f"not a row of the glossary: {line}"
        term, thai, path, name = row.groups()
        for word in thai.split(", "):
            assert word == "–" or word in shown, f"{term}: no page says {word}"
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text()), f"{term}: {path} knows no {name}"


def test_the_version_is_that_of_the_changelog_everywhere(app: Flask) -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    packaged = re.search(r"^version = (\S+)$", (ROOT / "setup.cfg").read_text(), re.M)
    assert newest
    assert packaged
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    assert packaged[1] == newest[1] == document["info"]["version"]


def test_no_document_keeps_both_sides_of_a_merge() -> None:
    both = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)
    documents = [*DOCUMENTS, ROOT / "CHANGELOG.md"]
    assert not [path.relative_to(ROOT).as_posix() for path in documents if both.search(path.read_text())]
