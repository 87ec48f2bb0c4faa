"""Keeps the Thai catalogue in step with the code: extracts every message, merges, and says what has no translation.

python script/lib/messages.py            brings messages.po up to date
python script/lib/messages.py --check    exit status 1 where it is not, or where a translation is missing
python script/lib/messages.py --add FILE merges translations from a JSON file {"English": "Thai"}
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "mapapp" / "translations" / "th" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2),
}  # fmt: skip


def extracted() -> Catalog:
    """Every message of the code and the templates."""
    found = Catalog(project="mapapp", charset="utf-8", fuzzy=False)
    sources = (("mapapp", [("**.py", "python")]), ("templates", [("**.html", "jinja2")]))
    for folder, methods in sources:
        for name, _line, message, _comments, context in extract_from_dir(
            ROOT / folder, methods, {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}, KEYWORDS
        ):
            found.add(message, locations=[(f"{folder}/{name}", 0)], context=context)
    return found


def catalogue() -> Catalog:
    """The Thai catalogue as it is."""
    if not PO.exists():
        return Catalog(locale="th", project="mapapp", charset="utf-8", fuzzy=False)
    with PO.open("rb") as file:
        return read_po(file, locale="th")


def merged(old: Catalog, template: Catalog, more: dict[str, str]) -> Catalog:
    """The catalogue with just the messages of the template, translated as before or by ``more``."""
    new = Catalog(locale="th", project="mapapp", charset="utf-8", fuzzy=False)
    for message in sorted((m for m in template if m.id), key=lambda m: str(m.id)):
        key = message.id if isinstance(message.id, str) else message.id[0]
        was = old.get(key)
        text = was.string if was is not None and was.string else ""
        if isinstance(text, (list, tuple)):
            text = text[0] if text else ""
        text = more.get(key, text)
        files = sorted({(name, 0) for name, _line in message.locations})
        new.add(message.id, (text,) if isinstance(message.id, tuple) else text, locations=files)
    return new


def places(text: str) -> set[str]:
    """The ``%(name)s`` places of a message."""
    return set(re.findall(r"%\((\w+)\)", text))


def findings(made: Catalog) -> list[str]:
    """Messages without a translation, and translations whose places are not those of the message."""
    found = []
    for message in made:
        if not message.id:
            continue
        key, text = _pair(message)
        if not text.strip():
            found.append(f"no Thai for: {key}")
        elif places(text) - places(key) or (isinstance(message.id, str) and places(key) != places(text)):
            found.append(f"places differ: {key} → {text}")
    return found


def _pair(message: Message) -> tuple[str, str]:
    key = message.id if isinstance(message.id, str) else message.id[-1]
    text = message.string if isinstance(message.string, str) else (message.string[0] if message.string else "")
    return key, text


def main() -> None:
    """See the module's text."""
    more: dict[str, str] = {}
    for name in sys.argv[2:] if "--add" in sys.argv else []:
        more.update(json.loads(Path(name).read_text(encoding="utf-8")))
    old, template = catalogue(), extracted()
    made = merged(old, template, more)
    problems = findings(made)
    if "--check" in sys.argv:
        known = {str(m.id) for m in old if m.id}
        problems += [f"not in messages.po: {m.id}" for m in made if m.id and str(m.id) not in known]
        problems += [f"no longer used: {key}" for key in sorted(known - {str(m.id) for m in made if m.id})]
    else:
        PO.parent.mkdir(parents=True, exist_ok=True)
        with PO.open("wb") as file:
            write_po(file, made, width=110, include_previous=False, omit_header=False, include_lineno=False)
    for line in problems:
        print(line)
    print(f"{sum(1 for m in made if m.id)} messages, {len(problems)} problems")
    raise SystemExit(1 if problems and "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
