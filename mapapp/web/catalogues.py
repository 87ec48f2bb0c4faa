"""The message catalogues as files: one for each language and room, merged into the one that gettext reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from mapapp.core.config import ROOT

FOLDER = ROOT / "mapapp" / "translations"
SHARED = "common"  # the catalogue of messages that several rooms use
Key = tuple[str | None, str]  # context, English


def key(message: Message) -> Key:
    """The key of a message: its context and its (singular) English text."""
    return (message.context, message.id if isinstance(message.id, str) else message.id[0])


def forms(message: Message) -> tuple[str, ...]:
    """The translated text of a message, one for each plural form; empty if there is none."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


def messages(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue, without its header."""
    return (message for message in catalogue if message.id)


def empty(lang: str) -> Catalog:
    """A catalogue without messages."""
    return Catalog(locale=lang, project="mapapp", charset="utf-8", fuzzy=False)


def sources(lang: str) -> list[Path]:
    """The catalogue files of a language, one per room."""
    return sorted((FOLDER / lang).glob("*.po"))


def compiled(lang: str) -> Path:
    """The path where gettext looks for a language."""
    return FOLDER / lang / "LC_MESSAGES" / "messages.mo"


def read_file(path: Path) -> Catalog:
    """The catalogue of one room; the name of its folder is the language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name)


def read(lang: str) -> Catalog:
    """All messages of a language, of all rooms."""
    return merged(lang, map(read_file, sources(lang)))


def merged(lang: str, parts: Iterable[Catalog]) -> Catalog:
    """Merges catalogues. If several have the same message, the first translation is used."""
    whole = empty(lang)
    for part in parts:
        for message in messages(part):
            there = whole.get(message.id, message.context)
            if there is None:
                whole.add(message.id, message.string, locations=message.locations, context=message.context)
            elif not any(forms(there)):
                there.string = message.string
    return whole


def is_stale(lang: str) -> bool:
    """Whether the compiled catalogue is missing, or older than a catalogue of a room or the folder."""
    made = compiled(lang)
    newest = max(path.stat().st_mtime_ns for path in (FOLDER / lang, *sources(lang)))
    return not made.is_file() or made.stat().st_mtime_ns < newest


def compile_to_mo(lang: str) -> None:
    """Writes the compiled file. Other processes see either the old or the new file, never a part of it."""
    made = compiled(lang)
    made.parent.mkdir(parents=True, exist_ok=True)
    fresh = made.with_suffix(".new")
    with fresh.open("wb") as file:
        write_mo(file, read(lang))
    fresh.replace(made)


def languages_with_catalogue() -> list[str]:
    """The codes of the languages that have a folder."""
    return sorted(folder.name for folder in FOLDER.iterdir() if sources(folder.name))
