"""Finds text of templates that cannot be translated: every text for people must go through gettext.

python script/lib/texts.py [FOLDER]     exit status 1 if there is any

Jinja's own lexer removes the template's code; the rest is parsed as HTML. Allowed: text with its own language
(``lang="…"``, ``translate="no"``, ``<code>``) and the names below.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
READ_ALOUD = {"alt", "aria-label", "aria-description", "placeholder", "title"}
WITHOUT_END = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NAMES = {"Jitasa", "mapapp", "OpenStreetMap", "OpenAPI", "JSON", "CSV", "XLSX", "GeoJSON", "km", "ha", "API", "xlsx"}
VALUES = {"open", "home", "officer", "volunteer"}
"""What macros and blocks give to an attribute of another template."""
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
"""As a macro writes it that stands within a tag."""
WORD = re.compile(r"[A-Za-z\u0e01-\u0e4e]{2,}")


class Texts(HTMLParser):
    """Collects what is read and is no message: line and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._quiet: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        for name in READ_ALOUD & said.keys():
            self._look(said[name] or "")
        says_itself = tag in {"script", "style", "code", "kbd"} or "lang" in said or said.get("translate") == "no"
        if tag not in WITHOUT_END and tag != "html" and (self._quiet or says_itself):
            self._quiet.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._quiet:
            while self._quiet.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self._look(data)

    def _look(self, text: str) -> None:
        words = WORD.findall(ATTRIBUTE.sub("", text))
        if text.strip() not in VALUES and [word for word in words if word not in NAMES]:
            self.found.append((self.getpos()[0], " ".join(text.split())))


def without_code(text: str) -> str:
    """The template's HTML: its code is gone, its lines are where they were."""
    kept: list[str] = []
    in_message = False
    inside = ""
    for _, kind, value in Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).lex(text):
        if kind == "block_begin":
            inside = ""
        if kind == "name" and not inside:
            inside = value
            in_message = (in_message or value == "trans") and value != "endtrans"
        if kind == "data" and not in_message:
            kept.append(value)
        else:
            kept.append("\n" * value.count("\n"))
    return "".join(kept)


def found(folder: Path) -> Iterator[str]:
    """Each text with its place."""
    for path in sorted(folder.rglob("*.html")):
        texts = Texts()
        texts.feed(without_code(path.read_text()))
        texts.close()
        for line, text in texts.found:
            yield f"{path.relative_to(folder)}:{line}: cannot be translated: {text[:80]!r}"


def main() -> int:
    """Prints what it finds."""
    told = list(found(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "templates"))
    print("\n".join(told))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
