"""A stored key has one word: whichever room says it, the same audience reads the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flask import Flask
from jinja2 import nodes

from mapapp.accounts.labels import ROLES
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.core.config import ROOT
from mapapp.core.errors import plain
from mapapp.facilities.kinds import KINDS
from mapapp.facilities.labels import FIELD_LABELS, HOURS_LABELS, KIND_LABELS, STATUS_LABELS
from mapapp.facilities.models import STATUSES
from mapapp.help_requests.labels import KIND_LABELS as NEED_LABELS
from mapapp.help_requests.labels import KINDS as NEEDS
from mapapp.help_requests.labels import OUTCOME_LABELS, OUTCOMES, STATE_LABELS, STATES, URGENCIES, URGENCY_LABELS
from mapapp.maps.labels import TEXTS, kinds
from mapapp.volunteers.labels import KIND_LABELS as VOLUNTEERS
from mapapp.volunteers.labels import MEANS_LABELS, SKILL_LABELS
from mapapp.volunteers.labels import STATE_LABELS as VOLUNTEER_STATES
from mapapp.web import catalogues
from mapapp.web.i18n import translate

STORED = {
    "status of a facility": (STATUSES, STATUS_LABELS),
    "kind of a facility": (KINDS, KIND_LABELS),
    "field of a facility": (tuple(FIELD_LABELS), FIELD_LABELS),
    "kind of help": (NEEDS, NEED_LABELS),
    "urgency of a request": (URGENCIES, URGENCY_LABELS),
    "state of a request": (STATES, STATE_LABELS),
    "outcome of a request": (OUTCOMES, OUTCOME_LABELS),
}
"""What is stored, its keys, and the one place that has words for it."""

OTHERWISE = {
    "facilities/labels.py:HOURS_LABELS": "of this moment",
    "facilities/labels.py:REASON_LABELS": "what the public says is wrong",
    "facilities/labels.py:DO": "what is to be done with a pin",
    "help_requests/labels.py:TABS": "lists of requests",
    "help_requests/labels.py:HINTS": "what those lists hold",
    "help_requests/labels.py:MEASURES": "columns of figures",
    "help_requests/labels.py:EVENTS": "what happened, to the resident",
    "help_requests/resident/formatting.py:_OFFICERS": "what happened, where an officer did it",
    "help_requests/states.py:SAYS": "what a state means, in sentences",
    "templates/help_requests/asking/_form.html": "questions of the form",
}
"""Other tables with two keys of one of these or more: where they stand, and what they say instead."""

Table = tuple[str, dict[str, str]]


def _name(tree: ast.AST) -> dict[int, str]:
    """The line of each dictionary → the name it is given."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            for part in ast.walk(node.value):
                if isinstance(part, ast.Dict):
                    found[part.lineno] = ast.unparse(target)
    return found


