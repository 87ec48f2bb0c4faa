"""Checks migrations (locks while the service runs, newest revision) and creates new ones.

python script/lib/migrations.py [FOLDER]       exit status 1 if there are problems
python script/lib/migrations.py --new "words"  creates the next migration from the template, and updates .head
python script/lib/migrations.py --head         updates .head after a renumbering

squawk reads the SQL that each upgrade sends, without a database. Accepted findings are listed with their
reason in ``migrations.known``. ``migrations/.head`` is in git so that two branches that each add a migration meet
there as a conflict, and not as two heads in a database.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory

from mapapp.database.migrate import LOCK_TIMEOUT

ROOT = Path(__file__).resolve().parents[2]
SQUAWK = Path(sys.executable).with_name("squawk")
KNOWN = Path(__file__).with_suffix(".known")
OLDEST_POSTGRESQL = "15.0"

NOT_ASKED = (
    "prefer-bigint-over-int", "prefer-bigint-over-smallint",  # counts and kinds that stay small
    "prefer-identity",
    "require-statement-timeout",  # what moves many rows takes its time; it is the wait for a lock that must be short
)  # fmt: skip
OLDER_CODE = ("ban-drop-", "renaming-", "changing-column-type", "adding-required-field")
"""Rules that speak for code of the version before; a migration that says ``STOPS_OLDER_CODE = True`` or
``STOPS_CODE_BEFORE = "0024"`` has answered."""


def sql_of(script: Script) -> str:
    """What this migration's upgrade sends, after what ``env.py`` says to every one of them."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written, "literal_binds": True}
    )
    with Operations.context(context):
        script.module.upgrade()
    return f"{LOCK_TIMEOUT};\n{written.getvalue()}"


def found(scripts: list[Script]) -> Iterator[tuple[Script, str, str, str]]:
    """What squawk says of the upgrades: migration, rule, message and the first line of the statement."""
    with tempfile.TemporaryDirectory() as folder:
        files = {str(Path(folder) / f"{script.revision}.sql"): script for script in scripts}
        for name, script in files.items():
            Path(name).write_text(sql_of(script))
        told = subprocess.run(  # noqa: S603 - our own program and files
            [SQUAWK, "--assume-in-transaction", f"--pg-version={OLDEST_POSTGRESQL}", "--reporter=json",
             f"--exclude={','.join(NOT_ASKED)}", *files],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if told.returncode not in {0, 1} or not told.stdout:
            raise SystemExit(f"squawk could not be run: {told.stderr}")
        for one in json.loads(told.stdout):
            line = Path(one["file"]).read_text().splitlines()[one["line"]]
            yield files[one["file"]], one["rule_name"], one["message"], line


def known() -> dict[tuple[str, str], str]:
    """Revision and rule → why it may be."""
    lines = [line for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")]
    return {(line.split()[0], line.split()[1]): line.split(maxsplit=2)[2] for line in lines}


def check(folder: Path) -> int:
    """Prints what is wrong; the exit status."""
    directory = ScriptDirectory(str(folder))
    scripts = [one for one in directory.walk_revisions() if one.revision]
    wrong: list[str] = []
    heads = directory.get_heads()
    if len(heads) != 1:
        wrong.append(
            f"{' and '.join(heads)} are both the newest revision: renumber the one that is not on the main branch"
        )
    elif (folder / ".head").read_text() != f"{heads[0]}\n":
        wrong.append(f"migrations/.head is not {heads[0]}: python script/lib/migrations.py --head")
    reasons, met = known(), set()
    for script, rule, message, line in found(scripts):
        met.add((script.revision, rule))
        answered = rule.startswith(OLDER_CODE) and any(
            getattr(script.module, said, None) for said in ("STOPS_OLDER_CODE", "STOPS_CODE_BEFORE")
        )
        if (script.revision, rule) not in reasons and not answered:
            wrong.append(f"{Path(script.path).name}: {rule}: {message}\n    {line}")
    if folder == ROOT / "migrations":
        wrong += [
            f"{KNOWN.name}: {' '.join(one)} is no longer needed: delete the line"
            for one in sorted(reasons.keys() - met)
        ]
    print("\n".join(wrong))
    return 1 if wrong else 0


def note_head(folder: Path) -> None:
    """Writes the newest revision into ``.head``."""
    (folder / ".head").write_text(f"{ScriptDirectory(str(folder)).get_current_head()}\n")


def new(folder: Path, words: str) -> None:
    """Makes the next migration."""
    directory = ScriptDirectory(str(folder), file_template="%(rev)s_%(slug)s")
    before = directory.get_current_head() or "0000"
    made = directory.generate_revision(
        f"{int(before) + 1:04}", words, head=before, upgrades="", downgrades="", imports=""
    )
    note_head(folder)
    print(made.path if made else "")


def main() -> int:
    """As asked."""
    asked = sys.argv[1:]
    if asked[:1] == ["--new"] and len(asked) == 2 and re.search(r"\w", asked[1]):
        new(ROOT / "migrations", asked[1])
    elif asked == ["--head"]:
        note_head(ROOT / "migrations")
    else:
        return check(Path(asked[0]) if asked else ROOT / "migrations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
