"""Missing translations, for translators: ``mapapp translations``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import click

from mapapp.core.errors import N_
from mapapp.core.languages import BY_CODE, LANGUAGES, WRITTEN, Language
from mapapp.web import catalogues, command_line
from mapapp.web.catalogues import Key


@dataclass(frozen=True)
class Share:
    """How much of one room is translated."""

    room: str
    translated: int
    all: int


def translated(lang: str) -> set[Key]:
    """The messages that are translated into a language."""
    return {catalogues.key(one) for one in catalogues.messages(catalogues.read(lang)) if any(catalogues.forms(one))}


def rooms() -> Iterator[tuple[str, list[Key]]]:
    """Every room with its messages: those that an incomplete language can lack."""
    whole = next(one for one in LANGUAGES if one.is_complete and one.has_catalogue)
    for path in catalogues.sources(whole.code):
        yield path.stem, [catalogues.key(one) for one in catalogues.messages(catalogues.read_file(path))]


def shares(lang: str) -> list[Share]:
    """For each room, how much is translated into a language; the rest falls back to English."""
    said = translated(lang)
    return [Share(room, sum(one in said for one in keys), len(keys)) for room, keys in rooms()]


def missing(lang: str, room: str | None = None) -> dict[str, object]:
    """The untranslated messages, ready to be filled in for ``script/lib/messages.py --add``."""
    said, found = translated(lang), dict[str, object]()
    for name, keys in rooms():
        for context, english in keys if room in (None, name) else []:
            if (context, english) in said:
                continue
            if context is None:
                found[english] = ""
            else:
                within = found.setdefault(context, {})
                assert isinstance(within, dict)
                within[english] = ""
    return found


def _with_catalogue() -> list[Language]:
    return [one for one in LANGUAGES if one.has_catalogue]


@click.group()
def translations() -> None:
    """Translations: how complete each language is."""


@translations.command()
def status() -> None:
    """For each language and room: how many messages are translated, and how many fall back to English."""
    for one in _with_catalogue():
        told = shares(one.code)
        _line(one.name, one.english, sum(share.translated for share in told), sum(share.all for share in told))
        for share in told:
            _line(" ", share.room, share.translated, share.all)


def _line(mark: str, name: str, done: int, of: int) -> None:
    command_line.say(
        N_("%(mark)s %(name)s: %(done)s of %(of)s translated, %(rest)s fall back to %(written)s"),
        mark=mark, name=name, done=done, of=of, rest=of - done, written=WRITTEN.english,
    )  # fmt: skip


@translations.command("missing")
@click.argument("lang", type=click.Choice([one.code for one in _with_catalogue()]))
@click.option("--room", help="Only this room (a package of mapapp), for example help_requests.")
def missing_texts(lang: str, room: str | None) -> None:
    """Prints untranslated messages of LANG as JSON, to fill in (script/lib/messages.py --add FILE --lang LANG)."""
    click.echo(json.dumps(missing(BY_CODE[lang].code, room), ensure_ascii=False, indent=1))