def _tables(tree: ast.AST) -> Iterator[Table]:
    names = _name(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            words = {
                str(key.value): str(value.args[0].value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
                and isinstance(value, ast.Call)
                and isinstance(value.func, ast.Name)
                and value.func.id in ("N_", "gettext")
                and isinstance(value.args[0], ast.Constant)
            }
            yield names.get(node.lineno, str(node.lineno)), words


def _in_code() -> Iterator[Table]:
    for path in sorted((ROOT / "mapapp").rglob("*.py")):
        for name, words in _tables(ast.parse(path.read_text("utf-8"))):
            yield f"{path.relative_to(ROOT / 'mapapp')}:{name}", words


def _in_templates(app: Flask) -> Iterator[Table]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for node in app.jinja_env.parse(path.read_text("utf-8")).find_all(nodes.Dict):
            words = {
                pair.key.value: pair.value.args[0].value
                for pair in node.items
                if isinstance(pair.key, nodes.Const)
                and isinstance(pair.value, nodes.Call)
                and isinstance(pair.value.args[0], nodes.Const)
            }
            yield str(path.relative_to(ROOT)), words


def test_what_is_stored_is_called_the_same_by_every_room(app: Flask) -> None:
    apart, seen = [], set()
    for where, words in (*_in_code(), *_in_templates(app)):
        for what, (keys, labels) in STORED.items():
            shared = words.keys() & set(keys)
            if len(shared) < 2:
                continue
            seen.add(where)
            if where not in OTHERWISE:
                apart += [f"{where}: {what} {key}: {words[key]}" for key in shared if words[key] != labels[key]]
    assert not apart, f"one word for each, or say in OTHERWISE what the table says instead: {apart}"
    assert OTHERWISE.keys() <= seen, "a table that is gone is still excused"


def test_the_map_says_what_the_pages_say() -> None:
    said = {name: translate(text, "th") for name, text in KIND_LABELS.items()}
    assert {name: one["label"] for name, one in kinds("th").items()} == said
    assert {f"need_{name}": text for name, text in NEED_LABELS.items()}.items() <= TEXTS.items()
    assert {f"urgency_{name}": text for name, text in URGENCY_LABELS.items()}.items() <= TEXTS.items()
    assert {name: text for name, text in STATUS_LABELS.items() if name != "open"}.items() <= TEXTS.items()
    assert {name: text for name, text in LEVEL_LABELS.items() if name != "village"}.items() <= TEXTS.items()


def test_every_room_has_one_module_of_labels_at_most() -> None:
    found = [path.relative_to(ROOT / "mapapp").parts for path in (ROOT / "mapapp").rglob("*labels*.py")]
    assert all(len(parts) == 2 and parts[1] == "labels.py" for parts in found), found
    assert {"facilities", "help_requests", "volunteers", "maps"} <= {parts[0] for parts in found}


NAMES = (KIND_LABELS, STATUS_LABELS, HOURS_LABELS, NEED_LABELS, URGENCY_LABELS, STATE_LABELS, OUTCOME_LABELS, ROLES)
NAMES_OF_VOLUNTEERS = (VOLUNTEERS, SKILL_LABELS, MEANS_LABELS, VOLUNTEER_STATES)
SPEECH = {
    "A life is in danger": "a condition, in sentences of what is taken all the same",
    "On the way": "who is on the way, in sentences",
    "Help received": "what was closed, in sentences to officers",
    "Outside the area of this service": "of a point, in sentences",
    "Tambon officer": "who is to be called, in sentences",
    "Data volunteer": "who records the survey, in sentences",
    "The same as another request": "what an officer looks for, in a sentence",
    "Open now": "a filter of what is open",
    "Closed now": "of places nearby, in a sentence",
    "Role ended": "of a key's owner, in small letters in a list",
}
"""Names that are ordinary speech as well, and where: a sentence is not the name."""


def test_a_name_of_two_words_or_more_stands_in_one_message() -> None:
    """Sentences take it in by a place, ``%(status)s``, so that it is changed in one line and its translation."""
    names = {
        bare for table in (*NAMES, *NAMES_OF_VOLUNTEERS) for label in table.values() if " " in (bare := plain(label))
    }
    messages = {one for message in catalogues.messages(catalogues.read("th")) for one in _ids(message.id)}
    repeated = {
        name: [one for one in messages if one != name and re.search(rf"\b{re.escape(name)}\b", one, re.IGNORECASE)]
        for name in names
    }
    found = {name: where for name, where in repeated.items() if where}
    assert found.keys() <= SPEECH.keys(), {name: found[name] for name in found.keys() - SPEECH.keys()}
    assert SPEECH.keys() <= found.keys(), "what is no longer said is still excused"
    assert len(names) > 30


def _ids(id: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (id,) if isinstance(id, str) else tuple(id)


def test_a_name_is_written_in_one_module() -> None:
    names = {
        bare for table in (*NAMES, *NAMES_OF_VOLUNTEERS) for label in table.values() if " " in (bare := plain(label))
    }
    code = {path: path.read_text("utf-8") for path in (ROOT / "mapapp").rglob("*.py")}
    code |= {path: path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html")}
    code |= {path: path.read_text("utf-8") for path in (ROOT / "static" / "js").rglob("*.js")}
    written = {name: [path.name for path, text in code.items() if f'"{name}"' in text] for name in names}
    assert {name: where for name, where in written.items() if len(where) != 1 and name not in SPEECH} == {}


def test_two_words_for_one_key_are_found() -> None:
    source = 'WORDS = {"full": N_("No room"), "closed": N_("Permanently closed"), **MORE}'
    ((name, words),) = _tables(ast.parse(source))
    assert (name, words) == ("WORDS", {"full": "No room", "closed": "Permanently closed"})
