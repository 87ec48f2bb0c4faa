"""Updates the message catalogues from the code: extracts every message, merges, and reports missing translations.

python script/lib/messages.py                       updates mapapp/translations/<language>/<room>.po
python script/lib/messages.py --check               exit status 1 if one is out of date, or a Thai text is missing
python script/lib/messages.py --add FILE… [--lang]  merges translations from JSON, Thai unless --lang says otherwise
python script/lib/messages.py --compile             compiles the catalogues that are newer than their compiled file

The JSON is {"English": "ไทย"}; with a context: {"context": {"English": "ไทย"}}.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the code beside this file, whatever else is installed

from mapapp.core import languages  # noqa: E402
from mapapp.web import catalogues  # noqa: E402
from mapapp.web.catalogues import Key, forms, key  # noqa: E402

COMPLETE = {one.code for one in languages.LANGUAGES if one.is_complete}
"""Languages in which nothing may be missing."""
KEYWORDS = ("-k", "N_", "-k", "NC_:1c,2")
UNSTEADY = re.compile(
    r'^"(?:Project-Id-Version|Report-Msgid|P\w+-\w+-Date|Last-Trans|Language-Team|Generated-By).*\n', re.M
)


def extracted() -> Catalog:
    """Every message of the code and the templates, as pybabel finds them by babel.cfg."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(ROOT):
        pot = Path(folder) / "messages.pot"
        asked = ["-F", "babel.cfg", *KEYWORDS, "--add-location=file", "-o", str(pot), "mapapp", "templates"]
        CommandLineInterface().run(["pybabel", "-q", "extract", *asked])
        with pot.open("rb") as file:
            return read_po(file)


def room_of(message: Message) -> str:
    """The catalogue a message belongs to: its room's, or the shared one where several rooms say it."""
    rooms = {_room(Path(name)) for name, _line in message.locations}
    return rooms.pop() if len(rooms) == 1 else catalogues.SHARED


def _room(path: Path) -> str:
    """``mapapp/areas/x.py`` and ``templates/areas/x.html`` are the room ``areas``; what is in none is ``web``."""
    name = path.parts[1]
    return name if (ROOT / "mapapp" / name).is_dir() else "web"


def by_room(lang: str, template: Catalog, more: dict[Key, str]) -> dict[str, Catalog]:
    """The catalogues with just the messages of the template, translated as before or by ``more``."""
    old = {key(message): forms(message) for message in catalogues.messages(catalogues.read(lang))}
    made: dict[str, Catalog] = {}
    for message in sorted(catalogues.messages(template), key=lambda m: (key(m)[1], m.context or "")):
        room = made.setdefault(room_of(message), catalogues.empty(lang))
        one = key(message)
        said = (more[one],) * room.num_plurals if one in more else old.get(one, ())
        if not any(said) and lang not in COMPLETE:
            continue  # falls back to English; `mapapp translations status` counts it
        text: str | tuple[str, ...] = said if message.pluralizable else "".join(said[:1])
        room.add(message.id, text, locations=message.locations, context=message.context)
    return {name: room for name, room in made.items() if len(room)}


def written(room: Catalog) -> str:
    """A catalogue as the file it is: no dates and nobody's name, so that it changes only with its messages."""
    file = io.BytesIO()
    room.header_comment = f"# {room.locale.english_name if room.locale else ''}"
    write_po(file, room, width=110, include_lineno=False)
    return UNSTEADY.sub("", file.getvalue().decode())


def places(text: str) -> set[str]:
    """The ``%(name)s`` places of a message."""
    return set(re.findall(r"%\((\w+)\)", text))


def findings(made: Catalog) -> list[str]:
    """Messages without a translation, and translations whose places are not those of the message."""
    found = []
    for message in catalogues.messages(made):
        one = message.id if isinstance(message.id, str) else message.id[-1]
        for text in forms(message) or ("",):
            if not text.strip():
                found.append(f"no {made.locale.english_name if made.locale else ''} for: {one}")
            elif places(text) - places(one) or (not message.pluralizable and places(one) != places(text)):
                found.append(f"places differ: {one} → {text}")
    return found


def from_json(names: list[str]) -> dict[Key, str]:
    """The translations of some files."""
    found: dict[Key, str] = {}
    for name in names:
        for english, said in json.loads(Path(name).read_text(encoding="utf-8")).items():
            if isinstance(said, dict):
                found.update({(english, text): theirs for text, theirs in said.items()})
            else:
                found[(None, english)] = said
    return found


def bring_up_to_date(lang: str, template: Catalog, more: dict[Key, str], *, only_look: bool) -> list[str]:
    """Writes the catalogues of one language, or says which are not as they would be; and what is wrong in them."""
    problems: list[str] = []
    folder = catalogues.FOLDER / lang
    made = by_room(lang, template, more)
    whole = catalogues.merged(lang, made.values())
    texts = {f"{name}.po": written(room) for name, room in made.items()}
    if only_look:
        for path in catalogues.sources(lang):
            if path.name not in texts:
                problems.append(f"no longer used: {lang}/{path.name}")
        for name, text in texts.items():
            if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text:
                problems.append(f"not in order: {lang}/{name}; run script/lib/messages.py")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        for path in catalogues.sources(lang):
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text:
                (folder / name).write_text(text, encoding="utf-8")
    unknown = more.keys() - {key(message) for message in catalogues.messages(template)}
    problems += [f"said nowhere, left out: {english}" for _context, english in sorted(unknown, key=str)]
    return problems + findings(whole)


def main() -> None:
    """See the module's text."""
    reader = argparse.ArgumentParser(usage=__doc__)
    reader.add_argument("--check", action="store_true")
    reader.add_argument("--compile", action="store_true")
    reader.add_argument("--add", nargs="+", default=[])
    reader.add_argument("--lang", default=languages.DEFAULT.code)
    asked = reader.parse_args()
    if asked.compile:
        for lang in filter(catalogues.is_stale, catalogues.languages_with_catalogue()):
            catalogues.compile_to_mo(lang)
            print(f"{lang}: compiled")
        return
    template, problems = extracted(), []
    for lang in sorted({asked.lang, *catalogues.languages_with_catalogue()}):
        more = from_json(asked.add) if lang == asked.lang else {}
        problems += bring_up_to_date(lang, template, more, only_look=asked.check)
    for line in problems:
        print(line)
    print(f"{len(template)} messages, {len(problems)} problems")
    raise SystemExit(1 if problems and asked.check else 0)


if __name__ == "__main__":
    main()
