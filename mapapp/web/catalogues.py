"""The catalogues as files: one for each language and room, merged into the one that gettext reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from mapapp.core.config import ROOT

FOLDER = ROOT / "mapapp" / "translations"
SHARED = "common"  # the catalogue of messages that more than one room says
Key = tuple[str | None, str]  # context, English


def key(message: Message) -> Key:
    """What tells a message from every other: its context and its (singular) English."""
    return (message.context, message.id if isinstance(message.id, str) else message.id[0])


def forms(message: Message) -> tuple[str, ...]:
    """What a message says in the catalogue's language, one text for each plural form; empty where nothing yet."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


def messages(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue, without its header."""
    return (message for message in catalogue if message.id)


def empty(lang: str) -> Catalog:
    """A catalogue without messages."""
    return Catalog(locale=lang, project="mapapp", charset="utf-8", fuzzy=False)


def sources(lang: str) -> list[Path]:
    """The catalogues of a language, room by room."""
    return sorted((FOLDER / lang).glob("*.po"))


def compiled(lang: str) -> Path:
    """Where gettext finds a language."""
    return FOLDER / lang / "LC_MESSAGES" / "messages.mo"


def read_file(path: Path) -> Catalog:
    """One room's catalogue; its folder is its language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name)


def read(lang: str) -> Catalog:
    """Everything a language says, of all rooms."""
    return merged(lang, map(read_file, sources(lang)))


def merged(lang: str, parts: Iterable[Catalog]) -> Catalog:
    """One catalogue of several. Where two have the same message, the first that says something counts."""
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
    """Whether the compiled catalogue is missing, or older than one of its rooms or than the folder they are in."""
    made = compiled(lang)
    newest = max(path.stat().st_mtime_ns for path in (FOLDER / lang, *sources(lang)))
    return not made.is_file() or made.stat().st_mtime_ns < newest


def compile_to_mo(lang: str) -> None:
    """Writes what gettext reads. Other processes see the old file or the new one, never a half."""
    made = compiled(lang)
    made.parent.mkdir(parents=True, exist_ok=True)
    fresh = made.with_suffix(".new")
    with fresh.open("wb") as file:
        write_mo(file, read(lang))
    fresh.replace(made)


def languages_with_catalogue() -> list[str]:
    """The codes that have a folder here."""
    return sorted(folder.name for folder in FOLDER.iterdir() if sources(folder.name))
