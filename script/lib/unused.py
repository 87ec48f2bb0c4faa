"""Finds unused names of the service: dead code, and code that only its own tests use.

python script/lib/unused.py [FOLDER]     exit status 1 if there is any

vulture reads the Python, without the tests. What it cannot see is added here: names that templates use (by Jinja's own
parser), names in ``g.get("…")`` and ``getattr(x, "…")``, columns of tables, and fields of what comes in and goes out as
JSON or a form. Names that only a library reads are listed in ``unused.known``, one per line with its reason; a line
that is no longer needed is reported too.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import nodes
from jinja2.environment import Environment
from vulture import Vulture

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
READ = ("mapapp", "bench", "script", "migrations")
KNOWN = Path(__file__).with_suffix(".known")

CALLED_BY_FRAMEWORKS = [
    "@*.get", "@*.post", "@*.private", "@*.route", "@*.read", "@*.write", "@*.command", "@*.group",
    "@*.before_request", "@*.after_request", "@*.teardown_request", "@*.errorhandler", "@*.url_defaults",
    "@field_validator", "@model_validator", "@field_serializer", "@event.listens_for",
]  # fmt: skip
ALEMBIC = ["revision", "down_revision", "branch_labels", "depends_on", "upgrade", "downgrade"]
"""What Alembic reads of a migration."""


def python() -> Iterator[Path]:
    for folder in READ:
        yield from sorted((ROOT / folder).rglob("*.py"))


def in_templates() -> set[str]:
    """Every name, attribute, key and filter that a template uses."""
    parser = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            tree = parser.parse(path.read_text(), filename=str(path))
            found |= {one.attr for one in tree.find_all(nodes.Getattr)}
            found |= {one.name for one in tree.find_all((nodes.Name, nodes.Filter, nodes.Test))}
            found |= {str(one.arg.value) for one in tree.find_all(nodes.Getitem) if isinstance(one.arg, nodes.Const)}
    return found


def by_word(trees: dict[Path, ast.Module]) -> set[str]:
    """Attributes that are asked for by a word: ``g.get("x")``, ``g.pop("x")``, ``getattr(thing, "x")``."""
    found: set[str] = set()
    for tree in trees.values():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or len(call.args) == 0:
                continue
            of = call.func
            if isinstance(of, ast.Name):
                asked = of.id
            elif isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name):
                asked = f"{of.value.id}.{of.attr}"
            else:
                continue
            word = call.args[0 if asked in {"g.get", "g.pop"} else 1 :][:1]
            if asked in {"g.get", "g.pop", "getattr", "hasattr"} and word and isinstance(word[0], ast.Constant):
                found.add(str(word[0].value))
    return found


def fields(trees: dict[Path, ast.Module]) -> dict[tuple[Path, int], str]:
    """Columns of tables and fields of pydantic's models: file and line → name."""
    classes = [
        (path, node) for path, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    bases = [(one.name, [ast.unparse(base).split("[")[0].split(".")[-1] for base in one.bases]) for _, one in classes]
    models, before = {"BaseModel"}, 0
    while len(models) > before:  # a model of a model, until nothing is added
        before = len(models)
        models |= {name for name, above in bases if not models.isdisjoint(above)}
    found: dict[tuple[Path, int], str] = {}
    for path, one in classes:
        for line in one.body:
            if not isinstance(line, ast.AnnAssign):
                continue
            if one.name in models or ast.unparse(line.annotation).startswith("Mapped["):
                found[path, line.lineno] = ast.unparse(line.target)
    return found


def known() -> dict[str, str]:
    """Names that libraries read → why."""
    lines = [line for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")]
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}


def main() -> int:
    """Prints what nobody uses."""
    trees = {path: ast.parse(path.read_text(), filename=str(path)) for path in python()}
    reader = Vulture(ignore_names=ALEMBIC, ignore_decorators=CALLED_BY_FRAMEWORKS)
    reader.scavenge(list(trees))
    reader.used_names |= in_templates() | by_word(trees)
    stored, reasons = fields(trees), known()
    set_on_rows = set(stored.values())
    found = [
        one
        for one in reader.get_unused_code()
        if (one.filename, one.first_lineno) not in stored and not (one.typ == "attribute" and one.name in set_on_rows)
    ]
    dead = [one for one in found if one.name not in reasons]
    for one in dead:
        print(f"{one.filename.relative_to(ROOT)}:{one.first_lineno}: unused {one.typ} {one.name!r}")
    old = sorted(reasons.keys() - {one.name for one in found})
    for name in old:
        print(f"{KNOWN.name}: {name!r} is no longer needed: delete the line")
    return 1 if dead or old else 0


if __name__ == "__main__":
    sys.exit(main())
